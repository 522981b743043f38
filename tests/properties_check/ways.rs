//! From every open state there is a way out, also with one of the three against the others.

use crate::id::UserId;
use crate::model::beginnings;
use crate::scene::*;
use crate::time::Millis;
use crate::trade::command::Command;
use crate::trade::deposit::Lock;
use crate::trade::{Authority, Kind, Plan, Problem, Right, Ruling, State};
use crate::world::{Move, World};

/// Two looks each: the bot's, after which somebody may act, and the one that reads what they did.
const ROUNDS: usize = 16;

/// What somebody wants of the money that is locked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Aim {
    /// That the other has it.
    Give,
    /// What they can get: by their signature where time or a ruling gives it to them, else whatever is left to them.
    Take,
}

/// What one member does before every look, with all the requests and all the money there are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bad {
    /// Nothing, ever.
    Silent,
    /// Revokes every request.
    Revokes,
    /// Signs a transaction of their own over everything that is free.
    Holds,
    /// Signs what gives nothing: what pays them, before it is theirs.
    SignsEarly,
    /// Offers another split, and signs it.
    Offers,
    /// Pays in dust.
    Dust,
    /// Everything at once.
    All,
}

const BAD: [Bad; 7] = [Bad::Silent, Bad::Revokes, Bad::Holds, Bad::SignsEarly, Bad::Offers, Bad::Dust, Bad::All];

fn other(who: UserId) -> UserId {
    if who == BUYER { SELLER } else { BUYER }
}

impl Bad {
    fn act(self, world: &mut World, who: UserId) {
        let all = self == Self::All;
        let requests: Vec<u32> = world.scene.living().iter().map(|plan| plan.no).collect();
        if all || self == Self::Revokes {
            for no in &requests {
                let hash =
                    world.scene.trade.plan(*no).and_then(|plan| plan.payload.as_ref()).map(|payload| payload.hash);
                if let Some(hash) = hash {
                    world.revoke(hash);
                }
            }
        }
        if all || self == Self::Offers {
            let _ = world.tell(&Command::OfferSplit { by: who, seller: units(5) });
        }
        if all || self == Self::Offers || self == Self::SignsEarly {
            for no in requests {
                let plan = world.scene.trade.plan(no).unwrap();
                let gives = world.scene.trade.consents(plan).iter().any(|(person, _)| *person == who);
                let mine = if plan.kind == Kind::Split { self != Self::SignsEarly } else { self != Self::Offers };
                if mine && !gives && plan.authorised.is_none() && world.can_sign(no, who, true) {
                    world.sign(no, who);
                }
            }
        }
        if all || self == Self::Holds {
            world.hold();
        }
        if all || self == Self::Dust {
            for sender in [who, STRANGER] {
                let payment =
                    Payment { units: 1, asset: USDT, senders: vec![sender], inscription: false, by_link: false };
                world.scene.pay(payment);
            }
        }
    }
}

/// A judge, where one is asked, gives the taker what they want.
fn judged(who: UserId) -> Ruling {
    if who == BUYER { Ruling::Refund } else { Ruling::Release }
}

/// The plan a person signs for that aim now, if there is one; else they do what brings it nearer.
fn wanted(world: &mut World, who: UserId, aim: Aim) -> Option<Kind> {
    let (gives, takes) = if who == BUYER { (Kind::Release, Kind::Refund) } else { (Kind::Refund, Kind::Release) };
    if aim == Aim::Give {
        return Some(gives);
    }
    match world.scene.trade.right {
        Some(Right::Ruled(Ruling::Split { .. })) => return Some(Kind::Split),
        Some(Right::Ruled(ruling)) => return Some(if ruling == judged(who) { takes } else { gives }),
        Some(Right::InspectionElapsed) if who == SELLER => return Some(takes),
        Some(Right::DeliveryElapsed) if who == BUYER => return Some(takes),
        _ => {}
    }
    let until = world.scene.deadline();
    let (time, act) = match world.scene.state() {
        State::Disputed { .. } => (None, Command::Rule { ruling: judged(who) }),
        State::Funded { .. } if who == SELLER => (None, Command::Deliver { by: who }),
        State::Delivered { .. } if who == BUYER => (None, Command::Dispute { by: who, why: Problem::NotAsAgreed }),
        _ => (until, Command::Elapsed { until: until.unwrap_or_default() }),
    };
    if let Some(until) = time {
        world.scene.now = world.scene.now.max(until);
    }
    // Too late for it, or done once already: what is left is to give.
    world.tell(&act).is_err().then_some(gives)
}

/// One person does what they can do now.
fn person(world: &mut World, who: UserId, aim: Aim) {
    if world.scene.trade.frozen.is_some() {
        // The operator's answer, and nobody else's.
        world.tell(&Command::Unfreeze { why: "looked at".into() }).unwrap();
    }
    let kind = match world.scene.state() {
        State::AwaitingPayment { .. } => {
            world.tell(&Command::Cancel { by: who }).unwrap();
            return;
        }
        State::Settling { plan } => {
            // It is decided; where the bot cannot be the last by itself, either taps.
            if world.scene.trade.plan(plan).is_some_and(|plan| plan.must_tap) && world.can_sign(plan, who, true) {
                world.sign(plan, who);
            }
            return;
        }
        _ => wanted(world, who, aim),
    };
    let Some(no) = kind.and_then(|kind| world.living(kind)) else { return };
    if world.can_sign(no, who, false) && !world.can_sign(no, who, true) {
        lets_go(world, who);
    }
    if world.can_sign(no, who, true) {
        world.sign(no, who);
    }
}

/// What a person does about a request of ours that holds the money: takes their own signature back; waits for the end of
/// what the other offered and signed; and where Mixin does not show a signature (dossier U-30), revokes it, since the bot
/// cannot tell what it would destroy. Other locks are the bot's to take away.
fn lets_go(world: &mut World, who: UserId) {
    let held = |by| world.scene.outputs.iter().any(|o| o.lock == Lock::Signed(Some(by)));
    let payload = |plan: &Plan| plan.payload.as_ref().map(|payload| payload.hash).filter(|by| held(*by));
    let holds = world.plans().iter().find_map(|plan| Some((plan.clone(), payload(plan)?)));
    let Some((plan, by)) = holds else { return };
    let mine = world.scene.vault().index_of(who).is_some_and(|index| world.signers(plan.no) == [index]);
    let hidden = world.scene.requests.get(&plan.no).is_some_and(|found| !found.signers.is_empty());
    if mine || hidden {
        world.revoke(by);
    } else if let Some(offer) = plan.offer.filter(|_| plan.lives()) {
        world.scene.now = world.scene.now.max(offer.until);
        world.tell(&Command::Wake).unwrap();
    }
}

/// Whether one person and the bot bring it to an end, against whatever the other does; in how many rounds. Mixin refuses a
/// signature while another transaction holds an input, and nobody but the bot takes such locks away.
fn settles(world: &World, who: UserId, aim: Aim, bad: Bad) -> Result<usize, String> {
    let mut world = world.clone();
    for round in 1..=ROUNDS {
        bad.act(&mut world, other(who));
        world.look();
        world.work();
        person(&mut world, who, aim);
        world.look();
        for no in world.to_cosign() {
            if let Err(refused) = world.cosign(no) {
                assert!(!refused.broken, "{refused}\n{}", world.canon());
            }
        }
        world.look();
        if world.scene.state().is_end() {
            return Ok(round);
        }
        world.scene.now = world.scene.now.plus(Millis(MINUTE));
    }
    Err(format!("{who} with the bot, {aim:?}, against {bad:?}:\n{}", world.canon()))
}

/// Buyer and seller need nobody: a standing payload, or a transaction of their own.
fn the_two_need_nobody(world: &World) {
    let mut world = world.clone();
    let standing = world.plans().iter().find(|plan| plan.stands() && plan.lives() && plan.payload.is_some());
    let kit = standing.map(|plan| plan.no).filter(|no| {
        let plan = world.scene.trade.plan(*no).unwrap();
        let spent = |o: &&crate::trade::deposit::Seen| o.lock.is_spent();
        !world.scene.outputs.iter().filter(spent).any(|o| plan.inputs.iter().any(|i| i.output_id == o.output_id))
    });
    let expected = if let Some(no) = kit {
        world = world.after(&[Move::Kit(no)]);
        "Settled"
    } else {
        world.scene.outputs.iter_mut().filter(|o| !o.lock.is_spent()).for_each(|o| {
            o.lock = Lock::Spent(Some(crate::id::Hash([5; 32])));
        });
        "SettledElsewhere"
    };
    for _ in 0..2 {
        world.look();
        world.work();
    }
    world.look();
    let found = world.scene.state();
    if world.plans().iter().any(|plan| plan.kind != Kind::Return) {
        assert!(found.is_end(), "{}", world.canon());
        assert!(kit.is_none() || found.name() == expected, "{}", world.canon());
    }
}

/// What is owed back is given back, by the signature of one person whom it is not against.
fn what_is_owed_goes_back(world: &World) {
    let mut world = world.clone();
    for _ in 0..ROUNDS {
        if world.scene.trade.frozen.is_some() {
            world.tell(&Command::Unfreeze { why: "looked at".into() }).unwrap();
        }
        world.look();
        world.work();
        let owed: Vec<(u32, UserId)> = world
            .scene
            .living()
            .iter()
            .filter(|plan| plan.kind == Kind::Return)
            .map(|plan| (plan.no, plan.givers[0]))
            .collect();
        if owed.is_empty() {
            return;
        }
        for (no, giver) in owed {
            if world.can_sign(no, giver, true) {
                world.sign(no, giver);
            }
        }
        world.look();
        for no in world.to_cosign() {
            let _ = world.cosign(no);
        }
        world.look();
    }
    panic!("something stays\n{}", world.canon());
}

/// Each two of the three find an end, by themselves: while the third does nothing, and against the `nth` bad one. What is
/// nobody's in the end goes back.
pub(crate) fn there_is_a_way_out(world: &World, nth: usize) {
    if world.scene.state().is_end() {
        return what_is_owed_goes_back(world);
    }
    the_two_need_nobody(world);
    for (who, aim) in [(BUYER, Aim::Give), (SELLER, Aim::Give), (BUYER, Aim::Take), (SELLER, Aim::Take)] {
        for bad in [Bad::Silent, BAD[nth % BAD.len()]] {
            if let Err(stuck) = settles(world, who, aim, bad) {
                panic!("{stuck}\nfrom\n{}", world.canon());
            }
        }
    }
}

#[test]
fn one_bad_member_keeps_the_others_from_nothing() {
    let (mut lives, mut most, mut stuck) = (0, 0, Vec::new());
    for world in beginnings(true) {
        for who in [BUYER, SELLER] {
            for aim in [Aim::Give, Aim::Take] {
                for bad in BAD {
                    lives += 1;
                    match settles(&world, who, aim, bad) {
                        Ok(rounds) => most = most.max(rounds),
                        Err(why) => stuck.push(format!("{why}\nfrom\n{}", world.canon())),
                    }
                }
            }
        }
    }
    println!("{lives} lives with a bad member, at most {most} rounds of two looks each");
    assert!(stuck.is_empty(), "{} stuck:\n{}", stuck.len(), stuck.join("\n\n"));
}

/// Only Mixin's answer decides (dossier U-11: any member may revoke a request, with the signatures on it, before it is
/// complete): whoever does so between every PIN and the look that would have read it keeps the bot from ever reading one.
/// Then the two who are left have no request that lives long enough; ARCHITECTURE.md says so.
#[test]
fn who_revokes_faster_than_every_look_is_the_platforms_to_stop() {
    let mut world = World::new(true).after(&[Move::Pay(crate::world::Paid::All), Move::Look, Move::Work]);
    for _ in 0..ROUNDS {
        let no = world.living(Kind::Release).unwrap();
        world.sign(no, BUYER);
        Bad::Revokes.act(&mut world, SELLER);
        world.look();
        world.work();
        assert_eq!(world.scene.authorities(), []);
    }
    let document = include_str!("../../ARCHITECTURE.md");
    assert!(document.contains("revokes every request between the PIN and the bot's next look"));
    // One look that is faster is enough, once and for all: the signature is kept, and nothing revokes that.
    let no = world.living(Kind::Release).unwrap();
    world.sign(no, BUYER);
    world.look();
    assert_eq!(world.scene.authorities(), [(no, Authority::BuyerReleased)]);
    Bad::Revokes.act(&mut world, SELLER);
    world.look();
    world.work();
    assert!(world.cosign(no).is_ok());
    world.look();
    assert_eq!(world.scene.state().name(), "Settled");
}
