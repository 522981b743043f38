//! `multisig.json`: a group from its members' seeds to the ledger's verdict.

use mixin_escrow::id::{Hash, UserId};
use mixin_escrow::kernel::derive::members_hash;
use mixin_escrow::kernel::{
    Members, MixAddress, PublicKey, Signature, Signatures, ghost, sign, spend_scalar, validate_unsigned, verify,
};
use serde::Deserialize;

use crate::folder::File;
use crate::model::{Bytes, Coins, Maps, Private, Tx, TxUtxo, Verdict, check_verdict, utxos};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    asset: Hash,
    threshold: u8,
    members_given: Vec<UserId>,
    members: Vec<Member>,
    members_hash: Hash,
    mix_address: String,
    mix_address_given_order: String,
    outsider: Member,
    utxos: Vec<TxUtxo>,
    recipients: Vec<Recipient>,
    tx: Tx,
    raw_unsigned: String,
    payload_hash: Hash,
    signers: Vec<Signer>,
    outsider_signer: Signer,
    flows: Vec<Flow>,
    verdicts: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    user_id: UserId,
    spend_seed: Bytes,
    spend_private_scalar: Private,
    spend_public: PublicKey,
    view_private: Private,
    view_public: PublicKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipient {
    role: String,
    members: Vec<UserId>,
    threshold: u8,
    mix_address: String,
    amount: Coins,
    mask_private: Private,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signer {
    member_index: i32,
    user_id: UserId,
    views: Vec<Private>,
    one_time_private: Vec<Private>,
    one_time_public: Vec<PublicKey>,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flow {
    first: usize,
    second: usize,
    raw_after_first: String,
    verdict_first: Verdict,
    raw_after_second: String,
    verdict_second: Verdict,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    raw: String,
    valid: bool,
    #[serde(rename = "error")]
    _error: String,
}

#[test]
fn multisig() {
    let mut file = File::open("multisig.json");
    let (mut flows, mut verdicts) = (0, 0);
    for (label, case) in file.list::<Case>("cases") {
        assert!(!case.signers.is_empty() && !case.flows.is_empty() && !case.verdicts.is_empty(), "{label}");
        check_members(&label, &case);
        check_utxos(&label, &case);
        check_recipients(&label, &case);
        check_signers(&label, &case);
        check_flows(&label, &case);
        check_verdicts(&label, &case);
        flows += case.flows.len() * 2;
        verdicts += case.verdicts.len();
    }
    file.checked(&format!(" ({flows} verdicts along the flows, {verdicts} named verdicts)"));
}

fn check_members(label: &str, case: &Case) {
    for member in case.members.iter().chain([&case.outsider]) {
        let seed = member.spend_seed.0.clone().try_into().unwrap();
        assert_eq!(hex::encode(spend_scalar(&seed).to_bytes()), member.spend_private_scalar.hex(), "{label}");
        assert_eq!(member.spend_private_scalar.0.public(), member.spend_public, "{label}");
        assert_eq!(member.view_private.0.public(), member.view_public, "{label}");
    }
    let sorted: Vec<_> = case.members.iter().map(|member| member.user_id).collect();
    assert!(sorted.is_sorted(), "{label}");
    assert_eq!(members_hash(&sorted), case.members_hash, "{label}");
    assert_eq!(members_hash(&case.members_given), case.members_hash, "{label}");
    let group = MixAddress::users(&case.members_given, case.threshold);
    assert_eq!(group.to_string(), case.mix_address, "{label}");
    assert_eq!(case.mix_address.parse(), Ok(group), "{label}");
    let given = MixAddress { threshold: case.threshold, members: Members::Users(case.members_given.clone()) };
    assert_eq!(given.to_string(), case.mix_address_given_order, "{label}");
    assert_eq!(case.mix_address_given_order.parse(), Ok(given), "{label}");
}

fn check_utxos(label: &str, case: &Case) {
    for utxo in &case.utxos {
        let r = utxo.mask_private.as_ref().unwrap();
        assert_eq!(r.0.public(), utxo.mask, "{label}");
        assert_eq!(utxo.script.0, [0xff, 0xfe, case.threshold], "{label}");
        assert_eq!(utxo.asset, case.asset, "{label}");
        let index = utxo.output_index.into();
        let keys = case.members.iter().map(|one| ghost::public(&r.0, &one.view_public, &one.spend_public, index));
        assert_eq!(keys.collect::<Option<Vec<_>>>().as_ref(), Some(&utxo.keys), "{label}");
    }
}

fn check_recipients(label: &str, case: &Case) {
    assert_eq!(case.tx.asset, case.asset, "{label}");
    assert_eq!(case.recipients.len(), case.tx.outputs.len(), "{label}");
    for ((index, recipient), output) in (0..).zip(&case.recipients).zip(&case.tx.outputs) {
        let label = format!("{label}, {} {index}", recipient.role);
        assert_eq!(recipient.amount.0, output.amount.0, "{label}");
        assert_eq!(recipient.mask_private.0.public(), output.mask, "{label}");
        assert_eq!(output.script.0, [0xff, 0xfe, recipient.threshold], "{label}");
        let address = MixAddress::users(&recipient.members, recipient.threshold);
        assert_eq!(address.to_string(), recipient.mix_address, "{label}");
        assert_eq!(output.keys.len(), recipient.members.len(), "{label}");
        let mut sorted = recipient.members.clone();
        sorted.sort_unstable();
        // Only of people whose keys the file tells can the one-time keys be made again.
        for (user, key) in sorted.iter().zip(&output.keys) {
            for known in case.members.iter().chain([&case.outsider]).filter(|known| known.user_id == *user) {
                let made = ghost::public(&recipient.mask_private.0, &known.view_public, &known.spend_public, index);
                assert_eq!(made, Some(*key), "{label}");
            }
        }
    }
}

fn check_signers(label: &str, case: &Case) {
    assert_eq!(case.signers.len(), case.members.len(), "{label}");
    for (place, (signer, member)) in (0..).zip(case.signers.iter().zip(&case.members)) {
        assert_eq!(signer.member_index, place, "{label}");
        check_signer(label, case, signer, member);
        for (utxo, public) in case.utxos.iter().zip(&signer.one_time_public) {
            assert_eq!(utxo.keys.iter().position(|key| key == public), usize::try_from(place).ok(), "{label}");
        }
    }
    assert_eq!(case.outsider_signer.member_index, -1, "{label}");
    check_signer(label, case, &case.outsider_signer, &case.outsider);
}

fn check_signer(label: &str, case: &Case, signer: &Signer, member: &Member) {
    assert_eq!(signer.user_id, member.user_id, "{label}");
    let inputs = case.utxos.len();
    assert_eq!([signer.views.len(), signer.one_time_private.len()], [inputs; 2], "{label}");
    assert_eq!([signer.one_time_public.len(), signer.signatures.len()], [inputs; 2], "{label}");
    for (at, utxo) in case.utxos.iter().enumerate() {
        let view = ghost::view(&member.view_private.0, &utxo.mask, utxo.output_index.into()).unwrap();
        assert_eq!(hex::encode(view.to_bytes()), signer.views[at].hex(), "{label}");
        let key = view.plus(&member.spend_private_scalar.0);
        assert_eq!(hex::encode(key.to_bytes()), signer.one_time_private[at].hex(), "{label}");
        assert_eq!(key.public(), signer.one_time_public[at], "{label}");
        let signature = sign(&key, &case.payload_hash);
        assert_eq!(signature, signer.signatures[at], "{label}");
        assert!(verify(&key.public(), &case.payload_hash, &signature), "{label}");
    }
}

fn check_flows(label: &str, case: &Case) {
    let unsigned = case.tx.check_bytes(label, &case.raw_unsigned, Signatures::Maps(vec![]));
    assert_eq!(unsigned.hash(), case.payload_hash, "{label}");
    assert_eq!(validate_unsigned(&unsigned, &utxos(&case.utxos)), Ok(()), "{label}");
    for flow in &case.flows {
        let mut maps = vec![std::collections::BTreeMap::new(); case.utxos.len()];
        let steps = [
            (flow.first, &flow.raw_after_first, &flow.verdict_first),
            (flow.second, &flow.raw_after_second, &flow.verdict_second),
        ];
        for (who, raw, verdict) in steps {
            add(&mut maps, who, &case.signers[who].signatures);
            case.tx.check_bytes(label, raw, Signatures::Maps(maps.clone()));
            check_verdict(label, raw, &case.utxos, verdict.valid);
        }
    }
}

fn add(maps: &mut Maps, who: usize, signatures: &[Signature]) {
    for (map, signature) in maps.iter_mut().zip(signatures) {
        map.insert(who.try_into().unwrap(), *signature);
    }
}

fn check_verdicts(label: &str, case: &Case) {
    for verdict in &case.verdicts {
        let label = format!("{label}, {}", verdict.name);
        check_verdict(&label, &verdict.raw, &case.utxos, verdict.valid);
    }
}
