use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::id::AssetId;
use crate::mixin::call::{CallError, Reply};
use crate::time::Millis;

const BUYER: &str = "2b5a7f10-3c44-4d55-8e66-9f7788990011";
const BOT: &str = "6f1d2e30-7b84-4c95-ad06-be17cf28d039";
const SELLER: &str = "9d3e1c20-5a61-4b72-9c83-ad94beafc0d1";
const OWNER: &str = "40e5f6a7-1829-4b3c-8d4e-5f60718293a4";
const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
const USDT_HASH: &str = "5b9d576914e71e2362f89bb867eb69084931eb958f9a3622d776b861602275f4";
const VAULT: &str = "59d93980d038b1e090f8ce75b7a731dc99fbd71796fd95aae14adb771d60fdae";
const DEPOSIT: &str = "b91324e5316eccc1410ee60f893b343a698b5e77de21b1e8f071b17e29729595";
const RELEASE: &str = "ad5e2049727dd6d85705c0300a5682c47b03e1123f9442a6068eb7b84df905b3";
const REQUEST: &str = "0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11";
const MASK: &str = "0ac094b966ca69ab606fd92a31eeefaf4783bab2ac64f1e7eb11777f25eab17b";
const KEY: &str = "32190f97966c24f56c8311805d058bc62e2601b03c58e4d4f01fb13b89e202ee";

fn reply(data: Value) -> Reply {
    Reply { data, server_time: None }
}

fn user_id(text: &str) -> UserId {
    text.parse().unwrap()
}

fn body(call: &Call) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

/// What an unreadable answer says.
fn why<T: std::fmt::Debug>(read: Result<T, CallError>) -> String {
    match read.unwrap_err() {
        CallError::Unanswered { what } => what,
        other => panic!("{other:?}"),
    }
}

fn an_output() -> Value {
    json!({
        "type": "kernel_output", "output_id": "ff59ce67-d3a1-3a9d-964c-17e196e77ee5",
        "transaction_hash": DEPOSIT, "output_index": 0, "asset_id": USDT, "kernel_asset_id": USDT_HASH, "asset": USDT_HASH,
        "amount": "100", "mask": "aa8cc7a6411e77510f3803bdeb3791416640d4b342d59d6ea1a1c66579846e8d",
        "keys": ["28faa60f28b036995c539d7a8a759e43940a9cc18c643937b8dc68ac25d03a3b",
                 "671d6ae01568b531d6e599b078e0633aa70d74929e7b7c8cbb975b445dc83464",
                 "27d8c37791fe020b309b138eb3e29babf85ca89407f47585873bb2f16db6dfcd"],
        "senders_hash": "09ce7d0eeaf73aeeb25d879a58cd97f046ff31293c8d1c2ecb1833e5104d338a",
        "senders_threshold": 1, "senders": [BUYER], "receivers_hash": VAULT, "receivers_threshold": 2,
        "receivers": [BUYER, BOT, SELLER], "extra": "7472616465203432", "state": "unspent", "sequence": 12345,
        "created_at": "2026-01-01T00:00:00.123456789Z", "updated_at": "2026-01-01T00:00:00.123456789Z",
        "signers": [], "signed_by": "", "signed_at": null, "spent_at": null, "inscription_hash": "",
        "request_id": "5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01",
    })
}

fn a_request() -> Value {
    json!({
        "type": "transaction_request", "request_id": REQUEST, "transaction_hash": RELEASE, "asset_id": USDT,
        "kernel_asset_id": USDT_HASH, "amount": "99",
        "receivers": [
            {"members": [SELLER], "members_hash": "103cb3d1276659dc6237f56bf2a697042372839dc13a66d093282faa27f264b9",
             "threshold": 1, "destination": "", "tag": "", "withdrawal_hash": ""},
            {"members": null, "members_hash": "", "threshold": 0, "destination": "0xabc", "tag": "7"},
        ],
        "senders": [BUYER, BOT, SELLER], "senders_hash": VAULT, "senders_threshold": 2, "signers": [], "revoked_by": "",
        "extra": "72656c65617365203432", "raw_transaction": "77770005", "inscription_hash": "",
        "views": ["338d9ae484b6bc8b5451248f58e5f5e4e134da243ba1bf4bdd5df69db872fb03"],
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    })
}

#[test]
fn calls_are_those_of_the_dossier() {
    let hash: Hash = VAULT.parse().unwrap();
    let request: RequestId = REQUEST.parse().unwrap();
    for (call, line) in [
        (me(), "GET /safe/me".to_owned()),
        (user(user_id(BUYER)), format!("GET /users/{BUYER}")),
        (search("35791"), "GET /search/35791".into()),
        (search("+1 2/3?"), "GET /search/%2B1%202%2F3%3F".into()),
        (outputs(&hash, 2, 7), format!("GET /safe/outputs?members={VAULT}&threshold=2&offset=7&limit=500&order=ASC")),
        (output(&hash, 3), format!("GET /safe/outputs/{VAULT}:3")),
        (multisig(request), format!("GET /safe/multisigs/{REQUEST}")),
        (unlock_multisig(request), format!("POST /safe/multisigs/{REQUEST}/unlock")),
        (transaction(request), format!("GET /safe/transactions/{REQUEST}")),
        (transaction_by_hash(&hash), format!("GET /safe/transactions/{VAULT}")),
    ] {
        assert_eq!(format!("{} {}", call.method, call.path_and_query), line);
        assert!(call.body.is_empty(), "{line}");
    }
    for (call, path, sent) in [
        (users(&[user_id(BUYER)]), "/users/fetch", json!([BUYER])),
        (create_multisig(request, &[0x77]), "/safe/multisigs", json!([{"request_id": REQUEST, "raw": "77"}])),
        (
            sign_multisig(request, &[0x77]),
            "/safe/multisigs/0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11/sign",
            json!({"request_id": REQUEST, "raw": "77"}),
        ),
        (
            keys(&[KeyRequest::new(vec![user_id(SELLER), user_id(BUYER)], 1, Uuid::from_u128(1))]),
            "/safe/keys",
            json!([{"receivers": [BUYER, SELLER], "index": 1, "hint": "00000000-0000-0000-0000-000000000001"}]),
        ),
    ] {
        assert_eq!((call.method.as_str(), call.path_and_query.as_str()), ("POST", path));
        assert_eq!(body(&call), sent, "{path}");
    }
}

#[test]
fn people_and_bots_are_told_apart() {
    let person = json!({"type": "user", "user_id": BUYER, "identity_number": "40053095", "phone": "", "full_name": "Alice",
        "is_scam": false, "is_deactivated": null, "has_safe": true, "app_id": "", "app": null});
    let alice = User::read(&reply(person.clone())).unwrap();
    assert_eq!((alice.number.as_str(), alice.name.as_str()), ("40053095", "Alice"));
    assert!(alice.has_safe && !alice.is_bot && !alice.is_scam && !alice.is_deactivated);
    for (field, value) in [
        ("app", json!({"app_id": BOT})),
        ("app_id", json!(BOT)),
        ("identity_number", json!("7000104220")),
        ("identity_number", json!("7000")),
    ] {
        let mut bot = person.clone();
        bot[field] = value;
        assert!(User::read(&reply(bot)).unwrap().is_bot, "{field}");
    }
    assert_eq!(User::read_list(&reply(json!([person, person]))).unwrap().len(), 2);
    assert!(!User::read(&reply(json!({"user_id": BUYER}))).unwrap().has_safe);
    assert!(why(User::read(&reply(json!({"user_id": "7000"})))).contains("user_id"));
    assert!(why(User::read(&reply(Value::Null))).contains("no user"));
}

#[test]
fn the_own_profile_may_show_the_spend_key() {
    for (key, shown) in [(json!(null), None), (json!(""), None), (json!(KEY), Some(KEY))] {
        let me = Me::read(&reply(json!({"user_id": BOT, "has_safe": true, "spend_public_key": key}))).unwrap();
        assert_eq!(me.spend_public_key.map(|key| key.to_string()).as_deref(), shown);
    }
    assert!(why(Me::read(&reply(json!({"user_id": BOT, "spend_public_key": "zz"})))).contains("spend_public_key"));
}

#[test]
fn an_output_is_read_with_what_counts() {
    let output = VaultOutput::read(&reply(an_output())).unwrap();
    assert_eq!(output.amount.to_string(), "100");
    assert_eq!(output.extra, b"trade 42");
    assert_eq!(output.asset_id, USDT.parse::<AssetId>().unwrap());
    assert_eq!((output.state, output.sequence, output.signed_by), (OutputState::Unspent, 12345, None));
    assert_eq!(output.senders, [user_id(BUYER)]);
    assert_eq!(output.request_id.unwrap().to_string(), "5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01");
    assert_eq!(output.created_at, Millis::from_rfc3339("2026-01-01T00:00:00.123Z").unwrap());
    assert!(!output.inscription);
    let utxo = output.utxo();
    assert_eq!((utxo.hash.to_string().as_str(), utxo.index, &utxo.script[..]), (DEPOSIT, 0, &[0xff, 0xfe, 2][..]));
    let stored = serde_json::to_string(&output).unwrap();
    assert_eq!(serde_json::from_str::<VaultOutput>(&stored).unwrap(), output);
}

#[test]
fn what_a_payer_writes_never_hides_a_payment() {
    for (field, value) in [
        ("request_id", json!("not a uuid")),
        ("request_id", Value::Null),
        ("extra", json!("not hex")),
        ("extra", json!("")),
        ("senders", Value::Null),
        ("senders_threshold", Value::Null),
        ("signers", Value::Null),
        ("signed_by", Value::Null),
        ("inscription_hash", json!("whatever")),
        ("state", json!("frozen")),
        ("kernel_asset_id", Value::Null),
    ] {
        let mut output = an_output();
        output[field] = value;
        let output = VaultOutput::read(&reply(output)).unwrap();
        assert_eq!(output.state == OutputState::Unknown, field == "state");
        assert_eq!(output.inscription, field == "inscription_hash");
        assert_eq!(output.request_id.is_none(), field == "request_id");
    }
}

#[test]
fn what_money_depends_on_is_read_strictly() {
    for (field, value) in [
        ("amount", json!("1.123456789")),
        ("amount", json!("1e3")),
        ("amount", json!(100)),
        ("kernel_asset_id", json!(VAULT)),
        ("output_index", json!(65_536)),
        ("output_index", json!(-1)),
        ("receivers_threshold", json!(256)),
        ("receivers_hash", json!("")),
        ("keys", json!(["00"])),
        ("sequence", Value::Null),
        ("signed_by", json!("x")),
    ] {
        let mut output = an_output();
        output[field] = value;
        let why = why(VaultOutput::read(&reply(output)));
        assert!(why.starts_with("the answer is no output: "), "{field}: {why}");
    }
}

#[test]
fn one_odd_output_does_not_hide_the_others() {
    let mut odd = an_output();
    odd["amount"] = json!("?");
    let page = OutputsPage::read(&reply(json!([odd, an_output(), 5]))).unwrap();
    assert_eq!((page.outputs.len(), page.unreadable.len(), page.next_offset), (1, 2, None));
    assert!(page.unreadable[0].contains("ff59ce67") && page.unreadable[0].contains("amount"), "{:?}", page.unreadable);
    assert_eq!(OutputsPage::read(&reply(Value::Null)).unwrap(), OutputsPage::default());
    assert!(why(OutputsPage::read(&reply(json!({})))).contains("list"));
}

#[test]
fn a_full_page_says_where_the_next_begins() {
    let row = |sequence: usize| {
        let mut output = an_output();
        output["sequence"] = json!(sequence);
        output
    };
    let full: Vec<_> = (1..=OUTPUTS_LIMIT).map(row).collect();
    let page = OutputsPage::read(&reply(json!(full))).unwrap();
    assert_eq!((page.outputs.len(), page.next_offset), (500, Some(500)));
    let unreadable = vec![json!({}); OUTPUTS_LIMIT];
    assert!(why(OutputsPage::read(&reply(json!(unreadable)))).contains("nothing in it"));
}

#[test]
fn keys_fit_what_was_asked() {
    let asked = [KeyRequest::new(vec![user_id(SELLER)], 0, Uuid::nil())];
    let key = |mask: &str, keys: Value| json!([{"type": "ghost_key", "mask": mask, "keys": keys}]);
    let read = |data| GhostKeys::read(&reply(data), &asked);
    let keys = read(key(MASK, json!([KEY]))).unwrap();
    assert_eq!((keys[0].mask.to_string().as_str(), keys[0].keys.len()), (MASK, 1));
    // The identity, a point of small order: keys that nobody or everybody has.
    let identity = format!("01{}", "00".repeat(31));
    for (data, says) in [
        (json!([]), "0 for 1 outputs"),
        (key(MASK, json!([])), "0 for 1 receivers"),
        (key(MASK, json!([KEY, KEY])), "2 for 1 receivers"),
        (key(MASK, json!([identity])), "keys: not a key"),
        (key(&identity, json!([KEY])), "mask: not a key"),
        (json!({"keys": []}), "list of keys"),
    ] {
        let why = why(read(data));
        assert!(why.contains(says), "{why}");
    }
}

#[test]
fn a_request_is_read_from_a_list_of_one_or_alone() {
    let request = MultisigRequest::read(&reply(a_request())).unwrap();
    assert_eq!(MultisigRequest::read(&reply(json!([a_request()]))).unwrap(), request);
    assert_eq!(request.raw, [0x77, 0x77, 0, 5]);
    assert_eq!((request.revoked_by, request.signers.len(), request.views.len()), (None, 0, 1));
    assert!(request.views[0].scalar().is_some());
    assert_eq!(request.receivers[0].members, [user_id(SELLER)]);
    assert_eq!((request.receivers[1].members_hash, request.receivers[1].destination.as_str()), (None, "0xabc"));
    assert!(!format!("{request:?}").contains("338d"));
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<MultisigRequest>(&stored).unwrap(), request);
    for many in [json!([]), json!([a_request(), a_request()])] {
        assert!(why(MultisigRequest::read(&reply(many))).contains("it is a list of"));
    }
}

#[test]
fn a_request_may_leave_out_what_does_not_count() {
    for (field, value) in [
        ("views", Value::Null),
        ("views", json!([])),
        ("views", json!([{"destination": "", "tag": ""}])),
        ("asset_id", json!(USDT_HASH)),
        ("signers", Value::Null),
        ("created_at", Value::Null),
        ("extra", json!("release 42")),
    ] {
        let mut request = a_request();
        request[field] = value;
        let request = MultisigRequest::read(&reply(request)).unwrap();
        assert_eq!(request.views.is_empty(), field == "views");
        assert_eq!(request.asset_id.is_none(), field == "asset_id");
    }
    let mut revoked = a_request();
    revoked["revoked_by"] = json!(OWNER);
    assert_eq!(MultisigRequest::read(&reply(revoked)).unwrap().revoked_by, Some(user_id(OWNER)));
    for (field, value) in [("revoked_by", json!("somebody")), ("views", json!(["zz"])), ("raw_transaction", json!("7"))]
    {
        let mut odd = a_request();
        odd[field] = value;
        assert!(why(MultisigRequest::read(&reply(odd))).contains(field));
    }
}

#[test]
fn a_transaction_is_final_when_it_is_spent() {
    for (state, snapshot, reads, final_at) in [
        ("unspent", "", TransactionState::Unspent, None),
        ("signed", "", TransactionState::Signed, None),
        ("pending", "", TransactionState::Unknown, None),
        ("spent", DEPOSIT, TransactionState::Spent, Millis::from_rfc3339("2026-01-01T00:00:09Z")),
    ] {
        let at = if snapshot.is_empty() { "0001-01-01T00:00:00Z" } else { "2026-01-01T00:00:09Z" };
        let data = json!({"request_id": REQUEST, "transaction_hash": RELEASE, "state": state, "snapshot_hash": snapshot,
            "snapshot_at": at, "asset_id": USDT_HASH});
        let transaction = SafeTransaction::read(&reply(data)).unwrap();
        assert_eq!((transaction.state, transaction.snapshot_at), (reads, final_at), "{state}");
        assert_eq!(transaction.request_id.unwrap().to_string(), REQUEST);
    }
    assert!(why(SafeTransaction::read(&reply(json!({"state": "spent"})))).contains("transaction_hash"));
}
