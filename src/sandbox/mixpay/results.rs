//! What `MixPay` answers about orders, assets and prices (dossier §15.5, §15.10).

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::answer::strict_uuid;
use super::super::world::World;
use super::fields::{Fields, Wrong, parameter, wrong};
use super::orders::{Order, Payment, Returned, SURPLUS, Status};
use super::prices::{Currency, Round, payable, quotable};
use super::switches::{Echo, Nulls};
use crate::money::Amount;
use crate::time::Millis;

impl Status {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Pending => "pending",
            Self::Auditing => "auditing",
            Self::Failed => "failed",
            Self::Success => "success",
        }
    }
}

/// A currency and how much of it, as the four fields of an answer.
type Sum = Option<(Currency, Amount)>;

fn put(view: &mut Map<String, Value>, prefix: &str, asset: &str, sum: Sum) {
    let (currency, amount) = sum.unzip();
    view.insert(format!("{prefix}Amount"), amount.map(|amount| amount.to_string()).unwrap_or_default().into());
    view.insert(format!("{prefix}Symbol"), currency.map_or("", |currency| currency.symbol).into());
    view.insert(format!("{prefix}{asset}"), currency.map(Currency::id).unwrap_or_default().into());
    view.insert(format!("{prefix}AssetVersion"), currency.map_or("", |currency| currency.version).into());
}

/// At least this many decimals.
fn padded(amount: Amount, decimals: usize) -> String {
    let text = amount.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
    format!("{whole}.{fraction:0<decimals$}")
}

impl World {
    /// `GET /payments_result`.
    pub(super) fn mixpay_payments_result(&self, query: &Fields) -> Result<Value, Wrong> {
        let known = match (query.get("traceId")?, query.get("orderId")?) {
            (Some(trace), _) => strict_uuid(&trace.to_ascii_lowercase()).and_then(|code| self.mixpay.orders.get(&code)),
            (None, Some(order)) => {
                let payee = strict_uuid(&query.need("payeeId")?.to_ascii_lowercase());
                self.mixpay.orders().find(|known| known.terms.order_id == order && Some(known.terms.payee) == payee)
            }
            (None, None) => return Err(parameter("traceId", "traceId, or orderId and payeeId")),
        };
        let order = known.ok_or_else(|| wrong(404, "The link does not exist."))?;
        let with: Vec<&str> = query.get("with")?.unwrap_or_default().split(',').map(str::trim).collect();
        let mut view = self.mixpay_result(order);
        if with.contains(&"payment") {
            let chain = order.counted().filter(|payment| payment.chain).count();
            let more = json!({"isMultiPay": chain > 1 || (chain == 1 && !order.is_fully_paid()),
                              "isFullyPaid": order.is_fully_paid(),
                              "totalTransactionsAmount": order.total().to_string()});
            view.insert("payment".into(), more);
        }
        if with.contains(&"transactions") {
            let all = order.payments.iter().filter(|payment| payment.chain);
            view.insert("transactions".into(), all.map(|payment| transaction(payment, self.clock)).collect());
        }
        Ok(Value::Object(view))
    }

    /// The result object, as the switches want it told.
    pub(super) fn mixpay_result(&self, order: &Order) -> Map<String, Value> {
        let switches = &self.switches.mixpay;
        let terms = &order.terms;
        let lie = switches.says_success;
        let paid = if lie {
            let currency = if terms.quote.asset.is_some() { terms.quote } else { terms.settlement };
            terms.payable(currency).map(|amount| (currency, amount))
        } else {
            shown_payment(order)
        };
        let owed = paid.and_then(|(currency, _)| terms.payable(currency).map(|amount| (currency, amount)));
        let settled = if lie {
            terms.settles(terms.settlement).map(|amount| (terms.settlement, amount))
        } else {
            let done = order.settled.as_ref().filter(|settled| settled.at.is_some());
            done.map(|settled| (settled.currency, settled.amount))
        };
        let status = if lie { Status::Success } else { order.status };
        let (payee, number) = self.payee_shown(terms.payee);
        let newest = order.payments.iter().rfind(|payment| payment.chain && !lie);
        let confirmations = match (status, newest) {
            (Status::Pending, Some(payment)) => i64::from(Order::confirmations(payment, self.clock)),
            _ => -1,
        };
        let failure = order.failure.filter(|_| !lie);
        let surplus = if lie { Amount::ZERO } else { order.surplus() };
        let unpaid = status == Status::Unpaid;
        let mut view = Map::new();
        view.insert("status".into(), status.word().into());
        put(&mut view, "quote", "AssetId", Some((terms.quote, terms.amount)));
        view.insert("quoteAmount".into(), echoed(terms.amount, switches.echo).into());
        put(&mut view, "payment", "AssetId", paid);
        put(&mut view, "payable", "AssetId", owed);
        put(&mut view, "settle", "Asset", settled);
        let rest = json!({
            "payee": payee,
            "payeeId": terms.payee.to_string(),
            "payeeMixinNumber": number,
            "payeeAvatarUrl": "",
            "txid": newest.map_or("", |payment| payment.txid.as_str()),
            "blockExplorerUrl": newest.map(explorer).unwrap_or_default(),
            "date": if unpaid { Value::from("") } else { order.changed_at.secs().into() },
            "surplusAmount": surplus.to_string(),
            "surplusStatus": if surplus.is_zero() { "no" } else { self.surplus_status(order) },
            "confirmations": confirmations,
            "failureCode": failure.map_or(0, |failure| failure.code).to_string(),
            "failureReason": failure.map_or("", |failure| failure.text),
            "returnTo": if status == Status::Failed { &terms.failed_return_to } else { &terms.return_to },
            "traceId": order.code.to_string(),
            "settleStatus": if settled.is_some() { "success" } else { "pending" },
        });
        if let Value::Object(rest) = rest {
            view.extend(rest);
        }
        match switches.nulls {
            Nulls::Null => view.values_mut().filter(|value| **value == "").for_each(|value| *value = Value::Null),
            Nulls::Missing if unpaid => view.retain(|_, value| *value != ""),
            Nulls::Empty | Nulls::Missing => {}
        }
        view
    }

    fn payee_shown(&self, id: Uuid) -> (String, String) {
        let person = self.people.get(crate::id::UserId(id));
        person.map_or_else(
            || ("Multisig group".into(), String::new()),
            |person| (person.name.clone(), person.number.clone()),
        )
    }

    fn surplus_status(&self, order: &Order) -> &'static str {
        let returned = order.returned.iter().find(|returned| returned.what.reason == SURPLUS);
        match returned.map(|returned| returned.hash) {
            None => "pending",
            Some(Some(hash)) if self.ledger.accepted.get(&hash).is_none_or(|accepted| accepted.final_at.is_none()) => {
                "sending"
            }
            Some(_) => "success",
        }
    }

    /// An order for control: everything `MixPay` knows, whatever it says.
    pub(super) fn mixpay_order_view(&self, order: &Order) -> Value {
        let terms = &order.terms;
        let payments: Vec<Value> = order
            .payments
            .iter()
            .map(|payment| {
                json!({"asset_id": payment.currency.id(), "amount": payment.amount.to_string(),
                       "by": if payment.chain { "chain" } else { "mixin" }, "counts": payment.counts,
                       "from": payment.from.map(|id| id.to_string()), "txid": payment.txid,
                       "at": payment.at.to_rfc3339(), "needs": payment.needs,
                       "confirmations": Order::confirmations(payment, self.clock)})
            })
            .collect();
        let returned = |returned: &Returned| {
            json!({"to": returned.what.to.map(|id| id.to_string()), "asset_id": returned.what.currency.id(),
                   "amount": returned.what.amount.to_string(), "code": returned.what.reason.code.to_string(),
                   "reason": returned.what.reason.text, "at": returned.at.to_rfc3339(),
                   "transaction_hash": returned.hash.map(|hash| hash.to_string())})
        };
        let settled = order.settled.as_ref().map(|settled| {
            json!({"transaction_hash": settled.hash.to_string(), "asset_id": settled.currency.id(),
                   "amount": settled.amount.to_string(), "final_at": settled.at.map(Millis::to_rfc3339)})
        });
        json!({
            "code": order.code.to_string(),
            "link": format!("https://mixpay.me/code/{}", order.code),
            "order_id": terms.order_id,
            "payee_id": terms.payee.to_string(),
            "quote_asset_id": terms.quote.id(),
            "quote_symbol": terms.quote.symbol,
            "quote_amount": terms.amount.to_string(),
            "settlement_asset_id": terms.settlement.id(),
            "payment_asset_id": terms.payment.map(Currency::id),
            "strict_mode": terms.strict,
            "remark": terms.remark,
            "settlement_memo": terms.settlement_memo,
            "return_to": terms.return_to,
            "failed_return_to": terms.failed_return_to,
            "callback_url": terms.callback_url,
            "callback_events": terms.events.iter().map(|event| event.word()).collect::<Vec<_>>(),
            "expires_at": terms.expires.map(Millis::to_rfc3339),
            "created_at": order.created_at.to_rfc3339(),
            "status": order.status.word(),
            "failure_code": order.failure.map_or(0, |failure| failure.code).to_string(),
            "payments": payments,
            "returned": order.returned.iter().map(returned).collect::<Vec<_>>(),
            "settle_status": if settled.is_some() && order.settled.as_ref().is_some_and(|settled| settled.at.is_some()) { "success" } else { "pending" },
            "settled": settled,
        })
    }

    /// What can pay an order: `[{asset_id, symbol, version, amount}]`.
    pub(super) fn mixpay_payable(order: &Order) -> Vec<Value> {
        let allowed = |currency: &Currency| order.terms.payment.is_none_or(|only| only == *currency);
        let one = |currency: Currency| {
            let amount = order.remaining(currency)?;
            Some(json!({"asset_id": currency.id(), "symbol": currency.symbol, "version": currency.version,
                        "amount": amount.to_string()}))
        };
        payable().filter(allowed).filter_map(one).collect()
    }

    fn known_payee(&self, query: &Fields) -> Result<(), Wrong> {
        let Some(payee) = query.get("payeeId")? else { return Ok(()) };
        let known = strict_uuid(&payee.to_ascii_lowercase()).and_then(|id| self.mixpay_payee(id));
        known.map(|_| ()).ok_or_else(|| wrong(10035, "this payee is nobody's"))
    }

    /// `GET /setting/quote_assets`.
    pub(super) fn mixpay_quote_assets(&self, query: &Fields) -> Result<Value, Wrong> {
        self.known_payee(query)?;
        let one = |currency: Currency| {
            let (least, most) = currency.range();
            json!({"symbol": currency.symbol, "iconUrl": "", "minQuoteAmount": least.to_string(),
                   "maxQuoteAmount": most.to_string(), "decimalDigit": if currency.asset.is_some() { 8 } else { 2 },
                   "isAsset": u8::from(currency.asset.is_some()), "assetId": currency.id(),
                   "chainAsset": chain(currency)})
        };
        Ok(quotable().map(one).collect())
    }

    /// `GET /setting/payment_assets`: `maxPaymentAmount` is 0 when the asset cannot pay this much.
    pub(super) fn mixpay_payment_assets(&self, query: &Fields) -> Result<Value, Wrong> {
        self.known_payee(query)?;
        let (quote, amount) = quoted(query)?;
        let usable = quote.zip(amount).is_none_or(|(quote, amount)| quote.limits(amount).is_ok());
        let one = |currency: Currency| {
            let (least, most) = currency.range();
            json!({"name": currency.name, "symbol": currency.symbol, "iconUrl": "", "assetId": currency.id(),
                   "network": currency.version, "onChainSupported": true, "minPaymentAmount": least.to_string(),
                   "maxPaymentAmount": if usable { most.to_string() } else { "0".into() },
                   "chainAsset": chain(currency)})
        };
        Ok(payable().map(one).collect())
    }

    /// `GET /setting/settlement_assets`.
    pub(super) fn mixpay_settlement_assets(&self, query: &Fields) -> Result<Value, Wrong> {
        self.known_payee(query)?;
        let (quote, amount) = quoted(query)?;
        let usable = quote.zip(amount).is_none_or(|(quote, amount)| quote.limits(amount).is_ok());
        let one = |currency: Currency| {
            json!({"name": currency.name, "symbol": currency.symbol, "iconUrl": "", "assetId": currency.id(),
                   "network": currency.version, "isAsset": true, "isAvailable": usable, "chainAsset": chain(currency)})
        };
        Ok(payable().map(one).collect())
    }

    /// `GET /payments_estimated`.
    pub(super) fn mixpay_estimated(query: &Fields) -> Result<Value, Wrong> {
        let unknown = || wrong(10002, "asset unknown");
        let payment = Currency::asset(query.need("paymentAssetId")?).ok_or_else(unknown)?;
        let settlement = Currency::asset(query.need("settlementAssetId")?).ok_or_else(unknown)?;
        let quote = Currency::quote(query.need("quoteAssetId")?);
        let quote = quote.ok_or_else(|| wrong(10003, "quote asset unsupported"))?;
        let too_much = || wrong(10005, "price too high");
        let (pays, quoted) = if let Some(amount) = read_amount(query, "paymentAmount")? {
            (amount, payment.convert(amount, quote, Round::Down).ok_or_else(too_much)?)
        } else {
            let amount = read_amount(query, "quoteAmount")?.ok_or_else(|| parameter("quoteAmount", "required"))?;
            (quote.convert(amount, payment, Round::Up).ok_or_else(too_much)?, amount)
        };
        quote.limits(quoted).map_err(|code| wrong(code, "price too low or too high"))?;
        let one = Amount::from_units(crate::money::UNITS_PER_COIN);
        Ok(json!({
            "price": payment.convert(one, quote, Round::Down).ok_or_else(too_much)?.to_string(),
            "paymentAmount": pays.to_string(),
            "paymentAssetId": payment.id(),
            "paymentSymbol": payment.symbol,
            "quoteAmount": quoted.to_string(),
            "quoteAssetId": quote.id(),
            "quoteSymbol": quote.symbol,
            "estimatedSettlementAmount":
                quote.convert(quoted, settlement, Round::Down).ok_or_else(too_much)?.to_string(),
            "settlementAssetId": settlement.id(),
            "settlementSymbol": settlement.symbol,
        }))
    }
}

/// What was paid as the payer's side shows it: all that counts, or what came last and went back.
fn shown_payment(order: &Order) -> Sum {
    let counted = order.counted().next().map(|first| (first.currency, order.total()));
    counted.or_else(|| order.payments.last().map(|last| (last.currency, last.amount)))
}

fn echoed(amount: Amount, form: Echo) -> String {
    match form {
        Echo::Trimmed => amount.to_string(),
        Echo::Two => padded(amount, 2),
        Echo::Eight => padded(amount, 8),
    }
}

fn explorer(payment: &Payment) -> String {
    format!("https://explorer.invalid/tx/{}", payment.txid)
}

fn transaction(payment: &Payment, now: Millis) -> Value {
    json!({
        "paymentAmount": payment.amount.to_string(),
        "paymentAssetId": payment.currency.id(),
        "paymentAssetSymbol": payment.currency.symbol,
        "paymentAssetVersion": payment.currency.version,
        "requiredConfirms": payment.needs,
        "confirmations": Order::confirmations(payment, now),
        "txid": payment.txid,
        "blockExplorerUrl": explorer(payment),
        "broadcastAt": payment.at.to_rfc3339(),
        "confirmSeconds": 0,
    })
}

fn chain(currency: Currency) -> Value {
    let Some(id) = currency.chain.map(|id| id.to_string()) else { return Value::Null };
    let own = Currency::asset(&id).unwrap_or(currency);
    json!({"id": id, "symbol": own.symbol, "name": own.name, "iconUrl": ""})
}

fn read_amount(query: &Fields, name: &str) -> Result<Option<Amount>, Wrong> {
    let amount = query.get(name)?.map(str::parse::<Amount>).transpose();
    amount.map_err(|_| parameter(name, "must be a number with at most 8 decimals"))
}

fn quoted(query: &Fields) -> Result<(Option<Currency>, Option<Amount>), Wrong> {
    let quote = match query.get("quoteAssetId")? {
        None => None,
        Some(id) => Some(Currency::quote(id).ok_or_else(|| wrong(10003, "quote asset unsupported"))?),
    };
    Ok((quote, read_amount(query, "quoteAmount")?))
}
