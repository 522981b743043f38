//! A small world around one trade: what people, Mixin, time and the operator can do to it, one thing at a time.

use std::collections::BTreeSet;

use crate::cosign::{self, Case, ReadInput, ReadReceiver, ReadRequest};
use crate::id::{Hash, RequestId, UserId};
use crate::kernel::{Signatures, Transaction, derive};
use crate::scene::*;
use crate::time::Millis;
use crate::trade::case::CaseCommand;
use crate::trade::command::{Command, Refusal};
use crate::trade::deposit::{Lock, Seen};
use crate::trade::lock::Foreign;
use crate::trade::plan::{FrozenInput, Plan};
use crate::trade::terms::FeePayer;
use crate::trade::{Counterparty, Duty, Kind, Problem, Ruling, State, Vault};

/// What is due for a price of 10 with a fee of 20 %, half each.
pub(crate) const ALL: u128 = 11;
/// Less than that, and enough for the seller to take it as the whole.
const NEARLY: u128 = 9;
/// A deposit more than these is dust that changes nothing new.
const PAYMENTS_MAX: u8 = 3;
/// Odd things that happen in one life: locks, losses, freezes. Three at once is as far as anybody thought.
const ODD_MAX: u8 = 3;

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) scene: Scene,
    /// What the bot owes Mixin: requests and locks to take away.
    pub(crate) unlocks: BTreeSet<Hash>,
    pub(crate) revokes: BTreeSet<RequestId>,
    /// A deposit that names no trade.
    pub(crate) nameless: Option<Seen>,
    pub(crate) payments: u8,
    pub(crate) odd: u8,
    strange: u8,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Move {
    Tell(Command),
    /// The bot looks; does what it owes; joins the signatures of a plan that is authorised.
    Look,
    Work,
    Cosign(u32),
    /// A person gives the PIN for the request of a plan.
    Sign(u32, UserId),
    /// The same, and Mixin does not show the signature.
    Hidden(u32, UserId),
    Pay(Paid),
    /// The network takes a payload of ours that the two parties completed by themselves.
    Kit(u32),
    /// The two spend the nth output by a transaction of their own.
    Elsewhere(usize),
    /// A member signs a request of their own over all that is free.
    Hold,
    Revoke(u32),
    Vanish(u32),
    /// The next of the moments that mean something.
    Time,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Paid {
    All,
    Piece,
    Nearly,
    Over,
    OtherAsset,
    ByStranger,
    Nameless(UserId),
}

impl World {
    /// Both have accepted a trade over 10 units.
    pub(crate) fn new(fee: bool) -> Self {
        let mut terms = terms(Counterparty::Named(SELLER));
        terms.price = units(10);
        (terms.fee.bps, terms.fee.payer) = (if fee { 2_000 } else { 0 }, FeePayer::Split);
        // Where there is a fee, rulings can be stopped too.
        terms.ruling_delay = Millis(if fee { DAY } else { 0 });
        let mut scene = Scene::of(terms);
        scene.short_ok = 2_000;
        scene.accept(SELLER).unwrap();
        let (unlocks, revokes, nameless) = (BTreeSet::new(), BTreeSet::new(), None);
        Self { scene, unlocks, revokes, nameless, payments: 0, odd: 0, strange: 0 }
    }

    /// After these moves, each of which must be possible.
    pub(crate) fn after(mut self, moves: &[Move]) -> Self {
        for step in moves {
            assert!(self.play(step).is_ok(), "{step:?} in {}", self.canon());
        }
        self
    }

    pub(crate) fn tell(&mut self, command: &Command) -> Result<(), Refusal> {
        self.scene.tell(command)?;
        self.owe();
        Ok(())
    }

    fn owe(&mut self) {
        for duty in std::mem::take(&mut self.scene.duties) {
            match duty {
                Duty::Unlock { hash } => drop(self.unlocks.insert(hash)),
                Duty::Revoke { request } => drop(self.revokes.insert(request)),
                _ => {}
            }
        }
    }

    pub(crate) fn plans(&self) -> &[Plan] {
        &self.scene.trade.plans
    }

    pub(crate) fn hash_of(&self, no: u32) -> Option<Hash> {
        self.scene.trade.plan(no)?.payload.as_ref().map(|payload| payload.hash)
    }

    /// Whether none of a plan's inputs is spent; `strict`: nor held by another transaction.
    fn free(&self, no: u32, strict: bool) -> bool {
        let own = self.hash_of(no);
        let free = |lock: Lock| match lock {
            Lock::Unspent => true,
            Lock::Signed(by) => !strict || by == own,
            Lock::Spent(_) => false,
        };
        let inputs = self.scene.trade.plan(no).map_or(&[][..], |plan| plan.inputs.as_slice());
        let of = |input: &FrozenInput| self.scene.outputs.iter().find(|o| o.output_id == input.output_id);
        own.is_some() && inputs.iter().filter_map(of).all(|output| free(output.lock))
    }

    /// Who has signed the request of a plan, as its bytes show.
    pub(crate) fn signers(&self, no: u32) -> Vec<u16> {
        let raw = self.scene.requests.get(&no).map(|found| found.raw.as_slice()).unwrap_or_default();
        let Ok(Transaction { signatures: Signatures::Maps(maps), .. }) = Transaction::decode(raw) else {
            return Vec::new();
        };
        maps.first().map(|map| map.keys().copied().collect()).unwrap_or_default()
    }

    fn signed(&self, no: u32, who: UserId) -> bool {
        self.scene.vault().index_of(who).is_some_and(|index| self.signers(no).contains(&index))
    }

    /// Whether a person can sign a plan's request now.
    pub(crate) fn can_sign(&self, no: u32, who: UserId, strict: bool) -> bool {
        let open = self.scene.requests.get(&no).is_some_and(|found| !found.revoked);
        open && self.free(no, strict) && !self.signed(no, who)
    }

    /// A signature reserves the inputs (dossier U-08, as assumed); the second one completes the transaction.
    pub(crate) fn sign(&mut self, no: u32, who: UserId) {
        self.scene.sign_no(no, who);
        let by = self.hash_of(no);
        self.reserve(no, by);
        if self.signers(no).len() >= usize::from(Vault::THRESHOLD) {
            self.scene.lock(no, Lock::Spent(by));
        }
    }

    fn reserve(&mut self, no: u32, by: Option<Hash>) {
        let inputs: Vec<_> = self.scene.trade.plan(no).unwrap().inputs.iter().map(|i| i.output_id).collect();
        let outputs = self.scene.outputs.iter_mut().filter(|o| inputs.contains(&o.output_id));
        outputs.filter(|o| o.lock == Lock::Unspent).for_each(|o| o.lock = Lock::Signed(by));
    }

    /// A request is revoked by whoever may: its signatures are gone, what it held is free.
    pub(crate) fn revoke(&mut self, by: Hash) {
        let ours = self.plans().iter().find(|plan| plan.payload.as_ref().is_some_and(|own| own.hash == by));
        if let Some(found) = ours.map(|plan| plan.no).and_then(|no| self.scene.requests.get_mut(&no)) {
            found.revoked = true;
        }
        let held = |o: &&mut Seen| o.lock == Lock::Signed(Some(by));
        self.scene.outputs.iter_mut().filter(held).for_each(|o| o.lock = Lock::Unspent);
    }

    /// What the bot owes Mixin: revocations, keys, requests.
    pub(crate) fn work(&mut self) {
        for by in std::mem::take(&mut self.unlocks) {
            self.revoke(by);
        }
        for request in std::mem::take(&mut self.revokes) {
            let of = |plan: &&Plan| plan.request_id(self.scene.trade.id, &self.scene.ids) == request;
            if let Some(by) = self.plans().iter().find(of).and_then(|plan| self.hash_of(plan.no)) {
                self.revoke(by);
            }
        }
        let living: Vec<u32> = self.scene.living().iter().map(|plan| plan.no).collect();
        for no in living {
            if self.hash_of(no).is_none() {
                self.scene.build(no);
                self.owe();
            }
            if self.scene.trade.plan(no).is_some_and(|plan| plan.request.is_none()) {
                self.scene.open(no);
                self.owe();
            }
        }
    }

    pub(crate) fn look(&mut self) {
        self.scene.look();
        self.owe();
    }

    /// The plans whose signatures the bot would join now.
    pub(crate) fn to_cosign(&self) -> Vec<u32> {
        let ready = |plan: &&Plan| plan.lives() && plan.authorised.is_some() && plan.request.is_some();
        let ready = self.plans().iter().filter(ready).filter(|plan| self.scene.requests.contains_key(&plan.no));
        ready.map(|plan| plan.no).collect()
    }

    /// The seven checks on what Mixin shows now.
    pub(crate) fn check(&self, no: u32) -> Result<Vec<u8>, cosign::Refused> {
        let (scene, plan) = (&self.scene, self.scene.trade.plan(no).unwrap());
        let outputs: Vec<&Seen> = plan
            .inputs
            .iter()
            .filter_map(|input| scene.outputs.iter().find(|o| o.output_id == input.output_id))
            .collect();
        let read = |o: &&Seen| ReadInput {
            hash: o.hash,
            index: o.index,
            asset: derive::asset_hash(o.asset),
            amount: o.amount,
            keys: o.keys.clone(),
            members_hash: scene.vault().hash,
            threshold: Vault::THRESHOLD,
            inscription: o.inscription,
            lock: o.lock,
        };
        let found = &scene.requests[&no];
        let request = ReadRequest {
            raw: found.raw.clone(),
            receivers: plan
                .payouts
                .iter()
                .map(|p| ReadReceiver { members: vec![p.to], threshold: 1, outside: false })
                .collect(),
            views: outputs.iter().map(|o| hex::encode(view_of(BOT, &o.mask, o.index).to_bytes())).collect(),
            revoked: found.revoked,
        };
        let inputs: Vec<ReadInput> = outputs.iter().map(read).collect();
        let spend = spend(BOT);
        cosign::check(&Case {
            trade: &scene.trade,
            plan: no,
            halted: None,
            inputs: &inputs,
            request: &request,
            spend: &spend,
        })
    }

    /// The bot's signature, where the checks hold: the transaction is complete, and the network takes it.
    pub(crate) fn cosign(&mut self, no: u32) -> Result<(), cosign::Refused> {
        let raw = self.check(no)?;
        self.scene.requests.get_mut(&no).unwrap().raw = raw;
        self.scene.lock(no, Lock::Spent(self.hash_of(no)));
        let _ = self.tell(&Command::Cosigned { plan: no });
        Ok(())
    }

    /// A member's own request over everything that is free.
    pub(crate) fn hold(&mut self) {
        self.strange += 1;
        let by = Lock::Signed(Some(Hash([0x80 | self.strange; 32])));
        self.scene.outputs.iter_mut().filter(|o| o.lock == Lock::Unspent).for_each(|o| o.lock = by);
    }

    pub(crate) fn pay(&mut self, paid: Paid) {
        let of = |units, asset, sender: UserId| Payment {
            units,
            asset,
            senders: vec![sender],
            inscription: false,
            by_link: false,
        };
        let payment = match paid {
            Paid::All => of(ALL, USDT, BUYER),
            Paid::Piece => of(6, USDT, BUYER),
            Paid::Nearly => of(NEARLY, USDT, BUYER),
            Paid::Over => of(ALL + 2, USDT, BUYER),
            Paid::OtherAsset => of(3, OTHER_ASSET, BUYER),
            Paid::ByStranger => of(1, USDT, STRANGER),
            Paid::Nameless(sender) => of(ALL, USDT, sender),
        };
        if matches!(paid, Paid::Nameless(_)) {
            self.nameless = Some(self.scene.nameless(payment));
        } else {
            self.scene.pay(payment);
        }
        self.payments += 1;
    }

    /// The moments to come at which time means something, the next first.
    pub(crate) fn moments(&self) -> Vec<(Millis, &'static str)> {
        let trade = &self.scene.trade;
        let state = self.scene.deadline().map(|until| (until, "until"));
        let offer = trade.offered_split().and_then(|plan| plan.offer).map(|offer| (offer.until, "offer"));
        let foreign = trade.foreign.since.filter(|_| !trade.foreign.over);
        let foreign = foreign.map(|since| (since.plus(Foreign::PATIENCE), "foreign"));
        let case = trade.next_in_case().map(|at| (at, "case"));
        let default = trade.default_at().map(|at| (at, "default"));
        let mut all: Vec<_> = [state, offer, foreign, case, default].into_iter().flatten().collect();
        all.retain(|(at, _)| *at > self.scene.now);
        all.sort_unstable();
        all
    }

    /// The deadline of the state that has passed.
    pub(crate) fn passed(&self) -> Option<Millis> {
        let trade = &self.scene.trade;
        let in_case = || trade.final_at().map(|(until, _)| until).or(trade.default_at());
        self.scene.deadline().or_else(in_case).filter(|until| *until <= self.scene.now)
    }

    /// Plays a move; `Err`: the law refused a command, and nothing changed.
    pub(crate) fn play(&mut self, step: &Move) -> Result<(), Refusal> {
        match step {
            Move::Tell(command) => {
                if let Command::AgreeClaim { .. } | Command::GiveBack { .. } = command {
                    self.tell(command)?;
                    // A deposit of the trade is in its looks from now on.
                    let given = |seen: &Seen| self.scene.trade.deposits.iter().any(|d| d.output_id == seen.output_id);
                    if let Some(seen) = self.nameless.take_if(|seen| given(seen)) {
                        self.scene.outputs.push(seen);
                    }
                    return Ok(());
                }
                let odd = matches!(
                    command,
                    Command::Freeze { .. }
                        | Command::Unopenable { .. }
                        | Command::FeeUnpayable { .. }
                        | Command::Undercounted { .. }
                );
                self.odd += u8::from(odd);
                return self.tell(command);
            }
            Move::Look => self.look(),
            Move::Work => self.work(),
            Move::Cosign(no) => drop(self.cosign(*no)),
            Move::Sign(no, who) => self.sign(*no, *who),
            Move::Hidden(no, who) => {
                self.odd += 1;
                let by = self.hash_of(*no);
                self.reserve(*no, by);
                self.scene.requests.get_mut(no).unwrap().signers.push(*who);
            }
            Move::Pay(paid) => self.pay(*paid),
            Move::Kit(no) => self.scene.lock(*no, Lock::Spent(self.hash_of(*no))),
            Move::Elsewhere(nth) => {
                self.odd += 1;
                self.scene.outputs[*nth].lock = Lock::Spent(Some(Hash([4; 32])));
            }
            Move::Hold => {
                self.odd += 1;
                self.hold();
            }
            Move::Revoke(no) => {
                self.odd += 1;
                self.revoke(self.hash_of(*no).unwrap());
            }
            Move::Vanish(no) => {
                self.odd += 1;
                // What is forgotten holds nothing.
                self.revoke(self.hash_of(*no).unwrap());
                self.scene.requests.remove(no);
                // Two looks must agree that it is gone.
                self.look();
                self.scene.now = self.scene.now.plus(Millis(3_000));
                self.look();
            }
            Move::Time => {
                if let Some((at, _)) = self.moments().first() {
                    self.scene.now = *at;
                }
                return self.tell(&Command::Wake);
            }
        }
        Ok(())
    }

    /// Everything that can happen now. Commands that the law refuses are among them.
    pub(crate) fn moves(&self) -> Vec<Move> {
        let mut all = vec![Move::Look, Move::Work];
        all.extend(self.to_cosign().into_iter().map(Move::Cosign));
        all.extend(self.asked().into_iter().map(Move::Tell));
        if !self.moments().is_empty() {
            all.push(Move::Time);
        }
        for plan in self.plans() {
            let signing = [BUYER, SELLER].into_iter().filter(|who| self.can_sign(plan.no, *who, false));
            all.extend(signing.map(|who| Move::Sign(plan.no, who)));
            if self.free(plan.no, false) {
                all.push(Move::Kit(plan.no));
            }
        }
        if self.payments < PAYMENTS_MAX {
            all.extend([Paid::Piece, Paid::OtherAsset, Paid::ByStranger].map(Move::Pay));
            // What comes later is late, however much it is.
            if let State::AwaitingPayment { .. } = self.scene.state() {
                all.extend([Paid::All, Paid::Nearly, Paid::Over].map(Move::Pay));
            }
            if self.nameless.is_none() {
                all.extend([SELLER, STRANGER].map(|who| Move::Pay(Paid::Nameless(who))));
            }
        }
        if self.odd < ODD_MAX {
            all.extend(self.oddities());
        }
        all
    }

    /// What anybody may ask for, or prove.
    fn asked(&self) -> Vec<Command> {
        let mut all = Vec::new();
        for by in [BUYER, SELLER] {
            all.push(Command::Cancel { by });
            all.push(Command::Deliver { by });
            all.push(Command::OfferSplit { by, seller: units(5) });
            all.push(Command::Dispute { by, why: Problem::Other });
            all.push(Command::Withdraw { by });
        }
        if let Some(inputs) = self.scene.trade.short_inputs(self.scene.short_ok) {
            all.push(Command::TakeShort { by: SELLER, paid: units(inputs.iter().map(|i| i.amount.units()).sum()) });
        }
        let split = Ruling::Split { seller: units(5), of: self.scene.trade.price() };
        all.extend([Ruling::Release, Ruling::Refund, split].map(|ruling| Command::Rule { ruling }));
        all.extend(
            [Ruling::Release, Ruling::Refund, split]
                .map(|ruling| Command::Case(CaseCommand::Rule { by: JUDGE, ruling, why: "so".into() })),
        );
        all.extend([CaseCommand::Take { by: JUDGE }, CaseCommand::Pass { by: JUDGE }].map(Command::Case));
        all.push(Command::Case(CaseCommand::Stop { by: Some(BUYER) }));
        all.extend(self.passed().map(|until| Command::Elapsed { until }));
        if let Some(seen) = &self.nameless {
            let output = seen.output_id;
            all.push(Command::Claim { seen: Box::new(seen.clone()) });
            all.push(Command::GiveBack { seen: Box::new(seen.clone()) });
            for by in [BUYER, SELLER] {
                all.push(Command::AgreeClaim { by, output });
                all.push(Command::RefuseClaim { by, output });
            }
        }
        all.push(Command::Unfreeze { why: String::new() });
        all
    }

    /// Bad luck and bad people.
    fn oddities(&self) -> Vec<Move> {
        let mut all = vec![Move::Tell(Command::Freeze { why: "odd".into() })];
        if self.scene.outputs.iter().any(|o| o.lock == Lock::Unspent) {
            all.push(Move::Hold);
        }
        let outputs = self.scene.outputs.iter().enumerate().filter(|(_, o)| !o.lock.is_spent());
        all.extend(outputs.map(|(nth, _)| Move::Elsewhere(nth)));
        for plan in self.scene.living() {
            let no = plan.no;
            match (&plan.payload, plan.request) {
                (None, _) => all.push(Move::Tell(Command::FeeUnpayable { plan: no })),
                (Some(_), request) => {
                    all.push(Move::Tell(Command::Unopenable { plan: no }));
                    if let Some(request) = request {
                        all.push(Move::Revoke(no));
                        all.push(Move::Vanish(no));
                        let hidden = [BUYER, SELLER].into_iter().filter(|who| self.can_sign(no, *who, false));
                        all.extend(hidden.map(|who| Move::Hidden(no, who)));
                        let joined = plan.authorised.is_some();
                        let undercounted = Command::Undercounted { plan: no, request: request.id };
                        all.extend(joined.then_some(Move::Tell(undercounted)));
                    }
                }
            }
        }
        all
    }

    /// The living plan of a kind.
    pub(crate) fn living(&self, kind: Kind) -> Option<u32> {
        self.scene.trade.living(kind).map(|plan| plan.no)
    }
}
