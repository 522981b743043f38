//! What every page keeps to, in every state, for everybody, whatever people are called.

use super::*;
use crate::chat::part;
use crate::chat::say::trust::Limit;
use crate::chat::say::{Closed, Money};

const NOTICES: [Notice; 33] = [
    Notice::Proposal,
    Notice::Joined,
    Notice::Joining,
    Notice::TurnedAway,
    Notice::Declined,
    Notice::Cancelled,
    Notice::Expired,
    Notice::Accepted,
    Notice::Short,
    Notice::Funded,
    Notice::SignLink { plan: 0 },
    Notice::Delivered,
    Notice::Split { plan: 2 },
    Notice::SplitLapsed { plan: 2 },
    Notice::Early { plan: 0 },
    Notice::Foreign,
    Notice::Unshown { plan: 0 },
    Notice::Disputed,
    Notice::Withdrawn,
    Notice::Elapsed,
    Notice::Settling,
    Notice::Settled,
    Notice::SettledElsewhere,
    Notice::Odd { plan: 2 },
    Notice::Returned { plan: 2 },
    Notice::MixPay { order: 0 },
    Notice::Progress { order: 0 },
    Notice::Progress { order: 1 },
    Notice::Kit,
    Notice::Imported,
    Notice::CaughtUp,
    Notice::Frozen,
    Notice::Unfrozen,
];

const REFUSALS: [Refusal; 21] = [
    Refusal::NotYours,
    Refusal::OnlyBuyer,
    Refusal::OnlySeller,
    Refusal::OnlyProposer,
    Refusal::TooEarly,
    Refusal::TooLate,
    Refusal::Already,
    Refusal::OtherTerms,
    Refusal::Taken,
    Refusal::SamePerson,
    Refusal::NotEligible,
    Refusal::Locked,
    Refusal::Frozen,
    Refusal::PaysNothing,
    Refusal::TooOften,
    Refusal::TooLittle,
    Refusal::InDispute,
    Refusal::NoDispute,
    Refusal::OnlyOpener,
    Refusal::AlreadyRuled,
    Refusal::NotUnnamed,
];

const BINDINGS: [Binding; 7] = [
    Binding::Propose,
    Binding::Accept,
    Binding::Confirm,
    Binding::Cancel,
    Binding::Claim,
    Binding::TakeShort { paid: Amount::from_units(10_050_000_000) },
    Binding::Split { seller: Amount::from_units(6_000_000_000) },
];

/// Every page about a trade that a viewer could be shown.
pub(super) fn pages(view: &View<'_>) -> Vec<Vec<Post>> {
    let mut pages = vec![status(view), why(view), invitation(view), looking(view), token_stale(Some(view), view.lang)];
    pages.extend([trade_card(view, &str::to_owned), code_is_yours(view), ask_rating(view)]);
    pages.extend([rated(view, true), rated(view, false)]);
    pages.extend(NOTICES.map(|n| notice(view, n)));
    pages.extend([notice(view, Notice::SignLink { plan: 1 }), notice(view, Notice::SignLink { plan: 2 })]);
    pages.extend([ask_split(view, None), ask_split(view, Some(part::Problem::Unreadable(HOSTILE.into())))]);
    pages.extend(REFUSALS.map(|r| refusal(Some(view), r, view.lang)));
    pages.extend(BINDINGS.map(|b| need_token(view, b)));
    pages
}

/// What every post keeps to: its size, its buttons, its words.
pub(super) fn check(lang: Lang, posts: &[Post]) {
    if lang == Lang::Zh {
        super::chinese::check(posts);
    }
    assert!(!posts.is_empty() && !matches!(posts[0], Post::Qr(_)), "words come first");
    for post in posts {
        let (text, buttons) = match post {
            Post::Text(text) | Post::Markdown(text) => (text.as_str(), &[][..]),
            Post::Buttons(buttons) => ("", buttons.as_slice()),
            Post::Card { text, buttons, title } => {
                assert!(text.chars().count() <= CARD_MAX && title.len() <= 36, "{text}");
                (text.as_str(), buttons.as_slice())
            }
            Post::Contact(_) | Post::File { .. } => continue,
            Post::Qr(link) => {
                let known = ["https://mixin.one/", "https://mixpay.me/code/"];
                assert!(known.iter().any(|begin| link.starts_with(begin)), "{link}");
                continue;
            }
        };
        assert!(buttons.len() <= BUTTONS_MAX);
        for button in buttons {
            assert!(!button.label.is_empty() && button.label.len() <= LABEL_MAX, "{}", button.label);
            assert!(button.action.len() <= 512, "{}", button.action);
            if let Some(said) = button.action.strip_prefix("input:") {
                let Read::Command(typed) = commands::read(said) else { panic!("nobody understands {said}") };
                assert_eq!(typed.to_string(), said);
            } else {
                let known = ["https://mixin.one/", "https://mixpay.me/code/"];
                assert!(known.iter().any(|base| button.action.starts_with(base)), "{}", button.action);
            }
        }
        for (n, line) in text.lines().enumerate() {
            assert!(n == 0 || !line.starts_with("Trade Z"), "{line}");
            for forged in
                ["ZZZZZZ · ", "evil.example", "https://evil", "@46802 mixin", "7000101277", "\u{202e}", "\u{200b}"]
            {
                assert!(!line.contains(forged), "{line}");
            }
        }
    }
}

/// A page about a trade begins, wherever it has words, with the trade's own line.
fn check_head(posts: &[Post], trade: &Trade) {
    for post in posts {
        if let Post::Text(text) | Post::Markdown(text) | Post::Card { text, .. } = post {
            assert_eq!(text.lines().next(), Some(head(trade).as_str()), "{text}");
        }
    }
}

#[test]
fn every_page_keeps_the_rules_in_every_state() {
    let mut states = BTreeSet::new();
    let everybody = [nice as fn(UserId) -> Option<Person>, hostile, |_| None];
    for (people, lang) in everybody.into_iter().flat_map(|people| Lang::ALL.map(|lang| (people, lang))) {
        let reader = Reader { lang, known: known(people), ..Reader::new(people) };
        for trade in stages("camera lens").into_iter().chain(stages(&text::quoted(HOSTILE))).chain(stages(HOSTILE)) {
            states.insert(trade.state.name());
            for viewer in [ALICE, BOB] {
                let view = reader.view(&trade, viewer);
                for page in pages(&view) {
                    check(lang, &page);
                    if trade.role_of(viewer).is_some() {
                        // The only page that is about a draft, not about a trade.
                        let draft = page == need_token(&view, Binding::Propose);
                        if !draft {
                            check_head(&page, &trade);
                        }
                    }
                }
            }
        }
    }
    assert_eq!(states.len(), 11, "{states:?}");
}

#[test]
fn a_stranger_learns_nothing() {
    let reader = Reader::new(nice);
    for trade in stages("camera lens") {
        let open =
            matches!((&trade.state, &trade.terms.counterparty), (State::Proposed { .. }, Counterparty::Invited(_)));
        let view = reader.view(&trade, CAROL);
        let pages = [
            status(&view),
            why(&view),
            refusal(Some(&view), Refusal::NotYours, view.lang),
            notice(&view, Notice::Proposal),
            kit(&view),
        ];
        for page in pages {
            check(view.lang, &page);
            let said = render(&page);
            assert!(open || !(said.contains("camera") || said.contains("Bob") || said.contains("100")), "{said}");
        }
    }
}

#[test]
fn pages_without_a_trade_keep_the_rules() {
    Lang::ALL.into_iter().for_each(pages_without_a_trade);
}

fn pages_without_a_trade(lang: Lang) {
    let house = house();
    let check = |posts: &[Post]| check(lang, posts);
    for item in ["camera lens", HOSTILE] {
        for people in [nice as fn(UserId) -> Option<Person>, hostile, |_| None] {
            for other in [None, Some(BOB)] {
                let draft_of = draft_of(item, other);
                check(&draft(&draft_of, TOKEN, &house, &people, lang, &Known::default()));
                for problem in [
                    Naming::NotFound,
                    Naming::IsBot,
                    Naming::Yourself,
                    Naming::TakesNoSide,
                    Naming::NoSafe,
                    Naming::NoSafeYours,
                    Naming::SearchResting,
                ] {
                    check(&naming(problem, &draft_of, TOKEN, &house, &people, lang, &Known::default()));
                }
            }
        }
    }
    for error in [
        TermsError::PriceZero,
        TermsError::PriceTooLarge,
        TermsError::NothingLeft,
        TermsError::SamePerson,
        TermsError::NotEligible,
    ] {
        check(&terms_refused(error, lang));
    }
    for page in [unknown_code(HOSTILE, lang), open_max(&house, lang), token_stale(None, lang)] {
        check(&page);
    }
    let money = Money { amount: house.price_max.unwrap(), symbol: "USDT".into() };
    for why in [
        Closed::All { why: crate::chat::text::quoted(HOSTILE) },
        Closed::Asset { label: "USDT · TRON".into(), why: crate::chat::text::quoted(HOSTILE) },
        Closed::You,
        Closed::OneOfYou,
        Closed::Price(money),
        Closed::AssetFull { label: "USDT · TRON".into() },
        Closed::Full,
    ]
    .into_iter()
    .chain(limits().map(Closed::Limit))
    {
        check(&closed(why, &house, None, lang));
    }
}

fn limits() -> [Limit; 7] {
    let money = || Money { amount: coins("100"), symbol: "USDT".into() };
    let (used, most, free) = (50, 50, now());
    [
        Limit::PriceMin(money()),
        Limit::Locked { used: money(), most: money() },
        Limit::OtherLocked,
        Limit::Proposed { used, most, free },
        Limit::Agreed { used, most, free },
        Limit::Waiting { most: 3 },
        Limit::Crowded,
    ]
}

#[test]
fn lists_offer_each_trade_once() {
    let all = stages(HOSTILE);
    let many: Vec<&Trade> = all.iter().chain(&all).collect();
    for list in [&many[..0], &many[..1], &many[..6], &many[..]] {
        for lang in Lang::ALL {
            check(lang, &trades(list, ALICE, lang));
        }
    }
    let act = Act::Deliver { code: None };
    let page = which_trade(&many[..2], BOB, &act, Lang::En);
    check(Lang::En, &page);
    let Some(Post::Buttons(buttons)) = page.last() else { panic!("no buttons") };
    assert_eq!(buttons[0].action, "input:delivered K7Q2MD");
}

#[test]
fn labels_hold_any_amount_and_name() {
    let money = Money { amount: Amount::from_units(u128::MAX), symbol: "USDT".into() };
    for label in
        [Label::Pay(money.clone()), Label::Trade { code: "K7Q2MD".into(), money }, Label::SendTo("名".repeat(32))]
    {
        for lang in Lang::ALL {
            assert!(say::label(lang, &label).len() <= LABEL_MAX);
        }
    }
}

#[test]
fn a_free_trade_says_so() {
    let house = House { fee: Fee { bps: 0, payer: FeePayer::Buyer, receiver: FEE }, ..house() };
    let page = render(&draft(&draft_of("lens", None), TOKEN, &house, &nice, Lang::En, &Known::default()));
    assert!(page.contains("Fee: none") && page.contains("You will pay: 100 USDT"), "{page}");
}
