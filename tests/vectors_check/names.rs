//! `mix_addresses.json`, `ids.json`, `jwt.json`, `messages_encryption.json`.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mixin_escrow::id::{AssetId, ConversationId, Hash, UserId};
use mixin_escrow::kernel::mix::{Members, MixAddress, xin_address};
use mixin_escrow::kernel::{PublicKey, derive, spend_scalar};
use mixin_escrow::mixin::auth::{self, Claims, SessionKey};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::folder::File;
use crate::model::Bytes;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MixCase {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    kind: String,
    members: Vec<String>,
    members_sorted: Vec<String>,
    threshold: u8,
    version: u8,
    payload: Bytes,
    address: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InvalidMix {
    #[serde(rename = "name")]
    _name: String,
    address: String,
    #[serde(rename = "error")]
    _error: String,
}

#[test]
fn mix_addresses() {
    let mut file = File::open("mix_addresses.json");
    for (label, case) in file.list::<MixCase>("cases") {
        let distinct = case.members.iter().collect::<BTreeSet<_>>().len() == case.members.len();
        assert_eq!(check_address(&label, &case).is_payable(), distinct && could_spend(&case), "{label}");
    }
    for (label, case) in file.list::<InvalidMix>("invalid") {
        let read = case.address.parse::<MixAddress>();
        assert!(read.is_err(), "{label}: {read:?}");
    }
    for (label, case) in file.list::<MixCase>("accepted_oddities") {
        let payable = check_address(&label, &case).is_payable();
        assert!(could_spend(&case) || !payable, "{label}");
    }
    file.checked("");
}

fn could_spend(case: &MixCase) -> bool {
    usize::from(case.threshold) <= case.members.len()
}

fn check_address(label: &str, case: &MixCase) -> MixAddress {
    let address: MixAddress = case.address.parse().unwrap_or_else(|error| panic!("{label}: {error}"));
    let (kind, members): (_, Vec<_>) = match &address.members {
        Members::Users(users) => ("uuid", users.iter().map(UserId::to_string).collect()),
        Members::Xin(keys) => ("xin", keys.iter().map(xin_address).collect()),
    };
    assert_eq!((kind, &members), (case.kind.as_str(), &case.members), "{label}");
    assert_eq!((address.threshold, case.version), (case.threshold, address.payload()[0]), "{label}");
    assert_eq!(address.payload(), case.payload.0, "{label}");
    assert_eq!(address.to_string(), case.address, "{label}");
    let mut sorted = members;
    sorted.sort_unstable();
    assert_eq!(sorted, case.members_sorted, "{label}");
    if let Members::Users(users) = &address.members {
        let built = MixAddress { threshold: case.threshold, members: Members::Users(users.clone()) };
        assert_eq!(built.to_string(), case.address, "{label}");
        let group = MixAddress::users(users, case.threshold);
        let Members::Users(users) = group.members else { unreachable!() };
        assert_eq!(users.iter().map(UserId::to_string).collect::<Vec<_>>(), case.members_sorted, "{label}");
    }
    address
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
enum IdCase {
    HashMembers {
        ids: Vec<String>,
        hash: Hash,
    },
    UniqueConversationId {
        user_id: String,
        recipient_id: String,
        conversation_id: ConversationId,
    },
    GroupConversationId {
        owner_id: String,
        name: String,
        participants: Vec<String>,
        random_id: Uuid,
        conversation_id: ConversationId,
    },
    UniqueObjectId {
        args: Vec<String>,
        id: Uuid,
    },
    KernelAssetId {
        #[serde(rename = "name")]
        _name: String,
        asset_id: AssetId,
        kernel_asset_id: Hash,
    },
}

/// Users, when all texts are ids as they are always written: our types know no other spelling.
fn users(texts: &[&String]) -> Option<Vec<UserId>> {
    texts.iter().map(|text| text.parse().ok().filter(|user: &UserId| user.to_string() == **text)).collect()
}

#[test]
fn ids() {
    let mut file = File::open("ids.json");
    for (label, case) in file.list::<IdCase>("cases") {
        match case {
            IdCase::HashMembers { ids, hash } => {
                let texts: Vec<_> = ids.iter().map(String::as_str).collect();
                assert_eq!(derive::members_hash_of(&texts), hash, "{label}");
                if let Some(users) = users(&ids.iter().collect::<Vec<_>>()) {
                    assert_eq!(derive::members_hash(&users), hash, "{label}");
                }
            }
            IdCase::UniqueConversationId { user_id, recipient_id, conversation_id } => {
                assert_eq!(derive::conversation(&user_id, &recipient_id), conversation_id, "{label}");
                if let Some([user, recipient]) = users(&[&user_id, &recipient_id]).as_deref() {
                    assert_eq!(derive::contact_conversation(*user, *recipient), conversation_id, "{label}");
                    assert_eq!(derive::contact_conversation(*recipient, *user), conversation_id, "{label}");
                }
            }
            IdCase::GroupConversationId { owner_id, name, mut participants, random_id, conversation_id } => {
                let everybody: Vec<_> = [&owner_id].into_iter().chain(&participants).collect();
                if let Some([owner, others @ ..]) = users(&everybody).as_deref() {
                    assert_eq!(
                        derive::group_conversation(*owner, &name, others, random_id),
                        conversation_id,
                        "{label}"
                    );
                }
                participants.sort_unstable();
                let steps = [name, random_id.to_string()].into_iter().chain(participants);
                let id = steps.fold(owner_id, |id, step| derive::conversation(&id, &step).to_string());
                assert_eq!(id, conversation_id.to_string(), "{label}");
            }
            IdCase::UniqueObjectId { args, id } => {
                let args: Vec<_> = args.iter().map(String::as_str).collect();
                assert_eq!(derive::unique_object_id(&args), id, "{label}");
            }
            IdCase::KernelAssetId { asset_id, kernel_asset_id, .. } => {
                assert_eq!(derive::asset_hash(asset_id), kernel_asset_id, "{label}");
            }
        }
    }
    file.checked("");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JwtCase {
    #[serde(rename = "name")]
    _name: String,
    official_function: bool,
    uid: UserId,
    sid: Uuid,
    private_key: Bytes,
    public_key: PublicKey,
    iat: i64,
    exp: i64,
    jti: Uuid,
    scp: String,
    method: String,
    uri: String,
    body: String,
    sig: String,
    header_json: String,
    claims_json: String,
    signing_input: String,
    token: String,
}

#[test]
fn jwt() {
    let mut file = File::open("jwt.json");
    for (label, case) in file.list::<JwtCase>("cases") {
        let seed = case.private_key.0.try_into().unwrap();
        assert_eq!(spend_scalar(&seed).public(), case.public_key, "{label}");
        let sig = auth::sig(&case.method, &case.uri, case.body.as_bytes());
        assert_eq!(sig, case.sig, "{label}");
        let JwtCase { uid, sid, iat, exp, jti, .. } = case;
        let claims = Claims { exp, iat, jti, scp: case.scp.leak(), sid, sig, uid };
        assert_eq!(serde_json::to_string(&claims).unwrap(), case.claims_json, "{label}");
        let token = SessionKey::from_seed(&seed).unwrap().token(&claims).unwrap();
        assert_eq!(token, case.token, "{label}");
        let (signing_input, _) = token.rsplit_once('.').unwrap();
        assert_eq!(signing_input, case.signing_input, "{label}");
        let parts = [case.header_json, case.claims_json].map(|json| BASE64_URL_SAFE_NO_PAD.encode(json));
        assert_eq!(signing_input, parts.join("."), "{label}");
        assert_eq!(case.exp == case.iat + 90 * 24 * 3600, case.official_function, "{label}");
    }
    file.checked("");
}

#[test]
fn messages_encryption() {
    let mut file = File::open("messages_encryption.json");
    file.list::<Value>("cases");
    file.list::<Value>("decrypt_failures");
    file.checked(": SKIPPED, nothing encrypts messages yet");
}
