//! The thread that owns the truth: the door and the only writing connection.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;

use super::wire::Wire;
use super::{Order, RunError, Told};
use crate::engine::door::Door;
use crate::engine::input::{Input, Line};
use crate::store::{OperatorAnswer, StoreError};
use crate::time::{Millis, machine_now};

/// Inputs of one commit.
const BATCH_MAX: usize = 500;
/// Jobs in flight.
const TASKS_MAX: u32 = 64;
/// A clock that moved less is not worth a commit.
const OFFSET_STEP: i64 = 2_000;
/// The longest wait of the truth: so soon it sees what the operator asks for beside it.
const WAIT_MAX: i64 = 1_000;
/// How often the log names what a restore's halt waits for, and how many vaults it names.
const UNREAD_EVERY: Millis = Millis::from_secs(60);
const UNREAD_NAMED: usize = 10;
/// The least wait after a turn in which nothing could be done, in milliseconds.
const IDLE_WAIT: i64 = 50;

pub(super) struct Truth {
    pub(super) door: Door,
    pub(super) inbox: mpsc::Receiver<Told>,
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) running: u32,
    pub(super) told_offset: i64,
    /// Machine time at which the log last named what a restore's halt waits for.
    pub(super) told_unread: Millis,
    /// The last turn found nothing to do.
    pub(super) idle: bool,
    pub(super) wire: Wire,
}

impl Truth {
    pub(super) async fn serve(mut self) {
        loop {
            let Some(batch) = self.gather().await else { return };
            if let Err(error) = self.turn(batch).await {
                tracing::error!(%error, "the truth cannot be written");
                let _ = self.orders.send(Order::Stop(RunError::Store(error))).await;
                return;
            }
        }
    }

    /// Waits until something came in or something is due.
    async fn gather(&mut self) -> Option<Vec<Told>> {
        let due = self.door.next_due(machine_now()).ok().flatten().filter(|_| self.running < TASKS_MAX);
        // What is due and could not be leased just now waits for somebody's answer, not for the processor.
        let least = if self.idle { IDLE_WAIT } else { 0 };
        let wait = due.map_or(WAIT_MAX, |due| due.since(machine_now()).0.clamp(least, WAIT_MAX));
        let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
        let mut batch = Vec::new();
        // With nothing to wait for, what is there already still comes first.
        match tokio::time::timeout(wait, self.inbox.recv_many(&mut batch, BATCH_MAX)).await {
            Ok(0) => None,
            Ok(_) | Err(_) => Some(batch),
        }
    }

    async fn turn(&mut self, batch: Vec<Told>) -> Result<(), StoreError> {
        let now = machine_now();
        let mut inputs = Vec::with_capacity(batch.len());
        for told in batch {
            inputs.push(match told {
                Told::Input(input) => *input,
                Told::Over(input, rows) => {
                    self.running = self.running.saturating_sub(rows);
                    *input
                }
            });
        }
        let offset = self.wire.offset.load(Ordering::Relaxed);
        if (offset - self.told_offset).abs() > OFFSET_STEP {
            self.told_offset = offset;
            // First: everything else that came in is dated by it.
            inputs.insert(0, Input::Line(Line::Offset(Millis(offset))));
        }
        inputs.extend(self.door.wakes(now)?);
        // Before anything is leased below: a halt that is committed stops what has not begun.
        inputs.extend(self.door.asked()?);
        self.idle = inputs.is_empty();
        if !inputs.is_empty() {
            let applied = self.door.apply(inputs, now)?;
            for (row, answer) in &applied.answered {
                log_answer(*row, answer);
            }
            if let Some(why) = applied.unauthorized {
                let _ = self.orders.send(Order::Stop(RunError::Unauthorized(why))).await;
            }
            if !applied.acknowledge.is_empty() {
                let _ = self.orders.send(Order::Acknowledge(applied.acknowledge)).await;
            }
        }
        self.log_unread(now);
        for task in self.door.lease(machine_now(), TASKS_MAX.saturating_sub(self.running))? {
            self.idle = false;
            self.running = self.running.saturating_add(u32::try_from(task.jobs.len()).unwrap_or(u32::MAX));
            let _ = self.orders.send(Order::Run(Box::new(task))).await;
        }
        Ok(())
    }
    /// A halt that lifts itself must say what it waits for, or nobody knows whether it ever will.
    fn log_unread(&mut self, now: Millis) {
        if now.since(self.told_unread).0 < UNREAD_EVERY.0 {
            return;
        }
        self.told_unread = now;
        let unread = self.door.unread();
        for (vault, trades) in unread.iter().take(UNREAD_NAMED) {
            tracing::warn!(%vault, trades, "not read yet since the restore; signing stays halted");
        }
        if !unread.is_empty() {
            tracing::warn!(
                vaults = unread.len(),
                "not read yet in all; `resume signing --unread` goes on without them"
            );
        }
    }
}

/// Whoever asked may be gone, above all when the row waited for a start.
fn log_answer(row: i64, answer: &OperatorAnswer) {
    if answer.ok {
        tracing::info!(row, line = answer.line, "what the operator asked for was applied");
    } else {
        tracing::warn!(row, line = answer.line, "what the operator asked for was refused");
    }
}
