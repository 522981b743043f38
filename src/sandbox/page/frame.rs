//! What every page of the face stands in: the frame, the way between the pages, and two phones on a desk.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};

use super::super::world::World;
use crate::html::{Framed, Page};

/// Style sheets of the face.
const STYLES: &[&str] = &["/assets/page.css"];

pub(super) fn page(title: &str) -> Page<'_> {
    Page { title, lang: "en", styles: STYLES, live: true, framed: Framed::Here }
}

/// The pages there are, the present one marked.
pub(super) fn ways(here: &str) -> Markup {
    let ways = [
        ("/", "Phones"),
        ("/page/behind/wallets", "Wallets"),
        ("/page/behind/ledger", "Ledger"),
        ("/page/behind/bot", "Bot"),
        ("/page/behind/faults", "Faults and clock"),
    ];
    html! {
        nav.ways aria-label="Sandbox" {
            @for (to, name) in ways { a href=(to) aria-current=[(to == here).then_some("page")] { (name) } }
        }
    }
}

/// There is no such page.
pub(super) fn nowhere() -> Response<Bytes> {
    let body = html! {
        (ways(""))
        main.behind { div.card.stack { h1 { "There is nothing here" } p { a href="/" { "To the phones" } } } }
    };
    Page { live: false, ..page("Nothing here") }.answer(StatusCode::NOT_FOUND, &body)
}

impl World {
    /// Two phones side by side; each is a page of its own, with its own way through it.
    pub(super) fn desk(&self) -> Response<Bytes> {
        let name = |role: &str| self.people.named(role).map_or("", |person| person.name.as_str()).to_owned();
        let body = html! {
            (ways("/"))
            main.desk {
                h1.hidden { "Two phones" }
                @for role in ["buyer", "seller"] {
                    iframe src=(format!("/page/phone/{role}/bot")) title=(format!("{}'s phone", name(role))) loading="lazy" {}
                }
            }
        };
        Page { live: false, ..page("Sandbox") }.answer(StatusCode::OK, &body)
    }
}
