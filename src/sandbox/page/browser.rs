//! The phone's in-app browser, as far as it is a matter of text: a page of the bot's is handed on with its links led
//! back into the phone, as the app's web view takes hold of them (messaging §7).

use std::fmt::Write;

use url::Url;

use crate::html;

/// Elements whose inside is text to a browser, whatever it looks like.
const RAW: [&str; 9] = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"];

/// Longest entity that is read, with its `&` and `;`.
const ENTITY_MAX: usize = 12;

/// Where an address in a page leads.
#[derive(Debug, PartialEq, Eq)]
enum Leads {
    /// Stays what it is: a place in the same page, a file both servers have.
    Here,
    /// Another page of the same server.
    Within(String),
    /// Out of the page: the phone puts up a sheet for it.
    Phone(String),
}

/// The page at `url` for the browser of `who`'s phone.
pub(in crate::sandbox) fn rewritten(page: &str, url: &Url, who: &str) -> String {
    let mut out = String::with_capacity(page.len() + page.len() / 8);
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("<!--") {
            let end = rest.find("-->").map_or(rest.len(), |end| end + 3);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        if !Tag::begins(rest) {
            out.push('<');
            rest = &rest[1..];
            continue;
        }
        // A page that ends in the middle of a tag ends before it.
        let Some(tag) = Tag::read(rest) else { return out };
        tag.write(&mut out, url, who);
        rest = &rest[tag.length..];
        let name = tag.name.to_ascii_lowercase();
        if !tag.closes && RAW.contains(&name.as_str()) {
            let end = end_of_raw(rest, &name);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out
}

/// Where the text inside an element ends: at its closing tag.
fn end_of_raw(text: &str, name: &str) -> usize {
    let closes = |at: usize| {
        let after = text.get(at + 2..at + 2 + name.len());
        after.is_some_and(|after| after.eq_ignore_ascii_case(name))
    };
    text.match_indices("</").map(|(at, _)| at).find(|at| closes(*at)).unwrap_or(text.len())
}

struct Attribute<'a> {
    name: &'a str,
    /// As written, entities and all; `None`: a bare name.
    value: Option<&'a str>,
}

/// A tag with everything up to its `>`.
struct Tag<'a> {
    closes: bool,
    name: &'a str,
    attributes: Vec<Attribute<'a>>,
    empty: bool,
    length: usize,
}

impl<'a> Tag<'a> {
    fn begins(text: &str) -> bool {
        let name = text.strip_prefix("</").or_else(|| text.strip_prefix('<'));
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
    }

    /// The tag `text` [`begins`](Self::begins) with; `None`: the page ends in the middle of it.
    fn read(text: &'a str) -> Option<Self> {
        let closes = text.starts_with("</");
        let from = if closes { 2 } else { 1 };
        let ends = |c: char| c.is_ascii_whitespace() || c == '/' || c == '>';
        let mut at = from + text[from..].find(ends)?;
        let mut tag = Tag { closes, name: &text[from..at], attributes: Vec::new(), empty: false, length: 0 };
        loop {
            let skipped = text[at..].find(|c: char| !(c.is_ascii_whitespace() || c == '/'))?;
            tag.empty = text[at..at + skipped].ends_with('/');
            at += skipped;
            if text[at..].starts_with('>') {
                tag.length = at + 1;
                return Some(tag);
            }
            // A name may begin with the sign that otherwise ends it.
            let first = text[at..].chars().next()?.len_utf8();
            let length = first + text[at + first..].find(|c: char| ends(c) || c == '=')?;
            let name = &text[at..at + length];
            at += length;
            let mut value = None;
            let gap = text[at..].find(|c: char| !c.is_ascii_whitespace())?;
            if text[at + gap..].starts_with('=') {
                at += gap + 1;
                at += text[at..].find(|c: char| !c.is_ascii_whitespace())?;
                let quote = text[at..].chars().next().filter(|c| matches!(c, '"' | '\''));
                let (from, to, next) = if let Some(quote) = quote {
                    let to = at + 1 + text[at + 1..].find(quote)?;
                    (at + 1, to, to + 1)
                } else {
                    let to = at + text[at..].find(|c: char| c.is_ascii_whitespace() || c == '>')?;
                    (at, to, to)
                };
                value = Some(&text[from..to]);
                at = next;
            }
            tag.attributes.push(Attribute { name, value });
        }
    }

    /// Writes the tag with its addresses led where the phone leads them.
    fn write(&self, out: &mut String, url: &Url, who: &str) {
        let kind = Kind::of(self.name).filter(|_| !self.closes);
        let mut parts = String::new();
        let mut to_phone = false;
        for attribute in &self.attributes {
            let Some(raw) = attribute.value else {
                let _ = write!(parts, " {}", attribute.name);
                continue;
            };
            let leads = kind.filter(|kind| kind.leads(attribute.name)).map(|kind| leads(&unescaped(raw), url, kind));
            let value = match leads {
                None | Some(Leads::Here) => raw.replace('"', "&quot;"),
                Some(Leads::Within(to)) => format!("/page/web/{who}?url={}", encoded(&to)),
                Some(Leads::Phone(to)) => {
                    to_phone = true;
                    format!("/page/phone/{who}/bot?link={}", encoded(&to))
                }
            };
            let _ = write!(parts, " {}=\"{value}\"", attribute.name);
        }
        // The first of two attributes of one name counts.
        let target = if to_phone { " target=\"_parent\"" } else { "" };
        let (slash, end) = (if self.closes { "/" } else { "" }, if self.empty { " />" } else { ">" });
        let _ = write!(out, "<{slash}{}{target}{parts}{end}", self.name);
    }
}

/// What an element's address is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Link,
    Resource,
}

impl Kind {
    fn of(tag: &str) -> Option<Self> {
        match tag.to_ascii_lowercase().as_str() {
            "a" | "area" => Some(Self::Link),
            "link" | "img" | "image" => Some(Self::Resource),
            _ => None,
        }
    }

    fn leads(self, attribute: &str) -> bool {
        let name = attribute.to_ascii_lowercase();
        name == "href" || name == "xlink:href" || (self == Self::Resource && name == "src")
    }
}

fn leads(address: &str, page: &Url, kind: Kind) -> Leads {
    let trimmed = address.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Leads::Here;
    }
    match page.join(trimmed) {
        Ok(to) if to.origin() == page.origin() && page.origin().is_tuple() => {
            if html::asset(to.path()).is_some() {
                Leads::Here
            } else {
                Leads::Within(to.into())
            }
        }
        Ok(to) if kind == Kind::Link => Leads::Phone(to.into()),
        Err(_) if kind == Kind::Link => Leads::Phone(trimmed.to_owned()),
        // The policy of the page lets nothing of elsewhere in.
        Ok(_) | Err(_) => Leads::Here,
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// An attribute's value with its entities read: numbers, and the names that escaping makes.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(ENTITY_MAX).position(|byte| byte == b';');
        let read = end.and_then(|end| Some((entity(&rest[1..end])?, end + 1)));
        let (c, length) = read.unwrap_or(('&', 1));
        out.push(c);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "Tab" => Some('\t'),
        "NewLine" => Some('\n'),
        "colon" => Some(':'),
        "sol" => Some('/'),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
