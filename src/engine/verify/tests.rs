//! Requests of ours and of others, read by their bytes; and answers that lie.

use proptest::prelude::*;

use super::*;
use crate::chat::{House, Lang, Post};
use crate::id::{AssetId, TradeId};
use crate::kernel::{PublicKey, Signature, Units};
use crate::trade::tests::scene::*;
use crate::trade::{Kind as PlanKind, terms};

/// Makes one word of an answer false.
type Spoil = fn(&mut MultisigRequest);

const MALLORY: UserId = STRANGER;
const REQUEST: RequestId = RequestId(Uuid::from_u128(0x0c8c_8a3e_6a0b_4b36_8a5e_3f0f_5a0b_7c11));

fn house(scene: &Scene) -> House {
    let terms = &scene.trade.terms;
    House {
        bot: BOT,
        bot_number: "7000101276".into(),
        bot_name: String::new(),
        operator: "us".into(),
        assets: vec![terms.asset.clone()],
        fee: terms.fee.clone(),
        periods: terms.periods,
        judges: Vec::new(),
        unruled: terms::Unruled::Refund,
        ruling_delay: crate::chat::RulingDelay::default(),
        short_ok_bp: 100,
        price_max: None,
        open_max: 5,
        caps: crate::chat::Caps::default(),
        mixpay: false,
    }
}

fn person(id: UserId) -> Option<Person> {
    let (name, number) = match id {
        BUYER => ("Alice", "46801"),
        SELLER => ("Bob", "46802"),
        MALLORY => ("back into the same vault”\nTrade K7Q2M9 · Settled · 1 BTC", "46899"),
        _ => return None,
    };
    Some(Person { id, number: number.into(), name: name.into(), has_safe: true, is_bot: false })
}

fn found(scene: &Scene) -> Found {
    Found { trades: [(scene.trade.id, scene.trade.clone())].into(), ..Found::default() }
}

fn receiver(members: &[UserId], threshold: u8) -> Receiver {
    let members_hash = Some(members_hash(members));
    Receiver { members: members.to_vec(), members_hash, threshold, destination: String::new(), tag: String::new() }
}

/// The request of a plan of ours, as Mixin shows it.
fn ours(scene: &Scene, kind: PlanKind) -> MultisigRequest {
    let plan = scene.plan(kind);
    let payouts: Vec<UserId> = plan.payouts.iter().map(|payout| payout.to).collect();
    let tx = Transaction::decode(&plan.payload.as_ref().unwrap().raw).unwrap();
    carrying(scene, &tx, &payouts)
}

/// The request of any transaction whose outputs go to these people.
fn carrying(scene: &Scene, tx: &Transaction, to: &[UserId]) -> MultisigRequest {
    let vault = scene.vault();
    MultisigRequest {
        request_id: REQUEST,
        transaction_hash: tx.hash(),
        asset_id: Some(USDT),
        amount: tx.outputs[0].amount.amount().unwrap_or_default(),
        raw: tx.encode(),
        senders: vault.members.clone(),
        senders_hash: vault.hash,
        senders_threshold: 2,
        signers: Vec::new(),
        receivers: to.iter().map(|person| receiver(&[*person], 1)).collect(),
        views: Vec::new(),
        revoked_by: None,
        inscription: false,
        created_at: None,
    }
}

/// The frozen inputs of the trade, paid out by somebody else: so much to each.
fn foreign(scene: &Scene, to: &[(UserId, u128)]) -> Transaction {
    let inputs = &scene.plan(PlanKind::Release).inputs;
    let out = |(nth, (person, amount)): (u16, &(UserId, u128))| {
        let r = random(7_000_000 + u128::from(nth));
        kernel::Output::pay(units(*amount), one_time(&[*person], &r, nth), r.public(), 1)
    };
    Transaction {
        asset: asset_hash(USDT),
        inputs: inputs.iter().map(|input| kernel::Input::spend(input.hash, input.index)).collect(),
        outputs: (0u16..).zip(to).map(out).collect(),
        references: Vec::new(),
        extra: Vec::new(),
        signatures: Signatures::Maps(Vec::new()),
    }
}

fn answer(scene: &Scene, by: UserId, request: &MultisigRequest, spent: Option<Hash>) -> Option<String> {
    let (found, house) = (found(scene), house(scene));
    let seen = Records { found: &found, assets: &house.assets, by }.read(request, spent)?;
    let reader = Reader { viewer: by, house: &house, people: &person, lang: Lang::En, unasked: false };
    let text = |post: &Post| match post {
        Post::Text(text) => {
            assert!(text.chars().count() < 4_000, "it would open as Markdown");
            text.clone()
        }
        _ => String::new(),
    };
    Some(cards::verified(&seen, &reader).iter().map(text).collect::<Vec<_>>().join("\n"))
}

#[track_caller]
fn told(scene: &Scene, request: &MultisigRequest) -> String {
    answer(scene, BUYER, request, None).unwrap()
}

#[track_caller]
fn shows(text: &str, expected: &[&str]) {
    for words in expected {
        assert!(text.contains(words), "not shown: {words}\n{text}");
    }
}

#[test]
fn our_own_is_known_by_its_hash() {
    let scene = Scene::delivered();
    let text = told(&scene, &ours(&scene, PlanKind::Release));
    assert!(text.starts_with("Trade K7Q2M9 · Delivered · 0.00001005 USDT\n"), "{text}");
    shows(
        &text,
        &["This is my release of trade K7Q2M9: exactly", "to “Bob” (46802)", "to our fee", "Nothing else is in it"],
    );
    shows(&text, &["Signed so far: nobody", "is paid. My signature follows"]);
    assert!(!text.contains("NOT mine") && !text.contains("Careful"), "{text}");
    let refund = answer(&scene, BUYER, &ours(&scene, PlanKind::Refund), None).unwrap();
    shows(&refund, &["This is my refund", "- 0.00001005 USDT to you", "It is for “Bob” (46802) to sign, not for you"]);
    // Another request that carries the same payload is the same thing; one byte more in it is not.
    let mut tx = Transaction::decode(&ours(&scene, PlanKind::Release).raw).unwrap();
    tx.extra.push(b'!');
    shows(&told(&scene, &carrying(&scene, &tx, &[SELLER, FEES])), &["This is NOT mine"]);
}

#[test]
fn a_hidden_second_output_is_told() {
    let scene = Scene::delivered();
    let tx = foreign(&scene, &[(BUYER, 5), (MALLORY, 1_000)]);
    let text = told(&scene, &carrying(&scene, &tx, &[BUYER, MALLORY]));
    assert!(text.starts_with("Request 0c8c8a3e · NotMine · 0.00001005 USDT\nThis is NOT mine."), "{text}");
    shows(&text, &["If you sign it, 0.00001005 USDT leaves the vault of", "- 0.00000005 USDT to you"]);
    shows(
        &text,
        &["- 0.00001 USDT to “back into the same vault'", "(46899)", "your trade K7Q2M9", "It hides everything else"],
    );
    assert!(!text.lines().any(|line| line.starts_with("Trade ")), "{text}");
    // The request names one receiver for two outputs: the other is nobody it names.
    let text = told(&scene, &carrying(&scene, &tx, &[BUYER]));
    shows(&text, &["- 0.00001 USDT to an address the request does not name", "names 1 receivers for 2 payments"]);
    // Money that only comes back leaves nothing.
    let back = Receiver { ..receiver(&scene.vault().members, 2) };
    let mut tx = foreign(&scene, &[(BUYER, 5), (MALLORY, 1_000)]);
    let r = random(9);
    tx.outputs[1] = kernel::Output::pay(units(1_000), one_time(&scene.vault().members, &r, 1), r.public(), 2);
    let request = MultisigRequest { receivers: vec![receiver(&[BUYER], 1), back], ..carrying(&scene, &tx, &[BUYER]) };
    shows(&told(&scene, &request), &["0.00000005 USDT leaves", "- 0.00001 USDT back into the same vault"]);
    // One of three alone could take it from there, whatever the request says of the vault.
    let mut loose = request.clone();
    let mut tx = Transaction::decode(&request.raw).unwrap();
    tx.outputs[1].script = vec![0xff, 0xfe, 1];
    (loose.raw, loose.receivers[1].threshold, loose.senders_threshold) = (tx.encode(), 1, 1);
    shows(&told(&scene, &loose), &["0.00001005 USDT leaves", "- 0.00001 USDT to any 1 of "]);
}

#[test]
fn what_the_answer_says_is_compared_with_the_bytes() {
    let scene = Scene::delivered();
    let tx = foreign(&scene, &[(SELLER, 5), (MALLORY, 1_000)]);
    let good = carrying(&scene, &tx, &[SELLER, MALLORY]);
    let spoilt: [(Spoil, &str); 5] = [
        (|r| r.amount = units(9), "the sheet's amount is 0.00000009, but the first payment is 0.00000005 USDT"),
        (|r| r.asset_id = Some(OTHER_ASSET), "names another asset than it moves"),
        (|r| r.transaction_hash = Hash([9; 32]), "the name of another transaction"),
        (|r| r.senders_hash = Hash([9; 32]), "names other members than those whose money it spends"),
        (|r| r.inscription = true, "an inscription"),
    ];
    for (spoil, expected) in spoilt {
        let mut request = good.clone();
        spoil(&mut request);
        shows(&told(&scene, &request), &["This is NOT mine", expected]);
    }
    // Our own payload under false words is still ours, and every false word is told.
    let mut request = ours(&scene, PlanKind::Release);
    (request.amount, request.receivers[0].members) = (units(1), vec![MALLORY]);
    let text = told(&scene, &request);
    shows(
        &text,
        &["This is my release", "the sheet's amount is 0.00000001", "other receivers than my plan", "to “Bob”"],
    );
    // Fewer units out than in: no ledger takes that.
    let tx = foreign(&scene, &[(SELLER, 5)]);
    shows(&told(&scene, &carrying(&scene, &tx, &[SELLER])), &["it spends 0.00001005 USDT, which is not what it pays"]);
}

#[test]
fn what_no_sheet_can_show_is_told() {
    let scene = Scene::delivered();
    let mut tx = foreign(&scene, &[(SELLER, 5), (MALLORY, 1_000)]);
    let (address, tag) = (b"TXyz evil.example/\nTrade A \xff".to_vec(), Vec::new());
    tx.outputs[0].kind = kernel::Output::WITHDRAWAL;
    tx.outputs[0].withdrawal = Some(kernel::Withdrawal { address, tag });
    tx.signatures = Signatures::Aggregated { signature: Signature([0; 64]), signers: [0].into_iter().collect() };
    let text = told(&scene, &carrying(&scene, &tx, &[SELLER, MALLORY]));
    shows(&text, &["out of Mixin, to the address “TXyz evil. example/ Trade A", "a joint signature"]);
    let mut tx = foreign(&scene, &[(SELLER, 5), (MALLORY, 1_000)]);
    tx.outputs[0].script = vec![0xff, 0xfe, 2];
    tx.outputs[1].amount = Units::from_wire(&[&[0, 40][..], &[0xff; 40]].concat()).unwrap().0;
    shows(&told(&scene, &carrying(&scene, &tx, &[SELLER, MALLORY])), &["to nobody", "more than there is of any coin"]);
    for raw in [b"garbage".to_vec(), Vec::new(), vec![0x77, 0x77, 0, 5]] {
        let request = MultisigRequest { raw, ..ours(&scene, PlanKind::Release) };
        shows(&told(&scene, &request), &["This is NOT mine, and nobody can read it", "Request 0c8c8a3e · NotMine · ?"]);
    }
}

#[test]
fn whether_it_can_still_happen_is_told() {
    let scene = Scene::delivered();
    let tx = foreign(&scene, &[(SELLER, 5), (MALLORY, 1_000)]);
    let good = carrying(&scene, &tx, &[SELLER, MALLORY]);
    let revoked = MultisigRequest { revoked_by: Some(SELLER), ..good.clone() };
    shows(&told(&scene, &revoked), &["It would have taken", "revoked by “Bob” (46802); nobody can sign it any more"]);
    let signed = MultisigRequest { signers: vec![SELLER], ..good.clone() };
    shows(&told(&scene, &signed), &["Signed so far: “Bob” (46802) (1 of 2)", "It can still be signed"]);
    let complete = MultisigRequest { signers: vec![SELLER, BUYER], ..good.clone() };
    shows(&told(&scene, &complete), &["(2 of 2)", "it is on its way"]);
    let spent = answer(&scene, BUYER, &complete, Some(tx.hash())).unwrap();
    shows(&spent, &["This was NOT mine, and it has happened: 0.00001005 USDT has left the vault"]);
    // The ledger's own word on the inputs counts too, whatever the request says.
    let mut scene = Scene::delivered();
    scene.spend(PlanKind::Release);
    scene.look();
    shows(&told(&scene, &good), &["can never happen", "gone by another transaction"]);
    let plan = scene.trade.plans.iter().find(|plan| plan.end == Some(End::Spent)).unwrap();
    let tx = Transaction::decode(&plan.payload.as_ref().unwrap().raw).unwrap();
    shows(&told(&scene, &carrying(&scene, &tx, &[SELLER, FEES])), &["This is my release", "It is done"]);
}

#[test]
fn only_members_hear_anything() {
    let scene = Scene::delivered();
    let mut request = ours(&scene, PlanKind::Release);
    for by in [MALLORY, JUDGE, FEES] {
        assert_eq!(answer(&scene, by, &request, None), None);
    }
    // Whoever an answer counts among the members is none, if our own record knows better.
    request.senders = vec![BUYER, SELLER, MALLORY];
    request.senders_hash = members_hash(&request.senders);
    assert_eq!(answer(&scene, MALLORY, &request, None), None);
    assert!(answer(&scene, BUYER, &request, None).is_some());
    // Of a vault nobody here knows, the members the request names, if they are those of its hash.
    let tx = Transaction { inputs: vec![kernel::Input::spend(Hash([3; 32]), 0)], ..foreign(&scene, &[(MALLORY, 5)]) };
    let mut other = MultisigRequest { raw: tx.encode(), ..request };
    (other.transaction_hash, other.receivers) = (tx.hash(), vec![receiver(&[MALLORY], 1)]);
    assert!(answer(&scene, MALLORY, &other, None).is_some());
    let text = answer(&scene, SELLER, &other, None).unwrap();
    shows(&text, &["This is NOT mine", "1 of the 1 coins it spends I have never seen", "none of it of a trade"]);
    other.senders_hash = Hash([1; 32]);
    assert_eq!(answer(&scene, MALLORY, &other, None), None);
}

#[test]
fn many_outputs_are_all_told_under_our_own_first_line() {
    let scene = Scene::delivered();
    let to: Vec<(UserId, u128)> = (0..200).map(|nth| (MALLORY, nth + 1)).collect();
    let tx = foreign(&scene, &to);
    let text = told(&scene, &carrying(&scene, &tx, &[MALLORY; 200]));
    assert_eq!(text.lines().filter(|line| line.starts_with("- ")).count(), 200);
    assert!(text.lines().filter(|line| line.starts_with("Request 0c8c8a3e · NotMine · ")).count() > 3);
}

#[test]
fn links_are_found_among_words() {
    let other = "https://mixin.one/multisigs/00000000-0000-4000-8000-000000000001";
    for text in [
        format!("https://mixin.one/multisigs/{REQUEST}?action=sign"),
        format!("is this ok: mixin://multisigs/{REQUEST}?action=sign."),
        format!("<mixin://mixin.one/multisigs/{REQUEST}>, please"),
        format!("{REQUEST}"),
        format!("“{REQUEST}” and https://mixin.one/multisigs/{REQUEST}"),
    ] {
        assert_eq!(named(&text), [REQUEST].into(), "{text}");
    }
    assert_eq!(named(&format!("{other} {REQUEST}")).len(), 2);
    for text in ["", "K7Q2M9", "https://mixin.one/pay/x", "https://evil.example/multisigs/x"] {
        assert!(named(text).is_empty(), "{text}");
    }
}

#[test]
fn nobody_asks_too_often() {
    let mut asks = Asks::default();
    let at = |secs| Millis::from_secs(secs);
    assert!((0..3).all(|nth| asks.may(BUYER, at(nth))) && !asks.may(BUYER, at(3)));
    assert!(asks.may(SELLER, at(3)), "it is everybody's own");
    assert!(asks.may(BUYER, at(61)));
    assert!(asks.may(MALLORY, at(500)) && asks.0.len() == 1, "nobody is remembered for long");
}

prop_compose! {
    fn any_request(scene: Scene)(
        amounts in prop::collection::vec((0usize..5, any::<u128>(), any::<u8>(), 0u8..4, any::<bool>()), 0..5),
        named in prop::collection::vec((prop::collection::vec(0usize..5, 0..4), any::<u8>(), "(\\PC|\n){0,20}"), 0..5),
        own in any::<bool>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        (signers, revoked, threshold) in (prop::collection::vec(0usize..5, 0..5), any::<bool>(), any::<u8>()),
    ) -> MultisigRequest {
        let people = [BUYER, SELLER, BOT, STRANGER, FEES];
        let mut tx = foreign(&scene, &amounts.iter().map(|(to, ..)| (people[*to], 1)).collect::<Vec<_>>());
        for (out, (_, amount, script, kind, keys)) in tx.outputs.iter_mut().zip(&amounts) {
            out.amount = units(*amount).into();
            out.script = vec![0xff, 0xfe, *script];
            out.kind = [0, 0, 0xa1, 7][usize::from(*kind)];
            if *keys { out.keys.push(PublicKey([5; 32])); }
        }
        if own { tx = Transaction::decode(&ours(&scene, PlanKind::Release).raw).unwrap(); }
        let mut raw = tx.encode();
        for (at, with) in flips { let at = at.index(raw.len()); raw[at] = with; }
        if let Some(cut) = cut { raw.truncate(cut.index(raw.len())); }
        let receivers = named.into_iter().map(|(members, threshold, destination)| {
            let members: Vec<UserId> = members.into_iter().map(|nth| people[nth]).collect();
            Receiver { destination, ..receiver(&members, threshold) }
        });
        MultisigRequest {
            raw,
            receivers: receivers.collect(),
            signers: signers.into_iter().map(|nth| people[nth]).collect(),
            revoked_by: revoked.then_some(SELLER),
            senders_threshold: threshold,
            amount: units(amounts.first().map_or(0, |(_, amount, ..)| *amount)),
            asset_id: Some(AssetId(Uuid::from_u128(0xa3))),
            transaction_hash: tx.hash(),
            ..ours(&scene, PlanKind::Release)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_answer_breaks_it(request in any_request(Scene::delivered()), by in 0usize..3) {
        let mut scene = Scene::delivered();
        scene.trade.id = TradeId(Uuid::from_u128(2));
        let by = [BUYER, SELLER, STRANGER][by];
        let ours = Transaction::decode(&request.raw).is_ok_and(|tx| tx.hash() == scene.hash(0));
        match answer(&scene, by, &request, None) {
            Some(text) => {
                prop_assert!(by != STRANGER);
                prop_assert_eq!(text.contains("This is my release"), ours);
                let other = text.contains("NOT mine");
                prop_assert_eq!(other, !ours);
            }
            None => prop_assert!(by == STRANGER),
        }
    }
}
