//! Everything people get wrong: a documented exit code, and one line that names the thing and the cure.

use std::path::Path;

use serde_json::{Value, json};

use mixin_escrow::sim::play::{self, Play, Script, Via, words};
use mixin_escrow::sim::runner::{Setup, Stage};

use super::program::{Running, Sandbox, run, write};

const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";

#[tokio::test]
async fn flags() {
    let cases: [(&[&str], &[&str]); 18] = [
        (&["demo", "--prise", "1"], &["--prise", "--price", "--help"]),
        (&["dance"], &["dance", "--help"]),
        (&["demo", "--price", "1e9"], &["1e9", "--price", "digits and at most one point"]),
        (&["demo", "--price", "-1"], &["-1", "--price", "digits and at most one point"]),
        (&["demo", "--price", "0"], &["--price 0", "zero", "more than 0"]),
        (&["demo", "--price", "0.000000001"], &["--price", "at most 8 digits"]),
        (
            &["demo", "--price", "3402823669209384634633746074317"],
            &["--price", "beyond what can be counted", "write less"],
        ),
        (&["demo", "--asset", "XYZ"], &["XYZ", "USDT · TRON", "BTC"]),
        (&["demo", "--fee-bps", "10001"], &["--fee-bps", "0..=10000"]),
        (&["demo", "--fee-bps", "-1"], &["--fee-bps", "0..=10000"]),
        (&["demo", "--fee-bps", "10000", "--fee-payer", "seller"], &["seller nothing", "--fee-payer buyer"]),
        (&["demo", "--fee-payer", "nobody"], &["nobody", "buyer, seller, split"]),
        (&["demo", "--at", "somewhere"], &["--at", "http"]),
        (&["demo", "--story", "relese"], &["relese", "--story", "release", "many-inputs", "fee-waived"]),
        (&["demo", "--story", "kit", "--at", "http://127.0.0.1:1"], &["--story", "--at"]),
        (&["demo", "--story", "kit", "--price", "0.0009"], &["--price 0.0009", "in parts", "0.001"]),
        (&["demo", "--story", "kit", "--price", "1000000000001"], &["--price 1000000000001", "at most 1000000000000"]),
        (&["sandbox", "--port", "70000"], &["--port", "65535"]),
    ];
    for (arguments, words) in cases {
        let ended = run(arguments).await;
        ended.is_refusal(2, words);
        assert!(ended.out.is_empty(), "nothing had started: {ended:?}");
    }
}

#[tokio::test]
async fn help_names_the_exit_codes() {
    let ended = run(&["--help"]).await;
    assert_eq!(ended.code, Some(0));
    for code in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "70"] {
        assert!(ended.out.iter().any(|line| line.split_whitespace().next() == Some(code)), "{code}: {ended:?}");
    }
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let told =
        ended.out.iter().skip_while(|line| !line.starts_with("Exit codes")).skip(1).filter(|line| !line.is_empty());
    for line in told {
        let (code, means) = line.trim().split_once(' ').unwrap();
        assert!(readme.contains(&format!("| {code} | {} |", means.trim())), "README.md: {line}");
    }
}

/// A keystore nobody knows, but a sound one.
fn keystore() -> Value {
    json!({
        "app_id": "0b2b1a5c-32f5-4c0a-9f4e-0a2c1d6f7e11",
        "session_id": "7d0c3c1e-8f3b-4d0e-a6c2-5b7a1f9e2d33",
        "session_private_key": "11".repeat(32),
        "spend_private_key": "22".repeat(32),
    })
}

/// A folder with a keystore and a configuration that are good but for nobody answering.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("keystore.json", &keystore().to_string());
        folder
    }

    fn write(&self, name: &str, text: &str) -> String {
        write(&self.0.path().join(name), text)
    }

    fn config(&self, more: &str) -> String {
        let text = format!(
            "[trade]\nfee_bps = 0\n[mixin]\napi = \"http://127.0.0.1:1\"\nblaze = \"ws://127.0.0.1:1\"\n{more}"
        );
        self.write("config.toml", &text)
    }
}

/// `serve` and `doctor` check the same things, so both refuse alike.
async fn both_refuse(config: &str, code: i32, words: &[&str]) {
    for verb in ["doctor", "serve"] {
        run(&[verb, "--config", config]).await.is_refusal(code, words);
    }
}

#[tokio::test]
async fn configuration() {
    let folder = Folder::new();
    both_refuse("/nowhere/config.toml", 3, &["/nowhere/config.toml", "--config"]).await;
    both_refuse(folder.0.path().to_str().unwrap(), 3, &["--config"]).await;
    both_refuse(&folder.write("config.toml", "[trade\n"), 3, &["not valid", "config/default.toml"]).await;
    both_refuse(&folder.config("[trade2]\nx = 1\n"), 3, &["trade2", "config/default.toml"]).await;
    both_refuse(&folder.write("config.toml", "[trade]\nfee_pbs = 1\n"), 3, &["fee_pbs", "fee_bps"]).await;
    both_refuse(&folder.write("config.toml", ""), 3, &["trade.fee_receiver", "fee_bps = 0"]).await;
    both_refuse(
        &folder.write("config.toml", "[trade]\nfee_bps = 0\n[mixin]\napi = \"here\"\n"),
        3,
        &["mixin.api", "https://"],
    )
    .await;
}

#[tokio::test]
async fn a_keystore() {
    let folder = Folder::new();
    let config = folder.config("keystore = \"no.json\"\n");
    both_refuse(&config, 4, &["no.json", "mixin.keystore", "dashboard"]).await;
    let config = folder.config("");
    folder.write("keystore.json", "{\"app_id\": ");
    both_refuse(&config, 4, &["keystore.json", "line 1", "dashboard"]).await;
    let mut without = keystore();
    without.as_object_mut().unwrap().remove("spend_private_key");
    folder.write("keystore.json", &without.to_string());
    both_refuse(&config, 4, &["spend_private_key is missing", "App Wallet"]).await;
    let mut short = keystore();
    short["session_private_key"] = "abcd".into();
    folder.write("keystore.json", &short.to_string());
    both_refuse(&config, 4, &["session_private_key is wrong", "dashboard"]).await;
}

#[tokio::test]
async fn a_database() {
    let folder = Folder::new();
    let at = |path: &str| folder.config(&format!("[store]\ndatabase = {path:?}\n"));
    both_refuse(&at("no/folder/bot.db"), 6, &["no/folder/bot.db", "folder exists"]).await;
    // No user at all can write below a file, not even root.
    both_refuse(&at("keystore.json/bot.db"), 6, &["keystore.json/bot.db", "can be written"]).await;
    folder.write("text.db", &"not a database ".repeat(100));
    both_refuse(&at("text.db"), 6, &["text.db", "not a database"]).await;
    let newer = folder.0.path().join("newer.db");
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 999).unwrap();
    both_refuse(&at("newer.db"), 6, &["newer.db", "newer release", "999"]).await;
    // Nobody is asked at Mixin before it is known whose database it is; and where there is none, none is made.
    let config = at("none.db");
    both_refuse(&config, 5, &["mixin.api"]).await;
    assert!(!folder.0.path().join("none.db").exists());
    run(&["halt", "--config", &config]).await.is_refusal(2, &["not provided: <WHAT>; --help"]);
    drop(mixin_escrow::store::Store::open(&folder.0.path().join("none.db")).unwrap());
    let db = rusqlite::Connection::open(folder.0.path().join("none.db")).unwrap();
    let owner = "0b2b1a5c-32f5-4c0a-9f4e-0a2c1d6f7e12";
    db.execute("INSERT INTO meta VALUES ('bot', ?1)", [format!("{owner:?}")]).unwrap();
    both_refuse(&config, 4, &["belongs to bot", owner, "store.database"]).await;
}

#[tokio::test]
async fn a_kit() {
    let folder = Folder::new();
    let config = folder.config("");
    let import = async |kit: &str| run(&["trade", "import", kit, "--config", &config]).await;
    import("/nowhere/kit.txt").await.is_refusal(10, &["/nowhere/kit.txt", "stdin"]);
    let text = folder.write("kit.txt", "Dear operator, where is my money?");
    import(&text).await.is_refusal(10, &["kit.txt", "there is no kit", "copy the bot's whole message"]);
    let text = folder.write("kit.txt", "-----BEGIN MIXIN ESCROW KIT-----\nAQ\n");
    import(&text).await.is_refusal(10, &["cut off"]);
    let text = folder.write("kit.txt", "-----BEGIN MIXIN ESCROW KIT-----\nAQ\n-----END MIXIN ESCROW KIT-----");
    import(&text).await.is_refusal(10, &["damaged", "too short"]);
    assert!(!folder.0.path().join("mixin-escrow.db").exists(), "nothing was written");
}

/// A sound kit becomes a row that the bot will find; it need not run.
#[tokio::test]
async fn a_kit_that_is_sound() {
    let mut stage = Stage::new(Setup::new(3)).unwrap();
    let mut play = Play::new(Script { item: "lens".into(), price: "100 USDT".into(), via: Via::Mixin });
    stage.control("POST", "people/buyer/mint", &json!({ "asset_id": USDT, "amount": "101" })).unwrap();
    stage.play_until(&mut play, |stage| play::reads(stage.shown("buyer"), "Funded")).unwrap();
    let said = |m: &Value| words(m).contains("BEGIN MIXIN ESCROW KIT").then(|| words(m));
    let kit = stage.shown("buyer").iter().rev().find_map(said).unwrap();
    let people = stage.control("GET", "people", &Value::Null).unwrap();
    let bot = people.as_array().unwrap().iter().find(|person| person["role"] == "bot").unwrap();
    let folder = Folder::new();
    let config = folder.config("[store]\ndatabase = \"bot.db\"\n");
    let kit = folder.write("kit.txt", &kit);
    run(&["trade", "import", &kit, "--config", &config]).await.is_refusal(4, &["signed by another bot", "keystore"]);
    folder.write("keystore.json", &bot["keystore"].to_string());
    let ended = run(&["trade", "import", &kit, "--config", &config]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out[0].contains("the kit is sound"), "{ended:?}");
    let db = rusqlite::Connection::open(folder.0.path().join("bot.db")).unwrap();
    // What is wrong with an operator's verb is said in JSON, too.
    let ended = run(&["trade", "import", "/nowhere/kit.txt", "--json", "--config", &config]).await;
    ended.is_refusal(10, &["/nowhere/kit.txt"]);
    let said = ended.json();
    assert!(said["exit"] == 10 && said["error"].as_str().unwrap().contains("/nowhere/kit.txt"), "{said}");
    let row: String = db.query_row("SELECT input FROM operator WHERE done_at IS NULL", [], |row| row.get(0)).unwrap();
    assert!(row.starts_with("{\"ask\":\"import\""), "{row}");
}

#[tokio::test]
async fn nobody_answers() {
    let folder = Folder::new();
    both_refuse(&folder.config(""), 5, &["http://127.0.0.1:1", "mixin.api", "check the address"]).await;
    run(&["demo", "--at", "http://127.0.0.1:1"]).await.is_refusal(5, &["--at", "sandbox --with-bot"]);
}

/// One network, on which one thing after the other is wrong.
#[tokio::test]
async fn an_account_that_will_not_do() {
    let sandbox = Sandbox::start(&[]).await;
    let config = sandbox.config("config.toml", |text| text);
    let port = sandbox.api.rsplit(':').next().unwrap();
    let other = tempfile::tempdir().unwrap();
    run(&["sandbox", "--port", port, "--data", other.path().to_str().unwrap()])
        .await
        .is_refusal(5, &[port, "--port 0"]);

    let good = run(&["doctor", "--config", &config]).await;
    assert_eq!((good.code, good.err.len()), (Some(0), 0), "{good:?}");
    let checked: Vec<&str> =
        good.out.iter().filter_map(|line| line.strip_prefix("ok   ")).map(|line| line[..10].trim()).collect();
    assert_eq!(
        checked,
        [
            "config",
            "keystore",
            "database",
            "mixin",
            "clock",
            "account",
            "safe",
            "spend key",
            "fee",
            "mixpay",
            "web",
            "inspect"
        ]
    );
    assert_eq!(good.out.last().unwrap(), "all is well");

    let mut bot: Value = serde_json::from_str(&std::fs::read_to_string(sandbox.data("bot.json")).unwrap()).unwrap();
    bot["spend_private_key"] = "33".repeat(32).into();
    write(&sandbox.data("wrong.json"), &bot.to_string());
    let wrong = sandbox.config("wrong.toml", |text| text.replace("bot.json", "wrong.json"));
    refuses(&wrong, 7, &["spend_private_key", "App Wallet"]).await;

    let poor = json!({ "name": "Poor", "app": true, "has_safe": false });
    let poor = sandbox.phones.post("people", &poor).await.unwrap();
    write(&sandbox.data("poor.json"), &poor["keystore"].to_string());
    let other = sandbox.config("poor.toml", |text| text.replace("bot.json", "poor.json"));
    refuses(&other, 7, &["no Safe", "dashboard"]).await;

    let fees = sandbox.phones.get("people").await.unwrap();
    let fees = fees.as_array().unwrap().iter().find(|person| person["role"] == "fees").unwrap()["user_id"].clone();
    let poor = poor["user_id"].as_str().unwrap();
    for (id, words) in [("0b2b1a5c-32f5-4c0a-9f4e-0a2c1d6f7e11", "no such person"), (poor, "no Safe wallet")] {
        let other = sandbox.config("fee.toml", |text| text.replace(fees.as_str().unwrap(), id));
        refuses(&other, 3, &["trade.fee_receiver", words]).await;
    }

    let hour = json!({ "skew_ms": 3_600_000 });
    sandbox.phones.post("switches", &hour).await.unwrap();
    let strict = sandbox.config("strict.toml", |text| text.replace("max_skew_s = 315360000", "max_skew_s = 300"));
    refuses(&strict, 7, &["clock", "NTP", "clock.max_skew_s"]).await;
    sandbox.phones.post("switches", &json!({ "skew_ms": 0 })).await.unwrap();

    sandbox.phones.post("people/bot/session", &json!({})).await.unwrap();
    refuses(&config, 7, &["401", "download a new keystore"]).await;
    sandbox.stop().await;
}

/// Listeners are for looking: without them trades go on.
#[tokio::test]
async fn addresses_that_are_taken() {
    let sandbox = Sandbox::start(&[]).await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let config = sandbox.config("taken.toml", |text| {
        let other = |line: &str| match line.split_once(" = ") {
            Some((key @ ("listen" | "inspect"), _)) => format!("{key} = \"{address}\""),
            _ => line.to_owned(),
        };
        text.lines().map(other).collect::<Vec<_>>().join("\n")
    });
    let doctor = run(&["doctor", "--config", &config]).await;
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    for key in ["web.listen", "web.inspect"] {
        let note = doctor.out.iter().find(|line| line.contains(&format!("note {key} = {address}")));
        assert!(note.is_some_and(|line| line.contains("choose another")), "{doctor:?}");
    }
    let mut bot = Running::start(&["serve", "--config", &config]);
    bot.says("note web.listen = ").await;
    bot.says("note web.inspect = ").await;
    drop(taken);
    bot.murmurs("is free again").await;
    assert!(tokio::net::TcpStream::connect(&address).await.is_ok());
    bot.signal("TERM").await;
    assert_eq!(bot.end().await.code, Some(0));
    sandbox.stop().await;
}

/// As [`both_refuse`], but what was good before is said first.
async fn refuses(config: &str, code: i32, words: &[&str]) {
    for verb in ["doctor", "serve"] {
        let ended = run(&[verb, "--config", config]).await;
        ended.is_refusal(code, words);
        assert!(ended.out.iter().all(|line| line.starts_with("ok   ")), "{ended:?}");
    }
}
