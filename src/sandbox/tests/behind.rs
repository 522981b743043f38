//! What lies behind the phones: its numbers are the ledger's, its forms do what they say, and hostile words stay words.

use super::*;
use crate::money::Amount;
use crate::sandbox::page::asks;

const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&\u{202e}</textarea><script>";

impl Bench {
    fn behind_page(&mut self, path: &str, bot: &BotSays) -> (StatusCode, String) {
        self.drawn(&format!("/page/behind{path}"), bot)
    }

    fn behind(&mut self, path: &str) -> String {
        let (status, page) = self.behind_page(path, &BotSays::new());
        assert_eq!(status, 200, "{path}");
        page
    }

    /// The page a form leads to, or the page that says why not.
    fn submit(&mut self, verb: &str, fields: &[(&str, &str)]) -> Result<String, (u16, String)> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(format!("/page/behind/{verb}")).body(Bytes::from(body)).unwrap();
        let response = self.world.page(&request, &BotSays::new(), self.now);
        if response.status() == 303 {
            return Ok(response.headers()["location"].to_str().unwrap().to_owned());
        }
        let page = String::from_utf8(response.body().to_vec()).unwrap();
        assert!(page.contains("role=\"alert\""), "{page}");
        Err((response.status().as_u16(), page))
    }

    /// A form that is carried out; the page after it says so.
    fn done(&mut self, verb: &str, fields: &[(&str, &str)]) {
        let to = self.submit(verb, fields).map_err(|(status, _)| status).unwrap();
        let page = self.behind(to.strip_prefix("/page/behind").unwrap());
        assert!(page.contains("role=\"status\""), "{to}");
    }
}

/// The part of a page between an id and the end of that table.
fn table<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {page}"));
    page[start..].split("</table>").next().unwrap()
}

/// Every amount of one symbol under a column of a table, in order.
fn amounts(table: &str, column: &str) -> Vec<Amount> {
    let cells = table.split("data-label=\"").filter_map(|cell| cell.strip_prefix(&format!("{column}\"")));
    let in_cell = |cell: &str| -> Vec<Amount> {
        let parts = cell.split("data-amount=\"").skip(1);
        parts.map(|part| part.split('"').next().unwrap().parse().unwrap()).collect()
    };
    cells.flat_map(in_cell).collect()
}

/// Two wallets, a vault, a request one of them has signed, and one that was spent.
fn played() -> Bench {
    let mut bench = Bench::new();
    let (buyer, seller, bot, _) = bench.trio();
    bench.mint("buyer", "1000.5");
    bench.mint("seller", "0.00000001");
    for (id, amount) in [(1, "100"), (2, "250.25")] {
        let coin = bench.deposit(amount);
        let outputs = [(vec![seller.id.clone()], 1, amount)];
        let tx = bench.spend(&bot, &coin, &outputs, id << 8);
        bench.create(&bot, id, &tx).unwrap();
        bench.sign(&buyer, id, &tx).unwrap();
        if id == 1 {
            bench.sign(&bot, id, &tx).unwrap();
        }
    }
    bench.wait(500);
    bench
}

#[test]
fn the_ledger_page_is_the_ledger() {
    let mut bench = played();
    let page = bench.behind("/ledger");
    let ledger = bench.control("GET", "ledger", &Value::Null);
    let outputs = ledger["outputs"].as_array().unwrap();
    let newest_first = outputs.iter().rev().map(|output| output["amount"].as_str().unwrap().parse().unwrap());
    assert_eq!(amounts(table(&page, "outputs"), "Amount"), newest_first.collect::<Vec<Amount>>());
    for output in outputs {
        assert!(page.contains(&format!("{}:{}", output["transaction_hash"].as_str().unwrap(), output["output_index"])));
    }
    let of = |text: &str| vec![text.parse::<Amount>().unwrap()];
    let sums = table(&page, "sums");
    assert_eq!(amounts(sums, "Minted"), of("1350.75000001"));
    assert_eq!(amounts(sums, "In wallets"), of("1100.50000001"));
    assert_eq!(amounts(sums, "In vaults"), of("250.25"));
    assert!(sums.contains("yes, to the last unit"));
    let asked = table(&page, "requests");
    assert_eq!(amounts(asked, "Would pay").len(), 2);
    assert!(asked.contains("1 of 2 needed") && asked.contains(">paid<"), "{asked}");
    for words in ["held by a signed request", "spent by transaction", "any 2 of "] {
        assert!(page.contains(words), "{words}");
    }
    assert_eq!(page, bench.behind("/ledger"), "drawing changes nothing");

    bench.done("fault", &[("what", "steal"), ("from", "vault")]);
    assert!(table(&bench.behind("/ledger"), "sums").contains("0.00000001 missing"));
}

#[test]
fn a_long_ledger_is_cut_until_asked_for() {
    let mut bench = Bench::new();
    for _ in 0..203 {
        bench.mint("buyer", "1");
    }
    let page = bench.behind("/ledger");
    assert_eq!(amounts(table(&page, "outputs"), "Amount").len(), 200);
    assert!(page.contains("3 more are not shown"));
    let page = bench.behind("/ledger?all=1");
    assert_eq!(amounts(table(&page, "outputs"), "Amount").len(), 203);
    assert_eq!(amounts(table(&page, "sums"), "Minted"), [Amount::from_units(203 * 100_000_000)]);
}

#[test]
fn test_money_is_given() {
    let mut bench = Bench::new();
    let buyer = bench.person("buyer");
    bench.done("mint", &[("who", &buyer.id), ("asset", USDT), ("amount", "12.5")]);
    let wallet = bench.control("GET", "people/buyer/wallet", &Value::Null);
    assert_eq!(wallet["balances"][0]["amount"], "12.5");
    assert!(table(&bench.behind("/wallets"), "wallets").contains("data-amount=\"12.5\" data-asset=\"USDT\""));
    bench.deposit("7");
    assert!(table(&bench.behind("/wallets"), "vaults").contains("data-amount=\"7\" data-asset=\"USDT\""));
    for (who, asset, amount) in
        [("nobody", USDT, "1"), ("buyer", "x", "1"), ("buyer", USDT, "1,5"), ("buyer", USDT, "0")]
    {
        let (status, page) = bench.submit("mint", &[("who", who), ("asset", asset), ("amount", amount)]).unwrap_err();
        assert_eq!(status, 400, "{who} {asset} {amount}");
        assert!(page.contains(&format!("value=\"{amount}\"")), "what was typed is kept");
    }
}

#[test]
fn who_only_asks_changes_nothing_and_whoever_acts_is_announced() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    bench.control("POST", "people/buyer/say", &json!({"text": "Hi"}));
    bench.mint("buyer", "2");
    bench.wait(1_000);
    for page in ["ledger", "wallets", "faults"] {
        bench.behind(&format!("/{page}"));
    }
    let before = bench.world.outlook(bench.now);
    let buyer = bench.person("buyer").id;
    let pay = format!("/page/phone/seller/bot?link=mixin://mixin.one/pay/{buyer}%3Fasset={USDT}%26amount=1");
    for _ in 0..3 {
        bench.get(&bot, "/safe/outputs?members=x&threshold=1").ok();
        bench.get(&bot, "/me").unwrap();
        bench.control("GET", "ledger", &Value::Null);
        assert!(bench.drawn(&pay, &BotSays::new()).1.contains("dialog"));
        bench.wait(250);
    }
    assert_eq!(bench.world.outlook(bench.now), before, "the bot asks all day");
    bench.control("GET", "people/bot/inbox", &Value::Null);
    let announced = |bench: &mut Bench, what: &str, before| {
        let now = bench.world.outlook(bench.now);
        assert_ne!(now, before, "{what}");
        now
    };
    bench.control("POST", "people/seller/say", &json!({"text": "Hi", "to": "buyer"}));
    let mut last = announced(&mut bench, "a message", before);
    bench.drawn("/page/phone/buyer/seller", &BotSays::new());
    last = announced(&mut bench, "it is read", last);
    bench.done("fault", &[("what", "500"), ("count", "1")]);
    last = announced(&mut bench, "a fault", last);
    let token = bot.token(&bot.claims("GET", "/me", "", bench.now));
    assert_eq!(bench.send(&token, "GET", "/me", "").status(), 500);
    last = announced(&mut bench, "a fault that was met", last);
    let coin = bench.deposit("1");
    let tx = bench.spend(&bot, &coin, &[(vec![bot.id.clone()], 1, "1")], 1 << 8);
    bench.create(&bot, 1, &tx).unwrap();
    for who in ["buyer", "bot"] {
        let who = bench.person(who);
        bench.sign(&who, 1, &tx).unwrap();
    }
    last = announced(&mut bench, "a payment", last);
    bench.wait(500);
    last = announced(&mut bench, "it is final", last);
    bench.wait(60_000);
    announced(&mut bench, "the minute", last);
}

#[test]
fn the_clock_goes_forward() {
    let mut bench = Bench::new();
    for ms in [600_000, 3_600_000, 86_400_000, 259_200_000, 691_200_000] {
        assert!(bench.behind("/faults").contains(&format!("value=\"{ms}\"")));
        let before = bench.control("GET", "clock", &Value::Null)["now_ms"].as_i64().unwrap();
        bench.done("clock", &[("advance_ms", &ms.to_string())]);
        assert_eq!(bench.control("GET", "clock", &Value::Null)["now_ms"], before + ms);
    }
    assert!(bench.behind("/faults").contains("2026-01-13 01:10 UTC"));
    let page = bench.behind("/faults");
    bench.wait(1_500);
    assert_eq!(bench.behind("/faults"), page, "within a minute it looks the same");
    for wrong in ["-1", "soon", ""] {
        assert_eq!(bench.submit("clock", &[("advance_ms", wrong)]).unwrap_err().0, 400);
    }
}

#[test]
fn faults_are_set_shown_and_cleared() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    assert!(bench.behind("/faults").contains("No fault is waiting"));
    bench.done("fault", &[("what", "429"), ("path", "/safe/"), ("count", "2")]);
    assert!(bench.behind("/faults").contains("The next 2 calls to <code>/safe/</code>"));
    assert!(bench.get(&bot, "/me").is_ok());
    assert_eq!(bench.get(&bot, "/safe/me"), Err(429));
    for what in ["500", "lost"] {
        bench.done("fault", &[("what", what), ("path", ""), ("count", "1")]);
    }
    for (what, words) in [("upgrades", "Connections refused next: 3"), ("unanswered", "left unanswered next: 3")] {
        bench.done("fault", &[("what", what), ("n", "3")]);
        assert!(bench.behind("/faults").contains(words), "{what}");
    }
    bench.done("fault", &[("what", "clear")]);
    assert!(bench.behind("/faults").contains("No fault is waiting"));
    assert!(bench.get(&bot, "/safe/me").is_ok());

    let claims = bot.claims("GET", "/", "", bench.now);
    let token = format!("Bearer {}", bot.token(&claims));
    let request = Request::get("/").header("authorization", token).body(()).unwrap();
    let connection = bench.world.blaze_open(&request, bench.now).unwrap();
    bench.done("fault", &[("what", "silence")]);
    assert!(bench.world.blaze_silent(connection));
    assert!(bench.behind("/faults").contains("Live connections: 1, silent: 1"));
    for what in ["close", "reset"] {
        bench.done("fault", &[("what", what)]);
        assert!(bench.behind("/faults").contains("Live connections: 0"));
    }

    assert_eq!(bench.submit("fault", &[("what", "steal"), ("from", "wallet")]).unwrap_err().0, 409);
    bench.mint("buyer", "5");
    bench.done("fault", &[("what", "steal"), ("from", "wallet")]);
    assert_eq!(bench.control("GET", "people/buyer/wallet", &Value::Null)["balances"][0]["amount"], "4.99999999");
    for wrong in [
        &[("what", "fire")][..],
        &[("what", "500"), ("count", "many")],
        &[("what", "500"), ("count", "1001")],
        &[("what", "lost"), ("path", "safe")],
        &[("what", "upgrades"), ("n", "-1")],
    ] {
        assert_eq!(bench.submit("fault", wrong).unwrap_err().0, 400, "{wrong:?}");
    }
}

/// The form as it stands: every switch with its present value.
fn form(bench: &mut Bench) -> Vec<(String, String)> {
    let switches = bench.control("GET", "switches", &Value::Null);
    let mut fields = vec![("form".to_owned(), "switches".to_owned())];
    let mut add = |name: String, value: &Value| match value {
        Value::Bool(true) => fields.push((name, "on".into())),
        Value::Bool(false) => {}
        Value::String(text) => fields.push((name, text.clone())),
        Value::Null => fields.push((name, String::new())),
        other => fields.push((name, other.to_string())),
    };
    for (name, value) in switches.as_object().unwrap() {
        match value.as_object() {
            Some(inner) => inner.iter().for_each(|(of, value)| add(format!("{name}.{of}"), value)),
            None => add(name.clone(), value),
        }
    }
    fields
}

#[test]
fn every_switch_is_there_and_is_saved() {
    fn save(bench: &mut Bench, fields: &[(String, String)]) -> Result<String, (u16, String)> {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        bench.submit("switch", &fields)
    }
    let mut bench = Bench::new();
    let before = bench.control("GET", "switches", &Value::Null);
    let page = bench.behind("/faults");
    for (name, value) in before.as_object().unwrap() {
        match value.as_object() {
            Some(inner) => inner.keys().for_each(|of| assert!(page.contains(&format!("name=\"{name}.{of}\"")), "{of}")),
            None => assert!(page.contains(&format!("name=\"{name}\"")), "{name}"),
        }
    }
    for choice in ["own_signature", "round_robin", "threshold_3", "10.00000000", "503"] {
        assert!(page.contains(&format!("<option value=\"{choice}\"")), "{choice}");
    }
    let same = form(&mut bench);
    save(&mut bench, &same).unwrap();
    assert_eq!(bench.control("GET", "switches", &Value::Null), before, "saved as it is, nothing changes");

    let set = |fields: &mut Vec<(String, String)>, name: &str, value: &str| {
        fields.retain(|(known, _)| known != name);
        fields.push((name.into(), value.into()));
    };
    let mut changed = same.clone();
    for (name, value) in [
        ("jti_fresh", "on"),
        ("unlock", "own_signature"),
        ("skew_ms", "-250"),
        ("mixpay.never_settle", "on"),
        ("mixpay.settle_asset", USDT),
        ("mixpay.settle_ms", "9000"),
    ] {
        set(&mut changed, name, value);
    }
    save(&mut bench, &changed).unwrap();
    let after = bench.control("GET", "switches", &Value::Null);
    assert_eq!(
        (&after["jti_fresh"], &after["unlock"], &after["skew_ms"]),
        (&json!(true), &json!("own_signature"), &json!(-250))
    );
    let mixpay = &after["mixpay"];
    assert_eq!(
        (&mixpay["never_settle"], &mixpay["settle_asset"], &mixpay["settle_ms"]),
        (&json!(true), &json!(USDT), &json!(9000))
    );

    for (name, value) in [
        ("search_budget", "-1"),
        ("skew_ms", "late"),
        ("unlock", "nobody"),
        ("mixpay.settle_asset", "gold"),
        ("mixpay.settle_asset", "00000000-0000-4000-8000-000000000000"),
    ] {
        let mut wrong = same.clone();
        set(&mut wrong, name, value);
        set(&mut wrong, "drop_acks", "on");
        let (status, page) = save(&mut bench, &wrong).unwrap_err();
        assert_eq!(status, 400, "{name}");
        let alert = page.split("role=\"alert\"").nth(1).unwrap().split("</p>").next().unwrap();
        assert!(alert.contains(name.trim_start_matches("mixpay.")), "{alert}");
        assert!(page.contains("name=\"drop_acks\" value=\"on\" checked"), "what was ticked is kept");
        assert_eq!(bench.control("GET", "switches", &Value::Null), after, "nothing half saved");
    }
    assert_eq!(bench.submit("switch", &[("jti_fresh", "on")]).unwrap_err().0, 400, "not the form");
    save(&mut bench, &same).unwrap();
    assert_eq!(bench.control("GET", "switches", &Value::Null), before);
}

#[test]
fn phones_are_set() {
    let mut bench = Bench::new();
    let buyer = bench.person("buyer");
    bench.done("phone", &[("who", &buyer.id), ("client", "ios"), ("accepts", "CONTACTS")]);
    let phone = bench.control("POST", "people/buyer/phone", &json!({}));
    assert_eq!(phone, json!({"client": "ios", "online": false, "accepts": "CONTACTS", "searchable": false}));
    let all = [
        ("who", buyer.id.as_str()),
        ("client", "desktop"),
        ("accepts", "NOBODY"),
        ("online", "on"),
        ("searchable", "on"),
    ];
    bench.done("phone", &all);
    let phone = bench.control("POST", "people/buyer/phone", &json!({}));
    assert_eq!(phone, json!({"client": "desktop", "online": true, "accepts": "NOBODY", "searchable": true}));
    for wrong in [[("who", "bot"), ("client", "ios")], [("who", "buyer"), ("client", "abacus")]] {
        assert_eq!(bench.submit("phone", &wrong).unwrap_err().0, 400);
    }
}

/// One trade as the bot tells it, every text as given.
fn trade(text: &str, output: &Value) -> Value {
    json!({
        "id": text, "code": "7K3QXZ", "state": text, "item": text, "buyer": text, "seller": null,
        "asset": {"id": USDT, "symbol": text, "label": text}, "price": "12.50", "due": text, "locked": "0",
        "waits_for": text, "deadline": text, "frozen": text, "created_at": "2026-01-01T00:00:00Z",
        "outputs": [{"output_id": text, "transaction_hash": output["transaction_hash"],
                     "output_index": output["output_index"], "amount": "12.5", "asset_id": text, "standing": text}],
        "plans": [{"no": 0, "kind": text, "state": text, "payouts": [{"to": text, "amount": text}],
                   "request_id": text, "signed_by": [text], "authorised": true, "cosigned": text}],
        "history": [{"at": text, "version": 1, "event": text, "words": text}],
    })
}

#[test]
fn what_the_bot_and_people_write_is_only_words() {
    let mut bench = Bench::new();
    bench.control("POST", "people", &json!({"name": HOSTILE, "role": HOSTILE}));
    let memo = json!({"members": ["buyer", "seller", "bot"], "threshold": 2, "asset_id": USDT, "amount": "12.5",
                      "extra": hex::encode(HOSTILE)});
    bench.control("POST", "deposits", &memo);
    let output = bench.control("GET", "ledger", &Value::Null)["outputs"][0].clone();
    let one = trade(HOSTILE, &output);
    let job = json!({"id": HOSTILE, "kind": HOSTILE, "lane": HOSTILE, "trade": HOSTILE, "run_at": HOSTILE,
                     "tries": 1, "refusals": 2, "parked": HOSTILE});
    let mut bot = BotSays::new();
    let mut coded = one.clone();
    coded["code"] = HOSTILE.into();
    bot.insert("/trades".into(), Ok(json!({"trades": [one, coded, null, 7, {}]})));
    bot.insert("/jobs".into(), Ok(json!({"jobs": [job, null, {}]})));
    bot.insert("/trades/7K3QXZ".into(), Ok(one));
    for path in ["/wallets", "/ledger", "/bot", "/trade/7K3QXZ", "/faults"] {
        let (status, page) = bench.behind_page(path, &bot);
        assert_eq!(status, 200, "{path}");
        for raw in ["<img", "</textarea", "onerror=alert(1)>", "\u{202e}", "<script>"] {
            assert!(!page.contains(raw), "{path}: {raw}");
        }
        assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;&quot;"), "{path} shows the words");
        assert!(!page.contains("style=\""), "{path}");
    }
    let (_, page) = bench.behind_page("/ledger", &bot);
    assert!(page.contains("href=\"/page/behind/trade/7K3QXZ\""), "an output leads to its trade");
    let (_, page) = bench.behind_page("/trade/7K3QXZ", &bot);
    assert!(page.contains("data-amount=\"12.5\""), "amounts are read, then shown");
    let (_, page) = bench.submit("fault", &[("what", "500"), ("path", HOSTILE)]).unwrap_err();
    assert!(!page.contains("<img") && page.contains("&lt;img"));
}

#[test]
fn a_silent_or_strange_bot_is_said_so() {
    let mut bench = Bench::new();
    let says = |what: Result<Value, String>| -> BotSays {
        ["/trades", "/jobs", "/trades/ABC"].map(|path| (path.to_owned(), what.clone())).into()
    };
    for path in ["/bot", "/trade/ABC"] {
        let (_, page) = bench.behind_page(path, &says(Err("refused <b>".into())));
        assert!(page.contains("does not answer") && page.contains("--with-bot") && page.contains("refused &lt;b&gt;"));
        assert!(bench.behind(path).contains("does not answer"), "not asked at all");
    }
    for odd in [json!(null), json!([]), json!("x"), json!({"trades": 1, "jobs": {}})] {
        assert!(bench.behind_page("/bot", &says(Ok(odd.clone()))).1.contains("There is no trade yet"));
        assert!(bench.behind_page("/trade/ABC", &says(Ok(odd))).1.contains("knows no trade"));
    }
    for (path, wanted) in [
        ("/page/behind/ledger", &["/trades"][..]),
        ("/page/behind/bot", &["/trades", "/jobs"]),
        ("/page/behind/trade/7K3QXZ", &["/trades/7K3QXZ"]),
        ("/page/behind/trade/..%2fjobs", &[]),
        ("/page/behind/trade/a/b", &[]),
        ("/page/behind/wallets", &[]),
        ("/", &[]),
    ] {
        assert_eq!(asks(path), wanted, "{path}");
    }
    assert_eq!(bench.behind_page("/trade/%3Cb%3E", &BotSays::new()).0, 404);
    assert_eq!(bench.behind_page("/nothing", &BotSays::new()).0, 404);
    assert_eq!(bench.behind_page("", &BotSays::new()).0, 303);
}
