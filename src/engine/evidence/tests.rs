//! A file of evidence: sound as it is written, and no change of it goes unseen.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::engine::Kit;
use crate::store::ExhibitRow;
use crate::trade::Command;
use crate::trade::tests::scene::{BUYER, SELLER, Scene};

const PICTURE: &str = r#"{"attachment_id":"00000000-0000-0000-0000-000000000009","mime_type":"image/png","width":9,"height":9,"size":240000}"#;

fn key() -> KitKey {
    KitKey::from_spend_seed(&[7; 32])
}

fn trade() -> (Trade, Vec<ExhibitRow>) {
    let mut scene = Scene::delivered();
    scene.tell(&Command::Dispute { by: BUYER, why: Problem::NotAsAgreed }).unwrap();
    let said = [
        (BUYER, "PLAIN_TEXT", "It is cracked.\n\"See\" https://evil.example \u{202e}"),
        (BUYER, "PLAIN_IMAGE", PICTURE),
        (SELLER, "PLAIN_TEXT", "It was whole when I sent it."),
        (SELLER, "PLAIN_TEXT", "这是收据"),
    ];
    let mut kept = Vec::new();
    for (nth, (by, category, data)) in (1u32..).zip(said) {
        let message = MessageId(Uuid::from_u128(u128::from(nth)));
        let sent = Sent::of(message, Millis(i64::from(nth) * 1_000), category, data.as_bytes()).unwrap();
        scene.tell(&Command::Exhibit { by, sent }).unwrap();
        kept.push(ExhibitRow { trade: scene.trade.id, no: nth, category: category.into(), data: data.into() });
    }
    (scene.trade, kept)
}

fn file() -> EvidenceFile {
    let (trade, kept) = trade();
    EvidenceFile::of(&trade, &kept, Millis(9_000), &key()).unwrap()
}

fn verify(file: &EvidenceFile) -> Result<EvidenceFile, Fault> {
    EvidenceFile::verify(&file.write(), None)
}

/// A forger who knows how it is made, but has not the bot's key.
fn forged(change: impl FnOnce(&mut Evidence)) -> EvidenceFile {
    let mut file = file();
    change(&mut file.evidence);
    let other = KitKey::from_spend_seed(&[8; 32]);
    file.signature = other.sign(&file.evidence.signed()).to_vec();
    file.public_key = Hash(other.public());
    file
}

#[test]
fn a_file_is_sound_as_it_is_written() {
    let file = file();
    assert_eq!(verify(&file), Ok(file.clone()));
    assert_eq!(file.public_key, Hash(key().public()));
    assert!(EvidenceFile::verify(&file.write(), Some(file.public_key)).is_ok());
    // What is kept under another's number, or not at all, is lost; the chain still holds.
    let (trade, mut kept) = trade();
    kept.swap(0, 1);
    kept[2].data.push('!');
    kept.pop();
    let poor = EvidenceFile::of(&trade, &kept, Millis(9_000), &key()).unwrap();
    let there: Vec<bool> = poor.evidence.exhibits.iter().map(|entry| entry.data.is_some()).collect();
    assert_eq!(there, [true, true, false, false]);
    assert_eq!(verify(&poor), Ok(poor.clone()));
}

/// After a database is lost the row's hashes come back with the kit, and what was said is gone.
#[test]
fn a_kit_carries_hashes_and_no_word() {
    let (trade, _) = trade();
    let ids = crate::id::IdSecret::from_spend_seed(&[7; 32]);
    let kit = Kit::of(&trade, Millis(9_000)).unwrap();
    let json = serde_json::to_string(&kit).unwrap();
    assert!(!json.contains("cracked") && !json.contains("收据"));
    let back = Kit::read(&kit.write(&key()), &key(), &ids).unwrap().trade.revived(Millis(1), Millis(1));
    assert_eq!((&back.exhibits, back.problem), (&trade.exhibits, trade.problem));
    let file = EvidenceFile::of(&back, &[], Millis(9_000), &key()).unwrap();
    assert!(file.evidence.exhibits.iter().all(|entry| entry.data.is_none()));
    assert_eq!(verify(&file), Ok(file.clone()));
}

#[test]
fn the_first_fault_is_named() {
    let changed = |change: fn(&mut Evidence)| {
        let mut file = file();
        change(&mut file.evidence);
        verify(&file).unwrap_err()
    };
    for (fault, change) in [
        (Fault::Missing(2), (|e| drop(e.exhibits.remove(1))) as fn(&mut Evidence)),
        (Fault::Head, |e| drop(e.exhibits.pop())),
        (Fault::Missing(1), |e| e.exhibits.swap(0, 1)),
        (Fault::Link(1), |e| {
            e.exhibits.swap(0, 1);
            (e.exhibits[0].no, e.exhibits[1].no) = (1, 2);
        }),
        (Fault::Link(5), |e| {
            let mut more = e.exhibits[0].clone();
            more.no = 5;
            e.exhibits.push(more);
        }),
        (Fault::Content(1), |e| e.exhibits[0].data = Some("It is fine.".into())),
        (Fault::Link(3), |e| {
            e.exhibits[2].data = Some("It was broken.".into());
            e.exhibits[2].sha256 = evidence::sha256(b"It was broken.");
            e.exhibits[2].size = 14;
        }),
        (Fault::Kind(2), |e| e.exhibits[1].size = 1),
        (Fault::Link(1), |e| e.exhibits[0].kind = ExhibitKind::Post),
        (Fault::Date(4), |e| e.exhibits[3].date = "2020-01-01T00:00:00Z".into()),
        (Fault::Link(4), |e| {
            e.exhibits[3].at = Millis(1);
            e.exhibits[3].date = Millis(1).to_rfc3339();
        }),
        (Fault::Stranger(1), |e| e.exhibits[0].by = SELLER),
        (Fault::Link(1), |e| (e.exhibits[0].by, e.exhibits[0].role) = (SELLER, Role::Seller)),
        (Fault::Genesis, |e| e.trade = TradeId(Uuid::nil())),
        (Fault::Signature, |e| e.code = "ZZZZZZ".into()),
        (Fault::Signature, |e| e.disputed_by.clear()),
        (Fault::Signature, |e| e.exhibits[0].data = None),
    ] {
        assert_eq!(changed(change), fault);
    }
    assert!(matches!(changed(|e| e.terms.item = "a brick".into()), Fault::Terms(_)));
}

#[test]
fn a_forgers_own_signature_shows_his_own_key() {
    let file = forged(|e| e.code = "ZZZZZZ".into());
    assert!(verify(&file).is_ok(), "it is consistent: the key is what tells");
    assert_eq!(EvidenceFile::verify(&file.write(), Some(Hash(key().public()))), Err(Fault::OtherKey));
}

#[test]
fn another_writing_is_not_the_file() {
    let text = file().write();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(matches!(EvidenceFile::verify(&value.to_string(), None), Err(Fault::Written(_))));
    let more = text.replacen("\"format\"", "\"note\": \"look here\",\n  \"format\"", 1);
    assert_eq!(EvidenceFile::verify(&more, None), Err(Fault::Written(2)));
    assert_eq!(EvidenceFile::verify(&text.replace('\n', "\r\n"), None), Err(Fault::Written(1)));
    assert!(matches!(EvidenceFile::verify("", None), Err(Fault::NoFile(_))));
    assert!(matches!(EvidenceFile::verify("{}", None), Err(Fault::NoFile(_))));
    assert!(matches!(EvidenceFile::verify(&text.replace("evidence 1", "evidence 2"), None), Err(Fault::Format(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_single_change_is_found(at in any::<prop::sample::Index>(), way in 0..3, byte in any::<u8>()) {
        let text = file().write();
        let mut bytes = text.clone().into_bytes();
        let at = at.index(bytes.len());
        match way {
            0 => bytes[at] = byte,
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, byte),
        }
        prop_assume!(bytes != text.as_bytes());
        let found = match String::from_utf8(bytes) {
            Ok(changed) => EvidenceFile::verify(&changed, None).is_err(),
            Err(_) => true,
        };
        prop_assert!(found);
    }
}
