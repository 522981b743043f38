//! Rights by time, by rule 10: time never takes money silently. The law is told that a deadline has passed only when its
//! loser has been heard to the end and warned, and the vault was read again; until then a judge decides.

use super::desk::Desk;
use super::{answers, chats, judges, pages};
use crate::id::{JobId, TradeId, UserId};
use crate::store::JobRow;
use crate::time::{Millis, ServiceClock};
use crate::trade::{Command, Notice, Role, Trade};

/// The deadline of this trade that has passed and may give a right now. `drained`: everything said until that server time
/// is known, on the connection that lives; `looked`: the service time at which a complete look at its vault began.
pub(super) fn proved(trade: &Trade, clock: &ServiceClock, drained: Option<Millis>, looked: Millis) -> Option<Millis> {
    let until = trade.ran_out(looked)?.until;
    let heard = drained.is_some_and(|server| clock.service(server) > until);
    (heard && looked > until).then_some(until)
}

/// A complete look at a vault, begun at that service time, has been committed to.
pub(super) fn looked(desk: &mut Desk<'_>, trades: &[TradeId], began: Millis) {
    if desk.watch.halts.clock.is_some() {
        return;
    }
    for id in trades {
        let Some(trade) = desk.found.trades.get(id) else { continue };
        // What they said waits until it can be understood: it is not heard yet.
        let both = trade.parties.iter().flat_map(|parties| [parties.buyer, parties.seller]);
        let judges = judges::may_stop(trade).into_iter().chain(judges::asked(trade));
        if both.chain(judges).any(|person| chats::waits(desk, person)) {
            continue;
        }
        if let Some(until) = proved(trade, desk.clock(), desk.live.drained, began) {
            answers::tell_law(desk, *id, &Command::Elapsed { until });
        }
    }
}

/// Mixin took a message: it may be the one by which somebody hears that their time is over.
pub(super) fn said(desk: &mut Desk<'_>, job: &JobRow) {
    let Some(trade) = job.trade.and_then(|id| desk.found.trades.get(&id)) else { return };
    let Some(deadline) = trade.runs_out().filter(|deadline| deadline.warns) else { return };
    let is_it = |role: &&Role| warning(desk, trade, **role) == Some(job.id);
    if let Some(role) = deadline.losers.iter().find(is_it) {
        let id = trade.id;
        answers::tell_law(desk, id, &Command::Warned { until: deadline.until, role: *role });
    }
}

/// Mixin would not take a message: it may be that one.
pub(super) fn refused(desk: &mut Desk<'_>, job: &JobRow) {
    let Some(trade) = job.trade.and_then(|id| desk.found.trades.get(&id)) else { return };
    let is_it = |role: &Role| warning(desk, trade, *role) == Some(job.id);
    let role = [Role::Buyer, Role::Seller].into_iter().filter(|role| trade.unwarned(*role).is_some()).find(is_it);
    if let Some((role, deadline)) = role.and_then(|role| Some((role, trade.unwarned(role)?))) {
        let id = trade.id;
        answers::tell_law(desk, id, &Command::Unwarned { until: deadline.until, role });
    }
}

/// Somebody wrote, so they can be written to: what they must hear before time takes anything from them, and Mixin would
/// not take, is said again now.
pub(super) fn reached(desk: &mut Desk<'_>, person: UserId) {
    let again: Vec<JobId> = {
        let unwarned = |trade: &&Trade| trade.role_of(person).is_some_and(|role| trade.unwarned(role).is_some());
        let theirs = desk.found.trades.values().filter(unwarned);
        theirs.filter_map(|trade| warning(desk, trade, trade.role_of(person)?)).collect()
    };
    let now = desk.now;
    desk.changes.retried.extend(again.into_iter().map(|job| (job, now)));
}

/// The message that says it to one of them, as it would be queued now.
pub(super) fn warning(desk: &Desk<'_>, trade: &Trade, role: Role) -> Option<JobId> {
    Some(pages::first_of(desk, trade, trade.person(role)?, Notice::TimeUp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trade::clock::Said;
    use crate::trade::tests::scene::{BUYER, Scene};
    use crate::trade::{Problem, State};

    const SECOND: i64 = 1_000;
    const HOUR: i64 = 3_600 * SECOND;

    fn later(moment: Millis, length: i64) -> Millis {
        moment.plus(Millis(length))
    }

    /// Delivered, the time to check is over, and the buyer heard it.
    fn over() -> (Trade, Millis) {
        let mut trade = Scene::delivered().trade;
        let State::Delivered { until } = trade.state else { panic!("{:?}", trade.state) };
        trade.said = Some(Said { to_buyer: true, ..Said::new(until, Millis(0)) });
        (trade, until)
    }

    #[test]
    fn a_right_needs_the_backlog_the_vault_and_the_warning() {
        let clock = ServiceClock::default();
        let (trade, until) = over();
        let (at, after) = (until, later(until, 1));
        let proof = |trade: &Trade, drained, looked| proved(trade, &clock, drained, looked);
        assert_eq!(proof(&trade, Some(after), after), Some(until));
        for drained in [None, Some(later(until, -1)), Some(at)] {
            assert_eq!(proof(&trade, drained, after), None, "something said in time may still come: {drained:?}");
        }
        for looked in [later(until, -1), at] {
            assert_eq!(proof(&trade, Some(after), looked), None, "the vault was read too early");
        }
        let said = trade.said.unwrap();
        for said in [
            None,
            Some(Said { to_buyer: false, ..said }),
            // Only the one who gains by it.
            Some(Said { to_buyer: false, to_seller: true, ..said }),
            // What was taken is a reminder.
            Some(Said { left: Millis(1), ..said }),
            // Of another deadline.
            Some(Said { until: later(until, -1), ..said }),
        ] {
            assert_eq!(proof(&Trade { said, ..trade.clone() }, Some(after), after), None);
        }
        assert_eq!(proof(&Trade { behind: true, ..trade.clone() }, Some(after), after), None);
        assert_eq!(proof(&Trade { frozen: Some("odd".into()), ..trade.clone() }, Some(after), after), None);
        let mut disputed = Scene::delivered();
        disputed.tell(&Command::Dispute { by: BUYER, why: Problem::Other }).unwrap();
        assert_eq!(proof(&Trade { said: trade.said, ..disputed.trade }, Some(after), after), None);
        let taken = trade::Right::InspectionElapsed;
        assert_eq!(proof(&Trade { right: Some(taken), ..trade }, Some(after), after), None, "once");
    }

    /// What was said in a time without a connection counts as said at its start.
    #[test]
    fn the_backlog_is_counted_in_service_time() {
        let (trade, until) = over();
        let (start, stop) = (later(until, -HOUR), later(until, HOUR));
        let clock = ServiceClock { spans: vec![(start, stop)], ..ServiceClock::default() };
        let looked = later(until, SECOND);
        let proof = |drained| proved(&trade, &clock, Some(drained), looked);
        assert_eq!(proof(later(until, SECOND)), None, "of the server's clock, but not of the trade's");
        assert_eq!(proof(later(until, 2 * HOUR)), None);
        assert_eq!(proof(later(until, 2 * HOUR + 1)), Some(until));
    }

    /// A ruling that waits is final only after the same, but for a warning: both were told until when it can be stopped.
    #[test]
    fn a_ruling_that_stood_needs_the_backlog_and_the_vault() {
        use crate::trade::case::{CaseCommand, Stage};
        let clock = ServiceClock::default();
        let mut terms =
            crate::trade::tests::scene::terms(trade::Counterparty::Named(crate::trade::tests::scene::SELLER));
        terms.ruling_delay = Millis(HOUR);
        let mut scene = Scene::of(terms);
        scene.accept(crate::trade::tests::scene::SELLER).unwrap();
        scene.pay(crate::trade::tests::scene::paid(crate::trade::tests::scene::DUE));
        scene.look();
        let by = crate::trade::tests::scene::JUDGE;
        let ruling = trade::Ruling::Release;
        scene.tell(&Command::Dispute { by: BUYER, why: Problem::Other }).unwrap();
        scene.tell(&Command::Case(CaseCommand::Take { by })).unwrap();
        scene.tell(&Command::Case(CaseCommand::Rule { by, ruling, why: "so".into() })).unwrap();
        let Stage::Stands { until, .. } = scene.trade.case.as_ref().unwrap().stage else { panic!("it does not stand") };
        // Its end is noticed, and nobody need hear of it.
        scene.now = until;
        scene.look();
        let after = later(until, 1);
        let proof = |trade: &Trade, drained, looked| proved(trade, &clock, drained, looked);
        assert_eq!(proof(&scene.trade, Some(after), after), Some(until));
        assert_eq!(proof(&scene.trade, None, after), None, "somebody may have stopped it in time");
        assert_eq!(proof(&scene.trade, Some(until), after), None);
        assert_eq!(proof(&scene.trade, Some(after), until), None, "the vault was read too early");
        let behind = Trade { behind: true, ..scene.trade };
        assert_eq!(proof(&behind, Some(after), after), None);
    }

    use crate::trade;
}
