//! What a page is made of, the bot's own and the sandbox's: a frame with a strict security policy, a style, and one
//! script that keeps the page as its server would draw it now (`live.js`, with idiomorph to put in the difference).
//!
//! Markup is made with `maud`, which escapes whatever stands between its braces; nothing here takes a ready-made tag
//! from a person. No page runs a script or uses a style that is not served beside it.

mod events;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use maud::{DOCTYPE, Markup, html};

pub use events::{Body, events, whole};

/// Who may show a page inside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framed {
    Nowhere,
    /// Pages of the same server; they may show pages of it in turn.
    Here,
}

/// A page's frame.
pub struct Page<'a> {
    pub title: &'a str,
    /// A language as HTML names it: `en`, `zh-CN`.
    pub lang: &'a str,
    /// Style sheets beside [`asset`]'s `base.css`, by their paths.
    pub styles: &'a [&'a str],
    /// Whether the page is drawn anew as it changes: then its address must answer [`wants_events`] too.
    pub live: bool,
    pub framed: Framed,
}

impl Page<'_> {
    /// The whole document around `body`.
    #[must_use]
    pub fn answer(&self, status: StatusCode, body: &Markup) -> Response<Bytes> {
        let document = html! {
            (DOCTYPE)
            html lang=(self.lang) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (self.title) }
                    link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                    link rel="stylesheet" href="/assets/base.css";
                    @for style in self.styles { link rel="stylesheet" href=(style); }
                    script src="/assets/idiomorph.js" defer {}
                    script src="/assets/live.js" defer {}
                }
                body data-live[self.live] { (body) }
            }
        };
        let mut response = Response::new(Bytes::from(document.into_string()));
        *response.status_mut() = status;
        guard(response.headers_mut(), self.framed);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        response
    }
}

/// What every page says to the browser: nothing from elsewhere, nothing inline, no other site is told where one came from.
pub fn guard(headers: &mut HeaderMap, framed: Framed) {
    let (policy, referrer) = match framed {
        // Its address may be a secret.
        Framed::Nowhere => (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "no-referrer",
        ),
        // With "no-referrer" a form sent without the script would name no origin, and be taken for another site's.
        Framed::Here => (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
            "same-origin",
        ),
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, referrer),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// A file that pages need, under `/assets/`; `None`: there is no such file.
#[must_use]
pub fn asset(path: &str) -> Option<Response<Bytes>> {
    let (kind, text) = match path.strip_prefix("/assets/")? {
        "base.css" => ("text/css; charset=utf-8", include_str!("base.css")),
        "live.js" => ("text/javascript; charset=utf-8", include_str!("live.js")),
        "idiomorph.js" => ("text/javascript; charset=utf-8", include_str!("idiomorph.js")),
        "icon.svg" => ("image/svg+xml", include_str!("icon.svg")),
        _ => return None,
    };
    Some(file(kind, text))
}

/// A file of the program as an answer. Browsers keep it for a while: else each page takes five connections more.
#[must_use]
pub fn file(kind: &'static str, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    guard(response.headers_mut(), Framed::Nowhere);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    response
}

/// Goes to another page after a form was taken (303): reloading it sends nothing again.
#[must_use]
pub fn see_other(path: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    guard(response.headers_mut(), Framed::Here);
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}

/// Whether an address is asked for as an event stream: what `live.js` listens to.
#[must_use]
pub fn wants_events(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.starts_with("text/event-stream"))
}
