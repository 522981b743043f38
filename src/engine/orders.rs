//! Orders at MixPay: when they are asked for, and what its answers mean. None of it moves or counts money.

use std::collections::BTreeMap;

use serde_json::json;

use super::answers::{back_off, tell_law};
use super::desk::Desk;
use super::door::Shop;
use super::input::Answer;
use super::jobs::{Ask, MixPaySaid, OrderBody};
use crate::id::{AssetId, Hash, JobId, TradeId};
use crate::mixin::link;
use crate::mixpay::{self, Class, Expected, NewOrder, QuoteAsset};
use crate::money::Amount;
use crate::store::{Fate, Found, JobRow, Kind, Store, StoreError, VaultRow};
use crate::time::Millis;
use crate::trade::order::Order;
use crate::trade::{Command, State, Trade, Vault, deadline};

/// How MixPay is offered.
#[derive(Clone, Debug, Default)]
pub struct MixPayShop {
    /// The most a vault may be asked for while it has never settled through MixPay, by asset; none: not at all.
    pub first_max: BTreeMap<AssetId, Amount>,
    /// Where MixPay may tell that something happened; it is never believed.
    pub callback: Option<String>,
}

/// The note that holds the budget of requests.
pub(super) const BUDGET: &str = "mixpay/budget";
const LIMITS: &str = "mixpay/limits";
/// How long what MixPay said of its limits is good.
const LIMITS_LIFE: Millis = Millis::from_secs(600);
/// After an order's time MixPay may still be booking; then it is asked once more.
const AFTER_EXPIRY: Millis = Millis::from_secs(6);
/// After an order's time MixPay may still be booking what was paid in it: an answer sooner is not the last word.
const BOOKING: Millis = Millis::from_secs(5);
/// Questions about an order whose time is over that bring no answer about it, before it is let go.
const IN_VAIN_MAX: u32 = 3;
/// The parameters are not accepted, or the id stands for others (dossier §15.10, U-29).
const TAKEN: [i64; 2] = [1_017, 10_011];
/// Between two questions about an order whose time is over, while MixPay has not said how it ended.
const EXPIRY_EVERY: Millis = Millis::from_secs(60);
/// So much earlier than it is due counts what a person asks for, and what was begun: half of a thousand orders made
/// are worth more than a thousand orders half made.
const AHEAD: Millis = Millis::from_hours(24);
/// MixPay takes no order with less time than this (dossier §15.3: more than 10 s), and nobody could pay it.
const LIFE_MIN: Millis = Millis::from_secs(30);

impl Desk<'_> {
    /// Queues a question to MixPay about an order of a trade.
    pub(super) fn order(&mut self, id: TradeId, order: u32, class: Class, run_at: Millis) {
        let body = OrderBody { order, class };
        let job = JobId(self.shop.keys.ids.uuid(id.0, &format!("order/{order}/{class:?}"), 0));
        self.job(JobRow {
            id: job,
            kind: Kind::Order,
            lane: format!("order/{job}"),
            trade: Some(id),
            run_at,
            tries: 0,
            refusals: 0,
            body: json!(body),
        });
    }

    /// Somebody looks, or MixPay called: it is asked after the trade's orders, each in its share of the budget. Whoever
    /// says that they have paid comes before all that are only being watched.
    pub(super) fn ask(&mut self, id: TradeId, class: Class) {
        let Some(trade) = self.found.trades.get(&id) else { return };
        if !matches!(trade.state, State::AwaitingPayment { .. }) {
            return;
        }
        let asked = |o: &&Order| o.opened.is_some() && !o.over && (class != Class::Look || is_looked_at(trade, o));
        let open: Vec<u32> = trade.orders.iter().filter(asked).map(|o| o.round).collect();
        let at = if class == Class::Look { ahead(self.now) } else { self.now };
        for order in open {
            self.order(id, order, class, at);
        }
    }

    /// Machine time at which an order can no longer have been paid.
    fn after(&self, order: &Order) -> Millis {
        Millis(order.expires.plus(AFTER_EXPIRY).0.saturating_sub(self.clock().offset.0))
    }

    /// An order that can be paid now is asked after while people look, and once when it no longer can be.
    pub(super) fn watch(&mut self, id: TradeId, order: u32) {
        let Some(at) = self.found.trades.get(&id).and_then(|trade| find(trade, order)).map(|o| self.after(o)) else {
            return;
        };
        self.order(id, order, Class::Expiry, at);
        self.order(id, order, Class::Look, self.now.plus(Millis::from_secs(5)));
    }
}

/// Before everything of its class that is merely due.
fn ahead(now: Millis) -> Millis {
    Millis(now.0.saturating_sub(AHEAD.0))
}

fn find(trade: &Trade, order: u32) -> Option<&Order> {
    trade.orders.iter().find(|o| o.round == order)
}

/// Of several orders of a trade, people look at the last and at what is under way; one person's must not take up
/// everybody's share.
fn is_looked_at(trade: &Trade, order: &Order) -> bool {
    order.under_way() || trade.order().is_some_and(|last| last.round == order.round)
}

pub(super) fn body(job: &JobRow) -> Option<OrderBody> {
    serde_json::from_value(job.body.clone()).ok()
}

/// What is to be asked now, by what is committed; `None`: nothing any more.
pub(super) fn ask(
    store: &Store,
    shop: &Shop,
    found: &Found,
    job: &JobRow,
    server: Millis,
) -> Result<Option<Ask>, StoreError> {
    let trade = job.trade.and_then(|id| found.trades.get(&id));
    let (Some(trade), Some(body), Some(offer)) = (trade, body(job), &shop.mixpay) else { return Ok(None) };
    let waits = matches!(trade.state, State::AwaitingPayment { .. });
    let order = find(trade, body.order).filter(|order| waits && !order.over);
    let (Some(order), Some(vault)) = (order, trade.vault()) else { return Ok(None) };
    match (&order.opened, body.class) {
        (Some(opened), Class::Look | Class::Hint | Class::Expiry) => {
            let expected = Expected { payee: opened.payee, asset: trade.terms.asset.id, amount: order.amount };
            Ok(Some(Ask::Result { expected, call: mixpay::payments_result(&order.id, opened.payee) }))
        }
        (None, Class::Make) => make(store, shop, offer, found, (trade, order, vault), server).map(Some),
        (Some(_), Class::Make) | (None, _) => Ok(None),
    }
}

/// What is missing before the order can be made, or the order itself.
fn make(
    store: &Store,
    shop: &Shop,
    offer: &MixPayShop,
    found: &Found,
    (trade, order, vault): (&Trade, &Order, Vault),
    server: Millis,
) -> Result<Ask, StoreError> {
    let asset = trade.terms.asset.id;
    let nothing = |why: &str| Ok(Ask::Nothing { why: why.to_owned() });
    let row = store.vault(vault.hash)?;
    let first_max = offer.first_max.get(&asset).copied().unwrap_or_default();
    if row.settled_by_mixpay != Some(true) && trade.due() > first_max {
        return nothing("more than this vault's first payment through MixPay may be (mixpay.first_max)");
    }
    let Some(payee) = row.payee else {
        let call = mixpay::multisig(&vault.members, Vault::THRESHOLD);
        return Ok(Ask::Payee { vault: vault.hash, call });
    };
    let Some(limits) = fresh::<Vec<QuoteAsset>>(store, LIMITS, server)? else {
        return Ok(Ask::Limits { call: mixpay::quote_assets(payee) });
    };
    if !limits.iter().any(|limit| limit.asset == asset && limit.takes(order.amount)) {
        return nothing("outside MixPay's limits for this asset");
    }
    if fresh::<bool>(store, &available(asset), server)? != Some(true) {
        return Ok(Ask::Available { asset, call: mixpay::settlement_assets(payee, asset, order.amount) });
    }
    // Its time is over before it was made: only whether MixPay answers again matters now.
    if order.expires.since(server).0 < LIFE_MIN.0 {
        return match trade.mixpay_silent_since {
            Some(_) => Ok(Ask::Limits { call: mixpay::quote_assets(payee) }),
            None => nothing("no time is left to pay it"),
        };
    }
    let buyer = trade.parties.and_then(|parties| found.persons.get(&parties.buyer));
    let number = buyer.map(|row| row.person.number.as_str()).unwrap_or_default();
    let back = link::open_bot(shop.house.bot, &trade.code);
    let call = mixpay::one_time_payment(&NewOrder {
        payee,
        amount: order.amount,
        asset,
        order_id: &order.id,
        remark: &format!("only for buyer {number}"),
        memo: &order.memo,
        expires: order.expires,
        return_to: &back,
        failed_return_to: &back,
        callback: offer.callback.as_deref(),
    });
    Ok(Ask::Make { payee, call })
}

fn available(asset: AssetId) -> String {
    format!("mixpay/available/{asset}")
}

/// A fact that is not too old, with the server time it was learnt at.
fn fresh<T: serde::de::DeserializeOwned>(store: &Store, name: &str, server: Millis) -> Result<Option<T>, StoreError> {
    let found = store.note::<(Millis, T)>(name)?;
    Ok(found.filter(|(at, _)| (0..LIMITS_LIFE.0).contains(&server.since(*at).0)).map(|(_, fact)| fact))
}

/// What became of one try, whichever it was.
pub(super) fn take(desk: &mut Desk<'_>, job: &JobRow, answer: Answer) -> Fate {
    let (Some(id), Some(body)) = (job.trade, body(job)) else {
        return Fate::Parked { why: "the stored job cannot be read".into() };
    };
    match answer {
        Answer::Busy { wait } => {
            let until = desk.now.plus(wait);
            desk.budget.pause(until);
            desk.changes.notes.push((BUDGET.into(), json!(desk.budget)));
            Fate::Again { at: until }
        }
        Answer::Refused { code, why } => {
            tracing::warn!(trade.id = %id, order = body.order, why, "MixPay refuses");
            heard(desk, id, true);
            match body.class {
                Class::Make if TAKEN.contains(&code) => {
                    tell_law(desk, id, &Command::OrderTaken { order: body.order });
                    Fate::Done
                }
                Class::Make => {
                    tell_law(desk, id, &Command::OrderRefused { order: body.order, why });
                    Fate::Done
                }
                Class::Expiry => in_vain(desk, job, id, body, why),
                Class::Look | Class::Hint => Fate::Done,
            }
        }
        Answer::NotOffered { why } => {
            tell_law(desk, id, &Command::OrderRefused { order: body.order, why });
            Fate::Done
        }
        Answer::MixPay(said) => {
            heard(desk, id, true);
            said_of(desk, job, id, body, said)
        }
        Answer::Unanswered { what } => {
            tracing::debug!(trade.id = %id, what, "MixPay does not answer");
            heard(desk, id, false);
            match body.class {
                Class::Hint => Fate::Done,
                Class::Make | Class::Look | Class::Expiry => Fate::Again { at: desk.now.plus(back_off(job)) },
            }
        }
        other => {
            tracing::error!(?other, "no answer of MixPay's");
            Fate::Again { at: desk.now.plus(back_off(job)) }
        }
    }
}

fn heard(desk: &mut Desk<'_>, id: TradeId, answers: bool) {
    tell_law(desk, id, &Command::MixPay { answers });
}

fn said_of(desk: &mut Desk<'_>, job: &JobRow, id: TradeId, body: OrderBody, said: MixPaySaid) -> Fate {
    let server = desk.server();
    match said {
        MixPaySaid::Payee { vault, payee } => {
            desk.changes.vaults.push((vault, VaultRow { payee: Some(payee), ..VaultRow::default() }));
            Fate::Next { at: ahead(desk.now) }
        }
        MixPaySaid::Limits(mut limits) => {
            limits.retain(|limit| desk.shop.house.assets.iter().any(|asset| asset.id == limit.asset));
            desk.changes.notes.push((LIMITS.into(), json!((server, limits))));
            Fate::Next { at: ahead(desk.now) }
        }
        MixPaySaid::Available { asset, yes: true } => {
            desk.changes.notes.push((available(asset), json!((server, true))));
            Fate::Next { at: ahead(desk.now) }
        }
        // It may be this amount: nobody else's order is refused for it.
        MixPaySaid::Available { yes: false, .. } => {
            let why = "MixPay does not settle in this asset just now".to_owned();
            tell_law(desk, id, &Command::OrderRefused { order: body.order, why });
            Fate::Done
        }
        MixPaySaid::Opened(opened) => {
            tell_law(desk, id, &Command::OrderOpened { order: body.order, opened });
            Fate::Done
        }
        MixPaySaid::Progress { progress, asked } => {
            let server = desk.clock().server(asked);
            let expires = desk.found.trades.get(&id).and_then(|trade| find(trade, body.order)).map(|o| o.expires);
            let late = expires.is_some_and(|expires| server.since(expires).0 >= BOOKING.0);
            let asked = desk.service_at(server);
            tell_law(desk, id, &Command::OrderMoved { order: body.order, progress, asked, late });
            follow(desk, id, body);
            ended(desk, id, body)
        }
        MixPaySaid::Unbelievable { why } => {
            tracing::warn!(trade.id = %id, order = body.order, why, "MixPay's answer is not about this order");
            match body.class {
                Class::Expiry => in_vain(desk, job, id, body, why),
                Class::Make | Class::Look | Class::Hint => ended(desk, id, body),
            }
        }
    }
}

/// When this question is asked again.
fn ended(desk: &Desk<'_>, id: TradeId, body: OrderBody) -> Fate {
    let Some(trade) = desk.found.trades.get(&id) else { return Fate::Done };
    let waits = matches!(trade.state, State::AwaitingPayment { .. });
    let Some(order) = find(trade, body.order).filter(|order| waits && !order.over) else { return Fate::Done };
    match body.class {
        Class::Make | Class::Hint => Fate::Done,
        Class::Look => deadline::ask_every(trade, order, desk.server())
            .filter(|_| is_looked_at(trade, order))
            .map_or(Fate::Done, |every| Fate::Next { at: desk.now.plus(every) }),
        Class::Expiry => Fate::Next { at: desk.now.plus(EXPIRY_EVERY).max(desk.after(order)) },
    }
}

/// MixPay has nothing to say of an order whose time is over. While money is on its way by it, it is asked again;
/// else, after a few times, it is let go, so that a trade does not wait a day for nothing.
fn in_vain(desk: &mut Desk<'_>, job: &JobRow, id: TradeId, body: OrderBody, why: String) -> Fate {
    let order = desk.found.trades.get(&id).and_then(|trade| find(trade, body.order));
    let waits = order.is_some_and(Order::under_way);
    if !waits && job.refusals >= IN_VAIN_MAX {
        tell_law(desk, id, &Command::OrderRefused { order: body.order, why });
        return Fate::Done;
    }
    Fate::Refused { at: desk.now.plus(EXPIRY_EVERY) }
}

/// Whoever heard that money is on its way, by whatever question, asks on.
fn follow(desk: &mut Desk<'_>, id: TradeId, body: OrderBody) {
    if body.class == Class::Look {
        return;
    }
    let server = desk.server();
    let Some(trade) = desk.found.trades.get(&id) else { return };
    let Some(order) = find(trade, body.order).filter(|order| order.under_way()) else { return };
    if let Some(every) = deadline::ask_every(trade, order, server) {
        desk.order(id, body.order, Class::Look, desk.now.plus(every));
    }
}

/// Whoever knows an order's id may say that something happened to it; it is only asked after.
pub(super) fn hint(desk: &mut Desk<'_>, order: &str) {
    let Some(id) = desk.found.names.get(&crate::trade::name::order(order)).copied() else { return };
    desk.ask(id, Class::Hint);
    let waits = desk.found.trades.get(&id).is_some_and(|trade| matches!(trade.state, State::AwaitingPayment { .. }));
    // At most one look a second, however often somebody calls; a minute where nothing is awaited.
    desk.look(id, Millis::from_secs(if waits { 1 } else { 60 }));
}

/// The vault of a trade in which MixPay's money was seen: from now on larger sums may come that way.
pub(super) fn settled(desk: &mut Desk<'_>, vault: Hash) {
    desk.changes.vaults.push((vault, VaultRow { settled_by_mixpay: Some(true), ..VaultRow::default() }));
}
