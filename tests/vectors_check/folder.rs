//! Finds the vectors, and sees to it that no list is left unread.

use std::io::Write;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// One file of vectors, emptied list by list.
pub(crate) struct File {
    name: &'static str,
    rest: Map<String, Value>,
    counts: Vec<String>,
}

impl File {
    pub(crate) fn open(name: &'static str) -> Self {
        let folder = std::env::var_os("VECTORS_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"), PathBuf::from);
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut rest: Map<String, Value> = serde_json::from_str(&text).unwrap();
        for about in ["source", "schema", "notes"] {
            rest.remove(about);
        }
        Self { name, rest, counts: Vec::new() }
    }

    /// A list that must be there and not empty. Each item comes with its place and name, for messages.
    pub(crate) fn list<T: DeserializeOwned>(&mut self, key: &str) -> Vec<(String, T)> {
        let list = self.rest.remove(key).unwrap_or_else(|| panic!("{}: no list {key}", self.name));
        let list: Vec<Value> = serde_json::from_value(list).unwrap();
        assert!(!list.is_empty(), "{}: {key} is empty", self.name);
        self.counts.push(format!("{} {}", list.len(), key.replace('_', " ")));
        list.into_iter()
            .enumerate()
            .map(|(at, item)| {
                let label = format!("{} {key}[{at}] {}", self.name, item["name"].as_str().unwrap_or(""));
                let item = serde_json::from_value(item).unwrap_or_else(|error| panic!("{label}: {error}"));
                (label, item)
            })
            .collect()
    }

    /// Says what was checked, past the capture of test output.
    pub(crate) fn checked(self, more: &str) {
        assert!(self.rest.is_empty(), "{}: nothing reads {:?}", self.name, self.rest.keys().collect::<Vec<_>>());
        writeln!(std::io::stderr(), "{}: {}{more}", self.name, self.counts.join(", ")).unwrap();
    }
}
