//! The bot without sockets: what `engine::run` keeps in channels and tasks lies here in lists, so that it can be
//! dropped between any two steps.

use std::collections::VecDeque;

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use uuid::Uuid;

use crate::engine::input::Line;
use crate::engine::jobs::{Last, Work};
use crate::engine::{Door, Input, Step, Task};
use crate::id::MessageId;
use crate::mixin::blaze::{self, Blaze};
use crate::mixin::call::{self, Signer, sign_again};
use crate::mixin::messenger::{Attachment, OutMessage};
use crate::mixin::{Base, Call, CallError, Reply, messenger};
use crate::mixpay;
use crate::sandbox::{ConnId, Frame, World};
use crate::store::{Operator, StoreError};
use crate::time::Millis;
use crate::web;

use super::faults::{below, happens};
use super::moves::{Luck, Move};

/// Jobs in flight.
const TASKS_MAX: u32 = 64;
/// How often "still connected" is committed.
const ALIVE_EVERY: Millis = Millis::from_secs(30);
/// The longest an answer takes, in milliseconds: one that takes longer is given up by the real caller.
const SLOW_MAX: u32 = 10_000;
/// A clock that moved less is not worth a commit.
const OFFSET_STEP: i64 = 2_000;

/// A leased task and what it does next.
struct Flight {
    task: Task,
    at: At,
    /// When the answer it waits for arrives.
    from: Millis,
}

enum At {
    /// `Task::next`, with what came of the last call.
    Think(Last),
    /// The call goes out.
    Send(Call),
    /// The question to MixPay goes out.
    Ask(mixpay::Call),
    /// The file goes out.
    Put(http::Request<Bytes>),
    /// The live connection says it.
    Post(Box<OutMessage>),
    /// It was said; the answer comes as a frame.
    Said(MessageId),
}

/// What a pong proved of the backlog: known in memory only.
const fn is_pong(heard: &Input) -> bool {
    matches!(heard, Input::Line(Line::Drained(_)))
}

/// One life of the bot, from its start to the end of the process. Everything here but the door's store dies with
/// it.
pub(super) struct Bot {
    pub(super) door: Door,
    signer: Signer,
    base: Base,
    blaze: Blaze,
    line: Option<ConnId>,
    /// Blaze may have something to say.
    talks: bool,
    alive_at: Millis,
    /// Frames on their way to us.
    wire: VecDeque<Frame>,
    /// What people said and what the connection does, in the order heard; the door has not taken it yet.
    heard: VecDeque<Input>,
    /// Answers and hints the door has not taken yet: they overtake each other and what was heard.
    answers: Vec<Input>,
    flights: Vec<Flight>,
    acks: VecDeque<MessageId>,
    /// What came of the operator's inputs.
    pub(super) answered: Vec<(i64, String)>,
    rng: ChaCha8Rng,
    /// How often an answer takes long, in thousandths.
    pub(super) slow: u32,
    /// Server minus machine as last measured, and as the door knows it.
    offset: Millis,
    told_offset: Millis,
}

impl Bot {
    pub(super) fn start(door: Door, signer: Signer, base: Base, seed: u64) -> Self {
        let offset = door.clock().offset;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let blaze = Blaze::new(signer.app_id(), ChaCha8Rng::from_rng(&mut rng));
        Self {
            door,
            signer,
            base,
            blaze,
            line: None,
            talks: false,
            alive_at: Millis(0),
            wire: VecDeque::new(),
            heard: VecDeque::new(),
            answers: Vec::new(),
            flights: Vec::new(),
            acks: VecDeque::new(),
            answered: Vec::new(),
            rng,
            slow: 0,
            offset,
            told_offset: offset,
        }
    }

    /// The connection the server would see end.
    pub(super) const fn line(&self) -> Option<ConnId> {
        self.line
    }

    /// The operator asks for something.
    pub(super) fn operate(&mut self, seq: i64, input: Operator) {
        self.heard.push_back(Input::Operator { seq, input });
    }

    /// What could be done now.
    pub(super) fn moves(&mut self, world: &mut World, now: Millis) -> Result<Vec<Move>, StoreError> {
        if let Some(line) = self.line {
            self.wire.extend(world.blaze_out(line, now));
        }
        let mut moves = Vec::new();
        let mut can = |possible: bool, what: Move| moves.extend(possible.then_some(what));
        can(self.line.is_none() && self.blaze.wants_connect(now), Move::Connect);
        let asked = self.blaze.next_deadline().is_some_and(|at| at <= now);
        can(self.line.is_some() && (self.talks || asked), Move::Talk);
        can(!self.wire.is_empty(), Move::Hear);
        let due = self.door.next_due(now)?.is_some_and(|at| at <= now);
        let woken = due && !self.door.wakes(now)?.is_empty();
        let asked = !self.door.asked()?.is_empty();
        // A pong alone leaves nothing behind that a crash could spoil: it waits for company.
        let told = self.heard.iter().any(|heard| !is_pong(heard)) || !self.answers.is_empty();
        can(told || woken || asked, Move::Commit);
        can(due && !woken && self.running() < TASKS_MAX, Move::Lease);
        // Messages leave one batch after the other; all other work runs side by side.
        let mouth = self.flights.iter().position(|flight| matches!(flight.task.work, Work::Say(_)));
        for (nth, flight) in self.flights.iter().enumerate() {
            if matches!(flight.task.work, Work::Say(_)) && mouth != Some(nth) {
                continue;
            }
            if matches!(flight.at, At::Said(_)) {
                continue;
            }
            let thinks = matches!(flight.at, At::Think(_));
            if !thinks || flight.from <= now {
                moves.push(if thinks { Move::Think(nth) } else { Move::Send(nth) });
            }
        }
        moves.extend((!self.acks.is_empty()).then_some(Move::Acknowledge));
        Ok(moves)
    }

    /// When there is something to do by itself.
    pub(super) fn next_deadline(&self, now: Millis) -> Result<Option<Millis>, StoreError> {
        let due = self.door.next_due(now)?.filter(|_| self.running() < TASKS_MAX);
        let answers = self.flights.iter().map(|flight| flight.from).filter(|from| *from > now);
        Ok(due.into_iter().chain(self.blaze.next_deadline()).chain(answers).min())
    }

    fn running(&self) -> u32 {
        u32::try_from(self.flights.iter().map(|flight| flight.task.jobs.len()).sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// The path of the request this move would send.
    pub(super) fn path(&self, what: Move) -> &str {
        match what {
            Move::Send(nth) => match self.flights.get(nth).map(|flight| &flight.at) {
                Some(At::Send(call)) => &call.path_and_query,
                Some(At::Ask(call)) => &call.path_and_query,
                Some(At::Put(request)) => request.uri().path(),
                Some(At::Post(_)) => "blaze",
                Some(At::Think(_) | At::Said(_)) | None => "",
            },
            Move::Acknowledge => "/acknowledgements",
            _ => "",
        }
    }

    pub(super) fn make(&mut self, what: Move, world: &mut World, now: Millis, luck: Luck) -> Result<(), StoreError> {
        match what {
            Move::Connect => self.connect(world, now),
            Move::Talk => self.talk(world, now),
            Move::Hear => self.hear(world, now),
            Move::Commit => return self.commit(now),
            Move::Lease => {
                let leased = self.door.lease(now, TASKS_MAX.saturating_sub(self.running()))?;
                self.flights.extend(leased.into_iter().map(|task| Flight { task, at: At::Think(None), from: now }));
            }
            Move::Think(nth) => self.think(nth, now),
            Move::Send(nth) => {
                let answer = match self.flights.get(nth).map(|flight| &flight.at) {
                    Some(At::Ask(wanted)) => self.ask(wanted, world, now, luck),
                    Some(At::Send(wanted)) => self.call(&wanted.clone(), world, now, luck),
                    Some(At::Put(request)) => put(request.clone(), world, now, luck),
                    Some(At::Post(_)) => {
                        self.post(nth, now, luck);
                        return Ok(());
                    }
                    Some(At::Think(_) | At::Said(_)) | None => return Ok(()),
                };
                let slow = happens(&mut self.rng, self.slow);
                let late = if slow { below(&mut self.rng, SLOW_MAX) } else { 0 };
                if let Some(flight) = self.flights.get_mut(nth) {
                    flight.at = At::Think(Some(answer));
                    flight.from = now.plus(Millis(i64::from(late)));
                }
            }
            Move::Acknowledge => {
                let ids: Vec<MessageId> =
                    self.acks.drain(..self.acks.len().min(messenger::ACKNOWLEDGEMENTS_MAX)).collect();
                // One that gets lost is harmless: the message comes again and is acknowledged again.
                let _ = self.call(&messenger::acknowledge(&ids), world, now, luck);
            }
        }
        Ok(())
    }

    // ---- the door

    fn commit(&mut self, now: Millis) -> Result<(), StoreError> {
        let waiting = self.waiting();
        let some = below(&mut self.rng, waiting).saturating_add(1);
        let mut batch: Vec<Input> = (0..some).map_while(|_| self.draw()).collect();
        if self.offset.since(self.told_offset).0.abs() > OFFSET_STEP {
            self.told_offset = self.offset;
            batch.push(Input::Line(Line::Offset(self.offset)));
        }
        batch.extend(self.door.wakes(now)?);
        batch.extend(self.door.asked()?);
        let applied = self.door.apply(batch, now)?;
        self.acks.extend(applied.acknowledge);
        self.answered.extend(applied.answered.into_iter().map(|(seq, answer)| (seq, answer.line)));
        Ok(())
    }

    /// Inputs the door has not taken yet.
    fn waiting(&self) -> u32 {
        u32::try_from(self.heard.len().saturating_add(self.answers.len())).unwrap_or(u32::MAX)
    }

    /// Any answer, or what was heard first.
    fn draw(&mut self) -> Option<Input> {
        let waiting = self.waiting();
        let nth = usize::try_from(below(&mut self.rng, waiting)).unwrap_or(usize::MAX);
        if nth < self.answers.len() { Some(self.answers.swap_remove(nth)) } else { self.heard.pop_front() }
    }

    /// Somebody posts to the bot's callback. What cannot be read is dropped, as the listener does.
    pub(super) fn called_back(&mut self, body: &[u8]) {
        self.answers.extend(web::order_of(body).map(|order| Input::Hint { order }));
    }

    fn think(&mut self, nth: usize, now: Millis) {
        let Some(flight) = self.flights.get_mut(nth) else { return };
        let last = match std::mem::replace(&mut flight.at, At::Think(None)) {
            At::Think(last) => last,
            At::Send(_) | At::Ask(_) | At::Put(_) | At::Post(_) | At::Said(_) => return,
        };
        match flight.task.next(last, now) {
            Step::Send(call) => flight.at = At::Send(call),
            Step::Ask(call) => flight.at = At::Ask(call),
            Step::Put(request) => flight.at = At::Put(request),
            Step::Post(message) => flight.at = At::Post(message),
            Step::Done(answer) => {
                let rows = self.flights.remove(nth).task.jobs;
                self.answers.extend(rows.into_iter().map(|job| Input::Answered { job, answer: answer.clone() }));
            }
        }
    }

    // ---- requests

    /// One call, by the rules of the real one: a 401 that our clock explains is signed once more.
    fn call(&mut self, wanted: &Call, world: &mut World, now: Millis, luck: Luck) -> Result<Reply, CallError> {
        let mut again = false;
        loop {
            let signed_at = now.plus(self.offset);
            let answer = self.once(wanted, signed_at, world, now, luck);
            match &answer {
                Ok(Reply { server_time: Some(server), .. }) => self.offset = server.since(now),
                Err(CallError::Unauthorized { server_time, .. }) => {
                    if let Some(skew) = sign_again(signed_at, *server_time, again) {
                        self.offset = self.offset.plus(skew);
                        again = true;
                        continue;
                    }
                }
                _ => {}
            }
            return answer;
        }
    }

    fn once(
        &mut self,
        wanted: &Call,
        signed_at: Millis,
        world: &mut World,
        now: Millis,
        luck: Luck,
    ) -> Result<Reply, CallError> {
        let unanswered = |what: &str| Err(CallError::Unanswered { what: what.into() });
        if luck == Luck::LostBefore {
            return unanswered("the request was lost");
        }
        let id = self.uuid();
        let Ok(request) = self.signer.sign(wanted, &self.base, signed_at, id) else { return unanswered("not signed") };
        let response = world.handle(request, now);
        if luck == Luck::LostAfter {
            return unanswered("the answer was lost");
        }
        call::read(id, response)
    }

    /// One question to MixPay.
    fn ask(&self, wanted: &mixpay::Call, world: &mut World, now: Millis, luck: Luck) -> Result<Reply, CallError> {
        let unanswered = |what: &str| Err(CallError::Unanswered { what: what.into() });
        if luck == Luck::LostBefore {
            return unanswered("the request was lost");
        }
        let Ok(request) = mixpay::request(wanted, &self.base) else { return unanswered("no request") };
        let response = world.handle(request, now);
        if luck == Luck::LostAfter {
            return unanswered("the answer was lost");
        }
        mixpay::read(response)
    }

    fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    // ---- Blaze

    fn connect(&mut self, world: &mut World, now: Millis) {
        let Ok(request) = self.blaze.connect_request(now, now.plus(self.offset), &self.signer, &self.base) else {
            return;
        };
        match world.blaze_open(&request, now) {
            Ok(line) => {
                self.blaze.on_open(now);
                self.line = Some(line);
                self.alive_at = now;
                self.talks = true;
            }
            Err(answer) => {
                if let blaze::Refusal::Clock(skew) = self.blaze.on_refused(now, &answer) {
                    self.offset = self.offset.plus(skew);
                }
                self.blaze.on_closed(now);
            }
        }
    }

    fn talk(&mut self, world: &mut World, now: Millis) {
        self.talks = false;
        let Some(line) = self.line else { return };
        for frame in self.blaze.poll_out(now) {
            let frame = match frame {
                blaze::Frame::Binary(bytes) => Frame::Binary(bytes),
                blaze::Frame::Ping(bytes) => Frame::Ping(bytes),
                blaze::Frame::Pong(bytes) => Frame::Pong(bytes),
                blaze::Frame::Close | blaze::Frame::Text => return self.hang_up(world, now),
            };
            world.blaze_frame(line, frame, now);
        }
        if now.since(self.alive_at) >= ALIVE_EVERY {
            self.alive_at = now;
            self.heard.push_back(Input::Line(Line::Alive));
        }
    }

    fn hear(&mut self, world: &mut World, now: Millis) {
        let Some(frame) = self.wire.pop_front() else { return };
        let frame = match frame {
            Frame::Binary(bytes) => blaze::Frame::Binary(bytes),
            Frame::Text(_) => blaze::Frame::Text,
            Frame::Ping(bytes) => blaze::Frame::Ping(bytes),
            Frame::Pong(bytes) => blaze::Frame::Pong(bytes),
            Frame::Close | Frame::Reset => return self.hang_up(world, now),
        };
        self.talks = true;
        let heard = self.blaze.on_frame(now, &frame);
        let heard: Vec<Input> =
            heard.into_iter().filter_map(|event| self.posted(event, now)).filter_map(Input::heard).collect();
        self.heard.extend(heard);
        let drained = self.blaze.drained().filter(|_| matches!(frame, blaze::Frame::Pong(_)));
        if let Some(drained) = drained {
            // The newest says all that the one before it said.
            let _ = self.heard.pop_back_if(|last| is_pong(last));
            self.heard.push_back(Input::Line(Line::Drained(drained)));
        }
    }

    /// Says something to a whole group.
    fn post(&mut self, nth: usize, now: Millis, luck: Luck) {
        let Some(flight) = self.flights.get_mut(nth) else { return };
        let At::Post(message) = &flight.at else { return };
        let id = message.message_id;
        let said = luck != Luck::LostBefore && self.blaze.post(now, message);
        self.talks |= said;
        flight.from = now;
        let unanswered = CallError::Unanswered { what: "it was not said, or nobody heard the answer".into() };
        flight.at = if said && luck == Luck::Good { At::Said(id) } else { At::Think(Some(Err(unanswered))) };
    }

    /// What came of something that was said to a group; gives back any other event.
    fn posted(&mut self, event: blaze::Event, now: Millis) -> Option<blaze::Event> {
        let blaze::Event::Posted { message_id, result } = event else { return Some(event) };
        let waits = |flight: &&mut Flight| matches!(flight.at, At::Said(id) if id == message_id);
        if let Some(flight) = self.flights.iter_mut().find(waits) {
            flight.at = At::Think(Some(result.map(|()| Reply { data: serde_json::Value::Null, server_time: None })));
            flight.from = now;
        }
        None
    }

    /// One of the frames on their way arrives before all others. Never the one that ends the connection.
    pub(super) fn reorder(&mut self) {
        let frames = self.wire.iter().take_while(|frame| !matches!(frame, Frame::Close | Frame::Reset)).count();
        let nth = below(&mut self.rng, u32::try_from(frames).unwrap_or(0));
        if let Some(frame) = usize::try_from(nth).ok().filter(|nth| *nth > 0).and_then(|nth| self.wire.remove(nth)) {
            self.wire.push_front(frame);
        }
    }

    /// The connection is over, whoever ended it; what was on its way is lost.
    pub(super) fn hang_up(&mut self, world: &mut World, now: Millis) {
        if let Some(line) = self.line.take() {
            world.blaze_frame(line, Frame::Close, now);
        }
        self.wire.clear();
        for event in self.blaze.on_closed(now) {
            self.posted(event, now);
        }
        self.heard.push_back(Input::Line(Line::Down));
    }
}

/// Stores a file, unsigned.
fn put(request: http::Request<Bytes>, world: &mut World, now: Millis, luck: Luck) -> Result<Reply, CallError> {
    let unanswered = |what: &str| Err(CallError::Unanswered { what: what.into() });
    if luck == Luck::LostBefore {
        return unanswered("the file was lost");
    }
    let response = world.handle(request, now);
    if luck == Luck::LostAfter {
        return unanswered("the answer was lost");
    }
    Attachment::stored(response.status())
}
