//! The program as a child whose every byte to and from the network passes through here, and which dies when the
//! right one comes by: after a request before it arrives, or after it took effect before it is answered.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// When a life ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kill {
    /// With this piece of bytes, counted from the start of the life, in either direction.
    pub(crate) after: u32,
    /// Whether a request that is this piece still arrives.
    pub(crate) arrives: bool,
}

struct Life {
    child: Child,
    /// Pieces that passed in this life.
    pieces: u32,
}

struct State {
    life: Option<Life>,
    /// The lives so far; connections of an earlier one count no more.
    lives: u32,
    /// The deaths to come.
    kills: VecDeque<Kill>,
    killed: u32,
}

/// The bot, and the wire it hangs on.
#[derive(Clone)]
pub(crate) struct Bot {
    state: Arc<Mutex<State>>,
    config: PathBuf,
}

/// What becomes of a piece.
enum Fate {
    Passes,
    /// The bot is dead; the piece arrives all the same, or not.
    Last {
        arrives: bool,
    },
}

impl Bot {
    /// Listens on a port of its own and passes everything on to `to`. The bot itself is not started yet.
    pub(crate) async fn new(to: u16, config: PathBuf, kills: VecDeque<Kill>) -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State { life: None, lives: 0, kills, killed: 0 }));
        let bot = Self { state, config };
        let wire = bot.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(wire.clone().join(near, to));
            }
        });
        (bot, port)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn kills(&self) -> u32 {
        self.state().killed
    }

    /// Starts it if it is dead. It must not have ended by itself.
    pub(crate) fn keep_alive(&self) {
        let mut state = self.state();
        if let Some(life) = &mut state.life {
            let ended = life.child.try_wait().unwrap();
            assert!(ended.is_none(), "the bot ended by itself: {ended:?}");
            return;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_mixin-escrow"));
        command.args(["serve", "--tied", "--config"]).arg(&self.config).env_clear();
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        state.life = Some(Life { child, pieces: 0 });
        state.lives += 1;
    }

    /// Lets it end as it should: its stdin ends.
    pub(crate) async fn stop(&self) {
        let life = self.state().life.take();
        let Some(Life { mut child, .. }) = life else { return };
        let ended = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
        assert!(ended.success(), "{ended:?}");
    }

    async fn join(self, near: TcpStream, to: u16) {
        let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else { return };
        let life = self.state().lives;
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        tokio::join!(self.carry(life, near_in, far_out, true), self.carry(life, far_in, near_out, false));
    }

    async fn carry(&self, life: u32, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, outward: bool) {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            let fate = self.passes(life);
            if !matches!(fate, Fate::Last { arrives: false }) && to.write_all(&piece[..length]).await.is_err() {
                break;
            }
            if matches!(fate, Fate::Last { .. }) && outward {
                // What it asked for is read to its end, as if only its answer was lost.
                break;
            }
        }
        let _ = to.shutdown().await;
    }

    /// Counts a piece, and kills the bot when its time has come: it is dead before the piece goes on.
    fn passes(&self, life: u32) -> Fate {
        let mut guard = self.state();
        let state = &mut *guard;
        let (true, Some(alive), Some(kill)) = (state.lives == life, &mut state.life, state.kills.front().copied())
        else {
            return Fate::Passes;
        };
        alive.pieces += 1;
        if alive.pieces < kill.after {
            return Fate::Passes;
        }
        alive.child.kill().unwrap();
        alive.child.wait().unwrap();
        state.life = None;
        state.kills.pop_front();
        state.killed += 1;
        Fate::Last { arrives: kill.arrives }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(life) = &mut self.life {
            let _ = life.child.kill();
            let _ = life.child.wait();
        }
    }
}
