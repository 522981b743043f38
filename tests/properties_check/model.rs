//! The states that small worlds can reach, breadth first and then by chance: what must hold in each.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use crate::scene::{BUYER, JUDGE, SELLER, STRANGER, units};
use crate::time::Millis;
use crate::trade::case::CaseCommand;
use crate::trade::command::{Command, Refusal};
use crate::trade::ledger::Ledger;
use crate::trade::{Kind, Oddity, Problem, Ruling, State, Trade};
use crate::ways;
use crate::world::{Move, Paid, World};

/// How many moves a life by chance is long.
const MOVES: u32 = 24;
/// Of so many states one is asked for its ways out, also against a bad member, and all that the worlds begin with: an answer
/// plays whole lives.
const ASKED: u64 = 24;

/// Where the exploring begins: money and people in every place the law knows.
pub(crate) fn beginnings(fee: bool) -> Vec<World> {
    let tell = |command| Move::Tell(command);
    let dispute = |by| tell(Command::Dispute { by, why: Problem::Other });
    let rule = |ruling| tell(Command::Rule { ruling });
    let case = |command| tell(Command::Case(command));
    let given = |ruling| CaseCommand::Rule { by: JUDGE, ruling, why: "so".into() };
    let split = Ruling::Split { seller: units(5), of: units(10) };
    let empty = || World::new(fee);
    let funded = || empty().after(&[Move::Pay(Paid::All), Move::Look, Move::Work]);
    let pieces = || empty().after(&[Move::Pay(Paid::Piece), Move::Pay(Paid::Piece), Move::Look, Move::Work]);
    let delivered = || funded().after(&[tell(Command::Deliver { by: SELLER })]);
    let disputed = || funded().after(&[dispute(BUYER)]);
    let elapsed = |world: World| {
        let world = world.after(&[Move::Time]);
        let until = world.passed().unwrap();
        world.after(&[tell(Command::Elapsed { until })])
    };
    let offered = |by| funded().after(&[tell(Command::OfferSplit { by, seller: units(5) }), Move::Work]);
    let settling = || funded().after(&[Move::Sign(0, BUYER), Move::Look]);
    vec![
        empty(),
        empty().after(&[Move::Pay(Paid::Nearly), Move::Look]),
        empty().after(&[Move::Pay(Paid::Nameless(STRANGER))]),
        funded(),
        pieces(),
        delivered(),
        elapsed(funded()),
        elapsed(delivered()),
        offered(BUYER),
        offered(SELLER),
        disputed(),
        disputed().after(&[case(CaseCommand::Take { by: JUDGE })]),
        disputed().after(&[case(CaseCommand::Take { by: JUDGE }), case(given(Ruling::Release))]),
        disputed().after(&[rule(Ruling::Release)]),
        disputed().after(&[rule(Ruling::Refund)]),
        disputed().after(&[rule(split), Move::Work]),
        pieces().after(&[dispute(SELLER), rule(Ruling::Split { seller: units(5), of: pieces().scene.trade.price() })]),
        settling(),
        settling().after(&[tell(Command::Unopenable { plan: 0 })]),
    ]
}

/// The states seen, and the worlds that stand in them.
struct Seen {
    known: HashSet<[u8; 16]>,
    transitions: usize,
    names: BTreeMap<&'static str, usize>,
    asked: usize,
}

/// A state is remembered by its hash.
fn key(world: &World) -> [u8; 16] {
    let mut key = [0; 16];
    key.copy_from_slice(&blake3::hash(world.canon().as_bytes()).as_bytes()[..16]);
    key
}

impl Seen {
    /// Whether the state is new; if so, everything that must hold in it is looked at.
    fn look(&mut self, world: &World, ask: bool) -> bool {
        let key = key(world);
        if !self.known.insert(key) {
            return false;
        }
        *self.names.entry(world.scene.state().name()).or_default() += 1;
        holds(world);
        if ask || u64::from_le_bytes(key[..8].try_into().unwrap()).is_multiple_of(ASKED) {
            self.asked += 1;
            ways::there_is_a_way_out(world, usize::from(key[8]));
        }
        true
    }
}

impl Seen {
    /// What becomes of a world by a move; `None`: the law refuses it.
    fn after(&mut self, world: &World, step: &Move) -> Option<World> {
        let mut next = world.clone();
        if let Err(refusal) = next.play(step) {
            assert_eq!(world.scene.trade, next.scene.trade, "{step:?} was refused: {refusal}");
            return None;
        }
        self.transitions += 1;
        moved(world, &next, step);
        Some(next)
    }

    /// Breadth first, `whole` moves deep. The worlds begin in every place of the law, so that few moves lead into each
    /// of its corners.
    fn near(&mut self, beginnings: &[World], whole: usize) {
        let mut queue: VecDeque<(usize, World)> = VecDeque::new();
        for world in beginnings {
            self.look(world, true);
            queue.push_back((0, world.clone()));
        }
        while let Some((depth, world)) = queue.pop_front() {
            for step in world.moves() {
                let Some(next) = self.after(&world, &step) else { continue };
                if self.look(&next, false) && depth + 1 < whole {
                    queue.push_back((depth + 1, next));
                }
            }
        }
    }

    /// Far from where it began, by chance, the same in every run.
    fn far(&mut self, beginnings: &[World], lives: u32) {
        for (life, begun) in (0..lives).zip(beginnings.iter().cycle()) {
            let mut world = begun.clone();
            for nth in 0..MOVES {
                let chance = blake3::hash(&[life.to_be_bytes(), nth.to_be_bytes()].concat());
                let chance = u64::from_le_bytes(chance.as_bytes()[..8].try_into().unwrap());
                let moves = world.moves();
                // The bot does not sleep.
                let step = match nth % 4 {
                    1 => Move::Work,
                    3 => Move::Look,
                    _ => moves[usize::try_from(chance % u64::try_from(moves.len()).unwrap()).unwrap()].clone(),
                };
                if let Some(next) = self.after(&world, &step) {
                    self.look(&next, false);
                    world = next;
                }
            }
        }
    }
}

fn explore(fee: bool, whole: usize, lives: u32) {
    let mut seen = Seen { known: HashSet::new(), transitions: 0, names: BTreeMap::new(), asked: 0 };
    let beginnings = beginnings(fee);
    seen.near(&beginnings, whole);
    let near = seen.known.len();
    seen.far(&beginnings, lives);
    println!(
        "fee {fee}: all {near} states within {whole} moves of {} beginnings, {} by chance, {} transitions; ways out of {}: {:?}",
        beginnings.len(),
        seen.known.len() - near,
        seen.transitions,
        seen.asked,
        seen.names,
    );
    for name in ["AwaitingPayment", "Funded", "Delivered", "Disputed", "Settling", "Settled", "Cancelled", "Expired"] {
        assert!(seen.names.contains_key(name), "{name} was never seen");
    }
}

#[test]
fn every_state_near_every_place_of_the_law_is_sound_with_a_fee() {
    explore(true, 2, 600);
}

#[test]
fn every_state_near_every_place_of_the_law_is_sound_without_a_fee() {
    explore(false, 1, 200);
}

/// What no move may change.
fn moved(before: &World, after: &World, step: &Move) {
    let (old, new) = (&before.scene.trade, &after.scene.trade);
    if old.state.is_end() {
        assert_eq!(old.state, new.state, "an end is an end: {step:?}\n{}", before.canon());
    }
    for (plan, later) in old.plans.iter().zip(&new.plans) {
        assert_eq!((&plan.inputs, &plan.payouts, &plan.givers), (&later.inputs, &later.payouts, &later.givers));
        assert!(plan.authorised.is_none() || plan.authorised == later.authorised, "{step:?}\n{}", before.canon());
    }
    if new.ruling() != old.ruling() {
        let rules = matches!(step, Move::Tell(Command::Rule { .. } | Command::Case(_) | Command::Elapsed { .. }));
        assert!(old.ruling().is_none() && rules, "a ruling is final");
    }
    if old.frozen.is_some() {
        let authorised =
            |trade: &Trade| trade.plans.iter().filter(|plan| plan.authorised.is_some() && plan.lives()).count();
        assert!(authorised(new) <= authorised(old), "frozen: {step:?}\n{}", before.canon());
    }
}

/// What must hold in every state.
fn holds(world: &World) {
    let trade = &world.scene.trade;
    the_books_are_sound(world);
    every_deposit_has_an_owner(world);
    for plan in trade.plans.iter().filter(|plan| plan.authorised.is_some() && plan.lives()) {
        let given = trade.consents(plan).iter().any(|(_, authority)| Some(*authority) == plan.authorised);
        assert!(given, "plan {} has an authority that does not hold\n{}", plan.no, world.canon());
    }
    if let State::Settling { plan } = trade.state {
        let decided = trade.plan(plan).is_some_and(|plan| plan.authorised.is_some() && plan.lives());
        assert!(decided, "settling by nothing\n{}", world.canon());
        let others = trade.plans.iter().filter(|p| p.kind != Kind::Return && p.lives() && p.authorised.is_some());
        assert_eq!(others.count(), 1, "{}", world.canon());
    }
    // What the bot is asked to sign, the checks accept, or refuse for what people and Mixin do.
    for no in world.to_cosign() {
        if let Err(refused) = world.check(no) {
            assert!(!refused.broken, "plan {no}: {refused}\n{}", world.canon());
        }
    }
    if trade.stands() && trade.state.is_open() && trade.ruling().is_some() {
        let taking = trade.plans.iter().filter(|plan| plan.lives() && plan.kind != Kind::Return);
        let by_ruling = taking.flat_map(|plan| trade.consents(plan)).any(|(_, a)| a == crate::trade::Authority::Ruled);
        assert!(by_ruling, "a ruling that nobody can sign\n{}", world.canon());
    }
    for command in [
        Command::Cancel { by: STRANGER },
        Command::Deliver { by: STRANGER },
        Command::Dispute { by: STRANGER, why: Problem::Other },
        Command::OfferSplit { by: STRANGER, seller: units(5) },
    ] {
        assert_eq!(world.scene.clone().tell(&command), Err(Refusal::NotYours));
    }
}

/// The history adds up to the row; inputs equal outputs; one plan at most is authorised over an input.
fn the_books_are_sound(world: &World) {
    let scene = &world.scene;
    let mut ledger = Ledger::default();
    let history: Vec<_> = scene.history.iter().map(|event| (scene.trade.version, event.clone())).collect();
    ledger.trade(&scene.trade, &history);
    for deposit in &scene.trade.deposits {
        ledger.output(deposit.output_id, Some(scene.trade.id));
    }
    assert_eq!(ledger.close(), [], "{}", world.canon());
}

/// An unspent deposit is in a living plan, or counts and waits for more; an inscription is nobody's. (A stranger's dust waits
/// for one of the returns that stand; that takes more payments than this world has.)
fn every_deposit_has_an_owner(world: &World) {
    let trade = &world.scene.trade;
    let planned: BTreeSet<_> =
        trade.plans.iter().filter(|plan| plan.lives()).flat_map(|plan| &plan.inputs).map(|i| i.output_id).collect();
    let waits = matches!(trade.state, State::AwaitingPayment { .. });
    for deposit in trade.deposits.iter().filter(|deposit| !deposit.lock.is_spent()) {
        let counts = waits && deposit.counts();
        let owned = planned.contains(&deposit.output_id) || counts || deposit.oddity == Some(Oddity::Inscription);
        assert!(owned, "nobody's: {:?}\n{}", deposit.amount, world.canon());
    }
}

#[test]
fn a_world_is_the_same_whatever_its_hours_and_hashes() {
    let world = |later: i64| {
        let mut world = World::new(true);
        world.scene.nth = u128::try_from(later).unwrap();
        world.scene.now = Millis(later);
        world.after(&[Move::Pay(Paid::All), Move::Look, Move::Work, Move::Hold, Move::Look])
    };
    assert_eq!(world(0).canon(), world(1_000).canon());
    assert_ne!(world(0).scene.outputs[0].hash, world(1_000).scene.outputs[0].hash);
    assert_ne!(key(&world(0)), key(&world(0).after(&[Move::Time])));
}
