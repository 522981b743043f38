//! What may be asked of the bot over HTTP. Nothing that arrives here is believed, and nothing is changed by it.
//!
//! | Route | What it does |
//! |---|---|
//! | `POST /mixpay/callback` | MixPay, or anybody, says that something happened to an order: it is looked at sooner |
//! | `GET /t/{token}` | a party's page of a trade; asked for as an event stream, tells when it changes |
//! | `GET /t/{token}/kit.txt` | the trade's recovery kit |
//! | `GET /assets/…` | what pages need |
//! | `GET /health` | answers `ok` while the bot serves |
//!
//! A second listener, on loopback, shows the bot's insides: see [`Inside`].

mod callback;
mod inspect;
mod markup;
mod pages;
mod serve;
#[cfg(test)]
mod tests;

pub use callback::{ANSWER, PATH, order_of};
pub use inspect::Inside;
pub use pages::Pages;
pub use serve::{Desk, inspect, serve};
