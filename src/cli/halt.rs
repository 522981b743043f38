//! `halt` and `resume`: whether the bot signs, whether new trades can be agreed to, whether time gives rights.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::ask::{Careful, put};
use super::books::{self, Books, failed};
use super::exit::{Exit, Failure};
use super::out;
use crate::store::{Halts, Operator, Scope};
use crate::trade::terms::Asset;

/// What can be halted.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Every signature of the bot. Money can still come in, and the two parties can still move theirs together.
    Signing,
    /// New trades: of everybody, in one asset, or of one person. What is agreed to goes on.
    Trades,
    /// Rights by time: nobody gets the money because the other let the time run out. The bot does so by itself when its
    /// clock jumps by more than `clock.max_skew_s`.
    Clock,
    /// Nothing: the halts that stand are listed.
    List,
}

/// What can be resumed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Back {
    Signing,
    Trades,
    /// Rights by time: the clock is right.
    Clock,
}

/// Which new trades; all without.
#[derive(Args)]
struct Which {
    /// New trades in this asset: its symbol, its label where chains differ, or its id.
    #[arg(long, value_name = "SYMBOL", conflicts_with = "user")]
    asset: Option<String>,
    /// New trades of this person: their Mixin ID or user id.
    #[arg(long, value_name = "ID")]
    user: Option<String>,
}

#[derive(Args)]
pub(super) struct Halt {
    what: What,
    #[command(flatten)]
    which: Which,
    /// Why, for whoever reads it later. A halt of all new trades, or of those in an asset, tells it to people.
    #[arg(long, value_name = "TEXT", default_value = "halted by hand")]
    why: String,
    #[command(flatten)]
    pub(super) careful: Careful,
}

#[derive(Args)]
pub(super) struct Resume {
    what: Back,
    #[command(flatten)]
    which: Which,
    /// After a restore: go on although some vault could not be read again. Look at the log first: it says which, and
    /// why. Nothing can be paid twice by it, but a trade may be settled that was to be settled otherwise.
    #[arg(long)]
    unread: bool,
    #[command(flatten)]
    pub(super) careful: Careful,
}

impl Which {
    fn is_given(&self) -> bool {
        self.asset.is_some() || self.user.is_some()
    }

    fn scope(&self, books: &Books) -> Result<Scope, Failure> {
        match (&self.asset, &self.user) {
            (Some(asset), _) => self::asset(books, asset).map(Scope::Asset),
            (None, Some(user)) => {
                let found = books.reader.person(user).map_err(failed)?.map(|row| row.person.id);
                let found = found.or_else(|| user.parse().ok());
                let none = || format!("nobody with the Mixin ID {user:?} has written here; name the user id (a UUID)");
                found.map(Scope::Person).ok_or_else(|| Failure::new(Exit::NoSuch, none()))
            }
            (None, None) => Ok(Scope::All),
        }
    }
}

fn asset(books: &Books, typed: &str) -> Result<crate::id::AssetId, Failure> {
    let is = |asset: &&Asset| {
        let named = [asset.id.to_string(), asset.symbol.clone(), asset.label()];
        named.iter().any(|name| name.eq_ignore_ascii_case(typed))
    };
    let found: Vec<&Asset> = books.inside.house.assets.iter().filter(is).collect();
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => Err(Failure::new(Exit::NoSuch, format!("{typed:?} is none of the assets of the configuration"))),
        many => {
            let labels: Vec<String> = many.iter().map(|asset| format!("{:?}", asset.label())).collect();
            Err(Failure::new(Exit::Usage, format!("{typed:?} is on several chains; name one of {}", labels.join(", "))))
        }
    }
}

fn named(books: &Books, scope: Scope) -> String {
    match scope {
        Scope::All => "every new trade".to_owned(),
        Scope::Asset(id) => {
            let listed = books.inside.house.assets.iter().find(|asset| asset.id == id);
            format!("new trades in {}", listed.map_or_else(|| id.to_string(), Asset::label))
        }
        Scope::Person(id) => match books.reader.person(&id.to_string()) {
            Ok(Some(row)) => format!("new trades of {}", books::known(&row.person)),
            _ => format!("new trades of {id}"),
        },
    }
}

pub(super) async fn halt(flags: Halt) -> Result<(), Failure> {
    match flags.what {
        _ if flags.which.is_given() && flags.what != What::Trades => Err(only_trades()),
        What::List => list(&flags.careful),
        What::Signing => {
            let plan = ["every signature of the bot: none is given from now on, nobody is told".to_owned()];
            flags.careful.put(&plan, Operator::HaltSigning { why: flags.why }).await
        }
        What::Clock => {
            let plan =
                ["rights by time: nobody gets one from now on; who has one keeps it, and can still use it".to_owned()];
            flags.careful.put(&plan, Operator::HaltClock { why: flags.why }).await
        }
        What::Trades => {
            let books = Books::open(flags.careful.common.config.as_deref())?;
            let scope = flags.which.scope(&books)?;
            let plan = [
                format!("{}: none can be proposed or accepted from now on", named(&books, scope)),
                "- what is agreed to goes on to its end, and is paid and settled as always".to_owned(),
                match scope {
                    Scope::Person(_) => "- whoever tries is told that it is so, not why".to_owned(),
                    Scope::All | Scope::Asset(_) => format!("- whoever tries is told: {}", flags.why),
                },
            ];
            flags.careful.put(&plan, Operator::HaltTrades { scope, why: flags.why.clone() }).await
        }
    }
}

pub(super) async fn resume(flags: Resume) -> Result<(), Failure> {
    match flags.what {
        Back::Signing | Back::Clock if flags.which.is_given() => Err(only_trades()),
        Back::Trades | Back::Clock if flags.unread => {
            Err(Failure::new(Exit::Usage, "--unread goes with signing; --help shows what is possible"))
        }
        Back::Clock => {
            let plan = [
                "the clock is taken to be right, also after a jump".to_owned(),
                "- whoever's time has run out meanwhile, and was told, may lose by it at the next look".to_owned(),
            ];
            flags.careful.put(&plan, Operator::ResumeClock).await
        }
        Back::Signing => put(&flags.careful.common, Operator::ResumeSigning { unread: flags.unread }).await,
        Back::Trades => {
            let books = Books::open(flags.careful.common.config.as_deref())?;
            let scope = flags.which.scope(&books)?;
            let plan = [format!("{}: they can be proposed and accepted again; nobody is told", named(&books, scope))];
            flags.careful.put(&plan, Operator::ResumeTrades { scope }).await
        }
    }
}

fn only_trades() -> Failure {
    Failure::new(Exit::Usage, "--asset and --user go with trades; --help shows what is possible")
}

fn list(careful: &Careful) -> Result<(), Failure> {
    let books = Books::open(careful.common.config.as_deref())?;
    let halts = books.reader.halts().map_err(failed)?;
    if careful.common.json {
        out(&json!({ "halts": rows(&books, &halts) }).to_string());
        return Ok(());
    }
    if let Some(why) = halts.why() {
        out(&format!("signing: {why}"));
    }
    if let Some(halt) = &halts.clock {
        out(&format!("rights by time: {}", halt.line()));
    }
    for halt in &halts.trades {
        let (why, since) = (&halt.halt.why, halt.halt.since.to_rfc3339());
        out(&format!("{}: {why} (since {since})", named(&books, halt.scope)));
    }
    if halts == Halts::default() {
        out("nothing is halted");
    }
    Ok(())
}

fn rows(books: &Books, halts: &Halts) -> Vec<Value> {
    let operator = halts
        .operator
        .iter()
        .map(|halt| json!({ "what": "signing", "why": halt.why, "by": halt.by, "since": halt.since.to_rfc3339() }));
    let restored = halts.restored.iter().map(
        |restored| json!({ "what": "signing", "why": "restored", "by": "restore", "since": restored.at.to_rfc3339() }),
    );
    let trades = halts.trades.iter().map(|halt| {
        let (asset, user) = match halt.scope {
            Scope::All => (None, None),
            Scope::Asset(asset) => (Some(asset), None),
            Scope::Person(user) => (None, Some(user)),
        };
        json!({
            "what": "trades",
            "asset": asset,
            "user": user,
            "named": named(books, halt.scope),
            "why": halt.halt.why,
            "by": halt.halt.by,
            "since": halt.halt.since.to_rfc3339(),
        })
    });
    let clock = halts
        .clock
        .iter()
        .map(|halt| json!({ "what": "clock", "why": halt.why, "by": halt.by, "since": halt.since.to_rfc3339() }));
    operator.chain(restored).chain(clock).chain(trades).collect()
}
