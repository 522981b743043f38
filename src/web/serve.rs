//! The listeners. The public one answers at once and passes on no more than an order's id; when the bot is busy even
//! that is dropped, because MixPay repeats itself and deadlines ask anyway. What is read is read by a connection of
//! its own, so that however many look, the bot is not slower for it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore, mpsc};

use super::inspect::{Inside, refused};
use super::pages::{Pages, stands};
use super::{callback, markup};
use crate::chat::Lang;
use crate::engine::{Input, PAGE};
use crate::html::{self, Body, Framed};
use crate::store::Reader;
use crate::time::machine_now;

/// Largest body read: MixPay's has some 150 bytes.
const BODY_MAX: usize = 4 * 1024;
/// Connections at a time; more have to wait.
const CONNECTIONS_MAX: usize = 128;
/// Pages at a time that are told of changes: half of the connections stay free for everything else.
const STREAMS_MAX: usize = 64;
/// The same of one address: tabs and devices of a person.
const STREAMS_OF_ONE_MAX: usize = 4;
/// How long a page is told of changes at most; its browser comes again.
const STREAM_LIFE: Duration = Duration::from_hours(1);
/// How often a page that is looked at is drawn anew to see whether it changed.
const DRAWN_EVERY: Duration = Duration::from_secs(1);
/// To the pages beyond [`STREAMS_MAX`]: look again now, and ask again after a while.
const COME_AGAIN: &str = "retry: 15000\ndata: changed\n\n";

/// How long a connection may live, unless it is told of changes.
pub(super) struct Limits {
    /// Without a whole request: one that only waits for its next takes the place of somebody else.
    pub(super) head: Duration,
    /// Whatever it does.
    pub(super) whole: Duration,
    /// Beyond that, to end what is being answered.
    pub(super) rest: Duration,
}

pub(super) const LIMITS: Limits =
    Limits { head: Duration::from_secs(4), whole: Duration::from_secs(15), rest: Duration::from_secs(5) };

/// Something that answers out of the database, with the connection it reads by: one asks at a time, off the loop.
pub struct Desk<T> {
    reader: Arc<Mutex<Reader>>,
    of: Arc<T>,
}

impl<T> Clone for Desk<T> {
    fn clone(&self) -> Self {
        Self { reader: self.reader.clone(), of: self.of.clone() }
    }
}

impl<T: Send + Sync + 'static> Desk<T> {
    #[must_use]
    pub fn new(reader: Reader, of: T) -> Self {
        Self { reader: Arc::new(Mutex::new(reader)), of: Arc::new(of) }
    }

    /// `lang` is the reader's, as far as it is known yet.
    async fn ask(
        &self,
        lang: Lang,
        ask: impl FnOnce(&T, &Reader) -> Response<Bytes> + Send + 'static,
    ) -> Response<Bytes> {
        let (of, reader) = (self.of.clone(), self.reader.clone().lock_owned().await);
        let answered = tokio::task::spawn_blocking(move || ask(&of, &reader)).await;
        answered.unwrap_or_else(|_| markup::unwell(lang))
    }
}

impl Desk<Pages> {
    /// `rest`: what stands behind [`PAGE`].
    async fn page(&self, rest: &str, lang: Lang) -> Response<Bytes> {
        let rest = rest.to_owned();
        self.ask(lang, move |pages, reader| pages.answer(reader, &rest, lang, machine_now())).await
    }
}

/// The public listener: `hints` gets what MixPay says, `pages` draws the trades' pages, if there are any. Serves until
/// it is dropped.
pub async fn serve(listener: TcpListener, hints: mpsc::Sender<Input>, pages: Option<Desk<Pages>>) {
    let public = Public { hints, pages, streams: Streams::default() };
    listen(listener, move |request, long| answer(public.clone(), request, long)).await;
}

/// The listener for this machine's own people. Serves until it is dropped.
pub async fn inspect(listener: TcpListener, inside: Desk<Inside>) {
    listen(listener, move |request, _| {
        let inside = inside.clone();
        async move {
            if let Some(refused) = refused(request.method(), request.headers()) {
                return html::whole(refused);
            }
            let path = request.uri().path().to_owned();
            html::whole(
                inside.ask(Lang::default(), move |inside, reader| inside.answer(reader, &path, machine_now())).await,
            )
        }
    })
    .await;
}

/// Hands requests to `answer`, together with a flag to raise when the connection may live long.
async fn listen<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Incoming>, Arc<AtomicBool>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Too many open files and the like: others may leave.
                    tokio::time::sleep(Duration::from_millis(250)).await;
                    continue;
                };
                let answer = answer.clone();
                tasks.spawn(async move {
                    keep(stream, answer, &LIMITS).await;
                    drop(permit);
                });
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

/// Serves a connection for as long as it may live.
pub(super) async fn keep<A, F>(stream: impl AsyncRead + AsyncWrite + Unpin, answer: A, limits: &Limits)
where
    A: Fn(Request<Incoming>, Arc<AtomicBool>) -> F,
    F: Future<Output = Response<Body>>,
{
    let long = Arc::new(AtomicBool::new(false));
    let flag = long.clone();
    let served = service_fn(move |request| {
        let answered = answer(request, flag.clone());
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), served));
    if tokio::time::timeout(limits.whole, connection.as_mut()).await.is_ok() {
        return;
    }
    if !long.load(Ordering::Relaxed) {
        // Whatever is being answered is answered to its end: the browser would take half of it for a fault of ours.
        connection.as_mut().graceful_shutdown();
        if tokio::time::timeout(limits.rest, connection.as_mut()).await.is_ok() {
            return;
        }
    }
    if long.load(Ordering::Relaxed) {
        let _ = tokio::time::timeout(STREAM_LIFE, connection).await;
    }
}

#[derive(Clone)]
struct Public {
    hints: mpsc::Sender<Input>,
    pages: Option<Desk<Pages>>,
    streams: Streams,
}

async fn answer(public: Public, request: Request<Incoming>, long: Arc<AtomicBool>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let found = match (&parts.method, path) {
        (&Method::POST, callback::PATH) => hint(&public.hints, body).await,
        (_, callback::PATH) => plain(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "post it\n"),
        (&Method::GET, "/health") => plain(StatusCode::OK, "text/plain", "ok\n"),
        (&Method::GET, path) => match (path.strip_prefix(PAGE), &public.pages) {
            (Some(rest), Some(pages)) if html::wants_events(&parts.headers) => {
                return events(pages, &public.streams, (rest, lang(&parts.headers)), &long).await;
            }
            (Some(rest), Some(pages)) => pages.page(rest, lang(&parts.headers)).await,
            _ => asset(path).unwrap_or_else(|| plain(StatusCode::NOT_FOUND, "text/plain", "nothing is here\n")),
        },
        _ => plain(StatusCode::NOT_FOUND, "text/plain", "nothing is here\n"),
    };
    html::whole(found)
}

/// The language a browser asks for.
fn lang(headers: &HeaderMap) -> Lang {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|asked| asked.to_str().ok());
    asked.and_then(Lang::accepted).unwrap_or_default()
}

/// Tells when the page changes, for as long as somebody listens.
async fn events(
    pages: &Desk<Pages>,
    streams: &Streams,
    (rest, language): (&str, Lang),
    long: &AtomicBool,
) -> Response<Body> {
    let drawn = pages.page(rest, language).await;
    if !stands(&drawn) {
        return html::whole(drawn);
    }
    let token = rest.split('/').next().unwrap_or_default();
    let Some(seat) = streams.take(token) else {
        return html::whole(plain(StatusCode::OK, "text/event-stream", COME_AGAIN));
    };
    long.store(true, Ordering::Relaxed);
    let (pages, rest) = (pages.clone(), rest.to_owned());
    html::events(DRAWN_EVERY, move || {
        let _held = &seat;
        let (pages, rest) = (pages.clone(), rest.clone());
        async move { pages.page(&rest, language).await.into_body() }
    })
}

/// Who is told of changes now, by the token of the page.
#[derive(Clone, Default)]
pub(super) struct Streams(Arc<std::sync::Mutex<BTreeMap<String, usize>>>);

/// One of them, until it is dropped.
pub(super) struct Seat {
    streams: Streams,
    token: String,
}

impl Streams {
    /// `None`: there are too many, or too many of this page.
    pub(super) fn take(&self, token: &str) -> Option<Seat> {
        let mut held = self.held();
        let of_it = held.get(token).copied().unwrap_or_default();
        if of_it >= STREAMS_OF_ONE_MAX || held.values().sum::<usize>() >= STREAMS_MAX {
            return None;
        }
        held.insert(token.to_owned(), of_it + 1);
        Some(Seat { streams: self.clone(), token: token.to_owned() })
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = self.streams.held();
        match held.get_mut(&self.token) {
            Some(of_it) if *of_it > 1 => *of_it -= 1,
            _ => drop(held.remove(&self.token)),
        }
    }
}

async fn hint(hints: &mpsc::Sender<Input>, body: Incoming) -> Response<Bytes> {
    let Ok(body) = Limited::new(body, BODY_MAX).collect().await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "too large\n");
    };
    if let Some(order) = callback::order_of(&body.to_bytes()) {
        let _ = hints.try_send(Input::Hint { order });
    }
    plain(StatusCode::OK, "application/json", callback::ANSWER)
}

fn asset(path: &str) -> Option<Response<Bytes>> {
    if path == markup::STYLE {
        return Some(html::file("text/css; charset=utf-8", include_str!("trade.css")));
    }
    html::asset(path)
}

fn plain(status: StatusCode, kind: &'static str, body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = status;
    html::guard(response.headers_mut(), Framed::Nowhere);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
