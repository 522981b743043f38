//! Posts: Markdown as a tree of our own, drawn with our own tags. Raw HTML is text, a picture is its description, a
//! link is what it is in any text, and nesting ends where nobody could read it any more.

use maud::{Markup, html};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

use super::text::{Ids, linked, opens, tappable};

/// Boxes within boxes; deeper ones are drawn where they stand. Bounds the recursion too.
const DEPTH_MAX: usize = 12;
/// What is seen of a post before it is opened.
const PREVIEW_CHARS: usize = 120;

#[derive(Debug)]
enum Piece {
    Text(String),
    Code(String),
    Break,
    Rule,
    Within(Kind, Vec<Piece>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Nothing of its own: what is too deep, and what has no look here.
    Plain,
    Paragraph,
    Heading(HeadingLevel),
    Quote,
    CodeBlock,
    /// With its first number, when it has numbers.
    List(Option<u64>),
    Item,
    Emphasis,
    Strong,
    Strike,
    Link(String),
    Table,
    Row,
    Cell,
}

/// A post, read.
pub(super) struct Post(Vec<Piece>);

impl Post {
    pub(super) fn read(text: &str) -> Self {
        let mut open: Vec<(Kind, Vec<Piece>)> = vec![(Kind::Plain, Vec::new())];
        let mut too_deep = 0_usize;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            let piece = match event {
                Event::Start(_) if open.len() > DEPTH_MAX => {
                    too_deep += 1;
                    continue;
                }
                Event::Start(tag) => {
                    open.push((kind(tag), Vec::new()));
                    continue;
                }
                Event::End(_) if too_deep > 0 => {
                    too_deep -= 1;
                    continue;
                }
                Event::End(_) => match open.pop() {
                    Some((kind, inside)) => Piece::Within(kind, inside),
                    None => continue,
                },
                Event::Code(code) => Piece::Code(code.into_string()),
                Event::SoftBreak | Event::HardBreak => Piece::Break,
                Event::Rule => Piece::Rule,
                Event::Text(text)
                | Event::Html(text)
                | Event::InlineHtml(text)
                | Event::InlineMath(text)
                | Event::DisplayMath(text)
                | Event::FootnoteReference(text) => Piece::Text(text.into_string()),
                Event::TaskListMarker(done) => Piece::Text(if done { "☑ " } else { "☐ " }.into()),
            };
            if let Some((_, inside)) = open.last_mut() {
                append(inside, piece);
            }
        }
        Self(open.into_iter().flat_map(|(_, inside)| inside).collect())
    }

    /// The whole of it.
    pub(super) fn whole(&self, ids: &mut Ids) -> Markup {
        Drawing { top: self.top_heading(), ids, linked: true }.pieces(&self.0)
    }

    /// Its beginning, without anything to tap and without code.
    pub(super) fn preview(&self) -> Markup {
        let mut left = PREVIEW_CHARS;
        let shown = self.0.iter().take_while(|piece| {
            let fits = left > 0 && !matches!(piece, Piece::Within(Kind::CodeBlock | Kind::Table, _));
            left = left.saturating_sub(length(piece));
            fits
        });
        let mut drawing = Drawing { top: self.top_heading(), ids: &mut Ids::new("v"), linked: false };
        html! { @for piece in shown { (drawing.piece(piece)) } }
    }

    fn top_heading(&self) -> HeadingLevel {
        let level = |piece: &Piece| match piece {
            Piece::Within(Kind::Heading(level), _) => Some(*level),
            _ => None,
        };
        self.0.iter().filter_map(level).min().unwrap_or(HeadingLevel::H1)
    }
}

/// Puts a piece behind others; texts that were cut apart become one again, or a link in them would not be seen.
fn append(to: &mut Vec<Piece>, piece: Piece) {
    match (to.last_mut(), piece) {
        (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
        (_, piece) => to.push(piece),
    }
}

fn length(piece: &Piece) -> usize {
    match piece {
        Piece::Text(text) | Piece::Code(text) => text.chars().count(),
        Piece::Break | Piece::Rule => 1,
        Piece::Within(_, inside) => inside.iter().map(length).sum(),
    }
}

fn kind(tag: Tag<'_>) -> Kind {
    match tag {
        Tag::Paragraph | Tag::HtmlBlock => Kind::Paragraph,
        Tag::Heading { level, .. } => Kind::Heading(level),
        Tag::BlockQuote(_) => Kind::Quote,
        Tag::CodeBlock(_) => Kind::CodeBlock,
        Tag::List(first) => Kind::List(first),
        Tag::Item => Kind::Item,
        Tag::Emphasis => Kind::Emphasis,
        Tag::Strong => Kind::Strong,
        Tag::Strikethrough => Kind::Strike,
        Tag::Link { dest_url, .. } => Kind::Link(dest_url.into_string()),
        Tag::Table(_) => Kind::Table,
        Tag::TableHead | Tag::TableRow => Kind::Row,
        Tag::TableCell => Kind::Cell,
        _ => Kind::Plain,
    }
}

struct Drawing<'a> {
    /// The level that becomes an h2, right below the chat's name; all others are h3, so none is skipped.
    top: HeadingLevel,
    ids: &'a mut Ids,
    /// Links can be tapped; not inside another link, nor in a preview.
    linked: bool,
}

impl Drawing<'_> {
    fn pieces(&mut self, pieces: &[Piece]) -> Markup {
        html! { @for piece in pieces { (self.piece(piece)) } }
    }

    fn piece(&mut self, piece: &Piece) -> Markup {
        match piece {
            Piece::Text(text) if self.linked => linked(text, self.ids),
            Piece::Text(text) => html! { (text) },
            Piece::Code(code) => html! { code { (code) } },
            Piece::Break => html! { br; },
            Piece::Rule => html! { hr; },
            Piece::Within(Kind::Link(link), inside) => self.link(link, inside),
            Piece::Within(kind, inside) => {
                let inside = self.pieces(inside);
                self.within(kind, &inside)
            }
        }
    }

    fn within(&self, kind: &Kind, inside: &Markup) -> Markup {
        match kind {
            Kind::Plain | Kind::Link(_) => html! { (inside) },
            Kind::Paragraph => html! { p { (inside) } },
            Kind::Heading(level) if *level == self.top => html! { h2 { (inside) } },
            Kind::Heading(_) => html! { h3 { (inside) } },
            Kind::Quote => html! { blockquote { (inside) } },
            Kind::CodeBlock => html! { pre tabindex="0" role="region" aria-label="Code" { code { (inside) } } },
            Kind::List(None) => html! { ul { (inside) } },
            Kind::List(Some(first)) => html! { ol start=(first) { (inside) } },
            Kind::Item => html! { li { (inside) } },
            Kind::Emphasis => html! { em { (inside) } },
            Kind::Strong => html! { strong { (inside) } },
            Kind::Strike => html! { s { (inside) } },
            Kind::Table => html! { table { tbody { (inside) } } },
            Kind::Row => html! { tr { (inside) } },
            Kind::Cell => html! { td { (inside) } },
        }
    }

    fn link(&mut self, link: &str, inside: &[Piece]) -> Markup {
        if !self.linked || !opens(link) || self.ids.full() {
            return self.pieces(inside);
        }
        self.linked = false;
        let shown = self.pieces(inside);
        self.linked = true;
        tappable(link, &shown, self.ids)
    }
}
