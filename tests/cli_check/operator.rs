//! Halts, copies and restores, beside a bot that runs and without one.

use std::path::Path;

use serde_json::Value;

use super::program::{Ended, Sandbox, run};

/// A sandbox, and the verbs of an operator on its bot.
pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    config: String,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::start(&[]).await;
        let config = sandbox.config("config.toml", |text| text);
        Self { sandbox, config }
    }

    pub(crate) async fn run(&self, words: &[&str]) -> Ended {
        run(&[words, &["--config", &self.config]].concat()).await
    }

    pub(crate) async fn json(&self, words: &[&str]) -> Value {
        let ended = self.run(&[words, &["--json"]].concat()).await;
        assert_eq!((ended.code, ended.err.len()), (Some(0), 0), "{ended:?}");
        ended.json()
    }

    fn path(&self, name: &str) -> String {
        self.sandbox.data(name).to_str().unwrap().to_owned()
    }

    /// What `doctor` says of a halt.
    async fn halts(&self) -> Vec<String> {
        let ended = self.run(&["doctor"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.out.into_iter().filter(|line| line.starts_with("HALT")).collect()
    }
}

#[tokio::test]
async fn signing_is_halted_and_goes_on() {
    let desk = Desk::new().await;
    desk.run(&["halt", "signing"]).await.is_refusal(6, &["there is no database", "sandbox.db"]);
    let mut bot = desk.sandbox.serve().await;

    let halted = desk.json(&["halt", "signing", "--why", "first look"]).await;
    assert_eq!((&halted["running"], &halted["applied"]), (&true.into(), &true.into()), "{halted}");
    assert!(halted["halted"].as_str().unwrap().contains("first look"), "{halted}");
    assert!(halted["signing"] == false && halted["line"].as_str().unwrap().contains("signing is halted"), "{halted}");
    assert!(desk.halts().await[0].contains("first look"));

    // It outlives the process, and `serve` says so.
    bot.signal("TERM").await;
    bot.ended().await;
    let resumed = desk.json(&["resume", "signing"]).await;
    assert!(resumed["line"].as_str().unwrap().contains("next start"), "{resumed}");
    assert!(resumed["halted"].as_str().unwrap().contains("first look"), "what stands until then: {resumed}");
    assert_eq!(desk.halts().await.len(), 1, "nobody has applied it yet");
    let db = rusqlite::Connection::open(desk.path("sandbox.db")).unwrap();
    db.execute("INSERT INTO operator (at, input) VALUES (0, '{\"ask\":\"dance\"}')", []).unwrap();
    drop(db);
    let mut bot = desk.sandbox.serve().await;
    let refused = bot.murmurs("what the operator asked for was refused").await;
    assert!(refused.contains("WARN") && refused.contains("does not know what was asked"), "{refused}");
    let resumed = desk.run(&["resume", "signing"]).await;
    assert_eq!(resumed.out, ["applied: signing goes on"], "{resumed:?}");
    assert!(desk.halts().await.is_empty());
    bot.signal("TERM").await;
    assert_eq!(bot.end().await.code, Some(0));

    desk.run(&["halt", "everything"]).await.is_refusal(2, &["everything", "signing"]);
    desk.sandbox.stop().await;
}

/// A trade is played; a copy is taken beside the running bot; the database is lost; the copy is put back.
#[tokio::test]
async fn a_copy_is_taken_and_put_back() {
    let desk = Desk::new().await;
    let bot = desk.sandbox.serve().await;
    let played = run(&["demo", "--json", "--at", &desk.sandbox.api]).await;
    assert_eq!(played.code, Some(0), "{played:?}");

    let (copy, database) = (desk.path("copy.db"), desk.path("sandbox.db"));
    let copied = desk.json(&["backup", &copy]).await;
    assert_eq!((&copied["contents"]["trades"], &copied["contents"]["open_trades"]), (&1.into(), &0.into()), "{copied}");
    assert!(copied["contents"]["newest"].is_number(), "{copied}");
    desk.run(&["backup", &copy]).await.is_refusal(8, &["copy.db", "--force"]);
    desk.run(&["backup", &database, "--force"]).await.is_refusal(8, &["sandbox.db"]);
    let copied = desk.run(&["backup", &copy, "--force"]).await;
    assert!(copied.code == Some(0) && copied.out[1].starts_with("0 open trades of 1; newest commit 2"), "{copied:?}");
    desk.run(&["restore", &copy, "--force"]).await.is_refusal(6, &["sandbox.db", "in use"]);
    bot.signal("TERM").await;
    assert_eq!(bot.end().await.code, Some(0));

    desk.run(&["restore", &copy]).await.is_refusal(8, &["sandbox.db", "--force"]);
    desk.run(&["restore", &desk.config, "--force"]).await.is_refusal(10, &["not sound", "config.toml"]);
    desk.run(&["restore", &desk.path("nothing.db"), "--force"]).await.is_refusal(10, &["nothing.db"]);
    desk.run(&["backup", "/nowhere/copy.db"]).await.is_refusal(10, &["file /nowhere/copy.db:"]);
    assert!(desk.halts().await.is_empty(), "a restore that was refused changed nothing");
    desk.run(&["halt", "signing", "--why", "first look"]).await;
    let back = desk.json(&["restore", &copy, "--force"]).await;
    assert_eq!(back["operator_halt"], "first look", "asked for, applied by nobody, and carried over: {back}");
    let aside = back["aside"].as_str().unwrap();
    assert!(Path::new(aside).exists() && aside.contains("sandbox.db.before-"), "{back}");
    let halts = desk.halts().await;
    assert!(halts[0].contains("restored") && halts[0].contains("first look"), "{halts:?}");
    let left: Vec<_> =
        std::fs::read_dir(desk.sandbox.data("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".part")), "{left:?}");

    // Nothing was open, but what ended is watched for a while: it is read again, and the halt lifts itself.
    let mut bot = desk.sandbox.serve().await;
    bot.murmurs("halt of signing is lifted").await;
    assert!(desk.halts().await[0].contains("first look"), "each is lifted by itself");
    assert_eq!(desk.json(&["resume", "signing"]).await["signing"], true);
    assert!(desk.halts().await.is_empty());
    bot.signal("TERM").await;
    assert_eq!(bot.end().await.code, Some(0));
    desk.sandbox.stop().await;
}

/// Reading needs neither the bot nor its keystore.
#[tokio::test]
async fn everything_is_read_without_the_bot() {
    let desk = Desk::new().await;
    let reading = desk.sandbox.config("reading.toml", |text| {
        let lines =
            text.lines().map(|line| if line.starts_with("keystore") { "keystore = \"nowhere.json\"" } else { line });
        lines.collect::<Vec<_>>().join("\n")
    });
    let desk = Desk { config: reading, ..desk };
    desk.run(&["trade", "list"]).await.is_refusal(6, &["there is no database"]);
    let bot = desk.sandbox.serve().await;
    let played = run(&["demo", "--json", "--at", &desk.sandbox.api]).await;
    assert_eq!(played.code, Some(0), "{played:?}");
    assert_eq!(desk.json(&["trade", "list", "--all"]).await["trades"].as_array().unwrap().len(), 1, "while it runs");
    bot.signal("TERM").await;
    assert_eq!(bot.end().await.code, Some(0));

    assert_eq!(desk.json(&["trade", "list"]).await["trades"], Value::Array(Vec::new()));
    let trades = desk.json(&["trade", "list", "--all"]).await;
    let trade = &trades["trades"][0];
    assert_eq!((&trade["state"], &trade["open"], &trade["due"]), (&"Settled".into(), &false.into(), &"101".into()));
    assert!(trade["buyer"]["name"].is_string() && trade["frozen"].is_null(), "{trade}");
    let code = trade["code"].as_str().unwrap().to_owned();
    let lines = desk.run(&["trade", "list", "--all"]).await.out;
    assert!(lines[0] == format!("Trade {code} · Settled · 101 USDT") && lines[1].contains("buyer “"), "{lines:?}");

    let shown = desk.json(&["trade", "show", &code.to_lowercase()]).await;
    assert_eq!((&shown["terms"]["price"], &shown["outputs"][0]["amount"]), (&"100".into(), &"101".into()), "{shown}");
    assert_eq!(shown["plans"].as_array().unwrap().len(), 2, "{shown}");
    assert!(shown["history"].as_array().unwrap().iter().any(|line| line["event"] == "Settled"), "{shown}");
    let lines = desk.run(&["trade", "show", &code]).await.out;
    let plan = lines.iter().find(|line| line.starts_with("  plan 0")).unwrap();
    assert!(plan.contains("100 to the seller, 1 to the fee account") && plan.contains("signed by the buyer"), "{plan}");
    desk.run(&["trade", "show", "ZZZZZZ"]).await.is_refusal(12, &["ZZZZZZ", "trade list"]);

    let deposits = desk.json(&["deposit", "list"]).await;
    assert_eq!(
        (&deposits["deposits"][0]["trade"], &deposits["deposits"][0]["standing"]),
        (&code.into(), &"spent".into())
    );
    assert_eq!(desk.run(&["deposit", "list", "--unmatched"]).await.out, ["every deposit serves a trade"]);
    let jobs = desk.json(&["job", "list"]).await;
    assert!(jobs["jobs"].as_array().unwrap().iter().any(|job| job["kind"] == "look"), "{jobs}");
    the_books_are_checked(&desk).await;
    desk.sandbox.stop().await;
}

/// Rows are broken on purpose, one after the other; no bot runs.
async fn the_books_are_checked(desk: &Desk) {
    let sound = desk.run(&["ledger", "check"]).await;
    assert_eq!(
        (sound.code, sound.out),
        (Some(0), vec!["the books are sound: 1 trades, 2 plans, 1 deposits".to_owned()])
    );
    let (database, kept) = (desk.path("sandbox.db"), desk.path("kept.db"));
    // What lies in the log is folded in when the last writer leaves.
    drop(rusqlite::Connection::open(&database).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    std::fs::copy(&database, &kept).unwrap();
    let breaks = [
        ("row", "UPDATE trade SET state = 'Funded'"),
        ("row", "UPDATE trade SET row = '{}'"),
        ("history", "DELETE FROM history WHERE seq = (SELECT MAX(seq) FROM history)"),
        ("history", "DELETE FROM history"),
        ("history", "UPDATE trade SET row = json_set(row, '$.fee_waived', json('true'))"),
        ("terms", "UPDATE trade SET row = json_set(row, '$.terms.item', 'a house')"),
        ("sums", "UPDATE trade SET row = json_set(row, '$.plans[0].payouts[0].amount', '100.00000001')"),
        ("inputs", "UPDATE trade SET row = json_set(row, '$.plans[0].inputs[0].index', 7)"),
        ("owner", "UPDATE deposit SET trade = NULL, row = json_set(row, '$.trade', NULL)"),
        (
            "authorised",
            "UPDATE trade SET row = json_set(row, '$.plans[1].authorised', 'seller_refunded', '$.plans[1].end', NULL)",
        ),
    ];
    for (rule, sql) in breaks {
        rusqlite::Connection::open(&database).unwrap().execute(sql, []).unwrap();
        let found = desk.run(&["ledger", "check", "--json"]).await;
        assert_eq!(found.code, Some(1), "{sql}: {found:?}");
        let said = found.json();
        let broken = said["broken"].as_array().unwrap();
        assert!(broken.iter().any(|broken| broken["rule"] == rule && broken["trade"].is_string()), "{sql}: {said}");
        assert!(said["ok"] == false && said["error"].as_str().unwrap().contains("trade "), "{said}");
        std::fs::copy(&kept, &database).unwrap();
    }
    assert_eq!(desk.run(&["ledger", "check"]).await.code, Some(0));
}

/// The newest button with this label on a phone: the message's id.
pub(crate) async fn tap(sandbox: &Sandbox, who: &str, label: &str) {
    for _ in 0..200 {
        let inbox = sandbox.phones.inbox(who, 0).await.unwrap();
        let has = |message: &&Value| mixin_escrow::sim::play::buttons(message).iter().any(|(found, _)| found == label);
        if let Some(message) = inbox.iter().rev().find(has) {
            let deed = serde_json::json!({ "message_id": message["message_id"], "button": label });
            sandbox.phones.post(&format!("people/{who}/tap"), &deed).await.unwrap();
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no [{label}] on {who}'s phone");
}

/// Buyer and seller have agreed on 100 USDT; the trade's code.
pub(crate) async fn agreed(desk: &Desk) -> String {
    let sandbox = &desk.sandbox;
    let people = sandbox.phones.get("people").await.unwrap();
    let seller = people.as_array().unwrap().iter().find(|person| person["role"] == "seller").unwrap();
    let hello = serde_json::json!({ "text": "Hi" });
    sandbox.phones.post("people/seller/say", &hello).await.unwrap();
    let words = format!("buy camera lens 100 USDT from @{}", seller["number"].as_str().unwrap());
    sandbox.phones.post("people/buyer/say", &serde_json::json!({ "text": words })).await.unwrap();
    tap(sandbox, "buyer", "Send it to Bob").await;
    tap(sandbox, "seller", "Accept").await;
    for _ in 0..200 {
        let trades = desk.json(&["trade", "list"]).await;
        let trade = &trades["trades"][0];
        if trade["state"] == "AwaitingPayment" {
            return trade["code"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nobody agreed");
}

#[tokio::test]
async fn a_trade_is_frozen_and_a_job_tried_again() {
    let desk = Desk::new().await;
    let mut bot = desk.sandbox.serve().await;
    let code = agreed(&desk).await;
    desk.run(&["trade", "freeze", &code]).await.is_refusal(2, &["--why"]);
    desk.run(&["trade", "freeze", "ZZZZZZ", "--why", "x"]).await.is_refusal(12, &["ZZZZZZ"]);

    let only = desk.run(&["trade", "freeze", &code, "--why", "x", "--dry-run"]).await;
    assert_eq!((only.code, only.out.last().unwrap().as_str()), (Some(0), "nothing was done: --dry-run"));
    assert!(only.out[0].starts_with(&format!("Trade {code} · AwaitingPayment")), "{only:?}");
    assert!(only.out.iter().any(|line| line.contains('(') && line.contains("are told that it is stopped")), "{only:?}");
    assert!(desk.json(&["trade", "show", &code]).await["frozen"].is_null());

    let frozen = desk.json(&["trade", "freeze", &code, "--why", "a complaint"]).await;
    assert_eq!((&frozen["applied"], &frozen["plan"][0]), (&true.into(), &only.out[0].as_str().into()), "{frozen}");
    assert_eq!(desk.json(&["trade", "show", &code]).await["frozen"], "a complaint");
    desk.run(&["trade", "freeze", &code, "--why", "x"]).await.is_refusal(11, &["frozen already"]);
    let listed = desk.run(&["trade", "list"]).await.out;
    assert!(listed.contains(&"    FROZEN: a complaint".to_owned()), "{listed:?}");

    // Asked while no bot runs, it is done at the next start.
    bot.signal("TERM").await;
    bot.ended().await;
    let later = desk.run(&["trade", "unfreeze", &code, "--why", "looked"]).await;
    assert!(later.code == Some(0) && later.out.last().unwrap().contains("next start"), "{later:?}");
    let db = rusqlite::Connection::open(desk.path("sandbox.db")).unwrap();
    let parked = "INSERT INTO job (id, kind, lane, run_at, parked, body)
        VALUES ('11111111-1111-4111-8111-111111111111', 'unlock', 'x', 0, 'too often', '{}')";
    db.execute(parked, []).unwrap();
    drop(db);
    let mut bot = desk.sandbox.serve().await;
    desk.run(&["job", "retry", "22222222-2222-4222-8222-222222222222"]).await.is_refusal(12, &["job list"]);
    let jobs = desk.json(&["job", "list"]).await;
    assert!(jobs["jobs"].as_array().unwrap().iter().any(|job| job["parked"] == "too often"), "{jobs}");
    let tried = desk.run(&["job", "retry", "11111111-1111-4111-8111-111111111111"]).await;
    assert!(tried.code == Some(0) && tried.out.last().unwrap().contains("given up: too often"), "{tried:?}");
    assert!(desk.json(&["trade", "show", &code]).await["frozen"].is_null(), "applied at the start");
    bot.signal("TERM").await;
    bot.ended().await;
    desk.sandbox.stop().await;
}

/// Pays into the vault of the buyer's newest link without its name; the deposit as `deposit list` shows it.
async fn paid_nameless(desk: &Desk, who: &str, amount: &str) -> Value {
    let link = link(&desk.sandbox).await;
    let link = link.replace("amount=101&", &format!("amount={amount}&")).replace("trace=", "x=").replace("memo=", "y=");
    let coins = serde_json::json!({ "asset_id": "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b", "amount": amount });
    desk.sandbox.phones.post(&format!("people/{who}/mint"), &coins).await.unwrap();
    let deed = serde_json::json!({ "link": link, "pin": mixin_escrow::sim::play::PIN });
    desk.sandbox.phones.post(&format!("people/{who}/pay"), &deed).await.unwrap();
    for _ in 0..200 {
        let listed = desk.json(&["deposit", "list", "--unmatched"]).await;
        if let Some(found) = listed["deposits"].as_array().unwrap().iter().find(|deposit| deposit["amount"] == amount) {
            return found.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nobody saw it");
}

/// The newest pay link on the buyer's phone.
pub(crate) async fn link(sandbox: &Sandbox) -> String {
    for _ in 0..200 {
        let inbox = sandbox.phones.inbox("buyer", 0).await.unwrap();
        let links = inbox.iter().rev().flat_map(mixin_escrow::sim::play::buttons).map(|(_, action)| action);
        if let Some(link) = links.into_iter().find(|action| action.starts_with("https://mixin.one/pay/")) {
            return link;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no link to pay");
}

#[tokio::test]
async fn deposits_without_a_name_are_assigned_and_returned() {
    let desk = Desk::new().await;
    let mut bot = desk.sandbox.serve().await;
    let code = agreed(&desk).await;
    let nobody = "11111111-1111-4111-8111-111111111111";
    desk.run(&["deposit", "assign", nobody, &code]).await.is_refusal(12, &[nobody, "deposit list"]);
    desk.run(&["deposit", "return", nobody]).await.is_refusal(12, &[nobody]);
    desk.run(&["deposit", "assign", "x", &code]).await.is_refusal(2, &["x"]);

    let theirs = paid_nameless(&desk, "stranger", "7").await;
    let theirs = theirs["output_id"].as_str().unwrap();
    desk.run(&["deposit", "assign", theirs, "ZZZZZZ"]).await.is_refusal(12, &["ZZZZZZ"]);
    desk.run(&["deposit", "return", theirs]).await.is_refusal(11, &["never sent back to a sender", "deposit assign"]);
    let own = paid_nameless(&desk, "buyer", "12").await;
    let own = own["output_id"].as_str().unwrap();
    let only = desk.run(&["deposit", "assign", own, &code, "--dry-run"]).await;
    assert_eq!((only.code, only.out.last().unwrap().as_str()), (Some(0), "nothing was done: --dry-run"));
    assert!(only.out[0].starts_with(&format!("Deposit {own} · 12 USDT · TRON · from “")), "{only:?}");
    assert!(only.out[1].starts_with(&format!("Trade {code} · AwaitingPayment")), "{only:?}");
    assert!(only.out[3].contains("counts towards the 101 due"), "{only:?}");

    let asked = desk.json(&["deposit", "assign", own, &code.to_lowercase()]).await;
    assert_eq!((&asked["applied"], asked["plan"].as_array().unwrap().len()), (&true.into(), 5), "{asked}");
    desk.run(&["deposit", "assign", own, &code]).await.is_refusal(11, &["already"]);
    desk.run(&["deposit", "assign", theirs, &code]).await.is_refusal(11, &[own, "first"]);
    let listed = desk.json(&["deposit", "list", "--unmatched"]).await;
    let row = listed["deposits"].as_array().unwrap().iter().find(|row| row["output_id"] == own).unwrap();
    assert_eq!((&row["asked"], &row["refused"]), (&code.as_str().into(), &Value::Null), "{row}");
    tap(&desk.sandbox, "seller", "No, it is not").await;
    let mut said = String::new();
    for _ in 0..200 {
        said = desk.run(&["deposit", "list"]).await.out.join("\n");
        if said.contains("said no to it") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(said.contains(&format!("one of the two of {code} said no to it")), "{said}");
    let shown = desk.json(&["trade", "show", &code]).await;
    let history: Vec<&str> =
        shown["history"].as_array().unwrap().iter().filter_map(|line| line["words"].as_str()).collect();
    assert!(history.iter().any(|words| words.ends_with("said that it is not.")), "{history:?}");

    // Without a trade's name it is the newest of the two; asked while no bot runs, it is done at the next start.
    bot.signal("TERM").await;
    bot.ended().await;
    let later = desk.run(&["deposit", "return", own]).await;
    assert!(later.code == Some(0) && later.out.last().unwrap().contains("next start"), "{later:?}");
    assert!(later.out[2].contains("gives it back to “") && later.out[1].contains(&code), "{later:?}");
    let mut bot = desk.sandbox.serve().await;
    for _ in 0..200 {
        said = desk.run(&["deposit", "list"]).await.out.join("\n");
        if said.contains(&format!(": trade {code}")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    desk.run(&["deposit", "return", own]).await.is_refusal(11, &["serves a trade"]);
    assert_eq!(desk.run(&["ledger", "check"]).await.code, Some(0));
    bot.signal("TERM").await;
    bot.ended().await;
    desk.sandbox.stop().await;
}

#[tokio::test]
async fn new_trades_are_halted_and_listed() {
    let desk = Desk::new().await;
    let mut bot = desk.sandbox.serve().await;
    desk.run(&["halt", "signing", "--asset", "BTC"]).await.is_refusal(2, &["--asset"]);
    desk.run(&["halt", "trades", "--asset", "DOGE"]).await.is_refusal(12, &["DOGE"]);
    desk.run(&["halt", "trades", "--user", "12"]).await.is_refusal(12, &["12", "user id"]);
    desk.run(&["halt", "trades", "--user", "12", "--asset", "BTC"]).await.is_refusal(2, &["--asset"]);
    assert_eq!(desk.run(&["halt", "list"]).await.out, ["nothing is halted"]);

    let halted = desk.run(&["halt", "trades", "--asset", "btc", "--why", "fees are high"]).await;
    assert_eq!(halted.out.last().unwrap(), "applied: no new trade in BTC can be agreed to; what is agreed to goes on");
    assert!(halted.out[2].contains("whoever tries is told: fees are high"), "{halted:?}");
    let user = "11111111-1111-4111-8111-111111111111";
    assert_eq!(desk.json(&["halt", "trades", "--user", user]).await["applied"], true);
    assert!(desk.halts().await.is_empty(), "signing goes on");
    bot.signal("TERM").await;
    bot.ended().await;

    let listed = desk.json(&["halt", "list"]).await;
    let halts = listed["halts"].as_array().unwrap();
    assert_eq!(
        (halts.len(), &halts[0]["why"], &halts[1]["user"]),
        (2, &"fees are high".into(), &user.into()),
        "{listed}"
    );
    let mut bot = desk.sandbox.serve().await;
    desk.run(&["resume", "trades"]).await.is_refusal(11, &["not halted"]);
    let resumed = desk.run(&["resume", "trades", "--asset", "BTC"]).await;
    assert!(resumed.out.last().unwrap().contains("1 other halts"), "{resumed:?}");
    assert_eq!(desk.json(&["halt", "list"]).await["halts"].as_array().unwrap().len(), 1);
    bot.signal("TERM").await;
    bot.ended().await;
    desk.sandbox.stop().await;
}

/// The file says itself whether it is sound, on a machine that knows nothing of the bot.
#[tokio::test]
async fn evidence_is_written_and_verified() {
    let desk = Desk::new().await;
    let mut bot = desk.sandbox.serve().await;
    let code = agreed(&desk).await;
    let path = desk.path("evidence.json");
    desk.run(&["evidence", "export", "ZZZZZZ"]).await.is_refusal(12, &["ZZZZZZ"]);
    let written = desk.json(&["evidence", "export", &code, "--out", &path]).await;
    assert_eq!((&written["exhibits"], &written["lost"]), (&0.into(), &0.into()), "{written}");
    desk.run(&["evidence", "export", &code, "--out", &path]).await.is_refusal(8, &["--force"]);
    bot.signal("TERM").await;
    bot.ended().await;
    let key = written["public_key"].as_str().unwrap();
    let sound = run(&["evidence", "verify", &path]).await;
    assert_eq!(sound.code, Some(0), "{sound:?}");
    assert!(sound.out[0].starts_with(&format!("sound: trade {code}, 0 exhibits")), "{sound:?}");
    assert!(sound.out.last().unwrap().contains(key), "{sound:?}");
    assert_eq!(run(&["evidence", "verify", &path, "--key", key, "--json"]).await.json()["sound"], true);
    run(&["evidence", "verify", &path, "--key", &"0".repeat(64)]).await.is_refusal(10, &["another key"]);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("camera lens", "camera lent")).unwrap();
    run(&["evidence", "verify", &path]).await.is_refusal(10, &["terms"]);
    run(&["evidence", "verify", &desk.path("nothing.json")]).await.is_refusal(10, &["nothing.json"]);
    desk.sandbox.stop().await;
}
