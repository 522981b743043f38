//! The trade's page in the browser, in every state, for both sides.

use super::*;
use crate::chat::commands::Word;
use crate::chat::say::page::{Heading, PageLine};

struct PageOf;

impl Links for PageOf {
    fn pay(&self, trade: &Trade) -> Option<String> {
        TestLinks.pay(trade)
    }
    fn mixpay(&self, code: &str) -> String {
        TestLinks.mixpay(code)
    }
    fn sign(&self, request: RequestId) -> String {
        TestLinks.sign(request)
    }
    fn say_to(&self, text: &str) -> String {
        TestLinks.say_to(text)
    }
    fn page(&self, trade: &Trade, viewer: UserId) -> Option<String> {
        Some(format!("https://escrow.example/t/{}-{}", trade.code, viewer.0.as_u128()))
    }
}

fn page_of(trade: &Trade, viewer: UserId, history: &[(Millis, Event)]) -> Option<TradePage> {
    page(&Reader::new(nice).view(trade, viewer), history.iter().map(|(at, event)| (*at, event)))
}

/// What may be said from the page, by state and side: design §4.
fn allowed(trade: &Trade, viewer: UserId) -> Vec<Word> {
    let signs = |mut words: Vec<Word>| {
        let consents = |plan: &&Plan| trade.consents(plan).iter().any(|(person, _)| *person == viewer);
        let mine = |plan: &&Plan| plan.lives() && (consents(plan) || plan.must_tap);
        words.extend(trade.plans.iter().any(|plan| mine(&plan)).then_some(Word::Signed));
        words
    };
    match (trade.state, trade.role_of(viewer).unwrap()) {
        (State::Proposed { .. }, _) if viewer == ALICE => vec![Word::Status, Word::Invite, Word::Cancel],
        (State::Proposed { .. }, _) => vec![Word::Status, Word::Decline],
        (State::AwaitingPayment { .. }, Role::Buyer) => vec![Word::Paid, Word::Cancel],
        (State::AwaitingPayment { .. }, Role::Seller) => vec![Word::Take, Word::Cancel],
        (State::Funded { until }, Role::Seller) if now() < until => {
            signs(vec![Word::Delivered, Word::Split, Word::Problem])
        }
        (State::Disputed { by, .. }, _) if trade.ruling().is_none() => {
            let back = (by == viewer).then_some(Word::Withdraw);
            signs([Word::Split, Word::Evidence, Word::Exhibit].into_iter().chain(back).collect())
        }
        (State::Funded { .. }, Role::Buyer) | (State::Delivered { .. }, Role::Seller) => {
            signs(vec![Word::Split, Word::Problem, Word::Extend])
        }
        _ if trade.state.is_open() => signs(vec![Word::Split, Word::Problem]),
        _ if trade.living(Kind::Return).is_some() => vec![Word::Signed],
        _ => Vec::new(),
    }
}

#[test]
fn only_what_the_state_allows_is_offered() {
    let reader = Reader::new(nice);
    for trade in stages("camera lens") {
        for viewer in [ALICE, BOB] {
            let Some(page) = page_of(&trade, viewer, &[]) else {
                assert_eq!(trade.role_of(viewer), None, "{trade:?}");
                continue;
            };
            let shown = |what: &str| format!("{what}: {} {viewer}\n{page:#?}", trade.state.name());
            let cards: Vec<String> = [
                status(&reader.view(&trade, viewer)),
                why(&reader.view(&trade, viewer)),
                situation_cards(&reader, &trade, viewer),
            ]
            .into_iter()
            .flatten()
            .flat_map(|post| match post {
                Post::Card { buttons, .. } | Post::Buttons(buttons) => buttons,
                _ => Vec::new(),
            })
            .map(|button| button.label)
            .collect();
            for way in page.acts.iter().chain(page.signing.iter().flat_map(|part| &part.ways)) {
                if let Some(said) = way.link.strip_prefix("mixin://send?text=") {
                    let said = said.replace("%20", " ");
                    let Read::Command(typed) = commands::read(&said) else { panic!("{said}") };
                    assert!(allowed(&trade, viewer).contains(&typed.word), "{}", shown(&said));
                    assert!(typed.code.as_deref() == Some("K7Q2MD") && typed.token.is_none(), "{said}");
                } else {
                    assert!(way.link.starts_with("https://mix"), "{}", shown(&way.link));
                }
                let only_here = ["Read the terms", "Status"].contains(&way.label.as_str());
                assert!(only_here || cards.contains(&way.label), "{}", shown(&way.label));
            }
            let pays = matches!(trade.state, State::AwaitingPayment { .. }) && viewer == ALICE;
            let pay = |way: &Way| way.link.contains("/pay/") || way.link.contains("mixpay.me");
            assert!(pays || !page.acts.iter().any(pay) && page.qr.is_none(), "{}", shown("pay"));
            if let Some((link, ..)) = &page.qr {
                assert!(page.acts.iter().any(|way| way.link == *link) && !trade.missing().is_zero(), "{}", shown("qr"));
            }
            if trade.frozen.is_some() {
                assert!(page.signing.is_empty() && page.acts.is_empty() && page.qr.is_none(), "{}", shown("frozen"));
                let said = render(&status(&reader.view(&trade, viewer)));
                assert!(page.steps.len() == 1 && said.contains(&page.steps[0]), "{}", shown("frozen"));
                assert!(!said.contains("https://") && !cards.iter().any(|label| label.contains("have ")), "{said}");
            }
            assert_eq!(page.head, head(&trade));
            assert!(!page.steps.is_empty() || !page.facts.is_empty(), "{}", shown("nothing is said"));
            assert!(page.mind[0].contains("7000101276") && page.kit.is_some() == trade.parties.is_some());
        }
        assert_eq!(page_of(&trade, CAROL, &[]), None, "a stranger has no page");
    }
}

fn situation_cards(reader: &Reader, trade: &Trade, viewer: UserId) -> Vec<Post> {
    let view = reader.view(trade, viewer);
    trade.plans.iter().flat_map(|plan| notice(&view, Notice::SignLink { plan: plan.no })).collect()
}

#[test]
fn the_amounts_add_up() {
    let row = |trade: &Trade, viewer, name: &str| {
        let page = page_of(trade, viewer, &[]).unwrap();
        page.amounts.into_iter().find(|(label, _)| label == name).map(|(_, money)| money.to_string())
    };
    let trade = with(accepted("lens"), &[Event::Deposited { deposit: deposit(21, "50", None) }, link("51")]);
    for (name, amount) in [
        ("Price", "100 USDT"),
        ("Fee (1%), paid by the buyer", "1 USDT"),
        ("To be paid in by you", "101 USDT"),
        ("Arrived so far", "50 USDT"),
        ("Still missing", "51 USDT"),
        ("On release, to Bob (46802)", "100 USDT"),
        ("On refund, to you", "101 USDT"),
    ] {
        assert_eq!(row(&trade, ALICE, name).as_deref(), Some(amount), "{name}");
    }
    let trade = funded("lens");
    assert_eq!(row(&trade, BOB, "Locked in the vault").as_deref(), Some("105 USDT"));
    assert_eq!(row(&trade, BOB, "On release, to Alice (46801)").as_deref(), Some("4 USDT"), "the surplus");
    assert_eq!(row(&trade, BOB, "On refund, to Alice (46801)").as_deref(), Some("105 USDT"));
    let trade = settled("lens", true);
    assert_eq!(row(&trade, BOB, "Paid to you").as_deref(), Some("100 USDT"));
    assert_eq!(row(&trade, BOB, "Our fee").as_deref(), Some("1 USDT"));
    assert_eq!(row(&trade, BOB, "Locked in the vault"), None);
    assert_eq!((locked(&trade), locked(&funded("lens"))), (Amount::ZERO, coins("105")));
}

#[test]
fn the_page_stands_still_within_a_minute() {
    let reader = Reader::new(nice);
    for trade in stages("camera lens") {
        let draw = |seconds| {
            let mut view = reader.view(&trade, ALICE);
            view.now = now().plus(Millis::from_secs(seconds));
            page(&view, [])
        };
        assert_eq!(draw(1), draw(59), "{}", trade.state.name());
    }
}

#[test]
fn what_happened_is_told_in_order() {
    let paid = deposit(20, "105", None);
    let trade = settled("lens", true);
    let signed = |by| Event::Signed { plan: 0, member: 0, by, signatures: Vec::new() };
    let parties = Parties { buyer: ALICE, seller: BOB };
    let bot = house().bot;
    let events = [
        Event::Joined { by: CAROL },
        Event::TurnedAway { person: CAROL },
        Event::Accepted { parties, until: until() },
        link("101"),
        Event::OrderMoved { order: 0, progress: Progress::Seen, at: now() },
        Event::Deposited { deposit: paid },
        Event::Deposited { deposit: deposit(30, "0.5", Some(Oddity::WrongAsset)) },
        Event::Funded { until: until() },
        Event::PlanMade { plan: trade.plans[0].clone() },
        Event::RequestOpened { plan: 0, request: RequestId(Uuid::nil()) },
        Event::Delivered { until: until() },
        signed(ALICE),
        signed(bot),
        Event::Authorised { plan: 0, authority: Authority::BuyerReleased },
        Event::CosignRefused { plan: 0, why: "secret".into() },
        Event::Cosigned { plan: 0 },
        Event::PlanEnded { plan: 0, end: End::Spent },
        Event::Settled { plan: 0, at: now() },
    ];
    let history: Vec<(Millis, Event)> = events.into_iter().map(|event| (now(), event)).collect();
    let mut entries = page_of(&trade, ALICE, &history).unwrap().history;
    entries.reverse();
    let told: Vec<&str> = entries.iter().map(|entry| entry.words.as_str()).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    Somebody brought the invitation and agreed to the terms.
    That was the wrong person, who was turned away.
    Both sides have agreed to the same terms. From here on they cannot change.
    The link to pay 101 USDT was made.
    MixPay has seen a payment and waits until it is confirmed.
    105 USDT arrived in the vault.
    0.5 BTC arrived in the vault that does not count for this trade.
    101 USDT is locked: everything that is due.
    The release can be signed.
    Bob (46802) said that it is delivered.
    You signed the release.
    It is decided: the release. I sign nothing else for this money.
    My 7 checks held, and I signed last.
    The release is done. Bob (46802): 100 USDT, our fee: 1 USDT, you: 4 USDT.
    ");
    assert!(entries.iter().all(|entry| entry.date == "Nov 23, 11:55 UTC" && entry.at == now()));
}

#[test]
fn every_turn_of_the_law_is_told() {
    let trade = offered("lens");
    let offer = trade.plans[2].clone();
    let events = [
        Event::TakenAsFull { by: BOB, price: coins("99.5") },
        Event::PlanMade { plan: offer },
        Event::PlanEnded { plan: 2, end: End::Lapsed },
        Event::Disputed { by: ALICE, why: Problem::NotAsAgreed, left: Millis(0), delivered: true },
        Event::Withdrawn { by: ALICE, until: until() },
        Event::Ruled { ruling: Ruling::Release },
        Event::Ruled { ruling: half() },
        Event::Elapsed { right: Right::InspectionElapsed },
        Event::Elapsed { right: Right::DeliveryElapsed },
        Event::Unshown { plan: 0, by: ALICE },
        Event::ForeignLock { by: Hash([9; 32]), since: now() },
        Event::ForeignOver,
    ];
    let told: Vec<String> =
        events.iter().filter_map(|event| told(&Reader::new(nice).view(&trade, ALICE), event)).collect();
    assert_eq!(told.len(), events.len());
    insta::assert_snapshot!(told.join("\n"), @"
    Bob (46802) took what was paid in as the whole: 99.5 USDT is settled as the price.
    Bob (46802) offered a split, by which Bob (46802) would get 60 USDT.
    The split offered by Bob (46802) is over; nobody signed it.
    You called for a judge: it is not as agreed.
    You took back the call for a judge.
    The ruling is: release. It is final.
    The ruling is: split, with 60 USDT of 100 USDT for the seller. It is final.
    The time was over: from now on the release can be signed by Bob (46802) too.
    The time was over: from now on the refund can be signed by you too.
    Mixin said that you signed the release, but did not show me the signature.
    Somebody signed a request of their own over this money. I did not make it.
    It was given its time. From now on I take such requests away.
    ");
}

#[test]
fn nobodys_words_leave_their_quotation() {
    for trade in stages(HOSTILE) {
        for viewer in [ALICE, BOB] {
            let reader = Reader::new(hostile);
            let Some(page) = page(&reader.view(&trade, viewer), []) else { continue };
            let all = format!("{page:?}");
            for forged in ["evil.example", "@46802 mixin", "\u{202e}", "\u{200b}", "ZZZZZZ ·"] {
                assert!(!all.contains(forged), "{forged}: {all}");
            }
        }
    }
}

#[test]
fn cards_lead_to_the_page_where_there_is_one() {
    let reader = Reader::new(nice);
    let mut seen = BTreeSet::new();
    for trade in stages("camera lens") {
        for viewer in [ALICE, BOB] {
            let plain = reader.view(&trade, viewer);
            let paged = View { links: &PageOf, ..reader.view(&trade, viewer) };
            for (before, after) in pages(&plain).into_iter().zip(pages(&paged)) {
                let buttons = |posts: Vec<Post>| -> Vec<String> {
                    let of = |post| match post {
                        Post::Card { buttons, .. } | Post::Buttons(buttons) => buttons,
                        _ => Vec::new(),
                    };
                    posts.into_iter().flat_map(of).map(|button| button.action).collect()
                };
                let (before, mut after) = (buttons(before), buttons(after));
                let own = after.pop_if(|action| action.starts_with("https://escrow.example/t/"));
                assert_eq!(before, after, "no act gives way");
                seen.extend(own.map(|_| trade.state.name()));
            }
        }
    }
    let states = ["AwaitingPayment", "Delivered", "Disputed", "Funded", "Settled", "Settling"];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), states);
    let paid = Event::Deposited { deposit: deposit(21, "50", None) };
    let back = plan(0, Kind::Return, &deposit(21, "50", None), &[(ALICE, "50")], ALICE);
    for end in [Event::Cancelled { by: BOB }, Event::Expired, Event::SettledElsewhere { by: None }] {
        let over = with(accepted("camera lens"), &[paid.clone(), end]);
        let waits = with(over.clone(), &[Event::PlanMade { plan: back.clone() }]);
        let done = with(waits.clone(), &[Event::PlanEnded { plan: 0, end: End::Spent }]);
        for (trade, leads) in [(over, false), (waits, true), (done, false)] {
            let view = View { links: &PageOf, ..reader.view(&trade, ALICE) };
            let cards = [status(&view), notice(&view, Notice::SignLink { plan: 0 })];
            assert_eq!(cards.iter().all(|card| render(card).contains("/t/K7Q2MD-1")), leads, "{}", trade.state.name());
        }
    }
    let trade = accepted("camera lens");
    let view = View { links: &PageOf, ..reader.view(&trade, ALICE) };
    insta::assert_snapshot!(render(&status(&view)), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Item: “camera lens”
    Buyer: you · Seller: Bob (46802)
    Price: 100 USDT · TRON
    Next: pay 101 USDT with the button below (asset: USDT · TRON). 2 h 10 min left (until Nov 23, 14:05 UTC).
    It goes into the vault of three. I notice it by myself; "I have paid" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Pay 101 USDT] https://mixin.one/pay/MIX?amount=101
    [I have paid] input:paid K7Q2MD
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    [Make a trade room] input:room K7Q2MD
    [Open trade page] https://escrow.example/t/K7Q2MD-1
    "#);
}

/// What the rules' tests show too.
fn pages(view: &View<'_>) -> Vec<Vec<Post>> {
    let signs = view.trade.plans.iter().map(|plan| notice(view, Notice::SignLink { plan: plan.no }));
    [status(view), why(view), notice(view, Notice::Funded), notice(view, Notice::MixPay { order: 0 })]
        .into_iter()
        .chain(signs)
        .collect()
}

#[test]
fn the_operator_is_told_by_name() {
    let reader = Reader::new(nice);
    let bot = house().bot;
    let (words, until) = waits(&reader.view(&funded("lens"), bot));
    assert_eq!(words, "Waiting for Bob (46802) to deliver and say so.");
    assert_eq!(until, Some(super::until()));
    let (words, _) = waits(&reader.view(&accepted("lens"), bot));
    assert_eq!(words, "Waiting for Alice (46801) to pay 101 USDT into the vault.");
    let heading = Line::Page(PageLine::Heading(Heading::Next));
    assert_eq!(say::words(Lang::En, &heading), "What now");
}
