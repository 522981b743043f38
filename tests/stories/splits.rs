//! Two share the price: one offers, the other signs, or does not.

use mixin_escrow::money::Amount;
use mixin_escrow::time::Millis;

use crate::town::{Town, USDT, minutes};

const QUESTION: [&str; 4] = ["25%: 25 USDT", "50%: 50 USDT", "75%: 75 USDT", "Status"];

impl Town {
    /// What buyer, seller and fee account have.
    fn purses(&mut self) -> [String; 3] {
        ["buyer", "seller", "fees"].map(|who| self.purse(who, USDT).to_string())
    }

    pub(crate) fn books_are_good(&mut self) {
        let books = self.stage.store().unwrap().check().unwrap();
        assert!(books.ok, "{:#?}", books.broken);
    }

    /// Offers what the words say; the other one has the link.
    fn offers_split(&mut self, who: &'static str, part: &str) {
        let code = self.code(who);
        self.says(who, &format!("split {code} {part}"));
        self.taps(who, "Offer it").shows("You have offered");
        self.passes(Millis::from_secs(10));
    }
}

#[test]
fn offered_by_the_buyer_and_signed_by_the_seller() {
    let mut town = Town::delivered();
    town.looks("buyer");
    let asked = town.taps("buyer", "Offer a split").shows("How much of the 100 USDT should Bob");
    asked.offers(&QUESTION);
    let shown = town.says("buyer", "60%").shows("You: 40.4 USDT").shows(": 60 USDT").shows("Our fee: 0.6 USDT");
    shown.offers(&["Offer it", "Another amount", "Status"]);
    town.looks("seller").silent();
    town.taps("buyer", "Offer it").shows("You have offered Bob").shows("not signing means no");
    town.passes(Millis::from_secs(5));
    let told = town.looks("seller").headed("Delivered", "101 USDT").shows("offers you this split");
    told.shows("The sheet shows: yourself, 60 USDT").shows("that is your no");
    town.says("seller", "why").shows("has offered a split");
    let sheet = town.signs("seller", "Sign split");
    assert_eq!(sheet["sheet"]["amount"].as_str(), Some("60"), "{sheet}");
    town.passes(Millis::from_secs(40));
    town.looks("buyer").headed("Settled", "101 USDT").shows("Split. This is who got what").shows("You: 40.4 USDT");
    town.looks("seller").headed("Settled", "101 USDT").shows("7 of 7 checks held");
    assert_eq!(town.purses(), ["939.4", "1060", "0.6"]);
    assert_eq!(town.vault_spends(), 1);
    town.books_are_good();
}

#[test]
fn offered_by_the_seller_before_delivery_and_signed_by_the_buyer() {
    let mut town = Town::funded();
    town.taps("seller", "Offer a split").shows("should you get");
    town.taps("seller", "50%: 50 USDT").shows("- You: 50 USDT");
    town.taps("seller", "Offer it");
    town.passes(Millis::from_secs(5));
    let link = town.link("buyer", "https://mixin.one/multisigs/");
    let told = town.says("buyer", &format!("verify {link}")).shows("This is my split of trade");
    told.shows("you agree, and this split happens at once");
    town.says("seller", &format!("verify {link}")).shows("for you").shows("your signature alone moves nothing");
    town.signs("buyer", "Sign split");
    town.passes(Millis::from_secs(10));
    town.looks("seller").headed("Settled", "101 USDT").shows("You: 50 USDT");
    assert_eq!(town.purses(), ["949.5", "1050", "0.5"]);
    town.books_are_good();
}

#[test]
fn typed_amounts_are_read_strictly_and_extremes_refused() {
    let mut town = Town::funded();
    town.says("buyer", "split").offers(&QUESTION);
    town.says("buyer", "half").shows("I cannot read “half” as an amount").offers(&QUESTION);
    town.says("buyer", "60 BTC").shows("“btc” is not the coin of this trade");
    town.says("buyer", "1,5").shows("I cannot read");
    town.says("buyer", "６０").shows("I cannot read");
    town.says("buyer", "101").shows("more than the whole price");
    for extreme in ["0", "100", "100%"] {
        town.says("buyer", extreme).shows("must leave something to both").hides("Offer it");
    }
    town.says("buyer", "33.33333333 usdt").shows("33.33333333 USDT");
    town.says("buyer", "cancel").shows("Nothing was offered to anybody");
    town.says("buyer", "60").shows("did not understand");
    town.says("buyer", "split 60 USDT").shows(": 60 USDT");
    town.looks("seller").silent();
}

#[test]
fn too_early_and_too_late_it_is_refused() {
    let mut town = Town::agreed();
    town.says("buyer", "split").shows("too early for that");
    town.pays("buyer");
    town.says("seller", "delivered");
    town.signs("buyer", "Sign release");
    town.passes(Millis::from_secs(10));
    let code = town.code("buyer");
    town.says("buyer", &format!("split {code}")).shows("too late for that");
}

#[test]
fn a_newer_offer_takes_the_place_of_the_first() {
    let mut town = Town::delivered();
    town.offers_split("buyer", "30");
    let old = town.link("seller", "https://mixin.one/multisigs/");
    town.offers_split("buyer", "45");
    town.looks("seller").shows("a newer one took its place").shows("yourself, 45 USDT");
    let told = town.says("seller", &format!("verify {old}"));
    told.shows("nobody can sign it any more");
    // The other side's own offer takes the place of it too, and binds the other way round.
    town.offers_split("seller", "80");
    town.says("buyer", "status").shows("yourself, 20.2 USDT").shows("80 USDT to Bob");
    town.signs("buyer", "Sign split");
    town.passes(Millis::from_secs(40));
    town.looks("seller").headed("Settled", "101 USDT").shows("You: 80 USDT");
    assert_eq!(town.purses(), ["919.2", "1080", "0.8"]);
    town.books_are_good();
}

#[test]
fn an_offer_ends_when_the_trade_goes_on() {
    let mut town = Town::funded();
    town.offers_split("buyer", "50%");
    town.says("seller", "delivered").headed("Delivered", "101 USDT").shows("the trade has gone on");
    town.looks("buyer").shows("The split you offered is over");
    town.says("seller", "status").hides("Sign split");
}

#[test]
fn an_offer_lapses_after_two_days() {
    let mut town = Town::funded();
    town.offers_split("seller", "70");
    let link = town.link("buyer", "https://mixin.one/multisigs/");
    town.passes(minutes(48 * 60 + 20));
    town.looks("buyer").shows("nobody signed it in time");
    town.looks("seller").shows("The split you offered is over");
    town.says("buyer", &format!("verify {link}")).shows("nobody can sign it any more");
    town.says("buyer", "status").headed("Funded", "101 USDT").hides("Sign split");
    assert_eq!(town.vault_spends(), 0);
    town.books_are_good();
}

#[test]
fn ones_own_signature_binds_nothing() {
    let mut town = Town::delivered();
    town.offers_split("buyer", "10");
    let link = town.link("seller", "https://mixin.one/multisigs/");
    town.signs_link("buyer", &link);
    town.passes(minutes(2));
    town.looks("buyer").headed("Delivered", "101 USDT").shows("a split that you offered yourself");
    assert_eq!(town.vault_spends(), 0);
    // It keeps nobody from signing something else.
    town.signs("buyer", "Sign release");
    town.passes(minutes(2));
    town.looks("seller").headed("Settled", "101 USDT").shows("You: 100 USDT");
    assert_eq!(town.purses(), ["899", "1100", "1"]);
    town.books_are_good();
}

#[test]
fn a_token_serves_one_person_one_offer_and_one_time() {
    let mut town = Town::funded();
    town.says("buyer", "split 60");
    let said = town.says("buyer", "split 60").action("Offer it");
    let said = said.strip_prefix("input:").unwrap().to_owned();
    // Somebody else's, for another amount, and used up.
    town.says("seller", &said).shows("too old, was used already, or is not yours");
    town.says("stranger", &said).shows("no trade of yours");
    town.says("buyer", &said.replace(" 60 ", " 10 ")).shows("too old, was used already, or is not yours");
    town.says("buyer", &said.replace(" 60 ", " 60.0 ")).shows("You have offered");
    town.says("buyer", &said).shows("too old, was used already, or is not yours");
    // One that is a quarter of an hour old.
    let late = town.says("buyer", "split 20").action("Offer it");
    town.passes(minutes(16));
    town.says("buyer", late.strip_prefix("input:").unwrap()).shows("too old");
    assert_eq!(town.purse("seller", USDT), "1000".parse::<Amount>().unwrap());
}

#[test]
fn a_signature_on_a_split_of_ones_own_keeps_nobody_from_another_one() {
    let mut town = Town::delivered();
    town.offers_split("seller", "99");
    let link = town.link("buyer", "https://mixin.one/multisigs/");
    town.signs_link("seller", &link);
    town.passes(minutes(2));
    town.offers_split("buyer", "10");
    town.passes(minutes(2));
    town.signs("seller", "Sign split");
    town.passes(minutes(2));
    town.looks("buyer").headed("Settled", "101 USDT").shows("You: 90.9 USDT");
    town.books_are_good();
}
