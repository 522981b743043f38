//! Links that people tap, scan or paste (dossier §13, §11.9; messaging §10.4). Every UUID in them is lower case:
//! iOS takes no other.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;
use url::form_urlencoded::byte_serialize;
use uuid::Uuid;

use crate::id::{AssetId, ConversationId, RequestId, UserId};
use crate::kernel::MixAddress;
use crate::money::Amount;

/// Longest memo in a link, in bytes.
pub const MEMO_MAX: usize = 200;

/// A memo that every app carries unchanged: Android decodes it twice, so a literal `%` would break it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a memo in a link is 1 to {MEMO_MAX} of the characters A–Z a–z 0–9 space . _ : -")]
pub struct UnfitMemo;

/// Opens the payment sheet of the app, filled in. What is paid in the end is what counts: the payer can change
/// everything on the way (dossier §13.3).
///
/// # Errors
/// [`UnfitMemo`] when some app would carry another memo than this.
pub fn pay(
    vault: &MixAddress,
    asset: AssetId,
    amount: Amount,
    memo: &str,
    trace: RequestId,
) -> Result<String, UnfitMemo> {
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || b" ._:-".contains(&byte);
    if memo.is_empty() || memo.len() > MEMO_MAX || !memo.bytes().all(fit) {
        return Err(UnfitMemo);
    }
    let memo = percent(memo);
    Ok(format!("https://mixin.one/pay/{vault}?asset={asset}&amount={amount}&memo={memo}&trace={trace}"))
}

/// MixPay's pay pages (dossier §15.3).
const MIXPAY: &str = "https://mixpay.me/code/";

/// MixPay's page for an order: any coin, any wallet. Whatever is in the code stays inside the last part of the path.
#[must_use]
pub fn mixpay(code: &str) -> String {
    format!("{MIXPAY}{}", percent(code))
}

/// Opens the signing sheet of a multisig request.
#[must_use]
pub fn sign_multisig(request: RequestId) -> String {
    format!("https://mixin.one/multisigs/{request}?action=sign")
}

/// Opens the sheet that revokes a multisig request: every app knows this word (dossier §11.9).
#[must_use]
pub fn revoke_multisig(request: RequestId) -> String {
    format!("https://mixin.one/multisigs/{request}?action=revoke")
}

/// Opens a sheet that asks whether to send `text` to the bot. Without the bot's id in it the app would send at
/// once, to whatever chat is open.
#[must_use]
pub fn say_to(bot: UserId, text: &str) -> String {
    format!("mixin://send?category=text&data={}&user={bot}", URL_SAFE_NO_PAD.encode(text))
}

/// Opens the bot in the app, from a page outside of it; `code` is the trade's that is meant.
#[must_use]
pub fn open_bot(bot: UserId, code: &str) -> String {
    format!("https://mixin.one/apps/{bot}?action=open&trade={code}")
}

/// Opens a chat that is on the phone, a group's too.
#[must_use]
pub fn conversation(id: ConversationId) -> String {
    format!("mixin://conversations/{id}")
}

/// Opens a person's profile.
#[must_use]
pub fn user(person: UserId) -> String {
    format!("mixin://users/{person}")
}

/// Opens the bot's profile: for people who do not know it yet.
#[must_use]
pub fn bot(bot: UserId) -> String {
    format!("https://mixin.one/apps/{bot}")
}

/// The request a pasted text names: a signing link in any form the apps read, or the bare id.
#[must_use]
pub fn read_multisig(text: &str) -> Option<RequestId> {
    let text = text.trim();
    if let Some(id) = hyphenated(text) {
        return Some(RequestId(id));
    }
    let link = Url::parse(text).ok()?;
    let host = link.host_str()?.to_ascii_lowercase();
    let mut path = link.path_segments()?;
    match (link.scheme(), host.as_str()) {
        ("https" | "mixin", "mixin.one") => (path.next()? == "multisigs").then_some(())?,
        ("mixin", "multisigs") => {}
        _ => return None,
    }
    let id = hyphenated(path.next()?)?;
    path.all(str::is_empty).then_some(RequestId(id))
}

fn hyphenated(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| text.parse().ok())?
}

fn percent(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Uuid {
        text.parse().unwrap()
    }

    #[test]
    fn pay_links_are_those_of_the_dossier() {
        let members = [
            "9d3e1c20-5a61-4b72-9c83-ad94beafc0d1",
            "2b5a7f10-3c44-4d55-8e66-9f7788990011",
            "6f1d2e30-7b84-4c95-ad06-be17cf28d039",
        ];
        let vault = MixAddress::users(&members.map(|text| UserId(id(text))), 2);
        let asset = AssetId(id("B91E18FF-A9AE-3DC7-8679-E935D9A4B34B"));
        let trace = RequestId(id("5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01"));
        let amount = Amount::from_units(10_000_000_000);
        assert_eq!(
            pay(&vault, asset, amount, "trade 42", trace).unwrap(),
            "https://mixin.one/pay/MIXiSgJE1Q7PJ9jfXoniyHHVkq6HhaZwQ4rC91mN1XdkGEN9JMt849BXdionuvMBiezeZbSxrq7Cu?asset=b91e18ff-a9ae-3dc7-8679-e935d9a4b34b&amount=100&memo=trade%2042&trace=5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01"
        );
        for memo in ["", "100%", "a&b", "é", "a+b", "a\nb", &"x".repeat(201)] {
            assert_eq!(pay(&vault, asset, amount, memo, trace), Err(UnfitMemo), "{memo}");
        }
    }

    #[test]
    fn mixpay_links_keep_the_code_in_its_place() {
        let code = "525502dd-e552-4505-b114-32fe32ff23c2";
        assert_eq!(mixpay(code), format!("https://mixpay.me/code/{code}"));
        assert_eq!(mixpay("a/b?c#d e"), "https://mixpay.me/code/a%2Fb%3Fc%23d%20e");
    }

    #[test]
    fn multisig_links_are_read_back() {
        let request = RequestId(id("0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11"));
        assert_eq!(
            sign_multisig(request),
            "https://mixin.one/multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11?action=sign"
        );
        for text in [
            "0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11",
            " 0C8C8A3E-6A0B-4B36-8A5E-3F0F5A0B7C11\n",
            "https://mixin.one/multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11",
            "HTTPS://Mixin.One/multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11?action=unlock",
            "mixin://mixin.one/multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11/",
            "mixin://multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11",
        ] {
            assert_eq!(read_multisig(text), Some(request), "{text}");
        }
        for text in [
            "",
            "0c8c8a3e6a0b4b368a5e3f0f5a0b7c11",
            "https://mixin.one.evil.example/multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11",
            "https://mixin.one/pay/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11",
            "https://mixin.one/multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11/x",
            "ftp://mixin.one/multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11",
            "mixin://multisigs",
        ] {
            assert_eq!(read_multisig(text), None, "{text}");
        }
    }

    #[test]
    fn invitations_name_the_bot() {
        let bot = UserId(id("b0700000-0000-4000-8000-000000000001"));
        assert_eq!(say_to(bot, "Hi"), "mixin://send?category=text&data=SGk&user=b0700000-0000-4000-8000-000000000001");
    }
}
