//! Stories of the chat: text in, act or page out.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::chat::commands::{Meaning, Read, Shape, TABLE, Typed, Word};
use crate::chat::dialog::Named;
use crate::chat::price::Problem;
use crate::chat::say::split::SplitLine;
use crate::chat::say::{Label, Line, Place};
use crate::id::AssetId;

/// An operator's settings: BTC, XIN, and USDT on two chains.
pub(super) fn house() -> House {
    let asset = |n, symbol: &str, chain: &str| Asset {
        id: AssetId(Uuid::from_u128(n)),
        symbol: symbol.to_owned(),
        chain: chain.to_owned(),
    };
    House {
        bot: UserId(Uuid::from_u128(99)),
        bot_number: "7000101276".to_owned(),
        bot_name: "Fair Trade Bot".to_owned(),
        operator: "Fair Trade Ltd".to_owned(),
        assets: vec![asset(1, "BTC", ""), asset(2, "USDT", "TRON"), asset(3, "USDT", "Ethereum"), asset(4, "XIN", "")],
        fee: Fee { bps: 100, payer: FeePayer::Buyer, receiver: UserId(Uuid::from_u128(98)) },
        periods: Periods {
            accept: Millis::from_hours(24),
            pay: Millis::from_hours(2),
            deliver: Millis::from_hours(168),
            inspect: Millis::from_hours(72),
        },
        judges: vec![UserId(Uuid::from_u128(97))],
        unruled: Unruled::Refund,
        ruling_delay: crate::chat::RulingDelay::default(),
        short_ok_bp: 100,
        price_max: Some(Amount::from_units(100_000_000_000_000)),
        open_max: 5,
        caps: Caps::default(),
        mixpay: false,
    }
}

fn hear(dialog: &Dialog, text: &str) -> Turn {
    converse(&Heard::Text(text.into()), dialog, &house())
}

/// The lines said, or a panic with what happened instead.
fn said(turn: &Turn) -> &[Line] {
    match &turn.act {
        Act::Say(lines) => lines,
        other => panic!("{other:?}"),
    }
}

fn talk(texts: &[&str]) -> Turn {
    let start = Turn { dialog: Dialog::Idle, act: Act::ShowDraft };
    texts.iter().fold(start, |turn, text| hear(&turn.dialog, text))
}

fn lens(other: Option<UserId>) -> Draft {
    Draft {
        role: Role::Buyer,
        item: "camera lens".into(),
        price: "0.5".parse().unwrap(),
        asset: house().assets[0].clone(),
        other,
    }
}

const TOKEN: &str = "0123456789ABCDEF";

fn filled(row: &commands::Row) -> Vec<Typed> {
    let (alone, about) = (Typed::alone(row.word), Typed::about(row.word, "K7Q2MD"));
    match row.shape {
        Shape::Alone => vec![alone],
        Shape::Words => vec![alone, Typed::with_words(row.word, "a Camera Lens, 50mm! 100 USDT · TRON".into())],
        Shape::Code => vec![about],
        Shape::MaybeCode => vec![alone, about],
        Shape::Token => vec![alone.token(TOKEN)],
        Shape::CodeAndToken => vec![alone.clone(), about.clone(), alone.token(TOKEN), about.token(TOKEN)],
        Shape::Part => {
            let part = |typed: &Typed, words: &str| Typed { words: words.into(), ..typed.clone() };
            let some = [part(&alone, "60%"), part(&about, "60.5"), part(&about, "60 USDT").token(TOKEN)];
            [alone, about].into_iter().chain(some).collect()
        }
    }
}

#[test]
fn every_command_prints_and_reads_itself() {
    for row in TABLE {
        for typed in filled(row) {
            assert_eq!(commands::read(&typed.to_string()), Read::Command(typed.clone()), "{typed}");
            for name in row.aliases {
                let written = typed.to_string().replacen(row.name, name, 1);
                let variants =
                    [written.clone(), format!("/{written}"), format!("@7000101276 {written}"), written.to_uppercase()];
                for written in variants.iter().take(if row.shape == Shape::Words { 3 } else { 4 }) {
                    assert_eq!(commands::read(written), Read::Command(typed.clone()), "{written}");
                }
            }
            if let Meaning::Act(act) = row.meaning {
                let done = act(&typed);
                let printed = done.typed().unwrap();
                let Read::Command(again) = commands::read(&printed.to_string()) else { panic!("{printed}") };
                let Meaning::Act(same) = commands::row_of(again.word).meaning else { panic!("{printed}") };
                assert_eq!(same(&again), done);
            }
        }
    }
}

#[test]
fn every_command_has_one_row_and_its_words() {
    let mut names: Vec<&str> = TABLE.iter().flat_map(|row| row.aliases.iter().copied().chain([row.name])).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two rows share a word");
    for lang in Lang::ALL {
        let Some(Post::Text(help)) = cards::lines(&[Line::Help], Some(&house()), lang).into_iter().next() else {
            panic!("no help")
        };
        assert!(help.chars().count() < 4_000);
        for row in TABLE {
            let words = say::words(lang, &row.help());
            let command = say::command(lang, row.word);
            assert!(help.contains(&words) && words.contains(command), "{}", row.name);
            let known = match commands::read(command) {
                Read::Command(typed) => typed.word,
                Read::Unfit(word) => word,
                Read::Other => panic!("nobody understands {command}"),
            };
            assert_eq!(known, row.word, "{command}");
            assert_eq!(commands::row_of(row.word).name, row.name);
        }
    }
}

#[test]
fn each_command_becomes_its_act() {
    let code = || Some("K7Q2MD".to_owned());
    let token = || Some(TOKEN.to_owned());
    for (written, act) in [
        ("propose 0123456789abcdef", Act::Propose { token: TOKEN.into() }),
        ("invite", Act::Invite { code: None }),
        ("Join k7q2md", Act::Join { code: "K7Q2MD".into() }),
        ("ｊｏｉｎ　＃Ｋ７Ｑ２ＭＤ", Act::Join { code: "K7Q2MD".into() }),
        ("k7q2md", Act::Join { code: "K7Q2MD".into() }),
        ("accept K7Q2MD 0123456789ABCDEF", Act::Accept { code: code(), token: token() }),
        ("accept", Act::Accept { code: None, token: None }),
        ("decline", Act::Decline { code: None }),
        ("confirm 0123456789ABCDEF", Act::Confirm { code: None, token: token() }),
        ("turn away K7Q2MD", Act::TurnAway { code: code() }),
        ("cancel", Act::Cancel { code: None, token: None }),
        ("/cancel k7q2md", Act::Cancel { code: code(), token: None }),
        ("I have delivered!", Act::Deliver { code: None }),
        ("I’ve paid K7Q2MD", Act::LookNow { code: code() }),
        ("signed", Act::LookNow { code: None }),
        ("take", Act::Take { code: None, token: None }),
        ("take it as the whole K7Q2MD", Act::Take { code: code(), token: None }),
        ("split", Act::Split { code: None, part: String::new(), token: None }),
        ("Offer a split #k7q2md", Act::Split { code: code(), part: String::new(), token: None }),
        ("split 60%", Act::Split { code: None, part: "60%".into(), token: None }),
        ("split 60 usdt", Act::Split { code: None, part: "60 usdt".into(), token: None }),
        ("split K7Q2MD 60 0123456789ABCDEF", Act::Split { code: code(), part: "60".into(), token: token() }),
        ("status K7Q2MD", Act::Status { code: code() }),
        ("why?", Act::Why { code: None }),
        ("My trades", Act::Trades),
        ("verify", Act::Verify { words: String::new() }),
        ("/check LINK, please", Act::Verify { words: "LINK, please".into() }),
    ] {
        assert_eq!(hear(&Dialog::Idle, written), Turn { dialog: Dialog::Idle, act }, "{written}");
    }
    assert_eq!(said(&hear(&Dialog::Idle, "help me please")), [Line::Help]);
    assert_eq!(said(&hear(&Dialog::Idle, "join the party")), [Line::Usage { word: Word::Join }]);
}

#[test]
fn a_greeting_is_answered_with_the_menu() {
    for written in ["Hi", "hello!", "你好", "/start", "", " \u{200b} ", "MENU"] {
        assert_eq!(said(&hear(&Dialog::Idle, written)), [Line::Greeting], "{written:?}");
    }
    let posts = cards::lines(&[Line::Greeting], Some(&house()), Lang::En);
    let [Post::Text(_), Post::Buttons(buttons)] = posts.as_slice() else { panic!("{posts:?}") };
    let labels: Vec<&str> = buttons.iter().map(|b| b.label.as_str()).collect();
    assert_eq!(labels, ["I'm buying", "I'm selling", "My trades", "How it works", "中文"]);
}

#[test]
fn a_newcomer_is_led_to_a_draft() {
    assert_eq!(said(&talk(&["buy"])), [Line::AskItem(Role::Buyer)]);
    let asked = talk(&["buy", "camera\nlens"]);
    assert!(matches!(said(&asked), [Line::AskPrice { item, .. }] if item == "camera lens"));
    let turn = talk(&["I'm buying", "camera lens", "0.5 btc"]);
    assert_eq!(turn, Turn { dialog: Dialog::Draft(lens(None)), act: Act::ShowDraft });
    // A command's word is an item when an item was asked for and the rest does not fit the command.
    for item in ["Invite to my party", "price list 2020", "help desk for a month", "100 USDT gift card"] {
        let turn = talk(&["sell", item]);
        assert_eq!(turn.dialog, Dialog::Price { role: Role::Seller, item: item.into(), other: None }, "{item}");
    }
}

#[test]
fn one_line_says_it_all() {
    let draft = |role, item: &str| Draft { role, item: item.into(), ..lens(None) };
    for (written, role, item) in [
        ("buy camera lens 0.5 BTC", Role::Buyer, "camera lens"),
        ("Sell camera lens for 0.5 BTC", Role::Seller, "camera lens"),
        ("buy \"camera lens\" 0.5btc", Role::Buyer, "camera lens"),
        ("buy “lens 50 mm” for 0.5 BTC", Role::Buyer, "lens 50 mm"),
        ("sell iPhone 15 Pro 0.5 BTC", Role::Seller, "iPhone 15 Pro"),
    ] {
        let turn = hear(&Dialog::Idle, written);
        assert_eq!(turn, Turn { dialog: Dialog::Draft(draft(role, item)), act: Act::ShowDraft }, "{written}");
    }
    for written in [
        "buy camera lens 0.5 BTC from 46802",
        "buy \"camera lens\" 0.5 BTC @46802",
        "buy camera lens for 0.5 BTC with @46802",
    ] {
        let act = Act::NameByNumber("46802".into());
        assert_eq!(hear(&Dialog::Idle, written), Turn { dialog: Dialog::Draft(lens(None)), act }, "{written}");
    }
    for item in ["iPhone 15 Pro", "iPhone 15", "50 mm lens, f/1.8"] {
        let turn = hear(&Dialog::Idle, &format!("sell {item}"));
        assert_eq!(turn.dialog, Dialog::Price { role: Role::Seller, item: item.into(), other: None }, "{item}");
        assert!(matches!(said(&turn), [Line::AskPrice { .. }]));
    }
}

#[test]
fn a_wrong_price_loses_nothing() {
    let dialog =
        Dialog::Price { role: Role::Buyer, item: "camera lens".into(), other: Some(Named::Number("46802".into())) };
    for written in [
        "cheap",
        "100",
        "100 USD",
        "100 DOGE",
        "100 USDT",
        "1,5 BTC",
        "-1 BTC",
        "0 BTC",
        "1e3 BTC",
        "٣ BTC",
        "price 1e3 BTC",
    ] {
        let turn = hear(&dialog, written);
        assert_eq!(turn.dialog, dialog, "{written}");
        let [Line::PriceProblem { problem, .. }] = said(&turn) else { panic!("{turn:?}") };
        let words = say::words(Lang::En, &said(&turn)[0]);
        assert!(matches!(problem, Problem::WhichChain { .. }) || words.contains("For example: 100 BTC"), "{words}");
    }
    let turn = hear(&dialog, "0.5 BTC");
    assert_eq!(turn, Turn { dialog: Dialog::Draft(lens(None)), act: Act::NameByNumber("46802".into()) });
    let one_line = hear(&Dialog::Idle, "buy camera lens 100 USD from 46802");
    assert_eq!(one_line.dialog, dialog);
    assert!(matches!(said(&one_line), [Line::PriceProblem { problem: Problem::Fiat(_), .. }]));
}

#[test]
fn a_chain_is_chosen_with_a_button() {
    let turn = talk(&["sell", "lens", "100 usdt"]);
    let posts = cards::lines(said(&turn), Some(&house()), Lang::En);
    let Some(Post::Buttons(buttons)) = posts.last() else { panic!("{posts:?}") };
    let labels: Vec<&str> = buttons.iter().map(|b| b.label.as_str()).collect();
    assert_eq!(labels, ["USDT · TRON", "USDT · Ethereum", "Cancel"]);
    let chosen = hear(&turn.dialog, buttons[1].action.strip_prefix("input:").unwrap());
    assert_eq!(chosen.dialog.draft().unwrap().asset, house().assets[2]);
    for (amount, button) in [("100", 0), ("100", 3)] {
        let turn = talk(&["sell", "lens", amount]);
        let posts = cards::lines(said(&turn), Some(&house()), Lang::En);
        let Some(Post::Buttons(buttons)) = posts.last() else { panic!("{posts:?}") };
        let chosen = hear(&turn.dialog, buttons[button].action.strip_prefix("input:").unwrap());
        assert_eq!(chosen.dialog.draft().unwrap().asset, house().assets[button]);
    }
}

#[test]
fn the_draft_takes_a_person_and_a_new_price() {
    let dialog = Dialog::Draft(lens(None));
    for written in ["46802", "@46802", " ＠４６８０２ "] {
        assert_eq!(hear(&dialog, written).act, Act::NameByNumber("46802".into()), "{written}");
    }
    let bob = UserId(Uuid::from_u128(2));
    assert_eq!(converse(&Heard::Contact(bob), &dialog, &house()).act, Act::NameByContact(bob));
    for written in ["price 2 XIN", "2 XIN"] {
        let turn = hear(&Dialog::Draft(lens(Some(bob))), written);
        let draft = turn.dialog.draft().unwrap();
        assert_eq!(
            (draft.price.to_string().as_str(), draft.asset.symbol.as_str(), draft.other),
            ("2", "XIN", Some(bob))
        );
        assert_eq!(turn.act, Act::ShowDraft);
    }
    // Named early, it is asked again and kept.
    let turn = converse(&Heard::Contact(bob), &talk(&["buy", "camera lens"]).dialog, &house());
    assert!(matches!(said(&turn), [Line::OtherNoted, Line::AskPrice { .. }]));
    assert_eq!(hear(&turn.dialog, "0.5 BTC").act, Act::NameByContact(bob));
}

#[test]
fn commands_work_in_the_middle_and_cancel_drops_the_draft() {
    let middle = [talk(&["buy"]).dialog, talk(&["buy", "camera lens"]).dialog, Dialog::Draft(lens(None))];
    for dialog in middle {
        for written in ["help", "hi", "trades", "status", "why K7Q2MD", "cancel K7Q2MD"] {
            let turn = hear(&dialog, written);
            assert_eq!(turn.dialog, dialog, "{written}");
        }
        assert!(matches!(said(&hear(&dialog, "hi")), [Line::Greeting, Line::Unfinished { role: Role::Buyer }]));
        let turn = hear(&dialog, "Cancel");
        assert_eq!((turn.dialog.clone(), said(&turn)), (Dialog::Idle, &[Line::DraftDropped][..]));
        let image = converse(&Heard::Other, &dialog, &house());
        assert_eq!(image.dialog, dialog);
    }
    assert_eq!(said(&hear(&Dialog::Draft(lens(None)), "what is this")), [Line::NotUnderstood(Place::Draft)]);
    assert_eq!(said(&hear(&Dialog::Idle, "what is this")), [Line::NotUnderstood(Place::Idle)]);
    assert_eq!(said(&hear(&Dialog::Idle, "draft")), [Line::NoDraft]);
    assert_eq!(hear(&Dialog::Draft(lens(None)), "draft").act, Act::ShowDraft);
}

#[test]
fn an_item_is_cleaned_and_never_cut() {
    let turn = talk(&["buy", "lens\u{202e}\nTrade ZZZZZZ · Settled · 1 BTC https://evil.example"]);
    let Dialog::Price { item, .. } = &turn.dialog else { panic!("{turn:?}") };
    assert_eq!(item, "lens Trade ZZZZZZ - Settled - 1 BTC https: / /evil. example");
    let long = "x".repeat(121);
    let turn = talk(&["buy", &long]);
    assert_eq!(said(&turn), [Line::ItemTooLong { letters: 121 }, Line::AskItem(Role::Buyer)]);
    assert_eq!(turn.dialog, Dialog::Item { role: Role::Buyer, other: None });
    for empty in ["…", "\u{200b}!"] {
        assert_eq!(talk(&["buy", empty]).dialog, Dialog::Item { role: Role::Buyer, other: None });
    }
}

#[test]
fn a_pasted_link_to_sign_is_a_question() {
    let id = "0C8C8A3E-6a0b-4b36-8a5e-3f0f5a0b7c11";
    let links = [format!("https://mixin.one/multisigs/{id}?action=sign"), format!("mixin://multisigs/{id}")];
    let places = [Dialog::Idle, talk(&["buy"]).dialog, talk(&["buy", "camera lens"]).dialog, Dialog::Draft(lens(None))];
    for dialog in places {
        for link in &links {
            for written in [link.clone(), format!("Bob says: sign\n{link} now"), format!("signed {link}")] {
                let words = written.replace('\n', " ");
                assert_eq!(hear(&dialog, &written), Turn { dialog: dialog.clone(), act: Act::Verify { words } });
            }
            let written = format!("verify this {link}");
            assert_eq!(hear(&dialog, &written).act, Act::Verify { words: format!("this {link}") });
        }
    }
    // Asked for an item, the same word may be one.
    let turn = talk(&["buy", "check valve"]);
    assert!(matches!(turn.dialog, Dialog::Price { item, .. } if item == "check valve"));
    assert_eq!(talk(&["buy", &format!("verify {id}")]).act, Act::Verify { words: id.into() });
}

#[test]
fn a_split_is_asked_for_and_answered() {
    let dialog = Dialog::Split { code: "K7Q2MD".into() };
    for written in ["60", "60%", "60 USDT", "half", "100000", "-5"] {
        let act = Act::Split { code: Some("K7Q2MD".into()), part: written.into(), token: None };
        assert_eq!(hear(&dialog, written), Turn { dialog: dialog.clone(), act }, "{written}");
    }
    assert_eq!(hear(&dialog, "q2k7md").act, Act::Join { code: "Q2K7MD".into() });
    assert_eq!(hear(&dialog, "status").dialog, dialog);
    assert_eq!(said(&hear(&dialog, "cancel")), [Line::Split(SplitLine::Dropped)]);
    assert_eq!(hear(&dialog, "cancel").dialog, Dialog::Idle);
    assert_eq!(hear(&dialog, "cancel K7Q2MD").act, Act::Cancel { code: Some("K7Q2MD".into()), token: None });
    // Asked for an item, the same word may be one.
    assert!(matches!(talk(&["sell", "split system, 3 kW"]).dialog, Dialog::Price { .. }));
    assert!(matches!(talk(&["sell", "split 60%"]).act, Act::Split { .. }));
}

#[test]
fn dialogs_survive_being_stored() {
    let split = Dialog::Split { code: "K7Q2MD".into() };
    for dialog in
        [talk(&["buy"]).dialog, talk(&["sell", "lens"]).dialog, Dialog::Draft(lens(None)), split, Dialog::Idle]
    {
        let stored = serde_json::to_string(&dialog).unwrap();
        assert_eq!(serde_json::from_str::<Dialog>(&stored).unwrap(), dialog, "{stored}");
    }
}

#[test]
fn buttons_of_the_dialog_are_understood() {
    let places = [Place::Idle, Place::Item, Place::Price, Place::Split, Place::Draft];
    let mut all: Vec<Line> = places.into_iter().flat_map(|p| [Line::NotUnderstood(p), Line::OnlyWords(p)]).collect();
    all.extend([Line::Greeting, Line::Unfinished { role: Role::Buyer }, Line::Help, Line::Usage { word: Word::Join }]);
    all.extend([Line::AskItem(Role::Buyer), Line::DraftDropped, Line::NoDraft, Line::TradesNone]);
    all.push(Line::Split(SplitLine::Dropped));
    all.push(Line::AskLang);
    for (line, lang) in all.iter().flat_map(|line| Lang::ALL.map(|lang| (line, lang))) {
        let posts = cards::lines(std::slice::from_ref(line), Some(&house()), lang);
        let Some(Post::Buttons(buttons)) = posts.last() else { panic!("no way on from {line:?}") };
        for button in buttons {
            let said = button.action.strip_prefix("input:").unwrap();
            assert!(matches!(commands::read(said), Read::Command(_)), "{said}");
            assert!(button.label.len() <= say::LABEL_MAX);
        }
    }
    assert_eq!(say::label(Lang::En, &Label::Buying), "I'm buying");
    assert_eq!(commands::row_of(Word::Help).name, "help");
}

#[test]
fn commands_are_understood_in_chinese() {
    let code = || Some("K7Q2MD".to_owned());
    for (written, act) in [
        ("加入 K7Q2MD", Act::Join { code: "K7Q2MD".into() }),
        ("加入K7Q2MD。", Act::Join { code: "K7Q2MD".into() }),
        ("接受 K7Q2MD", Act::Accept { code: code(), token: None }),
        ("已付款！", Act::LookNow { code: None }),
        ("我已发货 #k7q2md", Act::Deliver { code: code() }),
        ("已签名", Act::LookNow { code: None }),
        ("状态K7Q2MD", Act::Status { code: code() }),
        ("为什么？", Act::Why { code: None }),
        ("应急包", Act::Kit { code: None }),
        ("交易", Act::Trades),
        ("放款", Act::Want { code: None, kind: Kind::Release }),
        ("退款 K7Q2MD", Act::Want { code: code(), kind: Kind::Refund }),
        ("分账60%", Act::Split { code: None, part: "60%".into(), token: None }),
        ("分账 K7Q2MD 60", Act::Split { code: code(), part: "60".into(), token: None }),
        ("核实：链接", Act::Verify { words: "链接".into() }),
        ("不属于", Act::RefuseClaim { code: None }),
    ] {
        assert_eq!(hear(&Dialog::Idle, written), Turn { dialog: Dialog::Idle, act }, "{written}");
    }
    for written in
        ["购买 相机镜头 0.5 BTC", "我要买相机镜头 0.5 BTC", "购买：相机镜头 价格 0.5BTC", "买 “相机镜头” 0.5 BTC"]
    {
        let draft = Draft { item: "相机镜头".into(), ..lens(None) };
        assert_eq!(
            hear(&Dialog::Idle, written),
            Turn { dialog: Dialog::Draft(draft), act: Act::ShowDraft },
            "{written}"
        );
    }
    let named = hear(&Dialog::Idle, "购买 相机镜头 0.5 BTC 卖家 46802");
    assert_eq!(named.act, Act::NameByNumber("46802".into()));
    // A single letter begins many words, and a command's word may begin an item.
    assert_eq!(said(&hear(&Dialog::Idle, "买家是谁")), [Line::NotUnderstood(Place::Idle)]);
    for item in ["状态良好的相机", "价格指数年鉴", "交易卡"] {
        assert!(matches!(talk(&["sell", item]).dialog, Dialog::Price { item: read, .. } if read == item), "{item}");
    }
    let full_width = hear(&talk(&["购买", "相机镜头"]).dialog, "１００ BTC");
    assert!(matches!(said(&full_width), [Line::PriceProblem { problem: Problem::OtherDigits, .. }]));
}

#[test]
fn whoever_writes_chinese_is_answered_in_chinese() {
    let after = |dialog: &Dialog, known, written: &str| spoken(&Heard::Text(written.into()), dialog, known);
    let (idle, item) = (Dialog::Idle, talk(&["buy"]).dialog);
    let (en, zh) = (Some(Lang::En), Some(Lang::Zh));
    let link = "https://mixin.one/multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11";
    for (dialog, known, written, then) in [
        (&idle, None, "hi", None),
        (&idle, None, "buy lens 1 BTC", None),
        (&idle, None, "你好", zh),
        (&idle, en, "状态 K7Q2MD", zh),
        (&idle, en, "这是什么", zh),
        (&idle, zh, "status", zh),
        // An item may be called anything.
        (&idle, None, "buy 相机 1 BTC", zh),
        (&idle, en, "buy 相机 1 BTC", en),
        (&item, None, "相机", zh),
        (&item, en, "相机", en),
        (&item, en, "取消", zh),
        // What comes with a link is somebody else's.
        (&idle, None, &format!("小明说：签这个 {link}"), None),
        (&idle, None, &format!("verify 这个 {link}"), None),
        (&idle, None, &format!("核实 {link}"), zh),
        (&idle, None, "カメラを売る", None),
        // Chosen.
        (&idle, zh, "lang en", en),
        (&idle, zh, "英文", en),
        (&idle, zh, "English!", en),
        (&idle, None, "/lang zh", zh),
        (&idle, en, "中文", zh),
        (&idle, en, "lang fr", en),
        (&item, en, "chinese porcelain", en),
    ] {
        assert_eq!(after(dialog, known, written), then, "{written}");
    }
    assert_eq!(spoken(&Heard::Other, &idle, zh), zh);
    assert_eq!(said(&hear(&idle, "lang")), [Line::AskLang]);
    assert_eq!(said(&hear(&idle, "lang fr")), [Line::AskLang]);
    assert_eq!(said(&hear(&idle, "中文")), [Line::Speaks, Line::Greeting]);
    assert_eq!(said(&hear(&item, "中文")), [Line::Speaks, Line::AskItem(Role::Buyer)]);
    for (header, lang) in
        [("zh-CN,zh;q=0.9,en;q=0.8", zh), ("fr, en-GB;q=0.5", en), ("ZH", zh), ("de", None), ("", None), ("*", None)]
    {
        assert_eq!(Lang::accepted(header), lang, "{header}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_dialog(
        text in "(buy|购买|买|分账|核实|sell|split|price|cancel|join|accept|draft|help|)( ?)(\\PC*|(.|\n|[0-9]{1,9}|\"|“| (for|from|@) ?| USDT| BTC|-|e3|\u{202e}|　){0,12})",
        place in 0usize..5,
    ) {
        let dialog = [
            Dialog::Idle,
            Dialog::Item { role: Role::Seller, other: None },
            Dialog::Price { role: Role::Buyer, item: "x".into(), other: Some(Named::Number("46802".into())) },
            Dialog::Draft(lens(None)),
            Dialog::Split { code: "K7Q2MD".into() },
        ][place].clone();
        let turn = hear(&dialog, &text);
        let _ = spoken(&Heard::Text(text), &dialog, None);
        if let Act::Say(lines) = &turn.act {
            prop_assert!(!lines.is_empty());
            let _ = cards::lines(lines, Some(&house()), Lang::En);
        }
        if let Some(draft) = turn.dialog.draft() {
            prop_assert_eq!(text::quoted(&draft.item), draft.item.clone());
            prop_assert!(!draft.price.is_zero());
            let _ = cards::draft(draft, TOKEN, &house(), &|_| None, Lang::En, &Known::default());
        }
    }
}
