//! Settlements: one transaction from `MixPay` to the payee (dossier §15.8, §15.9), or what the switches make of it.

use serde_json::json;
use uuid::Uuid;

use super::super::control::Trouble;
use super::super::ledger::Place;
use super::super::links::PayLink;
use super::super::people::{random_32, random_uuid};
use super::super::phone::NotDone;
use super::super::shapes::{standard, url_safe};
use super::super::world::World;
use super::callbacks::Event;
use super::orders::{Order, Settled};
use super::prices::Currency;
use super::switches::{SettleMemo, SettleTo, SettleTrace};
use crate::id::{AssetId, Hash, RequestId, UserId};
use crate::money::Amount;
use crate::time::Millis;

/// After a settlement the network refused, for example because a member has no wallet.
const AGAIN: Millis = Millis(60_000);

/// The memo `MixPay` uses when the order has none.
fn default_memo(code: Uuid) -> String {
    standard(format!("PM|{code}").as_bytes())
}

fn memo_of(order: &Order) -> String {
    if order.terms.settlement_memo.is_empty() { default_memo(order.code) } else { order.terms.settlement_memo.clone() }
}

impl World {
    /// Pays the payee. What the network refuses is noted and tried again.
    pub(super) fn mixpay_settle(&mut self, code: Uuid) {
        let again = self.clock.plus(AGAIN);
        let Some(order) = self.mixpay.orders.get_mut(&code) else { return };
        order.settle_at = None;
        if let Err(NotDone { reason, .. }) = self.mixpay_try_to_settle(code) {
            self.note(json!({"what": "mixpay", "code": code.to_string(), "settlement": reason}));
            if let Some(order) = self.mixpay.orders.get_mut(&code) {
                order.settle_at = Some(again);
            }
        }
    }

    fn mixpay_try_to_settle(&mut self, code: Uuid) -> Result<(), NotDone> {
        let (how, mixpay) = (self.switches.mixpay.clone(), self.mixpay.user);
        let order = self.mixpay.orders.get(&code).ok_or_else(|| NotDone::new("no such order"))?;
        let currency = match how.settle_asset {
            None => order.terms.settlement,
            Some(id) => Currency::asset(&id.to_string()).ok_or_else(|| NotDone::new("settle_asset is unknown"))?,
        };
        let less = 10_000_u32.saturating_sub(how.settle_less_bp);
        let amount = order.terms.settles(currency).and_then(|amount| amount.bps_floor(less));
        let amount = amount.filter(|amount| !amount.is_zero()).ok_or_else(|| NotDone::new("no amount to settle"))?;
        let payee = self.mixpay_payee(order.terms.payee).ok_or_else(|| NotDone::new("the payee is gone"))?;
        let to = misdirected(payee, how.settle_to, mixpay);
        let memo = self.mixpay_memo(code, how.settle_memo);
        let trace = (how.settle_trace == SettleTrace::Code && self.mixpay_trace_is_free(code)).then_some(code);
        let asset = currency.asset.ok_or_else(|| NotDone::new("fiat cannot be settled"))?;
        let hash = self.mixpay_send(to, asset, amount, memo, trace)?;
        self.mixpay.settling.insert(hash, code);
        if let Some(order) = self.mixpay.orders.get_mut(&code) {
            order.settled = Some(Settled { hash, currency, amount, at: None });
        }
        Ok(())
    }

    fn mixpay_trace_is_free(&self, code: Uuid) -> bool {
        let id = RequestId(code);
        !self.payments.contains(id)
            && !self.requests.contains(id)
            && self.ledger.transaction(&code.to_string()).is_none()
    }

    fn mixpay_memo(&mut self, code: Uuid, how: SettleMemo) -> String {
        let nobodys = random_uuid(&mut self.mixpay.rng);
        let Some(order) = self.mixpay.orders.get(&code) else { return String::new() };
        let own = memo_of(order);
        match how {
            SettleMemo::Own => own,
            SettleMemo::Base64 => standard(own.as_bytes()),
            SettleMemo::Base64url => url_safe(own.as_bytes()),
            SettleMemo::Hex => hex::encode(own),
            SettleMemo::PmPlain => format!("PM|{code}"),
            SettleMemo::Pm => default_memo(code),
            SettleMemo::PmText => standard(format!("PM|{code}|thanks").as_bytes()),
            SettleMemo::None => String::new(),
            SettleMemo::AnotherOrder => {
                let other = self.mixpay.orders().find(|other| other.code != code);
                other.map_or_else(|| default_memo(nobodys), memo_of)
            }
        }
    }

    /// A transfer from `MixPay`'s wallet, which is filled up when it holds too little.
    pub(super) fn mixpay_send(
        &mut self,
        to: (Vec<UserId>, u8),
        asset: AssetId,
        amount: Amount,
        memo: String,
        trace: Option<Uuid>,
    ) -> Result<Hash, NotDone> {
        let mixpay = self.mixpay.user;
        let (_, held) = self.unspent(mixpay, asset, Some(amount))?;
        let lacking = amount.saturating_sub(held);
        if !lacking.is_zero() {
            let body = json!({"asset_id": asset.to_string(), "amount": lacking.to_string()});
            self.mint(mixpay, &body).map_err(|trouble| match trouble {
                Trouble::Refused(refused) => refused,
                Trouble::Mistake { error, .. } | Trouble::Nowhere(error) => NotDone::new(error),
            })?;
        }
        let (members, threshold) = to;
        let link =
            PayLink { members, threshold, asset: Some(asset), amount: Some(amount), memo, trace: trace.map(RequestId) };
        let paid = self.pay_link(mixpay, &link, None)?;
        let hash = paid["transaction_hash"].as_str().and_then(|hash| hash.parse().ok());
        hash.ok_or_else(|| NotDone::new("a payment without a hash"))
    }

    /// A transaction became final: when it settles an order, `MixPay` says so from now on.
    pub(in crate::sandbox) fn mixpay_final(&mut self, hash: Hash) {
        let Some(code) = self.mixpay.settling.remove(&hash) else { return };
        let (now, place): (_, Place) = (self.clock, (hash, 0));
        if let Some(settled) = self.mixpay.orders.get_mut(&code).and_then(|order| order.settled.as_mut()) {
            settled.at = Some(now);
        }
        if self.switches.mixpay.settle_inscription {
            let inscription = Hash(random_32(&mut self.mixpay.rng));
            if let Some(coin) = self.ledger.coins.get_mut(&place) {
                coin.inscription = Some(inscription);
            }
        }
        if self.switches.mixpay.settle_signed {
            let nobodys = Hash(random_32(&mut self.mixpay.rng));
            self.ledger.reserve_for_nobody(&place, nobodys, now);
        }
        self.mixpay_tell(code, Event::Settle);
    }
}

/// Where the money really goes.
fn misdirected((mut members, threshold): (Vec<UserId>, u8), how: SettleTo, mixpay: UserId) -> (Vec<UserId>, u8) {
    let most = u8::try_from(members.len()).unwrap_or(u8::MAX);
    match how {
        SettleTo::Payee => (members, threshold),
        SettleTo::Threshold1 => (members, 1),
        SettleTo::Threshold3 => (members, most.min(3)),
        SettleTo::AnotherGroup => {
            members.pop();
            members.push(mixpay);
            members.sort_unstable();
            (members, threshold)
        }
    }
}
