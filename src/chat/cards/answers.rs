//! Short answers: the dialog's lines, and every "no" with its way out.

use crate::chat::cards::{
    Page, at_stake, before, claim, clock, draft, head, judge, mixpay, overview, problem, say_button, short, split,
};
use crate::chat::commands::{TABLE, Typed, Word};
use crate::chat::danger::Danger;
use crate::chat::price::Problem;
use crate::chat::say::split::SplitLine;
use crate::chat::say::trust::TrustLine;
use crate::chat::say::{self, Closed, Label, Lang, Line, Naming, Place, Title};
use crate::chat::{Binding, Button, Colour, Draft, House, Known, Person, Post, View, text};
use crate::id::UserId;
use crate::money::Amount;
use crate::trade::deposit;
use crate::trade::terms::{Asset, TermsError};
use crate::trade::{Refusal, Role, State, Trade};

/// Lines of the dialog ([`Act::Say`](crate::chat::Act::Say)) as a text, with the buttons that go with them.
/// `house` names the assets to choose from.
#[must_use]
pub fn lines(lines: &[Line], house: Option<&House>, lang: Lang) -> Vec<Post> {
    let mut text = Vec::new();
    let mut page = Page::new(lang, Title::Trade);
    for line in lines {
        text.push(say::words(lang, line));
        if *line == Line::Help {
            text.extend(TABLE.iter().map(|row| say::words(lang, &row.help())));
        }
        page = page.buttons(buttons_of(line, house, lang));
    }
    // Last: it gives way to what is to be done.
    if lines.iter().any(|line| matches!(line, Line::Greeting | Line::Help)) {
        page = page.buttons(Lang::ALL.into_iter().filter(|other| *other != lang).map(|other| speak(lang, other)));
    }
    let mut posts = vec![Post::Text(text.join("\n"))];
    if !page.buttons.is_empty() {
        posts.push(Post::Buttons(page.buttons));
    }
    posts
}

fn speak(lang: Lang, other: Lang) -> Button {
    say_button(lang, &Label::Speak(other), Colour::Plain, &Typed::alone(other.word()))
}

fn buttons_of(line: &Line, house: Option<&House>, lang: Lang) -> Vec<Button> {
    let start = || {
        let words = [(Label::Buying, Word::Buy), (Label::Selling, Word::Sell)];
        words.map(|(label, word)| say_button(lang, &label, Colour::Go, &Typed::alone(word)))
    };
    let plain = |label: Label, word| say_button(lang, &label, Colour::Plain, &Typed::alone(word));
    let drop = |label: Label| say_button(lang, &label, Colour::Stop, &Typed::alone(Word::Cancel));
    let menu = || {
        let more = [plain(Label::Trades, Word::Trades), plain(Label::HowItWorks, Word::Help)];
        start().into_iter().chain(more).collect::<Vec<_>>()
    };
    match line {
        Line::Greeting | Line::NotUnderstood(Place::Idle) | Line::OnlyWords(Place::Idle) | Line::Usage { .. } => menu(),
        Line::Help => start().into_iter().chain([plain(Label::Trades, Word::Trades)]).collect(),
        Line::DraftDropped | Line::NoDraft | Line::TradesNone => start().to_vec(),
        Line::Unfinished { .. } | Line::NotUnderstood(Place::Draft) | Line::OnlyWords(Place::Draft) => {
            vec![plain(Label::ShowDraft, Word::Draft), drop(Label::DropDraft)]
        }
        Line::NotUnderstood(Place::Item | Place::Price | Place::Split | Place::Reason)
        | Line::OnlyWords(Place::Item | Place::Price | Place::Split | Place::Reason)
        | Line::AskItem(_)
        | Line::AskPrice { .. } => vec![drop(Label::Cancel)],
        Line::PriceProblem { problem, .. } => {
            let choices = match (problem, house) {
                (Problem::WhichChain { amount, choices }, _) => asset_buttons(*amount, choices, lang),
                (Problem::NoAsset(amount), Some(house)) => asset_buttons(*amount, &house.assets, lang),
                _ => Vec::new(),
            };
            choices.into_iter().chain([drop(Label::Cancel)]).collect()
        }
        Line::Naming(Naming::NoSafeYours) => {
            vec![plain(Label::Trades, Word::Trades), plain(Label::HowItWorks, Word::Help)]
        }
        Line::Trust(TrustLine::Danger(_)) => vec![plain(Label::HowItWorks, Word::Help)],
        Line::AskLang => Lang::ALL.map(|other| speak(lang, other)).to_vec(),
        Line::Split(SplitLine::Dropped) => vec![plain(Label::Trades, Word::Trades)],
        _ => Vec::new(),
    }
}

/// A price with each asset it could be in. Five at most: one place is for "Cancel".
fn asset_buttons(amount: Amount, assets: &[Asset], lang: Lang) -> Vec<Button> {
    let button = |asset: &Asset| {
        let words = format!("{amount} {} {}", asset.symbol, asset.chain);
        let typed = Typed::with_words(Word::Price, words.trim().to_owned());
        say_button(lang, &Label::Asset(asset.label()), Colour::Go, &typed)
    };
    assets.iter().take(5).map(button).collect()
}

/// The law said no. `view` when the trade may be shown to the person.
#[must_use]
pub fn refusal(view: Option<&View<'_>>, refusal: Refusal, lang: Lang) -> Vec<Post> {
    let line = Line::Refused(refusal);
    // A code alone opens nothing: whoever has no part in it learns nothing of the trade.
    let Some(view) = view.filter(|view| view.trade.role_of(view.viewer).is_some() || view.is_judge()) else {
        return Page::new(lang, Title::Trade).line(&line).button(overview::trades_button(lang)).posts();
    };
    let page = Page::about(view, Title::Trade).line(&line);
    let page = match refusal {
        Refusal::SamePerson => page.button(view.says(&Label::InviteAgain, Colour::Go, Word::Invite)),
        Refusal::NotYours | Refusal::Taken | Refusal::NotEligible => page.button(overview::trades_button(lang)),
        // The words promise what is awaited, or how it stands.
        Refusal::TooEarly | Refusal::TooLate | Refusal::Already => {
            page.line(&Line::WaitingFor(overview::awaited(view).0))
        }
        Refusal::OnlyBuyer
        | Refusal::OnlySeller
        | Refusal::OnlyProposer
        | Refusal::OtherTerms
        | Refusal::Locked
        | Refusal::Frozen
        | Refusal::PaysNothing
        | Refusal::TooOften
        | Refusal::TooFar
        | Refusal::MayTake
        | Refusal::TooLittle
        | Refusal::InDispute
        | Refusal::NoDispute
        | Refusal::OnlyOpener
        | Refusal::NotTheJudge
        | Refusal::NoRuling
        | Refusal::NoOtherJudge
        | Refusal::AlreadyRuled
        | Refusal::NotUnnamed => page,
    };
    page.buttons([view.status_button(), view.why_button()]).posts()
}

/// The act binds and came without a token: what it binds to is shown once more, with a button that carries one.
#[must_use]
pub fn need_token(view: &View<'_>, binding: Binding) -> Vec<Post> {
    let note = Line::NeedToken(binding);
    match binding {
        Binding::Accept => before::proposal(view, Some(&note)),
        Binding::Confirm => before::joined(view, Some(&note)),
        Binding::TakeShort { .. } => short::sure(view, &note),
        Binding::Split { seller } => split::preview(view, seller),
        Binding::Cancel => {
            let paid = Some(deposit::counted(&view.trade.deposits)).filter(|paid| !paid.is_zero());
            let sure = Line::SureCancel {
                paid: paid.map(|paid| view.money(paid)),
                coming: view.trade.coming().map(|order| view.money(order.amount)),
                buyer: view.side(Role::Buyer),
            };
            Page::about(view, Title::Sure)
                .lines([&sure, &note])
                .button(view.binds(&Label::YesCancel, Colour::Stop, Binding::Cancel))
                .button(view.status_button())
                .posts()
        }
        Binding::Claim => claim::asked(view, Some(&note)),
        Binding::Withdraw => problem::sure(view),
        Binding::Extend { more } => clock::sure(view, more),
        Binding::Pass => judge::sure_pass(view),
        // It comes with its reason, or not at all.
        Binding::Rule { .. } => overview::status(view),
        Binding::Propose => Page::new(view.lang, Title::Trade).line(&note).button(draft_button(view.lang)).posts(),
    }
}

fn draft_button(lang: Lang) -> Button {
    say_button(lang, &Label::ShowDraft, Colour::Plain, &Typed::alone(Word::Draft))
}

/// A token that is used up, too old or somebody else's: nothing has changed. `view` when the trade may be shown.
#[must_use]
pub fn token_stale(view: Option<&View<'_>>, lang: Lang) -> Vec<Post> {
    match view.filter(|view| view.trade.role_of(view.viewer).is_some()) {
        Some(view) => Page::about(view, Title::Trade)
            .line(&Line::TokenStale)
            .buttons([view.status_button(), view.why_button()])
            .posts(),
        None => Page::new(lang, Title::Trade)
            .line(&Line::TokenStale)
            .buttons([draft_button(lang), overview::trades_button(lang)])
            .posts(),
    }
}

/// No trade of theirs has this code.
#[must_use]
pub fn unknown_code(code: &str, lang: Lang) -> Vec<Post> {
    let line = Line::UnknownCode { code: code.to_owned() };
    // Six digits are rarely a code, and often what nobody should write down.
    let pin = code.bytes().all(|byte| byte.is_ascii_digit()).then_some(Line::Trust(TrustLine::Danger(Danger::Pin)));
    Page::new(lang, Title::Trade).line(&line).lines(&pin).button(overview::trades_button(lang)).posts()
}

/// The person named cannot be the other side; the draft is still there, with a fresh `token`.
#[must_use]
pub fn naming(
    problem: Naming,
    kept: &Draft,
    token: &str,
    house: &House,
    people: &dyn Fn(UserId) -> Option<Person>,
    lang: Lang,
    known: &Known,
) -> Vec<Post> {
    let mut posts = vec![Post::Text(say::words(lang, &Line::Naming(problem)))];
    posts.extend(draft(kept, token, house, people, lang, known));
    posts
}

/// The draft cannot become a trade as it is.
#[must_use]
pub fn terms_refused(error: TermsError, lang: Lang) -> Vec<Post> {
    Page::new(lang, Title::Trade).line(&Line::TermsRefused(error)).button(draft_button(lang)).posts()
}

/// They have as many open trades as one person may.
#[must_use]
pub fn open_max(house: &House, lang: Lang) -> Vec<Post> {
    let line = Line::OpenMax { count: house.open_max };
    Page::new(lang, Title::Trade).line(&line).button(overview::trades_button(lang)).posts()
}

/// The operator takes nothing new of this kind now. `view` when it is a proposal that was to be agreed to.
#[must_use]
pub fn closed(why: Closed, house: &House, view: Option<&View<'_>>, lang: Lang) -> Vec<Post> {
    let line = Line::Closed { why, operator: text::quoted_name(&house.operator) };
    // A code alone opens nothing: whoever has no part in it learns nothing of the trade.
    match view.filter(|view| view.trade.role_of(view.viewer).is_some()) {
        Some(view) => {
            Page::about(view, Title::Trade).line(&line).buttons([view.status_button(), view.why_button()]).posts()
        }
        None if view.is_some() => {
            Page::new(lang, Title::Trade).line(&line).button(overview::trades_button(lang)).posts()
        }
        None => Page::new(lang, Title::Trade).line(&line).button(draft_button(lang)).posts(),
    }
}

/// What the picture that follows shows; without buttons, which the card before has.
#[must_use]
pub fn picture(trade: &Trade, mixpay: bool, lang: Lang) -> Post {
    Post::Text(format!("{}\n{}", head(trade), say::words(lang, &Line::Picture { mixpay })))
}

/// "I have paid", "I have signed": a look was started. The trade's own pages tell what it finds.
#[must_use]
pub fn looking(view: &View<'_>) -> Vec<Post> {
    let locked = matches!(view.trade.state, State::Funded { .. }) && view.role() == Role::Buyer;
    let paid = locked.then(|| Line::Trust(TrustLine::PaidAlready { money: view.money(at_stake(view.trade)) }));
    Page::about(view, Title::Trade)
        .lines(&paid)
        .line(&Line::Looking { mixpay: mixpay::is_asked(view) })
        .button(view.why_button())
        .posts()
}
