//! What no phone shows: everybody's money, the ledger, what the bot says of its trades, faults and the clock.
//!
//! What people and the bot wrote is quoted and escaped, never trusted; drawing a page changes nothing.

mod bot;
mod faults;
mod ledger;
mod said;
mod shown;
mod switches;
mod wallets;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use maud::{Markup, html};
use serde_json::Value;

use super::super::world::World;
use super::{BotSays, Visit, frame};
use crate::html::{Page, see_other};

/// Which of the bot's own answers a page needs: paths below its address for looking inside.
pub(in crate::sandbox) fn asks(path: &str) -> Vec<String> {
    let Some(what) = path.strip_prefix("/page/behind/") else { return Vec::new() };
    match what.trim_end_matches('/').split('/').collect::<Vec<_>>().as_slice() {
        ["ledger"] => vec!["/trades".into()],
        ["bot"] => vec!["/trades".into(), "/jobs".into()],
        ["trade", code] if said::is_code(code) => vec![format!("/trades/{code}")],
        _ => Vec::new(),
    }
}

/// What the last form came to.
enum Told<'a> {
    Nothing,
    Done(&'static str),
    /// Why not; the form is shown again as it was filled in.
    Refused(Refused, &'a Visit),
}

/// Why a form was not carried out, for people.
struct Refused {
    status: StatusCode,
    why: String,
}

/// What was done, as the word in `?done=`.
type Done = Result<&'static str, Refused>;

/// Words that `?done=` may bring.
const DONE: &[(&str, &str)] = &[
    ("given", "Test money given."),
    ("moved", "The network's clock was moved forward."),
    ("set", "Set: the next calls will meet it."),
    ("disturbed", "Done to every live connection."),
    ("taken", "One unit was taken away."),
    ("cleared", "All waiting faults were cleared."),
    ("saved", "Saved."),
];

impl Refused {
    fn mistake(why: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, why: why.into() }
    }
}

impl<'a> Told<'a> {
    fn read(visit: &Visit) -> Self {
        let word = visit.get("done").unwrap_or_default();
        DONE.iter().find(|(name, _)| *name == word).map_or(Self::Nothing, |(_, words)| Self::Done(words))
    }

    /// What stood in a field of the refused form.
    fn kept(&self, field: &str) -> Option<&'a str> {
        match self {
            Self::Refused(_, visit) => visit.all(field).next(),
            _ => None,
        }
    }

    /// Whether the form that was refused is the one whose `field` is `value`.
    fn is_of(&self, field: &str, value: &str) -> bool {
        self.kept(field) == Some(value)
    }

    fn status(&self) -> StatusCode {
        if let Self::Refused(refused, _) = self { refused.status } else { StatusCode::OK }
    }

    /// The page around `body`; `here` is its place among the ways.
    fn page(&self, title: &str, here: &str, body: &Markup) -> Response<Bytes> {
        let body = html! {
            (frame::ways(here))
            main.behind {
                @match self {
                    Self::Nothing => {}
                    Self::Done(words) => p.told.good role="status" { (words) },
                    Self::Refused(refused, _) => p.told.bad role="alert" { (refused.why) },
                }
                div.stack { h1 { (title) } (body) }
            }
        };
        // A refused form stands as it was filled in until the next one is sent.
        let live = !matches!(self, Self::Refused(..));
        Page { live, ..frame::page(title) }.answer(self.status(), &body)
    }
}

impl World {
    pub(super) fn behind(&mut self, what: &[&str], bot: &BotSays, visit: &Visit) -> Response<Bytes> {
        let told = Told::read(visit);
        match what {
            [] => see_other("/page/behind/wallets"),
            ["wallets"] => wallets::page(self, &told),
            ["ledger"] => ledger::page(self, bot, visit.get("all").is_some()),
            ["bot"] => bot::page(self, bot, visit.get("all").is_some()),
            ["trade", code] => bot::trade_page(self, bot, code),
            ["faults"] => faults::page(self, &told),
            _ => frame::nowhere(),
        }
    }

    pub(super) fn behind_does(&mut self, verb: &str, visit: &Visit) -> Response<Bytes> {
        let (back, done) = match verb {
            "mint" => ("wallets", wallets::mint(self, visit)),
            "clock" => ("faults", faults::clock(self, visit)),
            "fault" => ("faults", faults::fault(self, visit)),
            "switch" => ("faults", switches::save(self, visit)),
            "phone" => ("faults", faults::phone(self, visit)),
            _ => return frame::nowhere(),
        };
        match done {
            Ok(word) => see_other(&format!("/page/behind/{back}?done={word}")),
            Err(refused) if back == "wallets" => wallets::page(self, &Told::Refused(refused, visit)),
            Err(refused) => faults::page(self, &Told::Refused(refused, visit)),
        }
    }
}

/// Does what a control route does (the table in [`control`](crate::sandbox::control)).
fn control(world: &mut World, path: &str, body: &Value) -> Result<Value, Refused> {
    let mut request = Request::new(Bytes::from(body.to_string()));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = format!("/sandbox/{path}").parse().map_err(|_| Refused::mistake("no such thing"))?;
    let here = world.clock.since(world.advanced);
    let response = world.control(request, here);
    let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    if response.status() == StatusCode::OK {
        return Ok(answer);
    }
    let part = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let why = [part("field"), part("error"), part("cure")];
    let why = why.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    let status = if response.status() == StatusCode::CONFLICT { StatusCode::CONFLICT } else { StatusCode::BAD_REQUEST };
    Err(Refused { status, why: format!("Not done. {why}.") })
}
