//! A good day and bad ones. Every trade ends settled, signed by the buyer and then by the bot, with every unit
//! accounted for and nothing said twice.

use serde_json::json;

use super::house::House;

#[tokio::test]
async fn the_whole_trade_over_real_sockets() {
    let mut house = House::new(1).await;
    let bot = house.bot();
    house.ends_well().await;
    bot.stop().await;
}

/// Every push comes twice at once, and again ever after, because acknowledgements are forgotten.
#[tokio::test]
async fn messages_delivered_again_and_again_count_once() {
    let mut house = House::new(2).await;
    house.control("switches", json!({ "duplicate_push": true, "redeliver_ms": 150, "drop_acks": true })).await;
    let bot = house.bot();
    house.ends_well().await;
    bot.stop().await;
}

/// The live connection is closed with a word, then dropped without one and refused when it comes back.
#[tokio::test]
async fn a_reconnect_in_mid_trade() {
    let mut house = House::new(3).await;
    let bot = house.bot();
    house.play_until(Some("[Invite the seller]")).await;
    assert_eq!(house.control("faults", json!({ "blaze": "close" })).await["connections"], 1);
    house.play_until(Some("pays with the PIN")).await;
    house.control("faults", json!({ "upgrades": 1 })).await;
    assert_eq!(house.control("faults", json!({ "blaze": "reset" })).await["connections"], 1);
    house.ends_well().await;
    bot.stop().await;
}

/// A frame no server of Mixin would send: the connection is given up, and the trade goes on over the next.
#[tokio::test]
async fn nonsense_on_the_line() {
    let mut house = House::new(8).await;
    let bot = house.bot();
    house.play_until(Some("signs the release")).await;
    assert_eq!(house.control("faults", json!({ "blaze": "text" })).await["connections"], 1);
    house.ends_well().await;
    bot.stop().await;
}

/// The live connection hears and says nothing any more, but stays open. Money goes on meanwhile, since the bot
/// looks for itself; what people say is heard once the silence is noticed.
#[tokio::test]
async fn a_silent_connection_is_left() {
    let mut house = House::new(4).await;
    let bot = house.bot();
    house.play_until(Some("pays with the PIN")).await;
    assert_eq!(house.control("faults", json!({ "blaze": "silence" })).await["connections"], 1);
    house.shows("seller", "The money is locked").await;
    house.ends_well().await;
    bot.stop().await;
}

/// The network breaks calls, and carries calls out whose answers get lost.
#[tokio::test]
async fn calls_that_fail_and_answers_that_get_lost() {
    let mut house = House::new(5).await;
    let fault = |kind: &str, path: &str, count: u32| json!({ "rest": kind, "path": path, "count": count });
    house.control("faults", fault("500", "/users", 1)).await;
    house.control("faults", fault("lost", "/messages", 1)).await;
    let bot = house.bot();
    house.play_until(Some("[Invite the seller]")).await;
    house.control("faults", fault("lost", "/messages", 1)).await;
    house.control("faults", fault("500", "/messages", 1)).await;
    house.play_until(Some("pays with the PIN")).await;
    house.control("faults", fault("500", "/safe/outputs", 1)).await;
    house.control("faults", fault("500", "/safe/keys", 1)).await;
    house.control("faults", fault("lost", "/safe/keys", 1)).await;
    house.control("faults", fault("lost", "/safe/multisigs", 2)).await;
    house.control("faults", fault("lost", "/acknowledgements", 2)).await;
    house.play_until(Some("[I have delivered]")).await;
    house.play_until(Some("signs the release")).await;
    // Over this path the request is read, and the bot's own signature goes out.
    house.control("faults", fault("lost", "/safe/multisigs", 3)).await;
    house.ends_well().await;
    bot.stop().await;
}

/// Stopped and started again on the same database: with a message unread, with money on the way, and with a
/// signature unseen.
#[tokio::test]
async fn a_bot_started_again_goes_on() {
    let mut house = House::new(6).await;
    let mut bot = house.bot();
    house.play_until(Some("[Invite the seller]")).await;
    for moment in ["[Accept]", "pays with the PIN", "signs the release"] {
        house.play_until(Some(moment)).await;
        bot.stop().await;
        bot = house.bot();
    }
    house.ends_well().await;
    bot.stop().await;
}

/// People act while nobody is there: they are heard, in order, when the bot is back.
#[tokio::test]
async fn what_is_done_while_the_bot_is_away_counts_when_it_is_back() {
    let mut house = House::new(7).await;
    let bot = house.bot();
    house.play_until(Some("[I have paid]")).await;
    for who in ["buyer", "seller"] {
        house.shows(who, "https://mixin.one/multisigs/").await;
    }
    bot.stop().await;
    house.play_until(Some("[I have delivered]")).await;
    let bot = house.bot();
    house.shows("buyer", "says it is delivered").await;
    house.ends_well().await;
    bot.stop().await;
}
