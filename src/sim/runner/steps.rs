//! One step after the other: which one is drawn from the seed, and what goes wrong with it.

use std::sync::Arc;

use rand_chacha::rand_core::Rng;
use serde_json::json;

use super::bot::Bot;
use super::faults::{Callback, Fate, below, happens};
use super::moves::{Luck, Move};
use super::{Life, Stage, StageError};
use crate::engine::{Door, Keys, Shop};
use crate::kernel;
use crate::mixin::Signer;
use crate::sim::play::{Deed, Next, Play};
use crate::time::Millis;

/// Steps after which a play that is not over never will be.
const STEPS_MAX: u64 = 20_000;
/// Steps at one and the same moment after which the bot is running in circles.
pub(super) const CIRCLES_MAX: u32 = 5_000;
/// The longest time a dead bot stays dead, in milliseconds.
const DOWN_MAX: u32 = 60_000;
/// The clock is moved by hand here, by days, as the sandbox's own configuration lets it.
const MAX_SKEW: Millis = Millis::from_hours(24 * 365 * 10);
/// The longest time a request takes, in milliseconds.
const REQUEST_MAX: u32 = 40;

/// What anybody may post to the callback.
const NONSENSE: &[u8] = b"<html>{\"orderId\":";
const NOBODYS: &[u8] = br#"{"orderId":"0123456789ABCDEFGHJKMNPQR","traceId":null,"payeeId":7}"#;

impl Stage {
    /// One step, a person's deed among them if there is one to be done. `false`: nothing can be done at this moment.
    fn step(&mut self, deed: &mut Option<Deed>) -> Result<bool, StageError> {
        let planned = self.crashes.contains(&self.steps);
        if planned || (matches!(self.life, Life::Up(_)) && happens(&mut self.rng, self.faults.crash)) {
            self.crashes.retain(|step| *step != self.steps);
            let down = Millis(i64::from(below(&mut self.rng, DOWN_MAX)));
            self.crash(down)?;
        }
        self.restart()?;
        if self.cuts.contains(&self.steps) || happens(&mut self.rng, self.faults.cut) {
            self.cuts.retain(|step| *step != self.steps);
            self.cut();
        }
        if happens(&mut self.rng, self.faults.silence) {
            self.control("POST", "faults", &json!({ "blaze": "silence" }))?;
            self.mishaps += 1;
            self.note(|| "the connection falls silent".into());
        }
        let moves = match &mut self.life {
            Life::Up(bot) => bot.moves(&mut self.world, self.now)?,
            Life::Down { .. } => Vec::new(),
        };
        self.callbacks.extend(self.world.callbacks_out(self.now));
        let all = moves.len() + usize::from(deed.is_some()) + usize::from(!self.callbacks.is_empty());
        if all == 0 {
            return Ok(false);
        }
        self.steps += 1;
        self.circles += 1;
        if self.circles > CIRCLES_MAX {
            return Err(StageError::Circles { log: self.log() });
        }
        let nth = usize::try_from(below(&mut self.rng, u32::try_from(all).unwrap_or(u32::MAX))).unwrap_or(0);
        if let Some(what) = moves.get(nth) {
            self.make(*what)?;
            return Ok(true);
        }
        match if nth == moves.len() { deed.take() } else { None } {
            Some(todo) => drop(self.act(&todo)?),
            None => self.call_back(),
        }
        self.marks.push(self.steps);
        Ok(true)
    }

    fn restart(&mut self) -> Result<(), StageError> {
        let Life::Down { store, until } = &mut self.life else { return Ok(()) };
        if *until > self.now {
            return Ok(());
        }
        let store = match store.take() {
            Some(store) => store,
            None => self.disk.open()?,
        };
        let spend = Arc::new(kernel::spend_scalar(self.keystore.spend_seed()));
        let shop = Shop {
            house: self.house.clone(),
            keys: Keys { ids: self.keystore.id_secret(), spend, kits: self.keystore.kit_key() },
            searches_per_hour: self.searches_per_hour,
            mixpay: self.mixpay.clone(),
            pages: None,
            max_skew: MAX_SKEW,
        };
        let door = Door::open(store, shop, self.now)?;
        let bot = Bot::start(door, Signer::new(&self.keystore), self.base.clone(), self.rng.next_u64());
        self.life = Life::Up(Box::new(bot));
        self.note(|| "the bot starts".into());
        Ok(())
    }

    fn make(&mut self, what: Move) -> Result<(), StageError> {
        let luck = if what.sends() { self.luck(what)? } else { Luck::Good };
        let Life::Up(bot) = &mut self.life else { return Ok(()) };
        let path = bot.path(what).to_owned();
        bot.slow = self.faults.slow;
        if what == Move::Hear && self.faults.reorder {
            bot.reorder();
        }
        bot.make(what, &mut self.world, self.now, luck)?;
        self.note(|| {
            format!("{what:?} {path} {}", if luck == Luck::Good { String::new() } else { format!("{luck:?}") })
        });
        if what.lasts() {
            self.marks.push(self.steps);
        }
        if what.sends() {
            self.sends.push(self.steps.saturating_sub(1));
            // Every request takes a while.
            let took = Millis(i64::from(below(&mut self.rng, REQUEST_MAX)) + 1);
            self.pass(self.now.plus(took));
        }
        Ok(())
    }

    fn luck(&mut self, what: Move) -> Result<Luck, StageError> {
        let faults = self.faults;
        let chances = [
            (faults.lost_before, Fate::LostBefore),
            (faults.lost_after, Fate::LostAfter),
            (faults.broken, Fate::Broken),
            (faults.too_many, Fate::TooMany),
        ];
        let drawn = chances.into_iter().find(|(chance, _)| happens(&mut self.rng, *chance)).map(|(_, fate)| fate);
        // Too many searches lock searching for twelve hours, which is a story of its own.
        let searches = matches!(&self.life, Life::Up(bot) if bot.path(what).starts_with("/search"));
        let planned = self.fates.remove(&self.steps.saturating_sub(1));
        let Some(fate) = planned.or(drawn).filter(|fate| !(searches && *fate == Fate::TooMany)) else {
            return Ok(Luck::Good);
        };
        self.mishaps += 1;
        let kind = match fate {
            Fate::LostBefore => return Ok(Luck::LostBefore),
            Fate::LostAfter => return Ok(Luck::LostAfter),
            Fate::Broken => "500",
            Fate::TooMany => "429",
        };
        self.control("POST", "faults", &json!({ "rest": kind, "path": "/" }))?;
        Ok(Luck::Good)
    }

    /// One of the callbacks on their way arrives, or not.
    fn call_back(&mut self) {
        let waiting = u32::try_from(self.callbacks.len()).unwrap_or(u32::MAX);
        let nth = usize::try_from(below(&mut self.rng, waiting)).unwrap_or(0);
        if nth >= self.callbacks.len() {
            return;
        }
        let callback = self.callbacks.swap_remove(nth);
        let mishap = happens(&mut self.rng, self.faults.callback).then(|| {
            self.mishaps += 1;
            let nth = below(&mut self.rng, u32::try_from(Callback::ALL.len()).unwrap_or(0));
            usize::try_from(nth).ok().and_then(|nth| Callback::ALL.get(nth).copied())
        });
        let mishap = mishap.flatten();
        let body = callback.body.as_bytes();
        let bodies: &[&[u8]] = match mishap {
            Some(Callback::Lost) => &[],
            Some(Callback::Twice) => &[body, body],
            Some(Callback::Nonsense) => &[NONSENSE, NOBODYS, body],
            Some(Callback::Unanswered) | None => &[body],
        };
        let up = match &mut self.life {
            Life::Up(bot) => {
                for body in bodies {
                    bot.called_back(body);
                }
                true
            }
            Life::Down { .. } => false,
        };
        let good = up && !matches!(mishap, Some(Callback::Lost | Callback::Unanswered));
        self.world.callback_answered(callback.id, good, self.now);
        self.note(|| format!("a callback, {mishap:?}, answered: {good}"));
    }

    fn pass(&mut self, to: Millis) {
        if to > self.now {
            self.now = to;
            self.circles = 0;
        }
    }

    /// The next moment at which something happens by itself.
    fn next_moment(&self) -> Result<Option<Millis>, StageError> {
        let bot = match &self.life {
            Life::Up(bot) => bot.next_deadline(self.now)?,
            Life::Down { until, .. } => Some(*until),
        };
        Ok(bot.into_iter().chain(self.world.next_deadline()).min())
    }

    /// Lives until nothing is left to be done now, and on until `span` has passed.
    ///
    /// # Errors
    /// See [`StageError`].
    pub fn live(&mut self, span: Millis) -> Result<(), StageError> {
        let end = self.now.plus(span);
        loop {
            if self.step(&mut None)? {
                continue;
            }
            if self.now >= end {
                return Ok(());
            }
            let next = self.next_moment()?.unwrap_or(end);
            self.pass(next.max(self.now.plus(Millis(1))).min(end));
        }
    }

    /// Two people play until their script is over.
    ///
    /// # Errors
    /// [`StageError::Stuck`] when it never is.
    pub fn play(&mut self, play: &mut Play) -> Result<(), StageError> {
        self.play_until(play, |_| false)
    }

    /// Two people play until `enough`, asked whenever nobody is about to do something, or until their script is over.
    ///
    /// # Errors
    /// [`StageError::Stuck`] when neither ever is.
    pub fn play_until(&mut self, play: &mut Play, enough: impl Fn(&Self) -> bool) -> Result<(), StageError> {
        let mut deed = None;
        while self.steps < STEPS_MAX {
            if deed.is_none() {
                if enough(self) {
                    return Ok(());
                }
                self.look_at_phones()?;
                if enough(self) {
                    return Ok(());
                }
                match play.next(self.shown("buyer"), self.shown("seller")) {
                    Next::Do(next) => deed = Some(next),
                    Next::Wait => {}
                    Next::Done => return Ok(()),
                }
            }
            if !self.step(&mut deed)? {
                let next = self.next_moment()?.unwrap_or(self.now);
                self.pass(next.max(self.now.plus(Millis(1))));
            }
        }
        Err(StageError::Stuck { steps: self.steps, waits: play.waits_for(), log: self.log() })
    }
}
