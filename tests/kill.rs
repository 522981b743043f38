//! A real `serve` on a real database, killed with SIGKILL again and again in the middle of what it does, and started
//! again at once: every trade still settles once.
#![cfg(unix)]

#[cfg(test)]
#[path = "kill_check/child.rs"]
mod child;
#[cfg(test)]
#[path = "kill_check/town.rs"]
mod town;

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::child::Kill;
    use super::town::Town;

    const KILLS: u32 = 50;
    /// A life ends at the latest after as many pieces of bytes in either direction; on a good day a trade takes some
    /// four hundred, and a start fifty.
    const LIFE_MAX: u32 = 120;

    /// `SEED` lives one run again, as far as the machine's own timing lets it.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn killed_fifty_times() {
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
        println!("SEED={seed}");
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let kills = (0..KILLS).map(|_| Kill {
            after: 1 + dice.next_u32() % LIFE_MAX,
            // The piece at which it dies arrives or not.
            arrives: dice.next_u32().is_multiple_of(2),
        });
        let mut town = Town::new(seed, kills.collect()).await;
        let mut trades = 0;
        while town.kills() < KILLS {
            town.trade(trades % 2 == 1).await;
            trades += 1;
        }
        println!("{} kills in {trades} trades", town.kills());
        town.ends_well().await;
    }
}
