//! The network as its callers see it: everything through `handle`, `control` and frames, signed by a signer of its own.

mod auth;
mod behind;
mod chat;
mod mixpay;
mod money;
mod page;
mod requests;
mod sheets;
mod socket;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{BotSays, World};
use crate::kernel::{Input, Output, Scalar, Signatures, Transaction, Units, sign, spend_scalar};
use crate::time::Millis;

const START: Millis = Millis(1_767_225_600_000);
pub(super) const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";

/// A network and its clock.
struct Bench {
    world: World,
    now: Millis,
    /// Every page as it was last drawn, and what was said before of how things look.
    looks: BTreeMap<String, ((u64, Millis), String)>,
}

/// Somebody with a keystore.
#[derive(Clone)]
struct Caller {
    id: String,
    number: String,
    session: String,
    key: SigningKey,
    spend: [u8; 32],
}

fn seed(hex: &Value) -> [u8; 32] {
    hex::decode(hex.as_str().unwrap()).unwrap().try_into().unwrap()
}

impl Caller {
    fn of(person: &Value) -> Self {
        let keystore = &person["keystore"];
        Self {
            id: keystore["app_id"].as_str().unwrap().into(),
            number: person["number"].as_str().unwrap().into(),
            session: keystore["session_id"].as_str().unwrap().into(),
            key: SigningKey::from_bytes(&seed(&keystore["session_private_key"])),
            spend: seed(&keystore["spend_private_key"]),
        }
    }

    fn claims(&self, method: &str, target: &str, body: &str, now: Millis) -> Value {
        let sig = hex::encode(Sha256::digest(format!("{method}{target}{body}")));
        json!({"uid": self.id, "sid": self.session, "iat": now.secs(), "exp": now.secs() + 60,
               "jti": "11111111-2222-4333-8444-555555555555", "sig": sig, "scp": "FULL"})
    }

    fn token(&self, claims: &Value) -> String {
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let message = format!("{}.{}", part(r#"{"alg":"EdDSA","typ":"JWT"}"#.into()), part(claims.to_string()));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(self.key.sign(message.as_bytes()).to_bytes()))
    }
}

impl Bench {
    fn new() -> Self {
        Self::of(World::new(7, START), START)
    }

    fn of(world: World, now: Millis) -> Self {
        Self { world, now, looks: BTreeMap::new() }
    }

    /// A page as a browser gets it. One that differs from what it was has been announced: whoever looks at it waits for
    /// that.
    fn drawn(&mut self, path: &str, bot: &BotSays) -> (StatusCode, String) {
        let outlook = self.world.outlook(self.now);
        let request = Request::get(path).body(Bytes::new()).unwrap();
        let response = self.world.page(&request, bot, self.now);
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        if bot.is_empty()
            && let Some((before, page)) = self.looks.insert(path.to_owned(), (outlook, text.clone()))
        {
            assert!(page == text || before != outlook, "{path} changed silently");
        }
        (response.status(), text)
    }

    fn wait(&mut self, ms: i64) {
        self.now = self.now.plus(Millis(ms));
    }

    fn person(&mut self, role: &str) -> Caller {
        let people = self.control("GET", "people", &Value::Null);
        Caller::of(people.as_array().unwrap().iter().find(|person| person["role"] == role).unwrap())
    }

    fn send(&mut self, token: &str, method: &str, target: &str, body: &str) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", format!("Bearer {token}"))
            .header("x-request-id", "echo")
            .header("host", "localhost")
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        self.world.handle(request, self.now)
    }

    /// `data`, or the whole body when there is no envelope.
    fn call(&mut self, who: &Caller, method: &str, target: &str, body: &Value) -> Result<Value, u64> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let token = who.token(&who.claims(method, target, &body, self.now));
        let response = self.send(&token, method, target, &body);
        assert_eq!(response.headers()["x-request-id"], "echo");
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        match answer["error"]["code"].as_u64() {
            Some(code) => Err(code),
            None => Ok(answer.get("data").cloned().unwrap_or(answer)),
        }
    }

    fn get(&mut self, who: &Caller, target: &str) -> Result<Value, u64> {
        self.call(who, "GET", target, &Value::Null)
    }

    fn post(&mut self, who: &Caller, target: &str, body: &Value) -> Result<Value, u64> {
        self.call(who, "POST", target, body)
    }

    fn try_control(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request =
            Request::builder().method(method).uri(format!("/sandbox/{path}")).body(Bytes::from(body)).unwrap();
        let response = self.world.control(request, self.now);
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    fn control(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.try_control(method, path, body);
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    fn switch(&mut self, switches: &Value) {
        self.control("POST", "switches", switches);
    }

    fn mint(&mut self, who: &str, amount: &str) {
        self.control("POST", &format!("people/{who}/mint"), &json!({"asset_id": USDT, "amount": amount}));
    }

    /// The trio buyer, seller, bot as a group: members sorted.
    fn trio(&mut self) -> (Caller, Caller, Caller, Vec<String>) {
        let (buyer, seller, bot) = (self.person("buyer"), self.person("seller"), self.person("bot"));
        let mut members = vec![buyer.id.clone(), seller.id.clone(), bot.id.clone()];
        members.sort();
        (buyer, seller, bot, members)
    }

    /// A deposit into the 2-of-3 vault, as the network lists it.
    fn deposit(&mut self, amount: &str) -> Value {
        let body = json!({"members": ["buyer", "seller", "bot"], "threshold": 2, "asset_id": USDT, "amount": amount});
        let hash = self.control("POST", "deposits", &body)["transaction_hash"].as_str().unwrap().to_owned();
        let bot = self.person("bot");
        self.get(&bot, &format!("/safe/outputs/{hash}:0")).unwrap()
    }

    /// An unsigned spend of `coin`: each output by its one-time keys.
    fn spend(&mut self, who: &Caller, coin: &Value, outputs: &[(Vec<String>, u8, &str)], hint: u128) -> Transaction {
        let asked: Vec<Value> = outputs
            .iter()
            .enumerate()
            .map(|(index, (members, _, _))| {
                let hint = uuid::Uuid::from_u128(hint + u128::try_from(index).unwrap());
                json!({"receivers": members, "index": index, "hint": hint.to_string()})
            })
            .collect();
        let keys = self.post(who, "/safe/keys", &json!(asked)).unwrap();
        let outputs = outputs.iter().zip(keys.as_array().unwrap()).map(|((_, threshold, amount), key)| {
            let points = key["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().parse().unwrap());
            Output::pay(
                amount.parse().unwrap(),
                points.collect(),
                key["mask"].as_str().unwrap().parse().unwrap(),
                *threshold,
            )
        });
        Transaction {
            asset: coin["kernel_asset_id"].as_str().unwrap().parse().unwrap(),
            inputs: vec![Input::spend(coin["transaction_hash"].as_str().unwrap().parse().unwrap(), 0)],
            outputs: outputs.collect(),
            references: Vec::new(),
            extra: b"test".to_vec(),
            signatures: Signatures::Maps(Vec::new()),
        }
    }

    fn create(&mut self, who: &Caller, id: u128, tx: &Transaction) -> Result<Value, u64> {
        let body = json!([{"request_id": uuid::Uuid::from_u128(id).to_string(), "raw": hex::encode(tx.encode())}]);
        self.post(who, "/safe/multisigs", &body).map(|list| list[0].clone())
    }

    fn request(&mut self, who: &Caller, id: u128) -> Result<Value, u64> {
        self.get(who, &format!("/safe/multisigs/{}", uuid::Uuid::from_u128(id)))
    }

    fn sign_raw(&mut self, who: &Caller, id: u128, tx: &Transaction) -> Result<Value, u64> {
        let id = uuid::Uuid::from_u128(id).to_string();
        let body = json!({"request_id": id, "raw": hex::encode(tx.encode())});
        self.post(who, &format!("/safe/multisigs/{id}/sign"), &body)
    }

    /// Signs as the SDKs do: only the own signature, at the place among the sorted members.
    fn sign(&mut self, who: &Caller, id: u128, tx: &Transaction) -> Result<Value, u64> {
        let request = self.request(who, id)?;
        let place = place(&request["senders"], who);
        let signed = signed(tx, &request["views"], who, place);
        self.sign_raw(who, id, &signed)
    }
}

fn place(senders: &Value, who: &Caller) -> u16 {
    let senders = senders.as_array().unwrap();
    u16::try_from(senders.iter().position(|sender| *sender == who.id).unwrap()).unwrap()
}

fn signed(tx: &Transaction, views: &Value, who: &Caller, place: u16) -> Transaction {
    let spend = spend_scalar(&who.spend);
    let one = |view: &Value| {
        let key = view.as_str().unwrap().parse::<Scalar>().unwrap().plus(&spend);
        [(place, sign(&key, &tx.hash()))].into_iter().collect()
    };
    Transaction { signatures: Signatures::Maps(views.as_array().unwrap().iter().map(one).collect()), ..tx.clone() }
}
