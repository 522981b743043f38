//! The house keeps its floors: who may use whom, and which room may know the outside world.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every permitted pair, bottom to top; whoever is not named may not be used. ARCHITECTURE.md prints this table.
const FLOORS: &[(&str, &[&str])] = &[
    ("money", &[]),
    ("id", &[]),
    ("time", &[]),
    ("html", &[]),
    ("kernel", &["money", "id"]),
    ("trade", &["money", "id", "time", "kernel"]),
    ("cosign", &["money", "id", "kernel", "trade"]),
    ("mixin", &["money", "id", "time", "kernel"]),
    ("mixpay", &["money", "id", "time", "mixin"]),
    ("chat", &["money", "id", "time", "trade"]),
    ("store", &["id", "time", "trade", "chat"]),
    ("config", &["money", "id", "time", "trade", "mixin", "chat"]),
    ("engine", &["money", "id", "time", "kernel", "trade", "cosign", "mixin", "mixpay", "chat", "store"]),
    ("web", &["id", "time", "html", "trade", "mixin", "chat", "store", "config", "engine"]),
    ("sandbox", &["money", "id", "time", "html", "kernel"]),
    ("sim", &["id", "time", "kernel", "trade", "mixin", "mixpay", "chat", "store", "engine", "web", "sandbox"]),
    (
        "cli",
        &[
            "money", "id", "time", "kernel", "trade", "mixin", "mixpay", "chat", "store", "config", "engine", "web",
            "sandbox", "sim",
        ],
    ),
    ("main", &["cli"]),
];

/// Words of the outside world, and the only places that may say them.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("tokio", &["src/html/events.rs", "src/engine/run/", "src/web/serve.rs", "src/sandbox/serve/", "src/cli/"]),
    ("reqwest", &["src/engine/run/", "src/sandbox/serve/", "src/sim/phones.rs"]),
    ("rusqlite", &["src/store/"]),
    ("SystemTime::now", &["src/time.rs"]),
    ("Instant::now", &["src/time.rs"]),
    ("new_v4", &["src/engine/run/"]),
    ("std::env", &["src/cli/"]),
    ("std::fs", &["src/cli/", "src/config.rs", "src/store/open.rs", "src/store/backup.rs"]),
    ("println!", &[]),
];

/// The longest a file may be, tests beside it not counted.
const LINES_MAX: usize = 500;

fn rust_files(under: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(under).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Path from the root with forward slashes, and the text.
fn sources() -> Vec<(String, String)> {
    let root = root();
    rust_files(&root.join("src"))
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The text without comments, so that prose may name anything.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Tests of a module are not part of its floor: they may hold two floors against each other.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn without_inline_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

fn room(path: &str) -> String {
    let rest = path.strip_prefix("src/").unwrap();
    rest.split('/').next().unwrap().trim_end_matches(".rs").to_owned()
}

/// Rooms named after `crate::` (or the crate's name), also inside braces.
fn used(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for marker in ["crate::", "mixin_escrow::"] {
        for (at, _) in text.match_indices(marker) {
            let rest = &text[at + marker.len()..];
            if let Some(list) = rest.strip_prefix('{') {
                let list = list.split('}').next().unwrap_or("");
                found.extend(list.split(',').map(|item| first_word(item.trim())));
            } else {
                found.insert(first_word(rest));
            }
        }
    }
    found.remove("");
    found
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[test]
fn arrows_point_down_only() {
    let floors: BTreeMap<&str, BTreeSet<&str>> =
        FLOORS.iter().map(|(room, may)| (*room, may.iter().copied().collect())).collect();
    let mut seen = BTreeSet::new();
    for (path, text) in sources() {
        let room = room(&path);
        if room == "lib" || is_test(&path) {
            continue;
        }
        let may = floors.get(room.as_str()).unwrap_or_else(|| panic!("{path}: the room {room} is on no floor"));
        for other in used(&code(without_inline_tests(&text))) {
            if other == room || !floors.contains_key(other.as_str()) {
                continue;
            }
            assert!(may.contains(other.as_str()), "{path}: {room} may not use {other}");
            seen.insert((room.clone(), other));
        }
    }
    let unused: Vec<_> = FLOORS
        .iter()
        .flat_map(|(room, may)| may.iter().map(move |other| (room.to_string(), other.to_string())))
        .filter(|pair| !seen.contains(pair))
        .collect();
    assert!(unused.is_empty(), "permitted and never used: {unused:?}");
}

#[test]
fn a_floor_never_permits_what_stands_above_it() {
    let height: BTreeMap<&str, usize> = FLOORS.iter().enumerate().map(|(nth, (room, _))| (*room, nth)).collect();
    for (room, may) in FLOORS {
        for other in *may {
            assert!(height[other] < height[room], "{room} → {other}");
        }
    }
}

#[test]
fn the_outside_world_stays_in_its_rooms() {
    for (path, text) in sources() {
        let text = code(without_inline_tests(&text));
        for (word, places) in OUTSIDE {
            let allowed = places.iter().any(|place| path.starts_with(place)) || is_test(&path);
            assert!(allowed || !text.contains(word), "{path}: `{word}` belongs in {places:?}");
        }
    }
}

#[test]
fn the_auditor_believes_nobody() {
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/sim/auditor")) {
        let text = code(&text);
        assert!(
            !text.contains("crate::") || used(&text).iter().all(|room| room == "sim"),
            "{path} uses the code it audits"
        );
    }
}

#[test]
fn no_float_touches_money() {
    for (path, text) in sources() {
        let room = room(&path);
        if ["money", "kernel", "trade", "cosign", "mixpay"].contains(&room.as_str()) && !is_test(&path) {
            let text = code(&text);
            assert!(!text.contains("f64") && !text.contains("f32"), "{path} has a float");
        }
    }
}

#[test]
fn files_fit_a_reader() {
    for (path, text) in sources() {
        assert!(is_test(&path) || text.lines().count() <= LINES_MAX, "{path} has more than {LINES_MAX} lines");
    }
}

#[test]
fn the_floors_in_the_document_are_these() {
    let document = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (room, may) in FLOORS {
        let may = if may.is_empty() { "–".to_owned() } else { may.join(", ") };
        let row = format!("| `{room}` | {may} |");
        assert!(document.contains(&row), "ARCHITECTURE.md lacks the row: {row}");
    }
}

/// The thirteen rules each name a test, and that test exists.
#[test]
fn every_rule_names_a_test_that_exists() {
    let document = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut tests = String::new();
    for folder in ["src", "tests"] {
        for path in rust_files(&root().join(folder)) {
            tests.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    for rule in 1..=13 {
        let start = format!("| {rule} | ");
        let row =
            document.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("rule {rule} has no row"));
        let named: Vec<&str> = row.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
        assert!(!named.is_empty(), "rule {rule} names no test");
        for name in named {
            let function = name.rsplit("::").next().unwrap();
            assert!(tests.contains(&format!("fn {function}(")), "rule {rule}: there is no test {name}");
        }
    }
}
