//! One settled trade by hand; then one thing wrong, and the sentence that names it.

use mixin_escrow::sim::auditor::{Expected, FeePayer, Holding, Outcome, Problem, Report, audit, audit_all, holdings};
use serde_json::{Value, json};

use crate::maker::{BOT, BUYER, FEES, MALLORY, Maker, SELLER, To, USDT, VAULT};

fn terms(outcome: Outcome) -> Expected {
    Expected {
        asset_id: USDT.into(),
        price: "100".into(),
        fee_bps: 100,
        fee_payer: FeePayer::Split,
        buyer: BUYER.into(),
        seller: SELLER.into(),
        bot: BOT.into(),
        fee_receiver: FEES.into(),
        paid_by: None,
        outcome,
        fee_waived: false,
        short_ok: false,
        without_bot: false,
    }
}

const RELEASE: [To; 3] = [("99.5", &[SELLER], 1), ("1", &[FEES], 1), ("0.5", &[BUYER], 1)];

/// A ledger with the buyer's deposit of 101 in the vault; its place.
fn funded() -> (Maker, String) {
    let mut ledger = Maker::new();
    let money = ledger.mint(("150", &[BUYER], 1));
    let deposit = ledger.pay(&[&format!("{money}:0")], &[("101", &VAULT, 2), ("49", &[BUYER], 1)], &[BUYER]);
    (ledger, format!("{deposit}:0"))
}

/// The same, settled by outputs that may be wrong; the settlement's hash.
fn settled(outputs: &[To], signers: &[&str]) -> (Maker, String) {
    let (mut ledger, deposit) = funded();
    let hash = ledger.pay(&[&deposit], outputs, signers);
    (ledger, hash)
}

fn report(ledger: &Maker, outcome: Outcome) -> Report {
    audit(&ledger.json.to_string(), &terms(outcome))
}

/// The problems of a release, as sentences.
fn problems(ledger: &Maker) -> Vec<String> {
    report(ledger, Outcome::Release).problems.iter().map(Problem::to_string).collect()
}

#[track_caller]
fn told(ledger: &Maker, sentence: &str) {
    let problems = problems(ledger);
    assert!(problems.iter().any(|problem| problem.contains(sentence)), "{sentence}\nis not among {problems:#?}");
}

#[test]
fn what_is_right_passes() {
    let (ledger, hash) = settled(&RELEASE, &[BUYER, BOT]);
    let report = report(&ledger, Outcome::Release);
    assert_eq!(report.problems, []);
    let settlement = serde_json::to_value(report.settlement).unwrap();
    assert_eq!(
        settlement,
        json!({"hash": hash, "signers": [BUYER, BOT], "inputs": "101", "buyer_paid": "101", "buyer_returned": "0.5",
               "seller_received": "99.5", "fee": "1", "due": "100.5"})
    );
}

#[test]
fn a_refund_takes_no_fee() {
    let (ledger, _) = settled(&[("101", &[BUYER], 1)], &[SELLER, BOT]);
    assert_eq!(report(&ledger, Outcome::Refund).problems, []);
    told(&ledger, "pays the seller 0, but by the terms 99.5: 99.5 (9950000000 units) is missing");
    let (ledger, hash) = settled(&[("100", &[BUYER], 1), ("1", &[FEES], 1)], &[SELLER, BOT]);
    let problems = report(&ledger, Outcome::Refund).problems;
    let fee = format!("output {hash}:1 pays the fee receiver 1, but by the terms 0: 1 (100000000 units) is too much");
    assert!(problems.iter().any(|problem| problem.to_string() == fee), "{problems:#?}");
}

/// The canary: a unit taken from any output, in the list alone, is found.
#[test]
fn one_stolen_unit() {
    let (mut ledger, hash) = settled(&RELEASE, &[BUYER, BOT]);
    let place = format!("{hash}:0");
    ledger.output(&place)["amount"] = "99.49999999".into();
    told(
        &ledger,
        &format!(
            "output {place} holds 99.49999999 on the ledger, but the transaction that made it says 99.5: \
             0.00000001 (1 unit) is missing"
        ),
    );
    told(&ledger, "150 came in and 0 went out, but 149.99999999 is held: 0.00000001 (1 unit) is missing");
}

#[test]
fn a_unit_made_in_a_transaction() {
    let more: [To; 3] = [("99.50000001", &[SELLER], 1), RELEASE[1], RELEASE[2]];
    let (ledger, hash) = settled(&more, &[BUYER, BOT]);
    told(&ledger, &format!("transaction {hash} takes 101 and pays 101.00000001: 0.00000001 (1 unit) is too much"));
}

#[test]
fn a_double_spend() {
    let (mut ledger, deposit) = funded();
    let first = ledger.pay(&[&deposit], &RELEASE, &[BUYER, BOT]);
    let second = ledger.pay(&[&deposit], &[("101", &[SELLER], 1)], &[SELLER, BOT]);
    told(&ledger, &format!("output {deposit} is spent twice: by transaction {first} and by transaction {second}"));
}

#[test]
fn a_wrong_receiver() {
    let (ledger, hash) = settled(&[("99.5", &[MALLORY], 1), RELEASE[1], RELEASE[2]], &[BUYER, BOT]);
    told(&ledger, &format!("output {hash}:0 of the settlement pays 99.5 to {MALLORY}, who is owed nothing"));
    told(&ledger, &format!("settlement {hash} pays the seller 0, but by the terms 99.5"));
    told(&ledger, &format!("output {hash}:0 of the settlement is for {MALLORY}; the first one should be for {SELLER}"));
    let (ledger, hash) = settled(&[("99.5", &[SELLER, MALLORY], 1), RELEASE[1], RELEASE[2]], &[BUYER, BOT]);
    told(&ledger, &format!("output {hash}:0 of the settlement pays 99.5 to {SELLER} + {MALLORY}"));
}

#[test]
fn a_missing_and_an_extra_output() {
    let (mut ledger, hash) = settled(&RELEASE, &[BUYER, BOT]);
    let mut extra = ledger.output(&format!("{hash}:2")).clone();
    extra["output_index"] = 3.into();
    ledger.forget_output(&format!("{hash}:2"));
    told(&ledger, &format!("output {hash}:2 of 0.5 is not on the ledger, though its transaction made it"));
    ledger.json["outputs"].as_array_mut().unwrap().push(extra.clone());
    told(&ledger, &format!("output {hash}:3 of 0.5 was made by no final transaction and no mint"));
    ledger.json["outputs"].as_array_mut().unwrap().push(extra);
    told(&ledger, &format!("output {hash}:3 is listed more than once"));
}

#[test]
fn the_bot_signs_last() {
    let (mut ledger, hash) = settled(&RELEASE, &[BOT, BUYER]);
    told(&ledger, &format!("the bot {BOT} did not sign transaction {hash} last; in order of arrival it was signed by"));
    ledger.transaction(&hash)["signers"] = json!([SELLER, BOT]);
    told(&ledger, "but its bytes bear signatures of");
    let (ledger, hash) = settled(&RELEASE, &[BUYER, SELLER]);
    told(&ledger, &format!("the bot {BOT} did not sign transaction {hash} last"));
}

#[test]
fn signatures() {
    let (ledger, hash) = settled(&RELEASE, &[BOT]);
    told(&ledger, &format!("transaction {hash} spends output "));
    told(&ledger, " with 1 of 2 signatures");
    let (mut ledger, hash) = settled(&RELEASE, &[BUYER, BOT]);
    let raw = ledger.transaction(&hash)["raw"].as_str().unwrap().to_owned();
    let last = if raw.ends_with('0') { "1" } else { "0" };
    // The last digit of the second signature; the hash does not change with it.
    ledger.transaction(&hash)["raw"] = format!("{}{last}", &raw[..raw.len() - 1]).into();
    told(&ledger, &format!("signature 1 of transaction {hash} on output "));
    let unsigned = raw.len() - 2 * (2 + 2 + 2 * 66);
    ledger.transaction(&hash)["raw"] = format!("{}0000", &raw[..unsigned]).into();
    told(&ledger, &format!("transaction {hash} has 1 inputs and signatures for 0"));
}

#[test]
fn a_fee_off_by_one() {
    let off: [To; 3] = [("99.49999999", &[SELLER], 1), ("1.00000001", &[FEES], 1), RELEASE[2]];
    let (ledger, hash) = settled(&off, &[BUYER, BOT]);
    assert_eq!(
        problems(&ledger),
        [
            format!(
                "output {hash}:0 pays the seller 99.49999999, but by the terms 99.5: 0.00000001 (1 unit) is missing"
            ),
            format!(
                "output {hash}:1 pays the fee receiver 1.00000001, but by the terms 1: 0.00000001 (1 unit) is too much"
            ),
        ]
    );
}

#[test]
fn two_outputs_for_one() {
    let (ledger, _) = settled(&[("99", &[SELLER], 1), ("0.5", &[SELLER], 1), RELEASE[1], RELEASE[2]], &[BUYER, BOT]);
    let problems = problems(&ledger);
    assert!(problems.len() == 1 && problems[0].contains("has 2 outputs for"), "{problems:#?}");
}

#[test]
fn what_the_list_says_of_a_spend() {
    let (mut ledger, deposit) = funded();
    let hash = ledger.pay(&[&deposit], &RELEASE, &[BUYER, BOT]);
    ledger.output(&deposit)["state"] = "unspent".into();
    told(
        &ledger,
        &format!("output {deposit} is unspent by {hash} on the ledger, but by the transactions it is spent by"),
    );
    told(&ledger, "150 came in and 0 went out, but 251 is held: 101 (10100000000 units) is too much");
    ledger.output(&deposit)["state"] = "spent".into();
    ledger.transaction(&hash)["senders"] = json!([BUYER]);
    told(
        &ledger,
        &format!("transaction {hash} is sent by [\"{BUYER}\"] on the ledger, but output {deposit} belongs to"),
    );
    ledger.transaction(&hash)["final_at"] = Value::Null;
    told(&ledger, "no final transaction spends the vault");
}

#[test]
fn a_vault_not_spent_and_one_spent_for_less() {
    let (ledger, _) = funded();
    told(&ledger, "no final transaction spends the vault of buyer");
    let mut ledger = Maker::new();
    let deposit = ledger.mint(("90", &VAULT, 2));
    let paid: [To; 2] = [("89.10447762", &[SELLER], 1), ("0.89552238", &[FEES], 1)];
    let hash = ledger.pay(&[&format!("{deposit}:0")], &paid, &[BUYER, BOT]);
    assert_eq!(
        problems(&ledger),
        [format!("settlement {hash} spends only 90, but 100.5 was due: 10.5 (1050000000 units) is missing")]
    );
}

#[test]
fn a_vault_that_serves_more_than_one_trade() {
    let (mut ledger, deposit) = funded();
    let more = ledger.mint(("200.5", &[BUYER], 1));
    let more = ledger.pay(&[&format!("{more}:0")], &[("100.5", &VAULT, 2), ("100", &VAULT, 2)], &[BUYER]);
    let refund = ledger.pay(&[&format!("{more}:0")], &[("100.5", &[BUYER], 1)], &[SELLER, BOT]);
    let release = ledger.pay(&[&deposit], &RELEASE, &[BUYER, BOT]);
    // A late deposit comes back.
    ledger.pay(&[&format!("{more}:1")], &[("100", &[BUYER], 1)], &[BUYER, BOT]);
    let trades = [terms(Outcome::Release), terms(Outcome::Refund)];
    let (found, problems) = audit_all(&ledger.json.to_string(), &trades);
    assert_eq!(problems, []);
    let hashes: Vec<String> = found.into_iter().map(|found| found.unwrap().hash.to_string()).collect();
    assert_eq!(hashes, [release, refund]);
    let third = ledger.mint(("7", &VAULT, 2));
    let stray = ledger.pay(&[&format!("{third}:0")], &[("7", &[SELLER], 1)], &[SELLER, BOT]);
    let (_, problems) = audit_all(&ledger.json.to_string(), &trades);
    let problems: Vec<String> = problems.iter().map(Problem::to_string).collect();
    let sentence = format!("transaction {stray} spends the vault too: its output {stray}:0 pays 7 to {SELLER}");
    assert!(problems.len() == 1 && problems[0].starts_with(&sentence), "{problems:#?}");
}

/// The problems of a trade that should have ended as `change` says.
fn otherwise(ledger: &Maker, change: impl FnOnce(&mut Expected)) -> Vec<String> {
    let mut terms = terms(Outcome::Release);
    change(&mut terms);
    audit(&ledger.json.to_string(), &terms).problems.iter().map(Problem::to_string).collect()
}

#[track_caller]
fn finds(problems: &[String], sentence: &str) {
    assert!(problems.iter().any(|problem| problem.contains(sentence)), "{sentence}\nis not among {problems:#?}");
}

/// Half of the price is the seller's: 50, less half of the fee of 0.5; either party may come first.
#[test]
fn a_split() {
    let half: fn(&mut Expected) = |terms| terms.outcome = Outcome::Split { seller: "50".parse().unwrap() };
    let paid: [To; 3] = [("51.25", &[BUYER], 1), ("49.75", &[SELLER], 1), ("0.5", &[FEES], 1)];
    let (ledger, hash) = settled(&paid, &[SELLER, BOT]);
    finds(&otherwise(&ledger, half), &format!("transaction {hash} takes 101 and pays 101.5"));
    let paid: [To; 3] = [("50.75", &[BUYER], 1), paid[1], paid[2]];
    let (ledger, _) = settled(&paid, &[SELLER, BOT]);
    assert_eq!(otherwise(&ledger, half), [""; 0]);
    finds(&problems(&ledger), "pays the seller 49.75, but by the terms 99.5");
}

#[test]
fn a_fee_that_was_waived() {
    let waived: fn(&mut Expected) = |terms| terms.fee_waived = true;
    let (ledger, _) = settled(&[("100", &[SELLER], 1), ("1", &[BUYER], 1)], &[BUYER, BOT]);
    assert_eq!(otherwise(&ledger, waived), [""; 0]);
    let (ledger, _) = settled(&RELEASE, &[BUYER, BOT]);
    finds(&otherwise(&ledger, waived), "pays the fee receiver 1, but by the terms 0");
}

#[test]
fn less_that_was_taken_as_full() {
    let mut ledger = Maker::new();
    let deposit = ledger.mint(("90", &VAULT, 2));
    let paid: [To; 2] = [("89.10447762", &[SELLER], 1), ("0.89552238", &[FEES], 1)];
    ledger.pay(&[&format!("{deposit}:0")], &paid, &[BUYER, BOT]);
    assert_eq!(otherwise(&ledger, |terms| terms.short_ok = true), [""; 0]);
}

#[test]
fn without_the_bot() {
    let alone: fn(&mut Expected) = |terms| terms.without_bot = true;
    let (ledger, _) = settled(&RELEASE, &[SELLER, BUYER]);
    assert_eq!(otherwise(&ledger, alone), [""; 0]);
    let (ledger, hash) = settled(&RELEASE, &[BUYER, BOT]);
    finds(&otherwise(&ledger, alone), &format!("buyer and seller alone should have signed transaction {hash}"));
}

/// What the two agree on between themselves is theirs, if both signed it.
#[test]
fn settled_elsewhere() {
    let third: fn(&mut Expected) = |terms| terms.outcome = Outcome::Elsewhere { seller: "33".parse().unwrap() };
    let paid: [To; 2] = [("33", &[SELLER], 1), ("68", &[BUYER], 1)];
    let (ledger, _) = settled(&paid, &[BUYER, SELLER]);
    assert_eq!(otherwise(&ledger, third), [""; 0]);
    let (ledger, _) = settled(&paid, &[BUYER, BOT]);
    finds(&otherwise(&ledger, third), "buyer and seller alone should have signed");
    let (ledger, _) = settled(&[("33", &[SELLER], 1), ("68", &[MALLORY], 1)], &[BUYER, SELLER]);
    finds(&otherwise(&ledger, third), "pays 68 to");
}

/// No settlement: the money stays, or goes back, and nothing else.
#[test]
fn nothing_came_of_it() {
    let nothing: fn(&mut Expected) = |terms| terms.outcome = Outcome::Nothing;
    let (ledger, _) = funded();
    assert_eq!(otherwise(&ledger, nothing), [""; 0]);
    let (ledger, _) = settled(&[("101", &[BUYER], 1)], &[BUYER, BOT]);
    assert_eq!(otherwise(&ledger, nothing), [""; 0]);
    let (ledger, hash) = settled(&RELEASE, &[BUYER, BOT]);
    finds(&otherwise(&ledger, nothing), &format!("transaction {hash} spends the vault too"));
}

/// Who has what, beside what came to them.
#[test]
fn what_everybody_has() {
    let (ledger, _) = settled(&RELEASE, &[BUYER, BOT]);
    let all = holdings(&ledger.json.to_string()).unwrap();
    let net = |owners: &[&str]| {
        let owners = owners.iter().map(|id| (*id).to_owned()).collect();
        all.get(&(owners, USDT.to_owned())).and_then(Holding::net)
    };
    let coin = 100_000_000;
    assert_eq!(net(&[BUYER]), Some(-1_005 * coin / 10));
    assert_eq!([net(&[SELLER]), net(&[FEES]), net(&VAULT)], [Some(995 * coin / 10), Some(coin), Some(0)]);
    assert_eq!(net(&[MALLORY]), None);
}

#[test]
fn terms_that_make_no_sense() {
    let (ledger, _) = settled(&RELEASE, &[BUYER, BOT]);
    let spoil: [fn(&mut Expected); 5] = [
        |terms| terms.price = "ten".into(),
        |terms| terms.seller.clone_from(&terms.buyer),
        |terms| terms.fee_receiver.clone_from(&terms.seller),
        |terms| terms.fee_bps = 10_001,
        |terms| terms.price = "3402823669209384634633746074317.68211455".into(),
    ];
    for spoil in spoil {
        let mut terms = terms(Outcome::Release);
        spoil(&mut terms);
        let report = audit(&ledger.json.to_string(), &terms);
        assert!(matches!(report.problems[..], [Problem::Terms(_)]), "{report:?}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let (ledger, hash) = settled(&RELEASE, &[BUYER, BOT]);
    let text = ledger.json.to_string();
    for bad in ["", "[]", "null", "{}", "{\"outputs\": 1}", &text[..text.len() / 2]] {
        let report = audit(bad, &terms(Outcome::Release));
        assert!(matches!(report.problems[..], [Problem::Unreadable(_)]), "{bad}: {report:?}");
    }
    for (list, key, bad, sentence) in [
        ("outputs", "amount", "1.123456789", "outputs[2].amount: \"1.123456789\" has more than 8 decimals"),
        ("outputs", "amount", "-1", "outputs[2].amount: \"-1\" is not a decimal number"),
        ("outputs", "mask", "00", "outputs[2].mask: \"00\" is not 64 lower-case hex digits"),
        ("transactions", "hash", "x", "transactions[2].hash: \"x\" is not"),
        ("transactions", "raw", "77", "cannot be decoded: it ends in the middle of a field"),
    ] {
        let mut broken = ledger.clone();
        broken.json[list][2][key] = bad.into();
        told(&broken, sentence);
    }
    let mut broken = ledger.clone();
    broken.transaction(&hash)["hash"] = "ab".repeat(32).into();
    told(&broken, &format!("is listed under a hash that its bytes do not have: they hash to {hash}"));
}

/// Any single character of any field that the auditor reads, changed, is noticed; and nothing makes it panic.
#[test]
fn no_change_goes_unseen() {
    let (ledger, _) = settled(&RELEASE, &[BUYER, BOT]);
    let ignored = ["request_id", "at"];
    // No bytes tell whose key it is that nobody has used yet and that is outside the trade, nor who sent a mint.
    let untold = [("outputs", 2, "receivers"), ("transactions", 0, "senders")];
    for list in ["outputs", "transactions"] {
        for line in 0..ledger.json[list].as_array().unwrap().len() {
            let fields = ledger.json[list][line].as_object().unwrap().clone();
            for (key, value) in fields
                .iter()
                .filter(|(key, _)| !ignored.contains(&key.as_str()) && !untold.contains(&(list, line, key)))
            {
                for changed in changes(value) {
                    let mut broken = ledger.clone();
                    broken.json[list][line][key] = changed.clone();
                    assert_ne!(problems(&broken), [""; 0], "{list}[{line}].{key} = {changed}");
                }
            }
        }
    }
}

fn changes(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec!["ab".repeat(32).into()],
        Value::Bool(value) => vec![(!value).into()],
        Value::Number(_) => vec![7.into(), (-1).into()],
        Value::String(text) => (0..text.len())
            .step_by(1 + text.len() / 24)
            .map(|at| {
                let other = if text.as_bytes()[at] == b'1' { "2" } else { "1" };
                format!("{}{other}{}", &text[..at], &text[at + 1..]).into()
            })
            .collect(),
        Value::Array(items) => {
            let mut all: Vec<Value> = (0..items.len())
                .flat_map(|at| {
                    changes(&items[at]).into_iter().map(move |changed| {
                        let mut items = items.clone();
                        items[at] = changed;
                        items.into()
                    })
                })
                .collect();
            all.push(items.iter().chain([&json!(MALLORY)]).cloned().collect());
            all
        }
        Value::Object(_) => vec![Value::Null],
    }
}
