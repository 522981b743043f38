use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

fn key() -> impl Strategy<Value = PublicKey> {
    any::<[u8; 32]>().prop_map(PublicKey)
}

fn amount() -> impl Strategy<Value = Units> {
    (0..40_u8, any::<[u8; 40]>()).prop_map(|(length, bytes)| {
        let wire = [&[0, length], bytes.as_slice()].concat();
        Units::from_wire(&wire).unwrap().0
    })
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..6)
}

fn signature() -> impl Strategy<Value = Signature> {
    (any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(first, second)| {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&first);
        signature[32..].copy_from_slice(&second);
        Signature(signature)
    })
}

fn input() -> impl Strategy<Value = Input> {
    let deposit =
        (hash(), text(), text(), any::<u64>(), amount()).prop_map(|(chain, asset_key, transaction, index, amount)| {
            DepositData { chain, asset_key, transaction, index, amount }
        });
    let mint = (text(), any::<u64>(), amount()).prop_map(|(group, batch, amount)| MintData { group, batch, amount });
    (hash(), 0..=INPUT_INDEX_MAX, text(), option::of(deposit), option::of(mint))
        .prop_map(|(hash, index, genesis, deposit, mint)| Input { hash, index, genesis, deposit, mint })
}

fn output() -> impl Strategy<Value = Output> {
    let withdrawal = (text(), text()).prop_map(|(address, tag)| Withdrawal { address, tag });
    (any::<u8>(), amount(), vec(key(), 0..4), key(), text(), option::of(withdrawal)).prop_map(
        |(kind, amount, keys, mask, script, withdrawal)| Output { kind, amount, keys, mask, script, withdrawal },
    )
}

fn signatures() -> impl Strategy<Value = Signatures> {
    let places = prop_oneof![0..40_u16, any::<u16>()];
    prop_oneof![
        vec(btree_map(any::<u16>(), signature(), 0..4), 0..4).prop_map(Signatures::Maps),
        (signature(), btree_set(places, 0..9))
            .prop_map(|(signature, signers)| Signatures::Aggregated { signature, signers }),
    ]
}

fn transaction() -> impl Strategy<Value = Transaction> {
    (hash(), vec(input(), 0..4), vec(output(), 0..4), vec(hash(), 0..3), vec(any::<u8>(), 0..40), signatures())
        .prop_map(|(asset, inputs, outputs, references, extra, signatures)| Transaction {
            asset,
            inputs,
            outputs,
            references,
            extra,
            signatures,
        })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(tx in transaction()) {
        prop_assert_eq!(Transaction::decode(&tx.encode()), Ok(tx.clone()));
        let unsigned = Transaction { signatures: Signatures::Maps(vec![]), ..tx.clone() };
        prop_assert_eq!(unsigned.encode(), tx.payload());
        prop_assert_eq!(unsigned.hash(), tx.hash());
    }

    #[test]
    fn a_changed_bit_is_refused_or_means_something_else(tx in transaction(), bit: prop::sample::Index) {
        let mut raw = tx.encode();
        let bit = bit.index(raw.len() * 8);
        raw[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = Transaction::decode(&raw) {
            prop_assert_ne!(&read, &tx);
            prop_assert_eq!(read.encode(), raw);
        }
    }

    #[test]
    fn a_shortened_or_lengthened_one_is_refused(tx in transaction(), cut: prop::sample::Index, more: u8) {
        let mut raw = tx.encode();
        prop_assert!(Transaction::decode(&raw[..cut.index(raw.len())]).is_err());
        raw.push(more);
        prop_assert!(Transaction::decode(&raw).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(head in any::<bool>(), mut raw in vec(prop_oneof![Just(0), any::<u8>()], 0..400)) {
        if head {
            raw.splice(0..0, HEADER);
        }
        if let Ok(read) = Transaction::decode(&raw) {
            prop_assert_eq!(read.encode(), raw);
        }
    }
}

fn plain() -> Transaction {
    Transaction {
        asset: Hash([1; 32]),
        inputs: vec![Input::spend(Hash([2; 32]), 0)],
        outputs: vec![Output::pay(Amount::from_units(5), vec![PublicKey([3; 32])], PublicKey([4; 32]), 1)],
        references: vec![],
        extra: vec![],
        signatures: Signatures::Maps(vec![]),
    }
}

#[test]
fn four_mebibytes_are_the_end() {
    let room = RAW_MAX - plain().encode().len();
    let mut tx = Transaction { extra: vec![7; room], ..plain() };
    assert_eq!(Transaction::decode(&tx.encode()).as_ref(), Ok(&tx));
    tx.extra.push(7);
    assert_eq!(Transaction::decode(&tx.encode()), Err(DecodeError::TooLong));
    assert_eq!(hex::encode(tx.encode()).parse::<Transaction>(), Err(DecodeError::TooLong));
}

#[test]
fn what_no_length_field_can_say_is_not_written() {
    let mut long_script = plain();
    long_script.outputs[0].script = vec![0; 70_000];
    let many_inputs = Transaction { inputs: vec![Input::spend(Hash([2; 32]), 0); 70_000], ..plain() };
    let mut large_amount = plain();
    let most = Units::from_wire(&vec![0xff; 65_537]).unwrap().0;
    large_amount.outputs[0].amount = Units::sum([&most, &most]);
    for tx in [long_script, many_inputs, large_amount] {
        assert_eq!(tx.encode(), Vec::<u8>::new());
        assert!(Transaction::decode(&tx.encode()).is_err());
    }
    let over_limit = Transaction { inputs: vec![Input::spend(Hash([2; 32]), 0); 257], ..plain() };
    assert_eq!(Transaction::decode(&over_limit.encode()), Err(DecodeError::TooMany { what: "inputs", count: 257 }));
}

#[test]
fn amounts_of_any_size_in_their_shortest_form_only() {
    let raw = hex::encode(plain().encode());
    let with = |amount: &str| raw.replacen("000105", amount, 1).parse::<Transaction>();
    assert_eq!(with("000105"), Ok(plain()));
    assert_eq!(with("00020005"), Err(DecodeError::NotCanonical));
    assert_eq!(with(&format!("001200{}", "01".repeat(17))), Err(DecodeError::NotCanonical));
    for length in [16, 17, 65_535] {
        let tx = with(&format!("{length:04x}{}", "ff".repeat(length))).unwrap();
        assert_eq!(tx.outputs[0].amount.bytes(), vec![0xff; length]);
        assert_eq!(tx.outputs[0].amount.amount().is_some(), length == 16);
    }
}
