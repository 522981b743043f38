//! Evidence: who may add what and how much, the chain over it, and that a dispute stalls nobody for good.

use uuid::Uuid;

use super::scene::*;
use crate::id::{Hash, MessageId, UserId};
use crate::time::Millis;
use crate::trade::case::CaseCommand;
use crate::trade::evidence::{self, Content, EACH_MAX, Exhibit, ExhibitKind, FILE_MAX, Sent, TEXT_MAX, Unfit};
use crate::trade::{Command, Kind, Problem, Refusal, Right, Ruling, State};

fn disputed(by: UserId) -> Scene {
    let mut scene = Scene::delivered();
    scene.tell(&Command::Dispute { by, why: Problem::NotAsAgreed }).unwrap();
    scene
}

fn text(nth: u128, words: &str) -> Sent {
    Sent::of(MessageId(Uuid::from_u128(nth)), Millis(1_000), "PLAIN_TEXT", words.as_bytes()).unwrap()
}

fn says(scene: &mut Scene, by: UserId, nth: u128) -> Result<(), Refusal> {
    scene.tell(&Command::Exhibit { by, sent: text(nth, "it is broken") }).map(drop)
}

/// Every link again, from the beginning.
fn is_chained(scene: &Scene) {
    let trade = &scene.trade;
    let mut before = evidence::genesis(trade.id, trade.terms_hash);
    for (nth, exhibit) in (1..).zip(&trade.exhibits) {
        assert_eq!(*exhibit, Exhibit::after(before, nth, exhibit.by, exhibit.sent));
        before = exhibit.chain;
    }
    assert_eq!(trade.evidence_head(), before);
}

#[test]
fn both_sides_add_evidence_in_one_chain() {
    let mut scene = disputed(BUYER);
    for (nth, by) in [BUYER, SELLER, BUYER, SELLER, SELLER].into_iter().enumerate() {
        says(&mut scene, by, u128::try_from(nth).unwrap()).unwrap();
    }
    assert_eq!(scene.trade.exhibits.iter().map(|e| e.no).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!((scene.trade.exhibits_of(BUYER).count(), scene.trade.exhibits_of(SELLER).count()), (2, 3));
    is_chained(&scene);
    // The same message again is the same exhibit.
    assert_eq!(says(&mut scene, BUYER, 0), Err(Refusal::Already));
}

#[test]
fn evidence_is_bounded_for_each_side_over_both_disputes() {
    let mut scene = disputed(BUYER);
    let mut nth = 0;
    let mut more = |scene: &mut Scene, by| {
        nth += 1;
        says(scene, by, nth)
    };
    for _ in 0..EACH_MAX {
        more(&mut scene, BUYER).unwrap();
    }
    assert_eq!(more(&mut scene, BUYER), Err(Refusal::TooOften));
    more(&mut scene, SELLER).unwrap();
    scene.tell(&Command::Withdraw { by: BUYER }).unwrap();
    scene.tell(&Command::Dispute { by: SELLER, why: Problem::Other }).unwrap();
    assert_eq!(more(&mut scene, BUYER), Err(Refusal::TooOften), "a second dispute makes no room");
    is_chained(&scene);
    // A whole trade with all of it stays a row that fits a kit.
    for _ in 1..EACH_MAX {
        more(&mut scene, SELLER).unwrap();
    }
    assert_eq!(scene.trade.exhibits.len(), 2 * EACH_MAX);
    assert!(serde_json::to_string(&scene.trade.exhibits).unwrap().len() < 48 * 1024);
}

#[test]
fn only_parties_of_an_open_case_add_evidence() {
    let mut scene = disputed(BUYER);
    for by in [STRANGER, JUDGE, FEES, BOT] {
        assert_eq!(says(&mut scene, by, 1), Err(Refusal::NotYours));
        assert_eq!(scene.trade.may_list_evidence(by), by == JUDGE, "who is asked to judge sees what there is");
        assert!(!scene.trade.may_read_evidence(by), "and may still know one of the two");
    }
    scene.tell(&Command::Case(CaseCommand::Take { by: JUDGE })).unwrap();
    assert!(scene.trade.may_read_evidence(JUDGE) && !scene.trade.may_read_evidence(STRANGER));
    assert_eq!(says(&mut Scene::funded(), BUYER, 1), Err(Refusal::NoDispute));
    assert_eq!(says(&mut Scene::awaiting(), BUYER, 1), Err(Refusal::TooEarly));
    scene.tell(&Command::Rule { ruling: Ruling::Release }).unwrap();
    assert_eq!(says(&mut scene, BUYER, 1), Err(Refusal::AlreadyRuled));
    let mut settled = disputed(SELLER);
    settled.sign(Kind::Release, BUYER);
    settled.look();
    assert_eq!(says(&mut settled, SELLER, 1), Err(Refusal::TooLate), "the two have closed the case");
}

#[test]
fn every_field_is_in_the_chain() {
    let (before, sent) = (Hash([1; 32]), text(7, "a"));
    let base = Exhibit::after(before, 1, BUYER, sent).chain;
    let others = [
        Exhibit::after(Hash([2; 32]), 1, BUYER, sent),
        Exhibit::after(before, 2, BUYER, sent),
        Exhibit::after(before, 1, SELLER, sent),
        Exhibit::after(before, 1, BUYER, Sent { message: MessageId(Uuid::from_u128(8)), ..sent }),
        Exhibit::after(before, 1, BUYER, Sent { at: Millis(1_001), ..sent }),
        Exhibit::after(before, 1, BUYER, Sent { kind: ExhibitKind::Post, ..sent }),
        Exhibit::after(before, 1, BUYER, Sent { size: 2, ..sent }),
        Exhibit::after(before, 1, BUYER, Sent { sha256: Hash([3; 32]), ..sent }),
    ];
    let links: std::collections::BTreeSet<Hash> = others.iter().map(|e| e.chain).chain([base]).collect();
    assert_eq!(links.len(), others.len() + 1);
}

/// The documented form, written out once more.
#[test]
fn a_link_is_what_the_document_says() {
    use sha2::{Digest, Sha256};
    let scene = disputed(BUYER);
    let (id, terms) = (scene.trade.id, scene.trade.terms_hash);
    let first = [&b"mixin-escrow/evidence/1\n"[..], &id.0.as_bytes()[..], &terms.0[..]].concat();
    let first: [u8; 32] = Sha256::digest(first).into();
    assert_eq!(evidence::genesis(id, terms), Hash(first));
    let sent = text(7, "abc");
    let link = [
        &first[..],
        &[0, 0, 0, 1],
        &BUYER.0.as_bytes()[..],
        &[0, 0, 0, 0, 0, 0, 0x03, 0xe8],
        &Uuid::from_u128(7).as_bytes()[..],
        &[1],
        &[0, 0, 0, 0, 0, 0, 0, 3],
        &Sha256::digest(b"abc")[..],
    ]
    .concat();
    let link: [u8; 32] = Sha256::digest(link).into();
    assert_eq!(Exhibit::after(Hash(first), 1, BUYER, sent).chain, Hash(link));
}

#[test]
fn hostile_messages_are_no_evidence() {
    let id = Uuid::from_u128(5);
    let image = |mime: &str, size: &str| {
        format!(r#"{{"attachment_id":"{id}","mime_type":"{mime}","width":9,"height":9,"size":{size}}}"#)
    };
    let long = "x".repeat(100_000);
    for (category, data, why) in [
        ("PLAIN_TEXT", long.as_bytes().to_vec(), Unfit::TooLarge),
        ("PLAIN_TEXT", "x".repeat(TEXT_MAX + 1).into_bytes(), Unfit::TooLarge),
        ("PLAIN_TEXT", vec![0xff, 0xfe, 0x41], Unfit::Unreadable),
        ("PLAIN_TEXT", b" \n ".to_vec(), Unfit::Unreadable),
        ("PLAIN_IMAGE", b"not json".to_vec(), Unfit::Unreadable),
        ("PLAIN_IMAGE", b"[]".to_vec(), Unfit::Unreadable),
        ("PLAIN_IMAGE", image("image/png", "-1").into_bytes(), Unfit::Unreadable),
        ("PLAIN_IMAGE", image("image/png", "0").into_bytes(), Unfit::Unreadable),
        ("PLAIN_IMAGE", image("image/png", "1e99").into_bytes(), Unfit::Unreadable),
        ("PLAIN_IMAGE", image("image/png", "\"12\"").into_bytes(), Unfit::Unreadable),
        ("PLAIN_IMAGE", image("image/png", "99999999999999999999999").into_bytes(), Unfit::Unreadable),
        ("PLAIN_IMAGE", image("image/png", &(FILE_MAX + 1).to_string()).into_bytes(), Unfit::TooLarge),
        ("PLAIN_IMAGE", image("application/x-sh", "9").into_bytes(), Unfit::Unreadable),
        ("PLAIN_IMAGE", image("image/p\u{202e}ng", "9").into_bytes(), Unfit::Unreadable),
        ("PLAIN_IMAGE", image("image/png https://evil.example", "9").into_bytes(), Unfit::Unreadable),
        (
            "PLAIN_DATA",
            format!(r#"{{"attachment_id":"{long}","mime_type":"a/b","size":9}}"#).into_bytes(),
            Unfit::TooLarge,
        ),
        ("PLAIN_DATA", br#"{"attachment_id":"../../etc","mime_type":"a/b","size":9}"#.to_vec(), Unfit::Unreadable),
        ("PLAIN_CONTACT", br#"{"user_id":"nobody"}"#.to_vec(), Unfit::Unreadable),
        ("PLAIN_STICKER", b"{}".to_vec(), Unfit::Kind),
        ("APP_CARD", b"{}".to_vec(), Unfit::Kind),
        ("ENCRYPTED_TEXT", b"abc".to_vec(), Unfit::Kind),
        ("", Vec::new(), Unfit::Kind),
    ] {
        let shown = String::from_utf8_lossy(data.get(..60).unwrap_or(&data)).into_owned();
        assert_eq!(evidence::read(category, &data).unwrap_err(), why, "{category} {shown}");
    }
    let (kind, size, content) = evidence::read("PLAIN_IMAGE", image("image/png", "240000").as_bytes()).unwrap();
    assert_eq!((kind, size), (ExhibitKind::Picture, 240_000));
    assert!(matches!(content, Content::File(file) if file.attachment == id && file.width == 9));
}

/// Stalling: each side once, the time that was left stays, and the rights by time come as before.
#[test]
fn disputes_and_withdrawals_stall_nobody_for_long() {
    let mut scene = Scene::delivered();
    let State::Delivered { until } = scene.state() else { panic!() };
    let left = until.since(scene.now);
    let mut stalled = 0;
    for by in [BUYER, SELLER] {
        scene.tell(&Command::Dispute { by, why: Problem::Other }).unwrap();
        scene.now = scene.now.plus(Millis(5 * DAY));
        stalled += 5 * DAY;
        assert_eq!(scene.tell(&Command::Extend { by: SELLER, more: Millis(DAY) }), Err(Refusal::InDispute));
        scene.tell(&Command::Withdraw { by }).unwrap();
        assert_eq!(scene.state(), State::Delivered { until: scene.now.plus(left) }, "what was left is left");
    }
    for by in [BUYER, SELLER] {
        assert_eq!(scene.tell(&Command::Dispute { by, why: Problem::Other }), Err(Refusal::TooOften));
        assert!(scene.trade.problems(by, scene.now).is_empty());
    }
    let over = until.plus(Millis(stalled));
    scene.now = over;
    scene.tell(&Command::Elapsed { until: over }).unwrap();
    assert_eq!(scene.trade.right, Some(Right::InspectionElapsed));
}

#[test]
fn what_it_is_about_fits_the_side_and_the_state() {
    let (funded, mut delivered) = (Scene::funded(), Scene::delivered());
    let now = funded.now;
    assert_eq!(funded.trade.problems(BUYER, now), [Problem::NotDelivered, Problem::Other]);
    assert_eq!(funded.trade.problems(SELLER, now), [Problem::NotAsAgreed, Problem::Other]);
    assert_eq!(delivered.trade.problems(BUYER, delivered.now).len(), 3);
    for by in [STRANGER, JUDGE] {
        assert!(delivered.trade.problems(by, delivered.now).is_empty());
    }
    let State::Delivered { until } = delivered.state() else { panic!() };
    assert_eq!(delivered.trade.problems(BUYER, until).len(), 3, "what is said at the end itself is in time");
    assert!(delivered.trade.problems(BUYER, until.plus(Millis(1))).is_empty(), "their own time is over");
    delivered.tell(&Command::Dispute { by: SELLER, why: Problem::Other }).unwrap();
    assert!(delivered.trade.problems(BUYER, delivered.now).is_empty());
    assert_eq!(delivered.trade.problem, Some(Problem::Other));
}
