//! Less was paid in than is due: the seller may take it as the whole, and from then on a lower price is settled.

use crate::chat::cards::{Page, overview};
use crate::chat::say::short::ShortLine;
use crate::chat::say::{Label, Line, Title};
use crate::chat::{Binding, Button, Colour, Post, View};
use crate::money::Amount;
use crate::trade::plan::{Kind, Plan};
use crate::trade::{Role, Trade, payout};

/// What was paid in and may be taken as the whole, the price that it covers, and the seller's part of it.
struct Offer {
    paid: Amount,
    price: Amount,
    gets: Amount,
}

impl Offer {
    fn of(view: &View<'_>) -> Option<Self> {
        let inputs = view.trade.short_inputs(view.house.short_ok_bp).filter(|_| !view.is_stopped())?;
        let paid = Amount::sum(inputs.iter().map(|input| input.amount))?;
        let terms = &view.trade.terms;
        let price = payout::affordable(terms.price, &terms.fee, paid);
        let gets = payout::shares(price, &terms.fee, paid)?.seller;
        (!gets.is_zero()).then_some(Self { paid, price, gets })
    }

    fn line(&self, view: &View<'_>) -> Line {
        let (paid, price, gets) = (view.money(self.paid), view.money(self.price), view.money(self.gets));
        Line::AsWhole(ShortLine::MayTake { paid, price, gets })
    }

    fn button(&self, view: &View<'_>) -> Button {
        view.binds(&Label::TakeShort, Colour::Go, Binding::TakeShort { paid: self.paid })
    }
}

/// That it may be taken, for either side.
pub(super) fn line(view: &View<'_>, role: Role) -> Option<Line> {
    let offer = Offer::of(view)?;
    Some(match role {
        Role::Seller => offer.line(view),
        Role::Buyer => {
            let (seller, paid) = (view.side(Role::Seller), view.money(offer.paid));
            Line::AsWhole(ShortLine::MayBeTaken { seller, paid })
        }
    })
}

/// To take it, by a token that is bound to the sum.
pub(super) fn button(view: &View<'_>) -> Option<Button> {
    Offer::of(view).map(|offer| offer.button(view))
}

/// Asked once more, with what it means.
pub(super) fn sure(view: &View<'_>, note: &Line) -> Vec<Post> {
    let Some(offer) = Offer::of(view) else { return overview::status(view) };
    let page = Page::about(view, Title::Sure).lines([&offer.line(view), note]);
    page.button(offer.button(view)).button(view.status_button()).posts()
}

/// What was first frozen, when that was less than due: the seller took it as the whole.
pub(super) fn taken(trade: &Trade) -> Option<Amount> {
    let first = trade.plans.iter().find(|plan| plan.kind == Kind::Release).map(Plan::total)?;
    (first < trade.due()).then_some(first)
}

/// The price that is settled, where it is not the agreed one.
pub(super) fn settles(view: &View<'_>) -> Option<Line> {
    let (trade, agreed) = (view.trade, view.trade.terms.price);
    let price = Some(trade.price()).filter(|price| trade.state.is_open() && *price < agreed)?;
    let locked = Amount::sum(trade.frozen_inputs().iter().map(|input| input.amount));
    let (price, agreed) = (view.money(price), view.money(agreed));
    Some(Line::AsWhole(match taken(trade).filter(|paid| locked == Some(*paid)) {
        Some(paid) => {
            let seller = view.side(Role::Seller);
            ShortLine::Taken { seller, paid: view.money(paid), price, agreed }
        }
        None => ShortLine::Left { price, agreed },
    }))
}
