//! Words written by people: cleaned before they are read as a command, quoted before anybody else sees them.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

/// Longest quotation, in characters (design §3 rule 13).
pub const QUOTED_MAX: usize = 120;
/// Longest name, in characters; long names only push what matters off the screen.
const NAME_MAX: usize = 32;
/// Combining marks kept on one letter; towers of them cover the lines above.
const MARKS_MAX: usize = 2;
/// Letters in a trade's code.
pub const CODE_LETTERS: usize = 6;
/// Letters in a token: 16 × 5 bits.
pub const TOKEN_LETTERS: usize = 16;
/// Digits of a Mixin ID, at least: clients see no mention in fewer (messaging §9.3).
const NUMBER_MIN: usize = 4;
/// Digits of a Mixin ID, at most: a bot's.
const NUMBER_MAX: usize = 10;

/// Words of a person, fit to stand inside a sentence of ours: one line, nothing invisible, no link or mention a
/// client would make tappable, at most [`QUOTED_MAX`] characters. Quoting twice changes nothing.
///
/// Double quotes become single ones and the middle dot a dash, so that no quotation can end itself or look
/// like the first line of a message of ours.
#[must_use]
pub fn quoted(words: &str) -> String {
    quoted_to(words, QUOTED_MAX)
}

/// A long text of a person as quotations: each of its lines as often broken as it takes, none of them empty.
#[must_use]
pub fn quoted_lines(words: &str) -> Vec<String> {
    let breaks = |c: char| matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let whole = words.split(breaks).map(|line| one_line(&untappable(&one_line(&visible(line)))));
    whole.filter(|line| !line.is_empty()).flat_map(|line| broken(&line)).collect()
}

/// A line in pieces of at most [`QUOTED_MAX`] characters, at a space where there is one.
fn broken(line: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut room = 0usize;
    for word in line.split(' ') {
        let letters: Vec<char> = word.chars().collect();
        for (nth, part) in letters.chunks(QUOTED_MAX).enumerate() {
            let fits = nth == 0 && part.len() < room;
            match pieces.last_mut() {
                Some(piece) if fits => {
                    piece.push(' ');
                    piece.extend(part);
                    room = room.saturating_sub(part.len()).saturating_sub(1);
                }
                _ => {
                    pieces.push(part.iter().collect());
                    room = QUOTED_MAX.saturating_sub(part.len());
                }
            }
        }
    }
    pieces
}

/// A person's name, quoted and short.
#[must_use]
pub fn quoted_name(name: &str) -> String {
    quoted_to(name, NAME_MAX)
}

fn quoted_to(words: &str, max: usize) -> String {
    // Twice the room: what is broken apart grows, and what is beyond cannot be seen anyway.
    let seen: String = one_line(&visible(words)).chars().take(max.saturating_mul(2)).collect();
    let mut whole = one_line(&untappable(&seen));
    if whole.chars().count() > max {
        whole = whole.chars().take(max.saturating_sub(1)).collect();
        whole = format!("{}…", whole.trim_end_matches(|c: char| c.is_whitespace() || JOINTS.contains(&c)));
    }
    whole
}

/// What glues the parts of a link or a mention together.
const JOINTS: [char; 11] = ['@', '＠', ':', '：', '.', '．', '。', '｡', '․', '/', '／'];

/// Without control, bidi and zero-width characters; everything that breaks a line becomes a space.
fn visible(words: &str) -> String {
    let mut marks = 0usize;
    words
        .chars()
        .filter_map(|c| {
            marks = if is_mark(c) { marks.saturating_add(1) } else { 0 };
            match c {
                '\u{2028}' | '\u{2029}' => Some(' '),
                c if c.is_control() => Some(' '),
                c if is_invisible(c) || marks > MARKS_MAX => None,
                '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂' => Some('\''),
                '·' => Some('-'),
                c => Some(c),
            }
        })
        .collect()
}

/// Takes no room, changes the direction of its neighbours, or looks like nothing.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

const fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Breaks with a space whatever a client would turn into a link: `scheme:rest`, `name.domain`, `@123`, and the
/// ten digits of a bot (messaging §6.2).
fn untappable(words: &str) -> String {
    let mut whole = String::with_capacity(words.len());
    let (mut earlier, mut before) = (' ', ' ');
    let mut bot_digits = 0usize;
    for c in words.chars() {
        let glued = !c.is_whitespace();
        let breaks = match before {
            '@' | '＠' => glued,
            ':' | '：' => glued && !(c.is_numeric() && earlier.is_numeric()),
            '.' | '．' | '。' | '｡' | '․' => c.is_alphabetic(),
            '/' | '／' => matches!(c, '/' | '／'),
            _ => false,
        };
        bot_digits = match (c, bot_digits) {
            ('7', 0) if !before.is_ascii_digit() => 1,
            ('0', 1..=3) => bot_digits.saturating_add(1),
            (c, 4) if c.is_ascii_digit() => {
                whole.push(' ');
                5
            }
            _ => 0,
        };
        if breaks {
            whole.push(' ');
        }
        whole.push(c);
        (earlier, before) = (if breaks { ' ' } else { before }, c);
    }
    whole
}

/// How a command is read: nothing invisible, full-width letters and digits as ASCII, lower case, single spaces,
/// without a leading mention of the bot, a slash, or closing punctuation.
#[must_use]
pub fn command_form(written: &str) -> String {
    let plain: String = one_line(&visible(written)).chars().map(ascii).collect();
    let plain = one_line(&plain).to_lowercase().replace('’', "'");
    let said = strip_opening(&plain);
    let closed = said.trim_end_matches(['!', '.', '?', '。', ',', '~']).trim_end();
    if closed.is_empty() { said.to_owned() } else { closed.to_owned() }
}

/// As written, in one line, without a leading mention and slash: what is behind a command's word.
#[must_use]
pub fn said(written: &str) -> String {
    let line: String = one_line(
        &written
            .chars()
            .map(|c| if is_line_break(c) { ' ' } else { c })
            .filter(|c| !is_invisible(*c))
            .collect::<String>(),
    );
    strip_opening(&line).to_owned()
}

fn is_line_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Takes off `@7000123456` and `/`. A mention that is all there is stays: it names somebody.
fn strip_opening(line: &str) -> &str {
    let mut rest = line;
    if let Some((first, behind)) = line.split_once(' ')
        && number(first).is_some_and(|_| first.starts_with(['@', '＠']))
    {
        rest = behind;
    }
    rest.strip_prefix(['/', '／']).unwrap_or(rest).trim_start()
}

/// Full-width forms and the wide space as ASCII.
fn ascii(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        c => c,
    }
}

/// Whether Chinese stands in a text: Han characters, and no kana, with which Japanese writes them.
#[must_use]
pub fn is_chinese(words: &str) -> bool {
    let han = |c| matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}');
    let kana = |c| matches!(c, '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30ff}');
    words.contains(han) && !words.contains(kana)
}

/// A Mixin ID, with or without `@`: its digits.
#[must_use]
pub fn number(word: &str) -> Option<String> {
    let plain: String = visible(word).trim().chars().map(ascii).collect();
    let digits = plain.strip_prefix('@').unwrap_or(&plain);
    let fits = (NUMBER_MIN..=NUMBER_MAX).contains(&digits.len());
    (fits && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')).then(|| digits.to_owned())
}

/// `text` cut to at most `bytes` bytes, at a letter, with `…` where something is missing.
#[must_use]
pub fn fit(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let room = bytes.saturating_sub('…'.len_utf8());
    let mut cut = String::new();
    for c in text.chars() {
        if cut.len().saturating_add(c.len_utf8()) > room {
            break;
        }
        cut.push(c);
    }
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_words_are_harmless() {
        for (written, seen) in [
            ("Bob", "Bob"),
            ("  Bob\n\tthe  great\u{2028}one ", "Bob the great one"),
            ("a\u{202e}b\u{200b}c\u{feff}d\u{2066}e\u{e0041}", "abcde"),
            ("ok\nTrade K7Q2MD · Settled · 5 USDT", "ok Trade K7Q2MD - Settled - 5 USDT"),
            ("pay https://evil.com/x now", "pay https: / /evil. com/x now"),
            ("mixin://mixin.one/pay", "mixin: / /mixin. one/pay"),
            ("www.evil.com evil．com", "www. evil. com evil． com"),
            ("hi @46802 and ＠46802", "hi @ 46802 and ＠ 46802"),
            ("my bot 7000101276", "my bot 7000 101276"),
            ("f1.8 at 14:05, 7000 m", "f1.8 at 14:05, 7000 m"),
            ("”; \"x\" “", "'; 'x' '"),
            ("Z\u{300}\u{301}\u{302}\u{303}a", "Z\u{300}\u{301}a"),
        ] {
            assert_eq!(quoted(written), seen, "{written:?}");
        }
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), QUOTED_MAX);
        assert_eq!(quoted_name(&"x".repeat(500)).chars().count(), NAME_MAX);
    }

    #[test]
    fn commands_are_read_kindly() {
        for (written, read) in [
            ("Hi", "hi"),
            (" /Start ", "start"),
            ("@7000101276 /HELP", "help"),
            ("ｊｏｉｎ　Ｋ７Ｑ２ＭＤ", "join k7q2md"),
            ("I’m buying!", "i'm buying"),
            ("?", "?"),
            ("／help？", "help"),
            ("@46802", "@46802"),
        ] {
            assert_eq!(command_form(written), read, "{written:?}");
        }
    }

    #[test]
    fn numbers_are_mixin_ids() {
        assert_eq!(number("@46802").as_deref(), Some("46802"));
        assert_eq!(number("７０００１０１２７６").as_deref(), Some("7000101276"));
        for word in ["100", "12345678901", "46802x", "@", "", "٤٦٨٠٢", "046802"] {
            assert_eq!(number(word), None, "{word}");
        }
    }

    #[test]
    fn labels_are_cut_at_letters() {
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("发给鲍勃先生", 10), "发给…");
        assert!(fit("发给鲍勃先生", 2).len() <= 3);
    }

    proptest! {
        #[test]
        fn quoting_holds_for_any_text(words in "\\PC*|(.|\n|\u{202e}|@[0-9]{5}|http://|[a-z]\\.[a-z]{2}){0,200}") {
            let once = quoted(&words);
            prop_assert_eq!(&quoted(&once), &once);
            prop_assert!(once.chars().count() <= QUOTED_MAX);
            prop_assert!(!once.chars().any(|c| c.is_control() || is_invisible(c) || c == '·'));
            prop_assert!(!once.contains("://"));
            prop_assert!(!once.split('@').skip(1).any(|behind| behind.starts_with(|c: char| c.is_ascii_digit())));
            let _ = (command_form(&words), said(&words), number(&words), fit(&words, 36));
        }
    }
}
