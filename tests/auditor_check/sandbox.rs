//! A trade on the sandbox itself, audited through its ledger.

use bytes::Bytes;
use curve25519_dalek::scalar::Scalar;
use http::Request;
use mixin_escrow::sandbox::World;
use mixin_escrow::sim::auditor::{Expected, FeePayer, Outcome, audit, audit_all};
use mixin_escrow::time::Millis;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use crate::maker::{USDT, hash_of, payload, sign, signed, units};

const START: Millis = Millis(1_767_225_600_000);
const REQUEST: &str = "0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11";

fn control(world: &mut World, method: &str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = Request::builder().method(method).uri(format!("/sandbox/{path}")).body(Bytes::from(body)).unwrap();
    let response = world.control(request, START);
    assert_eq!(response.status(), 200, "{path}: {:?}", response.body());
    serde_json::from_slice(response.body()).unwrap()
}

fn call(world: &mut World, who: &str, path: &str, body: &Value) -> Value {
    let asked = json!({"method": "POST", "path": path, "body": body});
    control(world, "POST", &format!("people/{who}/call"), &asked)
}

fn ledger(world: &mut World) -> String {
    control(world, "GET", "ledger", &Value::Null).to_string()
}

fn bytes(text: &Value) -> [u8; 32] {
    hex::decode(text.as_str().unwrap()).unwrap().try_into().unwrap()
}

/// The unsigned payload that pays `outputs` from `coin`, with keys from the network.
fn build(world: &mut World, coin: &str, outputs: &[(&str, &str)]) -> Vec<u8> {
    let asked: Value = (outputs.iter().enumerate())
        .map(|(at, (who, _))| {
            let hint = format!("00000000-0000-4000-8000-00000000000{at}");
            json!({"receivers": [who], "index": at, "hint": hint})
        })
        .collect();
    let keys = call(world, "bot", "/safe/keys", &asked);
    let outputs: Vec<_> = (outputs.iter().zip(keys.as_array().unwrap()))
        .map(|((_, amount), key)| (units(amount), vec![bytes(&key["keys"][0])], bytes(&key["mask"]), 1))
        .collect();
    payload(&[coin], &outputs)
}

/// The bot's signature, made as its own program would.
fn cosign(world: &mut World, bot: &Value, payload: &[u8], request: &Value) -> Value {
    let wide = Sha512::digest(bytes(&bot["keystore"]["spend_private_key"]));
    let spend = Scalar::from_bytes_mod_order(curve25519_dalek::scalar::clamp_integer(wide[..32].try_into().unwrap()));
    let key = Scalar::from_bytes_mod_order(bytes(&request["views"][0])) + spend;
    let place = request["senders"].as_array().unwrap().iter().position(|sender| *sender == bot["user_id"]).unwrap();
    let map = vec![(u16::try_from(place).unwrap(), sign(&key, &hash_of(payload)))];
    let body = json!({"request_id": REQUEST, "raw": signed(payload, &[map])});
    call(world, "bot", &format!("/safe/multisigs/{REQUEST}/sign"), &body)
}

#[test]
fn a_trade_on_the_sandbox() {
    let mut world = World::new(7, START);
    let people = control(&mut world, "GET", "people", &Value::Null);
    let person = |role: &str| people.as_array().unwrap().iter().find(|it| it["role"] == role).unwrap().clone();
    let id = |role: &str| person(role)["user_id"].as_str().unwrap().to_owned();
    assert_eq!(audit_all(&ledger(&mut world), &[]).1, []);
    let money = json!({"members": ["buyer", "seller", "bot"], "threshold": 2, "asset_id": USDT, "amount": "100"});
    let deposit = control(&mut world, "POST", "deposits", &money)["transaction_hash"].as_str().unwrap().to_owned();
    let coin = format!("{deposit}:0");
    let payload = build(&mut world, &coin, &[(&id("seller"), "99"), (&id("fees"), "1")]);
    let asked = json!([{"request_id": REQUEST, "raw": signed(&payload, &[])}]);
    let request = call(&mut world, "bot", "/safe/multisigs", &asked)[0].clone();
    let link = format!("https://mixin.one/multisigs/{REQUEST}?action=sign");
    control(&mut world, "POST", "people/buyer/sign", &json!({"link": link, "pin": "123456"}));
    assert_eq!(audit_all(&ledger(&mut world), &[]).1, [], "reserved by the buyer's signature");
    cosign(&mut world, &person("bot"), &payload, &request);
    assert_eq!(audit_all(&ledger(&mut world), &[]).1, [], "not final yet");
    control(&mut world, "POST", "clock", &json!({"advance_ms": 10_000}));

    let (buyer, seller, bot, fee_receiver) = (id("buyer"), id("seller"), id("bot"), id("fees"));
    let (asset_id, price, outcome) = (USDT.to_owned(), "100".to_owned(), Outcome::Release);
    let terms = Expected {
        asset_id,
        price,
        fee_bps: 100,
        fee_payer: FeePayer::Seller,
        buyer,
        seller,
        bot,
        fee_receiver,
        paid_by: None,
        outcome,
        fee_waived: false,
        short_ok: false,
        without_bot: false,
    };
    let report = audit(&ledger(&mut world), &terms);
    assert_eq!(report.problems, []);
    let settlement = report.settlement.unwrap();
    assert_eq!(settlement.signers, [terms.buyer.clone(), terms.bot.clone()]);
    assert_eq!(settlement.seller_received.to_string(), "99");

    let hash = settlement.hash;
    control(&mut world, "POST", "faults", &json!({"steal_one_unit": {"output": format!("{hash}:0")}}));
    let problems = audit(&ledger(&mut world), &terms).problems;
    let sentence = format!(
        "output {hash}:0 holds 98.99999999 on the ledger, but the transaction that made it says 99: \
         0.00000001 (1 unit) is missing"
    );
    assert_eq!(problems[0].to_string(), sentence);
}
