//! What people agree to about money that is there: a split of it, less than was due, whose it is, and more time.

use super::{Asked, bind, command, refused, say_lines, show};
use crate::chat::say::Line;
use crate::chat::{Act, Binding, Dialog, cards, part, span};
use crate::engine::desk::Desk;
use crate::id::TradeId;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::{Command, Refusal};

/// What the seller shall get is asked first; what is offered is shown before it is, by a token bound to these amounts.
pub(super) fn split(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, part: &str, token: Option<&str>) {
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let price = row.price();
    if part.is_empty() {
        // Whoever may offer none hears that first.
        let some = Command::OfferSplit { by: asked.by, seller: price.half_floor() };
        if let Err(refusal) = crate::trade::decide(row, &some, desk.context(asked.at)) {
            return refused(desk, asked, trade, refusal);
        }
        // A draft in the making is not lost for it.
        let code = row.code.clone();
        let dialog = &mut desk.person_mut(asked.by).dialog;
        if matches!(dialog, Dialog::Idle | Dialog::Split { .. }) {
            *dialog = Dialog::Split { code };
        }
        return show(desk, asked, trade, |view| cards::ask_split(view, None));
    }
    match part::read(part, price, &row.terms.asset) {
        Err(problem) => show(desk, asked, trade, |view| cards::ask_split(view, Some(problem))),
        Ok(seller) => {
            let offer = Command::OfferSplit { by: asked.by, seller };
            if bind(desk, asked, trade, token, Binding::Split { seller }, &offer)
                && let dialog @ Dialog::Split { .. } = &mut desk.person_mut(asked.by).dialog
            {
                *dialog = Dialog::Idle;
            }
        }
    }
}

/// The seller takes what was paid in as the whole, by a token bound to the sum.
pub(super) fn take(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, token: Option<&str>) {
    let inputs = desk.found.trades.get(&trade).and_then(|row| row.short_inputs(desk.shop.house.short_ok_bp));
    // Where nothing can be taken the law says why.
    let paid = Amount::sum(inputs.iter().flatten().map(|input| input.amount)).unwrap_or_default();
    let command = Command::TakeShort { by: asked.by, paid };
    bind(desk, asked, trade, token, Binding::TakeShort { paid }, &command);
}

/// Their word on the deposit that their trade is asked about.
pub(super) fn claimed(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, act: &Act) {
    let claim = desk.found.trades.get(&trade).and_then(|trade| trade.claim.as_ref());
    let Some(output) = claim.map(|claim| claim.seen.output_id) else {
        return refused(desk, asked, trade, Refusal::TooLate);
    };
    let by = asked.by;
    match act {
        Act::AgreeClaim { token, .. } => {
            let agrees = Command::AgreeClaim { by, output };
            bind(desk, asked, trade, token.as_deref(), Binding::Claim, &agrees);
        }
        _ => command(desk, asked, trade, &Command::RefuseClaim { by, output }),
    }
}

/// More time for the other, by a token: it may take back a right that time has given.
pub(super) fn extend(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, more: &str, token: Option<&str>) {
    if let Some(more) = span::read(more) {
        let extend = Command::Extend { by: asked.by, more };
        bind(desk, asked, trade, token, Binding::Extend { more }, &extend);
        return;
    }
    let Some(row) = desk.found.trades.get(&trade) else { return };
    // Whoever may give none hears that first.
    let some = Command::Extend { by: asked.by, more: Millis::from_hours(1) };
    match crate::trade::decide(row, &some, desk.context(asked.at)) {
        Ok(_) => show(desk, asked, trade, cards::ask_time),
        Err(refusal) => refused(desk, asked, trade, refusal),
    }
}

/// Whoever was shown an invitation can let it be; only a named or joined person's no reaches the proposer.
pub(super) fn decline(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId) {
    let stranger = desk.found.trades.get(&trade).is_some_and(|trade| trade.role_of(asked.by).is_none());
    if stranger {
        return say_lines(desk, asked, &[Line::Declined]);
    }
    command(desk, asked, trade, &Command::Decline { by: asked.by });
}
