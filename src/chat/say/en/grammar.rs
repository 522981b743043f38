//! People, items, times and the small words, as English puts them.

use crate::chat::say::{Until, Who};
use crate::chat::text::{quoted, quoted_name};
use crate::time::Millis;
use crate::trade::plan::Kind;
use crate::trade::terms::{FeePayer, Role};

pub(super) const fn kind_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Release => "release",
        Kind::Refund => "refund",
        Kind::Split => "split",
        Kind::Return => "return",
    }
}

pub(super) const fn side(role: Role) -> &'static str {
    match role {
        Role::Buyer => "buyer",
        Role::Seller => "seller",
    }
}

pub(super) const fn does(role: Role) -> &'static str {
    match role {
        Role::Buyer => "are buying",
        Role::Seller => "are selling",
    }
}

pub(super) const fn verb(role: Role) -> &'static str {
    match role {
        Role::Buyer => "buy",
        Role::Seller => "sell",
    }
}

pub(super) const fn payer_of(payer: FeePayer) -> &'static str {
    match payer {
        FeePayer::Buyer => "the buyer",
        FeePayer::Seller => "the seller",
        FeePayer::Split => "both, half each",
    }
}

pub(super) fn item_of(item: &str) -> String {
    format!("“{}”", quoted(item))
}

pub(super) fn who(who: &Who) -> String {
    match who {
        Who::You => "you".to_owned(),
        Who::Person { name, number } => format!("{} ({number})", quoted_name(name)),
        Who::Side(role) => format!("the {}", side(*role)),
        Who::Fee => "our fee".to_owned(),
        Who::Bot => "me".to_owned(),
        Who::Account(id) => format!("an account I do not know ({id})"),
        Who::Stranger => "whoever paid it".to_owned(),
    }
}

/// As the app's sheet names somebody.
pub(super) fn name_only(person: &Who) -> String {
    match person {
        Who::Person { name, .. } => quoted_name(name),
        Who::You => "yourself".to_owned(),
        Who::Side(_) | Who::Fee | Who::Bot | Who::Account(_) | Who::Stranger => who(person),
    }
}

pub(super) fn any_of(people: &[Who]) -> String {
    people.iter().map(who).collect::<Vec<_>>().join(" or ")
}

/// Only our own words begin with a lower-case letter here; names stay as they are.
pub(super) fn capital(words: &str) -> String {
    for (own, large) in [("you", "You"), ("the ", "The "), ("our ", "Our "), ("whoever ", "Whoever ")] {
        if let Some(rest) = words.strip_prefix(own)
            && (own.ends_with(' ') || rest.is_empty())
        {
            return format!("{large}{rest}");
        }
    }
    words.to_owned()
}

/// "2 h 10 min left (until Nov 23, 14:05 UTC)".
pub(super) fn time(until: &Until) -> String {
    let date = date(until.date);
    if until.left.0 <= 0 {
        format!("The time was up on {date}.")
    } else {
        format!("{} left (until {date}).", length(until.left))
    }
}

/// "Nov 23, 14:05 UTC".
pub(super) fn date(moment: Millis) -> String {
    let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
    moment.strftime("%b %-d, %H:%M UTC").to_string()
}

/// The two largest units that say something.
pub(super) fn length(length: Millis) -> String {
    let minutes = length.secs().max(0) / 60;
    let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match (days, hours, rest) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, rest) => format!("{rest} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, rest) => format!("{hours} h {rest} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
