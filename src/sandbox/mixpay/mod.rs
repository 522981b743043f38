//! `MixPay` beside the network (dossier §15): orders, a checkout, settlements, callbacks.
//!
//! It is a person of the network with a wallet of its own, and everything it pays is an ordinary transaction that
//! meets every check of the kernel. What its wallet lacks is minted: money paid on other chains never shows here
//! before `MixPay` spends it. Prices are a fixed table.
//!
//! Reading order: `api` (the gate and the routes), `orders` (the rules), `checkout`, `settle`, `results`,
//! `callbacks`; `switches` for what it can be told to do wrong.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use uuid::Uuid;

use self::api::Gate;
use self::callbacks::Outbox;
use self::orders::{Due, Order};
use super::people::{NewPerson, People};
use super::world::World;
use crate::id::{Hash, UserId};
use crate::time::Millis;

mod api;
mod callbacks;
mod checkout;
mod fields;
mod orders;
mod page;
mod prices;
mod results;
mod settle;
mod switches;

pub use self::callbacks::Callback;
pub(in crate::sandbox) use self::callbacks::{acknowledged, post};
pub use self::switches::{Callbacks, Down, Echo, MixPaySwitches, Nulls, SettleMemo, SettleTo, SettleTrace};

/// The account that collects payments (dossier §15.1).
const USER: Uuid = Uuid::from_u128(0x3539_c3ce_52c0_4b0b_9573_c035_ecb9_8d48);
/// More orders or groups than a sandbox needs.
const ORDERS_MAX: usize = 20_000;

/// Everything `MixPay` knows.
pub(in crate::sandbox) struct MixPay {
    user: UserId,
    /// Its own, so that a network lives the same life whether or not `MixPay` is asked anything.
    rng: ChaCha8Rng,
    gate: Gate,
    /// By the id handed out for them: sorted members and threshold.
    groups: BTreeMap<Uuid, (Vec<UserId>, u8)>,
    /// By code.
    orders: BTreeMap<Uuid, Order>,
    /// Codes in order of creation.
    created: Vec<Uuid>,
    /// Settlements the network has and has not made final.
    settling: BTreeMap<Hash, Uuid>,
    outbox: Outbox,
    /// Its own calls of the network live through time too: no second hand on the orders meanwhile.
    busy: bool,
}

impl MixPay {
    /// Opens `MixPay`'s account among `people`.
    pub(in crate::sandbox) fn open(seed: u64, people: &mut People, now: Millis) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ USER.as_u64_pair().0);
        let new = NewPerson { name: "MixPay".into(), role: "mixpay".into(), id: Some(USER), ..NewPerson::default() };
        people.add(new, &mut rng, now);
        Self {
            user: UserId(USER),
            rng,
            gate: Gate::default(),
            groups: BTreeMap::new(),
            orders: BTreeMap::new(),
            created: Vec::new(),
            settling: BTreeMap::new(),
            outbox: Outbox::default(),
            busy: false,
        }
    }

    /// In order of creation.
    fn orders(&self) -> impl Iterator<Item = &Order> {
        self.created.iter().filter_map(|code| self.orders.get(code))
    }
}

impl World {
    /// Does what is due by now, in the order of the moments it was due at.
    pub(in crate::sandbox) fn mixpay_tick(&mut self) {
        if self.mixpay.busy {
            return;
        }
        self.mixpay.busy = true;
        while let Some((at, code, due)) = self.mixpay_next_due() {
            if at > self.clock {
                break;
            }
            self.mixpay_do(code, due, at);
            self.changes += 1;
        }
        self.mixpay.busy = false;
    }

    /// Whether confirmations of a payment are still counted.
    pub(in crate::sandbox) fn mixpay_waits(&self) -> bool {
        let mut payments = self.mixpay.orders().flat_map(|order| &order.payments);
        payments.any(|payment| Order::confirmations(payment, self.clock) < payment.needs)
    }

    fn mixpay_next_due(&self) -> Option<(Millis, Uuid, Due)> {
        let switches = &self.switches.mixpay;
        let all = self.mixpay.orders().filter_map(|order| order.due(switches).map(|(at, due)| (at, order.code, due)));
        all.min_by_key(|(at, _, _)| *at)
    }

    fn mixpay_do(&mut self, code: Uuid, due: Due, at: Millis) {
        if due == Due::Settle {
            self.mixpay_settle(code);
            return;
        }
        let auditing = self.switches.mixpay.auditing;
        let settle_at = at.plus(Millis(self.switches.mixpay.settle_ms));
        let Some(order) = self.mixpay.orders.get_mut(&code) else { return };
        let outcome = match due {
            Due::Confirmed => order.succeed(at, settle_at, auditing),
            Due::Overtime => order.fail(at, orders::OVERTIME),
            Due::WindowOver => order.fail(at, orders::WRONG_AMOUNT),
            Due::Settle => return,
        };
        self.mixpay_follow(code, outcome);
    }

    /// When `MixPay` acts next without being asked; what is only waiting for a switch or for somebody to fetch a
    /// callback is no deadline.
    pub(in crate::sandbox) fn mixpay_deadline(&self) -> Option<Millis> {
        let switches = &self.switches.mixpay;
        let orders = self.mixpay.orders().filter_map(|order| order.due(switches)).map(|(at, _)| at);
        orders.chain(self.mixpay.outbox.moments()).filter(|at| *at > self.clock).min()
    }

    /// `GET /sandbox/mixpay`.
    pub(in crate::sandbox) fn mixpay_view(&self) -> Value {
        let groups: Vec<Value> = self
            .mixpay
            .groups
            .iter()
            .map(|(id, (members, threshold))| {
                json!({"multisig_id": id.to_string(), "threshold": threshold,
                       "receivers": members.iter().map(UserId::to_string).collect::<Vec<_>>()})
            })
            .collect();
        json!({
            "user_id": self.mixpay.user.to_string(),
            "groups": groups,
            "orders": self.mixpay.orders().map(|order| self.mixpay_order_view(order)).collect::<Vec<_>>(),
            "callbacks": self.mixpay.outbox.view(),
            "calls": self.mixpay.gate.view(),
            "busiest_minute": self.mixpay.gate.busiest_minute(),
            "refused": self.mixpay.gate.refused,
        })
    }
}
