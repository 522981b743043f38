//! What is said in groups, and what never leaves for one.

use super::rules::{check, pages};
use super::*;
use crate::chat::Dialog;
use crate::chat::group::public;
use crate::chat::say::group::RoomLine;

const BOT_LINK: &str = "https://mixin.one/apps/b0700000-0000-4000-8000-000000000001";

const ROOM_LINES: [RoomLine; 7] = [
    RoomLine::Stands,
    RoomLine::JoinIt,
    RoomLine::OtherJoins,
    RoomLine::Coming,
    RoomLine::Nobody,
    RoomLine::Lost,
    RoomLine::NotNow,
];

/// Things that happen, for whoever hears of them in a group.
fn events() -> Vec<Event> {
    vec![
        Event::Joined { by: CAROL },
        Event::TurnedAway { person: CAROL },
        Event::Declined { by: BOB },
        Event::Cancelled { by: ALICE },
        Event::Expired,
        Event::Funded { until: until() },
        Event::Delivered { until: until() },
        Event::Withdrawn { by: ALICE, until: until() },
        Event::Authorised { plan: 0, authority: Authority::BuyerReleased },
        Event::Settled { plan: 0, at: now() },
    ]
}

/// Everything that is said to a group about a trade.
fn said_in_groups(view: &View<'_>) -> Vec<Vec<Post>> {
    let mut pages = vec![
        group::offer(view),
        group::standing(view),
        group::not_yours(view),
        group::looks(view, CAROL),
        group::room(view),
        group::came(view, CAROL, true),
        group::came(view, CAROL, false),
        group::left(view, BOB),
    ];
    for own in [false, true] {
        pages.extend(events().iter().map(|event| group::told(view, event, own)).filter(|page| !page.is_empty()));
    }
    pages
}

/// Nothing in it that is for one person alone.
fn check_public(posts: &[Post], house: &House) {
    for post in posts {
        let (text, buttons) = match post {
            Post::Text(text) => (text.as_str(), &[][..]),
            Post::Buttons(buttons) => ("", buttons.as_slice()),
            Post::Card { text, buttons, .. } => (text.as_str(), buttons.as_slice()),
            Post::Markdown(_) | Post::Contact(_) | Post::Qr(_) | Post::File { .. } => panic!("{post:?}"),
        };
        assert!(!text.contains("://") && !text.contains(TOKEN), "{text}");
        for button in buttons {
            let said = button.action.strip_prefix(&format!("input:@{} ", house.bot_number));
            assert!(said.is_some() || button.action == BOT_LINK, "{}", button.action);
            assert!(!button.action.contains(TOKEN), "{}", button.action);
            if let Some(said) = said {
                assert!(matches!(commands::read(said), Read::Command(_)), "nobody understands {said}");
            }
        }
    }
}

/// Whatever card is handed to a group by mistake, no link to pay or sign, no token, no kit and no picture goes out.
#[test]
fn nothing_for_one_person_leaves_for_a_group() {
    for (people, lang) in [nice as fn(UserId) -> Option<Person>, hostile].into_iter().zip(Lang::ALL) {
        let reader = Reader { lang, ..Reader::new(people) };
        let mut kept = 0;
        for trade in stages(HOSTILE) {
            for viewer in [ALICE, BOB] {
                for page in pages(&reader.view(&trade, viewer)) {
                    let left = public(page, &reader.house, BOT_LINK);
                    check_public(&left, &reader.house);
                    kept += left.len();
                }
            }
        }
        assert!(kept > 0);
    }
}

#[test]
fn what_is_said_in_groups_keeps_the_rules_and_is_public_already() {
    for people in [nice as fn(UserId) -> Option<Person>, hostile, |_| None] {
        for lang in Lang::ALL {
            let reader = Reader { lang, ..Reader::new(people) };
            let never = say::words(lang, &Line::Group(say::group::GroupLine::NeverHere));
            for trade in stages("camera lens").into_iter().chain(stages(HOSTILE)) {
                let view = View { token: &|_| String::new(), ..reader.view(&trade, reader.house.bot) };
                for page in said_in_groups(&view) {
                    check(lang, &page);
                    let left = public(page.clone(), &reader.house, BOT_LINK);
                    assert_eq!(left.len(), page.len(), "nothing of it is held back: {page:?}");
                    check_public(&left, &reader.house);
                    let text = render(&left);
                    assert!(page == group::not_yours(&view) || text.contains(&never), "{text}");
                }
                for line in ROOM_LINES {
                    check(lang, &group::of_room(&view, line, Some("https://mixin.one/codes/x".into())));
                }
            }
            let house = &reader.house;
            let draft = Dialog::Draft(draft_of(HOSTILE, None));
            let item = Dialog::Item { role: Role::Buyer, other: None };
            for reachable in [true, false] {
                for dialog in [&draft, &item, &Dialog::Idle] {
                    let page = group::wants(people(ALICE), dialog, reachable, BOT_LINK, lang);
                    check(lang, &page);
                    check_public(&public(page, house, BOT_LINK), house);
                }
                check(lang, &group::wrote(people(ALICE), reachable, BOT_LINK, lang));
            }
            check_public(&group::usage(house, lang), house);
            check_public(&group::not_understood(house, lang), house);
            check(lang, &group::confirm_here(lang));
        }
    }
}
