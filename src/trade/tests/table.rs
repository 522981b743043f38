//! Every state × command × person: what comes of it. A new state must be thought about here.

use std::fmt::Write as _;

use uuid::Uuid;

use super::scene::*;
use crate::id::{MessageId, UserId};
use crate::time::Millis;
use crate::trade::case::CaseCommand;
use crate::trade::command::Command;
use crate::trade::evidence::Sent;
use crate::trade::state::State;
use crate::trade::{Counterparty, Kind, Problem};

/// One scene for each state, and for `Proposed` one for each way of finding the other side.
fn scenes() -> Vec<(&'static str, Scene)> {
    let moved = |mut scene: Scene, act: fn(&mut Scene)| {
        act(&mut scene);
        scene
    };
    let settling = moved(Scene::funded(), |s| {
        s.sign(Kind::Release, BUYER);
        s.look();
    });
    let mut all = vec![
        ("Proposed to a named person", Scene::named()),
        ("Proposed, nobody came", Scene::invited()),
        ("Proposed, somebody came", moved(Scene::invited(), |s| drop(s.accept(SELLER).unwrap()))),
        ("AwaitingPayment", Scene::awaiting()),
        ("Funded", Scene::funded()),
        ("Delivered", Scene::delivered()),
        (
            "Disputed",
            moved(Scene::delivered(), |s| drop(s.tell(&Command::Dispute { by: BUYER, why: Problem::Other }).unwrap())),
        ),
        ("Settling", settling.clone()),
        (
            "Settled",
            moved(settling, |s| {
                s.spend(Kind::Release);
                s.look();
            }),
        ),
        ("Declined", moved(Scene::named(), |s| drop(s.tell(&Command::Decline { by: SELLER }).unwrap()))),
        ("Cancelled", moved(Scene::awaiting(), |s| drop(s.tell(&Command::Cancel { by: BUYER }).unwrap()))),
        (
            "Expired",
            moved(Scene::awaiting(), |s| {
                s.now = crate::time::Millis(DAY);
                s.look();
            }),
        ),
        (
            "SettledElsewhere",
            moved(Scene::funded(), |s| {
                s.lock(0, crate::trade::deposit::Lock::Spent(Some(crate::id::Hash([1; 32]))));
                s.look();
            }),
        ),
    ];
    for (_, scene) in all.iter_mut().filter(|(_, scene)| scene.trade.parties.is_some()) {
        let seen = scene.nameless(paid(7));
        scene.tell(&Command::Claim { seen: Box::new(seen) }).unwrap();
    }
    for (name, scene) in &all {
        // No wildcard: a new state does not compile until it has a scene above.
        let known = match scene.state() {
            State::Proposed { .. }
            | State::AwaitingPayment { .. }
            | State::Funded { .. }
            | State::Delivered { .. }
            | State::Disputed { .. }
            | State::Settling { .. }
            | State::Settled { .. }
            | State::Declined
            | State::Cancelled { .. }
            | State::Expired
            | State::SettledElsewhere { .. } => scene.state().name(),
        };
        assert!(name.starts_with(known), "{name} is {known}");
    }
    all
}

fn commands(scene: &Scene, by: UserId) -> [(&'static str, Command); 16] {
    let joiner = SELLER;
    let output = scene.trade.claim.as_ref().map_or(Uuid::nil(), |claim| claim.seen.output_id);
    [
        ("accept", Command::Accept { by, terms_hash: scene.trade.terms_hash }),
        ("decline", Command::Decline { by }),
        ("confirm", Command::Confirm { by, joiner }),
        ("turn away", Command::TurnAway { by, joiner }),
        ("cancel", Command::Cancel { by }),
        ("deliver", Command::Deliver { by }),
        ("take short", Command::TakeShort { by, paid: units(DUE - 5) }),
        ("split", Command::OfferSplit { by, seller: units(600) }),
        ("dispute", Command::Dispute { by, why: Problem::NotAsAgreed }),
        ("evidence", Command::Exhibit { by, sent: exhibit() }),
        ("withdraw", Command::Withdraw { by }),
        ("appeal", Command::Case(CaseCommand::Stop { by: Some(by) })),
        ("extend", Command::Extend { by, more: crate::time::Millis(DAY) }),
        ("rate", Command::Rate { by, good: true }),
        ("claim yes", Command::AgreeClaim { by, output }),
        ("claim no", Command::RefuseClaim { by, output }),
    ]
}

fn exhibit() -> Sent {
    Sent::of(MessageId(Uuid::nil()), Millis(0), "PLAIN_TEXT", b"it is broken").unwrap()
}

/// The table of the document.
fn table() -> &'static str {
    let document = include_str!("../../../ARCHITECTURE.md");
    let (_, section) = document.split_once("\n## What may be asked in which state\n").unwrap();
    let (_, table) = section.split_once("```text\n").unwrap();
    table.split_once("```").unwrap().0
}

#[test]
fn every_state_answers_every_command_of_every_person() {
    let mut found = String::new();
    for (name, scene) in scenes() {
        writeln!(found, "{name}").unwrap();
        for nth in 0..16 {
            let answer = |by: UserId| {
                let mut scene = scene.clone();
                let (_, command) = &commands(&scene, by)[nth];
                match scene.tell(command) {
                    Ok(events) => {
                        assert!(!events.is_empty(), "yes means that something happens");
                        format!("→ {}", scene.state().name())
                    }
                    Err(refusal) => format!("{refusal:?}"),
                }
            };
            let word = commands(&scene, BUYER)[nth].0;
            let line = format!("  {word:10} | {:17} | {:17} | {}", answer(BUYER), answer(SELLER), answer(STRANGER));
            writeln!(found, "{}", line.trim_end()).unwrap();
        }
    }
    assert!(found == table(), "the law answers otherwise than the table in ARCHITECTURE.md:\n{found}");
}

#[test]
fn a_third_person_changes_nothing_that_is_not_an_open_invitation() {
    for (name, scene) in scenes() {
        let open = matches!(scene.trade.terms.counterparty, Counterparty::Invited(_));
        for by in [STRANGER, JUDGE, FEES, BOT] {
            for (word, command) in commands(&scene, by) {
                // The bot takes its own question back.
                // A judge of the terms may have another look at a ruling.
                if open && word == "accept" || by == BOT && word == "claim no" || by == JUDGE && word == "appeal" {
                    continue;
                }
                let refused = scene.clone().tell(&command);
                assert_eq!(refused, Err(crate::trade::Refusal::NotYours), "{name}: {word}");
            }
        }
    }
}
