//! A trade, its people with real keys, and as much of Mixin as one vault needs. Stories and properties play on it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::id::{AssetId, Hash, IdSecret, UserId};
use crate::kernel::{self, PublicKey, Scalar, Signature, Signatures, Transaction, ghost};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::command::{Command, Context, FoundRequest, Refusal, SeenRequest, Sight};
use crate::trade::deposit::{Lock, Seen};
use crate::trade::judge::Facts;
use crate::trade::plan::OutputKeys;
use crate::trade::terms::{Asset, Fee, FeePayer, Periods, Unruled};
use crate::trade::{
    self, Authority, Counterparty, Duty, Event, Kind, Plan, Problem, Role, Ruling, State, Terms, Trade, Vault, decide,
    duty,
};

pub(crate) const BOT: UserId = user(0x11);
pub(crate) const BUYER: UserId = user(0x22);
pub(crate) const SELLER: UserId = user(0x33);
pub(crate) const STRANGER: UserId = user(0x44);
pub(crate) const FEES: UserId = user(0x55);
pub(crate) const JUDGE: UserId = user(0x66);
pub(crate) const USDT: AssetId = AssetId(Uuid::from_u128(0xa1));
pub(crate) const OTHER_ASSET: AssetId = AssetId(Uuid::from_u128(0xa2));

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// 1 % of what is due may be missing, if the seller agrees.
pub(crate) const SHORT_OK: u32 = 100;

/// What the terms of [`terms`] ask for: 1,000 and the buyer's half of 1 %.
pub(crate) const DUE: u128 = 1_005;

const fn user(id: u128) -> UserId {
    UserId(Uuid::from_u128(id))
}

pub(crate) fn units(units: u128) -> Amount {
    Amount::from_units(units)
}

/// A person's private spend key.
pub(crate) fn spend(person: UserId) -> Scalar {
    kernel::spend_scalar(&[person.0.as_bytes()[15]; 32])
}

fn view(person: UserId) -> Scalar {
    kernel::spend_scalar(&[person.0.as_bytes()[15] | 0x80; 32])
}

/// A secret nobody has twice.
pub(crate) fn random(nth: u128) -> Scalar {
    kernel::spend_scalar(blake3::hash(&nth.to_be_bytes()).as_bytes())
}

/// The view scalar of `person` for an output with this mask and index.
pub(crate) fn view_of(person: UserId, mask: &PublicKey, index: u16) -> Scalar {
    ghost::view(&view(person), mask, u64::from(index)).unwrap()
}

/// The one-time keys of an output to `members` (in this order) at `index`.
pub(crate) fn one_time(members: &[UserId], r: &Scalar, index: u16) -> Vec<PublicKey> {
    let key = |m: &UserId| ghost::public(r, &view(*m).public(), &spend(*m).public(), u64::from(index)).unwrap();
    members.iter().map(key).collect()
}

pub(crate) fn terms(counterparty: Counterparty) -> Terms {
    Terms {
        item: "a bicycle".into(),
        asset: Asset { id: USDT, symbol: "USDT".into(), chain: "TRON".into() },
        price: units(1_000),
        fee: Fee { bps: 100, payer: FeePayer::Split, receiver: FEES },
        periods: Periods {
            accept: Millis(DAY),
            pay: Millis(2 * HOUR),
            deliver: Millis(7 * DAY),
            inspect: Millis(3 * DAY),
        },
        judges: vec![JUDGE],
        unruled: Unruled::Refund,
        ruling_delay: Millis(0),
        proposer: BUYER,
        role: Role::Buyer,
        counterparty,
        bot: BOT,
    }
}

/// One payment into the vault.
pub(crate) struct Payment {
    pub(crate) units: u128,
    pub(crate) asset: AssetId,
    pub(crate) senders: Vec<UserId>,
    pub(crate) inscription: bool,
    /// By the present pay link: its trace is used up.
    pub(crate) by_link: bool,
}

/// The buyer's money as it should be.
pub(crate) fn paid(units: u128) -> Payment {
    Payment { units, asset: USDT, senders: vec![BUYER], inscription: false, by_link: true }
}

#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) trade: Trade,
    pub(crate) now: Millis,
    pub(crate) ids: IdSecret,
    /// Everything that ever happened, the first event included.
    pub(crate) history: Vec<Event>,
    /// Duties of the last command.
    pub(crate) duties: Vec<Duty>,
    /// Mixin's side: outputs of the vault, requests by plan, spent payloads.
    pub(crate) outputs: Vec<Seen>,
    pub(crate) requests: BTreeMap<u32, FoundRequest>,
    pub(crate) trace_used: bool,
    pub(crate) nth: u128,
    /// Server minus service time, when MixPay is offered.
    pub(crate) mixpay: Option<Millis>,
    pub(crate) short_ok: u32,
    /// Who is a judge now, and who of them knows whom.
    pub(crate) judges: Vec<UserId>,
    pub(crate) conflicts: BTreeSet<(UserId, UserId)>,
}

impl Scene {
    pub(crate) fn named() -> Self {
        Self::of(terms(Counterparty::Named(SELLER)))
    }

    pub(crate) fn invited() -> Self {
        Self::of(terms(Counterparty::Invited("K7Q2M9".into())))
    }

    pub(crate) fn of(terms: Terms) -> Self {
        let (ids, now) = (IdSecret::from_spend_seed(&[7; 32]), Millis(0));
        let context = Context { now, ids: &ids, mixpay: None, short_ok_bp: SHORT_OK, judges: Facts::NOBODY };
        let born = decide::propose(Uuid::from_u128(1), "K7Q2M9".into(), terms, context).unwrap();
        let trade = born.birth().unwrap();
        let duties = duty::of(&trade, std::slice::from_ref(&born));
        let (outputs, requests) = (Vec::new(), BTreeMap::new());
        Self {
            trade,
            now,
            ids,
            history: vec![born],
            duties,
            outputs,
            requests,
            trace_used: false,
            nth: 0,
            mixpay: None,
            short_ok: SHORT_OK,
            judges: vec![JUDGE],
            conflicts: BTreeSet::new(),
        }
    }

    /// Both have accepted.
    pub(crate) fn awaiting() -> Self {
        let mut scene = Self::named();
        scene.accept(SELLER).unwrap();
        scene
    }

    /// Exactly what is due is locked and both requests stand.
    pub(crate) fn funded() -> Self {
        let mut scene = Self::awaiting();
        scene.pay(paid(DUE));
        scene.look();
        scene.work();
        scene
    }

    /// The same, out of these payments.
    pub(crate) fn funded_with(pieces: &[u128]) -> Self {
        let mut scene = Self::awaiting();
        for piece in pieces {
            scene.pay(paid(*piece));
        }
        scene.look();
        scene.work();
        scene
    }

    pub(crate) fn delivered() -> Self {
        let mut scene = Self::funded();
        scene.tell(&Command::Deliver { by: SELLER }).unwrap();
        scene
    }

    /// The buyer has called for a judge.
    pub(crate) fn disputed() -> Self {
        let mut scene = Self::funded();
        scene.tell(&Command::Dispute { by: BUYER, why: Problem::NotDelivered }).unwrap();
        scene
    }

    /// And this was ruled.
    pub(crate) fn ruled(ruling: Ruling) -> Self {
        let mut scene = Self::disputed();
        scene.tell(&Command::Rule { ruling }).unwrap();
        scene.work();
        scene
    }

    // ---- the bot

    /// Decides and applies, as the door does.
    pub(crate) fn tell(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let judges = Facts { present: &self.judges, conflicts: &self.conflicts };
        let context =
            Context { now: self.now, ids: &self.ids, mixpay: self.mixpay, short_ok_bp: self.short_ok, judges };
        let events = trade::decide(&self.trade, command, context)?;
        for event in &events {
            event.apply(&mut self.trade);
        }
        self.duties = duty::of(&self.trade, &events);
        self.history.extend(events.iter().cloned());
        Ok(events)
    }

    pub(crate) fn accept(&mut self, by: UserId) -> Result<Vec<Event>, Refusal> {
        let terms_hash = self.trade.terms_hash;
        self.tell(&Command::Accept { by, terms_hash })
    }

    /// What a look that begins now sees.
    pub(crate) fn sight(&self) -> Sight {
        let requests = self.trade.live_plans().filter_map(|plan| {
            let spent =
                plan.payload.as_ref().is_some_and(|p| self.outputs.iter().any(|o| o.lock == Lock::Spent(Some(p.hash))));
            let found = self.requests.get(&plan.no).cloned();
            Some(SeenRequest { plan: plan.no, request: plan.request?.id, found, spent })
        });
        let (outputs, requests) = (self.outputs.clone(), requests.collect());
        let (began, trace_used) = (self.now, self.trace_used);
        Sight { began, outputs, requests, trace_used, partial: false, unanswered: false }
    }

    pub(crate) fn look(&mut self) -> Vec<Event> {
        let sight = self.sight();
        self.trace_used = false;
        self.tell(&Command::Look(sight)).unwrap()
    }

    /// Fetches keys and opens requests for every plan that waits for them.
    pub(crate) fn work(&mut self) {
        for no in self.living().iter().map(|plan| plan.no).collect::<Vec<_>>() {
            if self.trade.plan(no).unwrap().payload.is_none() {
                self.build(no);
            }
            if self.trade.plan(no).unwrap().request.is_none() {
                self.open(no);
            }
        }
    }

    pub(crate) fn build(&mut self, no: u32) {
        let keys = keys_for(self.trade.plan(no).unwrap(), self.nth);
        self.nth += 100;
        self.tell(&Command::Keys { plan: no, keys }).unwrap();
    }

    pub(crate) fn open(&mut self, no: u32) {
        let plan = self.trade.plan(no).unwrap();
        let (payload, request) = (plan.payload.clone().unwrap(), plan.request_id(self.trade.id, &self.ids));
        self.requests
            .insert(no, FoundRequest { hash: payload.hash, raw: payload.raw, revoked: false, signers: Vec::new() });
        self.tell(&Command::Opened { plan: no, request }).unwrap();
    }

    /// `by` offers that the seller be owed `seller`; gives the plan, whose request stands.
    pub(crate) fn offer(&mut self, by: UserId, seller: u128) -> u32 {
        self.tell(&Command::OfferSplit { by, seller: units(seller) }).unwrap();
        self.work();
        self.no(Kind::Split)
    }

    /// The deadline of the state, while it has one.
    pub(crate) fn deadline(&self) -> Option<Millis> {
        match self.trade.state {
            State::Proposed { until }
            | State::AwaitingPayment { until }
            | State::Funded { until }
            | State::Delivered { until } => Some(until),
            _ => None,
        }
    }

    pub(crate) fn until(&self) -> Millis {
        self.deadline().unwrap()
    }

    /// The state's deadline has passed, and that was proved.
    pub(crate) fn elapse(&mut self) -> Vec<Event> {
        let until = self.until();
        self.now = until.plus(Millis(10_000));
        self.tell(&Command::Elapsed { until }).unwrap()
    }

    /// Every plan that was authorised, and by what.
    pub(crate) fn authorities(&self) -> Vec<(u32, Authority)> {
        self.trade.plans.iter().filter_map(|plan| Some((plan.no, plan.authorised?))).collect()
    }

    /// Whom a plan pays what, in order.
    pub(crate) fn pays(&self, no: u32) -> Vec<(UserId, u128)> {
        self.trade.plan(no).unwrap().payouts.iter().map(|p| (p.to, p.amount.units())).collect()
    }

    // ---- people and Mixin

    pub(crate) fn pay(&mut self, payment: Payment) -> usize {
        self.nth += 1;
        let (hash, r) = (Hash(*blake3::hash(&self.nth.to_le_bytes()).as_bytes()), random(self.nth));
        let members = self.trade.vault().unwrap().members;
        let trace = payment.by_link.then(|| self.trade.link().unwrap().trace);
        self.trace_used |= payment.by_link;
        self.outputs.push(Seen {
            output_id: kernel::derive::output_id(&hash, 0),
            hash,
            index: 0,
            asset: payment.asset,
            amount: units(payment.units),
            keys: one_time(&members, &r, 0),
            mask: r.public(),
            senders: payment.senders,
            extra: Vec::new(),
            request_id: trace,
            inscription: payment.inscription,
            sequence: u64::try_from(self.nth).unwrap(),
            lock: Lock::Unspent,
        });
        self.outputs.len() - 1
    }

    /// A payment that names no trade: no look gives it to one.
    pub(crate) fn nameless(&mut self, payment: Payment) -> Seen {
        let nth = self.pay(Payment { by_link: false, ..payment });
        self.outputs.remove(nth)
    }

    pub(crate) fn living(&self) -> Vec<&Plan> {
        self.trade.plans.iter().filter(|plan| plan.lives()).collect()
    }

    /// The number of the living plan of a kind; of several, the last.
    pub(crate) fn no(&self, kind: Kind) -> u32 {
        self.living().iter().rfind(|plan| plan.kind == kind).unwrap().no
    }

    pub(crate) fn plan(&self, kind: Kind) -> &Plan {
        self.trade.plan(self.no(kind)).unwrap()
    }

    /// The private one-time key of a person for an input.
    pub(crate) fn private(&self, person: UserId, input: Uuid) -> Scalar {
        let output = self.outputs.iter().find(|o| o.output_id == input).unwrap();
        view_of(person, &output.mask, output.index).plus(&spend(person))
    }

    /// A person signs the plan's request in Messenger, on every input.
    pub(crate) fn sign(&mut self, kind: Kind, person: UserId) {
        self.sign_no(self.no(kind), person);
    }

    pub(crate) fn sign_no(&mut self, no: u32, person: UserId) {
        let signatures = self.signatures(no, person);
        let Some(request) = self.requests.get_mut(&no) else { return };
        request.raw = with_signatures(&request.raw, self.trade.vault().unwrap().index_of(person).unwrap(), &signatures);
    }

    /// What a person's key makes of a plan's payload, one for each input.
    pub(crate) fn signatures(&self, no: u32, person: UserId) -> Vec<Signature> {
        let plan = self.trade.plan(no).unwrap();
        let hash = plan.payload.as_ref().unwrap().hash;
        plan.inputs.iter().map(|i| kernel::sign(&self.private(person, i.output_id), &hash)).collect()
    }

    /// Mixin's outputs that a plan spends.
    fn inputs_of(&mut self, no: u32) -> impl Iterator<Item = &mut Seen> {
        let ids: Vec<Uuid> = self.trade.plan(no).unwrap().inputs.iter().map(|i| i.output_id).collect();
        self.outputs.iter_mut().filter(move |o| ids.contains(&o.output_id))
    }

    pub(crate) fn lock(&mut self, no: u32, lock: Lock) {
        self.inputs_of(no).filter(|o| !o.lock.is_spent()).for_each(|o| o.lock = lock);
    }

    pub(crate) fn hash(&self, no: u32) -> Hash {
        self.trade.plan(no).unwrap().payload.as_ref().unwrap().hash
    }

    /// The ledger takes the plan's payload.
    pub(crate) fn spend(&mut self, kind: Kind) {
        let no = self.no(kind);
        self.lock(no, Lock::Spent(Some(self.hash(no))));
    }

    pub(crate) fn vault(&self) -> Vault {
        self.trade.vault().unwrap()
    }

    pub(crate) fn state(&self) -> State {
        self.trade.state
    }
}

/// One-time keys for each receiver of a plan.
pub(crate) fn keys_for(plan: &Plan, nth: u128) -> Vec<OutputKeys> {
    let one = |(index, payout): (u16, &trade::payout::Payout)| {
        let r = random(1_000_000 + nth + u128::from(index));
        OutputKeys { mask: r.public(), keys: one_time(&[payout.to], &r, index) }
    };
    (0u16..).zip(&plan.payouts).map(one).collect()
}

/// `raw` with one member's signatures put in, one for each input; nobody can sign what is no transaction.
pub(crate) fn with_signatures(raw: &[u8], member: u16, signatures: &[Signature]) -> Vec<u8> {
    let Ok(mut tx) = Transaction::decode(raw) else { return raw.to_vec() };
    let Signatures::Maps(maps) = &mut tx.signatures else { unreachable!() };
    maps.resize(tx.inputs.len(), BTreeMap::new());
    for (map, signature) in maps.iter_mut().zip(signatures) {
        map.insert(member, *signature);
    }
    tx.encode()
}
