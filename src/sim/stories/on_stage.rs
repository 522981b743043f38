//! A story without sockets: the whole of it in one thread, by a seed.

use serde_json::{Value, json};

use super::{Ground, Stuck};
use crate::sim::runner::{Stage, StageError};
use crate::store::Operator;
use crate::time::Millis;

/// Moments waited for one thing, a second each: longer than the bot ever leaves a vault with locked money alone.
const PATIENCE: u32 = 900;

/// More than this is not lived through but jumped, as a network on loopback does it; the bot sees that by its next look.
const LIVED: Millis = Millis::from_secs(660);

impl From<StageError> for Stuck {
    fn from(error: StageError) -> Self {
        match error {
            StageError::Refused { route, said } => Self::Refused { route, said },
            other => Self::Broken(other.to_string()),
        }
    }
}

impl Ground for Stage {
    fn control(&mut self, method: &str, route: &str, body: &Value) -> Result<Value, Stuck> {
        Ok(Self::control(self, method, route, body)?)
    }

    fn wait(&mut self, nth: u32) -> Result<bool, Stuck> {
        self.live(Millis::from_secs(1))?;
        Ok(nth < PATIENCE)
    }

    fn pass(&mut self, span: Millis) -> Result<(), Stuck> {
        if span <= LIVED {
            return Ok(self.live(span)?);
        }
        let jump = json!({ "advance_ms": span.since(LIVED).0 });
        Self::control(self, "POST", "clock", &jump)?;
        Ok(self.live(LIVED)?)
    }

    fn away(&mut self, span: Millis) -> Result<(), Stuck> {
        self.crash(span)?;
        Ok(self.live(span.plus(Millis::from_secs(1)))?)
    }

    fn bot_leaves(&mut self) -> Result<(), Stuck> {
        Ok(self.crash(Millis(i64::MAX))?)
    }

    fn operate(&mut self, asked: &Operator) -> Result<String, Stuck> {
        // The row is told to the bot and not written, so that any number serves.
        let seq = i64::try_from(self.steps()).unwrap_or(i64::MAX);
        let answer = Self::operate(self, seq, asked.clone())?;
        answer.ok_or_else(|| Stuck::Broken("the bot does not answer its operator".into()))
    }

    fn books(&mut self) -> Result<Vec<String>, Stuck> {
        let store = self.store().ok_or_else(|| Stuck::Broken("the bot's database is closed".into()))?;
        let checked = store.check().map_err(|error| Stuck::Broken(error.to_string()))?;
        Ok(checked.broken.iter().map(|broken| format!("{broken:?}")).collect())
    }
}
