//! What the law makes of MixPay: when an order is made, what its progress means, and what an outage stretches.
//! No money is moved here and none is counted.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use crate::money::Amount;
use crate::time::Millis;
use crate::trade::decide::Draft;
use crate::trade::event::Event;
use crate::trade::order::{Opened, Order, Progress};
use crate::trade::state::{State, Trade};

/// How long past the payment window a trade waits for what MixPay may still say or bring.
pub(super) const WAIT_MAX: Millis = Millis::from_hours(24);
/// MixPay takes no order that lives longer (dossier §15.3: less than 2880 minutes).
const LIFE_MAX: Millis = Millis::from_secs(2_879 * 60);
/// Nobody could pay in less.
const LIFE_MIN: Millis = Millis::from_secs(120);
/// Orders made for one trade.
const ORDERS_MAX: usize = 12;
/// What is left to pay, at least, when MixPay answers again after an outage.
const AFTER_OUTAGE: Millis = Millis::from_secs(15 * 60);
/// Orders in a row that MixPay did not take, before none is made any more.
const REFUSED_MAX: usize = 3;

/// An order for `amount`, beside the Mixin link just issued. Its memo is told to nobody but MixPay.
pub(super) fn make(draft: &mut Draft<'_>, amount: Amount) {
    let State::AwaitingPayment { until } = draft.trade.state else { return };
    let Some(shift) = draft.context.mixpay else { return };
    let left = Millis(until.since(draft.context.now).0.min(LIFE_MAX.0));
    if left.0 < LIFE_MIN.0 || draft.trade.orders.len() >= ORDERS_MAX || amount.is_zero() {
        return;
    }
    let round = u32::try_from(draft.trade.orders.len()).unwrap_or(u32::MAX);
    let (ids, trade) = (draft.context.ids, draft.trade.id);
    let expires = Millis::from_secs(draft.context.now.plus(left).plus(shift).secs());
    draft.push(Event::OrderMade {
        order: Order {
            round,
            id: Order::id_of(ids, trade, round),
            memo: Order::memo_of(ids, trade, round),
            amount,
            expires,
            opened: None,
            progress: Progress::Unpaid,
            moved: Millis(0),
            over: false,
        },
    });
}

/// The trade goes on after it stood still: what could have been paid until then is over.
pub(super) fn make_again(draft: &mut Draft<'_>) {
    let trade = &draft.trade;
    if !trade.behind && !trade.orders.is_empty() && trade.orders.iter().all(|o| o.over) {
        let missing = trade.missing();
        make(draft, missing);
    }
}

fn find(trade: &Trade, order: u32) -> Option<&Order> {
    trade.orders.iter().find(|o| o.round == order)
}

pub(super) fn opened(draft: &mut Draft<'_>, order: u32, opened: &Opened) {
    if find(&draft.trade, order).is_some_and(|o| o.opened.is_none() && !o.over) {
        draft.push(Event::OrderOpened { order, opened: opened.clone() });
    }
}

pub(super) fn refused(draft: &mut Draft<'_>, order: u32, why: &str) {
    if find(&draft.trade, order).is_some_and(|o| !o.over) {
        draft.push(Event::OrderOver { order, why: why.to_owned() });
    }
}

/// Its id is known at MixPay with other content, as after an older copy of the database was put back: the next round's
/// id is free.
pub(super) fn taken(draft: &mut Draft<'_>, order: u32) {
    if find(&draft.trade, order).is_none_or(|o| o.over || o.opened.is_some()) {
        return;
    }
    let vain = draft.trade.orders.iter().rev().take_while(|o| o.opened.is_none()).count();
    draft.push(Event::OrderOver { order, why: "its id is taken".into() });
    if vain < REFUSED_MAX && !draft.trade.orders.iter().any(|o| !o.over) {
        let missing = draft.trade.missing();
        make(draft, missing);
    }
}

/// What MixPay said, asked at `asked`. An order that failed, or whose time is over, makes room for a new one.
pub(super) fn moved(draft: &mut Draft<'_>, order: u32, progress: Progress, asked: Millis, late: bool) {
    // Answers overtake each other: one asked for before the last news was heard may be older than that.
    let newer = |o: &&Order| !o.over && asked >= o.moved;
    let Some(found) = find(&draft.trade, order).filter(newer) else { return };
    if found.progress != progress {
        let at = draft.context.now;
        draft.push(Event::OrderMoved { order, progress, at });
    }
    match progress {
        Progress::Failed(_) => over(draft, order, "the payment failed"),
        Progress::Unpaid if late => over(draft, order, "nobody paid it in time"),
        Progress::Moved => arrived(draft),
        Progress::Unpaid | Progress::Seen | Progress::Short | Progress::Checking | Progress::MovingIn => {}
    }
}

fn over(draft: &mut Draft<'_>, order: u32, why: &str) {
    draft.push(Event::OrderOver { order, why: why.to_owned() });
    // Something else of MixPay's may be on its way already.
    if !draft.trade.orders.iter().any(|o| !o.over) {
        let missing = draft.trade.missing();
        make(draft, missing);
    }
}

/// All the money of an order is in the vault, or all that MixPay says it has sent: it has nothing more to say. Dust
/// that bears MixPay's code ends nothing, since anybody can send it.
pub(super) fn arrived(draft: &mut Draft<'_>) {
    let trade = &draft.trade;
    let paid = |o: &&Order| {
        let paid = trade.paid_by(o.round);
        !o.over && (paid >= o.amount || o.progress == Progress::Moved && !paid.is_zero())
    };
    let paid: Vec<u32> = trade.orders.iter().filter(paid).map(|o| o.round).collect();
    for order in paid {
        draft.push(Event::OrderOver { order, why: "its money is in the vault".into() });
    }
}

/// A question was left unanswered.
pub(super) fn silent(draft: &mut Draft<'_>) {
    let waits = matches!(draft.trade.state, State::AwaitingPayment { .. });
    if waits && draft.trade.mixpay_silent_since.is_none() && draft.trade.orders.iter().any(|o| !o.over) {
        draft.push(Event::MixPaySilent { since: draft.context.now });
    }
}

/// MixPay answered: an outage before is given back to the payment window, at most what a trade would wait for.
pub(super) fn heard(draft: &mut Draft<'_>) {
    let (State::AwaitingPayment { until }, Some(since)) = (draft.trade.state, draft.trade.mixpay_silent_since) else {
        return;
    };
    let now = draft.context.now;
    let lost = Millis(now.since(since).0.clamp(0, WAIT_MAX.0));
    // A question that had no answer once says nothing of an outage when the next one has.
    let stretched = until.plus(lost);
    let least = if lost.0 >= LIFE_MIN.0 { now.plus(AFTER_OUTAGE) } else { stretched };
    // All outages together: one every quarter of an hour must not keep a trade open for ever.
    let most = until.plus(Millis(WAIT_MAX.since(draft.trade.mixpay_stretched).0.max(0)));
    draft.push(Event::MixPayHeard { until: stretched.max(least).min(most) });
    let shift = draft.context.mixpay.unwrap_or_default();
    let stale = |o: &&Order| !o.over && o.opened.is_none() && o.expires.since(now.plus(shift)).0 < LIFE_MIN.0;
    if let Some(order) = draft.trade.orders.iter().find(stale).map(|o| o.round) {
        over(draft, order, "MixPay did not answer in time");
    }
}

/// Whether MixPay must be heard, or may still bring money, before an unpaid trade may expire.
pub(super) fn unsettled(trade: &Trade) -> bool {
    let open = |o: &Order| !o.over && (o.opened.is_some() || trade.mixpay_silent_since.is_some());
    trade.orders.iter().any(open)
}
