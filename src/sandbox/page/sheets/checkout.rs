//! `MixPay`'s page inside the phone.

use maud::{Markup, html};
use uuid::Uuid;

use super::super::super::assets;
use super::super::super::world::World;
use super::{Place, encoded, money, text};

impl World {
    pub(super) fn checkout_sheet(&self, place: &Place<'_>, code: Uuid) -> Option<Markup> {
        let till = self.mixpay_till(code)?;
        let tried = place.refused.filter(|refused| refused.code == Some(20117)).map(|refused| &refused.detail);
        let inside = html! {
            (till.order)
            @if let Some(tried) = tried {
                @let asset = text(tried, "asset_id");
                @let symbol = assets::find(asset).map_or("", |asset| asset.symbol);
                (place.test_money(asset, text(tried, "amount"), symbol))
            }
            @if till.by_wallet { (place.form("checkout", &html! { (money::pin()) (till.coins) })) }
            @if till.by_chain {
                details #mixpay-outside open[!till.by_wallet] {
                    summary { "From another wallet" }
                    form.stack #sheet-outside method="post" action={ (place.phone()) "/checkout" } {
                        input type="hidden" name="link" value=(place.link);
                        input type="hidden" name="at" value=(place.at());
                        input type="hidden" name="by" value="chain";
                        (till.choice)
                        (till.outside)
                        button #mixpay-send { "Send the money" }
                    }
                }
            }
            @if let Some(back) = &till.back {
                p { a #mixpay-back href={ (place.chat) "?link=" (encoded(back)) } { "Back to the shop" } }
            }
        };
        Some(place.dialog("MixPay", "MixPay", till.by_wallet, &inside))
    }
}
