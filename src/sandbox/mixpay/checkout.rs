//! The checkout: how an order is paid, from a wallet of the network or from outside, and what goes back.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::answer::strict_uuid;
use super::super::control::{Controlled, Trouble, mistake, text};
use super::super::links::PayLink;
use super::super::people::random_32;
use super::super::phone::{Done, NotDone};
use super::super::shapes::standard;
use super::super::world::World;
use super::orders::{GiveBack, OVERTIME, Order, Outcome, Payment, Returned, Status};
use super::prices::{Currency, payable};
use crate::id::UserId;
use crate::money::Amount;
use crate::time::Millis;

/// Confirmations an outside payment needs when nothing else is said, and at most.
const CONFIRMATIONS: u32 = 3;
const CONFIRMATIONS_MAX: u64 = 1_000;

/// How somebody pays.
struct Paying {
    who: Option<UserId>,
    currency: Currency,
    amount: Amount,
    chain: bool,
    needs: u32,
}

/// A currency to pay in, by UUID or symbol; of two with one symbol the quoted one, else the first of the table.
fn currency(order: &Order, name: &str) -> Option<Currency> {
    let quoted =
        Some(order.terms.quote).filter(|quote| quote.asset.is_some() && quote.symbol.eq_ignore_ascii_case(name));
    let by_symbol = || payable().find(|currency| currency.symbol.eq_ignore_ascii_case(name));
    Currency::asset(name).or(quoted).or_else(by_symbol)
}

impl World {
    fn mixpay_order_of(&self, code: &str) -> Result<&Order, Trouble> {
        let known = strict_uuid(code).and_then(|code| self.mixpay.orders.get(&code));
        known.ok_or_else(|| Trouble::Nowhere("MixPay has no order of this code".into()))
    }

    /// `GET /sandbox/mixpay/{code}`.
    pub(in crate::sandbox) fn mixpay_known(&self, code: &str) -> Controlled {
        self.mixpay_order_of(code).map(|order| self.mixpay_order_view(order))
    }

    /// `POST /sandbox/mixpay/{code}/pay`. Whatever the order makes of the money, it was sent.
    pub(in crate::sandbox) fn mixpay_checkout(&mut self, code: &str, body: &Value) -> Controlled {
        let who =
            if body.get("who").is_some_and(|who| !who.is_null()) { Some(self.who_in(body, "who")?) } else { None };
        let chain = match body.get("by").and_then(Value::as_str) {
            None | Some("mixin") => false,
            Some("chain") => true,
            Some(_) => return Err(mistake("by", "unknown", "mixin or chain")),
        };
        let needs = match body.get("confirmations") {
            None => CONFIRMATIONS,
            Some(count) => {
                let count = count.as_u64().filter(|count| *count <= CONFIRMATIONS_MAX);
                count
                    .and_then(|count| u32::try_from(count).ok())
                    .ok_or_else(|| mistake("confirmations", "not a count", "how many the payment needs: 0 to 1000"))?
            }
        };
        let order = self.mixpay_order_of(code)?;
        let currency = currency(order, text(body, "asset")?);
        let currency =
            currency.ok_or_else(|| mistake("asset", "unknown asset", "a UUID or a symbol of the network"))?;
        let amount = match body.get("amount") {
            None => order.remaining(currency),
            Some(amount) => amount.as_str().and_then(|amount| amount.parse().ok()),
        };
        let amount = amount.filter(|amount| !amount.is_zero());
        let amount =
            amount.ok_or_else(|| mistake("amount", "not an amount", "a decimal string above 0, or leave it out"))?;
        let code = order.code;
        let paying = Paying { who, currency, amount, chain, needs: if chain { needs } else { 0 } };
        Ok(self.mixpay_take(code, &paying, None)?)
    }

    /// What a phone shows for an order's link: `MixPay`'s page.
    pub(in crate::sandbox) fn mixpay_sheet(&self, code: Uuid) -> Done {
        let order = self.mixpay.orders.get(&code).ok_or_else(|| NotDone::new("MixPay's page: no such order"))?;
        Ok(json!({
            "sheet": "mixpay",
            "kind": "mixpay",
            "code": code.to_string(),
            "status": order.status.word(),
            "amount": order.terms.amount.to_string(),
            "asset": order.terms.quote.id(),
            "symbol": order.terms.quote.symbol,
            "remark": order.terms.remark,
            "expires_at": order.terms.expires.map(Millis::to_rfc3339),
            "return_to": order.terms.return_to,
            "payable": Self::mixpay_payable(order),
        }))
    }

    /// Pays an order from a phone's wallet, by PIN. The page has no button for an order that cannot be paid.
    pub(in crate::sandbox) fn mixpay_pay_by_phone(
        &mut self,
        who: UserId,
        code: Uuid,
        asset: Option<&str>,
        pin: &str,
    ) -> Done {
        let order = self.mixpay.orders.get(&code).ok_or_else(|| NotDone::new("MixPay's page: no such order"))?;
        if order.status != Status::Unpaid {
            let reason = format!("MixPay's page has no button: {}", order.status.word());
            let code = order.failure.map(|failure| failure.code.into());
            return Err(NotDone { code, reason, detail: Value::Null });
        }
        let chosen = match asset {
            Some(name) => currency(order, name),
            None => order.terms.payment.or(Some(order.terms.quote)).filter(|currency| currency.asset.is_some()),
        };
        let currency = chosen.ok_or_else(|| NotDone::new("choose an asset to pay with"))?;
        if order.terms.payment.is_some_and(|only| only != currency) {
            return Err(NotDone::new("MixPay's page does not offer this asset for this order"));
        }
        let amount = order.remaining(currency).ok_or_else(|| NotDone::new("too much money"))?;
        let paying = Paying { who: Some(who), currency, amount, chain: false, needs: 0 };
        self.mixpay_take(code, &paying, Some(pin))
    }

    fn mixpay_take(&mut self, code: Uuid, paying: &Paying, pin: Option<&str>) -> Done {
        let Paying { who, currency, amount, chain, needs } = *paying;
        let asset = currency.asset.ok_or_else(|| NotDone::new("fiat cannot be paid"))?;
        let (from, txid, mut answer) = if let Some(who) = who.filter(|_| !chain) {
            let link = PayLink {
                members: vec![self.mixpay.user],
                threshold: 1,
                asset: Some(asset),
                amount: Some(amount),
                memo: standard(format!("payment|{code}").as_bytes()),
                trace: None,
            };
            let paid = self.pay_link(who, &link, pin)?;
            (Some(who), paid["transaction_hash"].as_str().unwrap_or_default().to_owned(), paid)
        } else {
            let txid = if chain { hex::encode(random_32(&mut self.mixpay.rng)) } else { String::new() };
            (None, txid, json!({"paid": true, "asset_id": asset.to_string(), "amount": amount.to_string()}))
        };
        let at = self.clock;
        let payment = Payment { currency, amount, from, chain, txid, at, needs, counts: false };
        let (auditing, settle_at) = (self.switches.mixpay.auditing, at.plus(Millis(self.switches.mixpay.settle_ms)));
        let order = self.mixpay.orders.get_mut(&code).ok_or_else(|| NotDone::new("no such order"))?;
        let outcome = order.receive(payment, settle_at, auditing);
        let refused = outcome.back.iter().map(|back| back.reason.code).find(|code| *code != 0);
        self.mixpay_follow(code, outcome);
        if let (Some(answer), Some(order)) = (answer.as_object_mut(), self.mixpay.orders.get(&code)) {
            answer.insert("code".into(), code.to_string().into());
            answer.insert("status".into(), order.status.word().into());
            answer.insert("refunded".into(), refused.map(|code| code.to_string()).into());
        }
        Ok(answer)
    }

    /// Carries out what happened to an order: callbacks, and money that goes back.
    pub(super) fn mixpay_follow(&mut self, code: Uuid, outcome: Outcome) {
        for event in outcome.events {
            self.mixpay_tell(code, event);
        }
        for back in outcome.back {
            self.mixpay_give_back(code, back);
        }
    }

    fn mixpay_give_back(&mut self, code: Uuid, back: GiveBack) {
        let mut hash = None;
        if let Some((to, asset)) = back.to.zip(back.currency.asset) {
            // RF and CF: a refund of money from a wallet, and from a chain (dossier §15.9).
            let source = if back.chain { "CF" } else { "RF" };
            let reason = if back.reason.code == 0 { OVERTIME.code } else { back.reason.code };
            let memo = standard(format!("{source}|{code}|{reason}").as_bytes());
            match self.mixpay_send((vec![to], 1), asset, back.amount, memo, None) {
                Ok(sent) => hash = Some(sent),
                Err(NotDone { reason, .. }) => {
                    self.note(json!({"what": "mixpay", "code": code.to_string(), "refund": reason}));
                }
            }
        }
        let at = self.clock;
        if let Some(order) = self.mixpay.orders.get_mut(&code) {
            order.returned.push(Returned { what: back, at, hash });
        }
    }
}
