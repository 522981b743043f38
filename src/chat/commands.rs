//! The one table of commands: what may be written, with or without a slash, and what it means.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

use std::fmt;

use crate::chat::say::Line;
use crate::chat::text::{self, CODE_LETTERS, TOKEN_LETTERS};
use crate::chat::{Act, Binding};
use crate::id;
use crate::trade::Kind;

/// A command, by what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    Hi,
    Buy,
    Sell,
    Price,
    Draft,
    Propose,
    Invite,
    Join,
    Accept,
    Decline,
    Confirm,
    Reject,
    Paid,
    Take,
    Delivered,
    Split,
    Signed,
    Release,
    Refund,
    Belongs,
    Unrelated,
    Status,
    Why,
    Kit,
    Trades,
    Verify,
    Cancel,
    Help,
}

/// What may stand behind a command's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing.
    Alone,
    /// Any words.
    Words,
    /// A trade's code.
    Code,
    /// A trade's code, unless there is only one open trade.
    MaybeCode,
    /// A token.
    Token,
    /// A trade's code and a token, both optional.
    CodeAndToken,
    /// A trade's code, how much, and a token, all optional.
    Part,
}

/// What a row means: a turn of the dialog, or an act on its own.
#[derive(Clone, Copy)]
pub enum Meaning {
    /// Depends on where the dialog stands: see [`converse`](crate::chat::converse).
    Dialog,
    Act(fn(&Typed) -> Act),
}

/// One command.
pub struct Row {
    pub word: Word,
    /// What buttons say.
    pub name: &'static str,
    /// Also understood, in any language; lower case.
    pub aliases: &'static [&'static str],
    pub shape: Shape,
    pub meaning: Meaning,
}

impl Row {
    /// What the help page says about it.
    #[must_use]
    pub const fn help(&self) -> Line {
        Line::HelpOf(self.word)
    }
}

const fn row(word: Word, name: &'static str, aliases: &'static [&'static str], shape: Shape, meaning: Meaning) -> Row {
    Row { word, name, aliases, shape, meaning }
}

/// Every command there is, in the order of the help page.
pub static TABLE: [Row; 28] = [
    row(Word::Buy, "buy", &["i'm buying", "im buying", "i am buying"], Shape::Words, Meaning::Dialog),
    row(Word::Sell, "sell", &["i'm selling", "im selling", "i am selling"], Shape::Words, Meaning::Dialog),
    row(Word::Price, "price", &[], Shape::Words, Meaning::Dialog),
    row(Word::Draft, "draft", &["show draft", "show the draft"], Shape::Alone, Meaning::Dialog),
    row(
        Word::Propose,
        "propose",
        &[],
        Shape::Token,
        Meaning::Act(|typed| Act::Propose { token: typed.token.clone().unwrap_or_default() }),
    ),
    row(
        Word::Invite,
        "invite",
        &["invitation"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Invite { code: typed.code.clone() }),
    ),
    row(
        Word::Join,
        "join",
        &[],
        Shape::Code,
        Meaning::Act(|typed| Act::Join { code: typed.code.clone().unwrap_or_default() }),
    ),
    row(
        Word::Accept,
        "accept",
        &["agree"],
        Shape::CodeAndToken,
        Meaning::Act(|typed| Act::Accept { code: typed.code.clone(), token: typed.token.clone() }),
    ),
    row(
        Word::Decline,
        "decline",
        &[],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Decline { code: typed.code.clone() }),
    ),
    row(
        Word::Confirm,
        "confirm",
        &[],
        Shape::CodeAndToken,
        Meaning::Act(|typed| Act::Confirm { code: typed.code.clone(), token: typed.token.clone() }),
    ),
    row(
        Word::Reject,
        "reject",
        &["turn away"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::TurnAway { code: typed.code.clone() }),
    ),
    row(
        Word::Paid,
        "paid",
        &["i have paid", "i've paid", "i paid"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::LookNow { code: typed.code.clone() }),
    ),
    row(
        Word::Take,
        "take",
        &["take it as the whole"],
        Shape::CodeAndToken,
        Meaning::Act(|typed| Act::Take { code: typed.code.clone(), token: typed.token.clone() }),
    ),
    row(
        Word::Delivered,
        "delivered",
        &["i have delivered", "i've delivered"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Deliver { code: typed.code.clone() }),
    ),
    row(
        Word::Split,
        "split",
        &["offer a split"],
        Shape::Part,
        Meaning::Act(|typed| Act::Split {
            code: typed.code.clone(),
            part: typed.words.clone(),
            token: typed.token.clone(),
        }),
    ),
    row(
        Word::Signed,
        "signed",
        &["i have signed", "i've signed", "i signed"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::LookNow { code: typed.code.clone() }),
    ),
    row(
        Word::Release,
        "release",
        &["sign release"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Want { code: typed.code.clone(), kind: Kind::Release }),
    ),
    row(
        Word::Refund,
        "refund",
        &["sign refund"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Want { code: typed.code.clone(), kind: Kind::Refund }),
    ),
    row(
        Word::Belongs,
        "belongs",
        &["it belongs"],
        Shape::CodeAndToken,
        Meaning::Act(|typed| Act::AgreeClaim { code: typed.code.clone(), token: typed.token.clone() }),
    ),
    row(
        Word::Unrelated,
        "unrelated",
        &["it does not belong"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::RefuseClaim { code: typed.code.clone() }),
    ),
    row(
        Word::Status,
        "status",
        &["show"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Status { code: typed.code.clone() }),
    ),
    row(
        Word::Why,
        "why",
        &["what now", "what next"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Why { code: typed.code.clone() }),
    ),
    row(
        Word::Kit,
        "kit",
        &["recovery kit"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Kit { code: typed.code.clone() }),
    ),
    row(Word::Trades, "trades", &["my trades", "list"], Shape::Alone, Meaning::Act(|_| Act::Trades)),
    row(
        Word::Verify,
        "verify",
        &["check"],
        Shape::Words,
        Meaning::Act(|typed| Act::Verify { words: typed.words.clone() }),
    ),
    row(Word::Cancel, "cancel", &["withdraw"], Shape::CodeAndToken, Meaning::Dialog),
    row(Word::Hi, "hi", &["hello", "hey", "start", "menu", "你好", "您好"], Shape::Alone, Meaning::Dialog),
    row(Word::Help, "help", &["?", "how it works", "how does it work", "帮助"], Shape::Alone, Meaning::Dialog),
];

/// The row of a command.
#[must_use]
pub fn row_of(word: Word) -> &'static Row {
    // Every word has its row, which a test proves; the last row is help.
    TABLE.iter().find(|row| row.word == word).unwrap_or(&HELP)
}

static HELP: Row = row(Word::Help, "help", &[], Shape::Alone, Meaning::Dialog);

/// A command as somebody wrote it, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub word: Word,
    /// A trade's code, in its own letters.
    pub code: Option<String>,
    pub token: Option<String>,
    /// For [`Shape::Words`] and [`Shape::Part`]: what stood behind the word, as written, in one line.
    pub words: String,
}

impl Typed {
    #[must_use]
    pub const fn alone(word: Word) -> Self {
        Self { word, code: None, token: None, words: String::new() }
    }

    #[must_use]
    pub fn with_words(word: Word, words: String) -> Self {
        Self { words, ..Self::alone(word) }
    }

    #[must_use]
    pub fn about(word: Word, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..Self::alone(word) }
    }

    #[must_use]
    pub fn token(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }
}

/// As a button says it, and as [`read`] reads it back.
impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(row_of(self.word).name)?;
        let parts = [self.code.as_deref(), Some(self.words.as_str()), self.token.as_deref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).try_for_each(|part| write!(f, " {part}"))
    }
}

/// What a text is, as far as the table knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    Command(Typed),
    /// A command's word, but what follows does not fit it.
    Unfit(Word),
    /// No command.
    Other,
}

/// Reads a text against the table. The longest name or alias that the text begins with wins.
#[must_use]
pub fn read(written: &str) -> Read {
    let form = text::command_form(written);
    let form = form.as_str();
    let names = TABLE.iter().flat_map(|row| {
        let all = std::iter::once(row.name).chain(row.aliases.iter().copied());
        all.filter_map(move |name| Some((row, name, behind(form, name)?)))
    });
    let Some((row, name, behind)) = names.max_by_key(|(_, name, _)| name.len()) else { return Read::Other };
    match row.shape {
        Shape::Words => Read::Command(Typed::with_words(row.word, words_behind(written, name).join(" "))),
        Shape::Part => Read::Command(read_part(row, words_behind(written, name))),
        Shape::Alone | Shape::Code | Shape::MaybeCode | Shape::Token | Shape::CodeAndToken => read_letters(row, behind),
    }
}

/// What follows `name` in `form`, when it begins with it.
fn behind<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    let rest = form.strip_prefix(name)?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim_start())
}

/// As written, without the command's own words.
fn words_behind(written: &str, name: &str) -> Vec<String> {
    text::said(written).split(' ').skip(name.split(' ').count()).map(str::to_owned).collect()
}

/// A code comes first and a token last; what is between them is how much.
fn read_part(row: &Row, mut words: Vec<String>) -> Typed {
    let letters = |word: &String, count| {
        let read = id::crockford_read(text::command_form(word).trim_start_matches('#'));
        read.filter(|letters| letters.len() == count)
    };
    // "split 100000" is an amount, though it could be a code.
    let number = |word: &String| words.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit());
    let code = words.first().filter(|word| !number(word)).and_then(|word| letters(word, CODE_LETTERS));
    words.drain(..usize::from(code.is_some()));
    let token = words.last().and_then(|word| letters(word, TOKEN_LETTERS));
    words.truncate(words.len().saturating_sub(usize::from(token.is_some())));
    Typed { code, token, ..Typed::with_words(row.word, words.join(" ")) }
}

/// Codes and tokens: told apart by their length.
fn read_letters(row: &Row, behind: &str) -> Read {
    let mut typed = Typed::alone(row.word);
    for word in behind.split_whitespace() {
        let word = word.trim_start_matches('#');
        let Some(letters) = id::crockford_read(word) else { return Read::Unfit(row.word) };
        match letters.len() {
            CODE_LETTERS if typed.code.is_none() && typed.token.is_none() => typed.code = Some(letters),
            TOKEN_LETTERS if typed.token.is_none() => typed.token = Some(letters),
            _ => return Read::Unfit(row.word),
        }
    }
    let fits = match row.shape {
        Shape::Alone | Shape::Words | Shape::Part => typed.code.is_none() && typed.token.is_none(),
        Shape::Code => typed.code.is_some() && typed.token.is_none(),
        Shape::MaybeCode => typed.token.is_none(),
        Shape::Token => typed.code.is_none() && typed.token.is_some(),
        Shape::CodeAndToken => true,
    };
    if fits { Read::Command(typed) } else { Read::Unfit(row.word) }
}

/// A bare code: six letters with at least one digit among them, so that few words of a language are one.
#[must_use]
pub fn read_code(written: &str) -> Option<String> {
    let form = text::command_form(written);
    let word = form.trim_start_matches('#');
    let letters = id::crockford_read(word)?;
    (letters.len() == CODE_LETTERS && word.bytes().any(|b| b.is_ascii_digit())).then_some(letters)
}

impl Act {
    /// The command that means this act; `None` for what only the dialog does.
    #[must_use]
    pub fn typed(&self) -> Option<Typed> {
        let maybe = |word, code: &Option<String>, token: &Option<String>| {
            Some(Typed { code: code.clone(), token: token.clone(), ..Typed::alone(word) })
        };
        match self {
            Self::Say(_) | Self::NameByNumber(_) | Self::NameByContact(_) => None,
            Self::ShowDraft => Some(Typed::alone(Word::Draft)),
            Self::Propose { token } => Some(Typed::alone(Word::Propose).token(token)),
            Self::Invite { code } => maybe(Word::Invite, code, &None),
            Self::Join { code } => Some(Typed::about(Word::Join, code)),
            Self::Accept { code, token } => maybe(Word::Accept, code, token),
            Self::Decline { code } => maybe(Word::Decline, code, &None),
            Self::Confirm { code, token } => maybe(Word::Confirm, code, token),
            Self::TurnAway { code } => maybe(Word::Reject, code, &None),
            Self::Cancel { code, token } => maybe(Word::Cancel, code, token),
            Self::Take { code, token } => maybe(Word::Take, code, token),
            Self::Deliver { code } => maybe(Word::Delivered, code, &None),
            Self::Split { code, part, token } => {
                Some(Typed { code: code.clone(), token: token.clone(), ..Typed::with_words(Word::Split, part.clone()) })
            }
            Self::LookNow { code } => maybe(Word::Signed, code, &None),
            Self::Want { code, kind: Kind::Release } => maybe(Word::Release, code, &None),
            Self::Want { code, .. } => maybe(Word::Refund, code, &None),
            Self::AgreeClaim { code, token } => maybe(Word::Belongs, code, token),
            Self::RefuseClaim { code } => maybe(Word::Unrelated, code, &None),
            Self::Status { code } => maybe(Word::Status, code, &None),
            Self::Why { code } => maybe(Word::Why, code, &None),
            Self::Kit { code } => maybe(Word::Kit, code, &None),
            Self::Trades => Some(Typed::alone(Word::Trades)),
            Self::Verify { words } => Some(Typed::with_words(Word::Verify, words.clone())),
        }
    }
}

impl Binding {
    /// The command its token belongs to.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Propose => Word::Propose,
            Self::Accept => Word::Accept,
            Self::Confirm => Word::Confirm,
            Self::Cancel => Word::Cancel,
            Self::TakeShort { .. } => Word::Take,
            Self::Split { .. } => Word::Split,
            Self::Claim => Word::Belongs,
        }
    }
}
