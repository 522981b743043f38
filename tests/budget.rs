//! MixPay's sixty requests a minute among a thousand unpaid trades: shared fairly, never exceeded, and nothing that
//! is paid by Mixin's link waits for them. In virtual time.

#[cfg(test)]
mod crowd;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mixin_escrow::engine::Input;
    use mixin_escrow::id::TradeId;
    use mixin_escrow::mixpay::Class;
    use mixin_escrow::time::Millis;
    use mixin_escrow::trade::Event;
    use rand::RngExt;
    use serde_json::{Value, json};

    use crate::crowd::{Called, Crowd, START};

    const MINUTE: i64 = 60_000;
    const TRADES: u32 = 1_000;

    /// Something somebody waits for: which class of calls serves it, since when, and for whom.
    struct Wait {
        class: Class,
        trade: TradeId,
        since: Millis,
    }

    /// Calls of the fullest minute, both ends counted.
    fn fullest_minute(calls: &[Called]) -> usize {
        let from = |nth: usize| calls[nth..].iter().take_while(move |call| call.at.since(calls[nth].at).0 <= MINUTE);
        (0..calls.len()).map(|nth| from(nth).count()).max().unwrap_or(0)
    }

    fn middle(mut spans: Vec<i64>) -> (usize, i64, i64) {
        spans.sort_unstable();
        let at = |nth: usize| spans.get(nth).copied().unwrap_or(0) / 1_000;
        (spans.len(), at(spans.len() / 2), at(spans.len().saturating_sub(1)))
    }

    struct Story {
        crowd: Crowd,
        trades: Vec<TradeId>,
        waits: Vec<Wait>,
        /// Paid by Mixin's link, and when.
        paid: Vec<(TradeId, Millis)>,
    }

    impl Story {
        fn at(&mut self, seconds: i64) {
            let to = START.plus(Millis::from_secs(seconds));
            while self.crowd.now < to {
                let next = self.crowd.now.plus(Millis(5_000)).min(to);
                self.crowd.lives_until(next);
                self.callbacks();
            }
        }

        fn waits(&mut self, class: Class, trade: TradeId) {
            self.waits.push(Wait { class, trade, since: self.crowd.now });
        }

        /// What MixPay calls about arrives, as the listener reads it.
        fn callbacks(&mut self) {
            let now = self.crowd.now;
            for call in self.crowd.world.callbacks_out(now) {
                let order = serde_json::from_str::<Value>(&call.body).unwrap()["orderId"].as_str().unwrap().to_owned();
                self.crowd.world.callback_answered(call.id, true, now);
                self.crowd.tell(Input::Hint { order });
            }
        }

        /// Some trade whose order stands and is unpaid.
        fn some(&mut self) -> Option<(u32, TradeId, String)> {
            for _ in 0..20 {
                let nth = self.crowd.rng.random_range(0..TRADES);
                let trade = self.crowd.trade(self.trades[usize::try_from(nth).unwrap()]);
                if let Some(order) = trade.orders.iter().find(|order| order.opened.is_some() && !order.over) {
                    return Some((nth, trade.id, order.id.clone()));
                }
            }
            None
        }

        /// A minute in which people look, callbacks come and somebody pays by Mixin's link.
        fn busy_minute(&mut self, minute: i64) {
            for step in 0..6 {
                self.at(minute * 60 + step * 10);
                if let Some((_, trade, order)) = self.some() {
                    self.waits(Class::Hint, trade);
                    self.crowd.tell(Input::Hint { order });
                }
                if step % 3 == 0
                    && let Some((nth, trade, _)) = self.some()
                {
                    self.waits(Class::Look, trade);
                    self.crowd.has_paid(nth);
                }
            }
        }

        /// Somebody pays by Mixin's link; nobody tells the bot.
        fn pays(&mut self, nth: usize) {
            let trade = self.crowd.trade(self.trades[nth]);
            self.crowd.pays_link(&trade);
            self.paid.push((trade.id, self.crowd.now));
        }

        /// From asked to answered, by class; and how long at most a class had no call while somebody waited for one.
        fn delays(&self) -> BTreeMap<Class, (usize, i64, i64, i64)> {
            let mut all: BTreeMap<Class, (Vec<i64>, i64)> = BTreeMap::new();
            for wait in &self.waits {
                let later = || self.crowd.calls.iter().filter(|c| c.class == wait.class && c.at >= wait.since);
                let found = all.entry(wait.class).or_default();
                if let Some(served) = later().find(|c| c.trade == wait.trade) {
                    found.0.push(served.at.since(wait.since).0);
                    let any = later().next().map_or(0, |c| c.at.since(wait.since).0);
                    found.1 = found.1.max(any);
                }
            }
            let told = |(class, (spans, dry)): (Class, (Vec<i64>, i64))| {
                let (count, median, longest) = middle(spans);
                (class, (count, median, longest, dry / 1_000))
            };
            all.into_iter().map(told).collect()
        }
    }

    fn begins(seed: u64) -> Story {
        let mut crowd = Crowd::new(seed);
        let trades = crowd.proposals(TRADES);
        Story { crowd, trades, waits: Vec::new(), paid: Vec::new() }
    }

    /// Within five minutes everybody agrees.
    fn all_agree(story: &mut Story) {
        for nth in 0..TRADES {
            story.at(i64::from(nth) / 10 * 3);
            story.waits(Class::Make, story.trades[usize::try_from(nth).unwrap()]);
            story.crowd.accepts(nth);
        }
        story.at(301);
    }

    /// The next call is answered with 429; when that was.
    fn has_enough(story: &mut Story) -> Millis {
        story.crowd.control("POST", "faults", &json!({ "rest": "429", "path": "/v1/", "count": 1 }));
        let before = story.crowd.calls.len();
        while story.crowd.calls.len() == before {
            let next = story.crowd.now.plus(Millis(1_000));
            story.crowd.lives_until(next);
        }
        story.crowd.calls[before].at
    }

    /// All that are unpaid come to their end, and no callback tells of it.
    fn all_expire(story: &mut Story) {
        for id in story.trades.clone() {
            let trade = story.crowd.trade(id);
            for order in trade.orders.iter().filter(|order| order.opened.is_some() && !order.over) {
                let since = order.expires.plus(Millis(6_000));
                story.waits.push(Wait { class: Class::Expiry, trade: id, since });
            }
        }
        story.crowd.control("POST", "switches", &json!({ "mixpay": { "callbacks": "lost" } }));
        for minute in 40..45 {
            story.busy_minute(minute);
        }
        story.at(58 * 60);
    }

    /// Service time from payment to Funded, by trade.
    fn funded(story: &Story) -> Vec<i64> {
        let took = |(trade, at): &(TradeId, Millis)| {
            let history = story.crowd.store().history(*trade).unwrap();
            let row = history.into_iter().find(|row| matches!(row.event, Event::Funded { .. }));
            row.expect("it was paid").at.since(*at).0
        };
        story.paid.iter().map(took).collect()
    }

    #[test]
    fn a_thousand_unpaid_trades() {
        let mut story = begins(7_001);
        // Some will pay by Mixin's link.
        let payers: Vec<usize> = (0..20).map(|nth| nth * 50 + 7).collect();
        for nth in &payers {
            story.crowd.watch(*nth);
        }
        all_agree(&mut story);
        let mut refused_at = Millis(0);
        for minute in 6..40 {
            story.busy_minute(minute);
            // Not just after the restart, when all the looks this stage keeps waiting are due at once.
            if minute % 2 == 0 && minute != 32 {
                story.pays(payers[usize::try_from(minute / 2).unwrap()]);
            }
            match minute {
                20 => refused_at = has_enough(&mut story),
                31 => story.crowd.dies(),
                _ => {}
            }
        }
        all_expire(&mut story);
        figures(&story);
        let knows = story.crowd.control("GET", "mixpay", &Value::Null);
        assert!(knows["busiest_minute"].as_u64().unwrap() <= 60);
        assert_eq!(knows["refused"], 1, "only by the fault");
        let calls = &story.crowd.calls;
        assert!(fullest_minute(calls) <= 60, "{}", fullest_minute(calls));
        let resting = |c: &&Called| c.at > refused_at.plus(Millis(4_000)) && c.at < refused_at.plus(Millis(MINUTE));
        assert_eq!(calls.iter().filter(resting).count(), 0, "429 is respected");
        let after = calls.iter().filter(|c| c.at >= refused_at.plus(Millis(MINUTE))).count();
        assert!(after > 500, "and then it goes on");
        let delays = story.delays();
        for class in Class::ALL {
            let (count, _, _, dry) = delays[&class];
            assert!(count > 0 && dry <= 150, "{class:?} is served while the others flood: {delays:?}");
        }
        for class in [Class::Look, Class::Hint] {
            assert!(delays[&class].2 <= 150, "{class:?}: who asks for it waits minutes at most: {delays:?}");
        }
        assert!(funded(&story).iter().all(|took| *took <= 25_000), "a look or two: {:?}", funded(&story));
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for id in &story.trades {
            *states.entry(story.crowd.trade(*id).state.name()).or_default() += 1;
        }
        let paid = story.paid.len();
        assert_eq!(states, [("Expired", 1_000 - paid), ("Funded", paid)].into(), "everybody comes to an end");
    }

    fn figures(story: &Story) {
        let calls = &story.crowd.calls;
        let lasted = calls.last().unwrap().at.since(START).0 / MINUTE;
        eprintln!("{} calls in {lasted} minutes, {} in the fullest", calls.len(), fullest_minute(calls));
        let opened = |id: &&TradeId| story.crowd.trade(**id).orders.iter().any(|order| order.opened.is_some());
        eprintln!("{} of {TRADES} got MixPay's button", story.trades.iter().filter(opened).count());
        for (class, (count, median, longest, dry)) in story.delays() {
            let made = calls.iter().filter(|call| call.class == class).count();
            eprintln!(
                "{class:?}: {made} calls; {count} waits, median {median} s, longest {longest} s, none for {dry} s"
            );
        }
        let (count, median, longest) = middle(funded(story));
        eprintln!("{count} paid by Mixin's link: median {median} s, longest {longest} s until Funded");
    }
}
