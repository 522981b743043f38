use serde_json::json;

use super::*;
use crate::mixin::safe::User;

const APP: &str = "6f1d2e30-7b84-4c95-ad06-be17cf28d039";
const SESSION: &str = "b3a1c2d4-0000-4000-8000-000000000001";
/// Of the seed `05`×32 (dossier §1.3).
const PUBLIC: &str = "6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1";
const MONTGOMERY: &str = "c44e429251771ec76197c7a1f8ea289a18ca3dd7a7e102ba7cc84df6b55cbe1a";

fn new_format() -> Value {
    json!({
        "app_id": APP,
        "session_id": SESSION,
        "server_public_key": PUBLIC,
        "session_private_key": "05".repeat(32),
        "spend_private_key": "05".repeat(32),
        "something_new": {"and": ["nested"]},
    })
}

fn pair() -> Vec<u8> {
    [vec![5; 32], hex::decode(PUBLIC).unwrap()].concat()
}

fn old_format() -> Value {
    json!({
        "client_id": APP.to_uppercase(),
        "session_id": SESSION,
        "pin_token": URL_SAFE_NO_PAD.encode(hex::decode(MONTGOMERY).unwrap()),
        "private_key": URL_SAFE_NO_PAD.encode(pair()),
        "spend_private_key": "05".repeat(32),
        "pin": "123456",
        "scope": "FULL",
    })
}

fn read(value: &Value) -> Result<Keystore, KeystoreError> {
    Keystore::read(&value.to_string())
}

fn refusal(value: &Value) -> String {
    read(value).err().expect("is refused").to_string()
}

#[test]
fn both_formats_come_to_the_same() {
    let mut paddings = old_format();
    paddings["private_key"] = json!(base64::engine::general_purpose::STANDARD.encode(pair()));
    paddings["spend_private_key"] = json!(hex::encode(pair()));
    for value in [new_format(), old_format(), paddings] {
        let keystore = read(&value).unwrap();
        assert_eq!(keystore.app_id().to_string(), APP);
        assert_eq!(keystore.session_id().to_string(), SESSION);
        assert_eq!(keystore.spend_seed(), &[5; 32]);
        assert_eq!(keystore.spend_public().to_string(), PUBLIC);
        assert_eq!(hex::encode(keystore.server_key().unwrap()), MONTGOMERY);
        let ids = [keystore.id_secret(), IdSecret::from_spend_seed(&[5; 32])];
        assert_eq!(ids[0].derive(Uuid::nil(), "x", 0), ids[1].derive(Uuid::nil(), "x", 0));
    }
}

#[test]
fn every_problem_is_named_with_its_cure() {
    for (field, value, says) in [
        ("spend_private_key", Value::Null, "spend_private_key is missing: copy it from the dashboard"),
        ("spend_private_key", json!(""), "spend_private_key is missing"),
        ("spend_private_key", json!("05"), "spend_private_key is wrong, it is neither 32 bytes in hex"),
        ("spend_private_key", json!("05".repeat(64)), "its two halves do not belong together"),
        ("spend_private_key", json!(5), "spend_private_key is wrong, it is not a text"),
        ("session_private_key", Value::Null, "session_private_key is missing: download"),
        ("session_private_key", json!("0x05"), "session_private_key is wrong"),
        ("app_id", Value::Null, "app_id is missing"),
        ("app_id", json!("7000104220"), "app_id is wrong, it is not a UUID"),
        ("client_id", json!(SESSION), "client_id and app_id are both there and differ"),
        ("session_id", json!("x"), "session_id is wrong"),
        ("server_public_key", json!("zz"), "server_public_key is wrong"),
    ] {
        let mut keystore = new_format();
        keystore[field] = value;
        let refusal = refusal(&keystore);
        assert!(refusal.contains(says), "{field}: {refusal}");
        assert!(!refusal.contains("0505"), "{refusal}");
    }
    let mut rsa = old_format();
    rsa["private_key"] = json!("-----BEGIN RSA PRIVATE KEY-----\nMIIC\n-----END RSA PRIVATE KEY-----\n");
    assert!(refusal(&rsa).contains("private_key is an RSA key"), "{}", refusal(&rsa));
    let mut pin = old_format();
    pin["pin_token"] = json!("MIIC");
    assert!(refusal(&pin).starts_with("pin_token is wrong"), "{}", refusal(&pin));
    for text in ["", "[]", "\"0505\"", "{\"app_id\": 0505}", "{"] {
        let refusal = Keystore::read(text).err().unwrap().to_string();
        assert!(refusal.contains("not a JSON object") && !refusal.contains("0505"), "{refusal}");
    }
}

#[test]
fn the_example_says_what_is_still_missing() {
    let error = Keystore::read(include_str!("../../../keystore.example.json")).err().unwrap();
    assert!(error.to_string().starts_with("session_private_key is wrong"), "{error}");
}

#[test]
fn only_our_own_account_is_accepted() {
    let keystore = read(&new_format()).unwrap();
    let me = |user_id: &str, has_safe, key: Option<&str>| Me {
        user: User {
            user_id: user_id.parse().unwrap(),
            number: "7000000001".into(),
            name: "bot".into(),
            has_safe,
            is_bot: true,
            is_scam: false,
            is_deactivated: false,
        },
        spend_public_key: key.map(|key| key.parse().unwrap()),
    };
    assert_eq!(keystore.check_me(&me(APP, true, Some(PUBLIC))), Ok(()));
    assert_eq!(keystore.check_me(&me(APP, true, None)), Ok(()));
    assert_eq!(keystore.check_me(&me(APP, false, Some(PUBLIC))), Err(WrongAccount::NoSafe));
    assert!(matches!(keystore.check_me(&me(SESSION, true, None)), Err(WrongAccount::OtherUser { .. })));
    assert!(matches!(keystore.check_me(&me(APP, true, Some(MONTGOMERY))), Err(WrongAccount::OtherSpendKey { .. })));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}", field in 0usize..6, value in ".{0,80}") {
        drop(Keystore::read(&text));
        let mut keystore = new_format();
        let name = ["app_id", "session_id", "server_public_key", "session_private_key", "spend_private_key", "pin_token"][field];
        keystore[name] = json!(value);
        drop(read(&keystore));
    }
}
