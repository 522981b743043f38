//! A case in which all seven checks hold, with real keys; then one thing changed at a time.

use std::collections::BTreeSet;

use super::*;
use crate::kernel::{Output, Utxo, Withdrawal, derive, validate};
use crate::trade::Authority;
use crate::trade::tests::scene::*;
use crate::trade::{Kind, State};

mod authorities;
mod signatures;

const RELEASE: u32 = 0;
const REFUND: u32 = 1;

/// Changes one thing.
type Spoil<T> = fn(&mut T);

#[derive(Clone)]
struct Desk {
    scene: Scene,
    plan: u32,
    halted: Option<&'static str>,
    inputs: Vec<ReadInput>,
    request: ReadRequest,
    spend: Scalar,
}

impl Desk {
    /// Two inputs; the release pays seller, fee and the buyer's surplus; the buyer has signed.
    fn release() -> Self {
        let mut scene = Scene::funded_with(&[600, 500]);
        scene.sign(Kind::Release, BUYER);
        scene.look();
        assert_eq!(scene.state(), State::Settling { plan: RELEASE });
        Self::at(scene, RELEASE)
    }

    fn refund() -> Self {
        let mut scene = Scene::funded_with(&[600, 500]);
        scene.sign(Kind::Refund, SELLER);
        scene.look();
        Self::at(scene, REFUND)
    }

    /// Money of another asset goes back to the buyer, who has signed.
    fn back() -> Self {
        let mut scene = Scene::funded();
        scene.pay(Payment { asset: OTHER_ASSET, ..paid(77) });
        scene.look();
        scene.work();
        scene.sign(Kind::Return, BUYER);
        scene.look();
        Self::at(scene, 2)
    }

    /// Everything read from Mixin just now.
    fn at(scene: Scene, plan: u32) -> Self {
        let committed = scene.trade.plan(plan).unwrap().clone();
        let vault = scene.vault();
        let read = |input: &FrozenInput| {
            let output = scene.outputs.iter().find(|o| o.output_id == input.output_id).unwrap();
            ReadInput {
                hash: output.hash,
                index: output.index,
                asset: derive::asset_hash(output.asset),
                amount: output.amount,
                keys: output.keys.clone(),
                members_hash: vault.hash,
                threshold: 2,
                inscription: output.inscription,
                lock: output.lock,
            }
        };
        let view = |input: &FrozenInput| {
            let output = scene.outputs.iter().find(|o| o.output_id == input.output_id).unwrap();
            hex::encode(view_of(BOT, &output.mask, output.index).to_bytes())
        };
        let receiver =
            |p: &crate::trade::payout::Payout| ReadReceiver { members: vec![p.to], threshold: 1, outside: false };
        let request = ReadRequest {
            raw: scene.requests[&plan].raw.clone(),
            receivers: committed.payouts.iter().map(receiver).collect(),
            views: committed.inputs.iter().map(view).collect(),
            revoked: false,
        };
        let inputs = committed.inputs.iter().map(read).collect();
        Self { inputs, request, spend: spend(BOT), halted: None, plan, scene }
    }

    fn check(&self) -> Result<Vec<u8>, Refused> {
        check(&Case {
            trade: &self.scene.trade,
            plan: self.plan,
            halted: self.halted,
            inputs: &self.inputs,
            request: &self.request,
            spend: &self.spend,
        })
    }

    fn plan(&mut self) -> &mut Plan {
        let no = self.plan;
        self.scene.trade.plans.iter_mut().find(|plan| plan.no == no).unwrap()
    }

    fn payload(&mut self) -> &mut Payload {
        self.plan().payload.as_mut().unwrap()
    }

    /// The bytes recorded for the plan, without signatures.
    fn unsigned(&self) -> Vec<u8> {
        self.scene.trade.plan(self.plan).unwrap().payload.clone().unwrap().raw
    }

    /// Records another transaction as the plan's payload, with the buyer's good signature on it everywhere.
    fn record(&mut self, tx: &Transaction) {
        (self.payload().raw, self.payload().hash) = (tx.encode(), tx.hash());
        let signatures = self.scene.signatures(self.plan, BUYER);
        self.request.raw = with_signatures(&tx.encode(), 1, &signatures);
        self.plan().signed.insert(1, signatures);
    }

    /// What the ledger says of the signed transaction.
    fn ledger(&self, raw: &[u8]) -> Result<(), kernel::Invalid> {
        let utxo = |o: &crate::trade::deposit::Seen| Utxo {
            hash: o.hash,
            index: o.index,
            asset: derive::asset_hash(o.asset),
            amount: o.amount.into(),
            keys: o.keys.clone(),
            mask: o.mask,
            script: vec![0xff, 0xfe, 2],
        };
        let utxos: Vec<Utxo> = self.scene.outputs.iter().map(utxo).collect();
        validate(&Transaction::decode(raw).unwrap(), &utxos)
    }
}

/// `spoil` changes one thing; then this check says no, and says whether an invariant fell.
fn refused(title: &str, check: u8, broken: bool, spoil: impl Fn(&mut Desk)) {
    for mut desk in [Desk::release(), Desk::refund(), Desk::back()] {
        spoil(&mut desk);
        let no = desk.check().expect_err(title);
        assert_eq!((no.check, no.broken), (check, broken), "{title}: {no}");
    }
}

/// The same for what only a release with several inputs and outputs has.
fn release_refused(title: &str, check: u8, broken: bool, spoil: impl Fn(&mut Desk)) {
    let mut desk = Desk::release();
    spoil(&mut desk);
    let no = desk.check().expect_err(title);
    assert_eq!((no.check, no.broken), (check, broken), "{title}: {no}");
}

#[test]
fn with_all_seven_the_ledger_takes_what_comes_out() {
    for (mut desk, signer) in [(Desk::release(), 1), (Desk::refund(), 2), (Desk::back(), 1)] {
        let raw = desk.check().unwrap();
        assert_eq!(desk.ledger(&raw), Ok(()));
        let tx = Transaction::decode(&raw).unwrap();
        assert_eq!(tx.hash(), desk.payload().hash);
        let Signatures::Maps(maps) = &tx.signatures else { panic!("maps") };
        assert!(maps.iter().all(|map| map.keys().copied().eq([0, signer])), "the bot is member 0");
        assert_eq!(desk.check().unwrap(), raw, "signing twice gives the same bytes");
        assert!(desk.ledger(&desk.request.raw.clone()).is_err(), "without the bot it is nothing");
    }
}

#[test]
fn held_by_our_own_payload_is_held_by_nobody() {
    let mut desk = Desk::release();
    let own = desk.payload().hash;
    desk.inputs[0].lock = Lock::Signed(Some(own));
    assert!(desk.check().is_ok());
}

#[test]
fn kept_signatures_go_under_a_request_that_was_opened_again() {
    let mut desk = Desk::release();
    desk.request.raw = desk.unsigned();
    assert_eq!(desk.ledger(&desk.check().unwrap()), Ok(()));
    // The seller's is there and the buyer's was kept: all three are posted.
    let sellers = desk.scene.signatures(RELEASE, SELLER);
    desk.request.raw = with_signatures(&desk.unsigned(), 2, &sellers);
    let raw = desk.check().unwrap();
    assert_eq!(desk.ledger(&raw), Ok(()));
    let Signatures::Maps(maps) = Transaction::decode(&raw).unwrap().signatures else { panic!("maps") };
    assert!(maps.iter().all(|map| map.len() == 3));
    // The bot's own from an earlier try may be there already.
    let own = desk.scene.signatures(RELEASE, BOT);
    desk.request.raw = with_signatures(&desk.request.raw, 0, &own);
    assert_eq!(desk.check().unwrap(), raw);
}

#[test]
fn check_1_the_plan_its_authority_and_halts() {
    refused("halted", 1, false, |d| d.halted = Some("the operator is on holiday"));
    refused("frozen", 1, false, |d| d.scene.trade.frozen = Some("an invariant fell".into()));
    refused("no such plan", 1, true, |d| d.plan = 99);
    refused("not authorised", 1, true, |d| d.plan().authorised = None);
    for end in [End::Spent, End::Void] {
        refused("ended", 1, false, |d| d.plan().end = Some(end));
    }
    for authority in [Authority::BuyerReleased, Authority::SellerRefunded, Authority::NotOwed] {
        for mut desk in [Desk::release(), Desk::refund(), Desk::back()] {
            if desk.plan().authorised != Some(authority) {
                desk.plan().authorised = Some(authority);
                let no = desk.check().expect_err("an authority of another kind");
                assert_eq!((no.check, no.broken), (1, true), "{no}");
            }
        }
    }
    let until = crate::time::Millis(1);
    for state in [State::Funded { until }, State::Settling { plan: REFUND }, State::SettledElsewhere { by: None }] {
        release_refused("settling by nothing or another plan", 1, false, |d| d.scene.trade.state = state);
    }
}

#[test]
fn check_2_the_payload_and_the_requests_bytes() {
    refused("no payload", 2, true, |d| d.plan().payload = None);
    refused("another hash recorded", 2, true, |d| d.payload().hash.0[0] ^= 1);
    refused("other bytes recorded", 2, true, |d| d.payload().raw.push(0));
    refused("no bytes recorded", 2, true, |d| d.payload().raw.clear());
    refused("revoked", 2, false, |d| d.request.revoked = true);
    refused("no bytes", 2, false, |d| d.request.raw.clear());
    refused("more bytes", 2, false, |d| d.request.raw.push(0));
    refused("fewer bytes", 2, false, |d| d.request.raw.truncate(d.request.raw.len() - 1));
    refused("another plan's payload", 2, false, |d| {
        let other = if d.plan == REFUND { RELEASE } else { REFUND };
        d.request.raw = d.scene.requests[&other].raw.clone();
    });
    refused("an aggregated signature", 2, false, |d| {
        let mut tx = Transaction::decode(&d.request.raw).unwrap();
        let Signatures::Maps(maps) = &tx.signatures else { panic!("maps") };
        let signature = *maps[0].values().next().unwrap();
        tx.signatures = Signatures::Aggregated { signature, signers: BTreeSet::from([0, 1]) };
        d.request.raw = tx.encode();
    });
}

#[test]
fn check_3_every_input_read_just_now() {
    refused("one not read", 3, false, |d| drop(d.inputs.pop()));
    refused("one more", 3, false, |d| d.inputs.push(d.inputs[0].clone()));
    release_refused("exchanged", 3, false, |d| d.inputs.reverse());
    release_refused("one twice", 3, false, |d| d.inputs[1] = d.inputs[0].clone());
    refused("no deposit of this trade", 3, true, |d| d.scene.trade.deposits.clear());
    refused("another output of the deposit's name", 3, true, |d| {
        d.scene.trade.deposits.iter_mut().for_each(|deposit| deposit.index += 1);
    });
    refused("nobody's vault", 3, true, |d| d.scene.trade.parties = None);
    refused("no inputs", 3, false, |d| {
        d.plan().inputs.clear();
        d.inputs.clear();
    });
    let one: [(&str, Spoil<ReadInput>); 13] = [
        ("another transaction", |i| i.hash.0[31] ^= 1),
        ("another index", |i| i.index += 1),
        ("another asset", |i| i.asset.0[0] ^= 1),
        ("one unit more", |i| i.amount = units(i.amount.units() + 1)),
        ("one unit less", |i| i.amount = units(i.amount.units() - 1)),
        ("another key", |i| i.keys[1].0[0] ^= 1),
        ("keys exchanged", |i| i.keys.reverse()),
        ("another vault", |i| i.members_hash.0[0] ^= 1),
        ("threshold 1", |i| i.threshold = 1),
        ("threshold 3", |i| i.threshold = 3),
        ("an inscription", |i| i.inscription = true),
        ("held by another transaction", |i| i.lock = Lock::Signed(Some(Hash([1; 32])))),
        ("held, not told by whom", |i| i.lock = Lock::Signed(None)),
    ];
    for (title, spoil) in one {
        refused(title, 3, false, |d| spoil(d.inputs.last_mut().unwrap()));
    }
    refused("spent", 3, false, |d| d.inputs[0].lock = Lock::Spent(None));
    refused("spent by another transaction", 3, false, |d| d.inputs[0].lock = Lock::Spent(Some(Hash([1; 32]))));
    refused("spent by this very payload", 3, false, |d| d.inputs[0].lock = Lock::Spent(Some(d.payload().hash)));
}

#[test]
fn check_4_outputs_and_receivers() {
    refused("keys for another output recorded", 4, true, |d| {
        d.payload().keys[0].keys = one_time(&[STRANGER], &random(5), 0);
    });
    refused("another mask recorded", 4, true, |d| d.payload().keys[0].mask = random(5).public());
    refused("one key too many", 4, true, |d| {
        let more = d.payload().keys[0].clone();
        d.payload().keys.push(more);
    });
    refused("another code", 4, true, |d| d.scene.trade.code = "000000".into());
    refused("another amount in the plan", 4, true, |d| d.plan().payouts[0].amount = units(1));
    refused("another kind", 4, true, |d| d.payload().raw = d.request.raw.clone());
    release_refused("outputs exchanged", 4, true, |d| d.plan().payouts.swap(0, 1));
    release_refused("inputs exchanged", 4, true, |d| {
        d.plan().inputs.reverse();
        d.inputs.reverse();
    });

    let to: [(&str, Spoil<Vec<ReadReceiver>>); 6] = [
        ("one missing", |r| drop(r.pop())),
        ("one more", |r| r.push(r[0].clone())),
        ("somebody else", |r| r[0].members = vec![STRANGER]),
        ("two members", |r| r[0].members.push(STRANGER)),
        ("a threshold of two", |r| r[0].threshold = 2),
        ("an outside chain", |r| r[0].outside = true),
    ];
    for (title, spoil) in to {
        refused(title, 4, false, |d| spoil(&mut d.request.receivers));
    }
    release_refused("receivers exchanged", 4, false, |d| d.request.receivers.swap(0, 1));
    release_refused("the last outside", 4, false, |d| d.request.receivers[2].outside = true);
    refused("the plan names somebody else", 4, false, |d| d.plan().payouts[0].to = STRANGER);
}

#[test]
fn check_4_a_recorded_payload_that_is_not_the_plans() {
    let record = |title: &str, spoil: &dyn Fn(&mut Transaction)| {
        release_refused(title, 4, true, |d| {
            let mut tx = Transaction::decode(&d.unsigned()).unwrap();
            spoil(&mut tx);
            d.record(&tx);
        });
    };
    record("another memo", &|tx| tx.extra.push(b'!'));
    record("a reference", &|tx| tx.references.push(Hash([1; 32])));
    record("an output more", &|tx| tx.outputs.push(tx.outputs[0].clone()));
    record("an output less", &|tx| drop(tx.outputs.pop()));
    record("a threshold of nobody", &|tx| tx.outputs[0].script = vec![0xff, 0xfe, 0]);
    record("a withdrawal", &|tx| {
        tx.outputs[0].kind = Output::WITHDRAWAL;
        tx.outputs[0].withdrawal = Some(Withdrawal { address: b"outside".to_vec(), tag: Vec::new() });
    });
    record("an input more", &|tx| tx.inputs.push(kernel::Input::spend(Hash([1; 32]), 0)));
    record("another asset", &|tx| tx.asset.0[0] ^= 1);

    for less in [1, 2] {
        release_refused("outputs that do not add up, in plan and payload", 4, true, |d| {
            d.plan().payouts[2].amount = units(95 - less);
            let (code, keys) = (d.scene.trade.code.clone(), d.payload().keys.clone());
            let tx = d.plan().transaction(&code, &keys).unwrap();
            d.record(&tx);
        });
    }
}
