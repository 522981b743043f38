//! A deposit that names no trade: that it is there, and what both are asked about it.

use uuid::Uuid;

use crate::chat::cards::{Page, overview};
use crate::chat::commands::Word;
use crate::chat::say::claim::{Becomes, ClaimLine};
use crate::chat::say::{Label, Line, Money, Title, Who};
use crate::chat::{Binding, Colour, Post, View, text};
use crate::id::{AssetId, UserId};
use crate::money::Amount;
use crate::trade::Role;
use crate::trade::claim::Use;
use crate::trade::deposit::Claim;

/// Amounts told in one message; more of them are counted.
const TOLD_MAX: usize = 3;

/// Money came into the vault of these two and names no trade; told about their newest.
#[must_use]
pub fn nameless(view: &View<'_>, coins: &[(AssetId, Amount)]) -> Vec<Post> {
    let money = coins.iter().take(TOLD_MAX).map(|(asset, amount)| coin(view, *asset, *amount)).collect();
    let more = coins.len().saturating_sub(TOLD_MAX);
    // No button to pay: it may be the very payment that is awaited, and nobody shall pay twice.
    Page::about(view, Title::Trade)
        .line(&Line::Claim(ClaimLine::Nameless { money, more }))
        .line(&Line::Claim(ClaimLine::OperatorTold { operator: operator(view) }))
        .button(view.status_button())
        .posts()
}

/// Is it for this trade? With what a yes would mean now.
pub(super) fn asked(view: &View<'_>, note: Option<&Line>) -> Vec<Post> {
    let Some(claim) = &view.trade.claim else { return overview::status(view) };
    let said = claim.agreed.contains(&view.viewer);
    let page = Page::about(view, Title::Sure)
        .line(&Line::Claim(ClaimLine::Asked {
            money: coin(view, claim.seen.asset, claim.seen.amount),
            from: claim.seen.senders.iter().map(|sender| sender_of(view, *sender)).collect(),
            operator: operator(view),
        }))
        .line(&Line::Claim(ClaimLine::Yes(becomes(view, claim))))
        .line(&Line::Claim(if said { ClaimLine::Noted { other: view.other() } } else { ClaimLine::No }));
    let page =
        if said { page } else { page.lines(note).button(view.binds(&Label::YesClaim, Colour::Money, Binding::Claim)) };
    page.button(view.says(&Label::NoClaim, Colour::Stop, Word::Unrelated)).button(view.status_button()).posts()
}

/// Somebody said yes; with both it is the trade's.
pub(super) fn agreed(view: &View<'_>, output: Uuid) -> Vec<Post> {
    let taken = view.trade.deposits.iter().find(|deposit| deposit.output_id == output);
    let Some(taken) = taken else { return asked(view, None) };
    let money = coin(view, taken.asset, taken.amount);
    Page::about(view, Title::Trade).line(&Line::Claim(ClaimLine::Agreed { money })).button(view.status_button()).posts()
}

/// One of them said no, or the question was taken back.
pub(super) fn refused(view: &View<'_>) -> Vec<Post> {
    let line = ClaimLine::Refused { operator: operator(view) };
    Page::about(view, Title::Trade).line(&Line::Claim(line)).button(view.status_button()).posts()
}

fn becomes(view: &View<'_>, claim: &Claim) -> Becomes {
    let buyer = view.side(Role::Buyer);
    match view.trade.use_of(&claim.seen) {
        Use::Counts => Becomes::Counts { buyer, missing: view.money(view.trade.missing()) },
        Use::WrongAsset => Becomes::WrongAsset { buyer },
        Use::NotNeeded => Becomes::NotNeeded { buyer },
        Use::Ended => Becomes::Ended { buyer },
    }
}

/// Whom the ledger names as the sender; somebody nobody knows by their id.
fn sender_of(view: &View<'_>, sender: UserId) -> Who {
    match view.who(sender) {
        Who::Stranger => Who::Account(sender),
        known => known,
    }
}

/// The trade's own asset by its symbol, any other by its label.
fn coin(view: &View<'_>, asset: AssetId, amount: Amount) -> Money {
    if asset == view.trade.terms.asset.id { view.money(amount) } else { view.money_of(asset, amount) }
}

fn operator(view: &View<'_>) -> String {
    text::quoted_name(&view.house.operator)
}
