//! `MixPay`'s page for an order, the size of a phone: what it costs, in which coins, and a button for each.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use super::super::answer::strict_uuid;
use super::super::world::World;
use super::orders::{Order, Status};

const STYLE: &str = "body{font:17px/1.4 system-ui,sans-serif;max-width:26rem;margin:0 auto;padding:1rem;background:#f5f6f8;\
color:#1c1e21}main{background:#fff;border-radius:14px;padding:1.2rem}h1{font-size:1rem;color:#667;margin:0 0 .8rem}\
.amount{font-size:2rem;font-weight:700}p{margin:.3rem 0;overflow-wrap:anywhere}small{color:#667}button{display:flex;\
justify-content:space-between;width:100%;margin:.5rem 0;padding:.9rem 1rem;border:1px solid #d5d9e0;border-radius:10px;\
background:#fff;font:inherit}button:active{background:#eef2ff}#said{min-height:1.4em;font-weight:600}";

/// Pays with the coin of the button; `?who=` in the page's address names whose wallet.
const SCRIPT: &str = "const who=new URLSearchParams(location.search).get('who');\
for(const b of document.querySelectorAll('button'))b.onclick=async()=>{const said=document.getElementById('said');\
said.textContent='…';const body={asset:b.dataset.asset,by:b.dataset.by};if(who)body.who=who;\
const r=await fetch('/sandbox/mixpay/'+document.body.dataset.code+'/pay',{method:'POST',body:JSON.stringify(body)});\
const a=await r.json();if(r.ok)location.reload();else said.textContent=a.error};";

impl World {
    /// `GET /code/{code}`.
    pub(in crate::sandbox) fn mixpay_page(&self, code: &str) -> Response<Bytes> {
        let order = strict_uuid(code).and_then(|code| self.mixpay.orders.get(&code));
        let (status, body) = match order {
            Some(order) => (StatusCode::OK, page(order)),
            None => (StatusCode::NOT_FOUND, frame("", "<p>No such order · 订单不存在</p>", "")),
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, html);
        response
    }
}

fn frame(code: &str, content: &str, script: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>MixPay</title>\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><style>{STYLE}</style></head>\
         <body data-code=\"{code}\"><main><h1>MixPay</h1>{content}</main><script>{script}</script></body></html>"
    )
}

fn page(order: &Order) -> String {
    let terms = &order.terms;
    let status = match order.status {
        Status::Unpaid => "Unpaid · 待支付",
        Status::Pending => "Pending · 确认中",
        Status::Auditing => "Under review · 审核中",
        Status::Failed => "Failed · 支付失败",
        Status::Success => "Paid · 已支付",
    };
    let (symbol, remark) = (escaped(terms.quote.symbol), escaped(&terms.remark));
    let mut parts = vec![
        format!("<p class=\"amount\">{} {symbol}</p><p>{remark}</p><p id=\"status\">{status}</p>", terms.amount),
        "<p id=\"said\"></p>".to_owned(),
    ];
    if let Some(at) = terms.expires {
        parts.push(format!("<p><small>Expires · 过期: {}</small></p>", escaped(&at.to_rfc3339())));
    }
    if let Some(failure) = order.failure {
        parts.push(format!("<p>{} ({})</p>", escaped(failure.text), failure.code));
    }
    if order.status == Status::Unpaid || (order.status == Status::Pending && !order.is_fully_paid()) {
        let by = if order.status == Status::Pending { "chain" } else { "mixin" };
        parts.extend(World::mixpay_payable(order).iter().map(|coin| button(coin, by)));
    }
    let back = if order.status == Status::Failed { &terms.failed_return_to } else { &terms.return_to };
    if !back.is_empty() && order.status != Status::Unpaid {
        parts.push(format!("<p><a href=\"{}\">Back · 返回</a></p>", escaped(back)));
    }
    frame(&order.code.to_string(), &parts.concat(), SCRIPT)
}

fn button(coin: &Value, by: &str) -> String {
    let text = |key: &str| escaped(coin.get(key).and_then(Value::as_str).unwrap_or_default());
    format!(
        "<button data-asset=\"{}\" data-by=\"{by}\"><span>Pay · 支付 {} <small>{}</small></span><b>{}</b></button>",
        text("asset_id"),
        text("symbol"),
        text("version"),
        text("amount"),
    )
}

/// Safe between tags and inside quoted attributes.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
        safe
    })
}
