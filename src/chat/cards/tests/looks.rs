//! How the main pages look, word by word.

use super::*;

#[test]
fn the_draft() {
    insta::assert_snapshot!(render(&draft(&draft_of("camera lens", Some(BOB)), TOKEN, &house(), &nice, Lang::En, &Known::default())), @r#"
    # Draft: you are buying
    Buyer: you · Seller: Bob (46802)
    Item: “camera lens”
    Price: 100 USDT · TRON
    Fee: 1 USDT (1%), paid by the buyer
    You will pay: 101 USDT
    If released: seller gets 100 USDT, buyer 0 USDT.
    If refunded: buyer gets 101 USDT (no fee), seller 0 USDT.
    That is the least and the most for each of you; whatever is overpaid comes back to the buyer.
    Time: 1 d to accept, 2 h to pay, 7 d to deliver, 3 d to check.
    The vault has three keys: buyer, seller and me. Any two can move the money: I with one of you could, I alone never.
    I am run by Fair Trade Ltd. 1 judge is named for disputes; if nobody rules within 30 days: refund.
    If I ever disappear: sign the same link, release or refund, both of you, and it works without me.
    Next: send it to Bob (46802). Or share another contact card to change that.
    [Send it to Bob] input:propose T0KEN00000000000
    [Start over] input:buy
    "#);
}

#[test]
fn the_invitation() {
    insta::assert_snapshot!(shown(&stages("camera lens")[1], ALICE, invitation), @r#"
    # Invitation
    Trade K7Q2MD · Proposed · 101 USDT
    Next: forward the message below to the seller. When somebody brings the code, I show you who it is; the trade starts only after your yes.
    2 h 10 min left (until Nov 23, 14:05 UTC).
    [What now?] input:why K7Q2MD
    [Cancel] input:cancel K7Q2MD
    ---
    Trade K7Q2MD · Proposed · 101 USDT
    Alice (46801) wants to buy “camera lens” safely.
    To see the terms, open mixin://send?text=join%20K7Q2MD
    or write to me, Mixin ID 7000101276: join K7Q2MD
    "#);
}

#[test]
fn the_proposal() {
    insta::assert_snapshot!(shown(&stages("camera lens")[1], BOB, |view| notice(view, Notice::Proposal)), @r#"
    # A trade for you
    Trade K7Q2MD · Proposed · 101 USDT
    Alice (46801) wants to buy this from you.
    Item: “camera lens”
    Buyer: Alice (46801) · Seller: you
    Price: 100 USDT · TRON
    Fee: 1 USDT (1%), paid by the buyer
    Alice (46801) will pay: 101 USDT
    If released: seller gets 100 USDT, buyer 0 USDT.
    If refunded: buyer gets 101 USDT (no fee), seller 0 USDT.
    That is the least and the most for each of you; whatever is overpaid comes back to the buyer.
    Time: 1 d to accept, 2 h to pay, 7 d to deliver, 3 d to check.
    The vault has three keys: buyer, seller and me. Any two can move the money: I with one of you could, I alone never.
    I am run by Fair Trade Ltd. 1 judge is named for disputes; if nobody rules within 30 days: refund.
    If I ever disappear: sign the same link, release or refund, both of you, and it works without me.
    After you accept, Alice (46801) confirms that you are the right person.
    Next: read it, then accept, or leave it alone. 2 h 10 min left (until Nov 23, 14:05 UTC).
    [Accept] input:accept K7Q2MD T0KEN00000000000
    "#);
}

#[test]
fn the_person_who_joined() {
    insta::assert_snapshot!(shown(&stages("camera lens")[2], ALICE, |view| notice(view, Notice::Joined)), @r#"
    (contact card of 00000000-0000-0000-0000-000000000002)
    ---
    # Is this the right person?
    Trade K7Q2MD · Proposed · 101 USDT
    Bob (46802) brought your invitation and agreed to the terms.
    Next: is this the right person? Compare the Mixin ID; names and pictures can be copied.
    [Yes, it is Bob] input:confirm K7Q2MD T0KEN00000000000
    [No, somebody else] input:reject K7Q2MD
    "#);
}

#[test]
fn the_payment() {
    insta::assert_snapshot!(shown(&accepted("camera lens"), ALICE, |view| notice(view, Notice::Accepted)), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Next: pay 101 USDT with the button below (asset: USDT · TRON). 2 h 10 min left (until Nov 23, 14:05 UTC).
    It goes into the vault of three. I notice it by myself; "I have paid" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Pay 101 USDT] https://mixin.one/pay/MIX?amount=101
    [I have paid] input:paid K7Q2MD
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    ---
    (picture of https://mixin.one/pay/MIX?amount=101)
    "#);
}

#[test]
fn waiting_for_the_payment() {
    insta::assert_snapshot!(shown(&accepted("camera lens"), BOB, |view| notice(view, Notice::Accepted)), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Next: wait. Alice (46801) is to pay 101 USDT into the vault (asset: USDT · TRON). Deliver nothing before I say that it is locked.
    2 h 10 min left (until Nov 23, 14:05 UTC).
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn paid_too_little() {
    insta::assert_snapshot!(shown(&stages("camera lens")[4], ALICE, |view| notice(view, Notice::Short)), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Arrived so far: 50 USDT of 101 USDT. Still missing: 51 USDT.
    Next: pay 51 USDT with the button below (asset: USDT · TRON). 2 h 10 min left (until Nov 23, 14:05 UTC).
    It goes into the vault of three. I notice it by myself; "I have paid" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Pay 51 USDT] https://mixin.one/pay/MIX?amount=51
    [I have paid] input:paid K7Q2MD
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    ---
    (picture of https://mixin.one/pay/MIX?amount=51)
    "#);
}

#[test]
fn funded_for_the_buyer() {
    insta::assert_snapshot!(shown(&funded("camera lens"), ALICE, |view| notice(view, Notice::Funded)), @"
    # The money is locked
    Trade K7Q2MD · Funded · 105 USDT
    Your 105 USDT is locked in the vault. Next: wait for Bob (46802) to deliver. 2 h 10 min left (until Nov 23, 14:05 UTC).
    [Offer a split] input:split K7Q2MD
    [Problem] input:problem K7Q2MD
    [What now?] input:why K7Q2MD
    ");
}

#[test]
fn funded_for_the_seller() {
    insta::assert_snapshot!(shown(&funded("camera lens"), BOB, |view| notice(view, Notice::Funded)), @r#"
    # The money is locked
    Trade K7Q2MD · Funded · 105 USDT
    Alice (46801) has paid: 105 USDT is locked in the vault. You get 100 USDT on release.
    Next: deliver, then tap "I have delivered". 2 h 10 min left (until Nov 23, 14:05 UTC).
    [I have delivered] input:delivered K7Q2MD
    [Offer a split] input:split K7Q2MD
    [Problem] input:problem K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn the_release() {
    insta::assert_snapshot!(shown(&funded("camera lens"), ALICE, |view| notice(view, Notice::SignLink { plan: 0 })), @r#"
    # Release
    Trade K7Q2MD · Funded · 105 USDT
    The sheet shows: Bob, 100 USDT. It does not show 2 more outputs: our fee of 1 USDT and 4 USDT back to you.
    Signing means: you have what you bought and Bob (46802) is paid. My signature follows at once. It cannot be undone.
    Not yet: keep this until Bob (46802) has delivered and you have checked it.
    After signing, "I have signed" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Sign release] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000a
    [I have signed] input:signed K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn the_refund() {
    insta::assert_snapshot!(shown(&funded("camera lens"), BOB, |view| notice(view, Notice::SignLink { plan: 1 })), @r#"
    # Refund
    Trade K7Q2MD · Funded · 105 USDT
    The sheet shows: Alice, 105 USDT. There is nothing else in it.
    Signing means: Alice (46801) gets all of 105 USDT back and you get nothing. My signature follows at once. It cannot be undone. Sign only if you want to give the money back; otherwise keep this unsigned.
    After signing, "I have signed" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [I have delivered] input:delivered K7Q2MD
    [Sign refund] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000b
    [I have signed] input:signed K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn delivered_for_the_buyer() {
    let trade = with(funded("camera lens"), &[Event::Delivered { until: until() }]);
    insta::assert_snapshot!(shown(&trade, ALICE, |view| notice(view, Notice::Delivered)), @r#"
    # Delivered
    Trade K7Q2MD · Delivered · 105 USDT
    Bob (46802) says it is delivered. Next: check it. If all is well, sign the release; if not, talk to each other and sign nothing. 2 h 10 min left (until Nov 23, 14:05 UTC).
    The sheet shows: Bob, 100 USDT. It does not show 2 more outputs: our fee of 1 USDT and 4 USDT back to you.
    Signing means: you have what you bought and Bob (46802) is paid. My signature follows at once. It cannot be undone.
    After signing, "I have signed" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Sign release] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000a
    [I have signed] input:signed K7Q2MD
    [Offer a split] input:split K7Q2MD
    [Problem] input:problem K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn settled_for_both() {
    insta::assert_snapshot!(shown(&settled("camera lens", true), BOB, |view| notice(view, Notice::Settled)), @r#"
    # Done
    Trade K7Q2MD · Settled · 105 USDT
    Released. This is who got what:
    - You: 100 USDT
    - Our fee: 1 USDT
    - Alice (46801): 4 USDT
    7 of 7 checks held; the bot signed last.
    Nothing is left to do.
    How was it with Alice (46801)? Your word counts for their record; nothing else depends on it.
    [Good] input:rate K7Q2MD good
    [Bad] input:rate K7Q2MD bad
    [My trades] input:trades
    "#);
    let alone = shown(&settled("camera lens", false), ALICE, |view| notice(view, Notice::Settled));
    assert!(alone.contains("without the bot") && !alone.contains("7 of 7"), "{alone}");
    let mut unknown = settled("camera lens", true);
    unknown.plans[0].cosigned = false;
    let unknown = shown(&unknown, ALICE, |view| notice(view, Notice::Settled));
    assert!(!unknown.contains("without the bot") && !unknown.contains("7 of 7"), "{unknown}");
}

#[test]
fn why_funded() {
    insta::assert_snapshot!(shown(&funded("camera lens"), ALICE, why), @r#"
    # What now?
    Trade K7Q2MD · Funded · 105 USDT
    Waiting for Bob (46802) to deliver and say so.
    Time: 2 h 10 min left (until Nov 23, 14:05 UTC).
    When the time is over, I no longer take "delivered". No money moves by itself: the buyer can still sign the release, the seller the refund.
    From then on you may sign the refund too: 105 USDT.
    [Offer a split] input:split K7Q2MD
    [Give more time] input:extend K7Q2MD
    [Problem] input:problem K7Q2MD
    [Status] input:status K7Q2MD
    [Make a trade room] input:room K7Q2MD
    "#);
}

#[test]
fn status_of_a_funded_trade_for_the_seller() {
    insta::assert_snapshot!(shown(&funded("camera lens"), BOB, status), @r#"
    # The money is locked
    Trade K7Q2MD · Funded · 105 USDT
    Item: “camera lens”
    Buyer: Alice (46801) · Seller: you
    Price: 100 USDT · TRON
    Alice (46801) has paid: 105 USDT is locked in the vault. You get 100 USDT on release.
    Next: deliver, then tap "I have delivered". 2 h 10 min left (until Nov 23, 14:05 UTC).
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
fn a_wrong_asset_goes_back() {
    insta::assert_snapshot!(shown(&odd("x", Some(Oddity::WrongAsset)), BOB, |view| notice(view, Notice::Odd { plan: 2 })), @r#"
    # Your trade
    Trade K7Q2MD · Settled · 105 USDT
    0.5 BTC came into the vault, but that is not the agreed asset. It goes back to Alice (46801).
    Next: Alice (46801) must sign for that. The link follows.
    [Status] input:status K7Q2MD
    "#);
}

#[test]
fn what_names_no_trade_goes_back() {
    let said = shown(&odd("x", Some(Oddity::Unnamed(ALICE))), BOB, |view| notice(view, Notice::Odd { plan: 2 }));
    assert!(said.contains("without saying for which trade. It goes back to Alice (46801), who sent it."), "{said}");
}

#[test]
fn cancelling_asks_once_more() {
    insta::assert_snapshot!(shown(&stages("camera lens")[4], BOB, |view| need_token(view, Binding::Cancel)), @r#"
    # Are you sure?
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Do you really want to cancel? 50 USDT was paid in already; it goes back to Alice (46801).
    Please tap "Yes, cancel it" if you are sure:
    [Yes, cancel it] input:cancel K7Q2MD T0KEN00000000000
    [Status] input:status K7Q2MD
    "#);
}

/// `trade` a minute after the deadline it has.
fn late(trade: &Trade, viewer: UserId, page: impl Fn(&View<'_>) -> Vec<Post>) -> String {
    let reader = Reader::new(nice);
    render(&page(&View { now: until().plus(Millis::from_secs(60)), ..reader.view(trade, viewer) }))
}

#[test]
fn nobody_is_told_to_deliver_when_the_time_is_over() {
    let trade = funded("camera lens");
    insta::assert_snapshot!(late(&trade, ALICE, |view| notice(view, Notice::Funded)), @"
    # The money is locked
    Trade K7Q2MD · Funded · 105 USDT
    Your 105 USDT is locked in the vault, but the time to deliver was up on Nov 23, 14:05 UTC. Next: agree with Bob (46802). If you still want it, sign the release once you have it and have checked it; otherwise Bob (46802) can sign the refund. No money moves by itself.
    Before you may take the refund, I make sure that I have heard everything that was said in time, read the vault again, and told Bob (46802) that the time is over. If I cannot, nobody gets a right by time; you can call for a judge.
    [Offer a split] input:split K7Q2MD
    [Give more time] input:extend K7Q2MD
    [Problem] input:problem K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    insta::assert_snapshot!(late(&trade, BOB, |view| notice(view, Notice::Funded)), @"
    # The money is locked
    Trade K7Q2MD · Funded · 105 USDT
    105 USDT of Alice (46801) is locked in the vault, but the time to deliver was up on Nov 23, 14:05 UTC.
    Next: agree with Alice (46801), and deliver only if it is still wanted. Then Alice (46801) can sign the release, and you get 100 USDT; otherwise you can sign the refund. No money moves by itself.
    Before Alice (46801) may take the refund, I make sure that I have heard everything that was said in time, read the vault again, and told you that the time is over. If I cannot, nobody gets a right by time; Alice (46801) can call for a judge.
    [Offer a split] input:split K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    insta::assert_snapshot!(late(&trade, BOB, why), @"
    # What now?
    Trade K7Q2MD · Funded · 105 USDT
    The time to deliver is over. Waiting for both sides to agree: Alice (46801) can sign the release, you the refund.
    Time: The time was up on Nov 23, 14:05 UTC.
    No money moves by itself, however long it takes.
    Before Alice (46801) may take the refund, I make sure that I have heard everything that was said in time, read the vault again, and told you that the time is over. If I cannot, nobody gets a right by time; Alice (46801) can call for a judge.
    [Offer a split] input:split K7Q2MD
    [Status] input:status K7Q2MD
    ");
    for viewer in [ALICE, BOB] {
        let said = late(&trade, viewer, status);
        assert!(said.contains("the time to deliver was up on") && said.contains("multisigs"), "{said}");
        assert!(!said.contains("Next: deliver") && !said.contains("wait for"), "{said}");
    }
}

#[test]
fn nobody_is_told_to_wait_when_the_time_to_check_is_over() {
    let trade = with(funded("camera lens"), &[Event::Delivered { until: until() }]);
    insta::assert_snapshot!(late(&trade, BOB, |view| notice(view, Notice::Delivered)), @"
    # Delivered
    Trade K7Q2MD · Delivered · 105 USDT
    The time to check it was up on Nov 23, 14:05 UTC. No money moves by itself. Next: ask Alice (46801) to sign the release; if you agree on it, sign the refund instead.
    Before you may take the release, I make sure that I have heard everything that was said in time, read the vault again, and told Alice (46801) that the time is over. If I cannot, nobody gets a right by time; you can call for a judge.
    [Offer a split] input:split K7Q2MD
    [Give more time] input:extend K7Q2MD
    [Problem] input:problem K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    insta::assert_snapshot!(late(&trade, ALICE, why), @"
    # What now?
    Trade K7Q2MD · Delivered · 105 USDT
    Waiting for you to sign the release. Instead, Bob (46802) can sign the refund.
    Time: The time was up on Nov 23, 14:05 UTC.
    No money moves by itself, however long it takes.
    Before Bob (46802) may take the release, I make sure that I have heard everything that was said in time, read the vault again, and told you that the time is over. If I cannot, nobody gets a right by time; Bob (46802) can call for a judge.
    [Offer a split] input:split K7Q2MD
    [Status] input:status K7Q2MD
    ");
}

#[test]
fn a_frozen_trade_asks_nobody_for_anything() {
    let trade = with(funded("camera lens"), &[Event::Frozen { why: "why".into(), at: Some(Millis(0)) }]);
    insta::assert_snapshot!(shown(&trade, BOB, status), @"
    # Your trade
    Trade K7Q2MD · Funded · 105 USDT
    Item: “camera lens”
    Buyer: Alice (46801) · Seller: you
    Price: 100 USDT · TRON
    This trade is stopped: I sign nothing in it until Fair Trade Ltd has looked at it. Its deadlines stand still, and what is in the vault stays there. Next: nothing; you two can still sign together without me.
    [What now?] input:why K7Q2MD
    ");
    let paying = with(accepted("camera lens"), &[Event::Frozen { why: "why".into(), at: Some(Millis(0)) }]);
    for (trade, viewer) in [(&trade, ALICE), (&trade, BOB), (&paying, ALICE), (&paying, BOB)] {
        for page in [status, why, |view: &View<'_>| notice(view, Notice::Accepted)] {
            let said = shown(trade, viewer, page);
            assert!(
                !["https://", "Next: pay", "Next: deliver", "# Payment"].iter().any(|word| said.contains(word)),
                "{said}"
            );
        }
        let said = shown(trade, viewer, |view| notice(view, Notice::SignLink { plan: 0 }));
        assert!(!said.contains("link to sign is being made"), "{said}");
    }
}
