//! A person's money, and a tap for more of it: nobody can buy any here.

use bytes::Bytes;
use http::Response;
use maud::html;
use serde_json::{Value, json};

use super::super::super::assets;
use super::super::super::world::World;
use super::super::Visit;
use super::message::field;
use super::{Note, go, trouble};
use crate::id::UserId;

/// What the form offers first: USDT on TRON, the asset trades are tried in.
const FIRST_ASSET: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
const FIRST_AMOUNT: &str = "1000";
/// Outputs listed, newest first.
const OUTPUTS_SHOWN: usize = 20;

impl World {
    pub(super) fn wallet_page(&self, me: UserId, visit: &Visit, note: Option<&Note>) -> Response<Bytes> {
        let phone = self.phone_path(me);
        let wallet = self.wallet(me);
        let list = |key: &str| wallet.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let got = visit.get("done").map(|_| Note::Done("The money is here"));
        let asset = visit.get("asset_id").unwrap_or(FIRST_ASSET);
        let main = html! {
            header.chat-head {
                a.back id="back" href=(phone) aria-label="Back to chats" { span aria-hidden="true" { "‹" } }
                h1 { "Wallet" }
            }
            div.scroll.padded.stack {
                (Note::draw(note.or(got.as_ref())))
                @if list("balances").is_empty() { p.soft { "Nothing here yet." } } @else {
                    dl.balances {
                        @for balance in list("balances") {
                            dt { (asset_name(field(balance, "asset_id"))) }
                            dd.number data-amount=(field(balance, "amount")) data-asset=(field(balance, "symbol")) {
                                (field(balance, "amount")) " " (field(balance, "symbol"))
                            }
                        }
                    }
                }
                h2 { "Get test money" }
                form.stack method="post" action=(format!("{phone}/mint")) {
                    label for="asset" { "Asset" }
                    select id="asset" name="asset_id" {
                        @for known in assets::all() {
                            @let id = known.id.to_string();
                            option value=(id) selected[id == asset] { (asset_name(&id)) }
                        }
                    }
                    label for="amount" { "Amount" }
                    input id="amount" name="amount" inputmode="decimal" autocomplete="off" value=(visit.get("amount").unwrap_or(FIRST_AMOUNT));
                    button.primary id="get" { "Get test money" }
                }
                @if !list("outputs").is_empty() {
                    details id="outputs" {
                        summary { "What it lies in" }
                        ul.outputs {
                            @for output in list("outputs").iter().rev().take(OUTPUTS_SHOWN) {
                                li {
                                    (field(output, "amount")) " " (asset_name(field(output, "asset_id"))) ", " (field(output, "state"))
                                    span.soft.small { " " (field(output, "output_id")) }
                                }
                            }
                        }
                    }
                }
            }
        };
        self.phone_screen(me, "Wallet", Note::status(note), &main, None)
    }

    pub(super) fn wallet_mint(&mut self, me: UserId, visit: &Visit) -> Response<Bytes> {
        let amount = visit.get("amount").unwrap_or_default().replace([',', ' '], "");
        let order = json!({"asset_id": visit.get("asset_id").unwrap_or_default(), "amount": amount});
        match self.mint(me, &order) {
            Ok(_) => go(&format!("{}/wallet?done=minted", self.phone_path(me))),
            Err(refused) => self.wallet_page(me, visit, Some(&Note::refused(trouble(&refused)))),
        }
    }
}

/// Symbol and chain: several assets share a symbol.
fn asset_name(id: &str) -> String {
    let Some(asset) = assets::find(id) else { return id.to_owned() };
    let chain = assets::all().iter().find(|chain| chain.id.0 == asset.chain).filter(|chain| chain.id != asset.id);
    chain.map_or_else(|| asset.symbol.to_owned(), |chain| format!("{} · {}", asset.symbol, chain.name))
}
