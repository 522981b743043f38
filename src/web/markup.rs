//! The trade's page as HTML. Everything that people wrote is escaped by the macro; the one ready-made piece is the
//! picture of a link of ours.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, PreEscaped, html};

use crate::chat::cards::{KitPart, Piece, Signing, TradePage, Way};
use crate::chat::say::page::{Heading, PageLine};
use crate::chat::say::{self, Lang, Line};
use crate::chat::{Colour, qr};
use crate::html::{Framed, Page};

/// The style of these pages.
pub(super) const STYLE: &str = "/assets/trade.css";

/// The page; `kit` is the address of the recovery kit.
pub(super) fn trade(page: &TradePage, kit: &str) -> Response<Bytes> {
    let heading = |heading| own(page.lang, PageLine::Heading(heading));
    let body = html! {
        header.top {
            p.soft #head { (page.head) }
            h1 { (page.title) }
            ul.parties.small { @for line in &page.parties { li { (line) } } }
        }
        main.columns {
            div.stack {
                section.card.stack aria-labelledby="next" {
                    h2 #next { (heading(Heading::Next)) }
                    @for step in &page.steps { p.step { (step) } }
                    (ways(ACTS, &page.acts))
                    @if !page.facts.is_empty() {
                        dl.facts { @for (name, words) in &page.facts { dt { (name) } dd { (words) } } }
                    }
                    (picture(page))
                }
                (signing(page))
                section.card.stack aria-labelledby="amounts" {
                    h2 #amounts { (heading(Heading::Amounts)) }
                    dl.amounts {
                        @for (name, money) in &page.amounts {
                            div {
                                dt { (name) }
                                dd.number data-amount=(money.amount) data-asset=(money.symbol) { (money) }
                            }
                        }
                    }
                }
                @if !page.evidence.is_empty() {
                    section.card.stack aria-labelledby="evidence" {
                        h2 #evidence { (heading(Heading::Evidence)) }
                        ul.small { @for line in &page.evidence { li { (line) } } }
                    }
                }
                section.card.stack.careful aria-labelledby="mind" {
                    h2 #mind { (heading(Heading::Mind)) }
                    @for line in &page.mind { p.small { (line) } }
                }
            }
            div.stack {
                section.card.stack aria-labelledby="history" {
                    h2 #history { (heading(Heading::History)) }
                    ol.history {
                        @for entry in &page.history {
                            li {
                                time.small.soft datetime=(entry.at.to_rfc3339()) { (entry.date) }
                                p { (entry.words) }
                            }
                        }
                    }
                }
                @if let Some(part) = &page.kit { (kit_part(&heading(Heading::Kit), part, kit)) }
            }
        }
    };
    frame(&page.window, page.lang, true).answer(StatusCode::OK, &body)
}

/// The address is no page's, whatever is wrong with it.
pub(super) fn nowhere(lang: Lang) -> Response<Bytes> {
    notice(lang, StatusCode::NOT_FOUND, false, PageLine::Nowhere, PageLine::NowhereHow)
}

/// The page cannot be drawn now; it comes by itself when it can.
pub(super) fn unwell(lang: Lang) -> Response<Bytes> {
    notice(lang, StatusCode::SERVICE_UNAVAILABLE, true, PageLine::Unwell, PageLine::UnwellHow)
}

fn notice(lang: Lang, status: StatusCode, live: bool, title: PageLine, how: PageLine) -> Response<Bytes> {
    let title = own(lang, title);
    let body = html! { main.notice.card.stack { h1 { (title) } p { (own(lang, how)) } } };
    frame(&title, lang, live).answer(status, &body)
}

const fn frame(title: &str, lang: Lang, live: bool) -> Page<'_> {
    Page { title, lang: lang.tag(), styles: &[STYLE], live, framed: Framed::Nowhere }
}

fn own(lang: Lang, line: PageLine) -> String {
    say::words(lang, &Line::Page(line))
}

/// The part of the page with what can be done apart from signing.
const ACTS: &str = "act";

fn ways(part: &str, ways: &[Way]) -> Markup {
    // What goes on is the main thing to do, unless money is to be moved or a signature given.
    let leads = part == ACTS && ways.iter().all(|way| way.colour != Colour::Money);
    html! {
        @if !ways.is_empty() {
            div.ways {
                @for way in ways {
                    @let look = if leads && way.colour == Colour::Go { "primary" } else { look(way.colour) };
                    a.button.(look) id={ (part) "-" (mark(&way.label)) } href=(way.link) { (way.label) }
                }
            }
        }
    }
}

const fn look(colour: Colour) -> &'static str {
    match colour {
        Colour::Money => "primary",
        Colour::Go => "go",
        Colour::Stop => "danger",
        Colour::Plain => "plain",
    }
}

/// The same for the same label, so that a button stays itself when others come and go.
fn mark(label: &str) -> String {
    blake3::hash(label.as_bytes()).to_hex().chars().take(8).collect()
}

fn picture(page: &TradePage) -> Markup {
    let drawn = page.qr.as_ref().and_then(|(link, caption, shows)| Some((qr::svg(link)?, caption, shows)));
    html! {
        @if let Some((svg, caption, shows)) = drawn {
            figure.qr {
                div role="img" aria-label=(shows) { (PreEscaped(svg)) }
                figcaption.small.soft { (caption) }
            }
        }
    }
}

fn signing(page: &TradePage) -> Markup {
    let words = |part: &Signing| html! { @for line in &part.lines { p.step { (line) } } };
    html! {
        @for (nth, part) in page.signing.iter().enumerate() {
            @let id = format!("sign{nth}");
            @if part.comes_next {
                section.card.stack aria-labelledby=(id) {
                    h2 id=(id) { (own(page.lang, PageLine::Heading(Heading::Signing))) ": " (part.title) }
                    (words(part))
                    (ways(&id, &part.ways))
                }
            } @else {
                details.card id=(id) {
                    summary { h2 { (part.title) } span.small.soft { (part.note) } }
                    div.stack { (words(part)) (ways(&id, &part.ways)) }
                }
            }
        }
    }
}

fn kit_part(heading: &str, part: &KitPart, address: &str) -> Markup {
    html! {
        details.card #kit {
            summary { h2 { (heading) } }
            div.stack {
                @for (nth, piece) in part.pieces.iter().enumerate() {
                    @match piece {
                        Piece::Words(words) => p.small { (words) },
                        Piece::Link(link) => p.small { a id={ "kit-" (nth) } href=(link) { (link) } },
                    }
                }
                div.ways { a.button #kit-file href=(address) download { (part.download) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_drawn_now_comes_by_itself() {
        let live = |page: Response<Bytes>| String::from_utf8_lossy(page.body()).contains("<body data-live>");
        assert!(live(unwell(Lang::default())) && !live(nowhere(Lang::default())));
    }
}
