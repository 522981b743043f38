//! Pay links as pictures: whoever holds another phone before them reads the very link of the card.

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::sim::play::{buttons, words};
use mixin_escrow::time::Millis;
use serde_json::{Value, json};

use crate::town::{Screen, Town, minutes};

const PAY: &str = "https://mixin.one/pay/";

/// What another phone's camera reads off each picture of a screen, with the place of the picture on it.
fn scanned(town: &mut Town, screen: &Screen) -> Vec<(usize, String)> {
    let is_picture = |message: &&Value| message["category"] == "PLAIN_IMAGE";
    let places = screen.0.iter().enumerate().filter(|(_, message)| is_picture(message));
    places.map(|(place, message)| (place, scan(town, message))).collect()
}

fn scan(town: &mut Town, message: &Value) -> String {
    let file = town.stage.file(message).expect("the picture is there");
    let said = &message["attachment"];
    assert_eq!((said["mime_type"].as_str(), said["size"].as_u64()), (Some("image/png"), Some(file.len() as u64)));
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let shape = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(shape.bit_depth, png::BitDepth::One);
    let size = (said["width"].as_u64(), said["height"].as_u64());
    assert_eq!(size, (Some(shape.width.into()), Some(shape.height.into())));
    let light = |x: usize, y: usize| pixels[y * shape.line_size + x / 8] >> (7 - x % 8) & 1;
    let (width, height) = (shape.width as usize, shape.height as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| light(x, y) * 255);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code on a picture");
    grids[0].decode().unwrap().1
}

/// What every picture of Mixin's link comes with, one place before it.
fn captioned(screen: &Screen, place: usize) {
    let said = words(&screen.0[place - 1]);
    let (head, line) = said.split_once('\n').unwrap();
    assert!(head.starts_with("Trade ") && head.contains(" · AwaitingPayment · "), "{said}");
    assert_eq!(line, "The same link as a picture: scan it with the phone that pays.");
}

/// Where the newest pay card stands on a screen, and its link.
fn card(screen: &Screen) -> (usize, String) {
    let pays = |message: &Value| buttons(message).into_iter().map(|(_, action)| action).find(|a| a.starts_with(PAY));
    let cards = screen.0.iter().enumerate();
    cards.rev().find_map(|(place, message)| Some((place, pays(message)?))).expect("a pay card")
}

/// Nothing is on anybody's phone yet but what came before the trade was agreed.
fn agreed_unread() -> Town {
    let mut town = Town::new();
    let seller = town.number("seller");
    town.says("buyer", &format!("buy camera lens 100 USDT from @{seller}"));
    town.taps("buyer", "Send it to Bob");
    town
}

#[test]
fn the_buyer_gets_a_picture_of_the_pay_link_after_its_card() {
    let mut town = agreed_unread();
    let seen = town.taps("seller", "Accept");
    assert_eq!(scanned(&mut town, &seen), [], "the seller has nothing to pay");
    let seen = town.looks("buyer");
    let (place, link) = card(&seen);
    // Between them stands the kit.
    assert_eq!(scanned(&mut town, &seen), [(place + 3, link)]);
    captioned(&seen, place + 3);
    // Whoever asks again gets the card, not one picture more.
    let seen = town.says("buyer", "status");
    assert_eq!((card(&seen).0, scanned(&mut town, &seen)), (0, Vec::new()));
}

#[test]
fn a_link_for_the_rest_has_its_own_picture() {
    let mut town = Town::agreed();
    let seen = town.looks("buyer");
    let (_, first) = card(&seen);
    let part = first.replace("amount=101&", "amount=60&");
    let body = json!({ "link": part, "pin": mixin_escrow::sim::play::PIN });
    town.stage.control("POST", "people/buyer/pay", &body).unwrap();
    town.passes(Millis::from_secs(5));
    let seen = town.looks("buyer");
    let (place, link) = card(&seen);
    assert!(link != first && link.contains("amount=41&"), "{link}");
    assert_eq!(scanned(&mut town, &seen), [(place + 2, link)]);
    captioned(&seen, place + 2);
}

/// The next calls of the bot to this path go wrong.
fn fails(town: &mut Town, kind: &str, path: &str, count: u32) {
    town.stage.control("POST", "faults", &json!({ "rest": kind, "path": path, "count": count })).unwrap();
}

#[test]
fn a_storage_that_fails_for_a_while_delays_only_the_picture() {
    // The first is the place for the picture, the second the picture itself.
    for path in ["/attachments", "/attachments/"] {
        for kind in ["500", "429", "lost"] {
            let mut town = agreed_unread();
            fails(&mut town, kind, path, 4);
            town.taps("seller", "Accept");
            let seen = town.looks("buyer");
            let (place, link) = card(&seen);
            assert_eq!(scanned(&mut town, &seen), [], "{kind} at {path}: the card did not wait");
            town.says("buyer", "why").shows("Waiting for");
            town.passes(minutes(2));
            let seen = town.looks("buyer");
            assert_eq!(scanned(&mut town, &seen), [(1, link)], "{kind} at {path}");
            captioned(&seen, 1);
            let all = Screen(town.stage.shown("buyer").to_vec());
            assert!(card(&all).0 >= place && scanned(&mut town, &all).len() == 1, "{kind} at {path}");
        }
    }
}

#[test]
fn without_any_storage_there_is_no_picture_and_nobody_waits_for_it() {
    let mut town = agreed_unread();
    fails(&mut town, "500", "/attachments", 5);
    town.taps("seller", "Accept").headed("AwaitingPayment", "101 USDT");
    town.passes(minutes(5));
    town.pays("buyer");
    town.says("seller", "delivered").headed("Delivered", "101 USDT");
    town.signs("buyer", "Sign release");
    town.settled(Outcome::Release);
    town.passes(minutes(60));
    let seen = Screen(town.stage.shown("buyer").to_vec());
    assert_eq!(scanned(&mut town, &seen), [], "it was tried five times");
    let queue = town.stage.store().unwrap().queue().unwrap();
    let parked: Vec<_> = queue.into_iter().filter_map(|(job, why)| Some((job.kind.name(), why?))).collect();
    assert_eq!(parked, [("upload", "the picture could not be uploaded".to_owned())]);
}

#[test]
fn a_picture_that_comes_too_late_is_not_shown() {
    let mut town = agreed_unread();
    fails(&mut town, "429", "/attachments", 1);
    town.taps("seller", "Accept");
    town.says("buyer", "cancel").headed("Cancelled", "101 USDT");
    town.passes(minutes(10));
    let seen = Screen(town.stage.shown("buyer").to_vec());
    assert_eq!(scanned(&mut town, &seen), [], "nobody is to pay any more");
    let queue = town.stage.store().unwrap().queue().unwrap();
    assert!(queue.iter().all(|(job, _)| job.kind.name() != "upload"));
}

#[test]
fn a_picture_of_a_link_that_is_no_longer_asked_for_is_not_shown() {
    let mut town = agreed_unread();
    fails(&mut town, "429", "/attachments", 1);
    town.taps("seller", "Accept");
    let seen = town.looks("buyer");
    let (_, first) = card(&seen);
    assert_eq!(scanned(&mut town, &seen), []);
    let part = first.replace("amount=101&", "amount=60&");
    let body = json!({ "link": part, "pin": mixin_escrow::sim::play::PIN });
    town.stage.control("POST", "people/buyer/pay", &body).unwrap();
    town.passes(minutes(10));
    let seen = town.looks("buyer");
    let (_, rest) = card(&seen);
    let shown: Vec<String> = scanned(&mut town, &seen).into_iter().map(|(_, link)| link).collect();
    assert_eq!(shown, [rest], "the same state, but another link");
}

/// Between the place, the picture, the commit and the message: wherever the bot dies, the picture is shown once.
#[test]
fn a_crash_on_the_way_leaves_exactly_one_picture() {
    let mut whole = agreed_unread();
    let before = whole.stage.steps();
    whole.taps("seller", "Accept");
    let marks: Vec<u64> = whole.stage.marks().iter().copied().filter(|step| *step > before).collect();
    assert!(marks.len() > 8, "{marks:?}");
    for step in marks {
        let mut town = agreed_unread();
        town.stage.crash_before(step);
        town.taps("seller", "Accept");
        town.passes(minutes(3));
        assert_eq!(town.stage.deaths(), 1, "no crash before step {step}");
        let seen = town.looks("buyer");
        let (place, link) = card(&seen);
        assert_eq!(scanned(&mut town, &seen), [(place + 3, link)], "crash before step {step}");
    }
}
