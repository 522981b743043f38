//! What a sheet's buttons do. Done leads back to the chat (303), or stays on the sheet where there is more to see; what
//! was refused is said on the same sheet at once (409).

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::super::super::answer::strict_uuid;
use super::super::super::links::{Link, read};
use super::super::super::phone::NotDone;
use super::super::super::world::World;
use super::super::phone::Chat;
use super::super::{Visit, frame};
use super::{encoded, text};
use crate::html::see_other;
use crate::id::UserId;

/// The network's word for too little money.
const INSUFFICIENT: u64 = 20117;

impl World {
    /// `POST /page/phone/{who}/{verb}` from a sheet: `pay`, `sign`, `revoke`, `send`, `join`, `checkout`, `mint`. Fields:
    /// `link` and `at`; `pin` where the sheet asks for it; `to`, whom to send to; `asset`, and `by`, `amount` and
    /// `confirmations` for money from outside; `asset_id` and `amount` of test money.
    pub(in super::super) fn sheet_does(&mut self, me: UserId, verb: &str, visit: &Visit) -> Response<Bytes> {
        let (Some(chat), Some(link)) = (self.chat_of(me, visit), visit.get("link")) else { return frame::nowhere() };
        let pin = visit.get("pin").unwrap_or_default();
        let stays = format!("{}?link={}", chat.path, encoded(link));
        let done = match verb {
            "pay" => self.pay(me, link, pin, None).map(|_| format!("{}?done=paid", chat.path)),
            "sign" | "revoke" => {
                let signed = self.sign_link(me, link, pin, verb == "revoke");
                signed.map(|answer| format!("{}?done={}", chat.path, text(&answer, "done")))
            }
            "send" => self.send_from_sheet(me, link, &chat, visit.get("to")),
            "join" => self
                .open_link(me, link, Some(chat.id), true)
                .map(|done| format!("{}/{}", self.phone_path(me), text(&done, "joined"))),
            "checkout" => self.check_out(me, link, visit).map(|()| stays),
            "mint" => {
                let field = |name| visit.get(name).unwrap_or_default();
                let body = json!({"asset_id": field("asset_id"), "amount": field("amount")});
                self.mint(me, &body).map(|_| stays).map_err(NotDone::from)
            }
            _ => return frame::nowhere(),
        };
        match done {
            Ok(path) => see_other(&path),
            Err(refused) => {
                let sheet = self.sheet(me, &chat.path, link, Some(chat.id), Some(&refused));
                let mut page = self.chat_page(me, &chat, Some(&sheet), None);
                *page.status_mut() = StatusCode::CONFLICT;
                page
            }
        }
    }

    /// Says the link's text where the link, the choice or the chat says, and leads there.
    fn send_from_sheet(
        &mut self,
        me: UserId,
        link: &str,
        chat: &Chat,
        chosen: Option<&str>,
    ) -> Result<String, NotDone> {
        let named = match read(link).map_err(NotDone::new)? {
            Link::Send { user: Some(user), .. } | Link::Conversation { user: Some(user), .. } => Some(user.to_string()),
            Link::Send { conversation: Some(id), .. } | Link::Conversation { id, .. } => Some(id.to_string()),
            Link::Send { .. } | Link::Input(_) => None,
            _ => return Err(NotDone::new("this link sends nothing")),
        };
        let peer = match chosen {
            None => chat.peer,
            Some(id) => {
                Some(strict_uuid(id).map(UserId).ok_or_else(|| NotDone::new("choose somebody of this network"))?)
            }
        };
        let at = match peer {
            Some(peer) if named.is_none() => self.direct(me, peer)?,
            _ => chat.id,
        };
        self.open_link(me, link, Some(at), true)?;
        let there = self.chat_named(me, &named.unwrap_or_else(|| at.to_string()));
        Ok(format!("{}?done=sent", there.map_or_else(|| chat.path.clone(), |there| there.path)))
    }

    /// Pays an order of `MixPay`'s, from this wallet or from outside.
    fn check_out(&mut self, me: UserId, link: &str, visit: &Visit) -> Result<(), NotDone> {
        let Ok(Link::MixPay(code)) = read(link) else { return Err(NotDone::new("this is no order of MixPay's")) };
        if visit.get("by") == Some("chain") {
            return self.mixpay_pay_from_outside(&code.to_string(), &visit.fields);
        }
        let asset = visit.get("asset");
        let paid = self.pay(me, link, visit.get("pin").unwrap_or_default(), asset).map(drop);
        paid.map_err(|refused| {
            if refused.code != Some(INSUFFICIENT) {
                return refused;
            }
            // The sheet offers test money: it must know of what.
            let shown = self.mixpay_sheet(code).unwrap_or_default();
            let quoted = text(&shown, "asset").to_owned();
            let coins = shown.get("payable").and_then(Value::as_array).cloned().unwrap_or_default();
            let wanted = asset.unwrap_or(&quoted);
            let coin = coins.into_iter().find(|coin| text(coin, "asset_id") == wanted).unwrap_or_default();
            NotDone { detail: coin, ..refused }
        })
    }
}
