//! `evidence`: what was said and sent in a dispute, as a file, and whether such a file is sound.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use super::{out, start};
use crate::chat::text;
use crate::engine::{Entry, EvidenceFile, READ_MAX};
use crate::id::{self, Hash};
use crate::store::Reader;
use crate::time::machine_now;
use crate::trade::Role;
use crate::trade::evidence::{self, Content};

#[derive(Args)]
pub(super) struct Flags {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Write the evidence of a trade as one file, signed; whether the bot runs or not.
    Export(Export),
    /// Check such a file, without keystore, database or network: every hash, the order, the signature.
    Verify(Verify),
}

#[derive(Args)]
struct Export {
    /// The trade's six letters.
    code: String,
    /// Where to; without it the file is printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long)]
    force: bool,
    /// The configuration file; without one the embedded defaults are used.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object instead of lines, where a file is written.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Verify {
    /// The file; `-` reads stdin.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// The bot's public key (64 hex digits): another one is a fault. Without it, compare the one that is printed.
    #[arg(long, value_name = "HEX")]
    key: Option<Hash>,
    /// Print one JSON object instead of lines.
    #[arg(long)]
    json: bool,
}

impl Flags {
    pub(super) fn json(&self) -> bool {
        match &self.verb {
            Verb::Export(flags) => flags.json,
            Verb::Verify(flags) => flags.json,
        }
    }
}

pub(super) fn run(flags: &Flags) -> Result<(), Failure> {
    match &flags.verb {
        Verb::Export(flags) => export(flags),
        Verb::Verify(flags) => verify(flags),
    }
}

fn export(flags: &Export) -> Result<(), Failure> {
    let settings = start::settings(flags.config.as_deref())?;
    let keystore = start::keystore(&settings.keystore())?;
    let reader = Reader::open(&settings.database()).map_err(|error| start::refused(&error))?;
    let bot = reader.bot().map_err(|error| start::refused(&error))?;
    if bot.is_some_and(|bot| bot != keystore.app_id()) {
        return Err(Failure::new(Exit::Keystore, "the database is another bot's than this keystore's"));
    }
    let typed = &flags.code;
    let none = || Failure::new(Exit::NoSuch, format!("there is no trade {typed:?}; `trade list --all` names them"));
    let found = reader.evidence(&id::crockford_read(typed).ok_or_else(none)?);
    let (read, kept) = found.map_err(|error| start::refused(&error))?.ok_or_else(none)?;
    let trade = read.trades.first().ok_or_else(none)?;
    let now = read.clock.server(machine_now());
    let file = EvidenceFile::of(trade, &kept, now, &keystore.kit_key());
    let file =
        file.ok_or_else(|| Failure::new(Exit::Refused, "nobody has agreed to this trade yet: there is nothing"))?;
    let Some(path) = &flags.out else {
        out(file.write().trim_end());
        return Ok(());
    };
    write(path, &file.write(), flags.force)?;
    let lost = file.evidence.exhibits.iter().filter(|entry| entry.data.is_none()).count();
    if flags.json {
        let exhibits = file.evidence.exhibits.len();
        out(&json!({ "file": path, "exhibits": exhibits, "lost": lost, "public_key": file.public_key }).to_string());
        return Ok(());
    }
    out(&format!("written: {}, {} exhibits of trade {}", path.display(), file.evidence.exhibits.len(), trade.code));
    if lost > 0 {
        out(&format!("the content of {lost} of them was lost with a database; their hashes are in it"));
    }
    out(&format!("signed with the public key {}; tell it to whoever verifies the file", file.public_key));
    Ok(())
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::new(Exit::InTheWay, format!("{} is there already; --force replaces it", path.display()))
        }
        _ => Failure::new(Exit::BadFile, format!("{}: {error}", path.display())),
    };
    let mut open = std::fs::OpenOptions::new();
    open.write(true);
    // It is between the two, the judge and the operator.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    if force {
        open.create(true).truncate(true);
    } else {
        open.create_new(true);
    }
    let written = open.open(path).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|error| failed(&error))
}

fn verify(flags: &Verify) -> Result<(), Failure> {
    let name = flags.file.display();
    let bad = |why: String| Failure::new(Exit::BadFile, format!("{name}: {why}"));
    let most = u64::try_from(READ_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = if flags.file.as_os_str() == "-" {
        std::io::stdin().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(&flags.file).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.map_err(|error| bad(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| bad("it is no evidence file: it is not UTF-8".into()))?;
    let file = EvidenceFile::verify(&text, flags.key).map_err(|fault| bad(fault.to_string()))?;
    let all = &file.evidence;
    if flags.json {
        let exhibits: Vec<Value> = all.exhibits.iter().map(view).collect();
        let object = json!({
            "sound": true, "code": all.code, "trade": all.trade, "terms_hash": all.terms_hash, "buyer": all.buyer,
            "seller": all.seller, "made": all.made, "exhibits": exhibits, "public_key": file.public_key,
        });
        out(&object.to_string());
        return Ok(());
    }
    out(&format!("sound: trade {}, {} exhibits, written {}", all.code, all.exhibits.len(), all.made));
    out(&format!("  item    “{}”", text::quoted(&all.terms.item)));
    out(&format!("  buyer   {}", all.buyer));
    out(&format!("  seller  {}", all.seller));
    for entry in &all.exhibits {
        out(&line(entry));
    }
    match flags.key {
        Some(_) => out(&format!("signed with the key that was given: {}", file.public_key)),
        None => out(&format!("signed with {}: compare this key with the bot's, or give it by --key", file.public_key)),
    }
    Ok(())
}

fn content(entry: &Entry) -> Option<Content> {
    Some(evidence::read(entry.kind.category(), entry.data.as_ref()?.as_bytes()).ok()?.2)
}

const fn side(role: Role) -> &'static str {
    match role {
        Role::Buyer => "buyer",
        Role::Seller => "seller",
    }
}

fn line(entry: &Entry) -> String {
    let what = match content(entry) {
        Some(Content::Text(words)) => format!("“{}”", text::quoted(&words)),
        Some(Content::File(file)) => format!("attachment {} ({})", file.attachment, text::quoted(&file.mime)),
        Some(Content::Contact(person)) => format!("contact {person}"),
        None => "its content is lost".to_owned(),
    };
    let kind = entry.kind.category().trim_start_matches("PLAIN_").to_ascii_lowercase();
    format!(
        "  {:>3}  {}  {:6}  {kind}, {} bytes, sha256 {}: {what}",
        entry.no,
        entry.date,
        side(entry.role),
        entry.size,
        entry.sha256
    )
}

fn view(entry: &Entry) -> Value {
    json!({
        "no": entry.no, "by": entry.by, "role": entry.role, "date": entry.date, "kind": entry.kind, "size": entry.size,
        "sha256": entry.sha256, "lost": entry.data.is_none(),
    })
}
