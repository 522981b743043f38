//! The road of a trade from proposal to its ends.

use super::scene::*;
use crate::id::UserId;
use crate::trade::command::{Command, Refusal, Sight};
use crate::trade::deadline;
use crate::trade::state::State;
use crate::trade::terms::{FeePayer, TermsError};
use crate::trade::{Counterparty, Event, Kind, Role};
use Act::*;

/// One line of a story.
enum Act {
    Accepts,
    Declines,
    Confirms(UserId),
    TurnsAway(UserId),
    Cancels,
    Delivers,
    /// Pays in by the link; Mixin shows it at the next look.
    Pays(u128),
    /// The bot looks, fetches keys and opens requests.
    Looks,
    Signs(Kind),
    /// The ledger takes the payload.
    Spends(Kind),
    /// The bot wakes.
    Wakes,
}

type Line = (i64, UserId, Act, Result<&'static str, Refusal>);

/// Plays a story: at this time, this person does this → the state then, or the refusal.
fn check(title: &str, mut scene: Scene, lines: &[Line]) -> Scene {
    for (nth, (at, who, act, expected)) in lines.iter().enumerate() {
        scene.now = crate::time::Millis(*at);
        let by = *who;
        let before = scene.trade.clone();
        let done = match act {
            Accepts => scene.accept(by),
            Declines => scene.tell(&Command::Decline { by }),
            Confirms(joiner) => scene.tell(&Command::Confirm { by, joiner: *joiner }),
            TurnsAway(joiner) => scene.tell(&Command::TurnAway { by, joiner: *joiner }),
            Cancels => scene.tell(&Command::Cancel { by }),
            Delivers => scene.tell(&Command::Deliver { by }),
            Wakes => scene.tell(&Command::Wake),
            Pays(units) => {
                scene.pay(paid(*units));
                Ok(Vec::new())
            }
            Looks => {
                let events = scene.look();
                scene.work();
                Ok(events)
            }
            Signs(kind) => {
                scene.sign(*kind, by);
                Ok(Vec::new())
            }
            Spends(kind) => {
                scene.spend(*kind);
                Ok(Vec::new())
            }
        };
        if done.is_err() {
            assert_eq!(scene.trade, before, "{title}, line {nth}: a refusal changes nothing");
        }
        let found = done.map(|_| scene.state().name());
        assert_eq!(found, *expected, "{title}, line {nth}");
    }
    scene
}

#[test]
fn the_straight_road() {
    let scene = check(
        "named",
        Scene::named(),
        &[
            (1, SELLER, Accepts, Ok("AwaitingPayment")),
            (2, BUYER, Pays(DUE), Ok("AwaitingPayment")),
            (3, BOT, Looks, Ok("Funded")),
            (4, SELLER, Delivers, Ok("Delivered")),
            (5, BUYER, Signs(Kind::Release), Ok("Delivered")),
            (6, BOT, Looks, Ok("Settling")),
            (7, BOT, Spends(Kind::Release), Ok("Settling")),
            (8, BOT, Looks, Ok("Settled")),
            (9, BOT, Looks, Ok("Settled")),
        ],
    );
    assert!(scene.living().is_empty(), "the refund is void");
    let paid: Vec<_> = scene.trade.plans[0].payouts.iter().map(|p| (p.to, p.amount.units())).collect();
    assert_eq!(paid, [(SELLER, 995), (FEES, 10)]);

    check(
        "invited",
        Scene::invited(),
        &[
            (1, STRANGER, Accepts, Ok("Proposed")),
            (2, BUYER, TurnsAway(STRANGER), Ok("Proposed")),
            (3, SELLER, Accepts, Ok("Proposed")),
            (4, STRANGER, Accepts, Err(Refusal::Taken)),
            (5, SELLER, Accepts, Err(Refusal::Already)),
            (6, BUYER, Confirms(STRANGER), Err(Refusal::OtherTerms)),
            (7, SELLER, Confirms(SELLER), Err(Refusal::OnlyProposer)),
            (8, STRANGER, Confirms(SELLER), Err(Refusal::NotYours)),
            (9, BUYER, Confirms(SELLER), Ok("AwaitingPayment")),
            (10, BUYER, Pays(DUE), Ok("AwaitingPayment")),
            (11, BOT, Looks, Ok("Funded")),
            (12, BUYER, Signs(Kind::Release), Ok("Funded")),
            (13, BOT, Looks, Ok("Settling")),
            (14, BOT, Spends(Kind::Release), Ok("Settling")),
            (15, BOT, Looks, Ok("Settled")),
        ],
    );

    check(
        "the seller gives back",
        Scene::funded(),
        &[
            (1, SELLER, Signs(Kind::Refund), Ok("Funded")),
            (2, BOT, Looks, Ok("Settling")),
            (3, BOT, Spends(Kind::Refund), Ok("Settling")),
            (4, BOT, Looks, Ok("Settled")),
        ],
    );
}

#[test]
fn before_anything_is_locked() {
    check(
        "declined",
        Scene::named(),
        &[(1, SELLER, Declines, Ok("Declined")), (2, SELLER, Accepts, Err(Refusal::TooLate))],
    );
    check(
        "withdrawn",
        Scene::named(),
        &[
            (1, BUYER, Cancels, Ok("Cancelled")),
            (2, BUYER, Cancels, Err(Refusal::Already)),
            (3, SELLER, Accepts, Err(Refusal::TooLate)),
        ],
    );
    check("cancelling somebody's proposal declines it", Scene::named(), &[(1, SELLER, Cancels, Ok("Declined"))]);
    check(
        "who brought the code leaves again",
        Scene::invited(),
        &[
            (1, STRANGER, Accepts, Ok("Proposed")),
            (2, STRANGER, Declines, Ok("Proposed")),
            (3, SELLER, Accepts, Ok("Proposed")),
            (4, BUYER, Confirms(SELLER), Ok("AwaitingPayment")),
        ],
    );
    check("accepted in the last moment", Scene::named(), &[(DAY - 1, SELLER, Accepts, Ok("AwaitingPayment"))]);
    check(
        "accepted too late, whoever wakes first",
        Scene::named(),
        &[
            (DAY - 1, BOT, Wakes, Ok("Proposed")),
            (DAY, SELLER, Accepts, Err(Refusal::TooLate)),
            (DAY, BOT, Wakes, Ok("Expired")),
        ],
    );
    check(
        "confirmed too late",
        Scene::invited(),
        &[
            (1, SELLER, Accepts, Ok("Proposed")),
            (DAY, BUYER, Confirms(SELLER), Err(Refusal::TooLate)),
            (DAY, BOT, Wakes, Ok("Expired")),
        ],
    );
    for by in [BUYER, SELLER] {
        check("either side cancels what is unpaid", Scene::awaiting(), &[(1, by, Cancels, Ok("Cancelled"))]);
    }
    check(
        "the proposer cannot accept for the other",
        Scene::invited(),
        &[
            (1, BUYER, Accepts, Err(Refusal::SamePerson)),
            (1, JUDGE, Accepts, Err(Refusal::NotEligible)),
            (1, FEES, Accepts, Err(Refusal::NotEligible)),
            (1, BOT, Accepts, Err(Refusal::NotEligible)),
        ],
    );
}

#[test]
fn an_unpaid_trade_expires_only_after_its_outputs_were_read_again() {
    let end = 2 * HOUR;
    check(
        "time alone does nothing",
        Scene::awaiting(),
        &[
            (end, BOT, Wakes, Ok("AwaitingPayment")),
            (end + DAY, BOT, Wakes, Ok("AwaitingPayment")),
            (end + DAY, BOT, Looks, Ok("Expired")),
        ],
    );
    check(
        "money in the look at the deadline counts",
        Scene::awaiting(),
        &[(end - 1, BUYER, Pays(DUE), Ok("AwaitingPayment")), (end, BOT, Looks, Ok("Funded"))],
    );
    let mut scene = Scene::awaiting();
    scene.now = crate::time::Millis(end - 1);
    let sight = scene.sight();
    scene.now = crate::time::Millis(end + 1);
    scene.tell(&Command::Look(sight)).unwrap();
    assert_eq!(scene.state().name(), "AwaitingPayment", "a look that began before the deadline ends nothing");
    scene.look();
    assert_eq!(scene.state(), State::Expired);
}

#[test]
fn delivery_has_its_time() {
    check(
        "in time",
        Scene::funded(),
        &[(7 * DAY, SELLER, Delivers, Ok("Delivered")), (7 * DAY, SELLER, Delivers, Err(Refusal::Already))],
    );
    check(
        "late: only the buyer's yes counts, which is the release",
        Scene::funded(),
        &[
            (7 * DAY + 1, SELLER, Delivers, Err(Refusal::TooLate)),
            (7 * DAY + 1, BUYER, Signs(Kind::Release), Ok("Funded")),
            (7 * DAY + 1, BOT, Looks, Ok("Settling")),
        ],
    );
}

#[test]
fn members_and_terms_are_frozen_before_a_link_exists() {
    for mut scene in [Scene::named(), Scene::invited()] {
        assert!(scene.trade.links.is_empty() && scene.trade.vault().is_none());
        scene.look();
        scene.tell(&Command::Wake).unwrap();
        let terms_hash = crate::id::Hash([1; 32]);
        assert_eq!(scene.tell(&Command::Accept { by: SELLER, terms_hash }), Err(Refusal::OtherTerms));
        scene.accept(SELLER).unwrap();
        let _ = scene.tell(&Command::Confirm { by: BUYER, joiner: SELLER });
        assert_eq!(scene.trade.links.len(), 1);
        assert_eq!(scene.trade.links[0].amount, units(DUE));
        assert_eq!(scene.vault().members, [BOT, BUYER, SELLER]);
        assert_eq!(scene.trade.terms.hash(), scene.trade.terms_hash);
        let accepted = scene.history.iter().position(|e| matches!(e, Event::Accepted { .. }));
        let link = scene.history.iter().position(|e| matches!(e, Event::LinkIssued { .. }));
        assert!(accepted < link);
    }
}

#[test]
fn nobody_stands_on_two_sides() {
    let named = |proposer, role, other| {
        let mut terms = terms(Counterparty::Named(other));
        (terms.proposer, terms.role) = (proposer, role);
        terms.check()
    };
    assert_eq!(named(SELLER, Role::Seller, BUYER), Ok(()));
    assert_eq!(named(BUYER, Role::Buyer, BUYER), Err(TermsError::SamePerson));
    for odd in [BOT, FEES, JUDGE] {
        assert_eq!(named(BUYER, Role::Buyer, odd), Err(TermsError::NotEligible));
        assert_eq!(named(odd, Role::Seller, BUYER), Err(TermsError::NotEligible));
    }
}

#[test]
fn terms_nobody_could_settle_are_refused() {
    let with = |price, bps, payer| {
        let mut terms = terms(Counterparty::Named(SELLER));
        (terms.price, terms.fee.bps, terms.fee.payer) = (units(price), bps, payer);
        terms.check()
    };
    for payer in [FeePayer::Buyer, FeePayer::Seller, FeePayer::Split] {
        assert_eq!(with(0, 100, payer), Err(TermsError::PriceZero));
        assert_eq!(with(u128::MAX, 100, payer), Err(TermsError::PriceTooLarge));
        assert_eq!(with(1_000, 10_001, payer), Err(TermsError::NothingLeft));
        assert_eq!(with(1, 0, payer), Ok(()));
    }
    assert_eq!(with(1_000, 10_000, FeePayer::Seller), Err(TermsError::NothingLeft));
    assert_eq!(with(1_000, 10_000, FeePayer::Buyer), Ok(()));
}

#[test]
fn a_trade_wakes_by_itself_only_where_time_alone_can_change_it() {
    assert_eq!(deadline::next(&Scene::named().trade), Some(crate::time::Millis(DAY)));
    assert_eq!(deadline::next(&Scene::awaiting().trade), Some(crate::time::Millis(2 * HOUR)));
    // It reminds at half time, and takes nothing from anybody.
    assert_eq!(deadline::next(&Scene::funded().trade), Some(crate::time::Millis(7 * DAY / 2)));
    assert_eq!(deadline::next(&Scene::delivered().trade), Some(crate::time::Millis(3 * DAY / 2)));
    // The first judge has so long to take the case.
    assert_eq!(deadline::next(&Scene::disputed().trade), Some(crate::time::Millis(2 * HOUR)));
}

#[test]
fn a_frozen_trade_authorises_nothing_and_its_clocks_stand_still() {
    let frozen = |mut scene: Scene| {
        let plan = 0;
        scene.tell(&Command::CosignRefused { plan, why: "an invariant fell".into(), broken: true }).unwrap();
        assert!(scene.trade.frozen.is_some());
        scene
    };
    let mut scene = frozen(Scene::delivered());
    scene.pay(paid(5));
    scene.look();
    scene.work();
    scene.sign(Kind::Release, BUYER);
    scene.sign(Kind::Return, BUYER);
    scene.look();
    assert_eq!(scene.state().name(), "Delivered");
    assert!(scene.trade.plans.iter().all(|plan| plan.authorised.is_none()));
    assert_eq!(scene.trade.plans[0].signed.len(), 1, "the signature is kept");
    scene.spend(Kind::Refund);
    scene.look();
    assert_eq!(scene.state().name(), "Settled", "what happened on the ledger is still seen");

    check("delivery", frozen(Scene::funded()), &[(30 * DAY, SELLER, Delivers, Ok("Delivered"))]);
    check("payment", frozen(Scene::awaiting()), &[(30 * DAY, BOT, Looks, Ok("AwaitingPayment"))]);

    let mut scene = Scene::funded();
    scene.tell(&Command::CosignRefused { plan: 0, why: "busy".into(), broken: false }).unwrap();
    assert!(scene.trade.frozen.is_none(), "what a server causes freezes nothing");
}

/// Behind, nobody is asked to pay; a look that read the vault to its end and found too little ends that.
#[test]
fn after_a_restore_a_whole_look_tells_whether_to_ask_for_money_again() {
    let mut scene = Scene::awaiting();
    scene.tell(&Command::PutBack).unwrap();
    for sight in [Sight { partial: true, ..scene.sight() }, Sight { unanswered: true, ..scene.sight() }] {
        assert_eq!(scene.tell(&Command::Look(sight)), Ok(vec![]));
    }
    let used = Sight { trace_used: true, ..scene.sight() };
    scene.tell(&Command::Look(used)).unwrap();
    assert!(scene.trade.behind, "something is on its way by the link");
    let mut empty = scene;
    assert_eq!(empty.look(), [Event::CaughtUp]);
    assert!(!empty.trade.behind);
    assert_eq!(empty.look(), [], "once");

    let mut paid_before = Scene::awaiting();
    paid_before.tell(&Command::PutBack).unwrap();
    paid_before.pay(paid(DUE));
    assert!(!paid_before.look().contains(&Event::CaughtUp));
    assert!(matches!(paid_before.state(), State::Funded { .. }));

    // A part by the present link: the rest is asked for once that link's successor was looked for too.
    let mut part = Scene::awaiting();
    part.tell(&Command::PutBack).unwrap();
    part.pay(paid(1));
    assert!(!part.look().contains(&Event::CaughtUp));
    assert!(part.look().contains(&Event::CaughtUp));
}
