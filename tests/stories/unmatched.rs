//! Money in a vault that names no trade: everybody hears of it, and nothing moves it but two members who agree.

use mixin_escrow::id::Hash;
use mixin_escrow::kernel::derive;
use mixin_escrow::money::Amount;
use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::sim::play::PIN;
use mixin_escrow::store::{Asked, DepositRow, Operator, Wanted};
use mixin_escrow::time::Millis;
use serde_json::json;
use uuid::Uuid;

use crate::town::{Town, USDT, minutes};

const CAME: &str = "came into your vault and names no trade";
const YES: &str = "Yes, it is for this trade";
const NO: &str = "No, it is not";

fn coins(text: &str) -> Amount {
    text.parse().unwrap()
}

impl Town {
    /// Pays into the vault of the newest pay link, with other words than the link's; the output's id.
    fn pays_nameless(&mut self, who: &str, amount: &str, memo: &str) -> Uuid {
        let link = self.link("buyer", "https://mixin.one/pay/");
        let (asked, _) = link.split_once("amount=").and_then(|(_, rest)| rest.split_once('&')).unwrap();
        let link = link.replace(&format!("amount={asked}&"), &format!("amount={amount}&"));
        let link = link.replace("trace=", "x=").replace("memo=", &format!("{memo}y="));
        self.pays_by(who, &link)
    }

    fn pays_by(&mut self, who: &str, link: &str) -> Uuid {
        let done =
            self.stage.control("POST", &format!("people/{who}/pay"), &json!({ "link": link, "pin": PIN })).unwrap();
        self.passes(Millis::from_secs(5));
        let hash: Hash = done["transaction_hash"].as_str().unwrap().parse().unwrap();
        derive::output_id(&hash, 0)
    }

    fn assigns(&mut self, seq: i64, output: Uuid) -> String {
        let code = self.code("buyer");
        let said = self.asks(seq, Operator::AssignDeposit { output, code });
        self.passes(Millis::from_secs(3));
        said
    }

    fn gives_back(&mut self, seq: i64, output: Uuid) -> String {
        let code = self.code("buyer");
        let said = self.asks(seq, Operator::ReturnDeposit { output, code });
        self.passes(Millis::from_secs(5));
        said
    }

    fn row(&self, output: Uuid) -> DepositRow {
        let wanted = Wanted { deposits: [output].into(), ..Wanted::default() };
        self.stage.store().unwrap().load(&wanted).unwrap().deposits.remove(&output).unwrap()
    }

    fn is_sound(&self) {
        let books = self.stage.store().unwrap().check().unwrap();
        assert!(books.ok, "{:#?}", books.broken);
    }
}

#[test]
fn assigned_with_both_yes_it_funds_the_trade() {
    let mut town = Town::agreed();
    for who in ["buyer", "seller"] {
        town.looks(who);
    }
    let output = town.pays_nameless("buyer", "101", "");
    town.looks("buyer").headed("AwaitingPayment", "101 USDT").shows(&format!("101 USDT {CAME}"));
    town.looks("seller").headed("AwaitingPayment", "101 USDT").shows(&format!("101 USDT {CAME}"));
    assert_eq!(town.row(output).trade, None);
    // What else comes that day is seen, and nobody is told again.
    town.pays_nameless("stranger", "0.00000001", "");
    town.looks("buyer").silent();
    town.looks("seller").silent();

    assert!(town.assigns(1, output).contains("are asked whether"));
    for who in ["buyer", "seller"] {
        let asked = town.looks(who).shows("101 USDT lies in your vault and names no trade");
        asked.shows("it counts as paid by").shows("towards the 101 USDT still missing").offers(&[YES, NO, "Status"]);
    }
    assert!(town.assigns(2, output).contains("are asked about"));
    town.taps("buyer", YES).shows("Noted: you say it is").hides(YES);
    assert!(matches!(town.row(output).asked, Some(Asked::Open(_))));
    town.taps("seller", YES).shows("You both said yes: 101 USDT is this trade's now").headed("Funded", "101 USDT");
    town.looks("buyer").headed("Funded", "101 USDT");
    assert!(town.row(output).trade.is_some() && town.row(output).asked.is_none());
    assert!(town.gives_back(3, output).contains("serves a trade"));
    town.taps("seller", "I have delivered");
    town.signs("buyer", "Sign release");
    town.settled(Outcome::Release);
    assert_eq!(town.purse("seller", USDT), coins("1100"));
}

#[test]
fn one_no_leaves_it_where_it_is() {
    let mut town = Town::agreed();
    let output = town.pays_nameless("buyer", "101", "");
    town.assigns(1, output);
    town.taps("buyer", YES);
    town.taps("seller", NO).shows("does not become this trade's").offers(&["Status"]);
    town.looks("buyer").shows("does not become this trade's");
    town.says("buyer", &format!("belongs {}", town.code("buyer"))).shows("too late");
    town.passes(minutes(1));
    assert!(town.row(output).trade.is_none() && matches!(town.row(output).asked, Some(Asked::Refused(_))));
    assert_eq!(town.vault_spends(), 0);
    // The buyer may have it back, since nobody else sent it.
    assert!(town.gives_back(2, output).contains("gives"));
    town.looks("seller").shows("without saying for which trade. It goes back to");
    town.signs("buyer", "Sign return");
    town.passes(Millis::from_secs(5));
    assert_eq!(town.purse("buyer", USDT), coins("1000"));
    town.is_sound();
}

#[test]
fn the_seller_gets_back_what_the_seller_sent() {
    let mut town = Town::delivered();
    let output = town.pays_nameless("seller", "12", "");
    town.looks("buyer").shows(&format!("12 USDT {CAME}"));
    // Asked about first, then thought better of: the question is taken back.
    town.assigns(1, output);
    town.looks("buyer").shows("All that is due is locked already");
    assert!(town.gives_back(2, output).contains("gives"));
    town.looks("buyer").shows("the question was taken back").shows("It goes back to Bob");
    town.signs("seller", "Sign return");
    town.passes(Millis::from_secs(5));
    assert_eq!(town.purse("seller", USDT), coins("1000"));
    town.signs("buyer", "Sign release");
    town.settled(Outcome::Release);
    assert_eq!(town.purse("seller", USDT), coins("1100"));
}

#[test]
fn a_strangers_money_is_never_sent_back_to_a_sender() {
    let mut town = Town::agreed();
    let output = town.pays_nameless("stranger", "101", "");
    assert!(town.gives_back(1, output).contains("MixPay's or a stranger's money is never sent back to a sender"));
    assert!(town.assigns(2, output).contains("are asked"));
    town.looks("seller").shows("an account I do not know");
    town.taps("seller", YES);
    town.taps("buyer", YES).headed("Funded", "101 USDT");
    assert!(
        town.asks(3, Operator::ReturnDeposit { output: Uuid::from_u128(1), code: town.code("buyer") })
            .contains("no deposit")
    );
    town.is_sound();
}

#[test]
fn a_token_is_used_once_and_by_nobody_else() {
    let mut town = Town::agreed();
    let output = town.pays_nameless("stranger", "60", "");
    town.assigns(1, output);
    let yes = town.looks("buyer").action(YES);
    let yes = yes.strip_prefix("input:").unwrap();
    town.says("seller", yes).shows("button").hides("Noted");
    town.says("stranger", yes).hides("Noted");
    town.says("buyer", yes).shows("Noted");
    town.says("buyer", yes).shows("done already");
    town.says("seller", yes).hides("both said yes");
    assert_eq!(town.row(output).trade, None);
    // Without a token the card comes once more.
    town.says("seller", &format!("belongs {}", town.code("buyer"))).offers(&[YES, NO, "Status"]);
    town.taps("seller", YES).shows("You both said yes");
    town.looks("buyer").shows("Arrived so far: 60 USDT of 101 USDT");
    town.pays("buyer");
    town.looks("buyer").headed("Funded", "101 USDT");
    town.is_sound();
}

#[test]
fn assigned_after_the_end_it_goes_back_to_the_buyer() {
    let mut town = Town::agreed();
    let output = town.pays_nameless("stranger", "40", "");
    town.says("seller", "cancel");
    // Long after the vault was last looked at.
    town.stage.crash(Millis::from_hours(24 * 12)).unwrap();
    town.passes(Millis::from_hours(24 * 12 + 1));
    assert!(town.assigns(1, output).contains("are asked"));
    town.looks("buyer").shows("The trade has ended: if both of you say yes, it goes back to you");
    town.taps("buyer", YES);
    town.taps("seller", YES).shows("It goes back to Alice");
    town.passes(Millis::from_secs(5));
    town.signs("buyer", "Sign return");
    town.passes(Millis::from_secs(10));
    town.looks("buyer").shows("40 USDT has arrived back at you");
    assert_eq!(town.purse("buyer", USDT), coins("1040"));
    town.is_sound();
}

#[test]
fn a_restart_between_the_two_yes_forgets_neither() {
    let mut town = Town::agreed();
    let output = town.pays_nameless("buyer", "101", "");
    town.assigns(1, output);
    town.taps("seller", YES);
    town.stage.crash(Millis::from_secs(60)).unwrap();
    town.passes(Millis::from_secs(90));
    town.taps("buyer", YES).shows("You both said yes").headed("Funded", "101 USDT");
    town.is_sound();
}

#[test]
fn the_name_of_another_pairs_trade_is_no_name() {
    let mut town = Town::agreed();
    let here = town.link("buyer", "https://mixin.one/pay/");
    let stranger = town.number("stranger");
    town.says("stranger", "Hi");
    town.says("buyer", &format!("buy a lamp 30 USDT from @{stranger}"));
    let label = format!("Send it to {}", town.stage.person("stranger", "name"));
    town.taps("buyer", &label);
    town.taps("stranger", "Accept");
    let there = town.link("buyer", "https://mixin.one/pay/");
    assert_ne!(here, there);
    let memo = |link: &str| link.split('&').find_map(|part| part.strip_prefix("memo=").map(str::to_owned)).unwrap();
    let wrong = here.replace(&memo(&here), &memo(&there)).replace("trace=", "x=");
    town.looks("seller");
    let output = town.pays_by("buyer", &wrong);
    town.looks("seller").headed("AwaitingPayment", "101 USDT").shows(&format!("101 USDT {CAME}"));
    town.looks("stranger").silent();
    assert_eq!(town.row(output).trade, None);
    // Only a trade of the two whose vault it is in can have it; the newest on the buyer's phone is the other one.
    let code = mixin_escrow::sim::play::code(town.stage.shown("stranger")).unwrap();
    let refused = town.asks(1, Operator::AssignDeposit { output, code });
    assert!(refused.contains("in the vault of other people"), "{refused}");
    let code = mixin_escrow::sim::play::code(town.stage.shown("seller")).unwrap();
    assert!(town.asks(2, Operator::AssignDeposit { output, code }).contains("are asked"));
    town.passes(Millis::from_secs(3));
    town.taps("seller", YES);
    town.taps("buyer", YES);
    town.looks("seller").headed("Funded", "101 USDT");
    town.is_sound();
}

#[test]
fn another_day_it_is_told_again() {
    let mut town = Town::delivered();
    town.pays_nameless("stranger", "1", "");
    town.looks("seller").shows(&format!("1 USDT {CAME}"));
    town.stage.crash(Millis::from_hours(25)).unwrap();
    town.passes(Millis::from_hours(26));
    town.looks("seller");
    town.pays_nameless("stranger", "2", "");
    town.passes(minutes(15));
    town.looks("seller").shows(&format!("2 USDT {CAME}"));
}
