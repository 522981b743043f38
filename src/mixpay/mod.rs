//! MixPay, sans-IO: makes requests, reads answers, never waits and owns no socket. A second way to pay into a vault.
//!
//! A [`call::Call`] says what is wanted; [`call::request`] turns it into an HTTP request and [`call::read`] its response
//! into a reply or into what to do about it; [`order`] knows the calls about orders, [`result`] what MixPay says of
//! one; [`Budget`] keeps all of it inside MixPay's requests a minute. Whatever MixPay says is words for people and a
//! reason to look at the vault: nothing here makes money count.

// How many calls may leave now, and for whom.
pub mod budget;
// Requests and answers, and what each failure means for the caller.
pub mod call;
// Groups, one-time payments, assets and limits.
pub mod order;
// What MixPay says of an order, believed only about our own.
pub mod result;
// MixPay's loose JSON: numbers as texts, texts as numbers, blanks of every kind.
mod wire;

pub use budget::{Budget, Class};
pub use call::{Call, read, request};
pub use order::{
    NewOrder, QuoteAsset, multisig, one_time_payment, payments_result, quote_assets, read_available, read_code,
    read_multisig, read_quote_assets, settlement_assets,
};
pub use result::{Expected, PaymentResult, Status, Unbelievable, read_result};

#[cfg(test)]
mod tests;
