//! What keeps a new trade from being agreed to, in words: the operator's halts and caps. What is agreed to goes on.

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::store::{Operator, Scope};
use mixin_escrow::time::Millis;

use crate::town::{Town, USDT};

fn halt(scope: Scope) -> Operator {
    Operator::HaltTrades { scope, why: "we count our coins".into() }
}

impl Town {
    /// The buyer writes a trade with the seller and sends it; what the bot says to that.
    fn proposes(&mut self, item: &str, price: &str) -> crate::town::Screen {
        let seller = self.number("seller");
        self.says("buyer", &format!("buy {item} {price} USDT from @{seller}"));
        self.taps("buyer", "Send it to Bob")
    }
}

#[test]
fn a_halt_of_trades_outlives_the_process_and_lets_the_others_go_on() {
    let mut town = Town::delivered();
    town.proposes("a lamp", "7");
    assert!(town.asks(1, halt(Scope::All)).contains("no new trade can be agreed to"));
    town.stage.crash(Millis::from_secs(5)).unwrap();
    town.passes(Millis::from_secs(10));
    town.taps("seller", "Accept")
        .shows("takes no new trades for now: “we count our coins”")
        .headed("Proposed", "7.07 USDT");
    town.proposes("a book", "8").shows("takes no new trades for now").offers(&["Show the draft"]);
    town.signs("buyer", "Sign release");
    town.passes(Millis::from_secs(5));
    town.settled(Outcome::Release);
    let resume = Operator::ResumeTrades { scope: Scope::All };
    assert!(town.asks(2, resume.clone()).contains("agreed to again"));
    assert!(town.asks(3, resume).contains("are not halted"));
    town.taps("seller", "Accept").headed("AwaitingPayment", "7.07 USDT");
}

#[test]
fn one_asset_or_one_person_is_halted_apart() {
    let mut town = Town::new();
    let seller: mixin_escrow::id::UserId = town.stage.person("seller", "user_id").parse().unwrap();
    town.asks(1, halt(Scope::Asset("c6d0c728-2624-429b-8e0d-d9d19b6592fa".parse().unwrap())));
    town.proposes("a lamp", "7").headed("Proposed", "7.07 USDT");
    town.asks(2, halt(Scope::Person(seller)));
    town.taps("seller", "Accept").shows("takes no new trades of yours").hides("count our coins");
    town.proposes("a book", "8").shows("between the two of you").hides("count our coins");
    town.asks(3, Operator::ResumeTrades { scope: Scope::Person(seller) });
    town.asks(4, halt(Scope::Asset(USDT.parse().unwrap())));
    town.taps("seller", "Accept").shows("takes no new trades in USDT · TRON");
}

#[test]
fn caps_hold_at_the_proposal_and_again_at_the_acceptance() {
    let mut town = Town::with(|setup| {
        setup.house.caps.price.insert(USDT.parse().unwrap(), "500".parse().unwrap());
        setup.house.caps.locked.insert(USDT.parse().unwrap(), "150".parse().unwrap());
        setup.house.caps.trades = Some(2);
    });
    let seller = town.number("seller");
    town.says("buyer", &format!("buy a house 501 USDT from @{seller}")).shows("above the limit of 500 USDT");
    town.says("buyer", "cancel");
    town.proposes("too much", "200").shows("more USDT · TRON locked");
    town.proposes("a lamp", "60").headed("Proposed", "60.6 USDT");
    town.agree();
    town.says("seller", "trades");
    let lamp = town.says("seller", "status").0.len();
    assert!(lamp > 0);
    // Alone it fitted; with what was agreed to since it does not.
    let code = town.stage.store().unwrap().trades().unwrap()[0].code.clone();
    town.says("seller", &format!("status {code}"));
    town.taps("seller", "Accept").shows("more USDT · TRON locked").headed("Proposed", "60.6 USDT");
    town.proposes("a book", "40").headed("Proposed", "40.4 USDT");
    town.taps("seller", "Accept").headed("AwaitingPayment", "40.4 USDT");
    town.proposes("a pen", "1").shows("as many open trades");
    // Whoever ends a trade makes room.
    let book = town.stage.store().unwrap().trades().unwrap()[2].code.clone();
    town.says("buyer", &format!("cancel {book}"));
    town.taps("buyer", "Show the draft");
    town.taps("buyer", "Send it to Bob").headed("Proposed", "1.01 USDT");
}
