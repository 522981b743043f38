//! `MixPay`'s checkout: what an order costs, how far it is, and a button for each coin. It stands on a page of its own,
//! for whoever scanned the code with a wallet outside the network, and on the sheet of a phone.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::answer::strict_uuid;
use super::super::phone::NotDone;
use super::super::world::{Query, World};
use super::orders::{Due, Order, Status};
use crate::html::{Framed, Page, see_other};
use crate::time::Millis;

/// What the form says when nobody changes it: enough to see the order wait, not long enough to wait for it.
const CONFIRMATIONS: &str = "1";

/// An order as it is shown, in parts that a page or a sheet puts into forms of its own.
pub(in crate::sandbox) struct Till {
    /// What it costs and how far it is.
    pub(in crate::sandbox) order: Markup,
    /// A submit button for each coin, named `asset`; empty when nothing can be paid.
    pub(in crate::sandbox) coins: Markup,
    /// Fields of a payment from outside: `amount`, `confirmations`.
    pub(in crate::sandbox) outside: Markup,
    /// A choice of every coin, the right one or not, named `asset`.
    pub(in crate::sandbox) choice: Markup,
    /// A wallet of the network may pay.
    pub(in crate::sandbox) by_wallet: bool,
    /// Money from outside is still waited for.
    pub(in crate::sandbox) by_chain: bool,
    /// Where the order sends the payer afterwards.
    pub(in crate::sandbox) back: Option<String>,
}

struct Coin {
    asset: String,
    /// `0.0011 BTC`, `10 USDT TRC20`.
    sum: String,
}

impl World {
    /// `GET /code/{code}`; `refused` says why a payment was not made.
    pub(in crate::sandbox) fn mixpay_page(&self, code: &str, refused: Option<&str>) -> Response<Bytes> {
        let till = strict_uuid(code).and_then(|code| self.mixpay_till(code));
        let status = match (&till, refused) {
            (None, _) => StatusCode::NOT_FOUND,
            (Some(_), Some(_)) => StatusCode::CONFLICT,
            (Some(_), None) => StatusCode::OK,
        };
        let page = Page {
            title: "MixPay",
            lang: "en",
            styles: &["/assets/page.css"],
            live: till.is_some(),
            framed: Framed::Here,
        };
        let body = html! {
            main.checkout {
                div.card.stack {
                    h1 { "MixPay" }
                    @if let Some(why) = refused { p.alert role="alert" { (why) } }
                    @match till {
                        None => p { "There is no such order." },
                        Some(till) => {
                            (till.order)
                            @if till.by_chain {
                                form.stack method="post" action={ "/page/mixpay/" (code) "/pay" } id="mixpay-pay" {
                                    (till.coins)
                                    details id="mixpay-otherwise" {
                                        summary { "Another amount" }
                                        div.stack { (till.outside) }
                                    }
                                    p.small.soft { "Pays from a wallet outside the network." }
                                }
                            }
                            @if let Some(back) = &till.back { p { a href=(back) { "Back to the shop" } } }
                        }
                    }
                }
            }
        };
        page.answer(status, &body)
    }

    /// `POST /page/mixpay/{code}/pay`: fields `asset`, and `amount` and `confirmations` when they are not the usual.
    pub(in crate::sandbox) fn mixpay_page_pays(&mut self, code: &str, fields: &Query) -> Response<Bytes> {
        match self.mixpay_pay_from_outside(code, fields) {
            Ok(()) => see_other(&format!("/code/{code}")),
            Err(refused) => self.mixpay_page(code, Some(&refused.reason)),
        }
    }

    /// A payment on an outside chain, of any amount in any coin; whatever the order makes of it, it was sent.
    pub(in crate::sandbox) fn mixpay_pay_from_outside(&mut self, code: &str, fields: &Query) -> Result<(), NotDone> {
        let mut body = json!({"asset": fields.get("asset").unwrap_or_default(), "by": "chain"});
        if let Some(amount) = fields.get("amount") {
            body["amount"] = amount.trim().into();
        }
        if let Some(count) = fields.get("confirmations") {
            body["confirmations"] = count.trim().parse::<u64>().map_or(Value::Null, Value::from);
        }
        self.mixpay_checkout(code, &body)?;
        Ok(())
    }

    /// An order as it stands.
    pub(in crate::sandbox) fn mixpay_till(&self, code: Uuid) -> Option<Till> {
        let order = self.mixpay.orders.get(&code)?;
        let missing = order.status == Status::Pending && !order.is_fully_paid();
        let by_chain = missing || order.status == Status::Unpaid;
        let all = coins(order);
        let first = order.counted().next().map(|payment| payment.currency.id());
        let offered = all.iter().filter(|coin| by_chain && first.as_ref().is_none_or(|first| *first == coin.asset));
        let back = match order.status {
            Status::Unpaid => "",
            Status::Failed => &order.terms.failed_return_to,
            _ => &order.terms.return_to,
        };
        Some(Till {
            order: self.mixpay_order_drawn(order),
            coins: html! {
                div.coins {
                    @for (nth, coin) in offered.enumerate() {
                        button.primary[nth == 0] name="asset" value=(coin.asset) id={ "mixpay-" (coin.asset) } {
                            "Pay " (coin.sum)
                        }
                    }
                }
            },
            outside: html! {
                div {
                    label for="mixpay-amount" { "Amount sent (empty: exactly what is due)" }
                    input #mixpay-amount name="amount" inputmode="decimal" autocomplete="off";
                }
                div {
                    label for="mixpay-confirmations" { "Confirmations it needs, one every 10 seconds" }
                    input #mixpay-confirmations name="confirmations" inputmode="numeric" autocomplete="off"
                        value=(CONFIRMATIONS);
                }
            },
            choice: html! {
                div {
                    label for="mixpay-coin" { "Coin, and what is due in it" }
                    select #mixpay-coin name="asset" {
                        @for coin in &all {
                            option value=(coin.asset) selected[first.as_ref() == Some(&coin.asset)] { (coin.sum) }
                        }
                    }
                }
            },
            by_wallet: order.status == Status::Unpaid,
            by_chain,
            back: (!back.is_empty()).then(|| back.to_owned()),
        })
    }

    fn mixpay_order_drawn(&self, order: &Order) -> Markup {
        let terms = &order.terms;
        let (kind, status) = status_words(order);
        html! {
            p.sum { (terms.amount) " " (terms.quote.symbol) }
            @if !terms.remark.is_empty() { p.middle { (terms.remark) } }
            p.middle #mixpay-status { span class={ "tag " (kind) } { (status) } }
            dl.facts {
                @if let Some((at, Due::WindowOver)) = order.due(&self.switches.mixpay) {
                    dt { "The rest by" } dd { (moment(at)) }
                }
                @if let Some(at) = terms.expires { dt { "Expires" } dd { (moment(at)) } }
                @for payment in &order.payments {
                    dt { "Received" }
                    dd {
                        (payment.amount) " " (payment.currency.symbol)
                        @if payment.needs > 0 && order.status != Status::Failed {
                            ", " (Order::confirmations(payment, self.clock)) " of " (payment.needs) " confirmations"
                        }
                    }
                }
                @for back in &order.returned {
                    dt { "Given back" }
                    dd { (back.what.amount) " " (back.what.currency.symbol) ": " (back.what.reason.text) }
                }
                @if let Some(settled) = &order.settled {
                    dt { "Passed on" }
                    dd {
                        (settled.amount) " " (settled.currency.symbol)
                        @if settled.at.is_none() { ", on its way" }
                    }
                }
            }
        }
    }
}

/// Which tag, and what it says.
fn status_words(order: &Order) -> (&'static str, String) {
    match order.status {
        Status::Unpaid => ("", "Unpaid".to_owned()),
        Status::Pending if order.is_fully_paid() => ("warn", "Pending: waits for confirmations".to_owned()),
        Status::Pending => {
            let first = order.counted().next().map(|payment| payment.currency);
            let rest = first.and_then(|currency| Some((order.remaining(currency)?, currency.symbol)));
            let (rest, symbol) = rest.unwrap_or_default();
            ("warn", format!("Pending: {rest} {symbol} is missing"))
        }
        Status::Auditing => ("warn", "Under review".to_owned()),
        Status::Failed => {
            let why = order.failure.map(|failure| format!(": {} ({})", failure.text, failure.code));
            ("bad", format!("Failed{}", why.unwrap_or_default()))
        }
        Status::Success => ("good", "Paid".to_owned()),
    }
}

/// Every coin the order takes, the one it is quoted in first.
fn coins(order: &Order) -> Vec<Coin> {
    let quote = order.terms.quote.id();
    let mut coins: Vec<Coin> = World::mixpay_payable(order)
        .iter()
        .map(|coin| {
            let text = |key: &str| coin.get(key).and_then(Value::as_str).unwrap_or_default();
            let sum = format!("{} {} {}", text("amount"), text("symbol"), text("version"));
            Coin { asset: text("asset_id").to_owned(), sum: sum.trim_end().to_owned() }
        })
        .collect();
    coins.sort_by_key(|coin| coin.asset != quote);
    coins
}

/// `2026-01-01 00:00 UTC`.
fn moment(at: Millis) -> Markup {
    let text = at.to_rfc3339();
    let minutes = text.get(..16).unwrap_or(&text).replace('T', " ");
    html! { time datetime=(text) { (minutes) " UTC" } }
}
