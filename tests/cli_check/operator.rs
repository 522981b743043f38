//! Halts, copies and restores, beside a bot that runs and without one.

use std::path::Path;

use serde_json::Value;

use super::program::{Ended, Sandbox, run};

/// A sandbox, and the verbs of an operator on its bot.
struct Desk {
    sandbox: Sandbox,
    config: String,
}

impl Desk {
    async fn new() -> Self {
        let sandbox = Sandbox::start(&[]).await;
        let config = sandbox.config("config.toml", |text| text);
        Self { sandbox, config }
    }

    async fn run(&self, words: &[&str]) -> Ended {
        run(&[words, &["--config", &self.config]].concat()).await
    }

    async fn json(&self, words: &[&str]) -> Value {
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
