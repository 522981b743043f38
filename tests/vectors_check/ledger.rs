//! `transactions.json`, `invalid_transactions.json`, `ghost_keys.json`, `amounts.json`.

use std::collections::BTreeMap;

use mixin_escrow::id::Hash;
use mixin_escrow::kernel::{DecodeError, PublicKey, Signatures, Transaction, Units, ghost, sign, spend_scalar, verify};
use mixin_escrow::money::Amount;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::folder::File;
use crate::model::{Aggregated, Bytes, Maps, Private, Tx, TxUtxo, Verdict, check_verdict, signatures};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    tx: Tx,
    raw_unsigned: String,
    payload_hash: Hash,
    utxos: Option<Vec<TxUtxo>>,
    signing_keys: Option<Vec<Vec<SigningKey>>>,
    signatures: Option<Maps>,
    raw_signed: Option<String>,
    verdict: Option<Verdict>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SigningKey {
    index: u16,
    private: Private,
    public: PublicKey,
}

#[test]
fn transactions() {
    let mut file = File::open("transactions.json");
    let mut signed = 0;
    for (label, case) in file.list::<Case>("cases") {
        let hash = case.tx.check_bytes(&label, &case.raw_unsigned, Signatures::Maps(vec![])).hash();
        assert_eq!(hash, case.payload_hash, "{label}");
        let Case { utxos: Some(utxos), signing_keys: Some(keys), signatures: Some(expected), .. } = &case else {
            assert!(case.utxos.is_none() && case.signing_keys.is_none() && case.signatures.is_none(), "{label}");
            assert!(case.raw_signed.is_none() && case.verdict.is_none(), "{label}");
            continue;
        };
        assert_eq!(keys.len(), utxos.len(), "{label}");
        let mut maps = Maps::new();
        for (keys, utxo) in keys.iter().zip(utxos) {
            let mut map = BTreeMap::new();
            for key in keys {
                assert_eq!(key.private.0.public(), key.public, "{label}");
                assert_eq!(utxo.keys[usize::from(key.index)], key.public, "{label}");
                let signature = sign(&key.private.0, &hash);
                assert!(verify(&key.public, &hash, &signature), "{label}");
                map.insert(key.index, signature);
            }
            maps.push(map);
        }
        let (raw, verdict) = (case.raw_signed.as_ref().unwrap(), case.verdict.as_ref().unwrap());
        assert!(maps == *expected || !verdict.valid, "{label}: other signatures than {maps:?}");
        case.tx.check_bytes(&label, raw, Signatures::Maps(expected.clone()));
        check_verdict(&label, raw, utxos, verdict.valid);
        signed += 1;
    }
    file.checked(&format!(" ({signed} signed, with a verdict)"));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InvalidCase {
    #[serde(rename = "name")]
    _name: String,
    raw: String,
    stage: String,
    #[serde(rename = "error")]
    _error: String,
    #[serde(rename = "kernel_v0_18_33")]
    _older_kernel: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Oddity {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "note")]
    _note: String,
    raw: String,
    payload_hash: Hash,
    tx: Tx,
    signatures: Option<Maps>,
    aggregated_signature: Option<Aggregated>,
    utxos: Vec<TxUtxo>,
    verdict: Verdict,
    #[serde(rename = "kernel_v0_18_33")]
    _older_kernel: IgnoredAny,
}

#[test]
fn invalid_transactions() {
    let mut file = File::open("invalid_transactions.json");
    for (label, case) in file.list::<InvalidCase>("cases") {
        let error = case.raw.parse::<Transaction>().expect_err(&label);
        assert_eq!(error == DecodeError::NotHex, case.stage == "hex", "{label}");
        assert!(["hex", "decode", "canonical"].contains(&case.stage.as_str()), "{label}");
        if let Ok(bytes) = hex::decode(&case.raw) {
            assert_eq!(Transaction::decode(&bytes), Err(error), "{label}");
        }
    }
    for (label, case) in file.list::<Oddity>("accepted_oddities") {
        let tx = case.tx.check_bytes(&label, &case.raw, signatures(case.signatures, case.aggregated_signature));
        assert_eq!(tx.hash(), case.payload_hash, "{label}");
        assert_eq!(*blake3::hash(&tx.payload()).as_bytes(), case.payload_hash.0, "{label}");
        check_verdict(&label, &case.raw, &case.utxos, case.verdict.valid);
    }
    file.checked("");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GhostCase {
    #[serde(rename = "name")]
    _name: String,
    r: Private,
    mask: PublicKey,
    view_private: Private,
    view_public: PublicKey,
    spend_seed: Bytes,
    spend_private: Private,
    spend_public: PublicKey,
    index: u64,
    shared_point: PublicKey,
    view: Private,
    ghost_public: PublicKey,
    ghost_private: Private,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyCase {
    #[serde(rename = "name")]
    _name: String,
    key: PublicKey,
    valid: bool,
}

#[test]
fn ghost_keys() {
    let mut file = File::open("ghost_keys.json");
    for (label, case) in file.list::<GhostCase>("cases") {
        assert_eq!(case.r.0.public(), case.mask, "{label}");
        assert_eq!(case.view_private.0.public(), case.view_public, "{label}");
        assert_eq!(case.spend_private.0.public(), case.spend_public, "{label}");
        if !case.spend_seed.0.is_empty() {
            let seed = case.spend_seed.0.try_into().ok().unwrap();
            assert_eq!(hex::encode(spend_scalar(&seed).to_bytes()), case.spend_private.hex(), "{label}");
        }
        assert_eq!(ghost::shared_point(&case.r.0, &case.view_public), Some(case.shared_point), "{label}");
        assert_eq!(ghost::shared_point(&case.view_private.0, &case.mask), Some(case.shared_point), "{label}");
        let view = ghost::view(&case.view_private.0, &case.mask, case.index).unwrap();
        assert_eq!(hex::encode(view.to_bytes()), case.view.hex(), "{label}");
        let private = view.plus(&case.spend_private.0);
        assert_eq!(hex::encode(private.to_bytes()), case.ghost_private.hex(), "{label}");
        assert_eq!(private.public(), case.ghost_public, "{label}");
        let public = ghost::public(&case.r.0, &case.view_public, &case.spend_public, case.index);
        assert_eq!(public, Some(case.ghost_public), "{label}");
    }
    for (label, case) in file.list::<KeyCase>("check_key") {
        assert_eq!(case.key.is_valid(), case.valid, "{label}");
        let one = spend_scalar(&[1; 32]);
        assert_eq!(ghost::shared_point(&one, &case.key).is_some(), case.valid, "{label}");
        assert_eq!(ghost::public(&one, &one.public(), &case.key, 0).is_some(), case.valid, "{label}");
    }
    file.checked("");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum AmountKind {
    Parse,
    Decode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmountCase {
    kind: AmountKind,
    #[serde(rename = "name")]
    _name: String,
    input: String,
    ok: bool,
    units: Option<String>,
    bytes: Option<Bytes>,
    wire: Option<Bytes>,
    string: Option<String>,
    error: Option<String>,
}

#[test]
fn amounts() {
    let mut file = File::open("amounts.json");
    for (label, case) in file.list::<AmountCase>("cases") {
        match case.kind {
            AmountKind::Parse => check_parse(&label, case),
            AmountKind::Decode => check_decode(&label, case),
        }
    }
    file.checked("");
}

fn check_parse(label: &str, case: AmountCase) {
    let read = Units::from_go_text(&case.input);
    let strict = case.input.parse::<Amount>();
    assert_eq!(read.is_ok(), case.ok, "{label}: {read:?}");
    let Ok(read) = read else {
        assert!(strict.is_err() && case.error.is_some(), "{label}");
        return;
    };
    assert_eq!(read.digits(), case.units.unwrap(), "{label}");
    assert_eq!(read.bytes(), case.bytes.unwrap().0, "{label}");
    assert_eq!(read.to_wire(), Some(case.wire.unwrap().0), "{label}");
    let string = case.string.unwrap();
    assert_eq!(read.to_string(), string, "{label}");
    assert_eq!(read.amount(), string.parse().ok(), "{label}");
    if let Some(ours) = read.amount() {
        assert_eq!(Units::from(ours), read, "{label}");
        assert_eq!(ours.units().to_string(), read.digits(), "{label}");
    }
    if let Ok(strict) = strict {
        assert_eq!(read.amount(), Some(strict), "{label}");
    }
}

fn check_decode(label: &str, case: AmountCase) {
    let wire = case.wire.unwrap().0;
    let read = Units::from_wire(&wire);
    assert_eq!(read.is_some(), case.ok, "{label}: {read:?}");
    let Some((read, _)) = read else {
        assert!(case.error.is_some(), "{label}");
        return;
    };
    assert_eq!(read.to_string(), case.string.unwrap(), "{label}");
    let canonical = !case.error.is_some_and(|error| error.starts_with("non-canonical"));
    assert_eq!(read.to_wire() == Some(wire), canonical, "{label}");
}
