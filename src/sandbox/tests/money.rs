use super::*;

/// The dossier's four people, with its keys.
fn dossier() -> (Bench, Caller, Caller) {
    let mut bench = Bench::new();
    for (name, id, byte, app) in [
        ("buyer", "2b5a7f10-3c44-4d55-8e66-9f7788990011", "01", false),
        ("seller", "9d3e1c20-5a61-4b72-9c83-ad94beafc0d1", "02", false),
        ("bot", "6f1d2e30-7b84-4c95-ad06-be17cf28d039", "03", true),
        ("owner", "40e5f6a7-1829-4b3c-8d4e-5f60718293a4", "04", false),
    ] {
        let body = json!({"name": name, "user_id": id, "app": app, "role": format!("dossier {name}"),
                          "spend_private_key": byte.repeat(32)});
        bench.control("POST", "people", &body);
    }
    let (buyer, bot) = (bench.person("dossier buyer"), bench.person("dossier bot"));
    (bench, buyer, bot)
}

/// Dossier §17, to the last byte.
#[test]
fn the_worked_example() {
    const DEPOSIT: &str = "777700055b9d576914e71e2362f89bb867eb69084931eb958f9a3622d776b861602275f400011111111111111111111111111111111111111111111111111111111111111111000000000000000000010000000502540be400000328faa60f28b036995c539d7a8a759e43940a9cc18c643937b8dc68ac25d03a3b671d6ae01568b531d6e599b078e0633aa70d74929e7b7c8cbb975b445dc8346427d8c37791fe020b309b138eb3e29babf85ca89407f47585873bb2f16db6dfcdaa8cc7a6411e77510f3803bdeb3791416640d4b342d59d6ea1a1c66579846e8d0003fffe02000000000000000874726164652034320000";
    const BOT: &str = "fdc6ec8d9a83159315184ac13e36086d5578e37e9f61c754abf841284f2da3df41cded63db3c88ec49ec548f73ee7bd81bb28c5af51a323f23bded285e8fdc01";
    const BUYER: &str = "5e1b2c26054232579d588cd4a6d23b207cd61e14a96afecf0a3067eadcd8024c18c1edda132307496180c190507697b1258e51d8a630d714b6e43ada2fcd9f05";
    let (mut bench, buyer, bot) = dossier();
    let members = [
        "2b5a7f10-3c44-4d55-8e66-9f7788990011",
        "6f1d2e30-7b84-4c95-ad06-be17cf28d039",
        "9d3e1c20-5a61-4b72-9c83-ad94beafc0d1",
    ];
    let asked = json!([{"receivers": members, "index": 0, "hint": "a992c7cc-a572-3b9c-b8f6-834d150cde64"}]);
    bench.post(&bot, "/safe/keys", &asked).unwrap();
    let deposit = Transaction::decode(&hex::decode(DEPOSIT).unwrap()).unwrap();
    let accepted = crate::sandbox::ledger::Accepted {
        tx: deposit,
        request: None,
        user: None,
        senders: Vec::new(),
        senders_threshold: 0,
        signers: Vec::new(),
        at: bench.now,
        final_at: None,
        mint: true,
    };
    bench.world.ledger.mint(accepted, None);
    let list = "/safe/outputs?members=59d93980d038b1e090f8ce75b7a731dc99fbd71796fd95aae14adb771d60fdae&threshold=2&state=unspent&offset=0&limit=500&order=ASC";
    let coins = bench.get(&bot, list).unwrap();
    assert_eq!(coins[0]["output_id"], "ff59ce67-d3a1-3a9d-964c-17e196e77ee5");
    assert_eq!(coins[0]["transaction_hash"], "b91324e5316eccc1410ee60f893b343a698b5e77de21b1e8f071b17e29729595");
    assert_eq!((&coins[0]["extra"], &coins[0]["receivers"]), (&json!("7472616465203432"), &json!(members)));

    let asked = json!([
        {"receivers": [members[2]], "index": 0, "hint": "f77af613-23bc-3cc1-b66c-417e980532a7"},
        {"receivers": ["40e5f6a7-1829-4b3c-8d4e-5f60718293a4"], "index": 1, "hint": "5816ff57-06b8-3e67-bc04-80e6de7d1723"},
    ]);
    let keys = bench.post(&bot, "/safe/keys", &asked).unwrap();
    assert_eq!(keys[0]["mask"], "0ac094b966ca69ab606fd92a31eeefaf4783bab2ac64f1e7eb11777f25eab17b");
    assert_eq!(keys[0]["keys"], json!(["32190f97966c24f56c8311805d058bc62e2601b03c58e4d4f01fb13b89e202ee"]));
    let output = |at: usize, amount: &str| {
        let key = keys[at]["keys"][0].as_str().unwrap().parse().unwrap();
        Output::pay(amount.parse().unwrap(), vec![key], keys[at]["mask"].as_str().unwrap().parse().unwrap(), 1)
    };
    let tx = Transaction {
        asset: coins[0]["kernel_asset_id"].as_str().unwrap().parse().unwrap(),
        inputs: vec![Input::spend(coins[0]["transaction_hash"].as_str().unwrap().parse().unwrap(), 0)],
        outputs: vec![output(0, "99"), output(1, "1")],
        references: Vec::new(),
        extra: b"release 42".to_vec(),
        signatures: Signatures::Maps(Vec::new()),
    };
    let id = 0x0c8c_8a3e_6a0b_4b36_8a5e_3f0f_5a0b_7c11;
    let request = bench.create(&bot, id, &tx).unwrap();
    assert_eq!(request["transaction_hash"], "ad5e2049727dd6d85705c0300a5682c47b03e1123f9442a6068eb7b84df905b3");
    assert_eq!(request["views"], json!(["338d9ae484b6bc8b5451248f58e5f5e4e134da243ba1bf4bdd5df69db872fb03"]));
    assert_eq!(
        request["receivers"][0]["members_hash"],
        "103cb3d1276659dc6237f56bf2a697042372839dc13a66d093282faa27f264b9"
    );
    let payload = hex::encode(tx.encode());
    let payload = payload.strip_suffix("0000").unwrap();
    let signed = bench.sign(&bot, id, &tx).unwrap();
    assert_eq!(signed["raw_transaction"], format!("{payload}000100010001{BOT}"));
    let signed = bench.sign(&buyer, id, &tx).unwrap();
    assert_eq!(signed["raw_transaction"], format!("{payload}000100020000{BUYER}0001{BOT}"));
    bench.wait(500);
    let owner = bench.person("dossier owner");
    let fee = bench.get(&owner, "/safe/outputs").unwrap();
    assert_eq!(fee[0]["output_id"], "b4dbff12-bc5a-382f-b12d-48a6ad1ef6e0");
}

fn vault_link(members: &[String], amount: &str, memo: &str, trace: u128) -> String {
    let ids: Vec<crate::id::UserId> = members.iter().map(|id| id.parse().unwrap()).collect();
    let address = crate::kernel::MixAddress::users(&ids, 2);
    let trace = uuid::Uuid::from_u128(trace);
    format!("https://mixin.one/pay/{address}?asset={USDT}&amount={amount}&memo={memo}&trace={trace}")
}

#[test]
fn paying_by_link() {
    let mut bench = Bench::new();
    let (buyer, _, bot, members) = bench.trio();
    let link = vault_link(&members, "100", "trade%2042", 5);
    let pay = json!({"link": link, "pin": "123456"});
    let (status, poor) = bench.try_control("POST", "people/buyer/pay", &pay);
    assert_eq!((status, &poor["code"]), (409, &json!(20117)));
    bench.mint("buyer", "60");
    bench.mint("buyer", "60");
    let sheet = bench.control("POST", "people/buyer/open", &json!({"link": link}));
    assert_eq!((&sheet["sheet"], &sheet["state"], &sheet["amount"]), (&json!("pay"), &json!("ready"), &json!("100")));
    assert_eq!((&sheet["threshold"], sheet["receivers"].as_array().unwrap().len()), (&json!(2), 3));
    let (_, wrong) = bench.try_control("POST", "people/buyer/pay", &json!({"link": link, "pin": "000000"}));
    assert_eq!(wrong["code"], 20119);
    let paid = bench.control("POST", "people/buyer/pay", &pay);
    assert_eq!(bench.try_control("POST", "people/buyer/pay", &pay).0, 409, "already paid");
    bench.wait(500);
    let ids: Vec<crate::id::UserId> = members.iter().map(|id| id.parse().unwrap()).collect();
    let hash = crate::kernel::derive::members_hash(&ids);
    let target = format!("/safe/outputs?members={hash}&threshold=2&asset={USDT}&order=ASC");
    let coins = bench.get(&bot, &target).unwrap();
    assert_eq!(coins.as_array().unwrap().len(), 1);
    assert_eq!((&coins[0]["amount"], &coins[0]["senders"]), (&json!("100"), &json!([buyer.id])));
    assert_eq!(coins[0]["request_id"], paid["trace"]);
    assert_eq!(coins[0]["extra"], hex::encode("trade 42"));
    let sequence = coins[0]["sequence"].as_u64().unwrap();
    for (query, count) in [
        (format!("&offset={sequence}"), 1),
        (format!("&offset={}", sequence + 1), 0),
        ("&state=spent".into(), 0),
        ("&asset=fe6b7788944d328778f98e3e81588215b5a07de4f9a4a7de4db4535b404e65db".into(), 0),
    ] {
        let base = format!("/safe/outputs?members={hash}&threshold=2");
        assert_eq!(bench.get(&bot, &format!("{base}{query}")).unwrap().as_array().unwrap().len(), count, "{query}");
    }
    let stranger = bench.person("stranger");
    assert_eq!(bench.get(&stranger, &target), Ok(json!([])));
    assert_eq!(bench.get(&bot, "/safe/outputs?members=zz&threshold=2"), Err(10002));
    let wallet = bench.control("GET", "people/buyer/wallet", &Value::Null);
    assert_eq!(wallet["balances"][0]["amount"], "20");
    let history = bench.get(&buyer, "/safe/snapshots").unwrap();
    assert_eq!((&history[0]["amount"], &history[0]["opponent_id"]), (&json!("-100"), &json!("")));
}

#[test]
fn five_wrong_pins_lock_the_wallet() {
    let mut bench = Bench::new();
    let (.., members) = bench.trio();
    bench.mint("buyer", "100");
    let link = vault_link(&members, "100", "m", 5);
    for left in [4, 3, 2, 1, 0] {
        let (_, wrong) = bench.try_control("POST", "people/buyer/pay", &json!({"link": link, "pin": "654321"}));
        assert!(wrong["error"].as_str().unwrap().contains(&format!("{left} tries")), "{wrong}");
    }
    assert_eq!(bench.try_control("POST", "people/buyer/pay", &json!({"link": link, "pin": "123456"})).0, 409);
    bench.control("POST", "clock", &json!({"advance_ms": 24 * 3_600_000}));
    bench.now = bench.now.plus(Millis(1));
    bench.control("POST", "people/buyer/pay", &json!({"link": link, "pin": "123456"}));
}

#[test]
fn signing_by_link() {
    let mut bench = Bench::new();
    let (buyer, seller, bot, _) = bench.trio();
    let fees = bench.person("fees");
    let coin = bench.deposit("100");
    let outputs = [(vec![seller.id.clone()], 1, "99"), (vec![fees.id], 1, "1")];
    let tx = bench.spend(&bot, &coin, &outputs, 1);
    bench.create(&bot, 1, &tx).unwrap();
    let link = format!("https://mixin.one/multisigs/{}?action=sign", uuid::Uuid::from_u128(1));
    let sheet = bench.control("POST", "people/buyer/open", &json!({"link": link}));
    assert_eq!((&sheet["state"], &sheet["amount"], &sheet["total"]), (&json!("ready"), &json!("99"), &json!("99")));
    assert_eq!((&sheet["fee"], &sheet["signers"], &sheet["memo"]), (&json!("0 USDT"), &json!("2/3"), &json!(null)));
    assert_eq!(sheet["receiver"]["members"][0]["user_id"], json!(seller.id));
    assert_eq!(bench.try_control("POST", "people/stranger/open", &json!({"link": link})).0, 409);
    assert_eq!(bench.try_control("POST", "people/buyer/sign", &json!({"link": link, "pin": "1"})).1["code"], 20118);
    let done = bench.control("POST", "people/buyer/sign", &json!({"link": link, "pin": "123456"}));
    assert_eq!((&done["done"], &done["signers"]), (&json!("signed"), &json!([buyer.id])));
    assert_eq!(bench.try_control("POST", "people/buyer/sign", &json!({"link": link, "pin": "123456"})).0, 409);
    bench.control("POST", "people/buyer/revoke", &json!({"link": link, "pin": "123456"}));
    let sheet = bench.control("POST", "people/seller/open", &json!({"link": link}));
    assert_eq!(sheet["state"], "revoked");
    let upper = link.replace("00000001", "0000000A");
    assert_eq!(bench.try_control("POST", "people/seller/open", &json!({"link": upper})).0, 409);
}

#[test]
fn one_time_keys() {
    let mut bench = Bench::new();
    let (buyer, seller, bot, _) = bench.trio();
    let hint = "f77af613-23bc-3cc1-b66c-417e980532a7";
    let ask = |receivers: Value, index: u64| json!([{"receivers": receivers, "index": index, "hint": hint}]);
    let one = bench.post(&bot, "/safe/keys", &ask(json!([buyer.id, seller.id]), 0)).unwrap();
    assert_eq!(bench.post(&buyer, "/safe/keys", &ask(json!([seller.id, buyer.id]), 0)), Ok(one.clone()));
    assert_ne!(bench.post(&bot, "/safe/keys", &ask(json!([buyer.id, seller.id]), 1)), Ok(one.clone()));
    let scoped = json!({"keys": ask(json!([buyer.id, seller.id]), 0), "senders": [bot.id, buyer.id]});
    assert_ne!(bench.post(&bot, "/safe/keys", &scoped), Ok(one));
    assert_eq!(bench.post(&bot, "/safe/keys", &ask(json!([buyer.id, buyer.id]), 0)), Err(20150));
    assert_eq!(bench.post(&bot, "/safe/keys", &ask(json!([]), 0)), Err(20150));
    assert_eq!(bench.post(&bot, "/safe/keys", &ask(json!(["x"]), 0)), Err(10002));
    assert_eq!(bench.post(&bot, "/safe/keys", &ask(json!([buyer.id]), 256)), Err(10002));
    let poor = bench.control("POST", "people", &json!({"name": "Ned", "has_safe": false}));
    assert_eq!(bench.post(&bot, "/safe/keys", &ask(json!([poor["user_id"]]), 0)), Err(10404));
    let many: Vec<Value> = (0..257).map(|_| ask(json!([buyer.id]), 0)[0].clone()).collect();
    assert_eq!(bench.post(&bot, "/safe/keys", &json!(many)), Err(10002));
}

#[test]
fn a_stolen_unit_is_missing_from_the_ledger_alone() {
    let mut bench = Bench::new();
    bench.mint("fees", "1");
    let before = bench.control("GET", "ledger", &Value::Null);
    let stolen = bench.control("POST", "faults", &json!({"steal_one_unit": {"user": "fees"}}));
    assert_eq!(stolen["amount"], "0.99999999");
    let after = bench.control("GET", "ledger", &Value::Null);
    assert_eq!(before["transactions"], after["transactions"]);
    assert_eq!(after["outputs"][0]["amount"], "0.99999999");
    assert_eq!(bench.try_control("POST", "faults", &json!({"steal_one_unit": {"user": "judge"}})).0, 400);
}

#[test]
fn the_same_seed_lives_the_same_life() {
    let story = || {
        let mut bench = Bench::new();
        bench.mint("buyer", "5");
        bench.control("POST", "people/buyer/say", &json!({"text": "hi"}));
        bench.control("GET", "ledger", &Value::Null).to_string()
            + &bench.control("GET", "people", &Value::Null).to_string()
    };
    assert_eq!(story(), story());
}
