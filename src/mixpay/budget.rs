//! MixPay's requests a minute, shared out. Its limit counts all endpoints together (dossier §15.1), so a crowd that
//! looks at its orders could keep everybody from making new ones: each class of calls has a share nobody can take.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Calls MixPay takes in a minute (dossier §15.1).
pub const MINUTE_MAX: usize = 60;
/// How long a granted call counts. Longer than a minute, because MixPay counts calls when they arrive and we when they
/// leave: one that lingered on the way up to 5 s does not meet, in MixPay's minute, those granted a window later.
const WINDOW: Millis = Millis::from_secs(65);
/// Longest pause, so that a clock once set wrong cannot silence us.
const PAUSE_MAX: Millis = Millis::from_secs(600);

/// Why a call is made; the order decides between classes that had as many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Somebody waits for a new order.
    Make,
    /// Somebody is looking at an order.
    Look,
    /// A callback said that there may be news; anybody can send those (dossier §15.6).
    Hint,
    /// An order has expired.
    Expiry,
}

impl Class {
    pub const ALL: [Self; 4] = [Self::Make, Self::Look, Self::Hint, Self::Expiry];

    /// As it is written in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::Look => "look",
            Self::Hint => "hint",
            Self::Expiry => "expiry",
        }
    }
}

/// The calls of the last window. Kept as JSON across restarts: MixPay does not forget them when we do.
///
/// It is told the time, always by the same clock. When that clock is set back, calls dated in its future count as made
/// now: the limit holds, and all is free again a window later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    calls: Vec<(Millis, Class)>,
    paused_until: Option<Millis>,
}

impl Budget {
    /// How many calls of each class may leave now, of those waiting and `most` in all. They count as made at once,
    /// also if they are never sent, unless they are given back: a call too few is a little slower, a call too many
    /// stops all of them for a minute.
    ///
    /// One call at a time goes to the waiting class that had the fewest in the window. So each class that asks has at
    /// least its quarter, a window after it began to ask at the latest, and what a class leaves over others use.
    pub fn grant(&mut self, now: Millis, waiting: &BTreeMap<Class, u32>, most: u32) -> BTreeMap<Class, u32> {
        for (at, _) in &mut self.calls {
            *at = now.min(*at);
        }
        self.calls.retain(|(at, _)| now.since(*at) < WINDOW);
        self.paused_until = self.paused(now);
        let mut granted = BTreeMap::new();
        if self.paused_until.is_some() {
            return granted;
        }
        let mut waiting = waiting.clone();
        for _ in 0..most {
            waiting.retain(|_, left| *left > 0);
            if self.calls.len() >= MINUTE_MAX {
                break;
            }
            let Some((class, left)) = waiting.iter_mut().min_by_key(|(class, _)| self.made(**class)) else { break };
            *left -= 1;
            *granted.entry(*class).or_default() += 1;
            self.calls.push((now, *class));
        }
        granted
    }

    /// One call of this class, granted at `now`, turned out not to be needed, before anything left.
    pub fn give_back(&mut self, now: Millis, class: Class) {
        if let Some(nth) = self.calls.iter().rposition(|call| *call == (now, class)) {
            self.calls.remove(nth);
        }
    }

    /// MixPay answered that it is busy: nothing leaves before `until`, nor before an earlier pause ends. Of a
    /// longer one 10 minutes are kept.
    pub fn pause(&mut self, until: Millis) {
        self.paused_until = self.paused_until.max(Some(until));
    }

    /// When one more call can be granted: `now` if at once, `None` if that lies beyond the calendar.
    #[must_use]
    pub fn next_free(&self, now: Millis) -> Option<Millis> {
        let mut dates: Vec<Millis> =
            self.calls.iter().map(|(at, _)| now.min(*at)).filter(|at| now.since(*at) < WINDOW).collect();
        dates.sort_unstable();
        let free = match dates.len().checked_sub(MINUTE_MAX).and_then(|over| dates.get(over)) {
            Some(at) => Millis(at.0.checked_add(WINDOW.0)?),
            None => now,
        };
        Some(free.max(self.paused(now).unwrap_or(now)))
    }

    /// The end of the pause, if there is one.
    fn paused(&self, now: Millis) -> Option<Millis> {
        self.paused_until.filter(|until| *until > now).map(|until| until.min(now.plus(PAUSE_MAX)))
    }

    fn made(&self, class: Class) -> usize {
        self.calls.iter().filter(|(_, made)| *made == class).count()
    }
}

#[cfg(test)]
mod tests;
