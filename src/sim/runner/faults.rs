//! What goes wrong, by seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Chances in thousandths of the steps at which the fault could happen; everything 0 is a good day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent misbehaviour")]
pub struct Faults {
    /// The process dies and comes back up to a minute later.
    pub crash: u32,
    /// A request never arrives.
    pub lost_before: u32,
    /// A request takes effect and its answer never arrives.
    pub lost_after: u32,
    /// A request is answered with HTTP 500; nothing took effect.
    pub broken: u32,
    /// A request is answered with 429; nothing took effect.
    pub too_many: u32,
    /// A request takes effect at once and its answer comes seconds later, after those of requests that left later.
    pub slow: u32,
    /// The live connection is cut without a word.
    pub cut: u32,
    /// The live connection falls silent.
    pub silence: u32,
    /// Every push comes twice.
    pub duplicate_push: bool,
    /// What is not acknowledged comes again on the same connection every two seconds.
    pub redeliver: bool,
    /// Frames on their way overtake each other: pushes, the server's answers and its pongs.
    pub reorder: bool,
    /// One of MixPay's callbacks gets lost, its answer does, it comes twice, or somebody posts nonsense before it.
    pub callback: u32,
    /// MixPay says "too many" as HTTP 429 rather than in an HTTP 200.
    pub http_429: bool,
    /// Acknowledgements are answered and forgotten, so every reconnect brings everything again.
    pub drop_acks: bool,
    /// The server's clock minus ours, milliseconds; it jumps back when the faults stop.
    pub skew_ms: i32,
}

/// How one request goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It never arrives.
    LostBefore,
    /// It takes effect, and its answer never arrives.
    LostAfter,
    /// HTTP 500; nothing took effect.
    Broken,
    /// 429; nothing took effect.
    TooMany,
}

impl Fate {
    pub const ALL: [Self; 4] = [Self::LostBefore, Self::LostAfter, Self::Broken, Self::TooMany];
}

/// How one of MixPay's callbacks goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callback {
    Lost,
    /// It arrives, and its answer does not: it comes again.
    Unanswered,
    Twice,
    /// Somebody else posts nonsense, and the order of nobody, before it.
    Nonsense,
}

impl Callback {
    pub(super) const ALL: [Self; 4] = [Self::Lost, Self::Unanswered, Self::Twice, Self::Nonsense];
}

impl Faults {
    /// A different bad day for every seed: some faults often, some rarely, some not at all.
    #[must_use]
    pub fn drawn(rng: &mut ChaCha8Rng) -> Self {
        let mut chance = |most: u32| if below(rng, 2) == 0 { 0 } else { below(rng, most) };
        Self {
            crash: chance(30),
            lost_before: chance(150),
            lost_after: chance(150),
            broken: chance(100),
            too_many: chance(50),
            slow: chance(300),
            cut: chance(20),
            silence: chance(10),
            duplicate_push: chance(3) > 0,
            redeliver: chance(3) > 0,
            drop_acks: chance(3) > 0,
            reorder: chance(3) > 0,
            callback: chance(700),
            http_429: chance(3) > 0,
            skew_ms: i32::try_from(chance(600_000)).unwrap_or(0) - i32::try_from(chance(600_000)).unwrap_or(0),
        }
    }
}

/// A number below `bound`; 0 when there is none.
pub(super) fn below(rng: &mut ChaCha8Rng, bound: u32) -> u32 {
    rng.next_u32().checked_rem(bound).unwrap_or(0)
}

/// Whether something with this chance in thousandths happens now.
pub(super) fn happens(rng: &mut ChaCha8Rng, chance: u32) -> bool {
    below(rng, 1_000) < chance
}
