//! People, items, times and the small words, as Chinese puts them.

use crate::chat::say::{Until, Who};
use crate::chat::text::{quoted, quoted_name};
use crate::time::Millis;
use crate::trade::plan::Kind;
use crate::trade::terms::{FeePayer, Role};

pub(super) const fn kind_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Release => "放款",
        Kind::Refund => "退款",
        Kind::Split => "分账",
        Kind::Return => "退回",
    }
}

pub(super) const fn side(role: Role) -> &'static str {
    match role {
        Role::Buyer => "买家",
        Role::Seller => "卖家",
    }
}

pub(super) const fn does(role: Role) -> &'static str {
    match role {
        Role::Buyer => "你要买",
        Role::Seller => "你要卖",
    }
}

pub(super) const fn verb(role: Role) -> &'static str {
    match role {
        Role::Buyer => "买",
        Role::Seller => "卖",
    }
}

pub(super) const fn payer_of(payer: FeePayer) -> &'static str {
    match payer {
        FeePayer::Buyer => "买家",
        FeePayer::Seller => "卖家",
        FeePayer::Split => "双方各一半",
    }
}

pub(super) fn item_of(item: &str) -> String {
    format!("“{}”", quoted(item))
}

/// Whoever runs the bot; `name` is quoted already.
pub(super) fn operated(name: &str) -> String {
    format!("运营者“{name}”")
}

/// Names in quotation marks: no space and no capital tells where they begin and end.
pub(super) fn who(who: &Who) -> String {
    match who {
        Who::You => "你".to_owned(),
        Who::Person { name, number } => format!("“{}”（{number}）", quoted_name(name)),
        Who::Side(role) => side(*role).to_owned(),
        Who::Fee => "手续费".to_owned(),
        Who::Bot => "我".to_owned(),
        Who::Account(id) => format!("我不认识的账户（{id}）"),
        Who::Stranger => "付款人".to_owned(),
    }
}

/// As the app's sheet names somebody.
pub(super) fn name_only(person: &Who) -> String {
    match person {
        Who::Person { name, .. } => format!("“{}”", quoted_name(name)),
        Who::You => "你自己".to_owned(),
        Who::Side(_) | Who::Fee | Who::Bot | Who::Account(_) | Who::Stranger => who(person),
    }
}

pub(super) fn any_of(people: &[Who]) -> String {
    people.iter().map(who).collect::<Vec<_>>().join("或")
}

/// "还剩 2 小时 10 分钟（到 11月23日 14:05 UTC）。"
pub(super) fn time(until: &Until) -> String {
    let date = date(until.date);
    if until.left.0 <= 0 {
        format!("期限已过（{date}）。")
    } else {
        format!("还剩 {}（到 {date}）。", length(until.left))
    }
}

/// "11月23日 14:05 UTC".
pub(super) fn date(moment: Millis) -> String {
    let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
    moment.strftime("%-m月%-d日 %H:%M UTC").to_string()
}

/// The two largest units that say something.
pub(super) fn length(length: Millis) -> String {
    let minutes = length.secs().max(0) / 60;
    let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match (days, hours, rest) {
        (0, 0, 0) => "不到 1 分钟".to_owned(),
        (0, 0, rest) => format!("{rest} 分钟"),
        (0, hours, 0) => format!("{hours} 小时"),
        (0, hours, rest) => format!("{hours} 小时 {rest} 分钟"),
        (days, 0, _) => format!("{days} 天"),
        (days, hours, _) => format!("{days} 天 {hours} 小时"),
    }
}
