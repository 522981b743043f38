//! A page's address as an event stream: an event whenever it would look different.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, Response, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;

/// A body of either kind.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Rounds without a change after which a comment is sent, so that a listener that is gone is noticed.
const QUIET_MAX: u32 = 40;

/// An answer that is there at once.
#[must_use]
pub fn whole(response: Response<Bytes>) -> Response<Body> {
    response.map(|bytes| Full::new(bytes).boxed_unsync())
}

/// A stream that draws the page every `every` and tells when it differs from what it was: first at once, because the
/// page may have changed since the listener fetched it. A listener that leaves ends it.
pub fn events<D, F>(every: Duration, draw: D) -> Response<Body>
where
    D: FnMut() -> F + Send + 'static,
    F: Future<Output = Bytes> + Send + 'static,
{
    let start = (draw, None::<blake3::Hash>);
    let frames = stream::unfold(start, move |(mut draw, mut seen)| async move {
        let mut quiet = 0;
        let line = loop {
            if seen.is_some() {
                tokio::time::sleep(every).await;
            }
            let now = blake3::hash(&draw().await);
            if seen.replace(now) != Some(now) {
                break "data: changed\n\n";
            }
            quiet += 1;
            if quiet > QUIET_MAX {
                break ": still here\n\n";
            }
        };
        Some((Ok(Frame::data(Bytes::from_static(line.as_bytes()))), (draw, seen)))
    });
    let mut response = Response::new(BodyExt::boxed_unsync(StreamBody::new(frames)));
    super::guard(response.headers_mut(), super::Framed::Here);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response
}
