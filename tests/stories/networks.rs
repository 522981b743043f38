//! The happy road on every network that Mixin may turn out to be: each unknown of the dossiers, lived the other way.
//! (Where members came in another order no phone could sign, whatever the bot does: dossier §8.5.)

use mixin_escrow::sim::auditor::{self, Outcome};
use mixin_escrow::sim::play::{Deed, PIN, words};
use mixin_escrow::time::Millis;
use serde_json::{Value, json};

use crate::town::{Town, USDT, minutes};
use crate::verify::hostile;

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

const SIGN: &str = "https://mixin.one/multisigs/";

impl Town {
    /// Revokes what a link stands for; `false`: Mixin does not let this person.
    fn revokes(&mut self, who: &'static str, link: &str) -> bool {
        let body = json!({ "link": link, "pin": PIN });
        self.stage.act(&Deed { who, verb: "revoke", body, caption: String::new() }).is_ok()
    }

    /// The link below these words of a person's newest kit.
    fn in_kit(&mut self, who: &'static str, what: &str) -> String {
        let kit = self.says(who, "kit");
        let lines: Vec<String> =
            kit.0.iter().flat_map(|m| words(m).lines().map(str::to_owned).collect::<Vec<_>>()).collect();
        let below = lines.iter().skip_while(|line| !line.starts_with(what));
        below.into_iter().find(|line| line.starts_with(SIGN)).unwrap_or_else(|| panic!("no {what}\n{kit}")).clone()
    }
}

/// Where Mixin does not show signatures below the threshold (dossier U-30) the bot would join it does not know what: it
/// refuses, says why and points to the kit, and the two settle without it.
#[test]
fn where_signatures_are_not_shown_the_two_settle_by_the_kit() {
    let release = (["buyer", "seller"], "Sign release", "Without me, the release", Outcome::Release);
    let refund = (["seller", "buyer"], "Sign refund", "Without me, the refund", Outcome::Refund);
    for ([first, second], label, in_kit, outcome) in [release, refund] {
        let mut town = Town::delivered();
        town.stage.control("POST", "switches", &json!({ "hide_signatures": true })).unwrap();
        town.signs(first, label);
        town.passes(minutes(11));
        assert_eq!(town.vault_spends(), 0);
        for who in [first, second] {
            let told = town.looks(who).headed("Delivered", "101 USDT").shows("does not show me the signature");
            told.shows("I sign nothing that I cannot see").shows("which is what your recovery kit is for");
        }
        let link = town.in_kit(second, in_kit);
        town.signs_link(second, &link);
        town.passes(minutes(11));
        for who in [first, second] {
            town.looks(who).headed("Settled", "101 USDT").hides("7 of 7");
        }
        let expected = town.stage.expected("100", "USDT", outcome);
        let ledger = town.stage.control("GET", "ledger", &Value::Null).unwrap();
        let expected = auditor::Expected { without_bot: true, ..expected };
        let report = auditor::audit(&ledger.to_string(), &expected);
        assert!(report.problems.is_empty(), "{:#?}", report.problems);
        town.books_are_good();
    }
}

/// The same of money that goes back: both sign.
#[test]
fn where_signatures_are_not_shown_both_sign_what_goes_back() {
    let mut town = Town::agreed();
    town.stage.control("POST", "switches", &json!({ "hide_signatures": true })).unwrap();
    let link = town.link("buyer", "https://mixin.one/pay/").replace("amount=101&", "amount=60&");
    town.stage.control("POST", "people/buyer/pay", &json!({ "link": link, "pin": PIN })).unwrap();
    town.passes(Millis::from_secs(10));
    town.says("buyer", "cancel");
    town.taps("buyer", "Yes, cancel it");
    town.passes(Millis::from_secs(10));
    town.signs("buyer", "Sign return");
    town.passes(minutes(2));
    assert_eq!(town.vault_spends(), 0);
    town.looks("seller").shows("does not show me the signature");
    town.signs("seller", "Sign return");
    town.passes(minutes(2));
    town.looks("buyer").shows("has arrived back");
    assert_eq!(town.purse("buyer", USDT).to_string(), "1000");
    town.books_are_good();
}

/// Where only a signer may revoke (dossier U-11) nobody takes away what nobody has signed, and the bot cannot take away
/// what another has: whoever signs a request of their own over the money holds it up until they revoke it themselves. It
/// moves nothing, and everybody is told.
#[test]
fn what_only_its_signer_revokes_stays_until_the_signer_does() {
    for unlock in ["signers_only", "own_signature"] {
        let mut town = Town::delivered();
        town.stage.control("POST", "switches", &json!({ "unlock": unlock })).unwrap();
        let release = town.link("buyer", SIGN);
        assert!(!town.revokes("seller", &release));
        // An early signature is its giver's to take back.
        town.signs_link("seller", &release);
        assert!(!town.revokes("buyer", &release) && town.revokes("seller", &release));
        town.passes(minutes(2));
        let link = hostile(&mut town);
        town.signs_link("seller", &link);
        town.passes(minutes(30));
        for who in ["buyer", "seller"] {
            town.looks(who)
                .headed("Delivered", "101 USDT")
                .shows("signed a request of their own")
                .shows("- 100 USDT to");
        }
        town.says("buyer", "status").shows("A request that is not mine holds the money");
        town.says("buyer", &format!("verify {link}")).shows("It can still be signed");
        assert_eq!(town.vault_spends(), 0);
        assert!(town.revokes("seller", &link));
        town.passes(minutes(2));
        town.says("buyer", "status").hides("holds the money");
        town.signs("buyer", "Sign release");
        town.passes(minutes(2));
        town.looks("seller").headed("Settled", "101 USDT").shows("7 of 7 checks held");
        town.settled(Outcome::Release);
    }
}

/// Where creating a request reserves its inputs, one of a party's own can only be made once the standing one is revoked.
/// Then the bot's cannot stand, so that it takes the other away at once instead of waiting.
#[test]
fn where_one_request_stands_a_hostile_one_is_taken_away_at_once() {
    for switches in [json!({ "create_reserves": true }), json!({ "inputs_signed": "create" })] {
        let mut town = Town::new();
        town.stage.control("POST", "switches", &switches).unwrap();
        town.agree();
        town.pays("buyer");
        town.passes(Millis::from_secs(40));
        town.says("seller", "delivered").headed("Delivered", "101 USDT");
        let release = town.link("buyer", SIGN);
        assert!(town.revokes("seller", &release));
        let link = hostile(&mut town);
        let body = json!({ "link": link, "pin": PIN });
        town.stage.act(&Deed { who: "seller", verb: "sign", body, caption: String::new() }).unwrap();
        town.passes(minutes(1));
        town.says("buyer", &format!("verify {link}")).shows("NOT mine").shows("nobody can sign it any more");
        town.passes(minutes(2));
        assert_ne!(town.link("buyer", SIGN), release);
        town.signs("buyer", "Sign release");
        town.passes(minutes(1));
        town.looks("seller").headed("Settled", "101 USDT").shows("7 of 7 checks held");
        town.settled(Outcome::Release);
    }
}
