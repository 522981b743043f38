//! Texts people and bots wrote: everything escaped, and what a phone would open made a button of the form `open`.
//! A link never becomes an address of the page's own: whoever taps it asks the phone, which decides.

use maud::{Markup, html};

use super::super::super::links::{self, Link};

/// Marks at the end of a link that belong to the sentence around it.
const TRAILING: &[char] = &[
    '.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '"', '*', '。', '，', '、', '；', '：', '！', '？', '）', '」',
    '』', '】', '》',
];

/// What a link in a text begins with.
const SCHEMES: [&str; 3] = ["https", "http", "mixin"];
/// Longest link that is found in a text, in bytes, and most links of one message: whoever writes must not decide how
/// long a page takes to draw.
const LINK_MAX: usize = 2_048;
const LINKS_MAX: usize = 50;

/// Stable ids for the links of one message: the message's own and a count.
pub(super) struct Ids {
    prefix: String,
    next: usize,
}

impl Ids {
    pub(super) fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), next: 0 }
    }

    /// Whether the message has as many links as it may.
    pub(super) const fn full(&self) -> bool {
        self.next >= LINKS_MAX
    }

    fn take(&mut self) -> String {
        self.next += 1;
        format!("{}-{}", self.prefix, self.next)
    }
}

/// Whether a phone would open it from a text; `input:` works in buttons alone.
pub(super) fn opens(link: &str) -> bool {
    links::read(link).is_ok_and(|link| !matches!(link, Link::Input(_)))
}

/// Whether a link leaves the chat for a page of somebody's; such ones carry an arrow.
pub(super) fn leaves(link: &str) -> bool {
    matches!(links::read(link), Ok(Link::Web(_) | Link::MixPay(_)))
}

/// The arrow of a link that leaves; never a part of its name.
pub(super) fn arrow() -> Markup {
    html! { span.arrow aria-hidden="true" { "↗" } }
}

/// Something tappable that opens `link`, which must be one that [`opens`].
pub(super) fn tappable(link: &str, shown: &Markup, ids: &mut Ids) -> Markup {
    html! { button.link form="open" name="link" value=(link) title=(link) id=(ids.take()) { (shown) } }
}

/// A text with its links.
pub(super) fn linked(text: &str, ids: &mut Ids) -> Markup {
    let mut rest = text;
    let mut parts: Vec<(&str, Markup)> = Vec::new();
    while !ids.full()
        && let Some((before, link, after)) = next_link(rest)
    {
        parts.push((before, tappable(link, &html! { (link) }, ids)));
        rest = after;
    }
    html! { @for (before, link) in parts { (before) (link) } (rest) }
}

/// The first link that opens: what stands before it, itself, what follows. What turns out to be no link is passed by as
/// a whole, so that no byte is looked at again and again.
fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let (before, _) = text.get(from..)?.split_once("://")?;
        let colon = from + before.len();
        let Some(scheme) = SCHEMES.into_iter().find(|scheme| before.ends_with(scheme)) else {
            from = colon + "://".len();
            continue;
        };
        let start = colon - scheme.len();
        let candidate = text.get(start..)?;
        let end = candidate.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"`".contains(c));
        let candidate = candidate.get(..end.unwrap_or(candidate.len()))?;
        let link = candidate.trim_end_matches(TRAILING);
        if link.len() <= LINK_MAX && opens(link) {
            return Some((text.get(..start)?, link, text.get(start + link.len()..)?));
        }
        from = start + candidate.len();
    }
}
