//! Every state × command × person: what comes of it. A new state must be thought about here.

use std::fmt::Write as _;

use super::scene::*;
use crate::id::UserId;
use crate::trade::command::Command;
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
    let all = vec![
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

fn commands(scene: &Scene, by: UserId) -> [(&'static str, Command); 10] {
    let joiner = SELLER;
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
        ("withdraw", Command::Withdraw { by }),
    ]
}

/// The whole of it. Columns: buyer (who proposed), seller, third person; `→` the state then, else the refusal.
const TABLE: &str = "\
Proposed to a named person
  accept     | SamePerson        | → AwaitingPayment | NotYours
  decline    | → Cancelled       | → Declined        | NotYours
  confirm    | OtherTerms        | OnlyProposer      | NotYours
  turn away  | Already           | OnlyProposer      | NotYours
  cancel     | → Cancelled       | → Declined        | NotYours
  deliver    | OnlySeller        | TooEarly          | NotYours
  take short | TooEarly          | TooEarly          | NotYours
  split      | TooEarly          | TooEarly          | NotYours
  dispute    | TooEarly          | TooEarly          | NotYours
  withdraw   | TooEarly          | TooEarly          | NotYours
Proposed, nobody came
  accept     | SamePerson        | → Proposed        | → Proposed
  decline    | → Cancelled       | NotYours          | NotYours
  confirm    | OtherTerms        | NotYours          | NotYours
  turn away  | Already           | NotYours          | NotYours
  cancel     | → Cancelled       | NotYours          | NotYours
  deliver    | OnlySeller        | NotYours          | NotYours
  take short | TooEarly          | NotYours          | NotYours
  split      | TooEarly          | NotYours          | NotYours
  dispute    | TooEarly          | NotYours          | NotYours
  withdraw   | TooEarly          | NotYours          | NotYours
Proposed, somebody came
  accept     | SamePerson        | Already           | Taken
  decline    | → Cancelled       | → Proposed        | NotYours
  confirm    | → AwaitingPayment | OnlyProposer      | NotYours
  turn away  | → Proposed        | OnlyProposer      | NotYours
  cancel     | → Cancelled       | → Proposed        | NotYours
  deliver    | OnlySeller        | TooEarly          | NotYours
  take short | TooEarly          | TooEarly          | NotYours
  split      | TooEarly          | TooEarly          | NotYours
  dispute    | TooEarly          | TooEarly          | NotYours
  withdraw   | TooEarly          | TooEarly          | NotYours
AwaitingPayment
  accept     | Already           | Already           | NotYours
  decline    | Already           | Already           | NotYours
  confirm    | Already           | Already           | NotYours
  turn away  | Already           | Already           | NotYours
  cancel     | → Cancelled       | → Cancelled       | NotYours
  deliver    | OnlySeller        | TooEarly          | NotYours
  take short | OnlySeller        | TooLittle         | NotYours
  split      | TooEarly          | TooEarly          | NotYours
  dispute    | TooEarly          | TooEarly          | NotYours
  withdraw   | TooEarly          | TooEarly          | NotYours
Funded
  accept     | Already           | Already           | NotYours
  decline    | Already           | Already           | NotYours
  confirm    | Already           | Already           | NotYours
  turn away  | Already           | Already           | NotYours
  cancel     | Locked            | Locked            | NotYours
  deliver    | OnlySeller        | → Delivered       | NotYours
  take short | Already           | Already           | NotYours
  split      | → Funded          | → Funded          | NotYours
  dispute    | → Disputed        | → Disputed        | NotYours
  withdraw   | NoDispute         | NoDispute         | NotYours
Delivered
  accept     | Already           | Already           | NotYours
  decline    | Already           | Already           | NotYours
  confirm    | Already           | Already           | NotYours
  turn away  | Already           | Already           | NotYours
  cancel     | Locked            | Locked            | NotYours
  deliver    | OnlySeller        | Already           | NotYours
  take short | Already           | Already           | NotYours
  split      | → Delivered       | → Delivered       | NotYours
  dispute    | → Disputed        | → Disputed        | NotYours
  withdraw   | NoDispute         | NoDispute         | NotYours
Disputed
  accept     | Already           | Already           | NotYours
  decline    | Already           | Already           | NotYours
  confirm    | Already           | Already           | NotYours
  turn away  | Already           | Already           | NotYours
  cancel     | Locked            | Locked            | NotYours
  deliver    | OnlySeller        | InDispute         | NotYours
  take short | Already           | Already           | NotYours
  split      | → Disputed        | → Disputed        | NotYours
  dispute    | InDispute         | InDispute         | NotYours
  withdraw   | → Delivered       | OnlyOpener        | NotYours
Settling
  accept     | Already           | Already           | NotYours
  decline    | Already           | Already           | NotYours
  confirm    | Already           | Already           | NotYours
  turn away  | Already           | Already           | NotYours
  cancel     | Locked            | Locked            | NotYours
  deliver    | OnlySeller        | Already           | NotYours
  take short | Already           | Already           | NotYours
  split      | TooLate           | TooLate           | NotYours
  dispute    | TooLate           | TooLate           | NotYours
  withdraw   | TooLate           | TooLate           | NotYours
Settled
  accept     | Already           | Already           | NotYours
  decline    | Already           | Already           | NotYours
  confirm    | Already           | Already           | NotYours
  turn away  | Already           | Already           | NotYours
  cancel     | TooLate           | TooLate           | NotYours
  deliver    | OnlySeller        | Already           | NotYours
  take short | TooLate           | TooLate           | NotYours
  split      | TooLate           | TooLate           | NotYours
  dispute    | TooLate           | TooLate           | NotYours
  withdraw   | TooLate           | TooLate           | NotYours
Declined
  accept     | TooLate           | TooLate           | NotYours
  decline    | TooLate           | TooLate           | NotYours
  confirm    | TooLate           | TooLate           | NotYours
  turn away  | TooLate           | TooLate           | NotYours
  cancel     | TooLate           | TooLate           | NotYours
  deliver    | OnlySeller        | TooLate           | NotYours
  take short | TooLate           | TooLate           | NotYours
  split      | TooLate           | TooLate           | NotYours
  dispute    | TooLate           | TooLate           | NotYours
  withdraw   | TooLate           | TooLate           | NotYours
Cancelled
  accept     | Already           | Already           | NotYours
  decline    | Already           | Already           | NotYours
  confirm    | Already           | Already           | NotYours
  turn away  | Already           | Already           | NotYours
  cancel     | Already           | Already           | NotYours
  deliver    | OnlySeller        | TooLate           | NotYours
  take short | TooLate           | TooLate           | NotYours
  split      | TooLate           | TooLate           | NotYours
  dispute    | TooLate           | TooLate           | NotYours
  withdraw   | TooLate           | TooLate           | NotYours
Expired
  accept     | Already           | Already           | NotYours
  decline    | Already           | Already           | NotYours
  confirm    | Already           | Already           | NotYours
  turn away  | Already           | Already           | NotYours
  cancel     | TooLate           | TooLate           | NotYours
  deliver    | OnlySeller        | TooLate           | NotYours
  take short | TooLate           | TooLate           | NotYours
  split      | TooLate           | TooLate           | NotYours
  dispute    | TooLate           | TooLate           | NotYours
  withdraw   | TooLate           | TooLate           | NotYours
SettledElsewhere
  accept     | Already           | Already           | NotYours
  decline    | Already           | Already           | NotYours
  confirm    | Already           | Already           | NotYours
  turn away  | Already           | Already           | NotYours
  cancel     | TooLate           | TooLate           | NotYours
  deliver    | OnlySeller        | TooLate           | NotYours
  take short | TooLate           | TooLate           | NotYours
  split      | TooLate           | TooLate           | NotYours
  dispute    | TooLate           | TooLate           | NotYours
  withdraw   | TooLate           | TooLate           | NotYours
";

#[test]
fn every_state_answers_every_command_of_every_person() {
    let mut found = String::new();
    for (name, scene) in scenes() {
        writeln!(found, "{name}").unwrap();
        for nth in 0..10 {
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
    assert!(found == TABLE, "the law answers otherwise than its table:\n{found}");
}

#[test]
fn a_third_person_changes_nothing_that_is_not_an_open_invitation() {
    for (name, scene) in scenes() {
        let open = matches!(scene.trade.terms.counterparty, Counterparty::Invited(_));
        for by in [STRANGER, JUDGE, FEES, BOT] {
            for (word, command) in commands(&scene, by) {
                if open && word == "accept" {
                    continue;
                }
                let refused = scene.clone().tell(&command);
                assert_eq!(refused, Err(crate::trade::Refusal::NotYours), "{name}: {word}");
            }
        }
    }
}
