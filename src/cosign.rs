//! The seven checks before the bot adds its signature, the last one, to a transaction (design §6). Pure.
//!
//! What it cannot check: that the Sequencer handed out one-time keys which really belong to the receivers named.
//! Every Mixin client trusts it for that, and so does this.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use crate::id::{Hash, UserId};
use crate::kernel::{self, Scalar, Signature, Signatures, Transaction};
use crate::money::Amount;
use crate::trade::deposit::Lock;
use crate::trade::plan::{End, FrozenInput, Payload, Plan};
use crate::trade::terms::Parties;
use crate::trade::{Trade, Vault};

/// How many checks must hold.
pub const CHECKS: u8 = 7;

/// An input of the plan, read from Mixin just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadInput {
    pub hash: Hash,
    pub index: u16,
    /// The kernel's asset id.
    pub asset: Hash,
    pub amount: Amount,
    pub keys: Vec<kernel::PublicKey>,
    /// Of the group that can spend it.
    pub members_hash: Hash,
    pub threshold: u8,
    pub inscription: bool,
    pub lock: Lock,
}

/// One receiver as the request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadReceiver {
    pub members: Vec<UserId>,
    pub threshold: u8,
    /// An address outside Mixin: a withdrawal.
    pub outside: bool,
}

/// The request, read from Mixin just now, as the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    pub raw: Vec<u8>,
    pub receivers: Vec<ReadReceiver>,
    /// The bot's view scalar of each input, hex, in input order.
    pub views: Vec<String>,
    pub revoked: bool,
}

/// Everything the checks look at.
pub struct Case<'a> {
    /// As committed.
    pub trade: &'a Trade,
    pub plan: u32,
    /// Why signing is halted for this trade, its asset or at all, if it is.
    pub halted: Option<&'a str>,
    pub inputs: &'a [ReadInput],
    pub request: &'a ReadRequest,
    /// The bot's spend scalar.
    pub spend: &'a Scalar,
}

/// Which check said no. `broken`: nothing a party or a server does leads here, so an invariant fell (rule 12).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("check {check} of {CHECKS}: {why}")]
pub struct Refused {
    pub check: u8,
    pub why: String,
    pub broken: bool,
}

fn no(check: u8, why: impl Into<String>) -> Refused {
    Refused { check, why: why.into(), broken: false }
}

fn broken(check: u8, why: impl Into<String>) -> Refused {
    Refused { check, why: why.into(), broken: true }
}

/// The signed transaction, when all seven checks hold: the signatures of the people kept and present, and the
/// bot's own.
///
/// # Errors
/// The first check that does not hold.
pub fn check(case: &Case<'_>) -> Result<Vec<u8>, Refused> {
    let plan = recorded_and_authorised(case)?;
    let (payload, present) = canonical_payload(case, plan)?;
    let vault = case.trade.vault().ok_or_else(|| broken(3, "the trade has no vault"))?;
    inputs_are_ours(case, plan, payload, &vault)?;
    outputs_are_the_plans(case, plan, payload)?;
    let mut signatures = signatures_hold(case, plan, payload, &vault, &present)?;
    let keys = own_keys(case, plan, &vault)?;
    only_authorised_plan(case, plan)?;

    let (bot, keys) = keys;
    for (map, key) in signatures.iter_mut().zip(&keys) {
        map.insert(bot, kernel::sign(key, &payload.hash));
    }
    let mut tx = Transaction::decode(&payload.raw).map_err(|e| broken(2, e.to_string()))?;
    tx.signatures = Signatures::Maps(signatures);
    Ok(tx.encode())
}

/// 1. The plan is recorded, its authority holds now, and nothing is halted.
fn recorded_and_authorised<'a>(case: &'a Case<'_>) -> Result<&'a Plan, Refused> {
    if let Some(why) = case.halted {
        return Err(no(1, format!("signing is halted: {why}")));
    }
    if let Some(why) = &case.trade.frozen {
        return Err(no(1, format!("the trade is frozen: {why}")));
    }
    let plan = case.trade.plan(case.plan).ok_or_else(|| broken(1, "no such plan is recorded"))?;
    if !plan.lives() {
        return Err(no(1, "the plan has ended"));
    }
    let authority = plan.authorised.ok_or_else(|| broken(1, "the plan is not authorised"))?;
    let holds = case.trade.consents(plan).iter().any(|(_, given)| *given == authority);
    if !holds {
        return Err(broken(1, "the authority does not fit the plan, or does not hold"));
    }
    if plan.kind != crate::trade::Kind::Return && case.trade.state != (crate::trade::State::Settling { plan: plan.no })
    {
        return Err(no(1, "the trade is not settling by this plan"));
    }
    Ok(plan)
}

/// 2. The payload decodes canonically, its hash is the recorded one; so is the request's; nothing aggregated.
fn canonical_payload<'a>(case: &Case<'_>, plan: &'a Plan) -> Result<(&'a Payload, Transaction), Refused> {
    let payload = plan.payload.as_ref().ok_or_else(|| broken(2, "the plan has no payload"))?;
    let own = Transaction::decode(&payload.raw).map_err(|e| broken(2, format!("our payload: {e}")))?;
    if own.hash() != payload.hash || own.encode() != payload.raw {
        return Err(broken(2, "our payload is not the one whose hash was recorded"));
    }
    if case.request.revoked {
        return Err(no(2, "the request was revoked"));
    }
    let present = Transaction::decode(&case.request.raw).map_err(|e| no(2, format!("the request's bytes: {e}")))?;
    if present.hash() != payload.hash {
        return Err(no(2, "the request carries another transaction"));
    }
    if matches!(present.signatures, Signatures::Aggregated { .. }) {
        return Err(no(2, "the request carries an aggregated signature"));
    }
    Ok((payload, present))
}

/// 3. Every input is a deposit frozen in this plan, read just now: this vault, threshold 2, unspent or held by
///    this very payload.
fn inputs_are_ours(case: &Case<'_>, plan: &Plan, payload: &Payload, vault: &Vault) -> Result<(), Refused> {
    if plan.inputs.is_empty() || plan.inputs.len() != case.inputs.len() {
        return Err(no(3, "not every input could be read"));
    }
    let asset = kernel::derive::asset_hash(plan.asset);
    for (frozen, read) in plan.inputs.iter().zip(case.inputs) {
        let name = format!("input {}:{}", frozen.hash, frozen.index);
        if !case
            .trade
            .deposits
            .iter()
            .any(|d| d.output_id == frozen.output_id && d.hash == frozen.hash && d.index == frozen.index)
        {
            return Err(broken(3, format!("{name} is no deposit of this trade")));
        }
        let same = |f: &FrozenInput, r: &ReadInput| {
            f.hash == r.hash && f.index == r.index && f.amount == r.amount && f.keys == r.keys
        };
        if !same(frozen, read) || read.asset != asset {
            return Err(no(3, format!("{name} is not as it was frozen")));
        }
        if read.members_hash != vault.hash || read.threshold != Vault::THRESHOLD {
            return Err(no(3, format!("{name} is not of this vault with threshold {}", Vault::THRESHOLD)));
        }
        if read.inscription {
            return Err(no(3, format!("{name} is an inscription")));
        }
        match read.lock {
            Lock::Unspent => {}
            Lock::Signed(Some(by)) if by == payload.hash => {}
            Lock::Signed(_) => return Err(no(3, format!("{name} is held by another transaction"))),
            Lock::Spent(_) => return Err(no(3, format!("{name} is spent"))),
        }
    }
    Ok(())
}

/// 4. The outputs are, byte for byte, those built from the plan with the keys fetched for exactly these
///    receivers; the request's receivers agree; nothing leaves to an outside chain; inputs equal outputs.
fn outputs_are_the_plans(case: &Case<'_>, plan: &Plan, payload: &Payload) -> Result<(), Refused> {
    let built =
        plan.transaction(&case.trade.code, &payload.keys).ok_or_else(|| broken(4, "the plan cannot be built again"))?;
    if built.encode() != payload.raw {
        return Err(broken(4, "the payload is not what the plan builds"));
    }
    if Amount::sum(plan.payouts.iter().map(|p| p.amount)) != Some(plan.total()) || plan.payouts.is_empty() {
        return Err(broken(4, "the outputs do not add up to the inputs"));
    }
    let receivers = &case.request.receivers;
    if receivers.iter().any(|r| r.outside) {
        return Err(no(4, "the request names an address outside Mixin"));
    }
    let named = |p: &crate::trade::payout::Payout, r: &ReadReceiver| r.members == [p.to] && r.threshold == 1;
    if receivers.len() != plan.payouts.len() || !plan.payouts.iter().zip(receivers).all(|(p, r)| named(p, r)) {
        return Err(no(4, "the request names other receivers"));
    }
    Ok(())
}

/// 5. Every signature present is valid, at distinct indexes, on every input; one is of a person the authority
///    accepts or, once authorised, of any party. Gives the maps to post: those present and those kept.
fn signatures_hold(
    case: &Case<'_>,
    plan: &Plan,
    payload: &Payload,
    vault: &Vault,
    present: &Transaction,
) -> Result<Vec<BTreeMap<u16, Signature>>, Refused> {
    let Signatures::Maps(maps) = &present.signatures else { return Err(no(5, "the signatures are aggregated")) };
    if !maps.is_empty() && maps.len() != plan.inputs.len() {
        return Err(no(5, "not every input has its signatures"));
    }
    let mut union: Vec<BTreeMap<u16, Signature>> = vec![BTreeMap::new(); plan.inputs.len()];
    for (map, all) in maps.iter().zip(&mut union) {
        all.extend(map.iter().map(|(member, signature)| (*member, *signature)));
    }
    for (member, kept) in &plan.signed {
        for (signature, all) in kept.iter().zip(&mut union) {
            all.entry(*member).or_insert(*signature);
        }
    }
    let members: Vec<u16> = union.first().map(|map| map.keys().copied().collect()).unwrap_or_default();
    for (all, input) in union.iter().zip(&plan.inputs) {
        if !all.keys().eq(members.iter()) {
            return Err(no(5, "somebody signed some inputs and not others"));
        }
        for (member, signature) in all {
            if usize::from(*member) >= vault.members.len() {
                return Err(no(5, "a signature of no member"));
            }
            let key = input.keys.get(usize::from(*member)).ok_or_else(|| no(5, "a signature of no member"))?;
            if !kernel::verify(key, &payload.hash, signature) {
                return Err(no(5, format!("a false signature at index {member}")));
            }
        }
    }
    let bot = vault.index_of(case.trade.terms.bot);
    if !members.iter().any(|member| Some(*member) != bot) {
        return Err(no(5, "nobody but the bot has signed: it signs last"));
    }
    if !consented(case.trade, plan, vault) {
        return Err(broken(5, "no signature of a person the authority accepts was ever read"));
    }
    Ok(union)
}

/// Whether a person whom the plan's authority accepts has signed it, or the plan it is instead of: the same decision,
/// whose one-time key was burnt.
fn consented(trade: &Trade, plan: &Plan, vault: &Vault) -> bool {
    let accepted = trade.consents(plan);
    let accepted = accepted.iter().filter(|(_, authority)| Some(*authority) == plan.authorised);
    let indexes: Vec<u16> = accepted.filter_map(|(person, _)| vault.index_of(*person)).collect();
    let earlier = trade.plans.iter().filter(|earlier| {
        earlier.no == plan.no
            || plan.instead_of.is_some() && earlier.no < plan.no && same_decision(trade, earlier, plan)
    });
    let mut signed = earlier.flat_map(|plan| plan.signed.keys());
    signed.any(|index| indexes.contains(index))
}

/// The same money to the same people; or, where the fee cannot be paid any more, to the two alone and no less.
fn same_decision(trade: &Trade, earlier: &Plan, plan: &Plan) -> bool {
    let waived = |parties: Parties| {
        let no_less = |to: UserId| plan.paid_to(to) >= earlier.paid_to(to);
        trade.fee_waived
            && plan.payouts.iter().all(|payout| parties.role_of(payout.to).is_some())
            && no_less(parties.buyer)
            && no_less(parties.seller)
    };
    (earlier.kind, &earlier.inputs) == (plan.kind, &plan.inputs)
        && (earlier.payouts == plan.payouts || trade.parties.is_some_and(waived))
}

/// 6. The bot's derived key equals the output's key at its own index, on every input.
fn own_keys(case: &Case<'_>, plan: &Plan, vault: &Vault) -> Result<(u16, Vec<Scalar>), Refused> {
    let bot = vault.index_of(case.trade.terms.bot).ok_or_else(|| broken(6, "the bot is no member of the vault"))?;
    if case.request.views.len() != plan.inputs.len() {
        return Err(no(6, "Mixin gave no view for some input"));
    }
    let keys = case.request.views.iter().zip(&plan.inputs).map(|(view, input)| {
        let view: Scalar = view.parse().map_err(|_| no(6, "Mixin gave a view that is no scalar"))?;
        let key = view.plus(case.spend);
        if input.keys.get(usize::from(bot)) != Some(&key.public()) {
            return Err(no(6, "the bot's derived key is not the input's key at its index"));
        }
        Ok(key)
    });
    Ok((bot, keys.collect::<Result<_, _>>()?))
}

/// 7. This plan is the only authorised one over any of these inputs, unless the other is void for ever.
fn only_authorised_plan(case: &Case<'_>, plan: &Plan) -> Result<(), Refused> {
    let shares = |other: &Plan| other.inputs.iter().any(|o| plan.inputs.iter().any(|i| i.output_id == o.output_id));
    let rival = case.trade.plans.iter().find(|other| {
        other.no != plan.no && other.authorised.is_some() && other.end != Some(End::Void) && shares(other)
    });
    match rival {
        Some(rival) => Err(broken(7, format!("plan {} is authorised over the same input", rival.no))),
        None => Ok(()),
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may panic")]
mod tests;
