//! An order: the parameters `MixPay` takes (dossier §15.3), and what payments make of it (§15.5, §15.9).

use std::collections::BTreeSet;

use url::Url;
use uuid::Uuid;

use super::super::answer::strict_uuid;
use super::callbacks::Event;
use super::fields::{Fields, Wrong, parameter, wrong};
use super::prices::{Currency, Round};
use super::switches::MixPaySwitches;
use crate::id::{Hash, UserId};
use crate::money::Amount;
use crate::time::Millis;

/// Reasons of failures and refunds (dossier §15.10).
pub(super) const OVERTIME: Reason = Reason { code: 40000, text: "Payment overtime" };
pub(super) const WRONG_ASSET: Reason = Reason { code: 40020, text: "Wrong asset" };
pub(super) const DOUBLE: Reason = Reason { code: 40021, text: "Double payment" };
pub(super) const WRONG_AMOUNT: Reason = Reason { code: 40024, text: "Wrong amount" };
pub(super) const SURPLUS: Reason = Reason { code: 0, text: "Surplus" };

/// How long the rest of an underpaid order may follow.
const WINDOW: Millis = Millis(10 * 60 * 1_000);
/// From one confirmation of an outside chain to the next.
const CONFIRM_EVERY: Millis = Millis(10_000);
/// How far ahead an order may expire, both ends excluded.
const EXPIRES: (Millis, Millis) = (Millis(10_000), Millis(2_880 * 60_000));

const KNOWN: [&str; 17] = [
    "payeeId",
    "quoteAmount",
    "quoteAssetId",
    "settlementAssetId",
    "strictMode",
    "paymentAssetId",
    "remark",
    "orderId",
    "traceId",
    "settlementMemo",
    "returnTo",
    "failedReturnTo",
    "callbackUrl",
    "callbackEvent",
    "expiredTimestamp",
    // Of older interfaces; ignored.
    "expireSeconds",
    "isTemp",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) code: u32,
    pub(super) text: &'static str,
}

/// What was ordered; never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) payee: Uuid,
    pub(super) quote: Currency,
    pub(super) amount: Amount,
    pub(super) settlement: Currency,
    pub(super) strict: bool,
    /// The only asset the payer may use.
    pub(super) payment: Option<Currency>,
    pub(super) remark: String,
    pub(super) order_id: String,
    pub(super) trace: Option<Uuid>,
    pub(super) settlement_memo: String,
    pub(super) return_to: String,
    pub(super) failed_return_to: String,
    pub(super) callback_url: String,
    /// Subscribed beside success and fail.
    pub(super) events: BTreeSet<Event>,
    pub(super) expires: Option<Millis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Unpaid,
    /// Seen, not enough or not confirmed.
    Pending,
    Auditing,
    Failed,
    Success,
}

/// Money a payer sent.
#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub(super) currency: Currency,
    pub(super) amount: Amount,
    /// The payer's account, when the money came from the network; refunds go there.
    pub(super) from: Option<UserId>,
    /// On an outside chain.
    pub(super) chain: bool,
    /// On the outside chain, or the network's transaction.
    pub(super) txid: String,
    pub(super) at: Millis,
    /// Confirmations it needs.
    pub(super) needs: u32,
    /// Counts for the order; otherwise it was given back.
    pub(super) counts: bool,
}

/// Money to give back, and why.
#[derive(Clone, Debug)]
pub(super) struct GiveBack {
    /// `None`: outside the network.
    pub(super) to: Option<UserId>,
    pub(super) currency: Currency,
    pub(super) amount: Amount,
    pub(super) reason: Reason,
    pub(super) chain: bool,
}

/// Money that was given back.
pub(super) struct Returned {
    pub(super) what: GiveBack,
    pub(super) at: Millis,
    /// Of the network, when it went to an account.
    pub(super) hash: Option<Hash>,
}

/// What happens outside the order because of what happened to it.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) events: Vec<Event>,
    pub(super) back: Vec<GiveBack>,
}

/// What time brings to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Overtime,
    WindowOver,
    Confirmed,
    Settle,
}

/// The transaction that pays the payee.
pub(super) struct Settled {
    pub(super) hash: Hash,
    pub(super) currency: Currency,
    pub(super) amount: Amount,
    /// When the network made it final.
    pub(super) at: Option<Millis>,
}

pub(super) struct Order {
    pub(super) code: Uuid,
    pub(super) terms: Terms,
    pub(super) created_at: Millis,
    pub(super) status: Status,
    /// When it last changed.
    pub(super) changed_at: Millis,
    pub(super) failure: Option<Reason>,
    pub(super) payments: Vec<Payment>,
    /// Until when the rest of an underpaid order may follow.
    window: Option<Millis>,
    pub(super) returned: Vec<Returned>,
    pub(super) settle_at: Option<Millis>,
    pub(super) settled: Option<Settled>,
}

impl Terms {
    /// Reads the parameters. 1017 for a missing or impossible one, 10002 and 10003 for assets, 10004 and 10005 for
    /// sums. Whether the payee exists is not looked at.
    pub(super) fn read(fields: &Fields, now: Millis) -> Result<Self, Wrong> {
        fields.only(&KNOWN)?;
        let payee = fields.need("payeeId")?;
        let payee = strict_uuid(&payee.to_ascii_lowercase()).ok_or_else(|| parameter("payeeId", "must be a UUID"))?;
        let quote =
            Currency::quote(fields.need("quoteAssetId")?).ok_or_else(|| wrong(10003, "quote asset unsupported"))?;
        let amount: Amount = fields
            .need("quoteAmount")?
            .parse()
            .map_err(|_| parameter("quoteAmount", "must be a number with at most 8 decimals"))?;
        if amount.is_zero() {
            return Err(parameter("quoteAmount", "must be above 0"));
        }
        let unknown = || wrong(10002, "asset unknown");
        let settlement = Currency::asset(fields.need("settlementAssetId")?).ok_or_else(unknown)?;
        let payment = match fields.get("paymentAssetId")? {
            None => None,
            Some(id) => Some(Currency::asset(id).ok_or_else(unknown)?),
        };
        quote
            .limits(amount)
            .map_err(|code| wrong(code, if code == 10004 { "price too low" } else { "price too high" }))?;
        let (order_id, trace) = names(fields)?;
        Ok(Self {
            payee,
            quote,
            amount,
            settlement,
            strict: flag(fields, "strictMode")?,
            payment,
            remark: short(fields, "remark", 50)?,
            order_id,
            trace,
            settlement_memo: short(fields, "settlementMemo", 200)?,
            return_to: link(fields, "returnTo", |url| ["http", "https", "mixin"].contains(&url.scheme()))?,
            failed_return_to: link(fields, "failedReturnTo", |url| ["http", "https", "mixin"].contains(&url.scheme()))?,
            callback_url: link(fields, "callbackUrl", |url| {
                url.scheme() == "https" || (url.scheme() == "http" && url.host_str() == Some("127.0.0.1"))
            })?,
            events: events(fields)?,
            expires: expiry(fields, now)?,
        })
    }

    /// What the payer owes in `currency`, rounded up.
    pub(super) fn payable(&self, currency: Currency) -> Option<Amount> {
        self.quote.convert(self.amount, currency, Round::Up)
    }

    /// What the payee is owed in `currency`, rounded down.
    pub(super) fn settles(&self, currency: Currency) -> Option<Amount> {
        self.quote.convert(self.amount, currency, Round::Down)
    }
}

fn names(fields: &Fields) -> Result<(String, Option<Uuid>), Wrong> {
    let order = fields.get("orderId")?.unwrap_or_default();
    let spelled = order.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let fits = (6..=36).contains(&order.len()) && spelled;
    if !(order.is_empty() || fits) {
        return Err(parameter("orderId", "6 to 36 letters, digits, - and _"));
    }
    let trace = match fields.get("traceId")? {
        None => None,
        Some(id) => Some(strict_uuid(&id.to_ascii_lowercase()).ok_or_else(|| parameter("traceId", "must be a UUID"))?),
    };
    if order.is_empty() && trace.is_none() {
        return Err(parameter("orderId", "orderId or traceId is required"));
    }
    Ok((order.to_owned(), trace))
}

fn flag(fields: &Fields, name: &str) -> Result<bool, Wrong> {
    match fields.get(name)? {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(parameter(name, "true or false")),
    }
}

fn short(fields: &Fields, name: &str, most: usize) -> Result<String, Wrong> {
    let text = fields.get(name)?.unwrap_or_default();
    if text.chars().count() > most { Err(parameter(name, "too long")) } else { Ok(text.to_owned()) }
}

fn link(fields: &Fields, name: &str, good: impl Fn(&Url) -> bool) -> Result<String, Wrong> {
    let Some(text) = fields.get(name)? else { return Ok(String::new()) };
    let url = Url::parse(text).ok().filter(good);
    url.map(|_| text.to_owned()).ok_or_else(|| parameter(name, "not a URL that is allowed here"))
}

fn events(fields: &Fields) -> Result<BTreeSet<Event>, Wrong> {
    let names = fields.get("callbackEvent")?.unwrap_or_default();
    let names = names.split('|').map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| Event::read(name).ok_or_else(|| parameter("callbackEvent", "unknown event"))).collect()
}

fn expiry(fields: &Fields, now: Millis) -> Result<Option<Millis>, Wrong> {
    let Some(text) = fields.get("expiredTimestamp")? else { return Ok(None) };
    let bad = || parameter("expiredTimestamp", "seconds, more than 10 s and less than 2880 min ahead");
    let secs: i64 = text.parse().map_err(|_| bad())?;
    let at = Millis(secs.checked_mul(1_000).ok_or_else(bad)?);
    let inside = at > now.plus(EXPIRES.0) && at < now.plus(EXPIRES.1);
    if inside { Ok(Some(at)) } else { Err(bad()) }
}

impl Order {
    pub(super) fn new(code: Uuid, terms: Terms, now: Millis) -> Self {
        Self {
            code,
            terms,
            created_at: now,
            status: Status::Unpaid,
            changed_at: now,
            failure: None,
            payments: Vec::new(),
            window: None,
            returned: Vec::new(),
            settle_at: None,
            settled: None,
        }
    }

    /// What time brings next. What a switch holds back is not due.
    pub(super) fn due(&self, switches: &MixPaySwitches) -> Option<(Millis, Due)> {
        match self.status {
            Status::Unpaid => self.terms.expires.map(|at| (at, Due::Overtime)),
            Status::Pending if self.is_fully_paid() => {
                let confirmed = |payment: &Payment| {
                    payment.at.plus(Millis(CONFIRM_EVERY.0.saturating_mul(i64::from(payment.needs))))
                };
                self.counted().map(confirmed).max().map(|at| (at, Due::Confirmed))
            }
            Status::Pending => self.window.map(|at| (at, Due::WindowOver)),
            Status::Auditing if !switches.auditing => Some((self.changed_at, Due::Confirmed)),
            Status::Success if !switches.never_settle => self.settle_at.map(|at| (at, Due::Settle)),
            Status::Auditing | Status::Failed | Status::Success => None,
        }
    }

    pub(super) fn counted(&self) -> impl Iterator<Item = &Payment> {
        self.payments.iter().filter(|payment| payment.counts)
    }

    /// What counts so far, in the currency of the first payment.
    pub(super) fn total(&self) -> Amount {
        Amount::sum(self.counted().map(|payment| payment.amount)).unwrap_or_default()
    }

    pub(super) fn is_fully_paid(&self) -> bool {
        let payable = self.counted().next().and_then(|payment| self.terms.payable(payment.currency));
        payable.is_some_and(|payable| self.total() >= payable)
    }

    /// What a payer in `currency` still owes: all of it, or the rest.
    pub(super) fn remaining(&self, currency: Currency) -> Option<Amount> {
        let payable = self.terms.payable(currency)?;
        let rest = payable.saturating_sub(self.total());
        let begun = self.counted().next().is_some_and(|payment| payment.currency == currency);
        Some(if begun && !rest.is_zero() { rest } else { payable })
    }

    /// Confirmations of the newest counted payment; never more than it needs.
    pub(super) fn confirmations(payment: &Payment, now: Millis) -> u32 {
        let passed = now.since(payment.at).0.max(0) / CONFIRM_EVERY.0;
        u32::try_from(passed).unwrap_or(u32::MAX).min(payment.needs)
    }

    /// Takes a payment. One that does not count is given back.
    pub(super) fn receive(&mut self, mut payment: Payment, settle_at: Millis, auditing: bool) -> Outcome {
        let now = payment.at;
        if let Err((reason, fails)) = self.takes(&payment) {
            let mut outcome = if fails { self.fail(now, reason) } else { Outcome::default() };
            outcome.back.push(GiveBack::of(&payment, payment.amount, reason));
            self.payments.push(payment);
            return outcome;
        }
        payment.counts = true;
        let confirmed = payment.needs == 0;
        self.payments.push(payment);
        if self.is_fully_paid() && confirmed && self.counted().all(|payment| payment.needs == 0) {
            return self.succeed(now, settle_at, auditing);
        }
        self.status = Status::Pending;
        self.changed_at = now;
        let mut outcome = Outcome { events: vec![Event::Pending], back: Vec::new() };
        if !self.is_fully_paid() {
            self.window = self.window.or(Some(now.plus(WINDOW)));
            outcome.events.push(Event::PaidLess);
        }
        outcome
    }

    /// Why a payment does not count, and whether the order ends with it.
    fn takes(&self, payment: &Payment) -> Result<(), (Reason, bool)> {
        let first = self.counted().next().map(|first| first.currency);
        match self.status {
            Status::Failed => return Err((self.failure.unwrap_or(OVERTIME), false)),
            Status::Success | Status::Auditing => return Err((DOUBLE, false)),
            Status::Pending if self.is_fully_paid() => return Err((DOUBLE, false)),
            Status::Pending | Status::Unpaid => {}
        }
        let begun = first.is_some();
        if first.or(self.terms.payment).is_some_and(|currency| currency != payment.currency) {
            return Err((WRONG_ASSET, !begun));
        }
        let payable = self.terms.payable(payment.currency).ok_or((WRONG_AMOUNT, !begun))?;
        let less = payment.amount < payable;
        if !payment.chain && (less || begun) {
            return Err((WRONG_AMOUNT, !begun));
        }
        Ok(())
    }

    /// Enough is there and confirmed. What is too much goes back to the last payer.
    pub(super) fn succeed(&mut self, now: Millis, settle_at: Millis, auditing: bool) -> Outcome {
        self.changed_at = now;
        if auditing {
            self.status = Status::Auditing;
            return Outcome::default();
        }
        self.status = Status::Success;
        self.settle_at = Some(settle_at);
        let mut outcome = Outcome { events: vec![Event::Success], back: Vec::new() };
        let surplus = self.surplus();
        if let Some(last) = self.counted().last().filter(|_| !surplus.is_zero()) {
            outcome.back.push(GiveBack::of(last, surplus, SURPLUS));
        }
        outcome
    }

    /// More than was owed.
    pub(super) fn surplus(&self) -> Amount {
        let payable = self.counted().next().and_then(|payment| self.terms.payable(payment.currency));
        payable.map_or(Amount::ZERO, |payable| self.total().saturating_sub(payable))
    }

    /// The order ends; what has counted goes back.
    pub(super) fn fail(&mut self, now: Millis, reason: Reason) -> Outcome {
        self.status = Status::Failed;
        self.changed_at = now;
        self.failure = Some(reason);
        let back = self.counted().map(|payment| GiveBack::of(payment, payment.amount, reason)).collect();
        for payment in &mut self.payments {
            payment.counts = false;
        }
        Outcome { events: vec![Event::Fail], back }
    }
}

impl GiveBack {
    fn of(payment: &Payment, amount: Amount, reason: Reason) -> Self {
        Self { to: payment.from, currency: payment.currency, amount, reason, chain: payment.chain }
    }
}
