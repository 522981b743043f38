//! Look at a vault: its outputs in every state, and every live request of ours over it.
//!
//! Traces are asked before outputs: a transaction that is final when asked has its output in the list read
//! afterwards. Only the list of outputs is needed: any other question that fails is left out of the look.

use std::collections::{BTreeSet, VecDeque};

use super::course::Course;
use super::{Last, Step, known};
use crate::engine::input::{Answer, Looked};
use crate::id::{Hash, RequestId, TradeId};
use crate::mixin::safe::{
    self, MultisigRequest, OutputState, OutputsPage, SafeTransaction, TransactionState, VaultOutput,
};
use crate::mixin::{Call, CallError, Reply};
use crate::time::Millis;
use crate::trade::Vault;
use crate::trade::command::{FoundRequest, SeenRequest};
use crate::trade::deposit::{Lock, Seen};

/// Pages one look reads beyond what is known; what is further on is read by the next look, which is due at once.
const PAGES_MAX: u32 = 20;

/// What to look at.
#[derive(Clone, Debug)]
pub struct LookFor {
    pub vault: Hash,
    /// Sequences of the known outputs whose place still matters.
    pub watch: BTreeSet<u64>,
    /// From here on outputs may be new.
    pub new_from: u64,
    /// The present pay link's trace of each trade that waits for money.
    pub traces: Vec<(TradeId, RequestId)>,
    /// Every live request: trade, plan, id, hash of our payload.
    pub requests: Vec<(TradeId, u32, RequestId, Hash)>,
}

pub struct Look {
    vault: Hash,
    asks: VecDeque<Ask>,
    asked: Option<Ask>,
    course: Course,
    /// Of those beyond what is known.
    pages: u32,
    seen: Looked,
}

#[derive(Clone, Debug)]
enum Ask {
    Trace(TradeId, RequestId),
    Outputs(u64),
    Request(TradeId, u32, RequestId, Hash),
    /// Of the nth request seen, by the hash of our payload.
    Spend(usize, RequestId, Hash),
}

impl Look {
    #[must_use]
    pub fn new(wanted: LookFor) -> Self {
        let traces = wanted.traces.into_iter().map(|(trade, trace)| Ask::Trace(trade, trace));
        let requests = wanted.requests.into_iter().map(|(trade, plan, id, hash)| Ask::Request(trade, plan, id, hash));
        let course = Course::new(wanted.watch, Some(wanted.new_from));
        Self {
            vault: wanted.vault,
            asks: traces.chain(course.first().map(Ask::Outputs)).chain(requests).collect(),
            asked: None,
            course,
            pages: 0,
            seen: Looked { vault: Some(wanted.vault), ..Looked::default() },
        }
    }

    pub(super) fn next(&mut self, last: Last, now: Millis) -> Result<Step, CallError> {
        match (self.asked.take(), last) {
            (Some(Ask::Outputs(from)), Some(last)) => {
                let reply = known(last)?.ok_or_else(|| CallError::Unanswered { what: "no list of outputs".into() })?;
                self.read_outputs(from, &reply)?;
            }
            // One answer that cannot be had must not hide the money of everybody else in this vault.
            (Some(ask), Some(last)) => {
                if let Err(error) = known(last).and_then(|reply| self.read(ask, reply)) {
                    tracing::warn!(%error, vault.hash = %self.vault, "left out of this look");
                    self.seen.unanswered = true;
                }
            }
            _ => self.seen.began = now,
        }
        let Some(ask) = self.asks.pop_front() else {
            return Ok(Step::Done(Answer::Looked(std::mem::take(&mut self.seen))));
        };
        let call = self.call(&ask);
        self.asked = Some(ask);
        Ok(Step::Send(call))
    }

    fn call(&self, ask: &Ask) -> Call {
        match ask {
            Ask::Trace(_, id) | Ask::Spend(_, id, _) => safe::transaction(*id),
            Ask::Outputs(from) => safe::outputs(&self.vault, Vault::THRESHOLD, *from),
            Ask::Request(_, _, id, _) => safe::multisig(*id),
        }
    }

    fn read(&mut self, ask: Ask, reply: Option<Reply>) -> Result<(), CallError> {
        match (ask, reply) {
            (Ask::Trace(trade, _), Some(reply)) => {
                if SafeTransaction::read(&reply)?.state == TransactionState::Spent {
                    self.seen.traces_used.push(trade);
                }
            }
            (Ask::Trace(..), None) | (Ask::Outputs(_), _) => {}
            (Ask::Request(trade, plan, request, _), None) => {
                self.seen.requests.push((trade, SeenRequest { plan, request, found: None, spent: false }));
            }
            (Ask::Request(trade, plan, request, own), Some(reply)) => {
                let found = MultisigRequest::read(&reply)?;
                let complete = found.signers.len() >= usize::from(Vault::THRESHOLD);
                let revoked = found.revoked_by.is_some();
                let MultisigRequest { transaction_hash: hash, raw, signers, .. } = found;
                let found = FoundRequest { hash, raw, revoked, signers };
                let seen = SeenRequest { plan, request, found: Some(found), spent: false };
                if complete {
                    self.asks.push_front(Ask::Spend(self.seen.requests.len(), request, own));
                }
                self.seen.requests.push((trade, seen));
            }
            (Ask::Spend(nth, _, own), reply) => {
                let Some(transaction) = reply.map(|reply| SafeTransaction::read(&reply)).transpose()? else {
                    return Ok(());
                };
                if let Some((_, seen)) = self.seen.requests.get_mut(nth) {
                    seen.spent = transaction.state == TransactionState::Spent && transaction.transaction_hash == own;
                }
            }
        }
        Ok(())
    }

    fn read_outputs(&mut self, from: u64, reply: &Reply) -> Result<(), CallError> {
        let page = OutputsPage::read(reply)?;
        for what in &page.unreadable {
            tracing::warn!(what, "an output of a vault could not be read and was left out");
        }
        self.pages = self.pages.saturating_add(u32::from(self.course.is_new(from)));
        if let Some(next) = self.course.next(from, page.next_offset) {
            if self.pages < PAGES_MAX {
                self.asks.push_front(Ask::Outputs(next));
            } else {
                self.seen.partial = true;
            }
        }
        // The offset is inclusive: the last of one page may be the first of the next.
        let ours = |o: &VaultOutput| o.receivers_hash == self.vault && o.receivers_threshold == Vault::THRESHOLD;
        for output in page.outputs.into_iter().filter(ours) {
            if !self.seen.outputs.iter().any(|seen| seen.output_id == output.output_id) {
                self.seen.outputs.push(seen(output));
            }
        }
        Ok(())
    }
}

pub(super) fn lock(output: &VaultOutput) -> Lock {
    match output.state {
        OutputState::Unspent => Lock::Unspent,
        // A word we do not know is at least not free.
        OutputState::Signed | OutputState::Unknown => Lock::Signed(output.signed_by),
        OutputState::Spent => Lock::Spent(output.signed_by),
    }
}

fn seen(output: VaultOutput) -> Seen {
    Seen {
        lock: lock(&output),
        output_id: output.output_id,
        hash: output.transaction_hash,
        index: output.output_index,
        asset: output.asset_id,
        amount: output.amount,
        keys: output.keys,
        mask: output.mask,
        senders: output.senders,
        extra: output.extra,
        request_id: output.request_id,
        inscription: output.inscription,
        sequence: output.sequence,
    }
}
