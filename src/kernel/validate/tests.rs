use super::super::key::{Scalar, sign, spend_scalar};
use super::super::transaction::{Input, MintData};
use super::*;
use crate::money::Amount;

fn secret(seed: u8) -> Scalar {
    spend_scalar(&[seed; 32])
}

fn public(seed: u8) -> PublicKey {
    secret(seed).public()
}

/// An output of two keys, seeds 1 and 2.
fn utxo(index: u16, units: u128, threshold: u8) -> Utxo {
    Utxo {
        hash: Hash([9; 32]),
        index,
        asset: XIN,
        amount: Amount::from_units(units).into(),
        keys: vec![public(1), public(2)],
        mask: public(3),
        script: vec![0xff, 0xfe, threshold],
    }
}

/// Spends all of `utxos` to one key.
fn spending(utxos: &[Utxo]) -> Transaction {
    let total = Units::sum(utxos.iter().map(|utxo| &utxo.amount));
    Transaction {
        asset: XIN,
        inputs: utxos.iter().map(|utxo| Input::spend(utxo.hash, utxo.index)).collect(),
        outputs: vec![Output { amount: total, ..Output::pay(Amount::ZERO, vec![public(4)], public(5), 1) }],
        references: vec![],
        extra: vec![],
        signatures: Signatures::Maps(vec![]),
    }
}

/// Signatures of `seeds` (each at place seed − 1) on every input.
fn signed(tx: Transaction, seeds: &[u8]) -> Transaction {
    let map: BTreeMap<_, _> =
        seeds.iter().map(|seed| (u16::from(seed - 1), sign(&secret(*seed), &tx.hash()))).collect();
    Transaction { signatures: Signatures::Maps(vec![map; tx.inputs.len()]), ..tx }
}

#[test]
fn inputs_are_found_in_any_order_and_others_are_ignored() {
    let (a, b) = (utxo(0, 5, 2), utxo(1, 6, 1));
    let tx = signed(spending(&[a.clone(), b.clone()]), &[1, 2]);
    assert_eq!(validate(&tx, &[b.clone(), utxo(2, 7, 1), a.clone()]), Ok(()));
    assert_eq!(validate(&tx, &[a]), Err(Invalid::InputNotFound { input: 1 }));
    assert_eq!(validate(&tx, &[]), Err(Invalid::InputNotFound { input: 0 }));
}

#[test]
fn a_signature_that_is_there_must_hold_even_when_none_is_asked_for() {
    let offered = [utxo(0, 5, 2)];
    let tx = signed(spending(&offered), &[2]);
    assert_eq!(validate_unsigned(&tx, &offered), Ok(()));
    assert_eq!(validate(&tx, &offered), Err(Invalid::SignaturesMissing { input: 0, have: 1, need: 2 }));
    let mut wrong = tx.clone();
    wrong.extra.push(1);
    assert_eq!(validate_unsigned(&wrong, &offered), Err(Invalid::Signature { input: 0 }));
    let elsewhere = Transaction { signatures: Signatures::Maps(vec![BTreeMap::new(); 2]), ..tx };
    assert_eq!(validate_unsigned(&elsewhere, &offered), Err(Invalid::SignatureMaps));
}

#[test]
fn without_a_threshold_there_is_still_one_signature_an_input() {
    let offered = [utxo(0, 5, 0), utxo(1, 5, 0)];
    assert_eq!(validate(&signed(spending(&offered), &[]), &offered), Err(Invalid::SignaturesFew));
    let mut one = signed(spending(&offered), &[1, 2]);
    let Signatures::Maps(maps) = &mut one.signatures else { unreachable!() };
    maps[0].clear();
    assert_eq!(validate(&one, &offered), Ok(()), "two on one input are enough for two");
}

#[test]
fn a_long_memo_is_paid_for_in_xin() {
    let offered = [utxo(0, STORAGE_PRICE * 2, 1)];
    let with = |paid: u128, length: usize| {
        let mut tx = spending(&offered);
        let rest = Amount::from_units(STORAGE_PRICE * 2 - paid);
        tx.outputs[0] = Output::pay(rest, vec![public(4)], public(5), 1);
        tx.outputs.push(Output::pay(Amount::from_units(paid), vec![public(6)], public(7), 64));
        tx.extra = vec![0; length];
        validate(&signed(tx, &[1]), &offered)
    };
    assert_eq!(with(STORAGE_PRICE, 1024), Ok(()));
    assert_eq!(with(STORAGE_PRICE, 1025), Err(Invalid::Extra));
    assert_eq!(with(STORAGE_PRICE - 1, 256), Ok(()));
    assert_eq!(with(STORAGE_PRICE - 1, 257), Err(Invalid::Extra));
    assert_eq!(with(STORAGE_PRICE + 1, 1025), Err(Invalid::Extra));
}

#[test]
fn what_is_not_for_users_is_refused() {
    let offered = [utxo(0, 5, 1)];
    let mut mint = spending(&offered);
    mint.inputs[0].mint =
        Some(MintData { group: b"UNIVERSAL".to_vec(), batch: 1, amount: Amount::from_units(5).into() });
    assert_eq!(validate(&signed(mint, &[1]), &offered), Err(Invalid::Operation));
    for kind in [1, 0xa3, 0xa4, 0xa6, 0xa9, 0xaa, 0xb1, 0xff] {
        let mut tx = spending(&offered);
        tx.outputs[0].kind = kind;
        assert_eq!(validate(&signed(tx, &[1]), &offered), Err(Invalid::Operation));
    }
}

#[test]
fn a_memo_is_paid_for_as_far_as_the_kernel_can_count() {
    let with = |paid: u128| {
        let offered = [utxo(0, paid, 1)];
        let mut tx = spending(&offered);
        tx.outputs[0].script = STORAGE_SCRIPT.to_vec();
        tx.extra = vec![0; 1000];
        validate(&signed(tx, &[1]), &offered)
    };
    let wraps = STORAGE_PRICE << 54;
    assert_eq!(with(wraps - 1), Ok(()));
    assert_eq!(with(wraps), Err(Invalid::Extra));
    assert_eq!(with(wraps + STORAGE_PRICE), Ok(()));
    assert_eq!(with((STORAGE_PRICE << 64) - 1), Ok(()));
    assert_eq!(with(STORAGE_PRICE << 64), Err(Invalid::Extra));
}

#[test]
fn sums_beyond_128_bits_are_compared_in_full() {
    let offered = [utxo(0, u128::MAX, 1), utxo(1, 1, 1)];
    let mut tx = spending(&offered);
    assert_eq!(tx.outputs[0].amount.to_string(), "3402823669209384634633746074317.68211456");
    assert_eq!(validate(&signed(tx.clone(), &[1]), &offered), Ok(()));
    for wrong in [Amount::ZERO, Amount::from_units(1), Amount::from_units(u128::MAX)] {
        tx.outputs[0].amount = wrong.into();
        assert!(validate(&signed(tx.clone(), &[1]), &offered).is_err(), "{wrong}");
    }
}
