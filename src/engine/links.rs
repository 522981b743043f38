//! The links this bot gives people: those of the Messenger and of `MixPay`, and those to its own pages.

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
        Some(format!("{}{PAGE}{}", pages.public, pages.key.token(trade.id, &trade.code, viewer)))
    }
}

/// What stands before the token in the path of a trade's page.
pub const PAGE: &str = "/t/";

/// The link to pay a trade by now with Mixin.
pub(super) fn pay_link(trade: &Trade) -> Option<String> {
    let (vault, pay) = (trade.vault()?, trade.link()?);
    let address = MixAddress::users(&vault.members, Vault::THRESHOLD);
    link::pay(&address, trade.terms.asset.id, pay.amount, &pay.memo, pay.trace).ok()
}
