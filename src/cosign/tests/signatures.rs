//! Checks 5 to 7, and every bit.

use super::*;

#[test]
fn check_5_signatures() {
    refused("nobody has signed", 5, false, |d| {
        d.request.raw = d.unsigned();
        d.plan().signed.clear();
    });
    refused("only the bot", 5, false, |d| {
        let own = d.scene.signatures(d.plan, BOT);
        d.request.raw = with_signatures(&d.unsigned(), 0, &own);
        d.plan().signed.clear();
    });
    refused("only the bot, kept", 5, false, |d| {
        let own = d.scene.signatures(d.plan, BOT);
        d.request.raw = d.unsigned();
        d.plan().signed = [(0, own)].into();
    });
    refused("the giver's was never read", 5, true, |d| d.plan().signed.clear());
    refused("only the receiver's was read", 5, true, |d| {
        let other = if d.plan().givers == [BUYER] { SELLER } else { BUYER };
        let theirs = d.scene.signatures(d.plan, other);
        d.request.raw = d.unsigned();
        d.plan().signed = [(if other == BUYER { 1 } else { 2 }, theirs)].into();
    });
    refused("nobody gives", 1, true, |d| d.plan().givers.clear());
    refused("a giver who is no member", 5, true, |d| d.plan().givers = vec![STRANGER]);
    refused("a false one beside good ones", 5, false, |d| {
        let false_one = d.scene.signatures(d.plan, BUYER);
        d.request.raw = with_signatures(&d.request.raw, 0, &false_one);
    });
    refused("of no member", 5, false, |d| {
        let buyers = d.scene.signatures(d.plan, BUYER);
        d.request.raw = with_signatures(&d.request.raw, 3, &buyers);
    });
    refused("a kept one that is false", 5, false, |d| {
        let buyers = d.scene.signatures(d.plan, BUYER);
        d.plan().signed.insert(0, buyers);
    });
    release_refused("on one input only", 5, false, |d| {
        let buyers = d.scene.signatures(RELEASE, BUYER);
        d.request.raw = with_signatures(&d.unsigned(), 1, &buyers[..1]);
        d.plan().signed.clear();
    });
    release_refused("another's beside it on one input only", 5, false, |d| {
        let sellers = d.scene.signatures(RELEASE, SELLER);
        d.request.raw = with_signatures(&d.request.raw, 2, &sellers[..1]);
    });
    release_refused("kept for one input only", 5, false, |d| {
        d.request.raw = d.unsigned();
        d.plan().signed.get_mut(&1).unwrap().pop();
    });
    release_refused("inputs exchanged", 5, false, |d| {
        let mut buyers = d.scene.signatures(RELEASE, BUYER);
        buyers.reverse();
        d.request.raw = with_signatures(&d.request.raw, 1, &buyers);
    });
    refused("a map too many", 5, false, |d| {
        let mut tx = Transaction::decode(&d.request.raw).unwrap();
        let Signatures::Maps(maps) = &mut tx.signatures else { panic!("maps") };
        maps.push(BTreeMap::new());
        d.request.raw = tx.encode();
    });
}

#[test]
fn check_5_a_key_more_than_members_is_nobodys() {
    // Mixin shows four keys, and the fourth has signed: it is no member of the vault.
    let mut desk = Desk::back();
    let fourth = random(9);
    desk.plan().inputs[0].keys.push(fourth.public());
    desk.inputs[0].keys.push(fourth.public());
    let signature = kernel::sign(&fourth, &desk.payload().hash);
    desk.request.raw = with_signatures(&desk.request.raw, 3, &[signature]);
    let no = desk.check().unwrap_err();
    assert_eq!((no.check, no.broken), (5, false), "{no}");
}

#[test]
fn check_6_the_bots_own_keys() {
    refused("no views", 6, false, |d| d.request.views.clear());
    refused("one missing", 6, false, |d| drop(d.request.views.pop()));
    refused("one more", 6, false, |d| d.request.views.push(d.request.views[0].clone()));
    release_refused("exchanged", 6, false, |d| d.request.views.reverse());
    for text in ["", "00", "xyz", &"ff".repeat(32), &"00".repeat(32)] {
        refused("no scalar, or not ours", 6, false, |d| text.clone_into(d.request.views.last_mut().unwrap()));
    }
    refused("the buyer's view", 6, false, |d| {
        let output = d.scene.outputs.iter().find(|o| o.hash == d.inputs[0].hash).unwrap();
        d.request.views[0] = hex::encode(view_of(BUYER, &output.mask, 0).to_bytes());
    });
    refused("another spend key", 6, false, |d| d.spend = spend(BUYER));
}

#[test]
fn check_7_one_authorised_plan_over_an_input() {
    let rival = |d: &mut Desk, end: Option<End>| {
        let mut other = d.plan().clone();
        other.no = 77;
        other.inputs.truncate(1);
        (other.kind, other.authorised, other.end) = (Kind::Refund, Some(crate::trade::Authority::SellerRefunded), end);
        d.scene.trade.plans.insert(0, other);
    };
    refused("another authorised", 7, true, |d| rival(d, None));
    refused("another that was spent", 7, true, |d| rival(d, Some(End::Spent)));
    for mut desk in [Desk::release(), Desk::refund(), Desk::back()] {
        rival(&mut desk, Some(End::Void));
        assert!(desk.check().is_ok(), "void for ever is no rival");
    }
    let mut desk = Desk::back();
    desk.scene.sign(Kind::Release, BUYER);
    desk.scene.look();
    assert_eq!(desk.scene.trade.plans.iter().filter(|plan| plan.authorised.is_some()).count(), 2);
    assert!(desk.check().is_ok(), "authorised over other inputs");
    let settlement = Desk::at(desk.scene, RELEASE);
    assert!(settlement.check().is_ok());
}

#[test]
fn no_flipped_bit_passes() {
    for desk in [Desk::release(), Desk::back()] {
        let signed = desk.unsigned().len();
        for byte in 0..desk.request.raw.len() {
            for bit in 0..8 {
                let mut flipped = desk.clone();
                flipped.request.raw[byte] ^= 1 << bit;
                let no = flipped.check().expect_err("a flipped bit");
                assert!(!no.broken, "byte {byte} bit {bit}: {no}");
                // The last two bytes of the unsigned form count the maps; before them all is hashed.
                assert!(byte >= signed - 2 || no.check == 2, "byte {byte} bit {bit}: {no}");
            }
        }
    }
}

#[test]
fn a_damaged_signature_is_refused_by_the_fifth() {
    let desk = Desk::release();
    let Signatures::Maps(maps) = Transaction::decode(&desk.request.raw).unwrap().signatures else { panic!("maps") };
    for (input, map) in maps.iter().enumerate() {
        for (member, signature) in map {
            for bit in 0..512 {
                let mut all: Vec<Signature> = maps.iter().map(|map| map[member]).collect();
                assert_eq!(all[input], *signature);
                all[input].0[bit / 8] ^= 1 << (bit % 8);
                let mut desk = desk.clone();
                desk.request.raw = with_signatures(&desk.request.raw, *member, &all);
                assert_eq!(desk.check().map_err(|no| (no.check, no.broken)), Err((5, false)), "bit {bit}");
            }
        }
    }
}
