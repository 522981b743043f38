//! Plans in the making: what a trade's money can do, once it is locked and where it is not owed.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::id::{AssetId, UserId};
use crate::money::Amount;
use crate::trade::command::Refusal;
use crate::trade::decide::Draft;
use crate::trade::deposit::{self, INPUTS_MAX, Oddity};
use crate::trade::event::Event;
use crate::trade::payout::{self, Payout};
use crate::trade::plan::{End, FrozenInput, Kind, Plan};
use crate::trade::split;
use crate::trade::state::{State, Trade};
use crate::trade::terms::{Parties, Role};

/// Rule 5: the inputs are frozen; two unsigned requests will stand over them, release and refund.
pub(super) fn fund(draft: &mut Draft<'_>, inputs: Vec<FrozenInput>, parties: Parties) {
    let terms = &draft.trade.terms;
    // What is due, or what the seller takes instead, pays the seller something, so this holds; without it the trade stays
    // unfunded and visible.
    let Some(payouts) = settlement(&draft.trade, &inputs, parties) else { return };
    let until = draft.trade.time(draft.context.now).plus(terms.periods.deliver);
    draft.push(Event::Funded { until });
    make_settlements(draft, inputs, payouts, parties);
}

/// The seller takes what was paid in as the whole: it settles the largest price it covers. What comes later goes back.
pub(super) fn take_short(draft: &mut Draft<'_>, by: UserId, paid: Amount) -> Result<(), Refusal> {
    let trade = &draft.trade;
    let role = trade.role_of(by).ok_or(Refusal::NotYours)?;
    match trade.state {
        State::Proposed { .. } => return Err(Refusal::TooEarly),
        State::AwaitingPayment { .. } => {}
        State::Funded { .. } | State::Delivered { .. } | State::Disputed { .. } | State::Settling { .. } => {
            return Err(Refusal::Already);
        }
        State::Settled { .. }
        | State::Declined
        | State::Cancelled { .. }
        | State::Expired
        | State::SettledElsewhere { .. } => return Err(Refusal::TooLate),
    }
    if role != Role::Seller {
        return Err(Refusal::OnlySeller);
    }
    if trade.frozen.is_some() {
        return Err(Refusal::Frozen);
    }
    let (parties, inputs) = (trade.parties.ok_or(Refusal::TooEarly)?, trade.short_inputs(draft.context.short_ok_bp));
    let inputs = inputs.ok_or(Refusal::TooLittle)?;
    if Amount::sum(inputs.iter().map(|input| input.amount)) != Some(paid) {
        return Err(Refusal::OtherTerms);
    }
    settlement(trade, &inputs, parties).ok_or(Refusal::PaysNothing)?;
    let price = payout::affordable(trade.terms.price, &trade.terms.fee, paid);
    draft.push(Event::TakenAsFull { by, price });
    fund(draft, inputs, parties);
    return_odd_deposits(draft);
    Ok(())
}

impl Trade {
    /// What the seller may take as the whole now: the largest free deposits, less than due and within `short_ok_bp`.
    #[must_use]
    pub fn short_inputs(&self, short_ok_bp: u32) -> Option<Vec<FrozenInput>> {
        let waits = matches!(self.state, State::AwaitingPayment { .. }) && !self.behind;
        let least = self.due().checked_sub(self.due().bps_floor(short_ok_bp)?).filter(|_| waits)?;
        // What covers the whole funds by itself at the next look.
        if deposit::cover(&self.deposits, self.due(), false).is_some() {
            return None;
        }
        let most = deposit::largest(&self.deposits, false);
        let sum = Amount::sum(most.iter().map(|deposit| deposit.amount))?;
        (sum >= least && !sum.is_zero()).then(|| most.into_iter().map(FrozenInput::from).collect())
    }
}

/// Who is paid by a release and by a refund of `inputs`. Inputs that are less than due carry the largest price
/// they cover; `None` when that leaves the seller nothing.
pub(super) fn settlement(
    trade: &Trade,
    inputs: &[FrozenInput],
    parties: Parties,
) -> Option<(Vec<Payout>, Vec<Payout>)> {
    let terms = &trade.terms;
    let total = Amount::sum(inputs.iter().map(|i| i.amount))?;
    let price = payout::affordable(terms.price, &terms.fee, total);
    let shares = trade.shares_of(price, total).filter(|shares| !shares.seller.is_zero())?;
    let release = payout::outputs(&[
        Payout { to: parties.seller, amount: shares.seller },
        Payout { to: terms.fee.receiver, amount: shares.fee },
        Payout { to: parties.buyer, amount: shares.buyer },
    ]);
    Some((release, payout::outputs(&[Payout { to: parties.buyer, amount: total }])))
}

/// Rule 11: a release or a split whose fee cannot be paid is replaced, before it has a payload, by one without the fee.
pub(super) fn waive_fee(draft: &mut Draft<'_>, no: u32) {
    let Some(parties) = draft.trade.parties else { return };
    let Some(plan) = draft.trade.plan(no) else { return };
    if plan.payload.is_some() || !plan.lives() || plan.paid_to(draft.trade.terms.fee.receiver).is_zero() {
        return;
    }
    let plan = plan.clone();
    if !draft.trade.fee_waived {
        draft.push(Event::FeeWaived);
    }
    let payouts = match plan.kind {
        Kind::Release => settlement(&draft.trade, &plan.inputs, parties).map(|(release, _)| release),
        Kind::Split => split::without_fee(&draft.trade, &plan, parties),
        Kind::Refund | Kind::Return => None,
    };
    let Some(payouts) = payouts else { return };
    draft.push(Event::PlanEnded { plan: no, end: End::Void });
    let fresh = self::plan(draft, plan.kind, plan.asset, plan.inputs, payouts, plan.givers);
    // Made anew after it was authorised, it is still decided.
    let (authorised, must_tap) = (plan.authorised, plan.must_tap);
    let instead_of = authorised.map(|_| no);
    draft.push(Event::PlanMade { plan: Plan { offer: plan.offer, authorised, must_tap, instead_of, ..fresh } });
}

/// Returns to one person that may stand at a time, and to all who are not the buyer.
const RETURNS_MAX: usize = 4;
const STRANGERS_RETURNS_MAX: usize = 12;
/// How often a plan is made anew over the same inputs.
const ANEW_MAX: usize = 8;
const DECIDED_ANEW_MAX: usize = 64;

/// A payload whose one-time key another transaction has used can never be: the same plan is made once more, under
/// its own number, hence with other keys. What is authorised stays decided, and waits for a party's signature on the new
/// payload; what is not waits until no request stands on which somebody may just be signing.
pub(super) fn make_anew(draft: &mut Draft<'_>, no: u32) {
    let Some(old) = draft.trade.plan(no).cloned() else { return };
    let same = |other: &&Plan| other.kind == old.kind && other.inputs == old.inputs && other.payouts == old.payouts;
    // What is decided must end; each time costs whoever burns the key a transaction of their own.
    let most = if old.authorised.is_some() { DECIDED_ANEW_MAX } else { ANEW_MAX };
    let tried = draft.trade.plans.iter().filter(same).count();
    let idle = if old.authorised.is_some() { !old.cosigned } else { old.request.is_none() };
    if !old.lives() || old.payload.is_none() || !idle || tried > most {
        return;
    }
    let (authorised, offer) = (old.authorised, old.offer);
    let fresh = plan(draft, old.kind, old.asset, old.inputs, old.payouts, old.givers);
    let fresh = match authorised {
        Some(_) => Plan { authorised, must_tap: true, instead_of: Some(no), offer, ..fresh },
        None => Plan { offer, ..fresh },
    };
    draft.push(Event::PlanEnded { plan: no, end: End::Void });
    draft.push(Event::PlanMade { plan: fresh });
}

pub(super) fn make_settlements(
    draft: &mut Draft<'_>,
    inputs: Vec<FrozenInput>,
    (release, refund): (Vec<Payout>, Vec<Payout>),
    parties: Parties,
) {
    let asset = draft.trade.terms.asset.id;
    make_plan(draft, Kind::Release, asset, inputs.clone(), release, vec![parties.buyer]);
    make_plan(draft, Kind::Refund, asset, inputs, refund, vec![parties.seller]);
    split::make_ruled(draft);
}

/// A plan as it begins, under the next number.
pub(super) fn plan(
    draft: &Draft<'_>,
    kind: Kind,
    asset: AssetId,
    inputs: Vec<FrozenInput>,
    payouts: Vec<Payout>,
    givers: Vec<UserId>,
) -> Plan {
    Plan {
        no: u32::try_from(draft.trade.plans.len()).unwrap_or(u32::MAX),
        kind,
        asset,
        inputs,
        payouts,
        givers,
        offer: None,
        instead_of: None,
        payload: None,
        request: None,
        round: 0,
        missing_since: None,
        earlier: Vec::new(),
        signed: BTreeMap::new(),
        authorised: None,
        cosigned: false,
        must_tap: false,
        unshown: false,
        refused_since: None,
        end: None,
    }
}

fn make_plan(
    draft: &mut Draft<'_>,
    kind: Kind,
    asset: AssetId,
    inputs: Vec<FrozenInput>,
    payouts: Vec<Payout>,
    givers: Vec<UserId>,
) {
    let plan = plan(draft, kind, asset, inputs, payouts, givers);
    draft.push(Event::PlanMade { plan });
}

/// Every deposit that serves no settlement goes back by a request of its own: the wrong asset, a third
/// person's, what came too much, too late or twice, and what was paid into a trade that ended unfunded.
pub(super) fn return_odd_deposits(draft: &mut Draft<'_>) {
    let Some(parties) = draft.trade.parties else { return };
    let still_counting = matches!(draft.trade.state, State::Proposed { .. } | State::AwaitingPayment { .. });
    let planned: BTreeSet<Uuid> =
        draft.trade.plans.iter().filter(|p| p.lives()).flat_map(|p| &p.inputs).map(|i| i.output_id).collect();
    let mut odd: BTreeMap<(AssetId, UserId), Vec<FrozenInput>> = BTreeMap::new();
    for deposit in draft.trade.deposits.iter().filter(|d| !d.lock.is_spent() && !planned.contains(&d.output_id)) {
        let owner = match deposit.oddity {
            Some(Oddity::Inscription) => continue,
            None if still_counting => continue,
            Some(Oddity::ThirdPerson(payer) | Oddity::Unnamed(payer)) => payer,
            Some(Oddity::WrongAsset) | None => parties.buyer,
        };
        odd.entry((deposit.asset, owner)).or_default().push(FrozenInput::from(deposit));
    }
    for ((asset, owner), inputs) in odd {
        let open = |of: &dyn Fn(&Payout) -> bool| {
            draft.trade.plans.iter().filter(|p| p.kind == Kind::Return && p.lives() && p.payouts.iter().any(of)).count()
        };
        // Dust must not make a request a piece: what comes while others wait goes back with the next one.
        let crowded = owner != parties.buyer && open(&|p| p.to != parties.buyer) >= STRANGERS_RETURNS_MAX;
        if crowded || open(&|p| p.to == owner) >= RETURNS_MAX {
            continue;
        }
        // For a third person's money either party may sign: nobody gains by refusing.
        let givers = if owner == parties.buyer { vec![owner] } else { vec![parties.buyer, parties.seller] };
        for inputs in inputs.chunks(INPUTS_MAX) {
            let total = Amount::sum(inputs.iter().map(|i| i.amount)).unwrap_or_default();
            let payouts = payout::outputs(&[Payout { to: owner, amount: total }]);
            make_plan(draft, Kind::Return, asset, inputs.to_vec(), payouts, givers.clone());
        }
    }
}
