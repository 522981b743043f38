//! The happy road on every network that Mixin may turn out to be: each unknown of the dossiers, lived the other way.
//! (Where members came in another order no phone could sign, whatever the bot does: dossier §8.5.)

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::sim::play::{Deed, PIN};
use mixin_escrow::time::Millis;
use serde_json::{Value, json};

use crate::town::{Town, minutes};

/// Plays the whole road after changing one thing.
fn on(switches: &Value) {
    let mut town = Town::new();
    town.stage.control("POST", "switches", switches).unwrap();
    town.agree();
    town.pays("buyer");
    town.passes(Millis::from_secs(40));
    town.says("seller", "delivered").headed("Delivered", "101 USDT");
    town.signs("buyer", "Sign release");
    town.passes(Millis::from_secs(60));
    town.looks("buyer").headed("Settled", "101 USDT").shows("7 of 7 checks held");
    town.settled(Outcome::Release);
}

macro_rules! networks {
    ($($(#[$doc:meta])* $name:ident: $switches:tt)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            on(&json!($switches));
        }
    )*};
}

networks! {
    tokens_work_once: { "jti_fresh": true }
    lists_begin_behind_the_offset: { "offset_exclusive": true }
    lists_begin_with_the_newest: { "default_desc": true }
    creating_a_request_locks_its_inputs: { "inputs_signed": "create" }
    only_members_read_requests: { "request_readers": "senders" }
    only_the_callers_signature_counts: { "count_only_callers": true }
    anybody_reads_outputs: { "outputs_public": true }
    phones_send_no_receipts: { "receipts_off": true }
    message_ids_are_taken_once: { "strict_message_ids": true }
    finality_takes_half_a_minute: { "finality_ms": 30_000 }
    the_servers_clock_is_behind: { "skew_ms": -150_000 }
    the_servers_clock_is_ahead: { "skew_ms": 150_000 }
}

/// Where creating a request reserves its inputs only one of ours can stand: it is the one that somebody asks for.
#[test]
fn what_is_asked_for_stands_where_only_one_request_can() {
    for switches in [json!({ "create_reserves": true }), json!({ "inputs_signed": "create" })] {
        let mut town = Town::new();
        town.stage.control("POST", "switches", &switches).unwrap();
        town.agree();
        town.pays("buyer");
        town.passes(Millis::from_secs(40));
        let standing = town.link("buyer", "https://mixin.one/multisigs/");
        // The kit holds the one link there is.
        town.looks("seller");
        let kit = town.says("buyer", "kit").to_string();
        assert_eq!(kit.matches("https://mixin.one/multisigs/").count(), 1, "{kit}");
        assert_eq!(
            town.chat("seller").matches("https://mixin.one/multisigs/").count(),
            1,
            "{switches} {}",
            town.chat("seller")
        );
        town.says("seller", "refund").headed("Funded", "101 USDT");
        town.passes(minutes(12));
        let refund = town.link("seller", "https://mixin.one/multisigs/");
        assert_ne!(refund, standing);
        // And back again.
        town.says("buyer", "release").headed("Funded", "101 USDT");
        town.passes(minutes(12));
        town.says("seller", "refund");
        town.passes(minutes(12));
        town.signs("seller", "Sign refund");
        town.passes(Millis::from_secs(60));
        town.looks("seller").headed("Settled", "101 USDT").shows("Refunded");
        town.settled(Outcome::Refund);
    }
}

/// The link a person has had for a while may lead nowhere: a new one is sent with the same payload.
#[test]
fn unsigned_requests_are_forgotten() {
    let mut town = Town::new();
    town.stage.control("POST", "switches", &json!({ "unsigned_life_ms": 600_000 })).unwrap();
    town.agree();
    town.pays("buyer");
    town.passes(Millis::from_secs(40));
    let old = town.link("buyer", "https://mixin.one/multisigs/");
    town.says("seller", "delivered").headed("Delivered", "101 USDT");
    town.passes(minutes(12));
    assert_ne!(town.link("buyer", "https://mixin.one/multisigs/"), old);
    town.signs("buyer", "Sign release");
    town.passes(Millis::from_secs(60));
    town.settled(Outcome::Release);
}

/// Where only the caller's signature counts, one given on a request that was revoked since is worth nothing on the
/// next: somebody must sign once more, and the bot is still the last.
#[test]
fn a_revoked_signature_is_given_again_where_only_the_callers_counts() {
    for again in ["buyer", "seller"] {
        let mut town = Town::delivered();
        town.stage.control("POST", "switches", &json!({ "count_only_callers": true })).unwrap();
        let link = town.link("buyer", "https://mixin.one/multisigs/");
        let body = json!({ "link": link, "pin": PIN });
        let does = |who, verb| Deed { who, verb, body: body.clone(), caption: String::new() };
        // The bot reads the signature and cannot add its own before it is revoked.
        let path = format!("/safe/multisigs/{}/sign", link.rsplit('/').next().unwrap().split('?').next().unwrap());
        town.stage.control("POST", "faults", &json!({ "rest": "500", "path": path, "count": 1_000 })).unwrap();
        town.stage.act(&does("buyer", "sign")).unwrap();
        town.passes(minutes(2));
        town.stage.act(&does("seller", "revoke")).unwrap();
        town.stage.control("POST", "faults", &json!({ "clear": true })).unwrap();
        town.passes(minutes(3));
        town.looks(again).headed("Settling", "101 USDT").shows("must sign once more");
        assert_eq!(town.vault_spends(), 0);
        let link = town.link(again, "https://mixin.one/multisigs/");
        town.signs_link(again, &link);
        town.passes(minutes(1));
        town.looks(again).headed("Settled", "101 USDT").shows("7 of 7 checks held; the bot signed last");
        town.settled(Outcome::Release);
    }
}
