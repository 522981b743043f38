//! What can be wrong, in sentences that name the place.

use super::bytes::{DecodeError, Digest, Place};
use super::units::{Gap, Units};

const NONE: Units = Units(0);

const fn gap(is: &Units, should: &Units) -> Gap {
    Gap { is: *is, should: *should }
}

/// One thing that does not add up. `Display` is for the person who has to find out why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The ledger is not the JSON it should be.
    #[error("the ledger cannot be read: {0}")]
    Unreadable(String),
    /// One field of the ledger is not what it should be.
    #[error("{at}: \"{text}\" {why}")]
    Field { at: String, text: String, why: String },
    /// What was agreed makes no sense, so nothing can be compared with it.
    #[error("the agreed terms cannot be used: {0}")]
    Terms(&'static str),

    #[error("transaction {listed} cannot be decoded: {why}")]
    Undecodable { listed: Digest, why: DecodeError },
    #[error("transaction {listed} is listed under a hash that its bytes do not have: they hash to {own}")]
    OtherHash { listed: Digest, own: Digest },
    #[error("transaction {0} is listed more than once")]
    TransactionTwice(Digest),
    #[error("output {0} is listed more than once")]
    OutputTwice(Place),
    #[error("transaction {tx} is not one the kernel takes: {what}")]
    Malformed { tx: Digest, what: &'static str },
    #[error("output {output} is not one the kernel takes: {what}")]
    MalformedOutput { output: Place, what: &'static str },
    #[error("transaction {tx} names a reference {reference} that is not final in the ledger")]
    Reference { tx: Digest, reference: Digest },
    #[error("key {key} stands in two places: {first} and {second}")]
    KeyTwice { key: Digest, first: Place, second: Place },

    #[error("transaction {tx} spends output {output}, which does not exist")]
    NoSuchInput { tx: Digest, output: Place },
    #[error("transaction {tx} spends output {output}, which is of another asset")]
    OtherAsset { tx: Digest, output: Place },
    #[error("output {output} is spent twice: by transaction {first} and by transaction {second}")]
    DoubleSpend { output: Place, first: Digest, second: Digest },
    #[error("the sums of transaction {0} are beyond 128 bits, which this auditor does not support")]
    TooLarge(Digest),
    #[error("transaction {tx} takes {inputs} and pays {outputs}: {}", gap(.outputs, .inputs))]
    Unbalanced { tx: Digest, inputs: Units, outputs: Units },

    #[error("transaction {tx} has {inputs} inputs and signatures for {maps}")]
    SignatureMaps { tx: Digest, inputs: usize, maps: usize },
    #[error("transaction {tx} spends output {output} with {have} of {need} signatures")]
    TooFewSignatures { tx: Digest, output: Place, have: usize, need: usize },
    #[error(
        "signature {index} of transaction {tx} on output {output} does not verify against the output's key {index}"
    )]
    BadSignature { tx: Digest, output: Place, index: u16 },
    #[error("transaction {tx} was signed by {listed:?} on the ledger, but its bytes bear signatures of {signed:?}")]
    Signers { tx: Digest, listed: Vec<String>, signed: Vec<String> },
    #[error("transaction {tx} is sent by {listed:?} on the ledger, but output {output} belongs to {owners:?}")]
    Senders { tx: Digest, listed: Vec<String>, output: Place, owners: Vec<String> },

    #[error(
        "output {output} holds {listed} on the ledger, but the transaction that made it says {made}: {}",
        gap(.listed, .made)
    )]
    Amount { output: Place, listed: Units, made: Units },
    #[error("the {what} of output {output} is {listed} on the ledger, but {made} in the transaction that made it")]
    Differs { output: Place, what: &'static str, listed: String, made: String },
    #[error("output {output} of {amount} is not on the ledger, though its transaction made it: {}",
            gap(&NONE, .amount))]
    Missing { output: Place, amount: Units },
    #[error("output {output} of {amount} was made by no final transaction and no mint: {}",
            gap(.amount, &NONE))]
    Unmade { output: Place, amount: Units },
    #[error("output {output} has {receivers} receivers for {keys} keys")]
    Receivers { output: Place, receivers: usize, keys: usize },
    #[error("output {output} is {says} on the ledger, but by the transactions it is {is}")]
    State { output: Place, says: String, is: String },
    #[error("mint {0} is signed: money from outside belongs to nobody before")]
    MintSigned(Digest),
    #[error("mint {tx} spends output {output}: money from outside may spend nothing")]
    MintSpends { tx: Digest, output: Place },
    #[error(
        "asset {asset}: {minted} came in and {withdrawn} went out, but {held} is held: {}",
        gap(&Units(.held.0.saturating_add(.withdrawn.0)), .minted)
    )]
    Sum { asset: Digest, minted: Units, withdrawn: Units, held: Units },
    #[error("the sums of asset {0} are beyond 128 bits, which this auditor does not support")]
    AssetTooLarge(Digest),

    #[error("no final transaction spends the vault of buyer {buyer}, seller {seller} and bot {bot} in this asset")]
    NoSettlement { buyer: String, seller: String, bot: String },
    #[error("the bot {bot} did not sign transaction {tx} last; in order of arrival it was signed by {signers:?}")]
    BotNotLast { tx: Digest, bot: String, signers: Vec<String> },
    #[error("buyer and seller alone should have signed transaction {tx}, but it was signed by {signers:?}")]
    NotTheParties { tx: Digest, signers: Vec<String> },
    #[error("settlement {tx} spends only {inputs}, but {due} was due: {}", gap(.inputs, .due))]
    Short { tx: Digest, inputs: Units, due: Units },
    /// `at` is the output, or the transaction when it has no such output.
    #[error("{at} pays the {role} {paid}, but by the terms {owed}: {}", gap(.paid, .owed))]
    Paid { at: String, role: &'static str, paid: Units, owed: Units },
    #[error("output {output} of the settlement pays {amount} to {receiver}, who is owed nothing: {}",
            gap(.amount, &NONE))]
    Stranger { output: Place, receiver: String, amount: Units },
    #[error("settlement {tx} has {count} outputs for {receiver}; one was agreed")]
    ManyOutputs { tx: Digest, receiver: String, count: usize },
    #[error("output {output} of the settlement is for {receiver}; the first one should be for {should}")]
    FirstOutput { output: Place, receiver: String, should: String },
    #[error("transaction {tx} spends the vault too: its output {output} pays {amount} to {receiver}, and is no return")]
    StraySpend { tx: Digest, output: Place, receiver: String, amount: Units },
}
