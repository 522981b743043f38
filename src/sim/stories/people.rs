//! What people do in a story, and what they see. A verb acts, and tries again while a phone refuses, as people do;
//! what is to be seen is waited for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use url::Url;

use super::{Ground, Stuck, Terms};
use crate::sim::auditor::{Expected, Outcome, Shares, Units, shares};
use crate::sim::phones::Transcript;
use crate::sim::play::{self, Deed, PIN, buttons, words};
use crate::time::Millis;

/// Whose phones are looked at.
const PHONES: [&str; 4] = ["buyer", "seller", "stranger", "judge"];
/// Who begins with money.
const PURSES: [&str; 3] = ["buyer", "seller", "stranger"];
/// Messages shown with a failure.
const SHOWN_MAX: usize = 6;
/// Pieces of money everybody begins with, each what is due.
const PIECES: usize = 6;

pub(super) const PAY: &str = "https://mixin.one/pay/";
pub(super) const SIGN: &str = "https://mixin.one/multisigs/";

/// Everybody in a story, on one ground.
pub struct People<'g> {
    pub(super) ground: &'g mut dyn Ground,
    pub(super) terms: Terms,
    transcript: Transcript,
    /// User ids and numbers by role.
    roles: BTreeMap<String, Value>,
    /// How many messages of each phone were read with care: what is to be seen next is newer.
    read: BTreeMap<&'static str, usize>,
    /// Links somebody has used, or found to be of no use.
    used: BTreeSet<(&'static str, String)>,
    /// Whose phones are looked at.
    phones: Vec<&'static str>,
    /// The trade that is meant, when there are several.
    pub(super) code: Option<String>,
}

/// Everybody on the network, by role.
fn listed(ground: &mut dyn Ground) -> Result<BTreeMap<String, Value>, Stuck> {
    let listed = ground.control("GET", "people", &Value::Null)?;
    let role = |person: &Value| person["role"].as_str().unwrap_or_default().to_owned();
    Ok(listed.as_array().into_iter().flatten().map(|person| (role(person), person.clone())).collect())
}

/// Who has to get what of so much paid in, by the auditor's reckoning.
pub(super) fn counted(price: Units, expected: &Expected, paid: Units) -> Result<Shares, Stuck> {
    shares(price, expected, paid).ok_or_else(|| Stuck::Wrong("these terms cannot be counted".into()))
}

/// A button, and the message it stands in.
pub(super) struct Button {
    message: String,
    nth: usize,
    label: String,
    pub(super) action: String,
}

impl<'g> People<'g> {
    /// Everybody gets some money. `tell` gets the transcript.
    pub(super) fn new(ground: &'g mut dyn Ground, terms: Terms, tell: fn(&str)) -> Result<Self, Stuck> {
        let roles = listed(ground)?;
        let (read, used) = (BTreeMap::new(), BTreeSet::new());
        let mut people = Self {
            ground,
            terms,
            transcript: Transcript::new(tell),
            roles,
            read,
            used,
            phones: PHONES.to_vec(),
            code: None,
        };
        people.transcript.legend();
        let due = people.due(people.terms.price)?;
        for who in PURSES {
            for _ in 0..PIECES {
                people.gets(who, &people.terms.asset.id.clone(), due)?;
            }
        }
        people.gets("buyer", &people.terms.other.id.clone(), due)?;
        people.ground.pass(Millis::from_secs(1))?;
        Ok(people)
    }

    /// Somebody comes to the network, with a phone and no money.
    pub(super) fn arrives(&mut self, role: &'static str, name: &str) -> Result<(), Stuck> {
        self.ground.control("POST", "people", &json!({ "role": role, "name": name }))?;
        self.roles = listed(self.ground)?;
        self.phones.push(role);
        Ok(())
    }

    fn gets(&mut self, who: &str, asset: &str, amount: Units) -> Result<(), Stuck> {
        let body = json!({ "asset_id": asset, "amount": amount });
        self.ground.control("POST", &format!("people/{who}/mint"), &body).map(drop)
    }

    // ---- numbers

    /// What the books should say of a trade for `price`.
    pub(super) fn expected(&self, price: Units, outcome: Outcome) -> Expected {
        Expected {
            asset_id: self.terms.asset.id.clone(),
            price: price.to_string(),
            fee_bps: self.terms.fee_bps,
            fee_payer: self.terms.fee_payer,
            buyer: self.id("buyer"),
            seller: self.id("seller"),
            bot: self.id("bot"),
            fee_receiver: self.id("fees"),
            paid_by: None,
            outcome,
            fee_waived: false,
            short_ok: false,
            without_bot: false,
        }
    }

    /// Price and the buyer's part of the fee.
    pub(super) fn due(&self, price: Units) -> Result<Units, Stuck> {
        Ok(counted(price, &self.expected(price, Outcome::Nothing), Units(0))?.due)
    }

    /// Something about a person: `user_id`, `number`, `name`.
    pub(super) fn person(&self, role: &str, key: &str) -> String {
        self.roles.get(role).and_then(|person| person[key].as_str()).unwrap_or_default().to_owned()
    }

    pub(super) fn id(&self, role: &str) -> String {
        self.person(role, "user_id")
    }

    // ---- looking

    fn look(&mut self) -> Result<(), Stuck> {
        for who in self.phones.clone() {
            let route = format!("people/{who}/inbox?after={}", self.transcript.seen(who));
            let new = self.ground.control("GET", &route, &Value::Null)?;
            self.transcript.read(who, new.as_array().cloned().unwrap_or_default());
        }
        Ok(())
    }

    /// Everything a phone has shown.
    pub(super) fn shown(&self, who: &str) -> &[Value] {
        self.transcript.of(who)
    }

    /// Looks until `found`, and says what was awaited in vain.
    pub(super) fn until<T>(
        &mut self,
        who: &str,
        what: &str,
        mut found: impl FnMut(&mut Self) -> Result<Option<T>, Stuck>,
    ) -> Result<T, Stuck> {
        let mut nth = 0;
        let mut refused = String::new();
        loop {
            self.look()?;
            match found(self) {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {}
                Err(Stuck::Refused { route, said }) => refused = format!(" ({route}: {said})"),
                Err(other) => return Err(other),
            }
            if !self.ground.wait(nth)? {
                let shown = self.shown(who);
                let last = shown.iter().skip(shown.len().saturating_sub(SHOWN_MAX));
                let labels = |message| buttons(message).into_iter().map(|(label, _)| format!(" [{label}]"));
                let last = last.map(|message| format!("  {}{}", words(message), labels(message).collect::<String>()));
                let shown = last.collect::<Vec<_>>().join("\n");
                return Err(Stuck::Waits { who: who.into(), what: what.into(), why: refused, shown });
            }
            nth += 1;
        }
    }

    /// Whether a message is about the trade that is meant.
    fn is_meant(&self, message: &Value) -> bool {
        self.code.as_ref().is_none_or(|code| {
            let text = words(message);
            text.is_empty() || text.contains(code.as_str())
        })
    }

    /// Waits for these words, in a message newer than those seen before.
    pub(super) fn sees(&mut self, who: &'static str, what: &str) -> Result<Value, Stuck> {
        let (read, seen) = self.until(who, &format!("{what:?}"), |people| {
            let before = people.read.get(who).copied().unwrap_or(0);
            let mut fresh = people.shown(who).iter().enumerate().skip(before);
            let seen = fresh.find(|(_, message)| people.is_meant(message) && words(message).contains(what));
            Ok(seen.map(|(at, message)| (at.saturating_add(1), message.clone())))
        })?;
        self.read.insert(who, read);
        Ok(seen)
    }

    /// Waits until both read that the trade is in this state, and nothing newer.
    pub(super) fn both_read(&mut self, state: &str) -> Result<(), Stuck> {
        for who in ["buyer", "seller"] {
            self.until(who, &format!("the state {state}"), |people| {
                Ok((people.state(who).as_deref() == Some(state)).then_some(()))
            })?;
        }
        Ok(())
    }

    /// The state of the trade that is meant, as a phone shows it.
    pub(super) fn state(&self, who: &str) -> Option<String> {
        let meant: Vec<Value> = self.shown(who).iter().filter(|message| self.is_meant(message)).cloned().collect();
        play::state(&meant)
    }

    /// The newest button a phone shows.
    pub(super) fn newest(&self, who: &str, wanted: impl Fn(&str, &str) -> bool) -> Option<Button> {
        self.shown(who).iter().rev().filter(|message| self.is_meant(message)).find_map(|message| {
            let all = buttons(message).into_iter().enumerate();
            let (nth, (label, action)) = all.into_iter().find(|(_, (label, action))| wanted(label, action))?;
            Some(Button { message: message["message_id"].as_str()?.to_owned(), nth, label, action })
        })
    }

    /// A link of this kind that this person has not used.
    fn is_new(&self, who: &'static str, kind: &str, link: &str) -> bool {
        link.starts_with(kind) && !self.used.contains(&(who, link.to_owned()))
    }

    // ---- doing

    pub(super) fn does(&mut self, deed: &Deed) -> Result<Value, Stuck> {
        let act = |verb: &str| format!("people/{}/{verb}", deed.who);
        // The phone shows its own sheet before it asks for the PIN.
        let sheet = match deed.body.get("pin") {
            Some(_) => Some(self.ground.control("POST", &act("open"), &json!({ "link": deed.body["link"] }))?),
            None => None,
        };
        let done = self.ground.control("POST", &act(deed.verb), &deed.body)?;
        self.transcript.did(deed);
        if let Some(sheet) = sheet {
            self.transcript.sheet(&sheet);
        }
        Ok(done)
    }

    /// Types a text to the bot.
    pub(super) fn says(&mut self, who: &'static str, text: &str) -> Result<(), Stuck> {
        self.look()?;
        self.does(&Deed { who, verb: "say", body: json!({ "text": text }), caption: text.to_owned() }).map(drop)
    }

    /// Sends the bot something out of the phone's album.
    pub(super) fn sends(&mut self, who: &'static str, thing: &str) -> Result<(), Stuck> {
        self.look()?;
        let body = json!({ "thing": thing });
        self.does(&Deed { who, verb: "attach", body, caption: format!("sends a {thing}") }).map(drop)
    }

    /// Taps the newest button with this label.
    pub(super) fn taps(&mut self, who: &'static str, label: &str) -> Result<(), Stuck> {
        self.until(who, &format!("[{label}]"), |people| {
            let Some(button) = people.newest(who, |found, _| found == label) else { return Ok(None) };
            let body = json!({ "message_id": button.message, "button": button.nth });
            people.does(&Deed { who, verb: "tap", body, caption: format!("[{label}]") }).map(Some)
        })
        .map(drop)
    }

    /// Does what a link of `whose` phone asks for, with the PIN; the newest that `who` has not used yet.
    fn uses(
        &mut self,
        who: &'static str,
        verb: &'static str,
        what: &str,
        find: impl Fn(&Self) -> Option<(String, String)>,
    ) -> Result<(), Stuck> {
        self.until(who, what, |people| {
            let Some((link, caption)) = find(people) else { return Ok(None) };
            let body = json!({ "link": link, "pin": PIN });
            people.does(&Deed { who, verb, body, caption })?;
            people.used.insert((who, link));
            Ok(Some(()))
        })
    }

    /// Signs by the newest button with this label.
    pub(super) fn signs(&mut self, who: &'static str, label: &str) -> Result<(), Stuck> {
        self.uses(who, "sign", &format!("[{label}] to sign"), |people| {
            let button = people.newest(who, |found, action| found == label && people.is_new(who, SIGN, action))?;
            Some((button.action, format!("[{}] and signs with the PIN", button.label)))
        })
    }

    /// The same, after asking for it: where only one request can stand at Mixin, that one then does.
    pub(super) fn asks_and_signs(&mut self, who: &'static str, word: &str, label: &str) -> Result<(), Stuck> {
        let code = self.code.clone().unwrap_or_default();
        self.says(who, &format!("{word} {code}"))?;
        self.signs(who, label)
    }

    /// Signs a link that came some other way.
    pub(super) fn signs_link(&mut self, who: &'static str, link: &str) -> Result<(), Stuck> {
        self.uses(who, "sign", link, |_| Some((link.to_owned(), "opens the link and signs with the PIN".into())))
    }

    /// Takes back what a link stands for; `false`: it is too late.
    pub(super) fn revokes(&mut self, who: &'static str, link: &str) -> Result<bool, Stuck> {
        let body = json!({ "link": link, "pin": PIN });
        match self.does(&Deed { who, verb: "revoke", body, caption: "revokes it".into() }) {
            Ok(_) => Ok(true),
            Err(Stuck::Refused { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Pays by the newest pay button.
    pub(super) fn pays(&mut self, who: &'static str) -> Result<(), Stuck> {
        self.uses(who, "pay", "a button to pay", |people| {
            let button = people.newest(who, |_, action| people.is_new(who, PAY, action))?;
            Some((button.action, format!("[{}] and pays with the PIN", button.label)))
        })
    }

    /// Pays by the newest pay link the buyer has, with other words in it: each of `changes` is set, or left out when it
    /// is empty. What the phone says of the payment.
    pub(super) fn pays_otherwise(&mut self, who: &'static str, changes: &[(&str, &str)]) -> Result<Value, Stuck> {
        let link = self.link("buyer", PAY)?;
        let mut url = Url::parse(&link).map_err(|error| Stuck::Wrong(format!("{link}: {error}")))?;
        let kept = url.query_pairs().into_owned().filter(|(key, _)| !changes.iter().any(|(other, _)| key == other));
        let set =
            changes.iter().filter(|(_, value)| !value.is_empty()).map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let pairs: Vec<(String, String)> = kept.chain(set).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        let other: Vec<String> = changes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let caption = format!("pays by the link, but with {}", other.join(", "));
        self.until(who, "the payment to be taken", |people| {
            let body = json!({ "link": url.as_str(), "pin": PIN });
            people.does(&Deed { who, verb: "pay", body, caption: caption.clone() }).map(Some)
        })
    }

    /// The newest link of a kind that a button of a phone opens.
    pub(super) fn link(&mut self, who: &'static str, prefix: &str) -> Result<String, Stuck> {
        self.until(who, &format!("a link to {prefix}"), |people| {
            Ok(people.newest(who, |_, action| action.starts_with(prefix)).map(|button| button.action))
        })
    }

    /// Waits until the newest link of a kind is another one.
    pub(super) fn another_link(&mut self, who: &'static str, prefix: &str, than: &str) -> Result<String, Stuck> {
        self.until(who, &format!("another link than {than}"), |people| {
            let newest = people.newest(who, |_, action| action.starts_with(prefix));
            Ok(newest.map(|button| button.action).filter(|link| link != than))
        })
    }

    /// Signs whenever there is something new to be signed, until both read that it is done.
    pub(super) fn settles(&mut self, who: &'static str, label: &str) -> Result<(), Stuck> {
        self.until(who, "the state Settled", |people| {
            let newest = people.newest(who, |found, action| found == label && people.is_new(who, SIGN, action));
            if people.state(who).as_deref() == Some("Settled") {
                return Ok(Some(()));
            }
            let Some(Button { action: link, .. }) = newest else { return Ok(None) };
            let body = json!({ "link": link, "pin": PIN });
            people.does(&Deed { who, verb: "sign", body, caption: format!("[{label}] and signs once more") })?;
            people.used.insert((who, link));
            Ok(None)
        })?;
        self.both_read("Settled")
    }

    /// Something of the newest pay link: `memo`, `trace`.
    pub(super) fn of_pay_link(&mut self, key: &str) -> Result<String, Stuck> {
        let link = self.link("buyer", PAY)?;
        let url = Url::parse(&link).map_err(|error| Stuck::Wrong(format!("{link}: {error}")))?;
        let found = url.query_pairs().find(|(name, _)| name == key).map(|(_, value)| value.into_owned());
        found.ok_or_else(|| Stuck::Wrong(format!("{link} has no {key}")))
    }

    /// Speaks to the network by oneself, as any client can.
    pub(super) fn calls(&mut self, who: &str, method: &str, path: &str, body: &Value) -> Result<Value, Stuck> {
        let asked = json!({ "method": method, "path": path, "body": body });
        self.ground.control("POST", &format!("people/{who}/call"), &asked)
    }

    // ---- what every trade begins with

    /// Buyer and seller agree on a trade for `price`, which is meant from now on.
    pub(super) fn agree(&mut self, item: &str, price: Units) -> Result<String, Stuck> {
        self.agree_with("seller", item, price)
    }

    /// The buyer, and somebody who sells.
    pub(super) fn agree_with(&mut self, seller: &'static str, item: &str, price: Units) -> Result<String, Stuck> {
        self.code = None;
        let (number, name) = (self.person(seller, "number"), self.person(seller, "name"));
        self.says("buyer", &format!("buy {item} {price} {} from @{number}", self.terms.asset.typed))?;
        self.sees("buyer", "Draft: you are buying")?;
        self.taps("buyer", &format!("Send it to {name}"))?;
        let proposal = self.sees(seller, "wants to buy this from you")?;
        let code = play::code(&[proposal]).ok_or_else(|| Stuck::Wrong("the trade has no code".into()))?;
        self.code = Some(code.clone());
        self.taps(seller, "Accept")?;
        for who in ["buyer", seller] {
            self.sees(who, "AwaitingPayment")?;
        }
        Ok(code)
    }

    /// Both have read that the money is locked.
    pub(super) fn locked(&mut self) -> Result<(), Stuck> {
        self.sees("buyer", "The money is locked")?;
        self.sees("seller", "The money is locked").map(drop)
    }

    /// Agreed on, paid and locked, at the price of the terms.
    pub(super) fn funded(&mut self) -> Result<String, Stuck> {
        let code = self.agree("camera lens", self.terms.price)?;
        self.pays("buyer")?;
        self.locked()?;
        Ok(code)
    }

    /// The seller delivers, the buyer signs the release, both read that it is done.
    pub(super) fn ends_well(&mut self) -> Result<(), Stuck> {
        self.taps("seller", "I have delivered")?;
        self.sees("buyer", "says it is delivered")?;
        self.signs("buyer", "Sign release")?;
        self.both_read("Settled")
    }

    /// Money comes back by a request of its own.
    pub(super) fn takes_back(&mut self, who: &'static str) -> Result<(), Stuck> {
        self.signs(who, "Sign return")?;
        self.sees(who, "has arrived back").map(drop)
    }
}
