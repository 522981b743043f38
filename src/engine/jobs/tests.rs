//! Jobs without sockets: questions come out, answers are fed in.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::id::{Hash, RequestId, TradeId, UserId};
use crate::mixin::messenger;
use crate::trade;
use crate::trade::order::Progress;
use crate::trade::tests::scene::{BOT, BUYER, SELLER, Scene, spend};

const VAULT: Hash = Hash([0x59; 32]);
const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
const USDT_HASH: &str = "5b9d576914e71e2362f89bb867eb69084931eb958f9a3622d776b861602275f4";
const KEY: &str = "28faa60f28b036995c539d7a8a759e43940a9cc18c643937b8dc68ac25d03a3b";

type Heard = Result<Reply, CallError>;

#[expect(clippy::unnecessary_wraps, reason = "it stands beside failures")]
fn ok(data: Value) -> Heard {
    Ok(Reply { data, server_time: None })
}

fn unanswered() -> Heard {
    Err(CallError::Unanswered { what: "nothing came".into() })
}

fn not_found() -> Heard {
    Err(CallError::NotFound { description: "not found".into() })
}

fn id(nth: u64) -> Uuid {
    Uuid::from_u128(u128::from(nth))
}

fn output(sequence: u64) -> Value {
    json!({
        "output_id": id(sequence), "transaction_hash": Hash([7; 32]), "output_index": 0, "asset_id": USDT,
        "kernel_asset_id": USDT_HASH, "amount": "100", "mask": KEY, "keys": [KEY, KEY, KEY], "senders": [],
        "receivers": [id(1), id(2), id(3)], "receivers_hash": VAULT, "receivers_threshold": 2, "extra": "",
        "state": "unspent", "sequence": sequence, "created_at": "2026-01-01T00:00:00Z",
    })
}

/// A request of the payload `hash`, signed by so many.
fn request(nth: u64, hash: Hash, signers: u64) -> Value {
    json!({
        "request_id": id(nth), "transaction_hash": hash, "amount": "99", "raw_transaction": "77770005",
        "senders": [id(1), id(2), id(3)], "senders_hash": VAULT, "senders_threshold": 2,
        "signers": (1..=signers).map(id).collect::<Vec<_>>(),
    })
}

fn transaction(hash: Hash, state: &str) -> Value {
    json!({ "transaction_hash": hash, "state": state })
}

/// Runs a look whose questions are answered by `mixin`; gives the questions and how it ended.
fn run(mut look: Look, mut mixin: impl FnMut(&str) -> Heard) -> (Vec<String>, Result<Answer, CallError>) {
    let (mut asked, mut last) = (Vec::new(), None);
    loop {
        match look.next(last, Millis(5)) {
            Ok(Step::Send(call)) => {
                last = Some(mixin(&call.path_and_query));
                asked.push(call.path_and_query);
            }
            Ok(Step::Ask(call)) => panic!("a look asks MixPay: {call:?}"),
            Ok(Step::Post(post)) => panic!("a look says nothing: {post:?}"),
            Ok(Step::Put(put)) => panic!("a look changes nothing: {put:?}"),
            Ok(Step::Done(answer)) => return (asked, Ok(answer)),
            Err(error) => return (asked, Err(error)),
        }
        assert!(asked.len() < 1_000, "it never ends");
    }
}

fn wanted() -> LookFor {
    LookFor {
        vault: VAULT,
        watch: BTreeSet::new(),
        new_from: 0,
        traces: vec![(TradeId(id(1)), RequestId(id(31))), (TradeId(id(2)), RequestId(id(32)))],
        requests: vec![
            (TradeId(id(3)), 0, RequestId(id(41)), Hash([1; 32])),
            (TradeId(id(4)), 1, RequestId(id(42)), Hash([2; 32])),
            (TradeId(id(5)), 0, RequestId(id(43)), Hash([3; 32])),
        ],
    }
}

fn looked(ended: Result<Answer, CallError>) -> crate::engine::input::Looked {
    match ended {
        Ok(Answer::Looked(looked)) => looked,
        other => panic!("{other:?}"),
    }
}

/// One pair may have many trades: what cannot be read about one must not blind the others.
#[test]
fn only_the_outputs_can_fail_a_look() {
    let mixin = |path: &str, outputs: Heard| match path {
        p if p.contains("/transactions/") && p.ends_with(&id(31).to_string()) => unanswered(),
        p if p.contains("/transactions/") && p.ends_with(&id(32).to_string()) => {
            ok(transaction(Hash([9; 32]), "spent"))
        }
        p if p.contains("/outputs?") => outputs,
        p if p.contains("/multisigs/") && p.ends_with(&id(41).to_string()) => ok(json!({ "odd": true })),
        p if p.contains("/multisigs/") && p.ends_with(&id(42).to_string()) => ok(request(42, Hash([2; 32]), 2)),
        p if p.contains("/multisigs/") => not_found(),
        _ => ok(json!("no transaction")),
    };
    let (asked, ended) = run(Look::new(wanted()), |path| mixin(path, ok(json!([output(8)]))));
    let seen = looked(ended);
    assert_eq!(seen.traces_used, [TradeId(id(2))]);
    assert_eq!(seen.outputs.len(), 1);
    let requests: Vec<_> = seen.requests.iter().map(|(t, r)| (t.0, r.found.is_some(), r.spent)).collect();
    assert_eq!(requests, [(id(4), true, false), (id(5), false, false)], "unreadable is not \"not found\"");
    let outputs = asked.iter().position(|path| path.contains("/outputs?")).unwrap();
    assert_eq!(outputs, 2, "traces come first: {asked:?}");

    for bad in [unanswered(), not_found(), ok(json!(7))] {
        let (_, ended) = run(Look::new(wanted()), |path| mixin(path, bad.clone()));
        assert!(matches!(ended, Err(CallError::Unanswered { .. })), "{ended:?}");
    }
}

/// The list of a vault that somebody has filled with dust, sequence after sequence.
fn dust(size: u64) -> impl FnMut(&str) -> Heard {
    move |path| {
        let from =
            path.split("offset=").nth(1).and_then(|rest| rest.split('&').next()).unwrap().parse::<u64>().unwrap();
        ok((from..size).take(500).map(output).collect())
    }
}

fn offsets(asked: &[String]) -> Vec<u64> {
    let of = |path: &String| path.split("offset=").nth(1)?.split('&').next()?.parse().ok();
    asked.iter().filter_map(of).collect()
}

#[test]
fn dust_hides_no_deposit() {
    let bare = |watch: &[u64], new_from| LookFor {
        watch: watch.iter().copied().collect(),
        new_from,
        traces: Vec::new(),
        requests: Vec::new(),
        ..wanted()
    };
    // Two deposits far apart, one page each, and the end of the list.
    let (asked, ended) = run(Look::new(bare(&[10, 50_000], 99_900)), dust(100_000));
    assert_eq!(offsets(&asked), [9, 49_999, 99_899]);
    let seen = looked(ended);
    assert!(!seen.partial);
    assert!([10, 50_000, 99_999].iter().all(|n| seen.outputs.iter().any(|o| o.sequence == *n)));
    // More that is new than one look reads: it says so, and the next one goes on where this one stopped.
    let (mut from, mut looks) = (0, 0);
    loop {
        let (asked, ended) = run(Look::new(bare(&[10], from)), dust(25_000));
        assert!(asked.len() <= 22, "{}", asked.len());
        let seen = looked(ended);
        from = seen.outputs.iter().map(|o| o.sequence).max().unwrap() - 100;
        looks += 1;
        if !seen.partial {
            assert!(seen.outputs.iter().any(|o| o.sequence == 24_999));
            break;
        }
    }
    assert_eq!(looks, 3);
    // A list that never moves on.
    let same = |_: &str| ok((0..500).map(output).collect());
    let (asked, _) = run(Look::new(bare(&[], 700)), same);
    assert_eq!(asked.len(), 1);
}

/// A co-sign job of a release the buyer has signed, as far as this stage.
fn cosign(stage: CosignStage, must_tap: bool) -> Cosign {
    let mut scene = Scene::funded();
    scene.sign(trade::Kind::Release, BUYER);
    scene.look();
    let request = scene.trade.plans[0].request.unwrap().id;
    scene.trade.plans[0].must_tap = must_tap;
    Cosign {
        trade: scene.trade,
        plan: 0,
        request,
        halted: None,
        spend: std::sync::Arc::new(spend(BOT)),
        course: Course::default(),
        stage,
        outputs: Vec::new(),
    }
}

#[test]
fn the_bots_signature_alone_is_not_the_end() {
    for stage in [CosignStage::Request, CosignStage::Signing] {
        for (signers, cosigned) in [(vec![BOT], false), (vec![BUYER, BOT], true), (vec![BOT, SELLER], true)] {
            let mut job = cosign(stage, false);
            let mut found = request(7, job.trade.plans[0].payload.as_ref().unwrap().hash, 0);
            found["signers"] = json!(signers);
            let expected = if cosigned { Answer::Cosigned } else { Answer::Undercounted { request: job.request } };
            match job.next(Some(ok(found))) {
                Ok(Step::Done(answer)) => assert_eq!(answer, expected, "{stage:?}"),
                other => panic!("{other:?}"),
            }
        }
    }
    // Once that has happened, the bot waits for a party, so that it is the last.
    let nobody: Vec<UserId> = Vec::new();
    for (signers, must_tap) in [(nobody.clone(), true), (vec![BUYER], true), (nobody, false)] {
        let mut job = cosign(CosignStage::Request, must_tap);
        let mut found = request(7, job.trade.plans[0].payload.as_ref().unwrap().hash, 0);
        found["signers"] = json!(signers);
        let Ok(Step::Done(Answer::CosignRefused { why, broken: false })) = job.next(Some(ok(found))) else { panic!() };
        // Nothing else was read here, so the checks say no; it matters whether they were reached.
        assert_eq!(why.starts_with("check"), !(must_tap && signers.is_empty()), "{why}");
    }
}

/// The first two steps of an upload: asks for a place, then puts the picture there.
fn put(job: &mut Upload, place: u64) -> http::Request<bytes::Bytes> {
    let Ok(Step::Send(call)) = job.next(None) else { panic!() };
    assert_eq!(call.path_and_query, "/attachments");
    let found = json!({ "attachment_id": id(place), "upload_url": format!("https://s3.example/{place}?sig=y") });
    let Ok(Step::Put(request)) = job.next(Some(ok(found))) else { panic!() };
    assert_eq!(request.uri().path(), format!("/{place}"));
    request
}

#[test]
fn a_picture_is_told_of_after_it_was_stored() {
    let mut job = Upload::new("https://mixin.one/pay/MIX".into());
    let size = put(&mut job, 1).into_body().len();
    // Nobody knows whether it is there: the next try begins with a place of its own.
    assert!(matches!(job.next(Some(unanswered())), Err(CallError::Unanswered { .. })));
    assert_eq!(put(&mut job, 2).into_body().len(), size);
    let Ok(Step::Done(Answer::Uploaded(image))) = job.next(Some(ok(Value::Null))) else { panic!() };
    assert_eq!((image.attachment_id, image.mime_type.as_str()), (id(2), "image/png"));
    assert_eq!(image.size as usize, size);
    assert!(image.width >= 64 && image.width == image.height);
}

#[test]
fn what_cannot_be_drawn_asks_for_no_place() {
    let mut job = Upload::new("x".repeat(4_000));
    assert!(matches!(job.next(None), Ok(Step::Done(Answer::Refused { .. }))));
}

/// Late pictures: nobody may scan what was paid already, or what asks for another amount.
#[test]
fn a_picture_is_wanted_only_while_its_link_is_the_one_to_pay_by() {
    let mut trade = Scene::awaiting().trade;
    let code = "5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01";
    let order = |progress| trade::Order {
        round: 0,
        id: "x".into(),
        memo: "y".into(),
        amount: trade.due(),
        expires: Millis(9),
        opened: Some(trade::order::Opened { payee: id(9), code: code.into() }),
        progress,
        moved: Millis(0),
        over: false,
    };
    let [unpaid, coming] = [Progress::Unpaid, Progress::MovingIn].map(order);
    let to = messenger::To::person(BOT, BUYER);
    let body = |link: String| {
        let during = Some("AwaitingPayment".to_owned());
        UploadBody { to, message_id: crate::id::MessageId(id(1)), link, during }
    };
    let mixin = body(crate::engine::links::pay_link(&trade).unwrap());
    let mixpay = body(crate::mixin::link::mixpay(code));
    let wanted = |trade: &trade::Trade| [&mixin, &mixpay].map(|body| body.is_wanted(Some(trade), Millis(5)));
    assert_eq!(wanted(&trade), [true, false], "no order yet");
    trade.orders = vec![unpaid];
    assert_eq!(wanted(&trade), [true, true]);
    assert!(!mixpay.is_wanted(Some(&trade), Millis(9)), "its time is over");
    for changed in [
        trade::Trade { behind: true, ..trade.clone() },
        trade::Trade { frozen: Some("why".into()), ..trade.clone() },
        trade::Trade { link_used_since: Some(Millis(1)), ..trade.clone() },
        trade::Trade { orders: vec![coming], ..trade.clone() },
    ] {
        assert_eq!(wanted(&changed), [false, false]);
    }
    let mut newer = trade.clone();
    newer.links.push(trade::PayLink::of(&ids(), trade.id, 1, trade.due()));
    assert_eq!(wanted(&newer), [false, true]);
}

fn ids() -> crate::id::IdSecret {
    crate::id::IdSecret::from_spend_seed(&[7; 32])
}
