//! `demo --list` and `demo --story`: the named stories over real sockets.

use mixin_escrow::sim::stories::TABLE;
use serde_json::json;

use super::program::run;

/// One line a story and nothing else: its name, and what happens.
#[tokio::test]
async fn the_list() {
    let ended = run(&["demo", "--list"]).await;
    assert_eq!((ended.code, ended.err.len()), (Some(0), 0), "{ended:?}");
    let names: Vec<&str> = ended.out.iter().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, TABLE.iter().map(|story| story.name).collect::<Vec<_>>());
    assert!(ended.out.iter().all(|line| line.split_whitespace().count() > 3), "{ended:?}");
}

/// With numbers of one's own: everybody's balance is counted, with its sign.
#[tokio::test]
async fn a_story_with_other_terms() {
    let words = ["demo", "--story", "overpaid", "--price", "12.5", "--asset", "btc", "--fee-payer", "split"];
    let ended = run(&[&words[..], &["--json", "--seed", "5"]].concat()).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told = ended.json();
    for (field, value) in [("story", "overpaid"), ("state", "Settled"), ("outcome", "release"), ("ledger", "ok")] {
        assert_eq!(told[field], value, "{told}");
    }
    let net = |who: &str| told["balances"][who]["BTC"].as_str().unwrap_or_default().to_owned();
    let nets = ["buyer", "seller", "fees", "stranger", "vault"].map(net);
    assert_eq!(nets, ["-12.5625", "12.4375", "0.125", "0", "0"], "{told}");
    assert_eq!(told["trades"][0]["signers"], json!(["buyer", "bot"]));
    assert_eq!((&told["seed"], &told["trade"]), (&json!(5), &told["trades"][0]["trade"]));
    assert!(told["elapsed_ms"].as_u64().unwrap() > 0);
}

/// A person reads along; the money moves without the bot, and is accounted for all the same.
#[tokio::test]
async fn a_story_for_people() {
    let ended = run(&["demo", "--story", "kit"]).await;
    assert_eq!((ended.code, ended.err.len()), (Some(0), 0), "{ended:?}");
    for words in ["settled: release, signed by seller, then buyer", "every unit is accounted for", "elapsed_ms "] {
        assert!(ended.out.iter().any(|line| line.contains(words)), "{words}: {:?}", ended.out);
    }
}

#[tokio::test]
async fn a_stolen_unit_spoils_a_story() {
    let ended = run(&["demo", "--story", "kit", "--fault", "steal-one-unit", "--json"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.json()["ledger"], "wrong");
    let stolen = ended.err.iter().find_map(|line| line.strip_prefix("fault: one unit is taken from ")).unwrap();
    let verdict = ended.err.last().unwrap();
    assert!(verdict.starts_with("mixin-escrow: the story kit did not end as it must: "), "{verdict}");
    for words in [format!("output {stolen}"), "0.00000001 (1 unit) is missing".to_owned()] {
        assert!(verdict.contains(&words), "{verdict}");
    }
}
