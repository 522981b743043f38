//! The listeners. The public one answers at once and passes on no more than an order's id; when the bot is busy even
//! that is dropped, because MixPay repeats itself and deadlines ask anyway. What is read is read by a connection of
//! its own, so that however many look, the bot is not slower for it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore, mpsc};

use super::inspect::{Inside, refused};
use super::pages::{Pages, stands};
use super::{callback, markup};
use crate::chat::Lang;
use crate::engine::{Input, PAGE};
use crate::html::{self, Body};
use crate::store::Reader;
use crate::time::machine_now;

/// Largest body read: MixPay's has some 150 bytes.
const BODY_MAX: usize = 4 * 1024;
/// Connections at a time; more have to wait.
const CONNECTIONS_MAX: usize = 128;
/// How long a connection may take, whatever it does, unless it is told of changes.
const PATIENCE: Duration = Duration::from_secs(15);
/// Pages at a time that are told of changes: half of the connections stay free for everything else.
const STREAMS_MAX: usize = 64;
/// How long one is told at most; its browser comes again.
const STREAM_LIFE: Duration = Duration::from_hours(1);
/// How often a page that is looked at is drawn anew to see whether it changed.
const DRAWN_EVERY: Duration = Duration::from_secs(1);
/// To the pages beyond [`STREAMS_MAX`]: look again now, and ask again after a while.
const COME_AGAIN: &str = "retry: 15000\ndata: changed\n\n";

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

    async fn ask(&self, ask: impl FnOnce(&T, &Reader) -> Response<Bytes> + Send + 'static) -> Response<Bytes> {
        let (of, reader) = (self.of.clone(), self.reader.clone().lock_owned().await);
        let answered = tokio::task::spawn_blocking(move || ask(&of, &reader)).await;
        answered.unwrap_or_else(|_| markup::unwell(Lang::default()))
    }
}

impl Desk<Pages> {
    /// `rest`: what stands behind [`PAGE`].
    async fn page(&self, rest: &str) -> Response<Bytes> {
        let rest = rest.to_owned();
        self.ask(move |pages, reader| pages.answer(reader, &rest, machine_now())).await
    }
}

/// The public listener: `hints` gets what MixPay says, `pages` draws the trades' pages, if there are any. Serves until
/// it is dropped.
pub async fn serve(listener: TcpListener, hints: mpsc::Sender<Input>, pages: Option<Desk<Pages>>) {
    let public = Public { hints, pages, streams: Arc::new(Semaphore::new(STREAMS_MAX)) };
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
            html::whole(inside.ask(move |inside, reader| inside.answer(reader, &path, machine_now())).await)
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
                    let long = Arc::new(AtomicBool::new(false));
                    let flag = long.clone();
                    let served = service_fn(move |request| {
                        let answered = answer(request, flag.clone());
                        async move { Ok::<_, Infallible>(answered.await) }
                    });
                    let mut http = hyper::server::conn::http1::Builder::new();
                    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
                    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), served));
                    let ended = tokio::time::timeout(PATIENCE, connection.as_mut()).await;
                    if ended.is_err() && long.load(Ordering::Relaxed) {
                        let _ = tokio::time::timeout(STREAM_LIFE, connection).await;
                    }
                    drop(permit);
                });
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

#[derive(Clone)]
struct Public {
    hints: mpsc::Sender<Input>,
    pages: Option<Desk<Pages>>,
    streams: Arc<Semaphore>,
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
                return events(pages, &public.streams, rest, &long).await;
            }
            (Some(rest), Some(pages)) => pages.page(rest).await,
            _ => asset(path).unwrap_or_else(|| plain(StatusCode::NOT_FOUND, "text/plain", "nothing is here\n")),
        },
        _ => plain(StatusCode::NOT_FOUND, "text/plain", "nothing is here\n"),
    };
    html::whole(found)
}

/// Tells when the page changes, for as long as somebody listens.
async fn events(pages: &Desk<Pages>, streams: &Arc<Semaphore>, rest: &str, long: &AtomicBool) -> Response<Body> {
    let drawn = pages.page(rest).await;
    if !stands(&drawn) {
        return html::whole(drawn);
    }
    let Ok(permit) = streams.clone().try_acquire_owned() else {
        return html::whole(plain(StatusCode::OK, "text/event-stream", COME_AGAIN));
    };
    long.store(true, Ordering::Relaxed);
    let (pages, rest) = (pages.clone(), rest.to_owned());
    html::events(DRAWN_EVERY, move || {
        let _held = &permit;
        let (pages, rest) = (pages.clone(), rest.clone());
        async move { pages.page(&rest).await.into_body() }
    })
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
    let mut response = html::file(kind, body);
    *response.status_mut() = status;
    response
}
