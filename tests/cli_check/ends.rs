//! Ending: signals are heard, nothing is left behind, and a sandbox begins anew in the same folder.

use super::program::{Running, Sandbox, run, write};

#[tokio::test]
async fn the_sandbox_ends_with_its_bot_whatever_the_signal() {
    for (signal, code) in [("TERM", Some(0)), ("INT", Some(0)), ("KILL", None)] {
        let mut sandbox = Sandbox::start(&["--with-bot"]).await;
        sandbox.running.says("serving as").await;
        sandbox.running.signal(signal).await;
        // `end` waits until nobody holds the program's streams: the bot has them too.
        let ended = sandbox.running.end().await;
        assert_eq!(ended.code, code, "{signal}: {ended:?}");
    }
}

#[tokio::test]
async fn serve_ends_when_told() {
    let sandbox = Sandbox::start(&[]).await;
    for signal in ["TERM", "INT"] {
        let bot = sandbox.serve().await;
        bot.signal(signal).await;
        let ended = bot.end().await;
        assert_eq!(ended.code, Some(0), "{signal}: {ended:?}");
        assert!(ended.err.is_empty(), "{ended:?}");
    }
    sandbox.stop().await;
}

/// Two bots on one keystore would answer everything twice. `doctor` may look on.
#[tokio::test]
async fn a_second_bot_on_the_same_database_is_refused() {
    let sandbox = Sandbox::start(&[]).await;
    let bot = sandbox.serve().await;
    let config = sandbox.config("config.toml", |text| text);
    let doctor = run(&["doctor", "--config", &config]).await;
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    run(&["serve", "--config", &config]).await.is_refusal(6, &["sandbox.db"]);
    bot.signal("TERM").await;
    assert_eq!(bot.end().await.code, Some(0));
    sandbox.stop().await;
}

/// The same seed gives the same message ids; a database of the network before would know them all.
#[tokio::test]
async fn a_sandbox_begins_anew_in_the_same_folder() {
    let mut folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut sandbox = Sandbox::start_in(folder, &["--with-bot"]).await;
        sandbox.running.says("serving as").await;
        let ended = run(&["demo", "--json", "--at", &sandbox.api]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        folder = sandbox.stop().await;
    }
}

#[tokio::test]
async fn the_sandbox_leaves_a_configuration_of_somebody_else_alone() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = write(&folder.path().join("config.toml"), "# mine\n");
    let ended = run(&["sandbox", "--port", "0", "--data", folder.path().to_str().unwrap()]).await;
    ended.is_refusal(2, &[&theirs, "--data"]);
    assert_eq!(std::fs::read_to_string(theirs).unwrap(), "# mine\n");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// The session is replaced on the dashboard while the bot runs: it ends by itself, and says why.
#[tokio::test]
async fn a_revoked_session_ends_the_bot() {
    let sandbox = Sandbox::start(&[]).await;
    let bot: Running = sandbox.serve().await;
    sandbox.phones.post("people/bot/session", &serde_json::json!({})).await.unwrap();
    let ended = bot.end().await;
    assert_eq!(ended.code, Some(7), "{ended:?}");
    let last = ended.err.last().unwrap();
    assert!(last.starts_with("mixin-escrow: ") && last.contains("download a new keystore"), "{last}");
    sandbox.stop().await;
}
