//! How a split looks from the question to its end, word by word.

use super::*;
use crate::chat::part;

const SPLIT: Notice = Notice::Split { plan: 2 };

#[test]
fn the_question() {
    insta::assert_snapshot!(shown(&funded("camera lens"), ALICE, |view| ask_split(view, None)), @"
    # Offer a split
    Trade K7Q2MD · Funded · 105 USDT
    How much of the 100 USDT should Bob (46802) get? The rest goes back to the buyer.
    Tap one, or write an amount or a share, for example: split K7Q2MD 60%
    [25%: 25 USDT] input:split K7Q2MD 25
    [50%: 50 USDT] input:split K7Q2MD 50
    [75%: 75 USDT] input:split K7Q2MD 75
    [Status] input:status K7Q2MD
    ");
    let wrong = part::Problem::OtherCoin("BTC".into());
    let said = shown(&delivered("camera lens"), BOB, |view| ask_split(view, Some(wrong.clone())));
    assert!(said.contains("“BTC” is not the coin of this trade.\nHow much of the 100 USDT should you get?"), "{said}");
}

#[test]
fn a_price_of_one_unit_has_no_parts_to_offer() {
    let mut trade = funded("camera lens");
    trade.terms.price = Amount::from_units(1);
    let said = shown(&trade, ALICE, |view| ask_split(view, None));
    assert!(!said.contains("input:split"), "{said}");
    // An amount that no label can hold is not cut.
    trade.terms.price = coins("90000000000000000000000000.00000001");
    let said = shown(&trade, ALICE, |view| ask_split(view, None));
    assert!(!said.contains('…'), "{said}");
}

#[test]
fn what_would_be_offered() {
    let binding = Binding::Split { seller: coins("60") };
    insta::assert_snapshot!(shown(&funded("camera lens"), BOB, |view| need_token(view, binding)), @r#"
    # Offer a split
    Trade K7Q2MD · Funded · 105 USDT
    This is what you would offer, out of the price of 100 USDT:
    - You: 60 USDT
    - Alice (46801): 44.4 USDT
    - Our fee: 0.6 USDT
    Next: tap "Offer it" if that is what you want. Nothing moves by that: Alice (46801) must sign it with the PIN, and then it happens at once. The offer stands for 48 hours, or until you two make a newer one or the trade moves on.
    [Offer it] input:split K7Q2MD 60 T0KEN00000000000
    [Another amount] input:split K7Q2MD
    [Status] input:status K7Q2MD
    "#);
}

#[test]
fn an_offer_for_whoever_may_sign_it() {
    let link_follows = with(offered("camera lens"), &[Event::RequestLost { plan: 2, request: RequestId(Uuid::nil()) }]);
    insta::assert_snapshot!(shown(&link_follows, ALICE, |view| notice(view, SPLIT)), @"
    # Split
    Trade K7Q2MD · Funded · 105 USDT
    Bob (46802) offers you this split of the price of 100 USDT:
    - You: 44.4 USDT
    - Bob (46802): 60 USDT
    - Our fee: 0.6 USDT
    Signing means: you agree, and this split happens at once. It cannot be undone. If you do not want it, do not sign: that is your no. 2 d left (until Nov 25, 11:55 UTC).
    The link to sign is being made; I send it as soon as it is ready.
    [Offer a split] input:split K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    insta::assert_snapshot!(shown(&offered("camera lens"), ALICE, |view| notice(view, Notice::SignLink { plan: 2 })), @r#"
    # Split
    Trade K7Q2MD · Funded · 105 USDT
    Bob (46802) offers you this split of the price of 100 USDT:
    - You: 44.4 USDT
    - Bob (46802): 60 USDT
    - Our fee: 0.6 USDT
    The sheet shows: yourself, 44.4 USDT. It does not show 2 more outputs: 60 USDT to Bob (46802) and our fee of 0.6 USDT.
    Signing means: you agree, and this split happens at once. It cannot be undone. If you do not want it, do not sign: that is your no. 2 d left (until Nov 25, 11:55 UTC).
    After signing, "I have signed" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Sign split] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000c
    [I have signed] input:signed K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
    insta::assert_snapshot!(shown(&offered("camera lens"), ALICE, why), @r#"
    # What now?
    Trade K7Q2MD · Funded · 105 USDT
    Waiting for Bob (46802) to deliver and say so.
    Time: 2 h 10 min left (until Nov 23, 14:05 UTC).
    When the time is over, I no longer take "delivered". No money moves by itself: the buyer can still sign the release, the seller the refund.
    From then on you may sign the refund too: 105 USDT.
    Bob (46802) has offered a split: Bob (46802) would get 60 USDT. You can sign it. 2 d left (until Nov 25, 11:55 UTC).
    [Offer a split] input:split K7Q2MD
    [Give more time] input:extend K7Q2MD
    [Problem] input:problem K7Q2MD
    [Status] input:status K7Q2MD
    [Make a trade room] input:room K7Q2MD
    "#);
}

#[test]
fn an_offer_for_whoever_made_it() {
    insta::assert_snapshot!(shown(&offered("camera lens"), BOB, |view| notice(view, SPLIT)), @"
    # Split
    Trade K7Q2MD · Funded · 105 USDT
    You have offered Alice (46801) this split of the price of 100 USDT:
    - Alice (46801): 44.4 USDT
    - You: 60 USDT
    - Our fee: 0.6 USDT
    Next: wait. If Alice (46801) signs it with the PIN, it happens at once; not signing means no. A newer offer takes the place of this one. 2 d left (until Nov 25, 11:55 UTC).
    [Offer a split] input:split K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    insta::assert_snapshot!(shown(&offered("camera lens"), BOB, status), @r#"
    # The money is locked
    Trade K7Q2MD · Funded · 105 USDT
    Item: “camera lens”
    Buyer: Alice (46801) · Seller: you
    Price: 100 USDT · TRON
    Alice (46801) has paid: 105 USDT is locked in the vault. You get 100 USDT on release.
    Next: deliver, then tap "I have delivered". 2 h 10 min left (until Nov 23, 14:05 UTC).
    You have offered a split: you would get 60 USDT. Alice (46801) can sign it. 2 d left (until Nov 25, 11:55 UTC).
    The sheet shows: Alice, 105 USDT. There is nothing else in it.
    Signing means: Alice (46801) gets all of 105 USDT back and you get nothing. My signature follows at once. It cannot be undone. Sign only if you want to give the money back; otherwise keep this unsigned.
    After signing, "I have signed" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [I have delivered] input:delivered K7Q2MD
    [Sign refund] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000b
    [I have signed] input:signed K7Q2MD
    [Offer a split] input:split K7Q2MD
    [Problem] input:problem K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn an_offer_that_is_over() {
    let over = |trade: &Trade, viewer| shown(trade, viewer, |view| notice(view, Notice::SplitLapsed { plan: 2 }));
    insta::assert_snapshot!(over(&lapsed("camera lens"), ALICE), @"
    # Your trade
    Trade K7Q2MD · Funded · 105 USDT
    The split that Bob (46802) offered is over: the trade has gone on. No money was moved by it.
    [Offer a split] input:split K7Q2MD
    [Status] input:status K7Q2MD
    ");
    let mut late = lapsed("camera lens");
    late.plans[2].offer = Some(Offer { by: BOB, until: now() });
    assert!(over(&late, BOB).contains("The split you offered is over: nobody signed it in time."));
    let newer = offered("camera lens").plans[2].clone();
    let newer = with(lapsed("camera lens"), &[Event::PlanMade { plan: Plan { no: 3, ..newer } }]);
    assert!(over(&newer, ALICE).contains("a newer one took its place"));
}

#[test]
fn it_is_told_who_signed_and_who_got_what() {
    let mut trade = offered("camera lens");
    let member = trade.vault().unwrap().index_of(ALICE).unwrap();
    trade = with(trade, &[Event::Signed { plan: 2, member, by: ALICE, signatures: Vec::new() }]);
    let trade = with(trade, &[Event::Authorised { plan: 2, authority: Authority::SplitAgreed }]);
    let said = shown(&trade, BOB, |view| notice(view, Notice::Settling));
    assert!(said.contains("Alice (46801) signed the split."), "{said}");
    let ends = [
        Event::Cosigned { plan: 2 },
        Event::PlanEnded { plan: 2, end: End::Spent },
        Event::Settled { plan: 2, at: now() },
    ];
    insta::assert_snapshot!(shown(&with(trade, &ends), ALICE, |view| notice(view, Notice::Settled)), @"
    # Done
    Trade K7Q2MD · Settled · 105 USDT
    Split. This is who got what:
    - You: 44.4 USDT
    - Bob (46802): 60 USDT
    - Our fee: 0.6 USDT
    7 of 7 checks held; the bot signed last.
    Nothing is left to do.
    How was it with Bob (46802)? Your word counts for their record; nothing else depends on it.
    [Good] input:rate K7Q2MD good
    [Bad] input:rate K7Q2MD bad
    [My trades] input:trades
    ");
}

#[test]
fn the_kit_knows_only_what_stands() {
    let said = shown(&offered("camera lens"), ALICE, kit);
    assert!(said.contains("the release: if you") && said.contains("the refund: if you"), "{said}");
    assert!(!said.contains("split") && !said.contains("44.4"), "{said}");
}

#[test]
fn it_cannot_be_offered_where_nothing_is_open() {
    for trade in stages("camera lens") {
        for viewer in [ALICE, BOB] {
            let open = trade.state.is_open() && trade.frozen.is_none() && trade.ruling().is_none();
            let said = shown(&trade, viewer, status);
            assert_eq!(said.contains("[Offer a split]"), open, "{said}");
        }
    }
}
