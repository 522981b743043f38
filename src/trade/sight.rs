//! What a look means: deposits, signatures, locks and spends, judged in one pass.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::id::{Hash, UserId};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::authority::authorise;
use crate::trade::command::{SeenRequest, Sight};
use crate::trade::decide::{Draft, issue_link};
use crate::trade::deposit::{self, Deposit, INPUTS_MAX, Lock};
use crate::trade::event::Event;
use crate::trade::hindsight;
use crate::trade::lock::Foreign;
use crate::trade::orders;
use crate::trade::plan::{End, FrozenInput, Kind, Plan};
use crate::trade::plans::{fund, make_settlements, return_odd_deposits, settlement};
use crate::trade::split;
use crate::trade::state::{State, Trade};
use crate::trade::terms::{Parties, Vault};

/// Applies one look. The order matters: what is spent is settled before anything new is authorised, and money
/// that arrived in time is counted before time runs out.
pub(super) fn look(draft: &mut Draft<'_>, sight: &Sight) {
    let Some(parties) = draft.trade.parties else { return };
    read_outputs(draft, sight, parties);
    note_cosigned(draft, &sight.requests);
    end_plans(draft, sight, parties);
    read_requests(draft, &sight.requests, sight.began);
    authorise(draft);
    split::lapse_late(draft);
    foreign_locks(draft, sight.began);
    note_locks_in_the_way(draft, sight);
    fund_or_expire(draft, sight, parties);
    return_odd_deposits(draft);
}

fn read_outputs(draft: &mut Draft<'_>, sight: &Sight, parties: Parties) {
    for seen in &sight.outputs {
        let known = draft.trade.deposits.iter().find(|d| d.output_id == seen.output_id);
        match known.map(|d| d.lock) {
            // Spent is final: an older answer that comes late cannot bring the money back.
            Some(lock) if lock == seen.lock || lock.is_spent() => {}
            Some(_) => draft.push(Event::DepositMoved { output_id: seen.output_id, lock: seen.lock }),
            None => {
                let deposit = Deposit::judge(seen, draft.trade.terms.asset.id, parties.buyer, &draft.trade.orders);
                draft.push(Event::Deposited { deposit });
            }
        }
    }
    orders::arrived(draft);
}

/// The bot's own signature on a complete payload: it was given after the checks, though the answer that said so may
/// have been lost. Read before the spend ends the plan, after which nobody reads its request any more.
fn note_cosigned(draft: &mut Draft<'_>, requests: &[SeenRequest]) {
    let Some(vault) = draft.trade.vault() else { return };
    let Some(bot) = vault.index_of(draft.trade.terms.bot) else { return };
    for seen in requests {
        let Some(plan) = draft.trade.plan(seen.plan) else { continue };
        let ours = plan.lives() && plan.requests().any(|id| id == seen.request);
        let Some(found) = seen.found.as_ref().filter(|found| ours && !found.revoked) else { continue };
        if plan.authorised.is_none() || plan.cosigned {
            continue;
        }
        let signed = plan.good_signatures(&found.raw, u16::try_from(vault.members.len()).unwrap_or(0));
        if signed.contains_key(&bot) && signed.len() >= usize::from(Vault::THRESHOLD) {
            draft.push(Event::Cosigned { plan: seen.plan });
        }
    }
}

/// Marks plans whose inputs are gone: spent by their own payload, or void for ever.
fn end_plans(draft: &mut Draft<'_>, sight: &Sight, parties: Parties) {
    let locks: BTreeMap<Uuid, Lock> = draft.trade.deposits.iter().map(|d| (d.output_id, d.lock)).collect();
    let mut ends = Vec::new();
    // What lapsed, or was taken to be impossible, can still happen by the two of them alone.
    let possible = |plan: &&Plan| plan.end != Some(End::Spent);
    for plan in draft.trade.plans.iter().filter(possible) {
        let own = plan.payload.as_ref().map(|payload| payload.hash);
        let told = sight.requests.iter().any(|r| r.plan == plan.no && r.spent);
        let spent: Vec<Option<Hash>> = plan
            .inputs
            .iter()
            .filter_map(|i| match locks.get(&i.output_id) {
                Some(Lock::Spent(by)) => Some(*by),
                Some(Lock::Unspent | Lock::Signed(_)) | None => None,
            })
            .collect();
        let by_own = |by: &Option<Hash>| by.map_or(told, |by| Some(by) == own);
        if !spent.is_empty() && spent.len() == plan.inputs.len() && spent.iter().all(by_own) {
            ends.push((plan.no, End::Spent));
        } else if own.is_none() && hindsight::went_together(&spent, plan.inputs.len()) {
            // It may have been this very plan, in a life that was lost: its payload, built again, will tell.
        } else if !plan.lives() {
        } else if spent.iter().any(|by| by.is_some() && *by != own) {
            ends.push((plan.no, End::Void));
        }
    }
    for (plan, end) in ends {
        let open = |plan: &Plan| plan.lives() || end == End::Spent && plan.end != Some(End::Spent);
        if draft.trade.plan(plan).is_some_and(open) {
            draft.push(Event::PlanEnded { plan, end });
        }
        if end == End::Spent {
            void_rivals(draft, plan);
        }
        if end == End::Spent && draft.trade.plan(plan).is_some_and(|p| p.kind != Kind::Return) {
            draft.push(Event::Settled { plan, at: draft.context.now });
        }
    }
    settled_elsewhere(draft, parties);
}

/// What shared an input with a spent plan can never happen, also when nobody told by whom the input was spent.
fn void_rivals(draft: &mut Draft<'_>, spent: u32) {
    let Some(plan) = draft.trade.plan(spent) else { return };
    let gone: BTreeSet<Uuid> = plan.inputs.iter().map(|i| i.output_id).collect();
    let shares = |plan: &&Plan| plan.lives() && plan.inputs.iter().any(|i| gone.contains(&i.output_id));
    let rivals: Vec<u32> = draft.trade.plans.iter().filter(shares).map(|plan| plan.no).collect();
    for plan in rivals {
        draft.push(Event::PlanEnded { plan, end: End::Void });
    }
}

/// All settlement plans void and none spent: both parties spent an input by a transaction of their own. Over what
/// is left new plans are made and the trade goes on: it was locked for both, and is nobody's alone. With nothing
/// left the trade is settled elsewhere.
fn settled_elsewhere(draft: &mut Draft<'_>, parties: Parties) {
    let open = draft.trade.state.is_open() || matches!(draft.trade.state, State::Settling { .. });
    let settlements = || draft.trade.plans.iter().filter(|p| p.kind != Kind::Return);
    if !open || settlements().next().is_none() || settlements().any(Plan::lives) {
        return;
    }
    let frozen: BTreeSet<Uuid> = settlements().flat_map(|p| &p.inputs).map(|i| i.output_id).collect();
    let (spent, left): (Vec<&Deposit>, Vec<&Deposit>) =
        draft.trade.deposits.iter().filter(|d| frozen.contains(&d.output_id)).partition(|d| d.lock.is_spent());
    let by = spent.iter().find_map(|deposit| deposit.lock.by());
    let left: Vec<FrozenInput> = left.into_iter().map(FrozenInput::from).collect();
    let Some(payouts) = settlement(&draft.trade, &left, parties) else {
        draft.push(Event::SettledElsewhere { by });
        return;
    };
    if matches!(draft.trade.state, State::Settling { .. }) {
        // What was authorised is void for ever: nothing is, until somebody signs one of the new plans.
        let until = draft.trade.time(draft.context.now).plus(draft.trade.terms.periods.deliver);
        draft.push(Event::Funded { until });
    }
    make_settlements(draft, left, payouts, parties);
}

/// So long apart two looks must agree before what only the second confirms is acted on: a server may lag or be
/// wrong for a moment.
pub(super) const AGREE: Millis = Millis::from_secs(3);

fn read_requests(draft: &mut Draft<'_>, requests: &[SeenRequest], began: Millis) {
    let Some(vault) = draft.trade.vault() else { return };
    for seen in requests {
        let (no, request) = (seen.plan, seen.request);
        let Some(plan) = draft.trade.plan(no) else { continue };
        let present = plan.request.is_some_and(|r| r.id == request);
        if !plan.lives() || !plan.requests().any(|id| id == request) {
            continue;
        }
        let own = plan.payload.as_ref().map(|p| p.hash);
        let missing = plan.missing_since;
        let Some(found) = &seen.found else {
            match missing {
                _ if !present => {}
                None => draft.push(Event::RequestMissing { plan: no, request, since: Some(began) }),
                Some(since) if began.since(since) >= AGREE => draft.push(Event::RequestLost { plan: no, request }),
                Some(_) => {}
            }
            continue;
        };
        if present && missing.is_some() {
            draft.push(Event::RequestMissing { plan: no, request, since: None });
        }
        if found.revoked || Some(found.hash) != own {
            if present {
                draft.push(Event::RequestLost { plan: no, request });
            }
            continue;
        }
        let Some(plan) = draft.trade.plan(no) else { continue };
        let members = u16::try_from(vault.members.len()).unwrap_or(0);
        let good = plan.good_signatures(&found.raw, members);
        let known: BTreeSet<u16> = plan.signed.keys().copied().collect();
        for (member, signatures) in good {
            let Some(by) = vault.members.get(usize::from(member)).copied() else { continue };
            if by != draft.trade.terms.bot && !known.contains(&member) {
                draft.push(Event::Signed { plan: seen.plan, member, by, signatures });
            }
        }
        unshown(draft, no, &found.signers, &vault);
    }
}

/// Mixin says that somebody has signed, and their signature is nowhere to be seen: what cannot be seen is not joined.
fn unshown(draft: &mut Draft<'_>, no: u32, signers: &[UserId], vault: &Vault) {
    let Some(plan) = draft.trade.plan(no).filter(|plan| !plan.unshown && plan.authorised.is_none()) else { return };
    let hidden = |signer: &&UserId| {
        let member = vault.index_of(**signer);
        **signer != draft.trade.terms.bot && member.is_some_and(|member| !plan.signed.contains_key(&member))
    };
    if let Some(by) = signers.iter().find(hidden).copied() {
        draft.push(Event::Unshown { plan: no, by });
    }
}

/// Locks by transactions none of ours, while nothing is decided ([`Foreign`]).
fn foreign_locks(draft: &mut Draft<'_>, began: Millis) {
    let trade = &draft.trade;
    // Before both stand there is nothing to sign yet, and a lock that keeps one from being opened is taken away at once.
    if !trade.state.is_open() || trade.frozen.is_some() || !trade.stands() {
        return;
    }
    let frozen: BTreeSet<Uuid> = trade.frozen_inputs().iter().map(|input| input.output_id).collect();
    // A payload that is not built yet, or not again, may be what holds it.
    if trade.plans.iter().any(|plan| plan.kind != Kind::Return && plan.lives() && plan.payload.is_none()) {
        return;
    }
    let ours = |by: &Hash| trade.plans.iter().any(|plan| plan.carries(*by));
    let locks = trade.deposits.iter().filter(|deposit| frozen.contains(&deposit.output_id));
    let foreign: BTreeSet<Hash> = locks
        .filter_map(|deposit| match deposit.lock {
            Lock::Signed(by) => by,
            Lock::Unspent | Lock::Spent(_) => None,
        })
        .filter(|by| !ours(by))
        .collect();
    let late = trade.foreign.since.is_some_and(|since| began.since(since) >= Foreign::PATIENCE);
    let over = late && !trade.foreign.over && !foreign.is_empty();
    let room = Foreign::TOLD_MAX.saturating_sub(trade.foreign.told.len());
    let fresh: Vec<Hash> = foreign.into_iter().filter(|by| !trade.foreign.told.contains(by)).take(room).collect();
    for by in fresh {
        draft.push(Event::ForeignLock { by, since: began });
    }
    if over {
        draft.push(Event::ForeignOver);
    }
}

/// A lock that still stands in the way of a plan is written down again, so that it is revoked again:
/// whoever locks anew between two looks would otherwise go unseen and hold the money up for ever.
fn note_locks_in_the_way(draft: &mut Draft<'_>, sight: &Sight) {
    let mut noted: BTreeSet<Hash> = BTreeSet::new();
    let mut again = Vec::new();
    let trade = &draft.trade;
    for deposit in &trade.deposits {
        let held = |plan: &&Plan| plan.inputs.iter().any(|i| i.output_id == deposit.output_id);
        let in_the_way =
            |by| trade.locks_payment(deposit) || trade.plans.iter().filter(held).any(|plan| trade.in_the_way(plan, by));
        let moved = |e: &Event| e.output() == Some(deposit.output_id);
        if let Lock::Signed(Some(by)) = deposit.lock
            && in_the_way(by)
            && sight.outputs.iter().any(|o| o.output_id == deposit.output_id && o.lock == deposit.lock)
            && !draft.events.iter().any(moved)
            && noted.insert(by)
        {
            again.push(Event::DepositMoved { output_id: deposit.output_id, lock: deposit.lock });
        }
    }
    // Where a member's lock is not the bot's to take away (dossier U-11) it stands, however often that is tried.
    let wait = draft.trade.foreign.again.is_some_and(|at| sight.began < at);
    if again.is_empty() || wait {
        return;
    }
    draft.push(Event::LockStands { at: sight.began });
    for event in again {
        draft.push(event);
    }
}

fn fund_or_expire(draft: &mut Draft<'_>, sight: &Sight, parties: Parties) {
    let State::AwaitingPayment { until } = draft.trade.state else { return };
    let due = draft.trade.due();
    if let Some(cover) = deposit::cover(&draft.trade.deposits, due, draft.trade.behind) {
        let inputs: Vec<FrozenInput> = cover.into_iter().map(FrozenInput::from).collect();
        fund(draft, inputs, parties);
        return;
    }
    if let Some((by, gone)) = hindsight::spent_together(&draft.trade.deposits, due) {
        let inputs: Vec<FrozenInput> = gone.into_iter().map(FrozenInput::from).collect();
        match by {
            // It may have been a payload of ours, in a life that was lost.
            Some(_) if draft.trade.behind => fund(draft, inputs, parties),
            // Paid, and taken out by the two of them: nothing is left to be done, and nobody is asked again.
            by => draft.push(Event::SettledElsewhere { by }),
        }
        return;
    }
    let free = draft.trade.deposits.iter().filter(|deposit| deposit.is_free()).count();
    if free > INPUTS_MAX && draft.trade.missing().is_zero() && !draft.trade.in_pieces {
        draft.push(Event::InPieces);
    }
    if doubtful(draft) {
        return;
    }
    // Money may be there that was not read yet.
    if sight.partial {
        return;
    }
    // Somebody may have paid at MixPay in time: it is asked before the trade expires, but not for ever.
    if sight.began >= until && orders::unsettled(&draft.trade) && sight.began.since(until) < orders::WAIT_MAX {
        return;
    }
    if sight.began >= until && draft.trade.frozen.is_none() {
        // A payment by the present link that is final and not listed yet is waited for, a little.
        match draft.trade.link_used_since {
            None if sight.trace_used => draft.push(Event::LinkUsed { since: sight.began }),
            Some(since) if sight.trace_used && sight.began.since(since) < COMING => {}
            _ => draft.push(Event::Expired),
        }
        return;
    }
    let (trace, asked) = draft.trade.link().map_or((None, Amount::ZERO), |link| (Some(link.trace), link.amount));
    let shown = sight.outputs.iter().any(|o| o.request_id.is_some() && o.request_id == trace);
    let missing = draft.trade.missing();
    // Money that came another way, through MixPay say: the present link asks for more than is missing.
    let shown = shown || asked > missing && !sight.trace_used;
    if missing.is_zero() || !(shown || sight.trace_used) {
        let whole = !sight.unanswered && read_since_revival(&draft.trade, until, sight.began);
        if draft.trade.behind && whole && !missing.is_zero() {
            draft.push(Event::CaughtUp);
        }
        return;
    }
    // A transaction may be known before its output is listed: a new link then would ask to pay twice.
    match draft.trade.link_used_since {
        _ if shown => issue_link(draft, missing),
        None => draft.push(Event::LinkUsed { since: sight.began }),
        Some(since) if sight.began.since(since) >= AGREE => issue_link(draft, missing),
        Some(_) => {}
    }
}

/// Put back from a copy or a kit, with nearly all that is due there or gone: the seller may have taken it as the whole since,
/// which nothing on Mixin tells. Nobody is asked to pay and nothing goes back before the operator has looked.
fn doubtful(draft: &mut Draft<'_>) -> bool {
    let trade = &draft.trade;
    if !trade.behind || trade.frozen.is_some() || trade.doubted {
        return false;
    }
    let short = trade.due().bps_floor(draft.context.short_ok_bp).unwrap_or_default();
    let came = trade.deposits.iter().filter(|deposit| deposit.oddity.is_none());
    let came = Amount::sum(came.map(|deposit| deposit.amount)).unwrap_or_default();
    let taken = !short.is_zero() && came < trade.due() && came >= trade.due().saturating_sub(short);
    if taken {
        let why = "after the restore: the seller may have taken what is there as the whole".to_owned();
        draft.push(Event::Doubted);
        draft.push(Event::Frozen { why, at: Some(draft.context.now) });
    }
    taken
}

/// A look that was under way when a kit was put in may not have read the vault from its beginning. A revival sets the
/// payment window anew, so that its end tells when that was.
fn read_since_revival(trade: &Trade, until: Millis, began: Millis) -> bool {
    trade.revived_at.is_none() || until.since(began) <= trade.terms.periods.pay
}

/// How long a listed transaction's output may be on its way before a trade expires without it.
const COMING: Millis = Millis::from_secs(60);
