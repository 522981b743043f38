//! The sockets. One thread owns the truth (the door and the only writing connection); one tokio loop carries
//! frames, requests and answers to and from it. Nothing is decided here.

mod line;
mod truth;
mod wire;

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::door::Door;
use super::input::Input;
use super::jobs::Task;
use crate::id::MessageId;
use crate::mixin::{Base, Signer};
use crate::store::StoreError;
use crate::time::machine_now;
use line::converse;
use truth::Truth;
use wire::{Mouth, Wire, start_acks};

pub use wire::{ask_once, call_once};

/// Inputs waiting for the door; beyond this the sockets wait.
const QUEUE_MAX: usize = 4_096;
/// Of any HTTP call (dossier, base URLs: the SDKs wait as long).
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Where Mixin is.
#[derive(Clone, Debug)]
pub struct Network {
    pub api: Base,
    pub blaze: Base,
    /// Where MixPay is, when it is offered.
    pub mixpay: Option<Base>,
}

/// Why the program stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Mixin does not accept our token: a loop would not help.
    #[error("Mixin does not accept our session: {0}; download a new keystore from the dashboard, then start again")]
    Unauthorized(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("the thread that owns the truth ended")]
    Ended,
}

/// Runs the bot until `stop` says so or it cannot go on. What was committed goes on at the next start; what was
/// not is delivered again by Mixin. `hints` are what others say over HTTP ([`Input::Hint`]); none may be lost that
/// matters.
///
/// # Errors
/// See [`RunError`].
pub async fn run(
    door: Door,
    signer: Signer,
    network: Network,
    mut hints: mpsc::Receiver<Input>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), RunError> {
    let (wire, posts) = Wire::new(signer, network, door.clock().offset)?;
    let (inputs, inbox) = mpsc::channel(QUEUE_MAX);
    let (orders, mut outbox) = mpsc::channel(QUEUE_MAX);
    let truth = Truth {
        door,
        inbox,
        orders,
        running: 0,
        idle: false,
        told_unread: machine_now(),
        told_offset: wire.offset.load(Ordering::Relaxed),
        wire: wire.clone(),
    };
    let handle = tokio::runtime::Handle::current();
    let thread = std::thread::Builder::new()
        .name("truth".into())
        .spawn(move || handle.block_on(truth.serve()))
        .map_err(|_| RunError::Ended)?;
    let blaze = tokio::spawn(converse(wire.clone(), inputs.clone(), posts, stop.clone()));
    let mouth = Mouth::start(&wire, &inputs);
    let told = inputs.clone();
    let hears = tokio::spawn(async move {
        while let Some(hint) = hints.recv().await {
            if told.send(Told::Input(Box::new(hint))).await.is_err() {
                return;
            }
        }
    });
    let acks = start_acks(&wire);
    let ended = loop {
        tokio::select! {
            order = outbox.recv() => match order {
                Some(Order::Run(task)) => mouth.take(*task, &wire, &inputs).await,
                Some(Order::Acknowledge(ids)) => { let _ = acks.send(ids).await; }
                Some(Order::Stop(error)) => break Err(error),
                None => break Err(RunError::Ended),
            },
            () = stopped(&mut stop) => break Ok(()),
        }
    };
    blaze.abort();
    hears.abort();
    // Dropping the channels ends the thread after the batch it is at.
    drop((inputs, outbox, mouth, acks));
    let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    ended
}

/// Ends when the program is told to stop, or when nobody is left to tell it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What the truth wants done.
enum Order {
    Run(Box<Task>),
    Acknowledge(Vec<MessageId>),
    Stop(RunError),
}

/// What is told to the truth.
enum Told {
    Input(Box<Input>),
    /// A task is over: its rows and how it ended.
    Over(Box<Input>, u32),
}
