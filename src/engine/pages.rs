//! From posts to messages: who a page is shown to, its links and tokens, and the say jobs that carry it.

use std::cell::RefCell;

use uuid::Uuid;

use super::desk::Desk;
use super::jobs::UploadBody;
use super::kit::Kit;
use super::links::MixinLinks;
use super::trust;
use crate::chat::text::TOKEN_LETTERS;
use crate::chat::{Audience, Binding, Button, Colour, Dialog, Known, Lang, Person, Post, Trust, View, cards, group};
use crate::id::{self, Hash, JobId, MessageId, TradeId, UserId};
use crate::mixin::link;
use crate::mixin::messenger::{self, Card, Category, Color, Image, OutFile, OutMessage, To};
use crate::store::{JobRow, Kind, PersonRow, TokenRow};
use crate::time::Millis;
use crate::trade::case::CaseNotice;
use crate::trade::evidence::{ExhibitKind, FileRef};
use crate::trade::{Kind as PlanKind, Notice, Right, Ruling, State, Trade};

/// How long a token may be used (design §4).
const TOKEN_LIFE: Millis = Millis::from_secs(15 * 60);
/// Longer texts go as a post, which opens by a tap (messaging §5.4).
const TEXT_MAX: usize = 4_000;
/// Pictures on their way at once: however long storage takes, jobs that move money find a place.
const UPLOAD_LANES: u128 = 8;

/// What causes a message: its id, and the ids of everything in it, are derived from this.
#[derive(Clone, Copy)]
pub(super) struct Cause<'a> {
    pub(super) id: Uuid,
    pub(super) purpose: &'a str,
}

/// Somebody of whom nothing is known yet.
pub(super) fn stranger(id: UserId) -> PersonRow {
    let person = Person { id, number: String::new(), name: String::new(), has_safe: false, is_bot: false };
    PersonRow {
        person,
        lang: None,
        dialog: Dialog::default(),
        reachable: false,
        read_at: None,
        trust: Trust::default(),
        group: None,
    }
}

/// What a token binds to beside person, trade and act: the numbers that were shown.
pub(super) fn numbers(trade: &Trade, act: Binding) -> Hash {
    let mut bound = blake3::Hasher::new();
    bound.update(&trade.terms_hash.0);
    match act {
        Binding::Confirm => {
            bound.update(trade.joiner.unwrap_or(UserId(Uuid::nil())).0.as_bytes());
        }
        Binding::Cancel => {
            let paid = crate::trade::deposit::counted(&trade.deposits);
            let coming = trade.coming().map(|order| order.amount).unwrap_or_default();
            bound.update(format!("{paid}/{coming}").as_bytes());
        }
        Binding::TakeShort { paid } => {
            bound.update(paid.to_string().as_bytes());
        }
        Binding::Split { seller } => {
            let shares = trade.shares(seller).map(|shares| (shares.seller, shares.fee, shares.buyer));
            bound.update(format!("{seller}/{}/{shares:?}", trade.price()).as_bytes());
        }
        Binding::Rule { ruling, why } => {
            let shares = match ruling {
                Ruling::Split { seller, .. } => trade.shares(seller),
                Ruling::Release | Ruling::Refund => trade.shares(trade.price()),
            };
            let shares = shares.map(|shares| (shares.seller, shares.fee, shares.buyer));
            bound.update(format!("{ruling:?}/{why}/{}/{shares:?}", trade.price()).as_bytes());
        }
        Binding::Claim => {
            if let Some(claim) = &trade.claim {
                let (seen, taken) = (&claim.seen, trade.use_of(&claim.seen));
                bound.update(format!("{}/{}/{}/{taken:?}", seen.output_id, seen.asset, seen.amount).as_bytes());
            }
        }
        Binding::Withdraw => {
            let (times, left) =
                (trade.disputed_by.len(), if let State::Disputed { left, .. } = trade.state { left.0 } else { 0 });
            bound.update(format!("{times}/{left}").as_bytes());
        }
        Binding::Extend { more } => {
            let until = trade.clone().state.until().map(|until| until.0);
            bound.update(format!("{}/{until:?}", more.0).as_bytes());
        }
        Binding::Pass => {
            bound.update(format!("{:?}", trade.case.as_ref().map(|case| (case.since, case.round))).as_bytes());
        }
        Binding::Accept | Binding::Propose => {}
    }
    Hash(*bound.finalize().as_bytes())
}

/// Shows a page about a trade to `viewer`; its tokens are committed with it.
pub(super) fn show(
    desk: &mut Desk<'_>,
    cause: Cause<'_>,
    trade: TradeId,
    viewer: UserId,
    page: impl FnOnce(&View<'_>) -> Vec<Post>,
) {
    let minted = RefCell::new(Vec::new());
    let sides = desk.found.trades.get(&trade).into_iter().flat_map(trust::sides);
    let known = trust::known(desk, viewer, sides);
    let posts = {
        let Some(row) = desk.found.trades.get(&trade) else { return };
        let expires = desk.server().plus(TOKEN_LIFE);
        let token = |act: Binding| {
            let text = token_text(desk, cause, viewer, act);
            let numbers = numbers(row, act);
            minted.borrow_mut().push(TokenRow {
                token: text.clone(),
                person: viewer,
                trade: Some(trade),
                act,
                numbers,
                expires,
                used: false,
            });
            text
        };
        let people = |id: UserId| desk.found.persons.get(&id).map(|row| row.person.clone());
        page(&View {
            trade: row,
            viewer,
            people: &people,
            house: &desk.shop.house,
            links: &MixinLinks { bot: desk.shop.house.bot, pages: desk.shop.pages.as_ref() },
            clock: desk.clock(),
            now: desk.service(),
            clock_halted: desk.watch.halts.clock.is_some(),
            lang: lang(desk, viewer),
            token: &token,
            known: &known,
            kit: &|| Some(Kit::of(row, desk.server())?.write(&desk.shop.keys.kits)),
        })
    };
    desk.changes.tokens.extend(minted.into_inner());
    say_about(desk, cause, Audience::Person(viewer), posts, Some(trade));
}

/// A page about a trade as everybody in a group may read it, in this language: with no token, no kit and no link.
pub(super) fn read(
    desk: &Desk<'_>,
    trade: TradeId,
    lang: Lang,
    page: impl FnOnce(&View<'_>) -> Vec<Post>,
) -> Vec<Post> {
    let Some(row) = desk.found.trades.get(&trade) else { return Vec::new() };
    let people = |id: UserId| desk.found.persons.get(&id).map(|row| row.person.clone());
    page(&View {
        trade: row,
        viewer: desk.shop.house.bot,
        people: &people,
        house: &desk.shop.house,
        links: &MixinLinks { bot: desk.shop.house.bot, pages: None },
        clock: desk.clock(),
        now: desk.service(),
        clock_halted: desk.watch.halts.clock.is_some(),
        lang,
        token: &|_| String::new(),
        known: &Known::default(),
        kit: &|| None,
    })
}

fn token_text(desk: &Desk<'_>, cause: Cause<'_>, person: UserId, act: Binding) -> String {
    let purpose = format!("token/{act:?}/{person}/{}", cause.purpose);
    id::crockford(&desk.shop.keys.ids.derive(cause.id, &purpose, 0), TOKEN_LETTERS)
}

/// A token for proposing the draft as it stands.
pub(super) fn draft_token(desk: &mut Desk<'_>, cause: Cause<'_>, person: UserId, numbers: Hash) -> String {
    let token = token_text(desk, cause, person, Binding::Propose);
    let expires = desk.server().plus(TOKEN_LIFE);
    desk.changes.tokens.push(TokenRow {
        token: token.clone(),
        person,
        trade: None,
        act: Binding::Propose,
        numbers,
        expires,
        used: false,
    });
    token
}

/// Tells a person what has become true.
pub(super) fn notice(desk: &mut Desk<'_>, trade: TradeId, to: UserId, notice: Notice, version: u64) {
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let purpose = purpose(row, notice, version);
    show(desk, Cause { id: trade.0, purpose: &purpose }, trade, to, |view| cards::notice(view, notice));
    if notice == Notice::TimeUp {
        // That it was taken is worth knowing.
        let first = desk.found.trades.get(&trade).map(|row| first_of(desk, row, to, notice));
        if let Some(job) = first {
            desk.is_about(job, trade);
        }
    }
}

fn purpose(trade: &Trade, notice: Notice, version: u64) -> String {
    let life = trade.revived_at.map(|at| format!("{}/", at.0)).unwrap_or_default();
    format!("tell/{life}{}", occasion(trade, notice, version))
}

/// The job that says the first message of a notice as it would be told now.
pub(super) fn first_of(desk: &Desk<'_>, trade: &Trade, to: UserId, notice: Notice) -> JobId {
    let purpose = purpose(trade, notice, trade.version);
    JobId(nth_id(desk, Cause { id: trade.id.0, purpose: &purpose }, to, 0))
}

/// The id of the nth message to a person for this cause.
fn nth_id(desk: &Desk<'_>, cause: Cause<'_>, person: UserId, nth: usize) -> Uuid {
    desk.shop.keys.ids.uuid(cause.id, &format!("say/{person}/{}/{nth}", cause.purpose), 0)
}

/// The deadline that is spoken of: the state's, which may have been moved.
fn deadline(trade: &Trade) -> String {
    let mut state = trade.state;
    let until = state.until().copied().or(trade.default_at());
    format!("{}/{}", trade.state.name(), until.map_or(0, |until| until.0))
}

/// What is told, by the fact and not by the count of changes before it: a database put back from a copy lives through
/// the same facts under other versions, and what was said of them in the life that was lost is the same message.
fn occasion(trade: &Trade, notice: Notice, version: u64) -> String {
    let plan = |no: u32| {
        let plan = trade.plan(no);
        let first = plan.and_then(|plan| plan.inputs.first()).map(|input| input.output_id).unwrap_or_default();
        format!("{no}/{first}/{}", plan.map_or(0, |plan| plan.round))
    };
    let settlements = || trade.plans.iter().filter(|plan| plan.kind != PlanKind::Return).count();
    match notice {
        Notice::Proposal => "proposal".into(),
        Notice::Declined => "declined".into(),
        Notice::Cancelled => "cancelled".into(),
        Notice::Expired => "expired".into(),
        Notice::Split { plan: no } => format!("split/{}", plan(no)),
        Notice::SplitLapsed { plan: no } => format!("split_lapsed/{}", plan(no)),
        Notice::Early { plan: no } => format!("early/{}", plan(no)),
        Notice::Unshown { plan: no } => format!("unshown/{}", plan(no)),
        Notice::Foreign => format!("foreign/{}", trade.foreign.told.len()),
        Notice::Disputed => format!("disputed/{}", trade.disputed_by.len()),
        Notice::Withdrawn => format!("withdrawn/{}", trade.disputed_by.len()),
        Notice::Case(notice) => of_case(trade, notice),
        Notice::Ruled => "ruled".into(),
        Notice::Elapsed => format!("elapsed/{}", deadline(trade)),
        Notice::TimeUp => format!("time_up/{}", deadline(trade)),
        Notice::Extended => format!("extended/{}", deadline(trade)),
        Notice::Anew { at } => format!("anew/{}/{}", at.0, deadline(trade)),
        Notice::Reminder => {
            format!("reminder/{}/{}", deadline(trade), trade.said.map_or(0, |said| said.left.0))
        }
        Notice::Claim { output } => format!("claim/{output}/{version}"),
        Notice::InPieces => "in_pieces".into(),
        Notice::ClaimAgreed { output } => format!("claim_agreed/{output}/{version}"),
        Notice::Accepted => "accepted".into(),
        Notice::Delivered => format!("delivered/{}/{}", settlements(), trade.disputed_by.len()),
        Notice::Settled => "settled".into(),
        Notice::SettledElsewhere => "settled_elsewhere".into(),
        Notice::Short => format!("short/{}", trade.links.len()),
        Notice::Funded => format!("funded/{}", settlements()),
        Notice::Settling => format!("settling/{}", settlements()),
        // A page of the new state may have just promised it.
        Notice::SignLink { plan: no } => match trade.right {
            Some(Right::InspectionElapsed | Right::DeliveryElapsed) => {
                format!("sign/{}/elapsed/{}", plan(no), deadline(trade))
            }
            Some(Right::Ruled(_)) | None => {
                format!("sign/{}/{}/{}", plan(no), trade.state.name(), trade.disputed_by.len())
            }
        },
        Notice::Odd { plan: no } => format!("odd/{}", plan(no)),
        Notice::Returned { plan: no } => format!("returned/{}", plan(no)),
        // Who has one with the same links needs no other.
        Notice::Kit => {
            let standing = trade.plans.iter().filter(|plan| plan.stands() && plan.lives());
            let links = standing.filter_map(|plan| plan.request).map(|request| request.id.to_string());
            let turns = (trade.disputed_by.len(), trade.ruling().is_some());
            let turns = if turns == (0, false) { String::new() } else { format!("{turns:?}/") };
            format!("kit/{turns}{}", links.collect::<Vec<_>>().join("/"))
        }
        Notice::MixPay { order } => format!("mixpay/{order}"),
        Notice::Progress { order } => {
            let news = trade.orders.iter().find(|o| o.round == order).map(|o| (o.progress, o.moved.0));
            format!("progress/{order}/{news:?}")
        }
        // These may come again with other words: each time is its own, and what it says keeps it apart from what a
        // lost life said at the same count.
        Notice::Joined
        | Notice::Joining
        | Notice::TurnedAway
        | Notice::Imported
        | Notice::CaughtUp
        | Notice::ClaimRefused
        | Notice::Frozen
        | Notice::Unfrozen => {
            format!("{notice:?}/{:?}/{version}", trade.joiner)
        }
    }
}

/// By dispute and round; that nobody is left may become true again, after somebody else was asked, and a second judge may
/// take it in the same round. What a judge asks of people, or is asked, is said again after a restore.
fn of_case(trade: &Trade, notice: CaseNotice) -> String {
    let case = trade.case.as_ref();
    let (round, asked) = case.map_or((0, 0), |case| (case.round, case.asked.len()));
    let asked = if notice == CaseNotice::Nobody { asked } else { 0 };
    let more = match (notice, case) {
        (CaseNotice::Judged, Some(case)) => case.judge().map(|judge| format!("/{judge}")),
        (CaseNotice::Yours | CaseNotice::Stands, Some(case)) => Some(format!("/{}", case.since.0)),
        _ => None,
    };
    format!("case/{}/{round}/{asked}/{notice:?}{}", trade.disputed_by.len(), more.unwrap_or_default())
}

pub(super) fn lang(desk: &Desk<'_>, person: UserId) -> Lang {
    desk.found.persons.get(&person).and_then(|row| row.lang).unwrap_or_default()
}

/// Queues posts for an audience, in order. If the process dies they are in the queue; sent twice they arrive once.
pub(super) fn say(desk: &mut Desk<'_>, cause: Cause<'_>, audience: Audience, posts: Vec<Post>) {
    say_about(desk, cause, audience, posts, None);
}

fn say_about(desk: &mut Desk<'_>, cause: Cause<'_>, audience: Audience, posts: Vec<Post>, trade: Option<TradeId>) {
    let bot = desk.shop.house.bot;
    let (to, posts) = match audience {
        Audience::Person(person) => (To::person(bot, person), posts),
        Audience::Group { conversation, member } => {
            // The last to look at it: what is for one person alone never leaves for a group.
            let posts = group::public(posts, &desk.shop.house, &link::bot(bot));
            (To { conversation_id: conversation, recipient_id: member }, posts)
        }
    };
    let person = to.recipient_id.unwrap_or(bot);
    let in_group = format!("{}/{}", to.conversation_id, cause.purpose);
    let cause = match audience {
        Audience::Person(_) => cause,
        Audience::Group { .. } => Cause { purpose: &in_group, ..cause },
    };
    for (nth, post) in posts.into_iter().enumerate() {
        let id = nth_id(desk, cause, person, nth);
        match post {
            // Not in the conversation's lane: a picture must never delay words.
            Post::Qr(link) => {
                let during = trade.and_then(|id| desk.found.trades.get(&id)).map(|trade| trade.state.name().to_owned());
                let body = UploadBody { to, message_id: MessageId(id), link, during };
                let lane = format!("upload/{}", id.as_u128() % UPLOAD_LANES);
                let body = serde_json::to_value(body).unwrap_or_default();
                queue(desk, JobId(id), (Kind::Upload, lane), trade, body);
            }
            post => queue_say(desk, &message(bot, to, MessageId(id), post)),
        }
    }
}

/// A picture is uploaded: it is said behind whatever waits in its conversation, with a line that tells what it is,
/// unless the trade has moved on and somebody could pay what nobody asks for any more.
pub(super) fn picture(desk: &mut Desk<'_>, job: &JobRow, image: &Image) {
    let trade = job.trade.and_then(|id| desk.found.trades.get(&id));
    let Some(body) = UploadBody::of(job).filter(|body| body.is_wanted(trade, desk.server())) else { return };
    if let Some(trade) = trade {
        let lang = body.to.recipient_id.map(|person| lang(desk, person)).unwrap_or_default();
        let post = cards::picture(trade, body.is_mixpay(), lang);
        let id = MessageId(desk.shop.keys.ids.uuid(body.message_id.0, "caption", 0));
        let caption = message(desk.shop.house.bot, body.to, id, post);
        queue_say(desk, &caption);
    }
    queue_say(desk, &OutMessage::image(body.to, body.message_id, image));
}

fn queue_say(desk: &mut Desk<'_>, message: &OutMessage) {
    let kind = if message.recipient_id.is_some() { Kind::Say } else { Kind::Post };
    let lane = format!("{}/{}", kind.name(), message.conversation_id);
    let body = serde_json::to_value(message).unwrap_or_default();
    queue(desk, JobId(message.message_id.0), (kind, lane), None, body);
}

fn queue(
    desk: &mut Desk<'_>,
    id: JobId,
    (kind, lane): (Kind, String),
    trade: Option<TradeId>,
    body: serde_json::Value,
) {
    desk.job(JobRow { id, kind, lane, trade, run_at: desk.now, tries: 0, refusals: 0, body });
}

fn message(bot: UserId, to: To, id: MessageId, post: Post) -> OutMessage {
    let text = |words: String| match words.chars().count() {
        0..=TEXT_MAX => OutMessage::text(to, id, words),
        _ => OutMessage::post(to, id, words),
    };
    match post {
        // The words of a picture, should one ever be wanted without it, are its link.
        Post::Text(words) | Post::Qr(words) => text(words),
        Post::Markdown(words) => OutMessage::post(to, id, words),
        Post::File { kind, name, size, file } => OutMessage::file(to, id, &file_of(kind, name, size, file)),
        Post::Contact(person) => OutMessage::contact(to, id, person),
        // A post with more buttons than may be shown is a mistake of ours; its words are still said.
        Post::Buttons(list) => OutMessage::buttons(to, id, &buttons(&list)).unwrap_or_else(|_| text(labels(&list))),
        Post::Card { title, text: words, buttons: list } => {
            let card = Card { app_id: bot, title, description: words.clone(), buttons: buttons(&list) };
            OutMessage::card(to, id, &card).unwrap_or_else(|_| text(words))
        }
    }
}

fn file_of(kind: ExhibitKind, name: String, size: u64, file: FileRef) -> OutFile {
    let category = match kind {
        ExhibitKind::Picture => Category::PlainImage,
        ExhibitKind::Video => Category::PlainVideo,
        ExhibitKind::Audio => Category::PlainAudio,
        ExhibitKind::File | ExhibitKind::Text | ExhibitKind::Post | ExhibitKind::Contact => Category::PlainData,
    };
    let FileRef { attachment, mime, width, height, duration, .. } = file;
    OutFile { category, attachment_id: attachment, mime_type: mime, size, name, width, height, duration }
}

fn labels(list: &[Button]) -> String {
    list.iter().map(|button| button.label.as_str()).collect::<Vec<_>>().join("\n")
}

fn buttons(list: &[Button]) -> Vec<messenger::Button> {
    let colour = |colour| match colour {
        Colour::Go => Color::Blue,
        Colour::Money => Color::Green,
        Colour::Stop => Color::Red,
        Colour::Plain => Color::Grey,
    };
    list.iter()
        .map(|button| messenger::Button::new(&button.label, colour(button.colour), button.action.clone()))
        .collect()
}
