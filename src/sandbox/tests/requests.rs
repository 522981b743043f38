use super::*;

/// One input, released to the seller with a fee; returns the payload and who may sign.
fn standing(bench: &mut Bench, id: u128) -> (Transaction, Caller, Caller, Caller) {
    let (buyer, seller, bot, _) = bench.trio();
    let fees = bench.person("fees");
    let coin = bench.deposit("100");
    let outputs = [(vec![seller.id.clone()], 1, "99"), (vec![fees.id], 1, "1")];
    let tx = bench.spend(&bot, &coin, &outputs, id << 8);
    bench.create(&bot, id, &tx).unwrap();
    (tx, buyer, seller, bot)
}

#[test]
fn two_of_three_spend() {
    let mut bench = Bench::new();
    let (tx, buyer, _, bot) = standing(&mut bench, 1);
    let (hash, id) = (tx.hash().to_string(), uuid::Uuid::from_u128(1).to_string());
    let fresh = bench.request(&bot, 1).unwrap();
    assert_eq!(fresh["raw_transaction"], hex::encode(tx.encode()));
    assert_eq!(fresh["transaction_hash"], hash);
    assert_eq!((&fresh["amount"], &fresh["signers"], &fresh["revoked_by"]), (&json!("99"), &json!([]), &json!("")));
    let input = tx.inputs[0].hash.to_string();
    assert_eq!(bench.get(&bot, &format!("/safe/outputs/{input}:0")).unwrap()["state"], "unspent");

    let once = bench.sign(&buyer, 1, &tx).unwrap();
    assert_eq!(once["signers"], json!([buyer.id]));
    let shown = Transaction::decode(&hex::decode(once["raw_transaction"].as_str().unwrap()).unwrap()).unwrap();
    assert!(matches!(shown.signatures, Signatures::Maps(maps) if maps.len() == 1 && maps[0].len() == 1));
    let reserved = bench.get(&bot, &format!("/safe/outputs/{input}:0")).unwrap();
    assert_eq!((&reserved["state"], &reserved["signed_by"]), (&json!("signed"), &json!(hash)));
    assert_eq!(bench.get(&bot, &format!("/safe/transactions/{id}")), Err(404));

    let twice = bench.sign(&bot, 1, &tx).unwrap();
    assert_eq!(twice["signers"], json!([buyer.id, bot.id]));
    assert_eq!(twice["views"], json!([]));
    assert_eq!(bench.get(&bot, &format!("/safe/transactions/{id}")).unwrap()["state"], "signed");
    assert_eq!(bench.get(&bot, &format!("/safe/outputs/{hash}:0")), Err(404));
    assert_eq!(bench.world.next_deadline(), Some(bench.now.plus(Millis(500))));
    bench.wait(500);
    let done = bench.get(&bot, &format!("/safe/transactions/{hash}")).unwrap();
    assert_eq!((&done["state"], &done["request_id"]), (&json!("spent"), &json!(id)));
    let spent = bench.get(&bot, &format!("/safe/outputs/{input}:0")).unwrap();
    assert_eq!((&spent["state"], &spent["signed_by"]), (&json!("spent"), &json!(hash)));
    let wallet = bench.control("GET", "people/seller/wallet", &Value::Null);
    assert_eq!(wallet["balances"][0]["amount"], "99");
    let ledger = bench.control("GET", "ledger", &Value::Null);
    let last = ledger["transactions"].as_array().unwrap().last().unwrap();
    assert_eq!(last["signers"], json!([buyer.id, bot.id]));
    assert!(Transaction::decode(&hex::decode(last["raw"].as_str().unwrap()).unwrap()).is_ok());
}

#[test]
fn what_is_not_signed_right_is_refused() {
    let mut bench = Bench::new();
    let (tx, buyer, seller, bot) = standing(&mut bench, 1);
    let stranger = bench.person("stranger");
    let views = bench.request(&buyer, 1).unwrap()["views"].clone();
    let senders = bench.request(&buyer, 1).unwrap()["senders"].clone();
    let own = place(&senders, &buyer);
    let other = place(&senders, &seller);
    assert_eq!(bench.request(&stranger, 1).unwrap()["views"], json!([]));
    for (what, raw) in [
        ("another's place", signed(&tx, &views, &buyer, other)),
        ("no such place", signed(&tx, &views, &buyer, 3)),
        ("another's key", signed(&tx, &views, &seller, own)),
        ("no signature", tx.clone()),
        (
            "no maps",
            Transaction { signatures: Signatures::Maps(vec![std::collections::BTreeMap::new()]), ..tx.clone() },
        ),
        ("another payload", signed(&Transaction { extra: b"more".to_vec(), ..tx.clone() }, &views, &buyer, own)),
    ] {
        assert_eq!(bench.sign_raw(&buyer, 1, &raw), Err(10002), "{what}");
    }
    let good = signed(&tx, &views, &buyer, own);
    assert_eq!(bench.sign_raw(&stranger, 1, &good), Err(403));
    assert_eq!(bench.sign_raw(&seller, 1, &good), Err(10002), "somebody else's alone");
    assert_eq!(bench.request(&bot, 1).unwrap()["signers"], json!([]));
}

#[test]
fn a_union_counts_everybody_in_it_and_the_caller_last() {
    for (only, signers) in [(false, 2), (true, 1)] {
        let mut bench = Bench::new();
        bench.switch(&json!({"count_only_callers": only}));
        let (tx, buyer, _, bot) = standing(&mut bench, 1);
        let theirs = bench.request(&buyer, 1).unwrap();
        let mine = bench.request(&bot, 1).unwrap();
        let mut union = signed(&tx, &theirs["views"], &buyer, place(&theirs["senders"], &buyer));
        let own = signed(&tx, &mine["views"], &bot, place(&mine["senders"], &bot));
        if let (Signatures::Maps(union), Signatures::Maps(own)) = (&mut union.signatures, own.signatures) {
            union[0].extend(own[0].clone());
        }
        let done = bench.sign_raw(&bot, 1, &union).unwrap();
        assert_eq!(done["signers"].as_array().unwrap().len(), signers);
        assert_eq!(done["signers"].as_array().unwrap().last().unwrap(), &json!(bot.id));
    }
}

#[test]
fn states_of_a_request() {
    let mut bench = Bench::new();
    let (tx, buyer, seller, bot) = standing(&mut bench, 1);
    let unlock = |bench: &mut Bench, who: &Caller, id: u128, verb: &str| {
        bench.call(who, "POST", &format!("/safe/multisigs/{}/{verb}", uuid::Uuid::from_u128(id)), &Value::Null)
    };
    assert_eq!(bench.request(&bot, 9), Err(404));
    assert_eq!(bench.sign(&bot, 9, &tx), Err(404));
    assert_eq!(unlock(&mut bench, &bot, 9, "unlock"), Err(404));
    let stranger = bench.person("stranger");
    assert_eq!(bench.create(&stranger, 9, &tx), Err(403));
    assert_eq!(unlock(&mut bench, &stranger, 1, "unlock"), Err(403));

    bench.sign(&buyer, 1, &tx).unwrap();
    assert_eq!(bench.sign(&buyer, 1, &tx), Ok(bench.request(&buyer, 1).unwrap()), "again is no change");
    assert_eq!(bench.create(&bot, 1, &tx).unwrap()["signers"], json!([buyer.id]));
    let revoked = unlock(&mut bench, &seller, 1, "revoke").unwrap();
    assert_eq!((&revoked["revoked_by"], &revoked["signers"]), (&json!(seller.id), &json!([])));
    let input = tx.inputs[0].hash;
    assert_eq!(bench.get(&bot, &format!("/safe/outputs/{input}:0")).unwrap()["state"], "unspent");
    assert_eq!(bench.sign(&buyer, 1, &tx).unwrap_err(), 403);
    assert_eq!(unlock(&mut bench, &bot, 1, "unlock"), Err(403));
    assert_eq!(bench.create(&bot, 1, &tx).unwrap()["revoked_by"], json!(seller.id), "the id is burnt");

    bench.create(&bot, 2, &tx).unwrap();
    bench.sign(&buyer, 2, &tx).unwrap();
    bench.sign(&bot, 2, &tx).unwrap();
    assert_eq!(unlock(&mut bench, &bot, 2, "unlock"), Err(403));
    assert_eq!(bench.sign_raw(&seller, 2, &tx).unwrap()["signers"], json!([buyer.id, bot.id]));
    bench.wait(1_000);
    assert_eq!(bench.create(&bot, 3, &tx).unwrap()["signers"], json!([]), "spent by this very payload");
}

#[test]
fn one_input_two_payloads() {
    let mut bench = Bench::new();
    let (buyer, seller, bot, _) = bench.trio();
    let coin = bench.deposit("100");
    let release = bench.spend(&bot, &coin, &[(vec![seller.id.clone()], 1, "100")], 1);
    let refund = bench.spend(&bot, &coin, &[(vec![buyer.id.clone()], 1, "100")], 9);
    bench.create(&bot, 1, &release).unwrap();
    bench.create(&bot, 2, &refund).unwrap();
    bench.sign(&buyer, 1, &release).unwrap();
    assert_eq!(bench.sign(&seller, 2, &refund), Err(10105));
    assert_eq!(bench.create(&bot, 3, &refund), Err(10105));
    bench.sign(&bot, 1, &release).unwrap();
    assert_eq!(bench.sign(&seller, 2, &refund), Err(10105), "broadcasting");
    bench.wait(500);
    assert_eq!(bench.sign(&seller, 2, &refund), Err(10106));
    assert_eq!(bench.create(&bot, 4, &refund), Err(10106));
}

#[test]
fn what_the_kernel_would_refuse_is_not_even_created() {
    let mut bench = Bench::new();
    let (buyer, seller, bot, members) = bench.trio();
    let stranger = bench.person("stranger");
    let coin = bench.deposit("100");
    let good = bench.spend(&bot, &coin, &[(vec![seller.id.clone()], 1, "100")], 1);
    let more = bench.spend(&bot, &coin, &[(vec![seller.id.clone()], 1, "100.00000001")], 1);
    assert_eq!(bench.create(&bot, 1, &more), Err(10002), "more out than in");
    let mut unknown = good.clone();
    unknown.inputs[0].index = 1;
    assert_eq!(bench.create(&bot, 1, &unknown), Err(10106));
    let mut shifted =
        bench.spend(&bot, &coin, &[(vec![buyer.id.clone()], 1, "1"), (vec![seller.id.clone()], 1, "99")], 5);
    shifted.outputs.swap(0, 1);
    assert_eq!(bench.create(&bot, 1, &shifted), Err(20150), "keys of another place");
    let mut reordered = bench.spend(&bot, &coin, &[(members, 2, "100")], 7);
    reordered.outputs[0].keys.swap(0, 1);
    assert_eq!(bench.create(&bot, 1, &reordered), Err(20150), "keys out of order");
    let views = json!(["0100000000000000000000000000000000000000000000000000000000000000"]);
    assert_eq!(bench.create(&bot, 1, &signed(&good, &views, &bot, 0)), Err(10002), "signed already");
    let body = json!([{"request_id": "6F1D2E30-7B84-4C95-AD06-BE17CF28D039", "raw": hex::encode(good.encode())}]);
    assert_eq!(bench.post(&bot, "/safe/multisigs", &body), Err(10002), "upper-case id");
    let mut long = good.encode();
    long.push(0);
    let body = json!([{"request_id": uuid::Uuid::from_u128(1).to_string(), "raw": hex::encode(long)}]);
    assert_eq!(bench.post(&bot, "/safe/multisigs", &body), Err(10002), "not canonical");
    assert_eq!(bench.create(&stranger, 1, &good), Err(403));
    assert!(bench.create(&seller, 1, &good).is_ok());

    // A key used by another transaction is burnt for ever.
    bench.sign(&buyer, 1, &good).unwrap();
    bench.sign(&seller, 1, &good).unwrap();
    bench.wait(500);
    let second = bench.deposit("100");
    let reuse = Transaction {
        inputs: vec![Input::spend(second["transaction_hash"].as_str().unwrap().parse().unwrap(), 0)],
        ..good
    };
    assert_eq!(bench.create(&bot, 2, &reuse), Err(10002));
}

#[test]
fn no_output_is_larger_than_any_amount() {
    let mut bench = Bench::new();
    let (_, seller, bot, _) = bench.trio();
    let most = "3402823669209384634633746074317.68211455";
    let (coin, other) = (bench.deposit(most), bench.deposit(most));
    let mut tx = bench.spend(&bot, &coin, &[(vec![seller.id.clone()], 1, most)], 1);
    assert!(bench.create(&bot, 1, &tx).is_ok());
    tx.inputs.push(Input::spend(other["transaction_hash"].as_str().unwrap().parse().unwrap(), 0));
    tx.outputs[0].amount = Units::sum([&tx.outputs[0].amount, &tx.outputs[0].amount]);
    assert_eq!(bench.create(&bot, 2, &tx), Err(10002));
}

#[test]
fn unknowns_can_be_lived_the_other_way() {
    let mut bench = Bench::new();
    bench.switch(&json!({"hide_signatures": true, "unsigned_life_ms": 60_000}));
    let (tx, buyer, _, bot) = standing(&mut bench, 1);
    assert_eq!(bench.sign(&buyer, 1, &tx).unwrap()["raw_transaction"], hex::encode(tx.encode()));
    let (other, ..) = standing(&mut bench, 2);
    bench.wait(60_000);
    assert_eq!(bench.request(&bot, 2), Err(404));
    assert!(bench.request(&bot, 1).is_ok(), "signed ones stay");

    bench.switch(&json!({"unsigned_life_ms": 0, "create_reserves": true}));
    bench.create(&bot, 3, &other).unwrap();
    let extra = Transaction { extra: b"other".to_vec(), ..other };
    assert_eq!(bench.create(&bot, 4, &extra), Err(10105));

    bench.switch(&json!({"unlock": "own_signature", "senders_unsorted": true}));
    let path = format!("/safe/multisigs/{}/unlock", uuid::Uuid::from_u128(1));
    assert_eq!(bench.call(&bot, "POST", &path, &Value::Null), Err(403), "has not signed");
    let unlocked = bench.call(&buyer, "POST", &path, &Value::Null).unwrap();
    assert_eq!((&unlocked["revoked_by"], &unlocked["signers"]), (&json!(""), &json!([])));
    let mut senders: Vec<String> = serde_json::from_value(unlocked["senders"].clone()).unwrap();
    senders.reverse();
    assert!(senders.is_sorted());
    assert_eq!(bench.try_control("POST", "switches", &json!({"finalty_ms": 1})).0, 400);
}

#[test]
fn one_payload_in_two_requests() {
    let mut bench = Bench::new();
    let (tx, buyer, seller, bot) = standing(&mut bench, 1);
    bench.create(&bot, 2, &tx).unwrap();
    bench.sign(&buyer, 1, &tx).unwrap();
    bench.sign(&seller, 2, &tx).unwrap();
    let path = format!("/safe/multisigs/{}/unlock", uuid::Uuid::from_u128(2));
    bench.call(&bot, "POST", &path, &Value::Null).unwrap();
    let input = tx.inputs[0].hash;
    let coin = bench.get(&bot, &format!("/safe/outputs/{input}:0")).unwrap();
    assert_eq!(coin["state"], "signed", "the other request still holds it");
    assert_eq!(bench.sign(&bot, 1, &tx).unwrap()["signers"], json!([buyer.id, bot.id]));
}

#[test]
fn inputs_reserved_from_the_start() {
    let mut bench = Bench::new();
    bench.switch(&json!({"inputs_signed": "create", "unlock": "own_signature"}));
    let (tx, buyer, ..) = standing(&mut bench, 1);
    let input = format!("/safe/outputs/{}:0", tx.inputs[0].hash);
    assert_eq!(bench.get(&buyer, &input).unwrap()["state"], "signed");
    bench.sign(&buyer, 1, &tx).unwrap();
    let path = format!("/safe/multisigs/{}/unlock", uuid::Uuid::from_u128(1));
    bench.call(&buyer, "POST", &path, &Value::Null).unwrap();
    let held = bench.get(&buyer, &input).unwrap();
    assert_eq!((&held["state"], &held["signers"]), (&json!("signed"), &json!([])), "the request lives on and holds it");
}

#[test]
fn final_is_dated_when_it_happened() {
    let mut bench = Bench::new();
    bench.switch(&json!({"finality_ms": 3_000}));
    let (tx, buyer, seller, _) = standing(&mut bench, 1);
    bench.sign(&buyer, 1, &tx).unwrap();
    bench.sign(&seller, 1, &tx).unwrap();
    bench.wait(3_600_000);
    let found = bench.get(&buyer, &format!("/safe/transactions/{}", tx.hash())).unwrap();
    assert_eq!(found["snapshot_at"], START.plus(Millis(3_000)).to_rfc3339());
}

#[test]
fn a_single_owner_spends_once() {
    let mut bench = Bench::new();
    let (buyer, seller) = (bench.person("buyer"), bench.person("seller"));
    bench.mint("buyer", "10");
    let coin = bench.get(&buyer, "/safe/outputs").unwrap()[0].clone();
    let outputs = [(vec![seller.id.clone()], 1, "4"), (vec![buyer.id.clone()], 1, "6")];
    let tx = bench.spend(&buyer, &coin, &outputs, 1);
    let item = |id: u128, tx: &Transaction| json!([{"request_id": uuid::Uuid::from_u128(id).to_string(), "raw": hex::encode(tx.encode())}]);
    assert_eq!(bench.post(&seller, "/safe/transaction/requests", &item(1, &tx)), Err(403), "not the owner");
    assert_eq!(bench.post(&buyer, "/safe/transactions", &item(1, &tx)), Err(404), "not verified");
    let verified = bench.post(&buyer, "/safe/transaction/requests", &item(1, &tx)).unwrap();
    assert_eq!(verified[0]["state"], "unspent");
    assert_eq!(bench.post(&seller, "/safe/transaction/requests", &item(1, &tx)), Err(20125));
    assert_eq!(bench.create(&buyer, 1, &tx), Err(10002), "one name space");
    let good = signed(&tx, &verified[0]["views"], &buyer, 0);
    assert_eq!(bench.post(&buyer, "/safe/transactions", &item(1, &tx)), Err(10002), "unsigned");
    let forged = signed(&tx, &verified[0]["views"], &seller, 0);
    assert_eq!(bench.post(&buyer, "/safe/transactions", &item(1, &forged)), Err(10002));
    let other = Transaction { extra: b"again".to_vec(), ..tx };
    assert!(bench.post(&buyer, "/safe/transaction/requests", &item(2, &other)).is_ok());
    assert_eq!(bench.post(&buyer, "/safe/transactions", &item(1, &good)).unwrap()[0]["state"], "signed");
    let late = signed(&other, &verified[0]["views"], &buyer, 0);
    assert_eq!(bench.post(&buyer, "/safe/transactions", &item(2, &late)), Err(10002), "its keys are burnt");
    bench.wait(500);
    assert_eq!(bench.post(&buyer, "/safe/transactions", &item(1, &good)).unwrap()[0]["state"], "spent");
    let outside = Request::get(format!("/safe/transactions/{}", uuid::Uuid::from_u128(1))).body(Bytes::new()).unwrap();
    assert_eq!(bench.world.handle(outside, bench.now).status(), 200, "open to everybody");
}
