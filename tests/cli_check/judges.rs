//! Judges as an operator names them, and a ruling that is stopped, beside a bot that runs.

use std::time::Duration;

use serde_json::{Value, json};

use super::operator::{Desk, agreed, link, tap};

async fn says(desk: &Desk, who: &str, words: &str) {
    desk.sandbox.phones.post(&format!("people/{who}/say"), &json!({ "text": words })).await.unwrap();
}

/// Somebody of the network's people.
async fn person(desk: &Desk, role: &str) -> (String, String) {
    let people = desk.sandbox.phones.get("people").await.unwrap();
    let person = people.as_array().unwrap().iter().find(|person| person["role"] == role).unwrap();
    let text = |key: &str| person[key].as_str().unwrap().to_owned();
    (text("user_id"), text("number"))
}

/// Everybody who has something to do with the one open case: who, and what.
async fn has(desk: &Desk) -> Vec<(String, String)> {
    let listed = desk.json(&["judge", "list"]).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |row: &Value| row["cases"].as_array().unwrap().iter().map(|case| text(&case["has"])).next();
    listed["judges"].as_array().unwrap().iter().filter_map(|row| Some((text(&row["judge"]), of(row)?))).collect()
}

/// Waits until somebody has that to do with the case; who.
async fn waits_for(desk: &Desk, what: &str) -> String {
    let mut seen = Vec::new();
    for _ in 0..200 {
        seen = has(desk).await;
        if let Some((judge, _)) = seen.iter().find(|(_, has)| has == what) {
            return judge.clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody: {what}; {seen:?}");
}

async fn wait_until_state(desk: &Desk, state: &str) {
    for _ in 0..200 {
        if desk.json(&["trade", "list"]).await["trades"][0]["state"] == state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never {state}");
}

#[tokio::test]
async fn judges_are_named_and_a_ruling_is_stopped() {
    let desk = Desk::new().await;
    desk.sandbox.config("config.toml", |text| text.replace("\n[trade]\n", "\n[trade]\nruling_delay_above = \"10\"\n"));
    desk.run(&["judge", "list"]).await.is_refusal(6, &["there is no database"]);
    let mut bot = desk.sandbox.serve().await;
    let (first, second) = (person(&desk, "judge").await, person(&desk, "stranger").await);

    // Named by a Mixin ID only once the bot knows it; by a user id always.
    desk.run(&["judge", "add", &second.1]).await.is_refusal(12, &[&second.1, "user id"]);
    for who in ["judge", "stranger"] {
        says(&desk, who, "Hi").await;
        let number = if who == "judge" { &first.1 } else { &second.1 };
        for _ in 0..200 {
            if desk.run(&["judge", "remove", number, "--dry-run"]).await.code == Some(0) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let only = desk.run(&["judge", "add", &second.1, "--dry-run"]).await;
    assert_eq!((only.code, only.out.last().unwrap().as_str()), (Some(0), "nothing was done: --dry-run"));
    assert!(only.out[0].contains(&second.1) && only.out[0].contains("becomes a judge"), "{only:?}");
    assert_eq!(desk.json(&["judge", "list"]).await["judges"].as_array().unwrap().len(), 1);
    assert_eq!(desk.json(&["judge", "add", &second.1]).await["applied"], true);
    desk.run(&["judge", "add", &second.0]).await.is_refusal(11, &["a judge already"]);
    let listed = desk.run(&["judge", "list"]).await.out;
    assert!(listed.len() == 2 && listed.iter().any(|line| line.contains(&second.1)), "{listed:?}");

    // A case: offered, in hand, ruled above the value, stopped.
    let code = agreed(&desk).await;
    let coins = json!({ "asset_id": "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b", "amount": "101" });
    desk.sandbox.phones.post("people/buyer/mint", &coins).await.unwrap();
    let deed = json!({ "link": link(&desk.sandbox).await, "pin": mixin_escrow::sim::play::PIN });
    desk.sandbox.phones.post("people/buyer/pay", &deed).await.unwrap();
    wait_until_state(&desk, "Funded").await;
    desk.run(&["judge", "stop", "ZZZZZZ"]).await.is_refusal(12, &["ZZZZZZ"]);
    desk.run(&["judge", "stop", &code]).await.is_refusal(11, &[&code, "nothing was done"]);
    says(&desk, "buyer", &format!("problem {code} not delivered")).await;
    let asked = waits_for(&desk, "offered").await;
    let (role, other) = if asked == first.0 { ("judge", &second.0) } else { ("stranger", &first.0) };
    tap(&desk.sandbox, role, "Take it").await;
    assert_eq!(waits_for(&desk, "in hand").await, asked);
    desk.run(&["judge", "stop", &code]).await.is_refusal(11, &[&code, "no ruling"]);
    tap(&desk.sandbox, role, "Release").await;
    says(&desk, role, "The pictures show it.").await;
    tap(&desk.sandbox, role, "Rule so").await;
    assert_eq!(waits_for(&desk, "ruled").await, asked);

    let only = desk.run(&["judge", "stop", &code, "--dry-run"]).await;
    assert!(only.code == Some(0) && only.out[0].starts_with(&format!("Trade {code} · Disputed")), "{only:?}");
    assert!(only.out[2].contains("both parties and the judge are told"), "{only:?}");
    let stopped = desk.json(&["judge", "stop", &code.to_lowercase()]).await;
    assert!(stopped["applied"] == true && stopped["line"].as_str().unwrap().contains("another judge"), "{stopped}");
    assert_eq!(waits_for(&desk, "offered").await, *other);
    assert_eq!(waits_for(&desk, "ruled").await, asked);
    desk.run(&["judge", "stop", &code]).await.is_refusal(11, &[&code, "no ruling"]);
    let lines = desk.run(&["judge", "list"]).await.out;
    assert!(lines.iter().any(|line| line.starts_with("  offered  ") && line.contains(&code)), "{lines:?}");

    // Asked while no bot runs, it is done at the next start. Nobody is left to be asked.
    bot.signal("TERM").await;
    bot.ended().await;
    let later = desk.run(&["judge", "remove", other]).await;
    assert!(later.code == Some(0) && later.out.last().unwrap().contains("next start"), "{later:?}");
    let mut bot = desk.sandbox.serve().await;
    for _ in 0..200 {
        if has(&desk).await.len() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(has(&desk).await, [(asked.clone(), "ruled".to_owned())]);
    desk.run(&["judge", "remove", other]).await.is_refusal(11, &["is no judge"]);
    desk.run(&["judge", "remove", "12"]).await.is_refusal(12, &["12"]);
    assert_eq!(desk.run(&["ledger", "check"]).await.code, Some(0));
    bot.signal("TERM").await;
    bot.ended().await;
    desk.sandbox.stop().await;
}
