//! Evidence as people and judges see it: numbered, dated, by whom; nothing opens by itself, and no word of anybody's
//! stands outside quotation marks.

use crate::chat::cards::problem::{line, list_button};
use crate::chat::cards::{BUTTONS_MAX, Page, say_button};
use crate::chat::commands::{Typed, Word};
use crate::chat::say::problem::{ProblemLabel, ProblemLine, What};
use crate::chat::say::{self, Label, Line, Title};
use crate::chat::{Button, Colour, Post, View, text};
use crate::trade::Role;
use crate::trade::evidence::{Content, Exhibit};

/// Characters of one message of a long text: what is longer would be sent as Markdown.
const PIECE: usize = 3_000;
/// Exhibits listed in one message.
const LISTED: usize = 40;
/// Endings that say nothing worse than the kind does.
const ENDINGS: [(&str, &str); 12] = [
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("video/mp4", "mp4"),
    ("audio/ogg", "ogg"),
    ("audio/mpeg", "mp3"),
    ("application/pdf", "pdf"),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("application/json", "json"),
    ("application/zip", "zip"),
];

pub(super) const fn what(exhibit: &Exhibit) -> What {
    What { kind: exhibit.sent.kind, size: exhibit.sent.size }
}

/// How much there is of each; `None`: there is none.
pub(super) fn count(view: &View<'_>) -> Option<Line> {
    let of = [Role::Buyer, Role::Seller].into_iter().filter_map(|role| {
        let count = view.trade.exhibits_of(view.trade.person(role)?).count();
        (count > 0).then(|| (view.side(role), count))
    });
    let of: Vec<_> = of.collect();
    (!of.is_empty()).then(|| line(ProblemLine::Count { of }))
}

/// Every exhibit in a line: number, what, by whom, when. For cards of cases, and pages.
#[must_use]
pub fn exhibits(view: &View<'_>) -> Vec<Line> {
    let listed = view.trade.exhibits.iter().map(|exhibit| {
        let by = view.who(exhibit.by);
        line(ProblemLine::Exhibit { no: exhibit.no, by, date: exhibit.sent.at, what: what(exhibit) })
    });
    listed.collect()
}

/// The list, and how to see one.
#[must_use]
pub fn list(view: &View<'_>) -> Vec<Post> {
    let all = exhibits(view);
    if all.is_empty() {
        return Page::about(view, Title::Disputed)
            .line(&line(ProblemLine::None))
            .buttons(super::problem::buttons(view))
            .button(view.status_button())
            .posts();
    }
    let (last, before) = match all.chunks(LISTED).collect::<Vec<_>>().split_last() {
        Some((last, before)) => (last.to_vec(), before.iter().map(|part| part.to_vec()).collect::<Vec<_>>()),
        None => (Vec::new(), Vec::new()),
    };
    let parts = before.iter().flat_map(|part| Page::about(view, Title::Disputed).lines(part).posts());
    let mut buttons = super::problem::buttons(view);
    // It is what they read now.
    buttons.retain(|button| button.label != say::label(view.lang, &Label::Problem(ProblemLabel::List)));
    buttons.push(view.status_button());
    let room = BUTTONS_MAX.saturating_sub(buttons.len());
    let end = Page::about(view, Title::Disputed)
        .lines(&last)
        .line(&line(ProblemLine::HowToSee))
        .buttons(view.trade.exhibits.iter().take(room).map(|exhibit| one_button(view, exhibit.no)))
        .buttons(buttons);
    parts.chain(end.posts()).collect()
}

/// Shows one of them.
fn one_button(view: &View<'_>, no: u32) -> Button {
    let typed = Typed { words: no.to_string(), ..Typed::about(Word::Exhibit, &view.trade.code) };
    say_button(view.lang, &Label::Problem(ProblemLabel::One(no)), Colour::Go, &typed)
}

/// There is none with this number; or what was written is no number.
#[must_use]
pub fn no_such(view: &View<'_>, no: Option<u32>) -> Vec<Post> {
    match no {
        Some(no) => Page::about(view, Title::Disputed)
            .lines([&line(ProblemLine::NoSuch { no }), &line(ProblemLine::HowToSee)])
            .button(view.status_button())
            .posts(),
        None => list(view),
    }
}

/// One exhibit, passed on: a text in quotation marks, a file as the same attachment behind a warning. `content`: what is
/// kept of it; `None`: it is lost. Below it, the way to the next one and back.
#[must_use]
pub fn shown(view: &View<'_>, exhibit: &Exhibit, content: Option<Content>) -> Vec<Post> {
    let date = exhibit.sent.at;
    let entry = ProblemLine::Exhibit { no: exhibit.no, by: view.who(exhibit.by), date, what: what(exhibit) };
    let note = match &content {
        Some(Content::Text(_)) => ProblemLine::TheirWords,
        Some(Content::File(_) | Content::Contact(_)) => ProblemLine::TheirFile,
        None => ProblemLine::Lost,
    };
    let head = Page::about(view, Title::Disputed).lines([&line(entry), &line(note)]);
    let rest = match content {
        None => Vec::new(),
        Some(Content::Contact(person)) => vec![Post::Contact(person)],
        Some(Content::File(file)) => {
            let name = file_name(exhibit, &file.mime);
            vec![Post::File { kind: exhibit.sent.kind, name, size: exhibit.sent.size, file }]
        }
        Some(Content::Text(words)) => pieces(view, exhibit.no, &words),
    };
    let next = view.trade.exhibits.iter().map(|other| other.no).find(|no| *no > exhibit.no);
    let ways = next.map(|no| one_button(view, no)).into_iter().chain(list_button(view)).chain([view.status_button()]);
    head.posts().into_iter().chain(rest).chain([Post::Buttons(ways.collect())]).collect()
}

/// Its number and kind, and nothing of what its sender called it.
fn file_name(exhibit: &Exhibit, mime: &str) -> String {
    let ending = ENDINGS.iter().find(|(known, _)| *known == mime).map(|(_, ending)| *ending);
    match ending {
        Some(ending) => format!("exhibit-{}.{ending}", exhibit.no),
        None => format!("exhibit-{}", exhibit.no),
    }
}

/// A text of somebody's, every line of it quoted, in as many messages as it takes; each begins with a line of ours.
fn pieces(view: &View<'_>, no: u32, words: &str) -> Vec<Post> {
    let mut pieces: Vec<String> = vec![String::new()];
    for quoted in text::quoted_lines(words) {
        let quoted = format!("“{quoted}”");
        match pieces.last_mut() {
            Some(piece) if piece.chars().count().saturating_add(quoted.chars().count()) < PIECE => {
                piece.push('\n');
                piece.push_str(&quoted);
            }
            _ => pieces.push(format!("\n{quoted}")),
        }
    }
    let of = pieces.len();
    let said = |(nth, piece): (usize, String)| {
        let line = line(ProblemLine::Piece { code: view.trade.code.clone(), no, piece: nth.saturating_add(1), of });
        Post::Text(format!("{}{piece}", say::words(view.lang, &line)))
    };
    pieces.into_iter().enumerate().map(said).collect()
}
