//! A small ledger made by hand: keys, bytes and signatures of its own, wrong ones too when asked.

use std::collections::BTreeMap;

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use sha3::Sha3_256;

pub(crate) const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
pub(crate) const BUYER: &str = "2b5a7f10-3c44-4d55-8e66-9f7788990011";
pub(crate) const SELLER: &str = "9d3e1c20-5a61-4b72-9c83-ad94beafc0d1";
pub(crate) const BOT: &str = "6f1d2e30-7b84-4c95-ad06-be17cf28d039";
pub(crate) const FEES: &str = "40e5f6a7-1829-4b3c-8d4e-5f60718293a4";
pub(crate) const MALLORY: &str = "ffffffff-1829-4b3c-8d4e-5f60718293a4";
/// In the order of their keys.
pub(crate) const VAULT: [&str; 3] = [BUYER, BOT, SELLER];

/// Amount, receivers in order, threshold.
pub(crate) type To<'a> = (&'a str, &'a [&'a str], u8);

/// Units, keys, mask, threshold.
pub(crate) type Locked = (u128, Vec<[u8; 32]>, [u8; 32], u8);

/// The ledger as the sandbox would tell it.
#[derive(Clone)]
pub(crate) struct Maker {
    pub(crate) json: Value,
    /// By output: the private keys, in order.
    secrets: BTreeMap<String, Vec<Scalar>>,
}

fn scalar(label: &str) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(label).into())
}

fn public(secret: &Scalar) -> [u8; 32] {
    EdwardsPoint::mul_base(secret).compress().0
}

/// The signature of a scalar key (dossier §10.4).
pub(crate) fn sign(secret: &Scalar, hash: &[u8]) -> [u8; 64] {
    let wide = |parts: [&[u8]; 3]| Scalar::from_bytes_mod_order_wide(&Sha512::digest(parts.concat()).into());
    let nonce = wide([b"nonce", secret.as_bytes(), hash]);
    let point = public(&nonce);
    let s = wide([&point, &public(secret), hash]) * secret + nonce;
    [point, s.to_bytes()].concat().try_into().unwrap()
}

pub(crate) fn units(amount: &str) -> u128 {
    let (whole, rest) = amount.split_once('.').unwrap_or((amount, ""));
    format!("{whole}{rest:0<8}").parse().unwrap()
}

/// The bytes before the signature section. Inputs as `hash:index`.
pub(crate) fn payload(inputs: &[&str], outputs: &[Locked]) -> Vec<u8> {
    let count = |count: usize| u16::try_from(count).unwrap().to_be_bytes();
    let mut raw = vec![0x77, 0x77, 0, 5];
    raw.extend(Sha3_256::digest(USDT));
    raw.extend(count(inputs.len()));
    for input in inputs {
        let (hash, index) = input.split_once(':').unwrap();
        raw.extend(hex::decode(hash).unwrap());
        raw.extend(index.parse::<u16>().unwrap().to_be_bytes());
        raw.extend([0; 6]);
    }
    raw.extend(count(outputs.len()));
    for (amount, keys, mask, threshold) in outputs {
        let amount = amount.to_be_bytes();
        let amount = &amount[amount.iter().position(|byte| *byte != 0).unwrap()..];
        raw.extend([0, 0]);
        raw.extend(count(amount.len()));
        raw.extend(amount);
        raw.extend(count(keys.len()));
        raw.extend(keys.concat());
        raw.extend(mask);
        raw.extend([0, 3, 0xff, 0xfe, *threshold, 0, 0]);
    }
    raw.extend([0; 6]);
    raw
}

/// Payload and signature maps.
pub(crate) fn signed(payload: &[u8], maps: &[Vec<(u16, [u8; 64])>]) -> String {
    let mut raw = payload.to_vec();
    raw.extend(u16::try_from(maps.len()).unwrap().to_be_bytes());
    for map in maps {
        raw.extend(u16::try_from(map.len()).unwrap().to_be_bytes());
        for (place, signature) in map {
            raw.extend(place.to_be_bytes());
            raw.extend(signature);
        }
    }
    hex::encode(raw)
}

pub(crate) fn hash_of(payload: &[u8]) -> [u8; 32] {
    *blake3::hash(&[payload, &[0, 0]].concat()).as_bytes()
}

impl Maker {
    pub(crate) fn new() -> Self {
        Self { json: json!({"assets": [], "outputs": [], "transactions": []}), secrets: BTreeMap::new() }
    }

    /// Money from outside, as output 0 of what is answered.
    pub(crate) fn mint(&mut self, to: To) -> String {
        let label = self.json["transactions"].as_array().unwrap().len().to_string();
        let nowhere = format!("{}:0", hex::encode(Sha3_256::digest(label)));
        self.write(&[&nowhere], &[to], &[], true)
    }

    /// A transaction signed by `signers` on every input, in order of arrival; its hash. Inputs as `hash:index`.
    pub(crate) fn pay(&mut self, inputs: &[&str], outputs: &[To], signers: &[&str]) -> String {
        self.write(inputs, outputs, signers, false)
    }

    fn write(&mut self, inputs: &[&str], outputs: &[To], signers: &[&str], mint: bool) -> String {
        let label = self.json["transactions"].as_array().unwrap().len();
        let secret = |at: usize, who: &str| scalar(&format!("{label} {at} {who}"));
        let built: Vec<_> = (outputs.iter().enumerate())
            .map(|(at, (amount, receivers, threshold))| {
                let secrets: Vec<Scalar> = receivers.iter().map(|who| secret(at, who)).collect();
                let mask = public(&secret(at, "mask"));
                ((units(amount), secrets.iter().map(public).collect(), mask, *threshold), secrets)
            })
            .collect();
        let (places, secrets): (Vec<_>, Vec<_>) = built.into_iter().unzip();
        let payload = payload(inputs, &places);
        let hash = hash_of(&payload);
        let map = |input: &&str| {
            let owners = self.receivers(input);
            let one = |at: usize| (u16::try_from(at).unwrap(), sign(&self.secrets[*input][at], &hash));
            (0..owners.len()).filter(|at| signers.contains(&&*owners[*at])).map(one).collect()
        };
        let maps: Vec<Vec<_>> = if mint { vec![] } else { inputs.iter().map(map).collect() };
        let senders = if mint { vec![] } else { self.receivers(inputs[0]) };
        let name = hex::encode(hash);
        for input in inputs.iter().filter(|_| !mint) {
            let line = self.output(input);
            line["state"] = "spent".into();
            line["spent_by"] = name.clone().into();
        }
        for (at, ((to, place), secrets)) in outputs.iter().zip(&places).zip(secrets).enumerate() {
            self.secrets.insert(format!("{name}:{at}"), secrets);
            let line = json!({
                "transaction_hash": name, "output_index": at, "asset_id": USDT,
                "kernel_asset_id": hex::encode(Sha3_256::digest(USDT)), "amount": to.0,
                "keys": place.1.iter().map(hex::encode).collect::<Vec<_>>(), "mask": hex::encode(place.2),
                "script": hex::encode([0xff, 0xfe, to.2]), "threshold": to.2, "receivers": to.1,
                "state": "unspent", "spent_by": null,
            });
            self.json["outputs"].as_array_mut().unwrap().push(line);
        }
        let entry = json!({"hash": name, "raw": signed(&payload, &maps), "request_id": null, "senders": senders,
                           "signers": signers, "at": "2026-01-01T00:00:00Z", "mint": mint});
        self.json["transactions"].as_array_mut().unwrap().push(entry);
        name
    }

    /// The line of `hash:index`.
    pub(crate) fn output(&mut self, place: &str) -> &mut Value {
        let lines = self.json["outputs"].as_array_mut().unwrap();
        lines.iter_mut().find(|line| name(line) == place).unwrap()
    }

    /// The line of a transaction.
    pub(crate) fn transaction(&mut self, hash: &str) -> &mut Value {
        let lines = self.json["transactions"].as_array_mut().unwrap();
        lines.iter_mut().find(|line| line["hash"] == hash).unwrap()
    }

    pub(crate) fn forget_output(&mut self, place: &str) {
        self.json["outputs"].as_array_mut().unwrap().retain(|line| name(line) != place);
    }

    fn receivers(&self, place: &str) -> Vec<String> {
        let lines = self.json["outputs"].as_array().unwrap();
        let line = lines.iter().find(|line| name(line) == place).unwrap();
        serde_json::from_value(line["receivers"].clone()).unwrap()
    }
}

fn name(line: &Value) -> String {
    format!("{}:{}", line["transaction_hash"].as_str().unwrap(), line["output_index"])
}
