//! Reads how much time somebody gives: whole days or hours.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

use crate::chat::text;
use crate::time::Millis;

/// Longer is not read: nobody means it.
const HOURS_MAX: i64 = 100 * 24;

/// Reads `3 d`, `3 days`, `12h`, `3 天`; `None` for anything else, 0 among it.
#[must_use]
pub fn read(written: &str) -> Option<Millis> {
    let form = text::command_form(written);
    let end = form.find(|c: char| !c.is_ascii_digit())?;
    let (digits, unit) = form.split_at(end);
    let hours: i64 = match unit.trim() {
        "d" | "day" | "days" | "天" | "日" => 24,
        "h" | "hour" | "hours" | "小时" | "小時" => 1,
        _ => return None,
    };
    let hours = digits.parse::<i64>().ok()?.checked_mul(hours)?;
    (1..=HOURS_MAX).contains(&hours).then(|| Millis::from_hours(hours))
}

/// As a button says it, and as [`read`] reads it back.
#[must_use]
pub fn days(days: u32) -> String {
    format!("{days} d")
}

/// Any span as [`read`] reads it back: whole hours, or days where they are whole.
#[must_use]
pub fn written(span: Millis) -> String {
    let hours = span.secs() / 3_600;
    if hours % 24 == 0 { format!("{} d", hours / 24) } else { format!("{hours} h") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (written, hours) in [
            ("1 d", 24),
            ("3 days", 72),
            ("7d.", 168),
            ("1 Day", 24),
            ("12 h", 12),
            ("2hours", 2),
            ("3 天", 72),
            ("３ d", 72),
        ] {
            assert_eq!(read(written), Some(Millis::from_hours(hours)), "{written}");
        }
        for days in [1, 3, 7] {
            assert_eq!(read(&super::days(days)), Some(Millis::from_hours(i64::from(days) * 24)));
        }
        let nines = "9".repeat(40);
        for written in ["", "3", "d", "0 d", "-3 d", "3 weeks", "1.5 d", "三 天", "101 d", nines.as_str()] {
            assert_eq!(read(written), None, "{written}");
        }
        assert_eq!(read(&format!("{nines} d")), None);
    }
}
