//! The links this bot gives people: those of the Messenger and of `MixPay`, and those to its own pages.

use url::Url;

use crate::chat::Links;
use crate::id::{PageKey, RequestId, UserId};
use crate::kernel::MixAddress;
use crate::mixin::link;
use crate::trade::{Trade, Vault};

/// Where the bot's own pages are, and the key that makes their addresses.
#[derive(Clone)]
pub struct PageLinks {
    /// How people reach them, without a slash at the end.
    pub public: String,
    pub key: PageKey,
}

/// The links for this bot; without `pages` there is none to a page.
pub struct MixinLinks<'a> {
    pub bot: UserId,
    pub pages: Option<&'a PageLinks>,
}

impl Links for MixinLinks<'_> {
    fn pay(&self, trade: &Trade) -> Option<String> {
        pay_link(trade)
    }

    fn mixpay(&self, code: &str) -> String {
        link::mixpay(code)
    }

    fn sign(&self, request: RequestId) -> String {
        link::sign_multisig(request)
    }

    fn say_to(&self, text: &str) -> String {
        link::say_to(self.bot, text)
    }

    fn page(&self, trade: &Trade, viewer: UserId) -> Option<String> {
        let pages = self.pages.filter(|_| trade.role_of(viewer).is_some())?;
        let link = format!("{}{PAGE}{}", pages.public, pages.key.token(trade.id, &trade.code, viewer));
        // Mixin refuses a whole card for one button: this one must never cost anybody the card to pay or to sign.
        (link.len() <= ACTION_MAX && Url::parse(&link).is_ok()).then_some(link)
    }
}

/// Longest action of a button, in bytes (messaging §6.1).
const ACTION_MAX: usize = 512;

/// What stands before the token in the path of a trade's page.
pub const PAGE: &str = "/t/";

/// The link to pay a trade by now with Mixin.
pub(super) fn pay_link(trade: &Trade) -> Option<String> {
    let (vault, pay) = (trade.vault()?, trade.link()?);
    let address = MixAddress::users(&vault.members, Vault::THRESHOLD);
    link::pay(&address, trade.terms.asset.id, pay.amount, &pay.memo, pay.trace).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::IdSecret;
    use crate::trade::tests::scene::{BOT, BUYER, STRANGER, Scene};

    #[test]
    fn a_page_that_no_button_could_hold_has_no_link() {
        let trade = Scene::awaiting().trade;
        let page = |public: &str, viewer| {
            let key = PageKey::of(&IdSecret::from_spend_seed(&[7; 32]));
            MixinLinks { bot: BOT, pages: Some(&PageLinks { public: public.into(), key }) }.page(&trade, viewer)
        };
        let good = page("https://escrow.example.com", BUYER).unwrap();
        assert!(good.starts_with(&format!("https://escrow.example.com/t/{}-", trade.code)), "{good}");
        assert_eq!(page("https://escrow.example.com", STRANGER), None);
        let long = format!("https://{}.example.com", vec!["a".repeat(60); 8].join("."));
        for bad in ["http://127.0.0.1:99999", "https://999.1.1.1", "https://a:b", "", &long] {
            assert_eq!(page(bad, BUYER), None, "{bad}");
        }
    }
}
