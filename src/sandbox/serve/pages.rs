//! Pages over the socket: what the bot says of itself is fetched before a page that needs it is drawn, the phone's
//! browser fetches the bot's own pages, and a page's address as an event stream tells when it would look different.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use maud::html;
use serde_json::Value;
use url::Url;

use super::Shared;
use crate::html::{self, Body, Framed, Page};
use crate::sandbox::page::{BotSays, asks, rewritten};
use crate::time::machine_now;

/// Pages that are looked at, at a time.
pub(super) const STREAMS_MAX: usize = 128;
/// How often a page that somebody looks at is drawn anew, if it may have changed; one that is fetched, less often.
const DRAWN_EVERY: Duration = Duration::from_millis(250);
const FETCHED_EVERY: Duration = Duration::from_secs(1);
/// How long the bot may take to answer, and how much it may say.
const WAIT: Duration = Duration::from_secs(3);
const SIZE_MAX: usize = 8 * 1024 * 1024;
const WEB: &str = "/page/web/";
/// What the bot's pages may be made of. Scripts are the ones both servers have.
const KINDS: [&str; 8] =
    ["text/html", "text/css", "text/plain", "image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif"];

/// Where the bot's own pages are: what the configuration it was given says. Empty: the bot serves none.
#[derive(Clone, Debug, Default)]
pub struct Bot {
    /// `web.public`: trade pages.
    pub public: String,
    /// `web.inspect`: its read-only JSON.
    pub inspect: String,
}

impl Bot {
    /// Of the bot's pages, as a browser compares it.
    pub(super) fn origin(&self) -> Option<String> {
        Url::parse(&self.public).ok().map(|url| url.origin().ascii_serialization())
    }
}

/// A client that reaches the bot beside this network: no proxy, no redirects, no patience.
pub(super) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(WAIT).build()
}

pub(super) async fn answer(shared: &Shared, request: Request<Bytes>) -> Response<Body> {
    if !html::wants_events(request.headers()) {
        return html::whole(draw(shared, &request).await);
    }
    let Ok(place) = shared.streams.clone().try_acquire_owned() else {
        return html::whole(refusal(StatusCode::SERVICE_UNAVAILABLE, "Too many pages are looked at."));
    };
    let path = request.uri().path();
    let fetched = path.starts_with(WEB) || !asks(path).is_empty();
    let mut asked = Request::new(Bytes::new());
    *asked.uri_mut() = request.uri().clone();
    // The place is free again when the stream ends.
    let watched = Arc::new((shared.clone(), asked, fetched, Mutex::new(None), place));
    html::events(if fetched { FETCHED_EVERY } else { DRAWN_EVERY }, move || {
        let watched = watched.clone();
        async move {
            let (shared, asked, fetched, drawn, _) = &*watched;
            // Taken before the drawing: what changes meanwhile is drawn the next time.
            let outlook = (!fetched).then(|| shared.lock().outlook(machine_now()));
            let last = drawn.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some((_, page)) = last.filter(|(of, _)| outlook.is_some() && *of == outlook) {
                return page;
            }
            let page = draw(shared, asked).await.into_body();
            *drawn.lock().unwrap_or_else(PoisonError::into_inner) = Some((outlook, page.clone()));
            page
        }
    })
}

async fn draw(shared: &Shared, request: &Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path();
    if let Some(who) = path.strip_prefix(WEB) {
        return browse(shared, request, who).await;
    }
    let mut said = BotSays::new();
    for path in asks(path) {
        let answer = inspected(shared, &path).await;
        said.insert(path, answer);
    }
    let response = shared.lock().page(request, &said, machine_now());
    if request.method() == Method::POST {
        shared.changed.notify_waiters();
    }
    response
}

/// What the bot's JSON says under `path`; `Err`: why it says nothing, for people.
async fn inspected(shared: &Shared, path: &str) -> Result<Value, String> {
    if shared.bot.inspect.is_empty() {
        return Err("The bot shows nothing of itself: web.inspect is not set.".to_owned());
    }
    let got = fetch(shared, &format!("{}{path}", shared.bot.inspect)).await?;
    if got.status != StatusCode::OK {
        return Err(format!("The bot answered {}.", got.status));
    }
    serde_json::from_slice(&got.body).map_err(|_| "The bot's answer is not JSON.".to_owned())
}

struct Got {
    status: StatusCode,
    kind: String,
    /// Whether it is a file to be kept, and what it is called.
    disposition: Option<HeaderValue>,
    body: Bytes,
}

async fn fetch(shared: &Shared, url: &str) -> Result<Got, String> {
    let client = shared.client.as_ref().ok_or("The sandbox has no client to ask the bot with.")?;
    let why = |error: reqwest::Error| {
        if error.is_timeout() {
            "The bot did not answer in time.".to_owned()
        } else if error.is_connect() {
            "The bot is not running.".to_owned()
        } else {
            format!("The bot's answer did not arrive: {}.", error.without_url())
        }
    };
    let mut response = client.get(url).send().await.map_err(why)?;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let disposition = response.headers().get(header::CONTENT_DISPOSITION).cloned();
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(why)? {
        if body.len() + chunk.len() > SIZE_MAX {
            return Err("The bot's answer is larger than 8 MiB.".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Got { status, kind, disposition, body: body.freeze() })
}

/// `GET /page/web/{who}?url=`: a page inside the phone. This network's own is shown as it is, one of the bot's is
/// fetched, and nothing else can be reached.
async fn browse(shared: &Shared, request: &Request<Bytes>, who: &str) -> Response<Bytes> {
    let query = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let address = query.into_owned().find(|(name, _)| name == "url").map(|(_, url)| url).unwrap_or_default();
    let Ok(url) = Url::parse(&address) else { return refusal(StatusCode::BAD_REQUEST, "This is no address.") };
    let origin = url.origin().ascii_serialization();
    let plain = !who.is_empty() && who.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if request.method() != Method::GET || !plain || !shared.lock().shows(&origin) {
        return refusal(StatusCode::FORBIDDEN, "The sandbox reaches nothing outside.");
    }
    if shared.bot.origin().as_ref() != Some(&origin) {
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        // Two slashes would lead to another host.
        return if path.starts_with("//") {
            refusal(StatusCode::NOT_FOUND, "This is no page.")
        } else {
            html::see_other(path)
        };
    }
    let got = match fetch(shared, url.as_str()).await {
        Ok(got) => got,
        Err(why) => return refusal(StatusCode::BAD_GATEWAY, &why),
    };
    if got.status.is_redirection() {
        return refusal(StatusCode::BAD_GATEWAY, "The page leads elsewhere.");
    }
    let Some(kind) = KINDS.into_iter().find(|kind| *kind == got.kind) else {
        return refusal(StatusCode::BAD_GATEWAY, "This is nothing a phone shows.");
    };
    let body = if kind == "text/html" {
        Bytes::from(rewritten(&String::from_utf8_lossy(&got.body), &url, who))
    } else {
        got.body
    };
    let mut response = handed_on(got.status, kind, body);
    if let Some(disposition) = got.disposition {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// What was fetched, under the policy of our own pages; its forms would be sent to us, so it has none.
fn handed_on(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    html::guard(headers, Framed::Here);
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let policy = policy.unwrap_or_default().replace("form-action 'self'", "form-action 'none'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let kind = if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() };
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn refusal(status: StatusCode, why: &str) -> Response<Bytes> {
    let page =
        Page { title: "Not opened", lang: "en", styles: &["/assets/page.css"], live: true, framed: Framed::Here };
    page.answer(status, &html! { main.checkout { div.card.stack { h1 { "Not opened" } p { (why) } } } })
}
