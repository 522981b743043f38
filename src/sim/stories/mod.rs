//! The named stories: every way a trade goes, as people play it on their phones.
//!
//! A story is a function of what [`People`] do and see, which gives back how it has to end; it is written once and
//! played on any [`Ground`]: the runner's [`Stage`](super::runner::Stage) without sockets, or `demo` with them. To add
//! one: a function, and its row in [`TABLE`].

mod deposits;
mod disputes;
mod ending;
mod ground;
mod groups;
mod many;
mod on_stage;
mod people;
mod roads;
mod rulings;
mod signatures;
mod time;

pub use ending::{Ended, Ending, Report, Trade};
pub use ground::{Ground, Stuck};
pub use people::People;

use std::ops::RangeInclusive;

use super::auditor::{FeePayer, Units};

/// What the people of a story trade for. Every amount in a story is a part of these.
#[derive(Clone, Debug)]
pub struct Terms {
    pub price: Units,
    pub asset: Coin,
    /// Another one, which nobody agreed on.
    pub other: Coin,
    /// What the bot takes.
    pub fee_bps: u32,
    pub fee_payer: FeePayer,
}

/// An asset of the network's.
#[derive(Clone, Debug)]
pub struct Coin {
    /// UUID.
    pub id: String,
    /// As people type it: "USDT".
    pub typed: String,
    /// For readers: "USDT · TRON".
    pub label: String,
}

/// The least price whose parts people can still tell apart, and the most that can be multiplied without a thought.
pub const PRICES: RangeInclusive<Units> = Units(100_000)..=Units(100_000_000_000_000_000_000);

/// A story.
pub struct Story {
    pub name: &'static str,
    /// What happens, in a line.
    pub tells: &'static str,
    play: fn(&mut People<'_>) -> Result<Ending, Stuck>,
}

const fn story(name: &'static str, tells: &'static str, play: fn(&mut People<'_>) -> Result<Ending, Stuck>) -> Story {
    Story { name, tells, play }
}

/// Every story there is.
pub static TABLE: &[Story] = &[
    story("release", "paid, delivered; the buyer signs and the seller is paid", roads::release),
    story("refund", "paid; the seller signs and the buyer gets everything back", roads::refund),
    story("split", "two share the price, twice: one offers by chat, the other signs", many::split),
    story("expired", "a part is paid and the rest never; time runs out, the part goes back", roads::expired),
    story("cancelled", "a part is paid; the buyer thinks better of it, the part goes back", roads::cancelled),
    story("underpaid", "the buyer pays 60 of 101, then the rest by a new link", deposits::underpaid),
    story(
        "short-accepted",
        "a little less is paid than is due; the seller takes it as the whole",
        deposits::short_accepted,
    ),
    story("overpaid", "the buyer pays half as much again; the surplus comes back with the release", deposits::overpaid),
    story("late", "paid again when locked and once more after the end: each comes back", deposits::late),
    story("wrong-asset", "another coin comes in, does not count, and goes back", deposits::wrong_asset),
    story(
        "third-payer",
        "a stranger pays the buyer's link; the money goes back to the stranger",
        deposits::third_payer,
    ),
    story(
        "unmatched",
        "paid without a name: the operator asks, both say yes; the seller's own goes back",
        deposits::unmatched,
    ),
    story("two-trades", "one pair, one vault, two trades paid crosswise: both settle right", many::two_trades),
    story("settled-elsewhere", "both sign a request of their own instead", signatures::settled_elsewhere),
    story(
        "early-signature",
        "the seller signs the release first, and nothing moves until the buyer does",
        signatures::early,
    ),
    story(
        "revoked",
        "one or the other revokes what stands, again and again; it settles all the same",
        signatures::revoked,
    ),
    story(
        "hostile-request",
        "the seller hides a payout behind a small one; the bot tells both, and takes it away",
        signatures::hostile,
    ),
    story("dispute-release", "the buyer calls for a judge, who rules that the seller is paid", rulings::release),
    story("dispute-refund", "the judge rules that the buyer gets everything back", rulings::refund),
    story("dispute-split", "the judge gives each a part; the seller signs it", rulings::split),
    story(
        "judge-silent",
        "the first judge does not answer, the next rules; where nobody does, the terms decide",
        rulings::silent,
    ),
    story("judges-disagree", "a second judge is asked, and a third; each rules otherwise", rulings::disagree),
    story("judge-conflict", "two judges have traded with the buyer, and are not asked", rulings::conflict),
    story("ruling-stopped", "a judge's phone is stolen; the ruling is stopped before money moves", rulings::stopped),
    story("kit", "the bot is gone for good; two people sign one link of the kit", roads::kit),
    story("many-inputs", "600 tiny payments do not lock a trade: one is completed, one goes back", many::many_inputs),
    story("inspection", "the buyer says nothing; time runs out, and the seller takes the release", time::inspection),
    story(
        "not-delivered",
        "the seller says nothing; time runs out, and the buyer takes the refund",
        time::not_delivered,
    ),
    story(
        "late-delivered",
        "the time to deliver is over; the buyer gives more, and it ends well",
        time::late_delivered,
    ),
    story("downtime-stretches", "the bot is away across the deadline, and nobody loses by it", time::downtime),
    story(
        "group-trade",
        "offered in a group by mention, taken by a button there; all that binds is said 1:1",
        groups::group_trade,
    ),
    story("trade-room", "a group for one trade hears how it goes on, and never asks for money", groups::trade_room),
    story("fee-waived", "the fee's receiver cannot be paid; nobody waits for that", roads::fee_waived),
    story(
        "dispute-withdrawn",
        "each calls for a judge and takes it back, once; then the buyer signs",
        disputes::withdrawn,
    ),
    story("settled-in-dispute", "both show what they have; then the seller gives the money back", disputes::settled),
];

/// The story with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Story> {
    TABLE.iter().find(|story| story.name == name)
}

impl Story {
    /// Plays it on fresh ground. `tell` gets the transcript. `after` is called once the play is over, before
    /// everything is counted.
    ///
    /// # Errors
    /// [`Stuck`] when it does not come to an end. An end that is not the story's is told by [`Report::problems`].
    pub fn play(
        &self,
        ground: &mut dyn Ground,
        terms: Terms,
        tell: fn(&str),
        after: impl FnOnce(&mut dyn Ground) -> Result<(), Stuck>,
    ) -> Result<Report, Stuck> {
        let mut people = People::new(ground, terms, tell)?;
        let ending = (self.play)(&mut people)?;
        after(people.ground)?;
        ending::check(&mut people, &ending)
    }
}
