//! What a phone makes of a link, under the strictest client's rules (dossier §11.9, §13; messaging §6.3, §7).

use std::collections::BTreeMap;

use url::Url;
use uuid::Uuid;

use super::answer::strict_uuid;
use super::shapes;
use crate::id::{AssetId, RequestId, UserId};
use crate::kernel::{Members, MixAddress};
use crate::money::Amount;

/// Longest text a `start` parameter may carry.
const START_MAX: usize = 64;

/// A link, understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Says the text in the conversation where it was tapped.
    Input(String),
    /// A confirm sheet: the text goes to that user or conversation; with neither, to the one where it was tapped.
    Send {
        text: String,
        user: Option<UserId>,
        conversation: Option<Uuid>,
    },
    Pay(PayLink),
    Multisig {
        request: RequestId,
        action: Action,
    },
    /// Opens a chat and says `start`, as Android and desktop do.
    Conversation {
        id: Uuid,
        user: Option<UserId>,
        start: String,
    },
    User(UserId),
    App(UserId),
    Code(Uuid),
    /// An order of `MixPay`'s, by its code.
    MixPay(Uuid),
    /// The in-app browser.
    Web(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Sign,
    Revoke,
}

/// A payment link (dossier §13).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PayLink {
    pub(super) members: Vec<UserId>,
    pub(super) threshold: u8,
    pub(super) asset: Option<AssetId>,
    pub(super) amount: Option<Amount>,
    pub(super) memo: String,
    pub(super) trace: Option<RequestId>,
}

/// Reads a link. `Err` says why a phone would not take it.
pub(super) fn read(text: &str) -> Result<Link, String> {
    if let Some(input) = text.strip_prefix("input:") {
        let input = input.trim();
        return if input.is_empty() {
            Err("an input: without a text does nothing".into())
        } else {
            Ok(Link::Input(input.into()))
        };
    }
    let url = Url::parse(text).map_err(|error| format!("not a link: {error}"))?;
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let mixin = match (url.scheme(), host.as_str()) {
        ("https", "mixin.one" | "www.mixin.one") | ("mixin", "mixin.one") => path(&url),
        ("https", "mixpay.me" | "www.mixpay.me") => match path(&url).as_slice() {
            [code, id] if code == "code" => return lower(id, "code").map(Link::MixPay),
            _ => return Ok(Link::Web(text.to_owned())),
        },
        ("mixin", _) => [vec![host.clone()], path(&url)].concat(),
        ("http" | "https", _) => return Ok(Link::Web(text.to_owned())),
        _ => return Err("no phone opens this kind of link".into()),
    };
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let parts: Vec<&str> = mixin.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["pay", recipient] => pay(recipient, &query).map(Link::Pay),
        ["pay"] => pay(query.get("recipient").map_or("", String::as_str), &query).map(Link::Pay),
        ["multisigs", id] => multisig(id, &query),
        ["send"] => send(&query),
        ["conversations", id] => Ok(Link::Conversation {
            id: lower(id, "conversation")?,
            user: query.get("user").map(|id| lower(id, "user").map(UserId)).transpose()?,
            start: query.get("start").map(|text| text.chars().take(START_MAX).collect()).unwrap_or_default(),
        }),
        ["users", id] => lower(id, "user").map(UserId).map(Link::User),
        ["apps", id] => lower(id, "app").map(UserId).map(Link::App),
        ["codes", id] => lower(id, "code").map(Link::Code),
        _ if url.scheme() == "https" => Ok(Link::Web(text.to_owned())),
        _ => Err("no phone knows this mixin:// link".into()),
    }
}

fn path(url: &Url) -> Vec<String> {
    url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn lower(text: &str, what: &str) -> Result<Uuid, String> {
    strict_uuid(text).ok_or_else(|| format!("{what} must be a lower-case UUID"))
}

fn pay(recipient: &str, query: &BTreeMap<String, String>) -> Result<PayLink, String> {
    let (members, threshold) = if recipient.starts_with("MIX") {
        let address: MixAddress = recipient.parse().map_err(|error| format!("MIX address: {error}"))?;
        if !address.is_payable() {
            return Err("MIX address: nobody could spend from it".into());
        }
        match address.members {
            Members::Users(mut users) => {
                users.sort_unstable();
                (users, address.threshold)
            }
            Members::Xin(_) => return Err("this phone pays users of Messenger only".into()),
        }
    } else {
        (vec![UserId(lower(recipient, "recipient")?)], 1)
    };
    let amount: Option<Amount> =
        query.get("amount").map(|text| text.parse()).transpose().map_err(|error| format!("amount: {error}"))?;
    if amount.is_some_and(Amount::is_zero) {
        return Err("amount: must be above 0".into());
    }
    let memo = query.get("memo").cloned().unwrap_or_default();
    // Android decodes the memo twice: what that would change breaks the payment's name.
    let again: String = percent_decoded(&memo);
    if again != memo {
        return Err("memo: Android decodes it twice, so it must not hold a %".into());
    }
    Ok(PayLink {
        members,
        threshold,
        asset: query.get("asset").map(|id| lower(id, "asset").map(AssetId)).transpose()?,
        amount,
        memo,
        trace: query.get("trace").map(|id| lower(id, "trace").map(RequestId)).transpose()?,
    })
}

/// One round of percent-decoding, leaving `+` alone.
fn percent_decoded(text: &str) -> String {
    let kept = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("m={kept}").replace('&', "%26").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn multisig(id: &str, query: &BTreeMap<String, String>) -> Result<Link, String> {
    let action = match query.get("action").map(String::as_str) {
        None | Some("sign") => Action::Sign,
        Some("unlock" | "revoke") => Action::Revoke,
        Some(_) => return Err("action: sign, unlock or revoke".into()),
    };
    Ok(Link::Multisig { request: RequestId(lower(id, "request")?), action })
}

fn send(query: &BTreeMap<String, String>) -> Result<Link, String> {
    let text = match (query.get("text"), query.get("category").map(String::as_str), query.get("data")) {
        (Some(text), _, _) => text.clone(),
        (None, Some("text"), Some(data)) => shapes::decode(data)
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or("data: must be base64 of a text")?,
        _ => return Err("send: needs text, or category=text and data".into()),
    };
    if text.trim().is_empty() {
        return Err("send: an empty text".into());
    }
    Ok(Link::Send {
        text,
        user: query.get("user").map(|id| lower(id, "user").map(UserId)).transpose()?,
        conversation: query.get("conversation").map(|id| lower(id, "conversation")).transpose()?,
    })
}
