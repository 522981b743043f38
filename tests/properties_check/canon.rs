//! When two worlds are the same.

use std::fmt::Write as _;

use crate::id::Hash;
use crate::scene::BUYER;
use crate::time::Millis;
use crate::trade::State;
use crate::trade::deposit::Lock;
use crate::world::World;

impl World {
    /// What two states must have in common to be one. Left out, because nothing the law decides hangs on it: ids, hashes,
    /// keys and bytes (which plan or stranger is meant is said instead); the hour (which moments are past, and the order of
    /// those to come, are said); who was told what; how the state came about; links, since their traces are not used here.
    pub(crate) fn canon(&self) -> String {
        let (scene, trade) = (&self.scene, &self.scene.trade);
        let mut text = format!("{} {:?} ", self.payments, self.odd);
        match trade.state {
            State::Disputed { by, left, delivered } => {
                write!(text, "Disputed {} {} {delivered}", by == BUYER, left == Millis(0)).unwrap();
            }
            State::Settling { plan } | State::Settled { plan, .. } => {
                write!(text, "{} {plan}", trade.state.name()).unwrap();
            }
            _ => text.push_str(trade.state.name()),
        }
        let flags = (
            trade.frozen.is_some(),
            trade.fee_waived,
            trade.foreign.over,
            trade.foreign.told.len(),
            self.passed().is_some(),
        );
        let moments: Vec<&str> = self.moments().into_iter().map(|(_, name)| name).collect();
        let disputed: Vec<bool> = trade.disputed_by.iter().map(|by| *by == BUYER).collect();
        let claim = trade.claim.as_ref().map(|c| c.agreed.iter().map(|by| *by == BUYER).collect::<Vec<_>>());
        write!(text, " {flags:?} {moments:?} {:?} {disputed:?} {claim:?}", trade.right).unwrap();
        let case = trade.case.as_ref().map(|case| {
            let (taken, stage) = (case.judge().is_some(), std::mem::discriminant(&case.stage));
            let given: Vec<_> = case.given.iter().map(|given| given.ruling).collect();
            (taken, format!("{stage:?}"), given, case.asked.len(), case.passed.len(), case.defaulted)
        });
        write!(text, " {case:?}").unwrap();
        let nameless = self.nameless.as_ref().map(|seen| &seen.senders);
        write!(text, " {nameless:?} {} {}", self.unlocks.len(), self.revokes.len()).unwrap();
        for output in &scene.outputs {
            let row = trade.deposits.iter().find(|d| d.output_id == output.output_id);
            let row = row.map(|d| (d.oddity, self.lock(d.lock)));
            write!(text, "\no {:?} {} {row:?}", output.amount, self.lock(output.lock)).unwrap();
        }
        for plan in self.plans() {
            let inputs: Vec<Option<usize>> =
                plan.inputs.iter().map(|i| scene.outputs.iter().position(|o| o.output_id == i.output_id)).collect();
            let at_mixin = scene
                .requests
                .get(&plan.no)
                .map(|found| (found.revoked, !found.signers.is_empty(), self.signers(plan.no)));
            let ours = (plan.payload.is_some(), plan.request.is_some(), !plan.earlier.is_empty());
            let known: Vec<&u16> = plan.signed.keys().collect();
            let flags = (plan.cosigned, plan.must_tap, plan.unshown, plan.missing_since.is_some());
            let whose = plan.offer.map(|offer| offer.by == BUYER);
            write!(
                text,
                "\np {:?} {inputs:?} {:?} {whose:?} {ours:?} {at_mixin:?} {known:?} {:?} {flags:?} {:?}",
                plan.kind,
                plan.payouts.iter().map(|p| p.amount.units()).collect::<Vec<_>>(),
                plan.authorised,
                plan.end
            )
            .unwrap();
        }
        text
    }

    fn lock(&self, lock: Lock) -> String {
        let whose = |by: Option<Hash>| {
            let ours = self.plans().iter().find(|plan| by.is_some() && self.hash_of(plan.no) == by);
            ours.map_or("foreign".to_owned(), |plan| plan.no.to_string())
        };
        match lock {
            Lock::Unspent => "free".into(),
            Lock::Signed(by) => format!("held {}", whose(by)),
            Lock::Spent(by) => format!("spent {}", whose(by)),
        }
    }
}
