//! A buyer and a seller who play one trade: they see only their phones, and act only through what a phone can do.
//! Pure, so the demo plays it over sockets and the simulator without.

use serde_json::{Value, json};

/// How links to a signing sheet begin.
const SIGN: &str = "https://mixin.one/multisigs/";
/// The PIN of everybody on the sandbox.
pub const PIN: &str = "123456";

/// What is traded.
#[derive(Clone, Debug)]
pub struct Script {
    pub item: String,
    /// As typed: "100 USDT".
    pub price: String,
    pub via: Via,
}

/// By which of the two buttons the buyer pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// Mixin's own link.
    Mixin,
    /// MixPay's page, with a coin of the buyer's choice: its id, and what people call it.
    MixPay { with: String, called: String },
}

/// Something a person does with the phone: `POST /sandbox/people/{who}/{verb}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    pub who: &'static str,
    pub verb: &'static str,
    pub body: Value,
    /// For whoever reads along.
    pub caption: String,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    Do(Deed),
    /// Nothing to be done before something new shows.
    Wait,
    Done,
}

/// Where the play stands.
#[derive(Clone, Debug)]
pub struct Play {
    script: Script,
    step: Step,
    /// Messages of the buyer and of the seller that were there when the step began; an answer is newer.
    before: (usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Hello,
    Buying,
    Item,
    Price,
    Propose,
    Invite,
    Accept,
    Confirm,
    Pay,
    Paid,
    Deliver,
    Sign,
    Signed,
    Settled,
    Status,
    Read,
    Over,
}

impl Step {
    const fn after(self) -> Self {
        match self {
            Self::Hello => Self::Buying,
            Self::Buying => Self::Item,
            Self::Item => Self::Price,
            Self::Price => Self::Propose,
            Self::Propose => Self::Invite,
            Self::Invite => Self::Accept,
            Self::Accept => Self::Confirm,
            Self::Confirm => Self::Pay,
            Self::Pay => Self::Paid,
            Self::Paid => Self::Deliver,
            Self::Deliver => Self::Sign,
            Self::Sign => Self::Signed,
            Self::Signed => Self::Settled,
            Self::Settled => Self::Status,
            Self::Status => Self::Read,
            Self::Read | Self::Over => Self::Over,
        }
    }
}

impl Play {
    #[must_use]
    pub const fn new(script: Script) -> Self {
        Self { script, step: Step::Hello, before: (0, 0) }
    }

    /// What is done next, by what the two phones show (`GET …/inbox`, oldest first, the bot's messages only).
    pub fn next(&mut self, buyer: &[Value], seller: &[Value]) -> Next {
        let fresh = (buyer.get(self.before.0..).unwrap_or_default(), seller.get(self.before.1..).unwrap_or_default());
        let deed = match self.step {
            Step::Hello => Some(say("buyer", "Hi")),
            Step::Buying => tap("buyer", fresh.0, "input:buy"),
            Step::Item => answer(fresh.0, &self.script.item),
            Step::Price => answer(fresh.0, &self.script.price),
            Step::Propose => tap("buyer", fresh.0, "input:propose"),
            Step::Invite => open_invitation(fresh.0),
            Step::Accept => tap("seller", fresh.1, "input:accept"),
            Step::Confirm => tap("buyer", fresh.0, "input:confirm"),
            Step::Pay => self.pay(buyer),
            Step::Paid => tap("buyer", buyer, "input:paid"),
            // Bob reads both of his cards, and Alice hers, before he delivers.
            Step::Deliver if newest(buyer, SIGN).is_none() || newest(seller, SIGN).is_none() => None,
            Step::Deliver => tap("seller", seller, "input:delivered"),
            Step::Sign if !reads(buyer, "Delivered") => None,
            Step::Sign => link("buyer", "sign", &after(buyer, "Delivered"), SIGN, "signs the release with the PIN"),
            Step::Signed => tap("buyer", buyer, "input:signed"),
            Step::Settled if reads(buyer, "Settled") && reads(seller, "Settled") => {
                return self.go_on(buyer, seller, None);
            }
            Step::Status => code(buyer).map(|code| say("buyer", &format!("status {code}"))),
            Step::Read if reads(fresh.0, "Settled") => return self.go_on(buyer, seller, None),
            Step::Settled | Step::Read => None,
            Step::Over => return Next::Done,
        };
        match deed {
            Some(deed) => self.go_on(buyer, seller, Some(deed)),
            None => Next::Wait,
        }
    }

    /// MixPay's button follows Mixin's when it is ready.
    fn pay(&self, buyer: &[Value]) -> Option<Deed> {
        match &self.script.via {
            Via::Mixin => link("buyer", "pay", buyer, "https://mixin.one/pay/", "pays with the PIN"),
            Via::MixPay { with, called } => {
                let does = format!("pays in {called}");
                let mut deed = link("buyer", "pay", buyer, "https://mixpay.me/code/", &does)?;
                deed.body["asset"] = json!(with);
                Some(deed)
            }
        }
    }

    fn go_on(&mut self, buyer: &[Value], seller: &[Value], deed: Option<Deed>) -> Next {
        self.step = self.step.after();
        self.before = (buyer.len(), seller.len());
        match deed {
            Some(deed) => Next::Do(deed),
            None => self.next(buyer, seller),
        }
    }

    /// What is awaited, for whoever wonders why nothing happens.
    #[must_use]
    pub fn waits_for(&self) -> String {
        format!("{:?}", self.step)
    }
}

fn say(who: &'static str, text: &str) -> Deed {
    Deed { who, verb: "say", body: json!({ "text": text }), caption: text.to_owned() }
}

/// Types an answer once anything new shows.
fn answer(fresh: &[Value], text: &str) -> Option<Deed> {
    (!fresh.is_empty()).then(|| say("buyer", text))
}

/// Every button a message shows: label and action.
pub fn buttons(message: &Value) -> Vec<(String, String)> {
    let of = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let found = message.get("buttons").or_else(|| message.get("card")?.get("actions"));
    found.and_then(Value::as_array).into_iter().flatten().map(|b| (of(b, "label"), of(b, "action"))).collect()
}

/// The text a message shows: its words, or its card's title and words.
#[must_use]
pub fn words(message: &Value) -> String {
    let of = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    match message.get("card") {
        Some(card) => format!("{}\n{}", of(card.get("title")), of(card.get("description"))),
        None => of(message.get("text")),
    }
}

fn newest(messages: &[Value], action: &str) -> Option<(String, usize, String, String)> {
    messages.iter().rev().find_map(|message| {
        let id = message.get("message_id")?.as_str()?.to_owned();
        let all = buttons(message).into_iter().enumerate();
        all.into_iter()
            .find(|(_, (_, does))| does.starts_with(action))
            .map(|(nth, (label, does))| (id, nth, label, does))
    })
}

fn tap(who: &'static str, messages: &[Value], action: &str) -> Option<Deed> {
    let (message, nth, label, _) = newest(messages, action)?;
    let body = json!({ "message_id": message, "button": nth });
    Some(Deed { who, verb: "tap", body, caption: format!("[{label}]") })
}

fn link(who: &'static str, verb: &'static str, messages: &[Value], prefix: &str, does: &str) -> Option<Deed> {
    let (_, _, label, link) = newest(messages, prefix)?;
    Some(Deed { who, verb, body: json!({ "link": link, "pin": PIN }), caption: format!("[{label}] and {does}") })
}

/// The seller gets the invitation on some other way and opens its link: a sheet asks, and says `join CODE`.
fn open_invitation(fresh: &[Value]) -> Option<Deed> {
    let all = fresh
        .iter()
        .map(|m| format!("{}\n{}", words(m), buttons(m).into_iter().map(|b| b.1).collect::<Vec<_>>().join("\n")));
    let all: Vec<String> = all.collect();
    let link = all.iter().find_map(|text| text.split_whitespace().find(|word| word.starts_with("mixin://send?")))?;
    let body = json!({ "link": link, "confirm": true });
    Some(Deed { who: "seller", verb: "open", body, caption: "opens the invitation and confirms".into() })
}

/// The bot's own first lines: `Trade CODE · STATE · AMOUNT SYMBOL`.
fn first_line(message: &Value) -> Option<(String, String)> {
    let text = words(message);
    let line = text.lines().find(|line| line.starts_with("Trade "))?;
    let mut parts = line.strip_prefix("Trade ")?.split(" · ");
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}

/// Whether any message says that the trade is in this state.
#[must_use]
pub fn reads(messages: &[Value], state: &str) -> bool {
    messages.iter().filter_map(first_line).any(|(_, found)| found == state)
}

/// The state the newest message about the trade says.
#[must_use]
pub fn state(messages: &[Value]) -> Option<String> {
    messages.iter().rev().find_map(first_line).map(|(_, state)| state)
}

/// The code of the trade, as people read it.
#[must_use]
pub fn code(messages: &[Value]) -> Option<String> {
    messages.iter().rev().find_map(first_line).map(|(code, _)| code)
}

fn after(messages: &[Value], state: &str) -> Vec<Value> {
    let at = messages.iter().position(|m| first_line(m).is_some_and(|(_, found)| found == state));
    at.and_then(|at| messages.get(at..)).unwrap_or_default().to_vec()
}
