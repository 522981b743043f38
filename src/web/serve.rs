//! The listener. It answers at once and passes on no more than an order's id; when the bot is busy even that is
//! dropped, because MixPay repeats itself and deadlines ask anyway.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};

use super::callback;
use crate::engine::Input;

/// Largest body read: MixPay's has some 150 bytes.
const BODY_MAX: usize = 4 * 1024;
/// Connections at a time; more have to wait.
const CONNECTIONS_MAX: usize = 128;
/// How long a connection may take, whatever it does.
const PATIENCE: Duration = Duration::from_secs(15);

/// Serves until it is dropped.
pub async fn serve(listener: TcpListener, hints: mpsc::Sender<Input>) {
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
                let hints = hints.clone();
                tasks.spawn(async move {
                    let served = service_fn(move |request| answer(hints.clone(), request));
                    let mut http = hyper::server::conn::http1::Builder::new();
                    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
                    let connection = http.serve_connection(TokioIo::new(stream), served);
                    let _ = tokio::time::timeout(PATIENCE, connection).await;
                    drop(permit);
                });
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

async fn answer(hints: mpsc::Sender<Input>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    Ok(match (parts.method, parts.uri.path()) {
        (Method::POST, callback::PATH) => {
            let Ok(body) = Limited::new(body, BODY_MAX).collect().await else {
                return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "too large\n"));
            };
            if let Some(order) = callback::order_of(&body.to_bytes()) {
                let _ = hints.try_send(Input::Hint { order });
            }
            plain(StatusCode::OK, "application/json", callback::ANSWER)
        }
        (_, callback::PATH) => plain(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "post it\n"),
        (Method::GET, "/health") => plain(StatusCode::OK, "text/plain", "ok\n"),
        _ => plain(StatusCode::NOT_FOUND, "text/plain", "nothing is here\n"),
    })
}

fn plain(status: StatusCode, kind: &'static str, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}
