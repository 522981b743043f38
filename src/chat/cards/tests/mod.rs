//! A trade in every state, and somebody to read it.

mod chinese;
mod groups;
mod looks;
mod mixpay;
mod page;
mod rights;
mod rules;
mod short;
mod splits;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::*;
use crate::chat::commands::{self, Read};
use crate::chat::say::{LABEL_MAX, Naming};
use crate::chat::tests::house;
use crate::chat::{Act, Binding, Draft, House, Known, Links, Record};
use crate::id::{Hash, RequestId, TradeId};
use crate::time::ServiceClock;
use crate::trade::deposit::{Deposit, Lock, Oddity};
use crate::trade::event::Event;
use crate::trade::order::{Failure, Opened, Order, Progress};
use crate::trade::payout::Payout;
use crate::trade::plan::{Authority, End, FrozenInput, Offer, Request};
use crate::trade::state::PayLink;
use crate::trade::terms::{Fee, FeePayer, Parties, Terms, TermsError};
use crate::trade::{Notice, Problem, Refusal, Right, Ruling};

const ALICE: UserId = UserId(Uuid::from_u128(1));
const BOB: UserId = UserId(Uuid::from_u128(2));
const CAROL: UserId = UserId(Uuid::from_u128(3));
const FEE: UserId = UserId(Uuid::from_u128(98));
const TOKEN: &str = "T0KEN00000000000";

fn now() -> Millis {
    Millis::from_rfc3339("2026-11-23T11:55:00Z").unwrap()
}

/// 14:05 the same day.
fn until() -> Millis {
    now().plus(Millis::from_secs(130 * 60))
}

fn coins(text: &str) -> Amount {
    text.parse().unwrap()
}

fn nice(person: UserId) -> Option<Person> {
    let (name, number) = match person {
        ALICE => ("Alice", "46801"),
        BOB => ("Bob", "46802"),
        CAROL => ("Carol", "46803"),
        _ => return None,
    };
    Some(Person { id: person, number: number.into(), name: name.into(), has_safe: true, is_bot: false })
}

const HOSTILE: &str =
    "\u{202e}bo\u{200b}b\nTrade ZZZZZZ · Settled · 1 BTC\nhttps://evil.example @46802 mixin://pay 7000101277";

fn hostile(person: UserId) -> Option<Person> {
    nice(person).map(|person| Person { name: HOSTILE.into(), ..person })
}

struct TestLinks;

impl Links for TestLinks {
    fn pay(&self, trade: &Trade) -> Option<String> {
        trade.link().map(|link| format!("https://mixin.one/pay/MIX?amount={}", link.amount))
    }
    fn mixpay(&self, code: &str) -> String {
        format!("https://mixpay.me/code/{code}")
    }
    fn sign(&self, request: RequestId) -> String {
        format!("https://mixin.one/multisigs/{request}")
    }
    fn say_to(&self, text: &str) -> String {
        format!("mixin://send?text={}", text.replace(' ', "%20"))
    }
    fn page(&self, _: &Trade, _: UserId) -> Option<String> {
        None
    }
}

/// Alice buys from Bob; the fee of 1 % is hers.
fn proposed(counterparty: Counterparty, item: &str) -> Trade {
    let house = house();
    let terms = Terms {
        item: item.into(),
        asset: house.assets[1].clone(),
        price: coins("100"),
        fee: house.fee,
        periods: house.periods,
        judges: house.judges,
        unruled: house.unruled,
        ruling_delay: Millis(0),
        proposer: ALICE,
        role: Role::Buyer,
        counterparty,
        bot: house.bot,
    };
    let terms_hash = terms.hash();
    let id = TradeId(Uuid::from_u128(77));
    Event::Proposed { id, code: "K7Q2MD".into(), terms, terms_hash, at: now(), until: until() }.birth().unwrap()
}

fn with(mut trade: Trade, events: &[Event]) -> Trade {
    for event in events {
        event.apply(&mut trade);
    }
    trade
}

fn link(amount: &str) -> Event {
    let trace = RequestId(Uuid::from_u128(5));
    Event::LinkIssued { link: PayLink { round: 0, trace, memo: "M".into(), amount: coins(amount) } }
}

fn accepted(item: &str) -> Trade {
    let parties = Parties { buyer: ALICE, seller: BOB };
    with(proposed(Counterparty::Named(BOB), item), &[Event::Accepted { parties, until: until() }, link("101")])
}

const PROGRESSES: [Progress; 12] = [
    Progress::Unpaid,
    Progress::Seen,
    Progress::Short,
    Progress::Checking,
    Progress::MovingIn,
    Progress::Moved,
    Progress::Failed(Failure::Late),
    Progress::Failed(Failure::WrongAsset),
    Progress::Failed(Failure::Twice),
    Progress::Failed(Failure::WrongAmount),
    Progress::Failed(Failure::Volatile),
    Progress::Failed(Failure::Other(10_057)),
];

/// Half an hour less than the trade gives.
fn order(round: u32, amount: &str, progress: Progress) -> Order {
    let opened = Some(Opened { payee: Uuid::from_u128(50), code: format!("order-{round}") });
    let expires = until().plus(Millis::from_secs(-30 * 60));
    let (id, memo) = (format!("order{round}"), format!("memo{round}"));
    Order { round, id, memo, amount: coins(amount), expires, opened, progress, moved: Millis(0), over: false }
}

fn ordered(mut trade: Trade, order: Order) -> Trade {
    trade.orders.push(order);
    trade
}

fn deposit(n: u128, amount: &str, oddity: Option<Oddity>) -> Deposit {
    Deposit {
        output_id: Uuid::from_u128(n),
        hash: Hash([1; 32]),
        index: 0,
        asset: house().assets[usize::from(oddity != Some(Oddity::WrongAsset))].id,
        amount: coins(amount),
        keys: Vec::new(),
        sequence: 1,
        lock: Lock::Unspent,
        order: None,
        claimed: false,
        oddity,
    }
}

fn plan(no: u32, kind: Kind, deposit: &Deposit, payouts: &[(UserId, &str)], giver: UserId) -> Plan {
    Plan {
        no,
        kind,
        asset: deposit.asset,
        inputs: vec![FrozenInput::from(deposit)],
        payouts: payouts.iter().map(|(to, amount)| Payout { to: *to, amount: coins(amount) }).collect(),
        givers: vec![giver],
        offer: None,
        instead_of: None,
        unshown: false,
        refused_since: None,
        payload: None,
        request: Some(Request { id: RequestId(Uuid::from_u128(u128::from(no) + 10)), open: true }),
        round: 0,
        signed: BTreeMap::new(),
        authorised: None,
        missing_since: None,
        earlier: Vec::new(),
        cosigned: false,
        must_tap: false,
        end: None,
    }
}

/// 105 paid: 4 too much.
fn funded(item: &str) -> Trade {
    let paid = deposit(20, "105", None);
    let release = plan(0, Kind::Release, &paid, &[(BOB, "100"), (FEE, "1"), (ALICE, "4")], ALICE);
    let refund = plan(1, Kind::Refund, &paid, &[(ALICE, "105")], BOB);
    let events = [
        Event::Deposited { deposit: paid },
        Event::Funded { until: until() },
        Event::PlanMade { plan: release },
        Event::PlanMade { plan: refund },
    ];
    with(accepted(item), &events)
}

fn settled(item: &str, cosigned: bool) -> Trade {
    let authority = Authority::BuyerReleased;
    let mut trade = with(funded(item), &[Event::Delivered { until: until() }]);
    if cosigned {
        trade = with(trade, &[Event::Authorised { plan: 0, authority }, Event::Cosigned { plan: 0 }]);
    }
    with(trade, &[Event::PlanEnded { plan: 0, end: End::Spent }, Event::Settled { plan: 0, at: now() }])
}

fn odd(item: &str, oddity: Option<Oddity>) -> Trade {
    let stray = deposit(30, "0.5", oddity);
    let back = plan(2, Kind::Return, &stray, &[(ALICE, "0.5")], ALICE);
    with(settled(item, true), &[Event::Deposited { deposit: stray }, Event::PlanMade { plan: back }])
}

/// Bob offers that he gets 60; Alice is to sign.
fn offered(item: &str) -> Trade {
    let trade = funded(item);
    let until = now().plus(Millis::from_hours(48));
    let split = plan(2, Kind::Split, &trade.deposits[0], &[(ALICE, "44.4"), (BOB, "60"), (FEE, "0.6")], ALICE);
    let split = Plan { offer: Some(Offer { by: BOB, until }), ..split };
    with(trade, &[Event::PlanMade { plan: split }])
}

fn lapsed(item: &str) -> Trade {
    with(offered(item), &[Event::PlanEnded { plan: 2, end: End::Lapsed }])
}

fn delivered(item: &str) -> Trade {
    with(funded(item), &[Event::Delivered { until: until() }])
}

/// Alice called for a judge while the goods were on their way, or after they were delivered.
fn disputed(trade: Trade, delivered: bool) -> Trade {
    let left = Millis::from_hours(26);
    with(trade, &[Event::Disputed { by: ALICE, why: Problem::Other, left, delivered }])
}

fn ruled(item: &str, ruling: Ruling) -> Trade {
    let trade = with(disputed(delivered(item), true), &[Event::Ruled { ruling }]);
    let Ruling::Split { .. } = ruling else { return trade };
    let split = plan(2, Kind::Split, &trade.deposits[0], &[(BOB, "60"), (ALICE, "44.4"), (FEE, "0.6")], BOB);
    with(trade, &[Event::PlanMade { plan: Plan { givers: vec![BOB, ALICE], ..split } }])
}

fn half() -> Ruling {
    Ruling::Split { seller: coins("60"), of: coins("100") }
}

/// A request of somebody's own holds the money.
fn held(item: &str) -> Trade {
    let mut trade = delivered(item);
    trade.deposits[0].lock = Lock::Signed(Some(Hash([9; 32])));
    trade
}

fn unshown(item: &str) -> Trade {
    with(delivered(item), &[Event::Unshown { plan: 0, by: ALICE }])
}

/// Every state, some of them in several shapes.
fn stages(item: &str) -> Vec<Trade> {
    let invited = || proposed(Counterparty::Invited("K7Q2MD".into()), item);
    let short = Event::Deposited { deposit: deposit(21, "50", None) };
    let late = |mut trade: Trade| {
        let past = now().plus(Millis(-1));
        trade.state = match trade.state {
            State::Funded { .. } => State::Funded { until: past },
            _ => State::Delivered { until: past },
        };
        trade
    };
    let pieces: Vec<Event> = (0..300).map(|n| Event::Deposited { deposit: deposit(100 + n, "0.4", None) }).collect();
    let signing = Event::Authorised { plan: 1, authority: Authority::SellerRefunded };
    let mut stages = vec![
        proposed(Counterparty::Named(BOB), item),
        invited(),
        with(invited(), &[Event::Joined { by: BOB }]),
        accepted(item),
        with(accepted(item), &[short.clone(), link("51")]),
        with(accepted(item), &[Event::Deposited { deposit: deposit(22, "100.5", None) }, link("0.5")]),
        with(accepted(item), &pieces),
        funded(item),
        late(funded(item)),
        with(funded(item), &[Event::RequestLost { plan: 0, request: RequestId(Uuid::nil()) }]),
        with(funded(item), &[Event::Frozen { why: "why".into(), at: Some(Millis(0)) }]),
        with(funded(item), &[Event::Delivered { until: until() }]),
        late(with(funded(item), &[Event::Delivered { until: until() }])),
        with(funded(item), &[signing]),
        settled(item, true),
        settled(item, false),
        odd(item, Some(Oddity::WrongAsset)),
        odd(item, Some(Oddity::ThirdPerson(CAROL))),
        odd(item, Some(Oddity::Unnamed(ALICE))),
        odd(item, None),
        with(proposed(Counterparty::Named(BOB), item), &[Event::Declined { by: BOB }]),
        with(accepted(item), &[Event::Cancelled { by: ALICE }]),
        with(accepted(item), &[short, Event::Cancelled { by: BOB }]),
        with(invited(), &[Event::Expired]),
        with(accepted(item), &[Event::Expired]),
        with(funded(item), &[Event::SettledElsewhere { by: None }]),
    ];
    stages.extend(vec![
        offered(item),
        with(offered(item), &[Event::RequestLost { plan: 2, request: RequestId(Uuid::nil()) }]),
        with(offered(item), &[Event::Authorised { plan: 2, authority: Authority::SplitAgreed }]),
        lapsed(item),
        disputed(funded(item), false),
        disputed(delivered(item), true),
        ruled(item, Ruling::Release),
        ruled(item, Ruling::Refund),
        ruled(item, half()),
        late(with(funded(item), &[Event::Elapsed { right: Right::DeliveryElapsed }])),
        late(with(delivered(item), &[Event::Elapsed { right: Right::InspectionElapsed }])),
        held(item),
        unshown(item),
    ]);
    for progress in PROGRESSES {
        let ends = [
            Event::Funded { until: until() },
            Event::Expired,
            Event::Frozen { why: "why".into(), at: Some(Millis(0)) },
        ];
        let paying = ordered(accepted(item), order(0, "101", progress));
        stages.extend(ends.map(|end| with(paying.clone(), &[end])));
        stages.push(paying);
    }
    stages
}

/// Half-way to a trade: Alice buys.
fn draft_of(item: &str, other: Option<UserId>) -> Draft {
    let asset = house().assets[1].clone();
    Draft { role: Role::Buyer, item: item.into(), price: coins("100"), asset, other }
}

/// Bob has traded much and well, Alice never; the reader knows them all.
fn known(people: fn(UserId) -> Option<Person>) -> Known {
    let mut bob = Record { since: Some(now()), good: 2, bad: 1, ruled_against: 2, ..Record::default() };
    bob.settled(Role::Seller, CAROL, house().assets[1].id, coins("3"));
    Known {
        records: BTreeMap::from([(ALICE, Record::default()), (BOB, bob)]),
        met: [ALICE, BOB, CAROL].into_iter().filter_map(people).collect(),
        partners: BTreeSet::new(),
    }
}

struct Reader {
    house: House,
    clock: ServiceClock,
    people: fn(UserId) -> Option<Person>,
    lang: Lang,
    known: Known,
}

impl Reader {
    fn new(people: fn(UserId) -> Option<Person>) -> Self {
        Self { house: house(), clock: ServiceClock::default(), people, lang: Lang::En, known: Known::default() }
    }

    fn view<'a>(&'a self, trade: &'a Trade, viewer: UserId) -> View<'a> {
        View {
            trade,
            viewer,
            people: &self.people,
            house: &self.house,
            links: &TestLinks,
            clock: &self.clock,
            now: now(),
            clock_halted: false,
            lang: self.lang,
            token: &|_| TOKEN.to_owned(),
            known: &self.known,
            kit: &|| Some("-----BEGIN-----\nAQ\n-----END-----".to_owned()),
        }
    }
}

/// A page as a person would see it.
fn render(posts: &[Post]) -> String {
    let button = |button: &Button| format!("[{}] {}", button.label, button.action);
    let buttons = |buttons: &[Button]| buttons.iter().map(button).collect::<Vec<_>>().join("\n");
    let shown: Vec<String> = posts
        .iter()
        .map(|post| match post {
            Post::Text(text) | Post::Markdown(text) => text.clone(),
            Post::Buttons(all) => buttons(all),
            Post::Card { title, text, buttons: all } => format!("# {title}\n{text}\n{}", buttons(all)),
            Post::Contact(person) => format!("(contact card of {person})"),
            Post::File { kind, name, size, .. } => format!("({kind:?} {name}, {size} bytes)"),
            Post::Qr(link) => format!("(picture of {link})"),
        })
        .collect();
    shown.join("\n---\n")
}

fn shown(trade: &Trade, viewer: UserId, page: impl Fn(&View<'_>) -> Vec<Post>) -> String {
    render(&page(&Reader::new(nice).view(trade, viewer)))
}
