//! What a story is played on: a network and a bot, with sockets between them or without.

use serde_json::Value;

use crate::store::Operator;
use crate::time::Millis;

/// A story that does not go on as it should.
#[derive(Debug, thiserror::Error)]
pub enum Stuck {
    /// A phone or the network refused; it may not do so for ever.
    #[error("{route}: {said}")]
    Refused { route: String, said: String },
    /// What somebody waits for never shows.
    #[error("{who} waits for {what} in vain{why}; the last things shown:\n{shown}")]
    Waits { who: String, what: String, why: String, shown: String },
    /// Something happened that must not.
    #[error("{0}")]
    Wrong(String),
    /// Network or bot are gone.
    #[error("{0}")]
    Broken(String),
}

/// A network with a bot on it. Whoever plays there waits by the ground's own time, and knows nothing else of it.
pub trait Ground {
    /// A call of the sandbox's control surface.
    ///
    /// # Errors
    /// [`Stuck::Refused`], or [`Stuck::Broken`].
    fn control(&mut self, method: &str, route: &str, body: &Value) -> Result<Value, Stuck>;

    /// Lets a moment pass, the `nth` for the same thing. `false`: nothing more is to be hoped for.
    ///
    /// # Errors
    /// [`Stuck::Broken`].
    fn wait(&mut self, nth: u32) -> Result<bool, Stuck>;

    /// Lets so much time pass.
    ///
    /// # Errors
    /// [`Stuck::Broken`].
    fn pass(&mut self, span: Millis) -> Result<(), Stuck>;

    /// Lets so much time pass in which the bot has no connection.
    ///
    /// # Errors
    /// [`Stuck::Refused`], or [`Stuck::Broken`].
    fn away(&mut self, span: Millis) -> Result<(), Stuck>;

    /// The bot goes away, for good.
    ///
    /// # Errors
    /// [`Stuck::Broken`].
    fn bot_leaves(&mut self) -> Result<(), Stuck>;

    /// The operator asks the bot for something, as the command line does; what it answers, in a line.
    ///
    /// # Errors
    /// [`Stuck::Broken`].
    fn operate(&mut self, asked: &Operator) -> Result<String, Stuck>;

    /// Rules of the bot's own books that do not hold, a line each.
    ///
    /// # Errors
    /// [`Stuck::Broken`].
    fn books(&mut self) -> Result<Vec<String>, Stuck>;
}
