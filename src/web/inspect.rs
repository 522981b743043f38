//! The bot's insides as JSON, for this machine's own people and programs: to be read only, and nothing in it opens or
//! moves anything.
//!
//! | Route | What it tells |
//! |---|---|
//! | `GET /trades` | the newest trades |
//! | `GET /trades/{code}` | one trade and its history |
//! | `GET /jobs` | the queue, without what is in it |

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::chat::say::page::{Course, PageLine, Standing};
use crate::chat::say::{self, Lang, Line};
use crate::chat::{House, Known, View, cards, text};
use crate::engine::MixinLinks;
use crate::html::{self, Framed};
use crate::store::{JobSeen, Read, Reader, StoreError};
use crate::time::Millis;
use crate::trade::deposit::Lock;
use crate::trade::plan::End;
use crate::trade::{Deposit, Event, Kind, Oddity, Plan, Role, State, Trade};

/// Most trades, and most jobs, of one answer: a trade with all its outputs may take a hundred kilobytes, and whoever
/// reads the answer has it whole in memory.
const TRADES_MAX: u32 = 50;
const JOBS_MAX: u32 = 500;

/// What is shown is shown as the bot itself would read it.
pub struct Inside {
    pub house: House,
}

/// Why a request is not even looked at; `None`: it is. Only this machine's names are taken for the host: any other may
/// be made to lead here by a page that somebody opens.
#[must_use]
pub(super) fn refused(method: &Method, headers: &HeaderMap) -> Option<Response<Bytes>> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    if !["127.0.0.1", "localhost", "[::1]"].contains(&name) {
        return Some(answer(StatusCode::FORBIDDEN, &json!({ "error": "only this machine may look inside" })));
    }
    (method != Method::GET).then(|| answer(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": "only GET" })))
}

impl Inside {
    /// The answer to a GET. `now` is machine time.
    #[must_use]
    pub fn answer(&self, reader: &Reader, path: &str, now: Millis) -> Response<Bytes> {
        let found = match path {
            "/trades" => self.trades(reader, now).map(Some),
            "/jobs" => jobs(reader).map(Some),
            _ => match path.strip_prefix("/trades/") {
                Some(code) => self.trade(reader, code, now),
                None => Ok(None),
            },
        };
        match found {
            Ok(Some(value)) => answer(StatusCode::OK, &value),
            Ok(None) => answer(StatusCode::NOT_FOUND, &json!({ "error": "nothing is here" })),
            Err(error) => {
                tracing::error!(%error, "the insides cannot be read");
                answer(StatusCode::SERVICE_UNAVAILABLE, &json!({ "error": "the database cannot be read" }))
            }
        }
    }

    fn trades(&self, reader: &Reader, now: Millis) -> Result<Value, StoreError> {
        let read = reader.newest(TRADES_MAX)?;
        let trades: Vec<Value> = read.trades.iter().map(|trade| self.view(&read, trade, now, outline)).collect();
        Ok(json!({ "trades": trades }))
    }

    fn trade(&self, reader: &Reader, code: &str, now: Millis) -> Result<Option<Value>, StoreError> {
        let read = reader.trade(code)?;
        let Some(trade) = read.trades.first() else { return Ok(None) };
        Ok(Some(self.view(&read, trade, now, |view| {
            let mut value = outline(view);
            let lines = read.history.iter().map(|row| {
                let name = name(&row.event);
                let words = cards::told(view, &row.event).unwrap_or_else(|| name.replace('_', " "));
                json!({ "at": row.at.to_rfc3339(), "version": row.version, "event": pascal(&name), "words": words })
            });
            value["history"] = lines.collect();
            value
        })))
    }

    /// A trade as the bot itself would read it: whoever shows one to the operator shows this. `now` is machine time.
    pub fn view<T>(&self, read: &Read, trade: &Trade, now: Millis, show: impl FnOnce(&View<'_>) -> T) -> T {
        show(&View {
            trade,
            viewer: self.house.bot,
            people: &|person| read.people.get(&person).map(|row| row.person.clone()),
            house: &self.house,
            links: &MixinLinks { bot: self.house.bot, pages: None },
            clock: &read.clock,
            now: read.clock.service(read.clock.server(now)),
            clock_halted: read.clock_halted,
            lang: Lang::default(),
            token: &|_| String::new(),
            known: &Known::default(),
            kit: &|| None,
        })
    }
}

fn answer(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    html::guard(response.headers_mut(), Framed::Nowhere);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn own(line: PageLine) -> String {
    say::words(Lang::default(), &Line::Page(line))
}

fn outline(view: &View<'_>) -> Value {
    let trade = view.trade;
    let asset = &trade.terms.asset;
    let (waits_for, until) = cards::waits(view);
    json!({
        "id": trade.id,
        "code": trade.code,
        "state": trade.state.name(),
        "item": text::quoted(&trade.terms.item),
        "buyer": trade.person(Role::Buyer),
        "seller": trade.person(Role::Seller),
        "asset": { "id": asset.id, "symbol": asset.symbol, "label": asset.label() },
        "price": trade.terms.price.to_string(),
        "due": trade.due().to_string(),
        "locked": cards::locked(trade).to_string(),
        "waits_for": waits_for,
        "deadline": until.map(|until| view.clock.to_server(until).to_rfc3339()),
        "frozen": trade.frozen,
        "created_at": trade.created_at.to_rfc3339(),
        "outputs": trade.deposits.iter().map(|deposit| output(trade, deposit)).collect::<Vec<_>>(),
        "plans": trade.plans.iter().map(|plan| plan_of(trade, plan)).collect::<Vec<_>>(),
    })
}

fn output(trade: &Trade, deposit: &Deposit) -> Value {
    json!({
        "output_id": deposit.output_id,
        "transaction_hash": deposit.hash,
        "output_index": deposit.index,
        "amount": deposit.amount.to_string(),
        "asset_id": deposit.asset,
        "standing": own(PageLine::Standing(standing(trade, deposit))),
    })
}

fn standing(trade: &Trade, deposit: &Deposit) -> Standing {
    let of = |plan: &&Plan| plan.inputs.iter().any(|input| input.output_id == deposit.output_id);
    if let Lock::Spent(by) = deposit.lock {
        let ours = |plan: &&Plan| by.is_some_and(|by| plan.carries(by));
        return Standing::Spent(trade.plans.iter().filter(of).find(ours).map(|plan| plan.kind));
    }
    let living: Vec<Kind> = trade.plans.iter().filter(|plan| plan.lives()).filter(of).map(|plan| plan.kind).collect();
    match (trade.state, deposit.lock) {
        _ if living.contains(&Kind::Return) => Standing::GoesBack,
        _ if !living.is_empty() => Standing::Frozen,
        _ if deposit.oddity == Some(Oddity::Inscription) => Standing::Untouched,
        (State::AwaitingPayment { .. }, Lock::Signed(_)) if deposit.counts() => Standing::Held,
        (State::AwaitingPayment { .. }, _) if deposit.counts() => Standing::Counts,
        _ => Standing::NotNeeded,
    }
}

fn plan_of(trade: &Trade, plan: &Plan) -> Value {
    let kind = match plan.kind {
        Kind::Release => "release",
        Kind::Refund => "refund",
        Kind::Split => "split",
        Kind::Return => "return",
    };
    let members = trade.vault().map(|vault| vault.members).unwrap_or_default();
    let signed = plan.signed.keys().filter_map(|index| members.get(usize::from(*index)));
    json!({
        "no": plan.no,
        "kind": kind,
        "state": own(PageLine::Course(course(plan))),
        "payouts": plan.payouts.iter().map(|payout| json!({ "to": payout.to, "amount": payout.amount.to_string() }))
            .collect::<Vec<_>>(),
        "request_id": plan.request.map(|request| request.id),
        "signed_by": signed.collect::<Vec<_>>(),
        "authorised": plan.authorised.is_some(),
        "cosigned": plan.cosigned,
    })
}

const fn course(plan: &Plan) -> Course {
    match (plan.end, plan.request) {
        (Some(End::Spent), _) => Course::Done,
        (Some(End::Void), _) => Course::Void,
        (Some(End::Lapsed), _) => Course::Lapsed,
        _ if plan.cosigned => Course::Cosigned,
        _ if plan.authorised.is_some() => Course::Authorised,
        _ if plan.payload.is_none() => Course::NoPayload,
        (None, Some(request)) if request.open => Course::Stands,
        _ => Course::NoRequest,
    }
}

fn jobs(reader: &Reader) -> Result<Value, StoreError> {
    let job = |job: JobSeen| {
        json!({
            "id": job.id,
            "kind": job.kind,
            "lane": job.lane,
            "trade": job.trade,
            "run_at": job.run_at.to_rfc3339(),
            "tries": job.tries,
            "refusals": job.refusals,
            "parked": job.parked,
        })
    };
    Ok(json!({ "jobs": reader.jobs(JOBS_MAX)?.into_iter().map(job).collect::<Vec<_>>() }))
}

/// As the history's rows name it.
fn name(event: &Event) -> String {
    match serde_json::to_value(event) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// As the law names it: `RequestOpened`.
fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str())).unwrap_or_default()
    };
    name.split('_').map(word).collect()
}
