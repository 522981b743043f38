use proptest::prelude::*;

use super::*;
use crate::id::UserId;
use crate::trade::order::{Opened, Progress};
use crate::trade::tests::scene::{BUYER, Scene};
use crate::trade::{Kind, Role};

fn ours() -> (KitKey, IdSecret) {
    (KitKey::from_spend_seed(&[7; 32]), IdSecret::from_spend_seed(&[7; 32]))
}

fn read(text: &str) -> Result<Kit, KitError> {
    let (key, ids) = ours();
    Kit::read(text, &key, &ids)
}

fn kit(trade: &Trade) -> Kit {
    Kit::of(trade, Millis(5)).unwrap()
}

fn text(trade: &Trade) -> String {
    kit(trade).write(&ours().0)
}

#[test]
fn a_kit_is_read_as_it_was_written_however_it_was_copied() {
    for scene in [Scene::awaiting(), Scene::funded(), Scene::delivered()] {
        let (kit, text) = (kit(&scene.trade), text(&scene.trade));
        let whole = Kit { trade: scene.trade.clone(), ..kit };
        assert_eq!(read(&text), Ok(whole.clone()), "what is left out of it is derived again");
        let quoted = text.lines().fold(String::new(), |all, line| all + "> " + line + "\r\n");
        let wrapped = text.as_bytes().chunks(31).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
        let copies = [
            quoted.clone(),
            wrapped,
            text.replace('\n', " "),
            format!("Bob wrote:\n```\n{text}\n```\nregards"),
            format!("{text}\n{quoted}"),
        ];
        for copy in copies {
            assert_eq!(read(&copy).as_ref(), Ok(&whole), "{copy}");
        }
    }
    assert_eq!(Kit::of(&Scene::named().trade, Millis(5)), None, "nothing is frozen yet");
}

#[test]
fn what_is_wrong_with_a_kit_is_said_with_its_cure() {
    let text = text(&Scene::funded().trade);
    let other = kit(&Scene::funded().trade).write(&KitKey::from_spend_seed(&[8; 32]));
    let newer = {
        let mut bytes = URL_SAFE_NO_PAD.decode(letters(&text).unwrap()).unwrap();
        bytes[0] = 2;
        format!("{HEAD}\n{}\n{FOOT}", URL_SAFE_NO_PAD.encode(bytes))
    };
    let second = self::text(&Scene::awaiting().trade);
    for (text, error) in [
        (String::new(), KitError::NoKit),
        (text.replace("BEGIN", "BEGAN"), KitError::NoKit),
        (text[..text.len() - 40].to_owned(), KitError::Cut),
        (format!("{}{second}", &text[..200]), KitError::Cut),
        (format!("{text}\n{second}"), KitError::Several),
        (format!("{text}{}", " ".repeat(READ_MAX)), KitError::TooLong),
        (newer, KitError::Newer(2)),
        (other, KitError::OtherBot),
        (format!("{HEAD}{FOOT}"), KitError::Broken("it is too short")),
        (format!("{HEAD}AQ{FOOT}"), KitError::Broken("it is too short")),
        (format!("{HEAD}ä{FOOT}"), KitError::Broken("a letter is wrong or missing")),
    ] {
        assert_eq!(read(&text), Err(error.clone()));
        let said = error.to_string();
        assert!(said.contains("copy") || said.contains("put") || said.contains("use the keystore"), "no cure: {said}");
    }
}

/// Signed by us and still not ours to believe in every way: what it may unpack to is bounded.
#[test]
fn a_bomb_is_not_unpacked() {
    let (key, _) = ours();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(&vec![b' '; 8 * 1024 * 1024]).unwrap();
    let packed = zlib.finish().unwrap();
    let bytes = [vec![FORMAT], key.public().to_vec(), key.sign(&signed(FORMAT, &packed)).to_vec(), packed].concat();
    let text = format!("{HEAD}{}{FOOT}", URL_SAFE_NO_PAD.encode(bytes));
    assert_eq!(read(&text), Err(KitError::Newer(FORMAT)));
}

#[test]
fn nobodys_secret_and_no_signature_that_was_taken_back_is_in_a_kit() {
    let mut scene = Scene::funded();
    let (ids, trade) = (ours().1, scene.trade.id);
    let (id, memo) = (Order::id_of(&ids, trade, 0), Order::memo_of(&ids, trade, 0));
    let code = "5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01";
    scene.trade.orders.push(Order {
        round: 0,
        id: id.clone(),
        memo: memo.clone(),
        amount: scene.trade.due(),
        expires: Millis(9),
        opened: Some(Opened { payee: Uuid::from_u128(9), code: code.into() }),
        progress: Progress::Unpaid,
        moved: Millis(0),
        over: false,
    });
    scene.sign(Kind::Refund, BUYER);
    scene.look();
    assert!(!scene.plan(Kind::Refund).signed.is_empty(), "an early signature is kept");
    let kit = kit(&scene.trade);
    let link = scene.trade.links[0].clone();
    let written = serde_json::to_string(&kit).unwrap();
    for secret in [id, memo, code.to_owned(), link.trace.to_string(), link.memo] {
        assert!(!written.contains(&secret), "{secret}: {written}");
    }
    assert!(kit.trade.plans.iter().all(|plan| plan.signed.is_empty()));
    let read = read(&kit.write(&ours().0)).unwrap();
    scene.trade.orders[0].opened = None;
    assert_eq!(read.trade.links, scene.trade.links);
    assert_eq!(read.trade.orders, scene.trade.orders, "what only the other side may know is derived again");
    // Once it is decided, what was signed is needed, and gives nobody anything new.
    scene.sign(Kind::Release, BUYER);
    scene.look();
    let plans = self::kit(&scene.trade).trade.plans;
    assert_eq!(plans.iter().filter(|plan| !plan.signed.is_empty()).count(), 1);
}

/// Before somebody has taken the case nobody can learn from a kit whom the secret order chose.
#[test]
fn a_kit_names_no_judge_who_has_not_taken_the_case() {
    let trade = Scene::disputed().trade;
    assert!(trade.case.as_ref().is_some_and(|case| !case.asked.is_empty()));
    let case = kit(&trade).trade.case.unwrap();
    assert_eq!((case.stage, case.asked, case.passed), (crate::trade::case::Stage::Open, vec![], vec![]));
}

#[test]
fn a_kit_fits_a_message_however_many_pieces_were_paid() {
    let scene = Scene::funded_with(&[4; 255]);
    let text = text(&scene.trade);
    assert!(text.len() <= SENT_MAX, "{}", text.len());
    let read = read(&text).unwrap();
    assert!(matches!(read.trade.state, State::AwaitingPayment { .. }) && read.trade.plans.is_empty());
    assert_eq!((read.trade.links, read.trade.parties), (scene.trade.links.clone(), scene.trade.parties));
    assert_eq!(read.members, scene.trade.vault().unwrap().members);
}

#[test]
fn a_revived_trade_starts_its_time_over_and_keeps_everything_else() {
    let scene = Scene::delivered();
    let (service, server) = (Millis(10_000_000_000), Millis(20_000_000_000));
    let revived = scene.trade.clone().revived(service, server);
    assert_eq!(revived.state, State::Delivered { until: service.plus(scene.trade.terms.periods.inspect) });
    assert_eq!(
        (&revived.plans, &revived.links, &revived.deposits),
        (&scene.trade.plans, &scene.trade.links, &scene.trade.deposits)
    );
    assert_eq!((revived.version, revived.stirred), (20_000_000, server));
    let again = revived.clone().revived(service, server.plus(Millis(1)));
    assert!(again.version > revived.version, "also within one second");
    assert_eq!(revived.person(Role::Buyer), Some::<UserId>(BUYER));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_change_of_a_kit_is_refused(at in 0usize..10_000, flip in 1u8..64) {
        let text = text(&Scene::awaiting().trade);
        let mut bytes = text.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let changed = String::from_utf8_lossy(&bytes).into_owned();
        let good = letters(&text).unwrap();
        prop_assert!(read(&changed).is_err() || letters(&changed).as_ref() == Ok(&good));
    }

    #[test]
    fn no_bytes_bring_the_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..400), words in ".{0,200}") {
        let (key, ids) = ours();
        let armoured = format!("{HEAD}\n{}\n{FOOT}", URL_SAFE_NO_PAD.encode(&bytes));
        let mut signed_by_us = vec![FORMAT];
        signed_by_us.extend(key.public());
        signed_by_us.extend(key.sign(&signed(FORMAT, &bytes)));
        signed_by_us.extend(&bytes);
        let signed_by_us = format!("{HEAD}\n{}\n{FOOT}", URL_SAFE_NO_PAD.encode(&signed_by_us));
        for text in [words.clone(), format!("{HEAD}{words}{FOOT}"), armoured, signed_by_us] {
            prop_assert!(Kit::read(&text, &key, &ids).is_err());
        }
    }
}
