//! The kernel behind the Sequencer: outputs, final transactions, and the two locks that make every spend happen
//! once (dossier §9, §10.6): an input belongs to one transaction, and so does a one-time key.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::answer::{Refusal, bad, refuse};
use super::assets;
use crate::id::{AssetId, Hash, RequestId, UserId};
use crate::kernel::derive::{members_hash, output_id};
use crate::kernel::{PublicKey, Transaction, Utxo, validate, validate_unsigned};
use crate::money::Amount;
use crate::time::Millis;

/// Where an output is found.
pub(super) type Place = (Hash, u16);
/// One-time keys handed out; more is refused with 429.
const ISSUED_MAX: usize = 2_000_000;

/// One output that is final, spent or not.
#[derive(Clone)]
pub(super) struct Coin {
    pub(super) utxo: Utxo,
    pub(super) asset: AssetId,
    pub(super) threshold: u8,
    /// In the order of the keys, which is ascending.
    pub(super) receivers: Vec<UserId>,
    /// Empty for a deposit from outside.
    pub(super) senders: Vec<UserId>,
    pub(super) senders_threshold: u8,
    pub(super) extra: Vec<u8>,
    pub(super) request: Option<RequestId>,
    pub(super) inscription: Option<Hash>,
    /// Grows by one with every output of the network.
    pub(super) sequence: u64,
    pub(super) state: CoinState,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
    /// Who has signed what reserves it.
    pub(super) signers: Vec<UserId>,
    /// The transaction that reserved or spent it.
    pub(super) signed_by: Option<Hash>,
    pub(super) signed_at: Option<Millis>,
    pub(super) spent_at: Option<Millis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CoinState {
    Unspent,
    Signed,
    Spent,
}

impl CoinState {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Unspent => "unspent",
            Self::Signed => "signed",
            Self::Spent => "spent",
        }
    }
}

impl Coin {
    pub(super) fn place(&self) -> Place {
        (self.utxo.hash, self.utxo.index)
    }

    /// Always there: a mint pays an [`Amount`], and no transaction that pays more passes [`Ledger::check`].
    pub(super) fn amount(&self) -> Amount {
        self.utxo.amount.amount().unwrap_or_default()
    }
}

/// A transaction the kernel has accepted.
pub(super) struct Accepted {
    pub(super) tx: Transaction,
    pub(super) request: Option<RequestId>,
    /// Who made the request; `None` for a deposit from outside.
    pub(super) user: Option<UserId>,
    pub(super) senders: Vec<UserId>,
    pub(super) senders_threshold: u8,
    /// In order of arrival.
    pub(super) signers: Vec<UserId>,
    pub(super) at: Millis,
    pub(super) final_at: Option<Millis>,
    /// Money from nowhere: a mint, or a deposit from an outside chain.
    pub(super) mint: bool,
}

/// A one-time key handed out by `/safe/keys`: whose, and where it must stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Issued {
    pub(super) user: UserId,
    pub(super) mask: PublicKey,
    pub(super) index: u64,
}

/// Who gets an output, as far as the network knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Receiver {
    /// Empty for a withdrawal.
    pub(super) members: Vec<UserId>,
    pub(super) threshold: u8,
    pub(super) destination: String,
    pub(super) tag: String,
}

#[derive(Default)]
pub(super) struct Ledger {
    pub(super) coins: BTreeMap<Place, Coin>,
    /// By members hash and threshold, in order of sequence.
    groups: BTreeMap<(Hash, u8), Vec<Place>>,
    pub(super) accepted: BTreeMap<Hash, Accepted>,
    /// Hashes in order of acceptance.
    pub(super) order: Vec<Hash>,
    by_request: BTreeMap<RequestId, Hash>,
    by_output_id: BTreeMap<Uuid, Place>,
    /// Accepted and not yet final, by the moment they will be.
    waiting: BTreeMap<(Millis, u64), Hash>,
    /// Inputs a transaction has a claim on.
    locks: BTreeMap<Place, Hash>,
    issued: BTreeMap<PublicKey, Issued>,
    /// Keys of accepted transactions.
    used: BTreeMap<PublicKey, Hash>,
    sequence: u64,
}

impl Ledger {
    /// Everything the kernel checks but signature counts, and that the inputs are free for this transaction.
    /// `Ok` is the outputs it spends, in input order, all of one group.
    pub(super) fn check(&self, tx: &Transaction) -> Result<Vec<Coin>, Refusal> {
        let coins = self.spent_by(tx)?;
        let utxos: Vec<Utxo> = coins.iter().map(|coin| coin.utxo.clone()).collect();
        validate_unsigned(tx, &utxos).map_err(|invalid| bad("raw", invalid.to_string()))?;
        if tx.outputs.iter().any(|output| output.amount.amount().is_none()) {
            return Err(bad("raw", "an amount larger than any that can exist"));
        }
        self.check_surroundings(tx)?;
        for coin in &coins {
            self.free_for(coin, &tx.hash())?;
        }
        Ok(coins)
    }

    /// The outputs a transaction spends. Unknown: 10106. Of several groups: 10002, since the network must name
    /// one group of senders (dossier §11.3).
    pub(super) fn spent_by(&self, tx: &Transaction) -> Result<Vec<Coin>, Refusal> {
        let mut coins: Vec<Coin> = Vec::with_capacity(tx.inputs.len());
        for input in &tx.inputs {
            if input.deposit.is_some() || input.mint.is_some() || !input.genesis.is_empty() {
                return Err(bad("raw", "only outputs of earlier transactions can be spent"));
            }
            let coin = self.coins.get(&(input.hash, input.index)).ok_or_else(|| refuse(10106))?;
            if let Some(first) = coins.first()
                && (first.receivers != coin.receivers || first.threshold != coin.threshold)
            {
                return Err(bad("raw", "inputs of different groups"));
            }
            coins.push(coin.clone());
        }
        Ok(coins)
    }

    /// What is not in the transaction alone: references, other transactions' keys.
    fn check_surroundings(&self, tx: &Transaction) -> Result<(), Refusal> {
        let is_final = |hash| self.accepted.get(hash).is_some_and(|accepted| accepted.final_at.is_some());
        if !tx.references.iter().all(is_final) {
            return Err(bad("raw", "a reference is not final"));
        }
        let hash = tx.hash();
        let taken = |key| self.used.get(key).is_some_and(|user| *user != hash);
        if tx.outputs.iter().flat_map(|output| &output.keys).any(taken) {
            return Err(bad("raw", "an output key is used by another transaction"));
        }
        Ok(())
    }

    /// 10106 when another transaction spent it, 10105 when another has a claim on it.
    pub(super) fn free_for(&self, coin: &Coin, hash: &Hash) -> Result<(), Refusal> {
        let place = coin.place();
        let claim = self.locks.get(&place);
        match claim {
            Some(owner) if owner != hash => {
                Err(refuse(if self.accepted.contains_key(owner) && coin.state == CoinState::Spent {
                    10106
                } else {
                    10105
                }))
            }
            _ => Ok(()),
        }
    }

    /// Who gets each output, in order. A script output whose keys were not handed out for exactly this place,
    /// to members in ascending order, is refused: its receivers could never find it.
    pub(super) fn receivers(&self, tx: &Transaction) -> Result<Vec<Receiver>, Refusal> {
        (0u64..)
            .zip(&tx.outputs)
            .map(|(index, output)| {
                if let Some(withdrawal) = &output.withdrawal {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    let (destination, tag) = (text(&withdrawal.address), text(&withdrawal.tag));
                    return Ok(Receiver { members: Vec::new(), threshold: 0, destination, tag });
                }
                let mut members = Vec::with_capacity(output.keys.len());
                for key in &output.keys {
                    let issued = self.issued.get(key).ok_or_else(|| refuse(20150))?;
                    if issued.mask != output.mask || issued.index != index {
                        return Err(refuse(20150));
                    }
                    members.push(issued.user);
                }
                let threshold = output.threshold().ok_or_else(|| bad("raw", "output script"))?;
                if !members.is_sorted_by(|one, next| one < next) {
                    return Err(refuse(20150));
                }
                Ok(Receiver { members, threshold, destination: String::new(), tag: String::new() })
            })
            .collect()
    }

    /// Remembers a key that was handed out. False when there are too many.
    pub(super) fn issue(&mut self, key: PublicKey, issued: Issued) -> bool {
        if self.issued.len() >= ISSUED_MAX && !self.issued.contains_key(&key) {
            return false;
        }
        self.issued.insert(key, issued);
        true
    }

    /// Gives a transaction its claim on outputs that are free for it.
    pub(super) fn lock(&mut self, tx: &Transaction) {
        let hash = tx.hash();
        for input in &tx.inputs {
            self.locks.insert((input.hash, input.index), hash);
        }
    }

    /// Shows the outputs as reserved by `tx`, signed by `signers` so far.
    pub(super) fn show_signed(&mut self, tx: &Transaction, signers: &[UserId], now: Millis) {
        let hash = tx.hash();
        for input in &tx.inputs {
            if let Some(coin) = self.coins.get_mut(&(input.hash, input.index))
                && coin.state != CoinState::Spent
            {
                coin.state = CoinState::Signed;
                coin.signed_by = Some(hash);
                coin.signed_at = coin.signed_at.or(Some(now));
                coin.updated_at = now;
                coin.signers = signers.to_vec();
            }
        }
    }

    /// Takes the claim of a transaction back, unless the kernel has it already.
    pub(super) fn release(&mut self, tx: &Transaction, now: Millis) {
        let hash = tx.hash();
        if self.accepted.contains_key(&hash) {
            return;
        }
        for input in &tx.inputs {
            let place = (input.hash, input.index);
            if self.locks.get(&place) != Some(&hash) {
                continue;
            }
            self.locks.remove(&place);
            if let Some(coin) = self.coins.get_mut(&place) {
                coin.state = CoinState::Unspent;
                coin.signed_by = None;
                coin.signed_at = None;
                coin.signers.clear();
                coin.updated_at = now;
            }
        }
    }

    /// Hands a fully signed transaction to the kernel. A second time changes nothing.
    pub(super) fn broadcast(&mut self, accepted: Accepted, final_at: Millis) -> Result<(), Refusal> {
        let hash = accepted.tx.hash();
        if self.accepted.contains_key(&hash) {
            return Ok(());
        }
        let coins = self.check(&accepted.tx)?;
        let utxos: Vec<Utxo> = coins.into_iter().map(|coin| coin.utxo).collect();
        validate(&accepted.tx, &utxos).map_err(|invalid| bad("raw", invalid.to_string()))?;
        self.lock(&accepted.tx);
        self.show_signed(&accepted.tx, &accepted.signers, accepted.at);
        self.accept(hash, accepted);
        self.waiting.insert((final_at, u64::try_from(self.order.len()).unwrap_or(u64::MAX)), hash);
        Ok(())
    }

    /// Money from outside, final at once and validated by nobody.
    pub(super) fn mint(&mut self, accepted: Accepted, inscription: Option<Hash>) -> Hash {
        let (hash, dated) = (accepted.tx.hash(), accepted.at);
        self.accept(hash, accepted);
        self.finalize(hash, dated);
        for coin in self.coins.range_mut((hash, 0)..=(hash, u16::MAX)) {
            coin.1.inscription = inscription;
        }
        hash
    }

    fn accept(&mut self, hash: Hash, accepted: Accepted) {
        self.used.extend(accepted.tx.outputs.iter().flat_map(|output| output.keys.iter().map(|key| (*key, hash))));
        if let Some(request) = accepted.request {
            self.by_request.insert(request, hash);
        }
        self.order.push(hash);
        self.accepted.insert(hash, accepted);
    }

    /// When the next transaction becomes final.
    pub(super) fn next_final(&self) -> Option<Millis> {
        self.waiting.keys().next().map(|(at, _)| *at)
    }

    /// Makes final what is due at `now`; the hashes, in order. `skew` is what the server's dates are ahead.
    pub(super) fn settle(&mut self, now: Millis, skew: Millis) -> Vec<Hash> {
        let mut done = Vec::new();
        while let Some(entry) = self.waiting.first_entry()
            && entry.key().0 <= now
        {
            let ((at, _), hash) = entry.remove_entry();
            self.finalize(hash, at.plus(skew));
            done.push(hash);
        }
        done
    }

    fn finalize(&mut self, hash: Hash, at: Millis) {
        if let Some(accepted) = self.accepted.get_mut(&hash) {
            accepted.final_at = Some(at);
        }
        // Both were checked when the transaction was accepted.
        let Some(accepted) = self.accepted.get(&hash) else { return };
        let Ok(receivers) = self.receivers(&accepted.tx) else { return };
        let Some(asset) = assets::by_hash(&accepted.tx.asset) else { return };
        let mut inscription = None;
        for input in &accepted.tx.inputs {
            if let Some(coin) = self.coins.get_mut(&(input.hash, input.index)) {
                coin.state = CoinState::Spent;
                coin.signed_by = Some(hash);
                coin.spent_at = Some(at);
                coin.updated_at = at;
                inscription = inscription.or(coin.inscription);
            }
        }
        for ((index, output), receiver) in (0u16..).zip(&accepted.tx.outputs).zip(receivers) {
            if receiver.members.is_empty() {
                continue;
            }
            self.sequence += 1;
            let group = (members_hash(&receiver.members), receiver.threshold);
            let utxo = Utxo {
                hash,
                index,
                asset: accepted.tx.asset,
                amount: output.amount.clone(),
                keys: output.keys.clone(),
                mask: output.mask,
                script: output.script.clone(),
            };
            let coin = Coin {
                utxo,
                asset: asset.id,
                threshold: receiver.threshold,
                receivers: receiver.members,
                senders: accepted.senders.clone(),
                senders_threshold: accepted.senders_threshold,
                extra: accepted.tx.extra.clone(),
                request: accepted.request,
                inscription,
                sequence: self.sequence,
                state: CoinState::Unspent,
                created_at: at,
                updated_at: at,
                signers: Vec::new(),
                signed_by: None,
                signed_at: None,
                spent_at: None,
            };
            self.groups.entry(group).or_default().push(coin.place());
            self.by_output_id.insert(output_id(&hash, index), coin.place());
            self.coins.insert(coin.place(), coin);
        }
    }

    pub(super) fn by_output_id(&self, id: Uuid) -> Option<&Coin> {
        self.by_output_id.get(&id).and_then(|place| self.coins.get(place))
    }

    /// The outputs of a group, in order of sequence.
    pub(super) fn group(&self, members: Hash, threshold: u8) -> impl DoubleEndedIterator<Item = &Coin> {
        let places = self.groups.get(&(members, threshold)).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.coins.get(place))
    }

    /// Shows an unspent output as reserved by a transaction nobody has, which it is from now on.
    pub(super) fn reserve_for_nobody(&mut self, place: &Place, by: Hash, now: Millis) {
        if let Some(coin) = self.coins.get_mut(place).filter(|coin| coin.state == CoinState::Unspent) {
            self.locks.insert(*place, by);
            coin.state = CoinState::Signed;
            coin.signed_by = Some(by);
            coin.signed_at = Some(now);
            coin.updated_at = now;
        }
    }

    /// By transaction hash, or by the request that brought it.
    pub(super) fn transaction(&self, id: &str) -> Option<(Hash, &Accepted)> {
        let by_request = || id.parse().ok().and_then(|id| self.by_request.get(&RequestId(id)).copied());
        let hash = id.parse::<Hash>().ok().or_else(by_request)?;
        self.accepted.get(&hash).map(|accepted| (hash, accepted))
    }

    /// The fault `steal-one-unit`: this ledger's copy of an output becomes one unit less, and nothing else
    /// changes. `None` when there is no such output or nothing left to take.
    pub(super) fn steal_one_unit(&mut self, place: &Place) -> Option<Amount> {
        let coin = self.coins.get_mut(place)?;
        let left = coin.amount().checked_sub(Amount::from_units(1))?;
        coin.utxo.amount = left.into();
        Some(left)
    }
}
