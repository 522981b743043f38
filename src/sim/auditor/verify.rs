//! One transaction against the outputs it spends (dossier §10.5, §10.6).

use std::collections::{BTreeMap, BTreeSet};

use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::IsIdentity;
use ed25519_dalek::{Signature, VerifyingKey};

use super::bytes::{Digest, Out, Place, Tx};
use super::problem::Problem;
use super::units::Units;

const KIND_SCRIPT: u8 = 0;
const KIND_WITHDRAWAL: u8 = 0xa1;
const REFERENCES_MAX: usize = 16;
const EXTRA_MAX: usize = 256;
const THRESHOLD_MAX: u8 = 64;

/// An output that can be spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coin {
    /// Kernel asset id.
    pub asset: Digest,
    pub amount: Units,
    pub keys: Vec<Digest>,
    pub mask: Digest,
    pub script: Vec<u8>,
}

impl Coin {
    /// How many signatures its script asks for; `None` for a script that is not `fffe tt`.
    #[must_use]
    pub fn threshold(&self) -> Option<u8> {
        match *self.script {
            [0xff, 0xfe, threshold] if threshold <= THRESHOLD_MAX => Some(threshold),
            _ => None,
        }
    }
}

/// Everything the kernel asks of a transaction that spends, given all `coins` there are.
/// Stricter in one thing: extra data beyond 256 bytes is never taken, not even for storage.
#[must_use]
pub fn check_spend(tx: &Tx, coins: &BTreeMap<Place, Coin>) -> Vec<Problem> {
    let mut problems = check_shape(tx);
    let spent: Vec<(Place, &Coin)> =
        tx.inputs.iter().filter_map(|place| coins.get(place).map(|coin| (*place, coin))).collect();
    let hash = tx.hash;
    let unknown = tx.inputs.iter().filter(|place| !coins.contains_key(place));
    problems.extend(unknown.map(|output| Problem::NoSuchInput { tx: hash, output: *output }));
    let foreign = spent.iter().filter(|(_, coin)| coin.asset != tx.asset);
    problems.extend(foreign.map(|(output, _)| Problem::OtherAsset { tx: hash, output: *output }));
    if spent.len() < tx.inputs.len() {
        // Neither sums nor signatures mean anything without all inputs.
        return problems;
    }
    let inputs = Units::sum(spent.iter().map(|(_, coin)| coin.amount));
    let outputs = Units::sum(tx.outputs.iter().map(|out| out.amount));
    match (inputs, outputs) {
        (Some(inputs), Some(outputs)) if inputs == outputs => {}
        (Some(inputs), Some(outputs)) => problems.push(Problem::Unbalanced { tx: hash, inputs, outputs }),
        _ => problems.push(Problem::TooLarge(hash)),
    }
    problems.extend(check_signatures(tx, &spent));
    problems
}

/// What can be said of a transaction, or of a mint, without the outputs it spends.
#[must_use]
pub fn check_shape(tx: &Tx) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |is_wrong: bool, what| {
        if is_wrong {
            problems.push(Problem::Malformed { tx: tx.hash, what });
        }
    };
    wrong(tx.inputs.is_empty(), "it has no inputs");
    wrong(tx.outputs.is_empty(), "it has no outputs");
    wrong(tx.references.len() > REFERENCES_MAX, "it has more than 16 references");
    wrong(tx.extra.len() > EXTRA_MAX, "it has more than 256 bytes of extra data");
    wrong(tx.inputs.iter().collect::<BTreeSet<_>>().len() < tx.inputs.len(), "it names an input twice");
    let keys = || tx.outputs.iter().flat_map(|out| &out.keys);
    wrong(keys().collect::<BTreeSet<_>>().len() < keys().count(), "it uses a key twice");
    for (output, out) in tx.places() {
        problems.extend(output_fault(output.index, out).map(|what| Problem::MalformedOutput { output, what }));
    }
    problems
}

fn output_fault(index: u16, out: &Out) -> Option<&'static str> {
    if out.amount.0 == 0 {
        return Some("its amount is zero");
    }
    match (out.kind, &out.withdrawal) {
        (KIND_SCRIPT, None) => {}
        (KIND_SCRIPT, Some(_)) => return Some("it is an ordinary output with withdrawal data"),
        (KIND_WITHDRAWAL, Some(_)) if index == 0 => {
            let bare = out.keys.is_empty() && out.script.is_empty() && out.mask == Digest([0; 32]);
            return (!bare).then_some("it is a withdrawal with keys, a mask or a script");
        }
        (KIND_WITHDRAWAL, _) => return Some("it is a withdrawal without data or not the first output"),
        _ => return Some("its type is unknown"),
    }
    if !matches!(*out.script, [0xff, 0xfe, threshold] if threshold <= THRESHOLD_MAX) {
        return Some("its script is not fffe and a threshold up to 64");
    }
    if !out.keys.iter().all(is_key) {
        return Some("one of its keys is not a point of prime order");
    }
    (!is_key(&out.mask)).then_some("its mask is not a point of prime order")
}

fn is_key(key: &Digest) -> bool {
    let point = CompressedEdwardsY(key.0).decompress();
    point.is_some_and(|point| point.compress().0 == key.0 && !point.is_identity() && point.is_torsion_free())
}

fn check_signatures(tx: &Tx, spent: &[(Place, &Coin)]) -> Vec<Problem> {
    let (hash, inputs, maps) = (tx.hash, tx.inputs.len(), tx.signatures.len());
    let mut problems = Vec::new();
    if inputs != maps {
        problems.push(Problem::SignatureMaps { tx: hash, inputs, maps });
    }
    for ((output, coin), map) in spent.iter().zip(&tx.signatures) {
        // The kernel takes threshold 0 as none wanted, and still wants as many signatures as inputs in all.
        let need = coin.threshold().map_or(usize::MAX, usize::from).max(1);
        if map.len() < need {
            problems.push(Problem::TooFewSignatures { tx: hash, output: *output, have: map.len(), need });
        }
        for (index, signature) in map {
            let key = coin.keys.get(usize::from(*index)).filter(|key| is_key(key));
            let key = key.and_then(|key| VerifyingKey::from_bytes(&key.0).ok());
            let signature = Signature::from_bytes(signature);
            if key.is_none_or(|key| key.verify_strict(&hash.0, &signature).is_err()) {
                problems.push(Problem::BadSignature { tx: hash, output: *output, index: *index });
            }
        }
    }
    problems
}
