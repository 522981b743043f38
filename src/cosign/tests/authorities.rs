//! Every check against every authority of design §5, with real keys.

use super::*;
use crate::trade::command::Command;
use crate::trade::{Problem, Right, Ruling};

/// A trade in which `kind` is to be signed by the first, who by that gives it the authority; the second gives it nothing.
struct Given {
    title: &'static str,
    scene: Scene,
    kind: Kind,
    who: UserId,
    authority: Authority,
}

fn cases() -> Vec<Given> {
    let funded = || Scene::funded_with(&[600, 500]);
    let act = |mut scene: Scene, act: &dyn Fn(&mut Scene)| {
        act(&mut scene);
        scene.work();
        scene
    };
    let late = |scene: &mut Scene| drop(scene.elapse());
    let ruled = |ruling: Ruling| {
        act(funded(), &|s| {
            s.tell(&Command::Dispute { by: BUYER, why: Problem::Other }).unwrap();
            s.tell(&Command::Rule { ruling }).unwrap();
        })
    };
    let offered = |by: UserId| act(funded(), &|s| assert!(s.offer(by, 600) > 1));
    let owed_back = |payer: UserId| {
        act(funded(), &|s| {
            s.pay(Payment { senders: vec![payer], ..paid(77) });
            s.look();
        })
    };
    let short = act(Scene::awaiting(), &|s| {
        s.pay(paid(600));
        s.pay(paid(400));
        s.look();
        s.tell(&Command::TakeShort { by: SELLER, paid: units(1_000) }).unwrap();
    });
    let split = Ruling::Split { seller: units(600), of: units(1_000) };
    let delivered = act(funded(), &|s| {
        s.tell(&Command::Deliver { by: SELLER }).unwrap();
        late(s);
    });
    let case = |title, scene, kind, who, authority| Given { title, scene, kind, who, authority };
    vec![
        case("released", funded(), Kind::Release, BUYER, Authority::BuyerReleased),
        case("released, less taken as the whole", short, Kind::Release, BUYER, Authority::BuyerReleased),
        case("refunded", funded(), Kind::Refund, SELLER, Authority::SellerRefunded),
        case("offered by the buyer", offered(BUYER), Kind::Split, SELLER, Authority::SplitAgreed),
        case("offered by the seller", offered(SELLER), Kind::Split, BUYER, Authority::SplitAgreed),
        case("no complaint", delivered, Kind::Release, SELLER, Authority::InspectionElapsed),
        case("no delivery", act(funded(), &late), Kind::Refund, BUYER, Authority::DeliveryElapsed),
        case("ruled to release", ruled(Ruling::Release), Kind::Release, SELLER, Authority::Ruled),
        case("ruled to refund", ruled(Ruling::Refund), Kind::Refund, BUYER, Authority::Ruled),
        case("a ruled split, the seller", ruled(split), Kind::Split, SELLER, Authority::Ruled),
        case("a ruled split, the buyer", ruled(split), Kind::Split, BUYER, Authority::Ruled),
        case("the buyer's own", owed_back(BUYER), Kind::Return, BUYER, Authority::NotOwed),
        case("a third person's", owed_back(STRANGER), Kind::Return, SELLER, Authority::NotOwed),
    ]
}

impl Given {
    /// Signed, read and authorised.
    fn desk(&self) -> Desk {
        let mut scene = self.scene.clone();
        let no = scene.no(self.kind);
        scene.sign_no(no, self.who);
        scene.look();
        assert_eq!(scene.authorities(), [(no, self.authority)], "{}", self.title);
        Desk::at(scene, no)
    }
}

impl Desk {
    /// Whose signature on the plan gives it which authority.
    fn accepted(&self) -> Vec<(UserId, Authority)> {
        self.scene.trade.consents(self.scene.trade.plan(self.plan).unwrap())
    }
}

/// One thing is spoilt in each; the same check says no, whatever gave the authority.
#[test]
fn every_check_holds_under_every_authority() {
    let wrong: [(&str, u8, bool, Spoil<Desk>); 14] = [
        ("halted", 1, false, |d| d.halted = Some("the operator is on holiday")),
        ("frozen", 1, false, |d| d.scene.trade.frozen = Some("odd".into())),
        ("ended", 1, false, |d| d.plan().end = Some(End::Lapsed)),
        ("not authorised", 1, true, |d| d.plan().authorised = None),
        ("revoked", 2, false, |d| d.request.revoked = true),
        ("another hash recorded", 2, true, |d| d.payload().hash.0[0] ^= 1),
        ("held by another", 3, false, |d| d.inputs[0].lock = Lock::Signed(Some(Hash([1; 32])))),
        ("spent", 3, false, |d| d.inputs[0].lock = Lock::Spent(None)),
        ("somebody else is paid", 4, false, |d| d.request.receivers[0].members = vec![JUDGE]),
        ("one more is paid", 4, false, |d| d.request.receivers.push(d.request.receivers[0].clone())),
        ("an amount changed", 4, true, |d| d.plan().payouts[0].amount = units(1)),
        ("nobody has signed", 5, false, |d| {
            d.request.raw = d.unsigned();
            d.plan().signed.clear();
        }),
        ("no view", 6, false, |d| d.request.views.clear()),
        ("another authorised over the same", 7, true, |d| {
            let mut other = d.plan().clone();
            (other.no, other.kind) = (77, Kind::Refund);
            d.scene.trade.plans.push(other);
        }),
    ];
    for case in cases() {
        let desk = case.desk();
        let raw = desk.check().unwrap_or_else(|no| panic!("{}: {no}", case.title));
        assert_eq!(desk.ledger(&raw), Ok(()), "{}", case.title);
        for (title, check, broken, spoil) in wrong {
            let mut desk = desk.clone();
            spoil(&mut desk);
            let no = desk.check().expect_err(title);
            assert_eq!((no.check, no.broken), (check, broken), "{}, {title}: {no}", case.title);
        }
    }
}

/// Only the signature of somebody whom the authority accepts is one; the other's alone is not, however it was recorded.
#[test]
fn only_whom_the_authority_accepts() {
    for case in cases() {
        let mut desk = case.desk();
        let other = if case.who == BUYER { SELLER } else { BUYER };
        let accepted = desk.accepted();
        let theirs = desk.scene.signatures(desk.plan, other);
        desk.request.raw = with_signatures(&desk.unsigned(), desk.scene.vault().index_of(other).unwrap(), &theirs);
        desk.plan().signed = [(desk.scene.vault().index_of(other).unwrap(), theirs)].into();
        if accepted.contains(&(other, case.authority)) {
            assert!(desk.check().is_ok(), "{}", case.title);
        } else {
            let no = desk.check().expect_err(case.title);
            assert_eq!((no.check, no.broken), (5, true), "{}: {no}", case.title);
        }
    }
}

/// An authority that does not hold now, or fits another kind of plan, is none.
#[test]
fn the_authority_must_hold_now() {
    let all = [
        Authority::BuyerReleased,
        Authority::SellerRefunded,
        Authority::SplitAgreed,
        Authority::InspectionElapsed,
        Authority::DeliveryElapsed,
        Authority::Ruled,
        Authority::NotOwed,
    ];
    for case in cases() {
        let desk = case.desk();
        let holding: Vec<Authority> = desk.accepted().into_iter().map(|(_, a)| a).collect();
        for authority in all {
            let mut desk = desk.clone();
            desk.plan().authorised = Some(authority);
            let checked = desk.check().map_err(|no| (no.check, no.broken));
            if authority == case.authority {
                assert!(checked.is_ok());
            } else if holding.contains(&authority) {
                assert_eq!(checked, Err((5, true)), "{}: the giver has not signed", case.title);
            } else {
                assert_eq!(checked, Err((1, true)), "{}: {authority:?}", case.title);
            }
        }
        // What time or a judge gave is gone, or is another: so is the authority.
        let rights = [None, Some(Right::InspectionElapsed), Some(Right::DeliveryElapsed)];
        let rulings = [Ruling::Release, Ruling::Refund].map(|ruling| Some(Right::Ruled(ruling)));
        for right in rights.into_iter().chain(rulings) {
            let mut desk = desk.clone();
            let needs =
                matches!(case.authority, Authority::InspectionElapsed | Authority::DeliveryElapsed | Authority::Ruled);
            let same = desk.scene.trade.right == right;
            desk.scene.trade.right = right;
            let checked = desk.check().map_err(|no| (no.check, no.broken));
            assert_eq!(checked.is_ok(), same || !needs, "{}: {right:?}", case.title);
            assert!(checked.is_ok() || checked == Err((1, true)));
        }
    }
}

/// Its key was burnt after it was authorised: the signature on the plan it is instead of counts for it, with any party's on
/// its own payload.
#[test]
fn the_same_decision_under_other_keys() {
    for case in cases() {
        let mut scene = case.desk().scene;
        let old = scene.no(case.kind);
        scene.tell(&Command::Unopenable { plan: old }).unwrap();
        scene.work();
        let new = scene.no(case.kind);
        let bare = Desk::at(scene.clone(), new);
        assert_eq!(bare.check().map_err(|no| (no.check, no.broken)), Err((5, false)), "{}: nobody tapped", case.title);
        for tapper in [BUYER, SELLER] {
            let mut scene = scene.clone();
            scene.sign_no(new, tapper);
            scene.look();
            let desk = Desk::at(scene, new);
            let raw = desk.check().unwrap_or_else(|no| panic!("{}: {no}", case.title));
            assert_eq!(desk.ledger(&raw), Ok(()));
            // It must say so, and be the same money out of the same deposits.
            let spoilt: [(&str, Spoil<Desk>); 4] = [
                ("instead of nothing", |d| d.plan().instead_of = None),
                ("the first was never signed", |d| d.scene.trade.plans.iter_mut().for_each(|p| p.signed.clear())),
                ("the first paid somebody else", |d| {
                    let (no, plans) = (d.plan, &mut d.scene.trade.plans);
                    plans.iter_mut().filter(|p| p.no != no).for_each(|p| p.payouts[0].to = STRANGER);
                }),
                ("the first spent something else", |d| {
                    let (no, plans) = (d.plan, &mut d.scene.trade.plans);
                    plans.iter_mut().filter(|p| p.no != no).for_each(|p| drop(p.inputs.pop()));
                }),
            ];
            for (title, spoil) in spoilt {
                let mut desk = desk.clone();
                spoil(&mut desk);
                let accepted = desk.accepted();
                let own = title != "the first was never signed" && accepted.contains(&(tapper, case.authority));
                let checked = desk.check().map_err(|no| (no.check, no.broken));
                let expected = if own { Ok(()) } else { Err((5, true)) };
                assert_eq!(checked.map(drop), expected, "{}, {title}", case.title);
            }
        }
    }
}

/// And if its fee cannot be paid by then, it is waived to its payers, and to nobody else.
#[test]
fn the_same_decision_without_its_fee() {
    for case in cases().into_iter().filter(|case| matches!(case.kind, Kind::Release | Kind::Split)) {
        let mut scene = case.desk().scene;
        scene.tell(&Command::Unopenable { plan: scene.no(case.kind) }).unwrap();
        scene.tell(&Command::FeeUnpayable { plan: scene.no(case.kind) }).unwrap();
        scene.work();
        let no = scene.no(case.kind);
        let other = if case.who == BUYER { SELLER } else { BUYER };
        scene.sign_no(no, other);
        scene.look();
        let desk = Desk::at(scene, no);
        let raw = desk.check().unwrap_or_else(|no| panic!("{}: {no}", case.title));
        assert_eq!(desk.ledger(&raw), Ok(()));
        let mut desk = desk;
        desk.scene.trade.fee_waived = false;
        let accepted = desk.accepted();
        let own = accepted.contains(&(other, case.authority));
        assert_eq!(desk.check().is_ok(), own, "{}: nothing was waived", case.title);
    }
}
