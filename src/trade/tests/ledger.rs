//! The books are checked by what is stored alone; rows broken on purpose are caught, by trade and rule.

use super::scene::*;
use crate::id::{Hash, TradeId};
use crate::trade::ledger::{Broken, Ledger, Rule};
use crate::trade::{Authority, Event, Kind, Trade};

fn history(scene: &Scene) -> Vec<(u64, Event)> {
    scene.history.iter().map(|event| (scene.trade.version, event.clone())).collect()
}

/// A trade that was paid out, as it is stored: its history as it was, its row changed.
fn rules(change: impl FnOnce(&mut Trade)) -> Vec<Rule> {
    let mut scene = Scene::delivered();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    let history = history(&scene);
    change(&mut scene.trade);
    let mut ledger = Ledger::default();
    ledger.trade(&scene.trade, &history);
    ledger.output(scene.outputs[0].output_id, Some(scene.trade.id));
    let broken = ledger.close();
    assert!(broken.iter().all(|broken| broken.trade.as_deref() == Some("K7Q2M9")), "{broken:?}");
    broken.into_iter().map(|broken| broken.rule).collect()
}

#[test]
fn every_rule_is_broken_once() {
    use Rule::{Authorised, History, Inputs, Owner, Sums, Terms};
    assert_eq!(rules(|_| ()), []);
    assert_eq!(rules(|t| t.stirred = crate::time::Millis(77)), [], "nobody's money");
    assert_eq!(rules(|t| t.version += 1), [History]);
    assert_eq!(rules(|t| t.plans[0].signed.clear()), [History]);
    assert_eq!(rules(|t| t.frozen = Some("x".into())), [History]);
    assert_eq!(rules(|t| t.terms.price = units(999)), [History, Terms]);
    assert_eq!(rules(|t| t.plans[0].payouts[0].amount = units(1)), [History, Sums]);
    assert_eq!(rules(|t| t.plans[0].inputs[0].hash = Hash([1; 32])), [History, Inputs]);
    assert_eq!(rules(|t| t.plans[0].inputs.clear()), [History, Sums, Inputs]);
    assert_eq!(rules(|t| t.plans[1].authorised = Some(Authority::SellerRefunded)), [History, Authorised]);
    assert_eq!(rules(|t| t.deposits.clear()), [History, Inputs, Inputs, Owner]);
}

#[test]
fn a_deposit_of_two_trades_or_of_none_is_caught() {
    let (scene, mut other) = (Scene::funded(), Scene::funded());
    other.trade.id = TradeId(uuid::Uuid::from_u128(7));
    other.trade.code = "OTHER1".into();
    let mut ledger = Ledger::default();
    ledger.trade(&scene.trade, &history(&scene));
    ledger.trade(&other.trade, &[]);
    let output = scene.outputs[0].output_id;
    for given_to in [Some(other.trade.id), None, Some(TradeId(uuid::Uuid::from_u128(8)))] {
        ledger.output(output, given_to);
    }
    ledger.output(uuid::Uuid::from_u128(9), None);
    let broken: Vec<(String, Rule)> =
        ledger.close().into_iter().map(|Broken { trade, rule, .. }| (trade.unwrap_or_default(), rule)).collect();
    let of = |trade: &str, rule| (trade.to_owned(), rule);
    assert_eq!(
        broken,
        [of("OTHER1", Rule::History), of("OTHER1", Rule::Owner), of("OTHER1", Rule::Owner), of("", Rule::Owner)],
        "what is unmatched is nobody's, and sound"
    );
}
