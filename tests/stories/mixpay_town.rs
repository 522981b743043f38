//! A town in which MixPay is offered: what MixPay is told to do, and how people pay there.

use mixin_escrow::engine::MixPayShop;
use mixin_escrow::money::Amount;
use mixin_escrow::sim::play::{self, PIN};
use mixin_escrow::time::Millis;
use mixin_escrow::trade::Trade;
use serde_json::{Value, json};

use crate::town::{Town, USDT};

pub(crate) const CODE: &str = "https://mixpay.me/code/";
pub(crate) const LINK: &str = "https://mixin.one/pay/";

pub(crate) fn coins(text: &str) -> Amount {
    text.parse().unwrap()
}

pub(crate) fn seconds(count: i64) -> Millis {
    Millis::from_secs(count)
}

impl Town {
    /// MixPay is offered for up to this much USDT, to anybody.
    pub(crate) fn offering(seed: u64, first_max: &str) -> Self {
        eprintln!("seed {seed}");
        let asset = USDT.parse().unwrap();
        Self::with(|setup| {
            setup.seed = seed;
            let first_max = [(asset, coins(first_max))].into();
            setup.mixpay = Some(MixPayShop { first_max, callback: None });
        })
    }

    /// Buyer and seller have agreed on 100 USDT and MixPay's button is there.
    pub(crate) fn by_mixpay(seed: u64) -> Self {
        let mut town = Self::offering(seed, "1000");
        town.agree();
        town.passes(seconds(2));
        town.looks("buyer").offers(&[
            "Pay 101 USDT",
            "I have paid",
            "Cancel",
            "What now?",
            // The newest card has both roads.
            "Pay 101 USDT",
            "Pay with any coin (MixPay)",
            "I have paid",
            "What now?",
        ]);
        town
    }

    /// What MixPay is to do otherwise.
    pub(crate) fn mixpay(&mut self, switches: &Value) {
        self.stage.control("POST", "switches", &json!({ "mixpay": switches })).unwrap();
    }

    /// Everything MixPay knows.
    pub(crate) fn mixpay_knows(&mut self) -> Value {
        self.stage.control("GET", "mixpay", &Value::Null).unwrap()
    }

    /// How often MixPay was called so far.
    pub(crate) fn mixpay_calls(&mut self) -> usize {
        self.mixpay_knows()["calls"].as_array().unwrap().len()
    }

    /// The code of the newest order on a phone.
    pub(crate) fn order(&mut self, who: &str) -> String {
        self.link(who, CODE)[CODE.len()..].to_owned()
    }

    pub(crate) fn has_order(&mut self, who: &str) -> bool {
        self.looks(who);
        self.stage.shown(who).iter().flat_map(play::buttons).any(|(_, action)| action.starts_with(CODE))
    }

    /// Money for an order, however MixPay's checkout takes it; what MixPay makes of it.
    pub(crate) fn checks_out(&mut self, code: &str, how: &Value) -> Value {
        let done = self.stage.control("POST", &format!("mixpay/{code}/pay"), how).unwrap();
        self.passes(seconds(8));
        done
    }

    /// The buyer pays the newest order from the wallet, in USDT.
    pub(crate) fn pays_order(&mut self) -> Value {
        let code = self.order("buyer");
        self.checks_out(&code, &json!({ "asset": USDT, "who": "buyer" }))
    }

    /// Pays Mixin's newest link; who does may be somebody else.
    pub(crate) fn pays_link(&mut self, who: &str) {
        let link = self.link("buyer", LINK);
        let body = json!({ "link": link, "pin": PIN });
        self.stage.control("POST", &format!("people/{who}/pay"), &body).unwrap();
        self.passes(seconds(8));
    }

    // ---- facts

    /// The trade that was made nth.
    pub(crate) fn trade(&self, nth: usize) -> Trade {
        self.stage.store().unwrap().trades().unwrap()[nth].clone()
    }

    #[track_caller]
    pub(crate) fn is(&self, state: &str) {
        let found = self.trade(0).state.name();
        assert_eq!(found, state, "buyer:\n{}\nseller:\n{}", self.chat("buyer"), self.chat("seller"));
    }

    /// Neither phone has ever said that anything is locked, and the books say the same.
    #[track_caller]
    pub(crate) fn nothing_is_locked(&mut self) {
        for who in ["buyer", "seller"] {
            self.looks(who);
            let shown = self.stage.shown(who);
            let said = shown.iter().any(|message| play::words(message).contains("is locked\n"));
            assert!(!said && !play::reads(shown, "Funded"), "{}", self.chat(who));
        }
        for trade in self.stage.store().unwrap().trades().unwrap() {
            let history = self.stage.store().unwrap().history(trade.id).unwrap();
            let funded = history.iter().any(|row| matches!(row.event, mixin_escrow::trade::Event::Funded { .. }));
            assert!(!funded && trade.frozen.is_none(), "{trade:?}");
        }
    }

    /// From locked to paid out: the same for every road.
    #[track_caller]
    pub(crate) fn ends_well(&mut self) {
        self.is("Funded");
        self.taps("seller", "I have delivered").headed("Delivered", "101 USDT");
        self.signs("buyer", "Sign release");
        self.passes(seconds(5));
        self.is("Settled");
        assert_eq!(self.purse("seller", USDT), coins("1100"));
        assert_eq!(self.purse("fees", USDT), coins("1"));
    }
}
