//! Pages and insides of trades that stand in a real database, over real sockets.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use uuid::Uuid;

use super::serve::{LIMITS, Limits, Streams, keep};
use super::*;
use crate::chat::{Dialog, House, Lang, Person, Trust};
use crate::config::Settings;
use crate::id::{IdSecret, JobId, PageKey, UserId};
use crate::mixin::KitKey;
use crate::store::{Changes, HistoryRow, JobRow, Kind, PersonRow, Reader, Store, TradeRow};
use crate::time::{Millis, ServiceClock};
use crate::trade::tests::scene::{BOT, BUYER, SELLER, STRANGER, Scene, terms};
use crate::trade::{Command, Counterparty, Terms, plan};

const HOSTILE: &str = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

fn house() -> House {
    let text = "[trade]\nfee_bps = 0\n[operator]\nname = \"Fair Trade Ltd\"\n";
    Settings::read_text(text, std::path::Path::new("")).unwrap().house(BOT, "7000101276".into()).unwrap()
}

fn key() -> PageKey {
    PageKey::of(&IdSecret::from_spend_seed(&[7; 32]))
}

fn pages() -> Pages {
    Pages { house: house(), key: key(), kits: KitKey::from_spend_seed(&[7; 32]) }
}

fn person(id: UserId, name: &str, number: &str) -> PersonRow {
    let person = Person { id, number: number.into(), name: name.into(), has_safe: true, is_bot: false };
    PersonRow {
        person,
        lang: Some(Lang::En),
        dialog: Dialog::default(),
        reachable: true,
        read_at: None,
        trust: Trust::default(),
        group: None,
    }
}

/// A database with one bot writing and others reading.
struct Shelf {
    store: Store,
    folder: TempDir,
    /// Lines of history that are saved already, by trade.
    saved: std::collections::BTreeMap<crate::id::TradeId, usize>,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("bot.db")).unwrap();
        let people = vec![person(BUYER, "Alice", "46801"), person(SELLER, "Bob <b>", "46802")];
        let clock = Some(ServiceClock::default());
        store.save(&Changes { persons: people, clock, ..Changes::default() }).unwrap();
        Self { store, folder, saved: std::collections::BTreeMap::new() }
    }

    fn put(&mut self, scene: &Scene) {
        let trade = scene.trade.clone();
        let saved = self.saved.entry(trade.id).or_default();
        let rows = scene.history.iter().skip(*saved);
        let row = |event: &crate::trade::Event| HistoryRow {
            trade: trade.id,
            version: 1,
            at: Millis(0),
            event: event.clone(),
        };
        let history = rows.map(row).collect();
        *saved = scene.history.len();
        let trades = vec![TradeRow { trade, wake_at: None, watched_until: Millis(i64::MAX) }];
        self.store.save(&Changes { trades, history, ..Changes::default() }).unwrap();
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.folder.path().join("bot.db")).unwrap()
    }

    fn page(&self, rest: &str) -> (u16, String) {
        said(&pages().answer(&self.reader(), rest, Lang::En, Millis(60_000)))
    }

    fn inside(&self, path: &str) -> (u16, Value) {
        let (status, body) = said(&Inside { house: house() }.answer(&self.reader(), path, Millis(60_000)));
        (status, serde_json::from_str(&body).unwrap())
    }
}

fn said(response: &Response<Bytes>) -> (u16, String) {
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn token(scene: &Scene, party: UserId) -> String {
    key().token(scene.trade.id, &scene.trade.code, party)
}

fn settled() -> Scene {
    let mut scene = Scene::delivered();
    scene.sign(plan::Kind::Release, BUYER);
    scene.look();
    scene.tell(&Command::Cosigned { plan: scene.no(plan::Kind::Release) }).unwrap();
    scene.spend(plan::Kind::Release);
    scene.look();
    scene
}

#[test]
fn each_party_sees_their_own_page() {
    let mut shelf = Shelf::new();
    let scene = Scene::awaiting();
    shelf.put(&scene);
    let (status, buyers) = shelf.page(&token(&scene, BUYER));
    assert_eq!(status, 200);
    assert!(buyers.contains("Buyer: you") && buyers.contains("https://mixin.one/pay/") && buyers.contains("<svg"));
    assert!(buyers.contains("Bob &lt;b&gt; (46802)") && !buyers.contains("<b>"));
    let (status, sellers) = shelf.page(&token(&scene, SELLER));
    assert_eq!(status, 200);
    assert!(sellers.contains("Seller: you") && !sellers.contains("/pay/") && !sellers.contains("<svg"));
    for secret in [scene.trade.links[0].memo.clone(), scene.trade.links[0].trace.to_string()] {
        assert!(buyers.contains(&secret) && !sellers.contains(&secret), "only who pays can use up the link");
    }
}

#[test]
fn the_page_speaks_the_language_of_whoever_reads_it() {
    let mut shelf = Shelf::new();
    let scene = Scene::awaiting();
    shelf.put(&scene);
    let token = token(&scene, SELLER);
    let says = |shelf: &Shelf, browser, rest: &str| {
        let (_, page) = said(&pages().answer(&shelf.reader(), rest, browser, Millis(60_000)));
        let chinese = page.contains("<html lang=\"zh-CN\">");
        assert_ne!(chinese, page.contains("<html lang=\"en\">"));
        (chinese, page)
    };
    let mut knows = |lang| {
        let row = PersonRow { lang, ..person(SELLER, "Bob", "46802") };
        shelf.store.save(&Changes { persons: vec![row], ..Changes::default() }).unwrap();
        Lang::ALL.map(|browser| says(&shelf, browser, &token).0)
    };
    // Their own choice; the browser's only when nothing is known of them.
    assert_eq!(knows(Some(Lang::En)), [false, false]);
    assert_eq!(knows(Some(Lang::Zh)), [true, true]);
    assert_eq!(knows(None), [false, true]);
    let (_, page) = says(&shelf, Lang::Zh, &token);
    assert!(page.contains("卖家：你") && page.contains("什么都不要交付") && !page.contains("Next: wait"), "{page}");
    assert!(says(&shelf, Lang::Zh, "").1.contains("这个链接打不开"));
}

#[test]
fn whatever_is_wrong_looks_the_same() {
    let mut shelf = Shelf::new();
    let scene = Scene::awaiting();
    shelf.put(&scene);
    let good = token(&scene, BUYER);
    let (status, nowhere) = shelf.page("");
    assert!(status == 404 && nowhere.contains("This link leads nowhere"));
    let code = &scene.trade.code;
    let stranger = key().token(scene.trade.id, code, STRANGER);
    let elsewhere = key().token(crate::id::TradeId(Uuid::from_u128(99)), code, BUYER);
    let other_bot = PageKey::of(&IdSecret::from_spend_seed(&[8; 32])).token(scene.trade.id, code, BUYER);
    let renamed = good.replace(code.as_str(), "ZZZZZZ");
    let forged = [
        code.clone(),
        format!("{code}-"),
        format!("{good}/"),
        format!("{good}/kit"),
        format!("{good}/kit.txt/"),
        format!("{}0", &good[..good.len() - 1]),
        good.to_lowercase(),
        format!("{code}-{}", "0".repeat(26)),
        format!("%00{good}"),
        "-".repeat(5_000),
        "é-é".to_owned(),
        stranger,
        elsewhere,
        other_bot,
        renamed,
    ];
    for forged in forged {
        assert_eq!(shelf.page(&forged), (404, nowhere.clone()), "{forged}");
    }
    assert_eq!(shelf.page(&good).0, 200);
}

#[test]
fn nothing_is_read_for_who_cannot_open_it() {
    let mut shelf = Shelf::new();
    let scene = Scene::funded();
    shelf.put(&scene);
    let good = token(&scene, BUYER);
    let guessed = format!("{}-{}", scene.trade.code, "0".repeat(26));
    let broken = |sql: &str| {
        let db = rusqlite::Connection::open(shelf.folder.path().join("bot.db")).unwrap();
        assert!(db.execute(sql, []).unwrap() > 0);
    };
    broken("UPDATE history SET event = 'no event'");
    assert_eq!((shelf.page(&good).0, shelf.page(&guessed).0), (503, 404), "its history is nobody else's");
    broken("UPDATE trade SET row = 'no trade'");
    assert_eq!(shelf.page(&guessed).0, 503);
    for misshapen in [format!("{guessed}0"), guessed.replace("-0", "-U"), format!("{}-", scene.trade.code)] {
        assert_eq!(shelf.page(&misshapen).0, 404, "{misshapen} is not even looked up");
    }
}

#[test]
fn who_was_turned_away_has_no_page_any_more() {
    let mut shelf = Shelf::new();
    let mut scene = Scene::invited();
    scene.accept(STRANGER).unwrap();
    shelf.put(&scene);
    let old = token(&scene, STRANGER);
    assert_eq!(shelf.page(&old).0, 200);
    scene.tell(&Command::TurnAway { by: BUYER, joiner: STRANGER }).unwrap();
    shelf.put(&scene);
    assert_eq!(shelf.page(&old).0, 404);
    assert_eq!(shelf.page(&token(&scene, BUYER)).0, 200);
}

#[test]
fn hostile_words_are_only_words() {
    let mut shelf = Shelf::new();
    let terms = Terms { item: crate::chat::text::quoted(HOSTILE), ..terms(Counterparty::Named(SELLER)) };
    let mut scene = Scene::of(terms);
    scene.accept(SELLER).unwrap();
    shelf.put(&scene);
    let (status, page) = shelf.page(&token(&scene, SELLER));
    assert_eq!(status, 200);
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>") && !page.contains("<img"));
    let trade = &shelf.inside(&format!("/trades/{}", scene.trade.code)).1;
    assert!(trade["item"].as_str().unwrap().contains("<script>"), "JSON is no page");
}

#[test]
fn pages_are_shut_to_everybody_else() {
    let mut shelf = Shelf::new();
    let scene = Scene::funded();
    shelf.put(&scene);
    let response = pages().answer(&shelf.reader(), &token(&scene, BUYER), Lang::En, Millis(0));
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("referrer-policy"), "no-referrer");
    let policy = header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let (_, page) = said(&response);
    assert!(!page.contains("style=") && !page.contains("<style") && !page.contains("onclick"));
}

#[test]
fn the_kit_is_a_file() {
    let mut shelf = Shelf::new();
    let scene = Scene::funded();
    shelf.put(&scene);
    let rest = format!("{}/kit.txt", token(&scene, SELLER));
    let response = pages().answer(&shelf.reader(), &rest, Lang::En, Millis(0));
    let name = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(name, format!("attachment; filename=\"trade-{}-kit.txt\"", scene.trade.code));
    let (status, text) = said(&response);
    assert_eq!(status, 200);
    let (kits, ids) = (KitKey::from_spend_seed(&[7; 32]), IdSecret::from_spend_seed(&[7; 32]));
    assert_eq!(crate::engine::Kit::read(&text, &kits, &ids).unwrap().trade.id, scene.trade.id);
    let mut shelf = Shelf::new();
    let scene = Scene::named();
    shelf.put(&scene);
    assert_eq!(shelf.page(&format!("{}/kit.txt", token(&scene, BUYER))).0, 404, "there is none yet");
}

/// A settled trade and two jobs, one of them about it.
fn with_jobs() -> (Shelf, Scene) {
    let mut shelf = Shelf::new();
    let scene = settled();
    shelf.put(&scene);
    let job = |nth: u128, trade| JobRow {
        id: JobId(Uuid::from_u128(nth)),
        kind: Kind::Look,
        lane: "look/x".into(),
        trade,
        run_at: Millis(1_000),
        tries: 0,
        refusals: 0,
        body: serde_json::json!({ "memo": "secret" }),
    };
    let jobs = vec![job(1, Some(scene.trade.id)), job(2, None)];
    shelf.store.save(&Changes { jobs, ..Changes::default() }).unwrap();
    (shelf, scene)
}

#[test]
fn the_insides_have_their_shape() {
    let (shelf, scene) = with_jobs();
    let (status, all) = shelf.inside("/trades");
    assert_eq!((status, all["trades"].as_array().unwrap().len()), (200, 1));
    let (status, one) = shelf.inside(&format!("/trades/{}", scene.trade.code));
    assert_eq!(status, 200);
    let mut same = one.clone();
    let history = same.as_object_mut().unwrap().remove("history").unwrap();
    assert_eq!(same, all["trades"][0]);
    let release = &scene.trade.plans[0];
    let output = &scene.trade.deposits[0];
    let expected = serde_json::json!({
        "id": scene.trade.id, "code": "K7Q2M9", "state": "Settled", "item": "a bicycle",
        "buyer": BUYER, "seller": SELLER,
        "asset": { "id": scene.trade.terms.asset.id, "symbol": "USDT", "label": "USDT · TRON" },
        "price": "0.00001", "due": "0.00001005", "locked": "0",
        "waits_for": "Waiting for nobody: this trade is over.", "deadline": null, "frozen": null,
        "created_at": "1970-01-01T00:00:00.000Z",
        "outputs": [{
            "output_id": output.output_id, "transaction_hash": output.hash, "output_index": 0,
            "amount": "0.00001005", "asset_id": output.asset, "standing": "spent by the release",
        }],
        "plans": [
            {
                "no": release.no, "kind": "release", "state": "done",
                "payouts": release.payouts.iter().map(|p| serde_json::json!({ "to": p.to, "amount": p.amount.to_string() })).collect::<Vec<_>>(),
                "request_id": release.request.unwrap().id, "signed_by": [BUYER], "authorised": true, "cosigned": true,
            },
            same["plans"][1],
        ],
    });
    assert_eq!(same, expected);
    assert_eq!((&same["plans"][1]["kind"], &same["plans"][1]["state"]), (&"refund".into(), &"void".into()));
    let events: Vec<&str> = history.as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect();
    for event in ["Proposed", "Accepted", "LinkIssued", "Funded", "PayloadBuilt", "Delivered", "Cosigned", "Settled"] {
        assert!(events.contains(&event), "{events:?}");
    }
    for line in history.as_array().unwrap() {
        let fields: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["at", "event", "version", "words"]);
        assert!(!line["words"].as_str().unwrap().is_empty(), "{line}");
    }
    let (_, jobs) = shelf.inside("/jobs");
    let job = serde_json::json!({
        "id": Uuid::from_u128(1), "kind": "look", "lane": "look/x", "trade": "K7Q2M9",
        "run_at": "1970-01-01T00:00:01.000Z", "tries": 0, "refusals": 0, "parked": null,
    });
    assert_eq!((&jobs["jobs"][0], &jobs["jobs"][1]["trade"]), (&job, &Value::Null));
    let link = &scene.trade.links[0];
    for text in [one.to_string(), all.to_string(), jobs.to_string()] {
        for secret in [link.memo.as_str(), &link.trace.to_string(), "secret", "/t/", "KIT", &token(&scene, BUYER)] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    assert_eq!(shelf.inside("/trades/ZZZZZZ").0, 404);
    assert_eq!(shelf.inside("/").0, 404);
}

#[test]
fn the_list_of_trades_is_bounded() {
    let mut shelf = Shelf::new();
    let born = Scene::named().trade;
    let row = |nth: u128| {
        let (id, code) = (crate::id::TradeId(Uuid::from_u128(nth)), format!("K7Q{nth:03}"));
        TradeRow { trade: crate::trade::Trade { id, code, ..born.clone() }, wake_at: None, watched_until: Millis(0) }
    };
    let trades = (0..60).map(row).collect();
    shelf.store.save(&Changes { trades, ..Changes::default() }).unwrap();
    assert_eq!(shelf.inside("/trades").1["trades"].as_array().unwrap().len(), 50);
    assert_eq!(shelf.inside("/trades/K7Q059").0, 200);
}

#[test]
fn outputs_stand_as_they_are() {
    let mut shelf = Shelf::new();
    let standing = |shelf: &Shelf| shelf.inside("/trades").1["trades"][0]["outputs"][0]["standing"].clone();
    let mut scene = Scene::awaiting();
    scene.pay(crate::trade::tests::scene::paid(5));
    scene.look();
    shelf.put(&scene);
    assert_eq!(standing(&shelf), "counts for this trade");
    scene.tell(&Command::Cancel { by: BUYER }).unwrap();
    scene.look();
    shelf.put(&scene);
    assert_eq!(standing(&shelf), "goes back");
    let mut shelf = Shelf::new();
    shelf.put(&Scene::funded());
    assert_eq!(standing(&shelf), "frozen for its settlement");
}

#[test]
fn a_reader_cannot_write() {
    let mut shelf = Shelf::new();
    shelf.put(&Scene::funded());
    let reader = shelf.reader();
    let before = std::fs::read(shelf.folder.path().join("bot.db")).unwrap();
    for _ in 0..3 {
        assert_eq!(reader.newest(10).unwrap().trades.len(), 1);
    }
    assert_eq!(std::fs::read(shelf.folder.path().join("bot.db")).unwrap(), before);
    // Nor does it hold up who writes, or see half of what is written.
    shelf.put(&settled());
    assert_eq!(reader.newest(10).unwrap().trades[0].state.name(), "Settled");
    assert!(Reader::open(&shelf.folder.path().join("none.db")).is_err());
}

async fn get(port: u16, head: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut said = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut said)).await.unwrap().unwrap();
    String::from_utf8_lossy(&said).into_owned()
}

async fn public(shelf: &Shelf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (hints, _) = mpsc::channel(1);
    tokio::spawn(serve(listener, hints, Some(Desk::new(shelf.reader(), pages()))));
    port
}

#[tokio::test]
async fn a_page_is_served_and_tells_when_it_changes() {
    let mut shelf = Shelf::new();
    let mut scene = Scene::funded();
    shelf.put(&scene);
    let port = public(&shelf).await;
    let path = format!("/t/{}", token(&scene, BUYER));
    let page = get(port, &format!("GET {path} HTTP/1.1\r\nHost: x")).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("The money is locked"), "{page}");
    for asset in
        ["/assets/base.css", "/assets/trade.css", "/assets/live.js", "/assets/idiomorph.js", "/assets/icon.svg"]
    {
        assert!(page.contains(asset), "{asset}");
        assert!(get(port, &format!("GET {asset} HTTP/1.1\r\nHost: x")).await.starts_with("HTTP/1.1 200"), "{asset}");
    }
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(ask(&path).as_bytes()).await.unwrap();
    let mut heard = String::new();
    let mut hear = async |times: usize| {
        let mut bytes = [0; 1_024];
        while heard.matches("data: changed").count() < times {
            let n = timeout(Duration::from_secs(20), stream.read(&mut bytes)).await.unwrap().unwrap();
            assert!(n > 0, "{heard}");
            heard.push_str(&String::from_utf8_lossy(&bytes[..n]));
        }
        heard.clone()
    };
    let first = hear(1).await;
    assert!(first.contains("content-type: text/event-stream"), "{first}");
    scene.tell(&Command::Deliver { by: SELLER }).unwrap();
    shelf.put(&scene);
    hear(2).await;
    assert!(get(port, &format!("GET {path} HTTP/1.1\r\nHost: x")).await.contains("says it is delivered"));
    // A link that leads nowhere has nothing to tell.
    let nowhere = get(port, &format!("GET {path}0 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream")).await;
    assert!(nowhere.starts_with("HTTP/1.1 404"), "{nowhere}");
    let posted = get(port, &format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0")).await;
    assert!(posted.starts_with("HTTP/1.1 404"), "{posted}");
}

#[tokio::test]
async fn nobody_takes_all_the_streams_with_one_page() {
    let mut shelf = Shelf::new();
    let scene = Scene::funded();
    shelf.put(&scene);
    let port = public(&shelf).await;
    let listen = async |party: UserId| {
        let path = format!("/t/{}", token(&scene, party));
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let ask = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut heard = String::new();
        while !heard.contains("data: changed") {
            let mut bytes = [0; 1_024];
            let n = timeout(Duration::from_secs(20), stream.read(&mut bytes)).await.unwrap().unwrap();
            assert!(n > 0, "{heard}");
            heard.push_str(&String::from_utf8_lossy(&bytes[..n]));
        }
        (stream, heard.contains("retry: 15000"))
    };
    let mut held = Vec::new();
    for _ in 0..4 {
        let (stream, put_off) = listen(BUYER).await;
        assert!(!put_off);
        held.push(stream);
    }
    assert!(listen(BUYER).await.1, "asked to come again");
    assert!(!listen(SELLER).await.1, "nobody else waits for it");
}

#[test]
fn half_of_the_connections_stay_free_of_streams() {
    let streams = Streams::default();
    let mut held: Vec<_> = (0..64).map(|nth| streams.take(&(nth / 4).to_string()).unwrap()).collect();
    assert!(streams.take("another").is_none());
    held.pop();
    let last = streams.take("another");
    assert!(last.is_some() && streams.take("another").is_none());
    drop((held, last));
    assert!((0..4).map(|_| streams.take("0")).collect::<Vec<_>>().iter().all(Option::is_some));
}

#[tokio::test]
async fn what_is_being_answered_is_answered_to_its_end() {
    let (mut browser, server) = tokio::io::duplex(4_096);
    browser.write_all(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // The time is up as soon as the request is read; the answer comes after that.
    let limits = Limits { whole: Duration::ZERO, ..LIMITS };
    let answer = |_, _| async {
        let _ = timeout(Duration::from_millis(20), std::future::pending::<()>()).await;
        crate::html::whole(Response::new(Bytes::from_static(b"all of it")))
    };
    timeout(Duration::from_secs(4), keep(server, answer, &limits)).await.unwrap();
    let mut said = String::new();
    browser.read_to_string(&mut said).await.unwrap();
    assert!(said.ends_with("all of it"), "{said}");
}

#[tokio::test]
async fn who_only_waits_is_sent_away() {
    assert!(LIMITS.head <= Duration::from_secs(5));
    let answer = |_, _| async { crate::html::whole(Response::new(Bytes::from_static(b"here"))) };
    for asked in ["", "GET / HTTP/1.1\r\nHo", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let (mut browser, server) = tokio::io::duplex(4_096);
        browser.write_all(asked.as_bytes()).await.unwrap();
        let limits = Limits { head: Duration::from_millis(1), ..LIMITS };
        timeout(Duration::from_secs(5), keep(server, answer, &limits)).await.unwrap();
    }
}

#[tokio::test]
async fn only_what_never_changes_is_kept_by_browsers() {
    let mut shelf = Shelf::new();
    let scene = Scene::funded();
    shelf.put(&scene);
    let port = public(&shelf).await;
    for asset in ["base.css", "trade.css", "live.js", "idiomorph.js", "icon.svg"] {
        let said = get(port, &format!("GET /assets/{asset} HTTP/1.1\r\nHost: x")).await;
        assert!(said.contains("cache-control: max-age=300\r\n"), "{said}");
    }
    let page = format!("/t/{}", token(&scene, BUYER));
    for path in ["/health", "/nothing", "/assets/nothing", "/mixpay/callback", "/t/x", &page] {
        let said = get(port, &format!("GET {path} HTTP/1.1\r\nHost: x")).await;
        assert!(said.contains("cache-control: no-store\r\n"), "{said}");
    }
}

#[tokio::test]
async fn only_this_machine_looks_inside() {
    let mut shelf = Shelf::new();
    shelf.put(&Scene::funded());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(inspect(listener, Desk::new(shelf.reader(), Inside { house: house() })));
    for host in [format!("127.0.0.1:{port}"), "localhost".into(), "[::1]".into(), format!("[::1]:{port}")] {
        let said = get(port, &format!("GET /trades HTTP/1.1\r\nHost: {host}")).await;
        assert!(said.starts_with("HTTP/1.1 200") && said.contains("\"K7Q2M9\""), "{host}: {said}");
        assert!(!said.to_lowercase().contains("access-control"), "{said}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "127.0.0.1@evil.example"] {
        let said = get(port, &format!("GET /trades HTTP/1.1\r\nHost: {host}")).await;
        assert!(said.starts_with("HTTP/1.1 403") && !said.contains("K7Q2M9"), "{host}: {said}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"] {
        let said = get(port, &format!("{method} /trades HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0")).await;
        assert!(said.starts_with("HTTP/1.1 405"), "{method}: {said}");
    }
}
