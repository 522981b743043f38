//! "What is this link?": asked of the whole bot, by those it concerns and by those it does not.

use mixin_escrow::id::Hash;
use mixin_escrow::kernel::{Input, Output, PublicKey, Signatures, Transaction};
use mixin_escrow::sim::play::{Deed, PIN};
use mixin_escrow::time::Millis;
use serde_json::{Value, json};

use crate::town::{Town, minutes};

const HOSTILE: &str = "6f1d2e30-7b84-4c95-ad06-be17cf28d039";

/// Somebody speaks to the network by themselves, as any SDK can.
fn calls(town: &mut Town, who: &str, method: &str, path: &str, body: &Value) -> Value {
    let asked = json!({ "method": method, "path": path, "body": body });
    town.stage.control("POST", &format!("people/{who}/call"), &asked).unwrap()
}

fn key(value: &Value) -> PublicKey {
    value.as_str().unwrap().parse().unwrap()
}

/// The seller makes a request of their own over the trade's money: 1 USDT to the buyer, who is to sign it, and 100 to
/// themselves behind it.
pub(crate) fn hostile(town: &mut Town) -> String {
    let release = release(town);
    let shown = calls(town, "seller", "GET", &format!("/safe/multisigs/{}", id(&release)), &Value::Null);
    let ours: Transaction = shown["raw_transaction"].as_str().unwrap().parse().unwrap();
    let to = ["buyer", "seller"].map(|who| town.stage.person(who, "user_id"));
    let asked: Vec<Value> = (0u8..)
        .zip(&to)
        .map(|(nth, who)| json!({ "receivers": [who], "index": nth, "hint": format!("6f1d2e30-7b84-4c95-ad06-be17cf28d0{nth:02}") }))
        .collect();
    let keys = calls(town, "seller", "POST", "/safe/keys", &json!(asked));
    let pay = |nth: usize, amount: &str| {
        let keys = &keys[nth];
        Output::pay(amount.parse().unwrap(), vec![key(&keys["keys"][0])], key(&keys["mask"]), 1)
    };
    let tx = Transaction {
        outputs: vec![pay(0, "1"), pay(1, "100")],
        inputs: ours.inputs.iter().map(|input| Input::spend(input.hash, input.index)).collect(),
        signatures: Signatures::Maps(Vec::new()),
        extra: b"release".to_vec(),
        ..ours
    };
    let made = json!([{ "request_id": HOSTILE, "raw": hex::encode(tx.encode()) }]);
    let made = calls(town, "seller", "POST", "/safe/multisigs", &made);
    assert_eq!(made[0]["transaction_hash"].as_str().unwrap().parse::<Hash>().unwrap(), tx.hash());
    format!("https://mixin.one/multisigs/{HOSTILE}?action=sign")
}

fn release(town: &mut Town) -> String {
    town.link("buyer", "https://mixin.one/multisigs/")
}

fn id(link: &str) -> &str {
    link.rsplit('/').next().unwrap().split('?').next().unwrap()
}

#[test]
fn a_payout_hidden_behind_the_first_is_told_to_the_buyer() {
    let mut town = Town::delivered();
    let release = release(&mut town);
    let link = hostile(&mut town);
    let code = town.code("buyer");
    let told = town.says("buyer", &format!("verify {link}"));
    let told =
        told.shows("Request 6f1d2e30 · NotMine · 101 USDT").shows("This is NOT mine. If you sign it, 101 USDT leaves");
    let told =
        told.shows("- 1 USDT to you").shows("- 100 USDT to “Bob”").shows("Together 101 USDT. Nothing else is in it");
    let told = told.shows("The app's sheet shows only: 1 USDT to you. It hides everything else.");
    told.shows(&format!("your trade {code}"))
        .shows("Signed so far: nobody")
        .shows("It can still be signed")
        .hides("Careful");
    let offered = town.says("buyer", &link).shows("revoke it with the button below");
    let revoke = offered.action("Revoke it");
    town.passes(minutes(1));
    // The link alone, with whatever was said around it, asks the same.
    town.says("buyer", &format!("Bob: this is the release, sign!\n{link}")).shows("This is NOT mine");
    // The seller has signed it, and still nothing is moved by asking.
    town.signs_link("seller", &link);
    town.says("buyer", &format!("check {HOSTILE}")).shows("This is NOT mine").shows("- 100 USDT to “Bob”");
    assert_eq!(town.vault_spends(), 0);
    let body = json!({ "link": revoke, "pin": PIN });
    let revoke = Deed { who: "buyer", verb: "revoke", body, caption: String::new() };
    town.stage.act(&revoke).unwrap();
    town.says("seller", &link).shows("revoked by “Alice”").shows("nobody can sign it any more");
    // The bot's own is told from it.
    town.passes(minutes(1));
    let told = town.says("buyer", &format!("verify {release}")).headed("Delivered", "101 USDT");
    told.shows(&format!("This is my release of trade {code}: exactly what I asked for"))
        .shows("to our fee")
        .hides("NOT mine");
    town.signs_link("buyer", &release);
    town.passes(minutes(1));
    town.looks("buyer").headed("Settled", "101 USDT");
    let told = town.says("buyer", &format!("verify {release}"));
    told.headed("Settled", "101 USDT").shows("It is done: the ledger has it");
    town.says("seller", &format!("verify {link}")).shows("It would have taken 101 USDT").shows("can never happen");
}

#[test]
fn a_stranger_learns_nothing() {
    let mut town = Town::delivered();
    let links = [release(&mut town), hostile(&mut town)];
    for link in links {
        let told = town.says("stranger", &format!("verify {link}")).shows("about other people's money");
        let told = told.hides("USDT").hides("Alice").hides("Bob").hides("release").hides("lens");
        told.hides(&town.code("buyer")).offers(&["My trades"]);
    }
    // Where Mixin shows requests to their members only, it is the same for others' vaults.
    town.stage.control("POST", "switches", &json!({ "request_readers": "senders" })).unwrap();
    let link = release(&mut town);
    town.says("buyer", &format!("verify {link}")).shows("This is my release");
}

#[test]
fn what_cannot_be_told_is_said_so() {
    let mut town = Town::delivered();
    town.says("buyer", "verify").shows("Send me the link you were asked to sign");
    town.says("buyer", "verify K7Q2MD please").shows("Send me the link");
    let link = release(&mut town);
    town.says("buyer", &format!("verify {link} or {HOSTILE}")).shows("one at a time");
    town.says("buyer", &format!("verify {HOSTILE}")).shows("Mixin knows no request with this id");
    // An answer that never comes is told too, and money goes on meanwhile.
    let path = format!("/safe/multisigs/{HOSTILE}");
    town.stage.control("POST", "faults", &json!({ "rest": "500", "path": path, "count": 1_000 })).unwrap();
    town.says("buyer", &format!("verify {HOSTILE}"));
    town.signs_link("buyer", &link);
    town.passes(minutes(1));
    town.looks("buyer").headed("Settled", "101 USDT").shows("Mixin gave me no usable answer");
    // Nobody asks too often.
    for _ in 0..3 {
        town.says("stranger", &format!("verify {HOSTILE}"));
    }
    town.says("stranger", &format!("verify {HOSTILE}")).shows("no more than 3 requests a minute");
    town.passes(Millis::from_secs(70));
    town.says("stranger", &format!("verify {link}")).shows("about other people's money");
    assert!(town.stage.store().unwrap().queue().unwrap().iter().all(|(job, _)| job.body.get("asked").is_none()));
}
