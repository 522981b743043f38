//! What people are told when something has become true.

use crate::chat::cards::{Page, before, claim, clock, judge, kit, mixpay, overview, problem, right, signing, split};
use crate::chat::commands::Word;
use crate::chat::say::{Line, Money, OddReason, Share, Title, Who};
use crate::chat::{Colour, Post, View, text};
use crate::money::Amount;
use crate::trade::deposit::Oddity;
use crate::trade::plan::Plan;
use crate::trade::{Notice, Role};

impl View<'_> {
    /// An amount of a plan's asset: the trade's by its symbol, any other by its label.
    pub(super) fn money_of_plan(&self, plan: &Plan, amount: Amount) -> Money {
        if plan.asset == self.trade.terms.asset.id { self.money(amount) } else { self.money_of(plan.asset, amount) }
    }

    /// Who is paid what by a plan, in its order.
    pub(super) fn shares(&self, plan: &Plan) -> Vec<Share> {
        let share = |to, amount| Share { to: self.who(to), money: self.money_of_plan(plan, amount) };
        plan.payouts.iter().map(|payout| share(payout.to, payout.amount)).collect()
    }
}

/// A notice in words. What it says is read off the trade as it is now.
#[must_use]
pub fn notice(view: &View<'_>, notice: Notice) -> Vec<Post> {
    match notice {
        Notice::Proposal => before::proposal(view, None),
        Notice::Joined => before::joined(view, None),
        Notice::Joining => before::joining(view),
        Notice::TurnedAway => turned_away(view),
        Notice::SignLink { plan } => signing::card(view, plan),
        Notice::Split { plan } => split::told(view, plan),
        Notice::SplitLapsed { plan } => split::over(view, plan),
        Notice::Early { plan } => right::early(view, plan),
        Notice::Foreign => right::foreign(view),
        Notice::Unshown { plan } => right::unshown(view, plan),
        Notice::Disputed => problem::opened(view),
        Notice::Case(notice) => judge::notice(view, notice),
        Notice::Withdrawn => right::withdrawn(view),
        Notice::Odd { plan } => odd(view, plan),
        Notice::Returned { plan } => returned(view, plan),
        Notice::MixPay { order } => mixpay::ready(view, order),
        Notice::Progress { order } => mixpay::progress(view, order),
        Notice::Accepted | Notice::Short | Notice::CaughtUp => overview::to_pay(view),
        Notice::Reminder => clock::reminder(view),
        Notice::TimeUp => clock::time_up(view),
        Notice::Extended => clock::extended(view),
        Notice::Anew { .. } => clock::anew(view),
        Notice::Kit => kit::kit(view),
        Notice::Claim { .. } => claim::asked(view, None),
        Notice::ClaimAgreed { output } => claim::agreed(view, output),
        Notice::ClaimRefused => claim::refused(view),
        Notice::Imported => kit::imported(view),
        Notice::Unfrozen => {
            overview::goes_on(view, &[Line::Unfrozen { operator: text::quoted_name(&view.house.operator) }])
        }
        Notice::Declined
        | Notice::Cancelled
        | Notice::Expired
        | Notice::InPieces
        | Notice::Funded
        | Notice::Delivered
        | Notice::Ruled
        | Notice::Elapsed
        | Notice::Settling
        | Notice::Settled
        | Notice::SettledElsewhere
        | Notice::Frozen => overview::situation(view),
    }
}

/// They may be no party any more, so nothing of the trade is shown but its first line.
fn turned_away(view: &View<'_>) -> Vec<Post> {
    Page::about(view, Title::Trade)
        .line(&Line::TurnedAway)
        .button(super::say_button(
            view.lang,
            &crate::chat::say::Label::Trades,
            Colour::Plain,
            &crate::chat::commands::Typed::alone(Word::Trades),
        ))
        .posts()
}

fn odd(view: &View<'_>, no: u32) -> Vec<Post> {
    let Some(plan) = view.trade.plan(no) else { return overview::status(view) };
    let mut oddities = view.trade.deposits.iter().filter(|d| plan.inputs.iter().any(|i| i.output_id == d.output_id));
    let reason = match oddities.find_map(|d| d.oddity) {
        Some(Oddity::WrongAsset) => OddReason::WrongAsset,
        Some(Oddity::ThirdPerson(_)) => OddReason::ThirdPerson,
        Some(Oddity::Unnamed(_)) => OddReason::Unnamed,
        Some(Oddity::Inscription) | None => OddReason::NotNeeded,
    };
    let to = receiver(view, plan);
    Page::about(view, Title::Trade)
        .line(&Line::Odd { reason, money: view.money_of_plan(plan, plan.total()), to })
        .line(&Line::OddSign { by: plan.givers.iter().map(|giver| view.who(*giver)).collect() })
        .button(view.status_button())
        .posts()
}

fn returned(view: &View<'_>, no: u32) -> Vec<Post> {
    let Some(plan) = view.trade.plan(no) else { return overview::status(view) };
    Page::about(view, Title::Trade)
        .line(&Line::Returned { money: view.money_of_plan(plan, plan.total()), to: receiver(view, plan) })
        .button(view.status_button())
        .posts()
}

fn receiver(view: &View<'_>, plan: &Plan) -> Who {
    plan.payouts.first().map_or_else(|| view.side(Role::Buyer), |payout| view.who(payout.to))
}
