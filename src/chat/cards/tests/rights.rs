//! Disputes, rulings, rights by time, and signatures that move nothing, word by word.

use super::*;

fn lost(trade: &Trade, no: u32) -> Trade {
    with(trade.clone(), &[Event::RequestLost { plan: no, request: RequestId(Uuid::nil()) }])
}

#[test]
fn a_dispute() {
    let trade = disputed(delivered("camera lens"), true);
    insta::assert_snapshot!(shown(&trade, BOB, |view| notice(view, Notice::Disputed)), @"
    # A judge was called for
    Trade K7Q2MD · Disputed · 105 USDT
    Alice (46801) called for a judge. The clocks stand still; the time left to check is 1 d 2 h.
    You two can still end it yourselves: Alice (46801) by signing the release, you by signing the refund, or both by a split.
    What it is about: something else, Alice (46801) says.
    You can add evidence of your own, too.
    [Add evidence] input:evidence K7Q2MD
    [Offer a split] input:split K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    insta::assert_snapshot!(shown(&trade, ALICE, why), @"
    # What now?
    Trade K7Q2MD · Disputed · 105 USDT
    A judge was called for. Waiting for the ruling, or for the two of you: you can sign the release, Bob (46802) the refund.
    Until then the clocks stand still, and no money moves by itself.
    [Add evidence] input:evidence K7Q2MD
    [Take back the call] input:withdraw K7Q2MD
    [Offer a split] input:split K7Q2MD
    [Status] input:status K7Q2MD
    ");
    let said = shown(&trade, ALICE, status);
    assert!(said.contains("You called for a judge.") && said.contains("[Sign release]"), "{said}");
    let said = shown(&disputed(funded("camera lens"), false), BOB, status);
    assert!(said.contains("the time left to deliver is 1 d 2 h.") && said.contains("[Sign refund]"), "{said}");
    let again = with(trade, &[Event::Withdrawn { by: ALICE, until: until() }]);
    insta::assert_snapshot!(shown(&again, BOB, |view| notice(view, Notice::Withdrawn)), @"
    # Delivered
    Trade K7Q2MD · Delivered · 105 USDT
    Alice (46801) took back the call for a judge. The trade goes on where it stood.
    Next: wait while Alice (46801) checks it and signs the release. 2 h 10 min left (until Nov 23, 14:05 UTC).
    [Offer a split] input:split K7Q2MD
    [Problem] input:problem K7Q2MD
    [What now?] input:why K7Q2MD
    ");
}

#[test]
fn a_ruling() {
    insta::assert_snapshot!(shown(&ruled("camera lens", half()), BOB, |view| notice(view, Notice::Ruled)), @"
    # It is ruled
    Trade K7Q2MD · Disputed · 105 USDT
    The ruling is: split. It is final. Next: you or Alice (46801) can sign it with the PIN, and it happens at once. This is who gets what:
    - You: 60 USDT
    - Alice (46801): 44.4 USDT
    - Our fee: 0.6 USDT
    [What now?] input:why K7Q2MD
    ");
    insta::assert_snapshot!(shown(&ruled("camera lens", half()), ALICE, |view| notice(view, Notice::SignLink { plan: 2 })), @r#"
    # Split
    Trade K7Q2MD · Disputed · 105 USDT
    The sheet shows: Bob, 60 USDT. It does not show 2 more outputs: 44.4 USDT back to you and our fee of 0.6 USDT.
    It was ruled so. Signing means: it happens as ruled, and you get 44.4 USDT. My signature follows at once. It cannot be undone.
    After signing, "I have signed" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Sign split] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000c
    [I have signed] input:signed K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
    insta::assert_snapshot!(shown(&ruled("camera lens", Ruling::Refund), ALICE, status), @r#"
    # It is ruled
    Trade K7Q2MD · Disputed · 105 USDT
    Item: “camera lens”
    Buyer: you · Seller: Bob (46802)
    Price: 100 USDT · TRON
    The ruling is: refund. It is final. Next: you can sign it with the PIN, and it happens at once. This is who gets what:
    - You: 105 USDT
    The sheet shows: yourself, 105 USDT. There is nothing else in it.
    It was ruled so. Signing means: it happens as ruled, and you get 105 USDT. My signature follows at once. It cannot be undone.
    After signing, "I have signed" makes me look at once.
    The sheet shows: Bob, 100 USDT. It does not show 2 more outputs: our fee of 1 USDT and 4 USDT back to you.
    Signing means: you have what you bought and Bob (46802) is paid. My signature follows at once. It cannot be undone.
    After signing, "I have signed" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Sign refund] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000b
    [I have signed] input:signed K7Q2MD
    [Sign release] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000a
    [What now?] input:why K7Q2MD
    "#);
    let said = shown(&ruled("camera lens", Ruling::Release), ALICE, why);
    assert!(said.contains("Waiting for Bob (46802) to sign the release."), "{said}");
}

#[test]
fn the_time_to_check_is_over() {
    let trade = with(delivered("camera lens"), &[Event::Elapsed { right: Right::InspectionElapsed }]);
    insta::assert_snapshot!(shown(&trade, ALICE, |view| notice(view, Notice::Elapsed)), @r#"
    # Delivered
    Trade K7Q2MD · Delivered · 105 USDT
    The time to check is over, so Bob (46802) may take the release: 100 USDT. Next: if you do not want that, agree with each other now. You can still sign the release, and both can agree on a split.
    The sheet shows: Bob, 100 USDT. It does not show 2 more outputs: our fee of 1 USDT and 4 USDT back to you.
    Signing means: you have what you bought and Bob (46802) is paid. My signature follows at once. It cannot be undone.
    After signing, "I have signed" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Sign release] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000a
    [I have signed] input:signed K7Q2MD
    [Offer a split] input:split K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
    insta::assert_snapshot!(shown(&trade, BOB, status), @r#"
    # Delivered
    Trade K7Q2MD · Delivered · 105 USDT
    Item: “camera lens”
    Buyer: Alice (46801) · Seller: you
    Price: 100 USDT · TRON
    The time to check is over, so you may take the release yourself: you get 100 USDT. Next: sign the release. Alice (46801) can still sign it too.
    The sheet shows: yourself, 100 USDT. It does not show 2 more outputs: our fee of 1 USDT and 4 USDT to Alice (46801).
    The time to check is over, so this is yours to take. Signing means: you get 100 USDT. My signature follows at once. It cannot be undone.
    After signing, "I have signed" makes me look at once.
    The sheet shows: Alice, 105 USDT. There is nothing else in it.
    Signing means: Alice (46801) gets all of 105 USDT back and you get nothing. My signature follows at once. It cannot be undone. Sign only if you want to give the money back; otherwise keep this unsigned.
    After signing, "I have signed" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Sign release] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000a
    [I have signed] input:signed K7Q2MD
    [Sign refund] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000b
    [Offer a split] input:split K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
    insta::assert_snapshot!(shown(&trade, BOB, why), @"
    # What now?
    Trade K7Q2MD · Delivered · 105 USDT
    Waiting for you to sign the release.
    No money moves by itself, however long it takes.
    [Offer a split] input:split K7Q2MD
    [Give more time] input:extend K7Q2MD
    [Status] input:status K7Q2MD
    ");
    let said = shown(&trade, BOB, |view| notice(view, Notice::SignLink { plan: 0 }));
    assert!(said.contains("so this is yours to take. Signing means: you get 100 USDT."), "{said}");
}

#[test]
fn the_time_to_deliver_is_over() {
    let trade = with(funded("camera lens"), &[Event::Elapsed { right: Right::DeliveryElapsed }]);
    insta::assert_snapshot!(shown(&trade, ALICE, |view| notice(view, Notice::Elapsed)), @"
    # The money is locked
    Trade K7Q2MD · Funded · 105 USDT
    The time to deliver is over, so you may take the refund yourself: you get 105 USDT. Next: sign the refund if you want your money back. If you still want what you bought, agree with Bob (46802) and sign nothing yet.
    [Offer a split] input:split K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    insta::assert_snapshot!(shown(&trade, BOB, |view| notice(view, Notice::Elapsed)), @"
    # The money is locked
    Trade K7Q2MD · Funded · 105 USDT
    The time to deliver is over, so Alice (46801) may take the refund: 105 USDT. Next: agree with each other; you should deliver only if Alice (46801) still wants it. Then Alice (46801) can sign the release.
    [I have delivered] input:delivered K7Q2MD
    [Offer a split] input:split K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    let said = shown(&trade, ALICE, |view| notice(view, Notice::SignLink { plan: 1 }));
    assert!(said.contains("you get 105 USDT back") && said.contains("[Sign refund]"), "{said}");
}

#[test]
fn it_is_named_who_really_signed() {
    let mut trade = with(delivered("camera lens"), &[Event::Elapsed { right: Right::InspectionElapsed }]);
    let member = trade.vault().unwrap().index_of(BOB).unwrap();
    let signed = Event::Signed { plan: 0, member, by: BOB, signatures: Vec::new() };
    trade = with(trade, &[signed, Event::Authorised { plan: 0, authority: Authority::InspectionElapsed }]);
    let said = shown(&trade, ALICE, |view| notice(view, Notice::Settling));
    assert!(said.contains("Bob (46802) signed the release."), "{said}");
}

#[test]
fn a_signature_that_comes_too_early() {
    let early = |trade: &Trade, viewer, plan| shown(trade, viewer, |view| notice(view, Notice::Early { plan }));
    insta::assert_snapshot!(early(&delivered("camera lens"), BOB, 0), @"
    # Release
    Trade K7Q2MD · Delivered · 105 USDT
    You have signed the release, which pays you, before you may take it. Nothing moves by that: it needs the signature of Alice (46801), or a right of yours by time or by a ruling. Yours is kept until then. Next: wait.
    [Status] input:status K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    assert!(early(&funded("camera lens"), ALICE, 1).contains("You have signed the refund, which pays you"));
    assert!(early(&offered("camera lens"), BOB, 2).contains("Alice (46801) must sign it"));
}

#[test]
fn a_request_of_somebodys_own() {
    insta::assert_snapshot!(shown(&held("camera lens"), ALICE, |view| notice(view, Notice::Foreign)), @"
    # A link to sign
    Trade K7Q2MD · Delivered · 105 USDT
    One of you has signed a request of their own over this money. I did not make it; what it would do follows.
    Two of you may move the money like that: it is your right. One alone only keeps my links from being signed, so I take such requests away 5 min after I first saw one.
    Next: do not sign what you did not agree to.
    [Status] input:status K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    let said = shown(&held("camera lens"), BOB, status);
    assert!(said.contains("A request that is not mine holds the money"), "{said}");
}

#[test]
fn a_signature_that_is_not_shown() {
    let unshown_to = |viewer| shown(&unshown("camera lens"), viewer, |view| notice(view, Notice::Unshown { plan: 0 }));
    insta::assert_snapshot!(unshown_to(BOB), @"
    # Release
    Trade K7Q2MD · Delivered · 105 USDT
    Mixin says that one of you has signed the release, but does not show me the signature. I sign nothing that I cannot see, so I do not add mine.
    Next: if you both want it, both sign the same link. Then it happens without me, which is what your recovery kit is for. If not, sign nothing.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Sign release] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000a
    [Recovery kit] input:kit K7Q2MD
    [Status] input:status K7Q2MD
    ");
    assert!(unshown_to(ALICE).contains("[Sign release]"));
    let said = shown(&unshown("camera lens"), ALICE, status);
    assert!(said.contains("does not show me the signature") && !said.contains("makes me look at once"), "{said}");
    let gone = lost(&unshown("camera lens"), 0);
    assert!(!shown(&gone, BOB, |view| notice(view, Notice::Unshown { plan: 0 })).contains("multisigs"));
}
