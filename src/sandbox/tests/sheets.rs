//! What a phone puts up for a link, as it is drawn: every state, every refusal, and nothing done by looking.

use http::header;

use super::*;
use crate::sandbox::BotSays;
use crate::sandbox::page::rewritten;

const PIN: &str = "123456";
const WRONG: &str = "000000";

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Bench {
    fn page(&mut self, method: &str, path: &str, body: &str) -> (u16, String, String) {
        let request = Request::builder().method(method).uri(path).body(Bytes::from(body.to_owned())).unwrap();
        let response = self.world.page(&request, &BotSays::new(), self.now);
        let to = response.headers().get(header::LOCATION).map_or("", |to| to.to_str().unwrap()).to_owned();
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap(), to)
    }

    /// The sheet itself, drawn over the buyer's chat with the bot. Nothing may happen by it.
    fn sheet(&mut self, who: &str, link: &str) -> String {
        // Opened once, the chat is read and nothing more can change.
        self.page("GET", &format!("/page/phone/{who}/bot"), "");
        let before = self.everything();
        let (status, page, _) = self.page("GET", &format!("/page/phone/{who}/bot?link={}", encoded(link)), "");
        assert_eq!(status, 200, "{page}");
        assert_eq!(self.everything(), before, "looking changed something");
        dialog(&page)
    }

    fn everything(&mut self) -> Vec<Value> {
        let mut all =
            ["people", "ledger", "mixpay", "log"].map(|what| self.control("GET", what, &Value::Null)).to_vec();
        for who in ["buyer", "seller", "judge"] {
            all.push(self.control("GET", &format!("people/{who}/inbox?own=1&peek=1"), &Value::Null));
        }
        // What chance brings next is part of it.
        all.push(json!(format!("{:?}", self.world.rng)));
        all
    }

    /// What a button does: the status, the sheet when there is one, and where it leads.
    fn press(&mut self, who: &str, verb: &str, link: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
        let fields = [&[("link", link), ("at", "bot")], fields].concat();
        let (status, page, to) = self.page("POST", &format!("/page/phone/{who}/{verb}"), &form(&fields));
        (status, if page.contains("<dialog") { dialog(&page) } else { String::new() }, to)
    }

    fn pay_link(&mut self, memo: &str) -> String {
        let seller = self.person("seller").id;
        let trace = uuid::Uuid::from_u128(77);
        format!("https://mixin.one/pay/{seller}?asset={USDT}&amount=12.5&memo={}&trace={trace}", encoded(memo))
    }

    /// A standing request over a vault: 8 to the seller, the rest to the fee account.
    fn multisig_link(&mut self) -> String {
        let (buyer, seller, bot, _) = self.trio();
        let fees = self.person("fees");
        let coin = self.deposit("10");
        let outputs = [(vec![seller.id.clone()], 1, "8"), (vec![fees.id.clone()], 1, "2")];
        let tx = self.spend(&bot, &coin, &outputs, 500);
        self.create(&bot, 9, &tx).unwrap();
        let _ = buyer;
        format!("https://mixin.one/multisigs/{}", uuid::Uuid::from_u128(9))
    }

    fn order(&mut self, fields: &Value) -> (String, String) {
        let payee = self.person("seller").id;
        let mut order = json!({"payeeId": payee, "quoteAmount": "10", "quoteAssetId": USDT, "settlementAssetId": USDT,
                               "orderId": "order-1"});
        order.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let request = Request::builder()
            .method("POST")
            .uri("/v1/one_time_payment")
            .header("content-type", "application/json")
            .body(Bytes::from(order.to_string()))
            .unwrap();
        let answer: Value = serde_json::from_slice(self.world.handle(request, self.now).body()).unwrap();
        let code = answer["data"]["code"].as_str().unwrap().to_owned();
        (format!("https://mixpay.me/code/{code}"), code)
    }
}

/// From `<dialog` to `</dialog>`.
fn dialog(page: &str) -> String {
    let from = page.find("<dialog").unwrap_or_else(|| panic!("no sheet: {page}"));
    page[from..page.find("</dialog>").unwrap()].to_owned()
}

fn has(sheet: &str, words: &[&str]) {
    for word in words {
        assert!(sheet.contains(word), "no {word:?} in {sheet}");
    }
}

fn lacks(sheet: &str, words: &[&str]) {
    for word in words {
        assert!(!sheet.contains(word), "{word:?} in {sheet}");
    }
}

#[test]
fn paying_too_poor_then_wrong_pins_then_once() {
    let mut bench = Bench::new();
    let link = bench.pay_link("<script>alert(1)</script>");
    let seller = bench.person("seller");
    let poor = bench.sheet("buyer", &link);
    has(&poor, &["aria-label=\"Pay\"", "12.5 USDT", "Bob", &seller.number, "Insufficient balance", "Get test money"]);
    has(&poor, &["&lt;script&gt;alert(1)&lt;/script&gt;", "0 USDT"]);
    lacks(&poor, &["<script", "name=\"pin\""]);

    let (status, _, to) = bench.press("buyer", "mint", &link, &[("asset_id", USDT), ("amount", "12.5")]);
    assert_eq!((status, to), (303, format!("/page/phone/buyer/bot?link={}", encoded(&link))));
    let ready = bench.sheet("buyer", &link);
    has(&ready, &["value=\"123456\"", ">Pay</button>", "data-escape", "autofocus"]);

    let (status, wrong, _) = bench.press("buyer", "pay", &link, &[("pin", WRONG)]);
    assert_eq!(status, 409);
    has(&wrong, &["role=\"alert\"", "4 tries left", "20119", ">Pay</button>"]);
    let (status, _, to) = bench.press("buyer", "pay", &link, &[("pin", PIN)]);
    assert_eq!((status, to.as_str()), (303, "/page/phone/buyer/bot?done=paid"));
    has(&bench.page("GET", &to, "").1, &["role=\"status\"", "Paid"]);

    let paid = bench.sheet("buyer", &link);
    has(&paid, &["Already paid"]);
    lacks(&paid, &["<button"]);
    let (status, again, _) = bench.press("buyer", "pay", &link, &[("pin", PIN)]);
    assert_eq!(status, 409);
    has(&again, &["role=\"alert\"", "already paid"]);
}

#[test]
fn five_wrong_pins_lock_the_wallet() {
    let mut bench = Bench::new();
    let link = bench.pay_link("m");
    bench.mint("buyer", "100");
    for left in (0..5).rev() {
        has(&bench.press("buyer", "pay", &link, &[("pin", WRONG)]).1, &[&format!("{left} tries left")]);
    }
    has(&bench.press("buyer", "pay", &link, &[("pin", PIN)]).1, &["locked until", "429"]);
}

#[test]
fn a_group_is_shown_as_any_so_many_of_it() {
    let mut bench = Bench::new();
    let members = ["buyer", "seller", "bot"].map(|role| bench.person(role).id.parse().unwrap());
    let address = crate::kernel::MixAddress {
        members: crate::kernel::Members::Users(members.map(crate::id::UserId).to_vec()),
        threshold: 2,
    };
    bench.mint("buyer", "5");
    let sheet = bench.sheet("buyer", &format!("https://mixin.one/pay/{address}?asset={USDT}&amount=5"));
    has(&sheet, &["Any 2 of these 3", "Alice", "Bob", "Escrow", ">Pay</button>"]);
    let open = bench.sheet("buyer", &format!("https://mixin.one/pay/{address}?asset={USDT}"));
    lacks(&open, &["<button"]);
}

#[test]
fn signing_shows_what_the_app_shows_and_nothing_else() {
    let mut bench = Bench::new();
    let link = bench.multisig_link();
    let ready = bench.sheet("buyer", &link);
    has(&ready, &["aria-label=\"Sign\"", "Bob", "Senders 2/3", "0 USDT", ">Sign</button>", "value=\"123456\""]);
    lacks(&ready, &["Fees", "Memo", "signed</span>"]);
    let facts = |sheet: &str| sheet.split("<dl").nth(1).unwrap().to_owned();
    assert!(!facts(&ready).contains(">2 USDT"), "the fee output is not shown");

    has(
        &bench.press("buyer", "sign", &link, &[("pin", WRONG)]).1,
        &["role=\"alert\"", "4 tries left", ">Sign</button>"],
    );
    let (status, _, to) = bench.press("buyer", "sign", &link, &[("pin", PIN)]);
    assert_eq!((status, to.as_str()), (303, "/page/phone/buyer/bot?done=signed"));
    let signed = bench.sheet("buyer", &link);
    has(&signed, &["You have signed", "✓"]);
    lacks(&signed, &["<button"]);
    let (status, again, _) = bench.press("buyer", "sign", &link, &[("pin", PIN)]);
    assert_eq!(status, 409);
    has(&again, &["role=\"alert\""]);

    let revoking = format!("{link}?action=revoke");
    let revoke = bench.sheet("seller", &revoking);
    has(&revoke, &["aria-label=\"Sign\"", ">Revoke</button>", "✓"]);
    let (status, _, to) = bench.press("seller", "revoke", &revoking, &[("pin", PIN)]);
    assert_eq!((status, to.as_str()), (303, "/page/phone/seller/bot?done=revoked"));
    for link in [link.as_str(), &revoking] {
        let revoked = bench.sheet("buyer", link);
        lacks(&revoked, &["<button", "name=\"pin\""]);
    }
    has(&bench.sheet("judge", &link), &["Not opened", "not a member"]);
}

#[test]
fn two_signatures_are_paid() {
    let mut bench = Bench::new();
    let link = bench.multisig_link();
    for who in ["buyer", "seller"] {
        assert_eq!(bench.press(who, "sign", &link, &[("pin", PIN)]).0, 303);
    }
    let paid = bench.sheet("buyer", &link);
    has(&paid, &["Paid."]);
    lacks(&paid, &["<button"]);
}

#[test]
fn a_text_is_sent_only_by_its_button() {
    let mut bench = Bench::new();
    let said = |bench: &mut Bench, who: &str| {
        let inbox = bench.control("GET", &format!("people/{who}/inbox?own=1&peek=1"), &Value::Null);
        inbox
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|shown| shown["text"].as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let bot = bench.person("bot").id;
    let link = format!("mixin://send?text={}&user={bot}", encoded("join <b>K7</b>"));
    let sheet = bench.sheet("buyer", &link);
    has(&sheet, &["aria-label=\"Send a message\"", "join &lt;b&gt;K7&lt;/b&gt;", "Escrow", ">Send</button>"]);
    assert!(said(&mut bench, "buyer").is_empty());
    let (status, _, to) = bench.press("buyer", "send", &link, &[]);
    assert_eq!((status, to.as_str()), (303, "/page/phone/buyer/bot?done=sent"));
    assert_eq!(said(&mut bench, "buyer"), ["join <b>K7</b>"]);

    let anywhere = bench.sheet("buyer", "mixin://send?text=tea");
    has(&anywhere, &["Or to somebody else", ">Bob</button>", ">Judy</button>"]);
    lacks(&anywhere, &[">Alice</button>", ">Fees</button>", ">MixPay</button>"]);
    let bob = bench.person("seller").id;
    let (status, _, to) = bench.press("buyer", "send", "mixin://send?text=tea", &[("to", &bob)]);
    assert_eq!((status, to.as_str()), (303, "/page/phone/buyer/seller?done=sent"));
    assert_eq!(said(&mut bench, "seller"), ["tea"]);

    has(&bench.sheet("buyer", "input:/release now"), &["Send a message", "/release now", ">Send</button>"]);
    let chat = crate::kernel::derive::contact_conversation(
        crate::id::UserId(bench.person("buyer").id.parse().unwrap()),
        crate::id::UserId(bot.parse().unwrap()),
    );
    let start = bench.sheet("buyer", &format!("mixin://conversations/{chat}?user={bot}&start=hello"));
    has(&start, &["Send a message", "hello", ">Send</button>"]);
    has(&bench.sheet("buyer", &format!("mixin://conversations/{chat}?user={bot}")), &["Profile", "Open chat"]);
    has(&bench.sheet("judge", &format!("mixin://conversations/{chat}?start=hello")), &["Not opened"]);
    assert_eq!(said(&mut bench, "buyer").len(), 2, "only what was sent");
}

#[test]
fn who_somebody_is() {
    let mut bench = Bench::new();
    bench.control("POST", "people", &json!({"name": "<i>Eve</i>", "role": "eve"}));
    let (bot, eve) = (bench.person("bot"), bench.person("eve"));
    let sheet = bench.sheet("buyer", &format!("mixin://apps/{}", bot.id));
    has(&sheet, &["aria-label=\"Profile\"", "Escrow", &bot.number, "Bot", "Open chat"]);
    let hostile = bench.sheet("buyer", &format!("https://mixin.one/users/{}", eve.id));
    has(&hostile, &["&lt;i&gt;Eve&lt;/i&gt;", &format!("/page/phone/buyer/{}", eve.id)]);
    lacks(&hostile, &["<i>Eve", ">Bot<"]);
    let nobody = bench.sheet("buyer", &format!("mixin://users/{}", uuid::Uuid::from_u128(1)));
    has(&nobody, &["Not opened", "404"]);
}

#[test]
fn a_checkout_stays_and_tells_how_far_it_is() {
    let mut bench = Bench::new();
    let (link, code) = bench.order(&json!({"remark": "\"><script>x</script>"}));
    let sheet = bench.sheet("buyer", &link);
    has(
        &sheet,
        &[
            "aria-label=\"MixPay\"",
            "10 USDT",
            "Unpaid",
            "Pay 10 USDT TRC20",
            "Pay 0.00016667 BTC",
            "From another wallet",
        ],
    );
    has(&sheet, &["&quot;&gt;&lt;script&gt;"]);
    assert_eq!((sheet.matches("name=\"pin\"").count(), sheet.contains("<script")), (1, false));

    let pin = ("pin", PIN);
    let (status, poor, _) = bench.press("buyer", "checkout", &link, &[pin, ("asset", USDT)]);
    assert_eq!(status, 409);
    has(&poor, &["role=\"alert\"", "insufficient balance", "Get test money", "value=\"10\""]);
    bench.mint("buyer", "10");
    let (status, wrong, _) = bench.press("buyer", "checkout", &link, &[("pin", WRONG), ("asset", USDT)]);
    assert_eq!(status, 409);
    has(&wrong, &["4 tries left"]);
    let (status, _, to) = bench.press("buyer", "checkout", &link, &[pin, ("asset", USDT)]);
    assert_eq!((status, to), (303, format!("/page/phone/buyer/bot?link={}", encoded(&link))));
    let paid = bench.sheet("buyer", &link);
    has(&paid, &["Paid", "Received", "10 USDT"]);
    lacks(&paid, &["<button", "name=\"pin\""]);
    assert_eq!(bench.control("GET", &format!("mixpay/{code}"), &Value::Null)["status"], "success");
    has(
        &bench.sheet("buyer", "https://mixpay.me/code/00000000-0000-4000-8000-000000000000"),
        &["Not opened", "no such order"],
    );
}

#[test]
fn another_wallet_sends_too_little_and_too_much() {
    let mut bench = Bench::new();
    let (link, code) = bench.order(&json!({}));
    let outside = |bench: &mut Bench, amount: &str| {
        let fields = [("by", "chain"), ("asset", USDT), ("amount", amount), ("confirmations", "2")];
        bench.press("buyer", "checkout", &link, &fields)
    };
    let (status, bad, _) = outside(&mut bench, "a lot");
    assert_eq!(status, 409);
    has(&bad, &["role=\"alert\"", "not an amount"]);
    assert_eq!(outside(&mut bench, "4").0, 303);
    let less = bench.sheet("buyer", &link);
    has(&less, &["6 USDT is missing", "0 of 2 confirmations", "<details", "name=\"by\" value=\"chain\""]);
    lacks(&less, &["name=\"pin\""]);
    assert_eq!(outside(&mut bench, "7").0, 303);
    has(&bench.sheet("buyer", &link), &["waits for confirmations"]);
    bench.wait(20_000);
    has(&bench.sheet("buyer", &link), &["Paid", "Given back", "1 USDT: Surplus"]);

    let (status, page, _) = bench.page("GET", &format!("/code/{code}"), "");
    assert_eq!((status, page.matches("<button").count()), (200, 0));
}

#[test]
fn mixpays_own_page_pays_from_outside() {
    let mut bench = Bench::new();
    let (_, code) = bench.order(&json!({}));
    let (status, page, _) = bench.page("GET", &format!("/code/{code}"), "");
    assert_eq!(status, 200);
    has(&page, &[&format!("action=\"/page/mixpay/{code}/pay\""), "Pay 10 USDT TRC20"]);
    lacks(&page, &["<style", "style=", "onclick", "name=\"pin\""]);
    let pay = format!("/page/mixpay/{code}/pay");
    let (status, page, _) = bench.page("POST", &pay, &form(&[("asset", "nothing")]));
    assert_eq!(status, 409);
    has(&page, &["role=\"alert\"", "unknown asset"]);
    let (status, _, to) = bench.page("POST", &pay, &form(&[("asset", USDT), ("amount", ""), ("confirmations", "0")]));
    assert_eq!((status, to), (303, format!("/code/{code}")));
    has(&bench.page("GET", &format!("/code/{code}"), "").1, &["Paid"]);
    assert_eq!(bench.page("GET", "/code/none", "").0, 404);
}

#[test]
fn only_what_is_here_can_be_browsed() {
    let mut bench = Bench::new();
    bench.world.browsable(["http://127.0.0.1:9".to_owned()].into_iter());
    let page = bench.sheet("buyer", "http://127.0.0.1:9/t/abc?x=1&y=2");
    let src = format!("src=\"/page/web/buyer?url={}\"", encoded("http://127.0.0.1:9/t/abc?x=1&y=2"));
    has(&page, &["aria-label=\"Web page\"", "<iframe", &src, ">127.0.0.1</h2>"]);
    for elsewhere in ["http://127.0.0.1:8/", "https://127.0.0.1:9/", "https://evil.example/?q=\"><img src=x>"] {
        let sheet = bench.sheet("buyer", elsewhere);
        has(&sheet, &["aria-label=\"Not opened\"", "The sandbox reaches nothing outside"]);
        lacks(&sheet, &["<iframe", "<img", "href=\"https"]);
    }
    for bad in ["javascript:alert(1)", "mixin://nothing", "not a link", "https://mixin.one/multisigs/AA", "\u{202e}<b>"]
    {
        let sheet = bench.sheet("buyer", bad);
        has(&sheet, &["aria-label=\"Not opened\"", "No phone opens this link"]);
        lacks(&sheet, &["<b>", "<button"]);
    }
}

#[test]
fn links_of_a_page_lead_back_into_the_phone() {
    let url = "http://127.0.0.1:9/t/abc".parse().unwrap();
    let page = |text: &str| rewritten(text, &url, "buyer");
    let phone = |link: &str| format!("target=\"_parent\" href=\"/page/phone/buyer/bot?link={}\"", encoded(link));
    let within = |link: &str| format!("href=\"/page/web/buyer?url={}\"", encoded(link));

    for (from, link) in [
        ("<a href=\"https://mixin.one/pay/x?a=1&amp;b=2\">", "https://mixin.one/pay/x?a=1&b=2"),
        ("<a href='mixin://send?text=a%20b'>", "mixin://send?text=a%20b"),
        ("<A HREF=https://mixpay.me/code/1>", "https://mixpay.me/code/1"),
        ("<a\n href = \"https://evil.example/\">", "https://evil.example/"),
        ("<a href=\"java&#115;cript:alert(1)\">", "javascript:alert(1)"),
        ("<a href=\" &#x6d;ixin://pay/x\">", "mixin://pay/x"),
        ("<a href=\"//evil.example/x\">", "http://evil.example/x"),
        ("<a title='>' href=\"input:/go\">", "input:/go"),
    ] {
        let page = page(from).to_ascii_lowercase();
        let wanted = phone(link).to_ascii_lowercase();
        let (target, href) = wanted.split_once(' ').unwrap();
        assert!(page.contains(target) && page.contains(href), "{from} became {page}");
    }
    for (from, link) in [
        ("<a href=\"/t/def\">", "http://127.0.0.1:9/t/def"),
        ("<a href=kit>", "http://127.0.0.1:9/t/kit"),
        ("<a href=\"?lang=zh&amp;x\">", "http://127.0.0.1:9/t/abc?lang=zh&x"),
        ("<link rel=stylesheet href=/assets/trade.css>", "http://127.0.0.1:9/assets/trade.css"),
    ] {
        let page = page(from);
        assert!(page.contains(&within(link)) && !page.contains("_parent"), "{from} became {page}");
    }
    has(
        &page("<img src=\"/t/abc.svg\"/>"),
        &["<img src=\"/page/web/buyer?url=http%3A%2F%2F127.0.0.1%3A9%2Ft%2Fabc.svg\" />"],
    );
    for same in [
        "<a href=\"#kit\">x</a>",
        "<script src=\"/assets/live.js\" defer></script>",
        "<!-- <a href=\"/t/x\"> --><p title=\"&copy; <a href=/t/x>\">1 < 2 && 3 > 2</p>",
        "<title><a href=\"/t/x\"></title><style>a[href=\"/t/x\"] > b {}</style>",
        "<!doctype html><p>plain &amp; simple</p>",
    ] {
        assert_eq!(page(same), same);
    }
    assert_eq!(page("<p>cut <a href=\"/t/x"), "<p>cut ", "a tag that never ends is none");
}

proptest::proptest! {
    #[test]
    fn any_page_is_rewritten_without_harm(text in "[<>a/='\"&;# !\\-h-rä\n]{0,60}") {
        let url = "http://127.0.0.1:9/".parse().unwrap();
        let once = rewritten(&text, &url, "buyer");
        proptest::prop_assert!(once.len() < 40 * (text.len() + 1));
    }
}
