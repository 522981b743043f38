//! What goes wrong, by seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Chances in thousandths of the steps at which the fault could happen; everything 0 is a good day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// The live connection is cut without a word.
    pub cut: u32,
    /// The live connection falls silent.
    pub silence: u32,
    /// Every push comes twice.
    pub duplicate_push: bool,
    /// What is not acknowledged comes again on the same connection every two seconds.
    pub redeliver: bool,
    /// Acknowledgements are answered and forgotten, so every reconnect brings everything again.
    pub drop_acks: bool,
    /// The server's clock minus ours, milliseconds; it jumps back when the faults stop.
    pub skew_ms: i32,
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
            cut: chance(20),
            silence: chance(10),
            duplicate_push: chance(3) > 0,
            redeliver: chance(3) > 0,
            drop_acks: chance(3) > 0,
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
