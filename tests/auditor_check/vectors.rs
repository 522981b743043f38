//! The auditor's decoder and verifier against the golden vectors.

use std::collections::BTreeMap;

use mixin_escrow::sim::auditor::Problem;
use mixin_escrow::sim::auditor::bytes::{DecodeError, Digest, Place, Tx};
use mixin_escrow::sim::auditor::units::{Units, UnitsError};
use mixin_escrow::sim::auditor::verify::{Coin, check_spend};
use serde_json::Value;

fn open(name: &str, list: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let list = file[list].as_array().unwrap().clone();
    assert!(!list.is_empty());
    list
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn digest(value: &Value) -> Digest {
    Digest::read(text(value)).unwrap()
}

fn digests(value: &Value) -> Vec<Digest> {
    value.as_array().unwrap().iter().map(digest).collect()
}

fn short(value: &Value) -> u16 {
    value.as_u64().unwrap().try_into().unwrap()
}

fn is_large(amount: &Value) -> bool {
    text(amount).parse::<Units>() == Err(UnitsError::TooLarge)
}

/// Compares every field; `None` when an amount is beyond 128 bits and the bytes are refused for it.
fn check_fields(label: &str, raw: &str, tx: &Value, hash: &Value) -> Option<Tx> {
    let read = Tx::read(raw);
    let outputs = tx["outputs"].as_array().unwrap();
    if outputs.iter().any(|out| is_large(&out["amount"])) {
        assert_eq!(read, Err(DecodeError::AmountTooLarge), "{label}");
        return None;
    }
    let read = read.unwrap_or_else(|error| panic!("{label}: {error}"));
    assert_eq!(read.hash, digest(hash), "{label}");
    assert_eq!(read.asset, digest(&tx["asset"]), "{label}");
    let inputs = tx["inputs"].as_array().unwrap().iter();
    let inputs: Vec<Place> = inputs.map(|it| Place { hash: digest(&it["hash"]), index: short(&it["index"]) }).collect();
    assert_eq!(read.inputs, inputs, "{label}");
    assert_eq!(read.references, digests(&tx["references"]), "{label}");
    assert_eq!(hex::encode(&read.extra), text(&tx["extra"]), "{label}");
    assert_eq!(read.outputs.len(), outputs.len(), "{label}");
    for (out, told) in read.outputs.iter().zip(outputs) {
        assert_eq!(u64::from(out.kind), told["type"].as_u64().unwrap(), "{label}");
        assert_eq!(Ok(out.amount), text(&told["amount"]).parse(), "{label}");
        assert_eq!(out.keys, digests(&told["keys"]), "{label}");
        assert_eq!(out.mask, digest(&told["mask"]), "{label}");
        assert_eq!(hex::encode(&out.script), text(&told["script"]), "{label}");
        let bytes = |key: &str| told["withdrawal"][key].as_str().map(|text| text.as_bytes().to_vec());
        assert_eq!(out.withdrawal, bytes("address").zip(bytes("tag")), "{label}");
    }
    Some(read)
}

fn check_signatures(label: &str, tx: &Tx, told: &Value) {
    let maps = told.as_array().map_or(&[][..], Vec::as_slice);
    assert_eq!(tx.signatures.len(), maps.len(), "{label}");
    for (map, told) in tx.signatures.iter().zip(maps) {
        let written: BTreeMap<String, String> =
            map.iter().map(|(place, signature)| (place.to_string(), hex::encode(signature))).collect();
        assert_eq!(serde_json::to_value(written).unwrap(), *told, "{label}");
    }
}

/// The outputs that are spent; `None` when one is beyond 128 bits.
fn coins(utxos: &Value) -> Option<BTreeMap<Place, Coin>> {
    let utxos = utxos.as_array().unwrap();
    let coin = |utxo: &Value| {
        let place = Place { hash: digest(&utxo["transaction_hash"]), index: short(&utxo["output_index"]) };
        let (keys, mask) = (digests(&utxo["keys"]), digest(&utxo["mask"]));
        let script = hex::decode(text(&utxo["script"])).unwrap();
        let amount = text(&utxo["amount"]).parse().ok()?;
        Some((place, Coin { asset: digest(&utxo["asset"]), amount, keys, mask, script }))
    };
    utxos.iter().map(coin).collect()
}

/// Whether the auditor and the kernel agree on a signed transaction; false when it is beyond 128 bits.
fn check_verdict(label: &str, raw: &str, utxos: &Value, valid: &Value) -> bool {
    let (Ok(tx), Some(coins)) = (Tx::read(raw), coins(utxos)) else { return false };
    let mut problems = check_spend(&tx, &coins);
    if valid == true && tx.extra.len() > 256 {
        // Long extra data in exchange for a storage fee: the one thing the auditor never takes.
        assert!(matches!(problems.pop(), Some(Problem::Malformed { .. })), "{label}");
    }
    assert_eq!(problems.is_empty(), valid.as_bool().unwrap(), "{label}: {problems:?}");
    true
}

#[test]
fn transactions() {
    let mut compared = 0;
    for case in open("transactions.json", "cases") {
        let label = text(&case["name"]);
        let unsigned = check_fields(label, text(&case["raw_unsigned"]), &case["tx"], &case["payload_hash"]);
        assert!(unsigned.is_none_or(|tx| tx.signatures.is_empty()), "{label}");
        if let Some(raw) = case["raw_signed"].as_str() {
            if let Some(tx) = check_fields(label, raw, &case["tx"], &case["payload_hash"]) {
                check_signatures(label, &tx, &case["signatures"]);
            }
            compared += u32::from(check_verdict(label, raw, &case["utxos"], &case["verdict"]["valid"]));
        }
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn multisig() {
    let mut compared = 0;
    for case in open("multisig.json", "cases") {
        let label = text(&case["name"]);
        check_fields(label, text(&case["raw_unsigned"]), &case["tx"], &case["payload_hash"]).unwrap();
        for flow in case["flows"].as_array().unwrap() {
            for step in ["first", "second"] {
                let raw = text(&flow[format!("raw_after_{step}")]);
                let tx = check_fields(label, raw, &case["tx"], &case["payload_hash"]).unwrap();
                for place in
                    tx.signatures.iter().zip(0usize..).flat_map(|(map, at)| map.keys().map(move |who| (*who, at)))
                {
                    let told = &case["signers"][usize::from(place.0)]["signatures"][place.1];
                    assert_eq!(hex::encode(tx.signatures[place.1][&place.0]), text(told), "{label}");
                }
                let valid = &flow[format!("verdict_{step}")]["valid"];
                compared += u32::from(check_verdict(label, raw, &case["utxos"], valid));
            }
        }
        for named in case["verdicts"].as_array().unwrap() {
            let label = format!("{label}, {}", text(&named["name"]));
            compared += u32::from(check_verdict(&label, text(&named["raw"]), &case["utxos"], &named["valid"]));
        }
    }
    assert!(compared > 300, "{compared}");
}

#[test]
fn invalid_transactions() {
    for case in open("invalid_transactions.json", "cases") {
        let label = text(&case["name"]);
        let error = Tx::read(text(&case["raw"])).expect_err(label);
        assert_eq!(error == DecodeError::NotHex, case["stage"] == "hex", "{label}");
    }
}

/// What the kernel takes and one may not expect: read the same, or refused as a form that is not supported.
#[test]
fn accepted_oddities() {
    for case in open("invalid_transactions.json", "accepted_oddities") {
        let (label, raw) = (text(&case["name"]), text(&case["raw"]));
        let special = |input: &Value| ["genesis", "deposit", "mint"].iter().any(|key| !input[key].is_null());
        if !case["aggregated_signature"].is_null() {
            assert_eq!(Tx::read(raw), Err(DecodeError::Aggregated), "{label}");
        } else if case["tx"]["inputs"].as_array().unwrap().iter().any(special) {
            assert_eq!(Tx::read(raw), Err(DecodeError::SpecialInput), "{label}");
        } else if let Some(tx) = check_fields(label, raw, &case["tx"], &case["payload_hash"]) {
            check_signatures(label, &tx, &case["signatures"]);
            check_verdict(label, raw, &case["utxos"], &case["verdict"]["valid"]);
        }
    }
}
