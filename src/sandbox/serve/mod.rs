//! The only sockets: REST, Blaze, control and pages on one port.

mod pages;

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use super::attachments::UPLOAD_MAX;
use super::blaze::{ConnId, Frame};
use super::faults::Lost;
use super::mixpay::{Callback, acknowledged, post};
use super::world::{BODY_MAX, World};
use crate::html::{self, Body};
use crate::time::machine_now;

pub use pages::Bot;

/// The subprotocol of Blaze, echoed when offered.
const SUBPROTOCOL: &str = "Mixin-Blaze-1";
/// How long a connection sleeps at most before it looks again; a change wakes it at once.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long the one who is called back may take, and how much it may say.
const CALLBACK_WAIT: Duration = Duration::from_secs(5);
const CALLBACK_ANSWER_MAX: u64 = 64 * 1024;
/// Largest frame read from a client.
const FRAME_MAX: usize = 4 * 1024 * 1024;

/// The world, and the bell that rings when something in it may have changed.
#[derive(Clone)]
struct Shared {
    world: Arc<Mutex<World>>,
    changed: Arc<Notify>,
    /// Where the bot's own pages are.
    bot: Bot,
    /// Asks the bot for them.
    client: Option<reqwest::Client>,
    /// Places for pages that are looked at.
    streams: Arc<Semaphore>,
    /// Ends when the server does.
    running: watch::Receiver<()>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves REST, Blaze (an upgrade of `GET /`), `MixPay`, pages and `/sandbox/…` on `listener` until `shutdown` completes,
/// and makes `MixPay`'s callbacks to 127.0.0.1; those to anywhere else fail.
/// The listener should be on loopback: control asks for no token.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    world: Arc<Mutex<World>>,
    listener: TcpListener,
    bot: Bot,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (_until_return, running) = watch::channel(());
    let client = pages::client().inspect_err(|error| tracing::warn!(%error, "the bot's pages cannot be fetched")).ok();
    let streams = Arc::new(Semaphore::new(pages::STREAMS_MAX));
    let shared = Shared { world, changed: Arc::new(Notify::new()), bot, client, streams, running };
    let own = listener.local_addr()?.port();
    let own = ["127.0.0.1", "localhost"].map(|name| format!("http://{name}:{own}"));
    shared.lock().browsable(own.into_iter().chain(shared.bot.origin()));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(callbacks(shared.clone()));
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(tasks.spawn(connection(shared.clone(), stream))),
                // Too many open files and the like: others may leave.
                Err(error) if error.kind() != io::ErrorKind::InvalidInput => tokio::time::sleep(LOOK_EVERY).await,
                Err(error) => return Err(error),
            },
            Some(_) = tasks.join_next() => {}
        }
    }
}

/// Makes `MixPay`'s callbacks as they fall due; this also keeps the network's time going when nobody asks.
async fn callbacks(shared: Shared) {
    let mut calls = tokio::task::JoinSet::new();
    loop {
        let due = shared.lock().callbacks_out(machine_now());
        for callback in due {
            calls.spawn(call_back(shared.clone(), callback));
        }
        while calls.try_join_next().is_some() {}
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn call_back(shared: Shared, callback: Callback) {
    let said = match post(&callback) {
        Some((port, request)) => tokio::time::timeout(CALLBACK_WAIT, exchange(port, &request)).await,
        None => Ok(Err(io::Error::other("not on 127.0.0.1"))),
    };
    let good = said.is_ok_and(|said| said.is_ok_and(|answer| acknowledged(&answer)));
    shared.lock().callback_answered(callback.id, good, machine_now());
}

async fn exchange(port: u16, request: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(CALLBACK_ANSWER_MAX).read_to_end(&mut answer).await?;
    Ok(answer)
}

async fn connection(shared: Shared, stream: TcpStream) {
    let served = service_fn(move |request| answer(shared.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), served);
    if let Err(error) = connection.with_upgrades().await {
        tracing::debug!(%error, "sandbox connection ended");
    }
}

/// An error here drops the connection without an answer: that is how a lost answer looks from outside.
async fn answer(shared: Shared, mut request: Request<Incoming>) -> Result<Response<Body>, io::Error> {
    if request.method() == http::Method::GET && request.headers().contains_key(header::SEC_WEBSOCKET_KEY) {
        return Ok(upgrade(&shared, &mut request));
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_MAX.max(UPLOAD_MAX)).collect().await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let control = parts.uri.path().starts_with("/sandbox/");
    let page = super::page::is_page(parts.uri.path());
    if (control || page) && !same_origin(&parts.headers) {
        return Ok(plain(StatusCode::FORBIDDEN));
    }
    let request = Request::from_parts(parts, body.to_bytes());
    if page {
        return Ok(pages::answer(&shared, request).await);
    }
    let response = {
        let mut world = shared.lock();
        if control { world.control(request, machine_now()) } else { world.handle(request, machine_now()) }
    };
    shared.changed.notify_waiters();
    if response.extensions().get::<Lost>().is_some() {
        return Err(io::Error::other("lost on purpose"));
    }
    Ok(html::whole(response))
}

/// Whether a browser's page, if it is one, came from here: control and pages ask for no token, any site a person
/// visits could call loopback, and any name can be made to lead there.
fn same_origin(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !["127.0.0.1", "localhost", "[::1]"].contains(&name) {
        return false;
    }
    // What another site's page fetches names no origin when it is a picture or a script; following a link is a
    // person's own doing.
    let says = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if ["cross-site", "same-site"].contains(&says("sec-fetch-site")) && says("sec-fetch-mode") != "navigate" {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    from.is_some_and(|(_, from)| from == host)
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    html::whole(response)
}

fn upgrade(shared: &Shared, request: &mut Request<Incoming>) -> Response<Body> {
    let upgraded: OnUpgrade = hyper::upgrade::on(&mut *request);
    let mut asked = Request::new(());
    *asked.method_mut() = request.method().clone();
    *asked.uri_mut() = request.uri().clone();
    *asked.headers_mut() = request.headers().clone();
    let (opened, time) = {
        let mut world = shared.lock();
        (world.blaze_open(&asked, machine_now()), world.server_nanos())
    };
    shared.changed.notify_waiters();
    let conn = match opened {
        Ok(conn) => conn,
        Err(response) => return html::whole(response),
    };
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes).unwrap_or_default();
    let mut response = plain(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key)) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    if let Ok(time) = HeaderValue::from_str(&time) {
        headers.insert("x-server-time", time);
    }
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let mut offered = offered.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    if offered.any(|name| name.trim() == SUBPROTOCOL) {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    tokio::spawn(blaze(shared.clone(), conn, upgraded));
    response
}

/// Carries frames between a socket and the world until either ends.
async fn blaze(shared: Shared, conn: ConnId, upgraded: OnUpgrade) {
    if let Ok(upgraded) = upgraded.await {
        let config = WebSocketConfig::default().max_frame_size(Some(FRAME_MAX)).max_message_size(Some(FRAME_MAX));
        let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        if let Err(error) = carry(&shared, conn, &mut socket).await {
            tracing::debug!(%error, "blaze connection ended");
        }
    }
    shared.lock().blaze_frame(conn, Frame::Close, machine_now());
}

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

async fn carry(shared: &Shared, conn: ConnId, socket: &mut Socket) -> Result<(), WsError> {
    let mut running = shared.running.clone();
    loop {
        let changed = shared.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let (frames, silent) = {
            let mut world = shared.lock();
            (world.blaze_out(conn, machine_now()), world.blaze_silent(conn))
        };
        if silent {
            // The socket's own layer would answer pings: read past it until the client gives up.
            let mut nowhere = tokio::io::sink();
            tokio::select! {
                read = tokio::io::copy(socket.get_mut(), &mut nowhere) => drop(read?),
                _ = running.changed() => {}
            }
            return Ok(());
        }
        for frame in frames {
            match frame {
                Frame::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
                Frame::Text(text) => socket.send(Message::Text(text.into())).await?,
                Frame::Ping(bytes) => socket.send(Message::Ping(bytes)).await?,
                // The socket's own layer has answered the ping already.
                Frame::Pong(_) => {}
                Frame::Close => return socket.close(None).await,
                Frame::Reset => return Ok(()),
            }
        }
        tokio::select! {
            read = socket.next() => {
                let frame = match read.transpose()? {
                    Some(Message::Binary(bytes)) => Frame::Binary(bytes),
                    Some(Message::Text(text)) => Frame::Text(text.to_string()),
                    Some(Message::Ping(bytes)) => Frame::Ping(bytes),
                    Some(Message::Pong(bytes)) => Frame::Pong(bytes),
                    Some(Message::Close(_)) | None => return Ok(()),
                    Some(Message::Frame(_)) => continue,
                };
                shared.lock().blaze_frame(conn, frame, machine_now());
                shared.changed.notify_waiters();
            }
            () = &mut changed => {}
            _ = running.changed() => return Ok(()),
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
