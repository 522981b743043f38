//! What must be true when a trade is over, whatever happened on the way.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Stage, StageError};
use crate::sim::auditor::{self, Expected, FeePayer, Outcome};
use crate::sim::play::{self, words};
use crate::store::Kind;
use crate::trade::terms;
use crate::trade::{Event, State};

/// What MixPay takes in a minute (dossier §15.1).
const CALLS_MAX: u64 = 60;

impl Stage {
    /// What the books should say of a trade between buyer and seller for `price` coins of the asset with this
    /// symbol.
    #[must_use]
    pub fn expected(&self, price: &str, symbol: &str, outcome: Outcome) -> Expected {
        let asset = self.house.assets.iter().find(|asset| asset.symbol == symbol);
        Expected {
            asset_id: asset.map(|asset| asset.id.to_string()).unwrap_or_default(),
            price: price.to_owned(),
            fee_bps: self.house.fee.bps,
            fee_payer: match self.house.fee.payer {
                terms::FeePayer::Buyer => FeePayer::Buyer,
                terms::FeePayer::Seller => FeePayer::Seller,
                terms::FeePayer::Split => FeePayer::Split,
            },
            buyer: self.person("buyer", "user_id"),
            seller: self.person("seller", "user_id"),
            bot: self.house.bot.to_string(),
            fee_receiver: self.house.fee.receiver.to_string(),
            paid_by: None,
            outcome,
            fee_waived: false,
            short_ok: false,
            without_bot: false,
        }
    }

    /// Everything that is wrong after one trade that should have settled as `expected`. Empty is good.
    ///
    /// # Errors
    /// When ledger, phones or database cannot be read.
    pub fn problems(&mut self, expected: &Expected) -> Result<Vec<String>, StageError> {
        self.look_at_phones()?;
        let mut problems = self.problems_of_money(expected)?;
        for who in ["buyer", "seller"] {
            problems.extend(problems_of_phone(who, self.shown(who)));
        }
        problems.extend(self.problems_of_store()?);
        let mixpay = self.control("GET", "mixpay", &Value::Null)?;
        if mixpay["busiest_minute"].as_u64().is_none_or(|calls| calls > CALLS_MAX) {
            problems.push(format!("MixPay was asked {} times in a minute", mixpay["busiest_minute"]));
        }
        Ok(problems)
    }

    fn problems_of_money(&mut self, expected: &Expected) -> Result<Vec<String>, StageError> {
        let ledger = self.control("GET", "ledger", &Value::Null)?;
        let report = auditor::audit(&ledger.to_string(), expected);
        let mut problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        let last = report.settlement.as_ref().and_then(|settlement| settlement.signers.last());
        if last != Some(&expected.bot) {
            problems.push(format!("the bot did not sign last but {last:?}"));
        }
        let transactions = ledger["transactions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let spends = transactions.iter().filter(|tx| tx["senders_threshold"] == 2).count();
        if spends != 1 {
            problems.push(format!("the vault was spent {spends} times"));
        }
        Ok(problems)
    }

    fn problems_of_store(&self) -> Result<Vec<String>, StageError> {
        let Some(store) = self.store() else { return Ok(vec!["the bot is down".into()]) };
        let mut problems = Vec::new();
        for (job, parked) in store.queue()? {
            // Looks stand for ever, and a picture may be given up: nothing waits for it. The question after an
            // order whose time is over is asked, or found moot, when that time comes.
            let harmless = match job.kind {
                Kind::Look => parked.is_none(),
                Kind::Upload => parked.is_some(),
                Kind::Order => parked.is_none() && job.body["class"] == "expiry",
                _ => false,
            };
            if !harmless {
                problems.push(format!(
                    "a job is left: {} {} ({} tries, {parked:?})",
                    job.kind.name(),
                    job.body,
                    job.tries
                ));
            }
        }
        let trades = store.trades()?;
        if trades.len() != 1 {
            problems.push(format!("there are {} trades", trades.len()));
        }
        for trade in trades {
            if !matches!(trade.state, State::Settled { .. }) {
                problems.push(format!("trade {} is {} in the database", trade.code, trade.state.name()));
            }
            let events: Vec<Event> = store.history(trade.id)?.into_iter().map(|row| row.event).collect();
            problems.extend(problems_of_history(&events));
        }
        problems.extend(store.check()?.broken.iter().map(|broken| format!("the books: {broken:?}")));
        Ok(problems)
    }
}

/// Each event once.
fn problems_of_history(events: &[Event]) -> Vec<String> {
    let mut problems = Vec::new();
    for (nth, event) in events.iter().enumerate() {
        // Of two questions at one moment one may be answered and the other not, more than once.
        let recurs = matches!(event, Event::MixPaySilent { .. } | Event::MixPayHeard { .. });
        if !recurs && events.iter().take(nth).any(|before| before == event) {
            problems.push(format!("the history says twice: {event:?}"));
        }
    }
    problems
}

/// Titles of the pages that tell somebody once what has become true.
const TOLD_ONCE: [&str; 3] = ["The money is locked", "Delivered", "Done"];

/// What MixPay says of an order in the course of a payment, each once.
const MIXPAY_NEWS: [&str; 3] =
    ["through MixPay. Its page shows", "MixPay has seen a payment", "The money is on its way into the vault"];

/// The answer to [I have paid] and [I have signed], the same when the first is only read after the money was seen.
const LOOKING: &str = "I am looking on Mixin now";
/// How often a play taps either.
const ASKED: usize = 2;

fn problems_of_phone(who: &str, shown: &[Value]) -> Vec<String> {
    let mut problems = Vec::new();
    if play::state(shown).as_deref() != Some("Settled") {
        problems.push(format!("the {who} reads {:?}", play::state(shown)));
    }
    let mut ids = BTreeSet::new();
    for message in shown {
        let id = message["message_id"].as_str().unwrap_or_default();
        if !ids.insert(id) {
            problems.push(format!("the {who}'s phone shows message {id} twice"));
        }
        if let Some(why) = message.get("unsupported") {
            problems.push(format!("the {who}'s phone cannot show a message: {why}"));
        }
    }
    for title in TOLD_ONCE {
        // A status page repeats who trades what; a notice does not.
        let notices = shown.iter().filter(|m| m["card"]["title"] == title && !words(m).contains("\nItem: "));
        match notices.count() {
            1 => {}
            times => problems.push(format!("the {who} was told {times} times: {title}")),
        }
    }
    problems.extend(said_again(who, shown));
    problems
}

/// The same words and the same buttons a second time; a row of buttons alone belongs to the message before it.
fn said_again(who: &str, shown: &[Value]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut said = BTreeSet::new();
    for message in shown {
        let (text, buttons) = (words(message), play::buttons(message));
        let answer = text.contains(LOOKING);
        if !text.is_empty() && !answer && !said.insert((text.clone(), buttons)) {
            problems.push(format!("the {who} was told twice: {text}"));
        }
    }
    let most = MIXPAY_NEWS.into_iter().map(|news| (news, 1)).chain([(LOOKING, ASKED)]);
    for (news, most) in most {
        let times = shown.iter().filter(|message| words(message).contains(news)).count();
        if times > most {
            problems.push(format!("the {who} was told {times} times: {news}"));
        }
    }
    problems
}
