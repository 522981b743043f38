//! What may be asked of the bot over HTTP. Nothing that arrives here is believed.
//!
//! | Route | What it does |
//! |---|---|
//! | `POST /mixpay/callback` | MixPay, or anybody, says that something happened to an order: it is looked at sooner |
//! | `GET /health` | answers `ok` while the bot serves |

mod callback;
mod serve;

pub use callback::{ANSWER, PATH, order_of};
pub use serve::serve;
