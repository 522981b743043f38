//! The program as a child process, and the sandbox as one.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use mixin_escrow::sim::phones::Phones;

/// Nothing here takes longer, on a busy machine too.
const LONGEST: Duration = Duration::from_mins(1);

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<String>,
    pub(crate) err: Vec<String>,
}

impl Ended {
    /// One clear line, this exit code, and every one of `words` in the line.
    pub(crate) fn is_refusal(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        let [line] = self.err.as_slice() else { panic!("not one line: {self:?}") };
        let line = line.strip_prefix("mixin-escrow: ").unwrap_or_else(|| panic!("does not say who speaks: {line}"));
        for word in words {
            assert!(line.contains(word), "{word:?} is not in: {line}");
        }
    }

    /// The object that `--json` prints last, alone on stdout.
    pub(crate) fn json(&self) -> Value {
        let [line] = self.out.as_slice() else { panic!("not one line: {self:?}") };
        serde_json::from_str(line).unwrap()
    }
}

/// A run that goes on; killed when dropped.
pub(crate) struct Running {
    child: Child,
    out: mpsc::UnboundedReceiver<String>,
    err: mpsc::UnboundedReceiver<String>,
}

fn lines(stream: Option<impl AsyncRead + Unpin + Send + 'static>) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut lines = BufReader::new(stream.unwrap()).lines();
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

async fn line_with(lines: &mut mpsc::UnboundedReceiver<String>, words: &str) -> String {
    let mut before = Vec::new();
    loop {
        match timeout(LONGEST, lines.recv()).await {
            Ok(Some(line)) if line.contains(words) => return line,
            Ok(Some(line)) => before.push(line),
            _ => panic!("no line with {words:?}, but {before:#?}"),
        }
    }
}

async fn rest(mut lines: mpsc::UnboundedReceiver<String>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(line) = lines.recv().await {
        all.push(line);
    }
    all
}

impl Running {
    /// Starts the program, with nothing in the environment that could set anything.
    pub(crate) fn start<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Self {
        Self::start_with(arguments, &[])
    }

    pub(crate) fn start_with<S: AsRef<std::ffi::OsStr>>(arguments: &[S], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mixin-escrow"));
        command.args(arguments).env_clear().envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (out, err) = (lines(child.stdout.take()), lines(child.stderr.take()));
        Self { child, out, err }
    }

    /// Waits for a line on stdout with these words.
    pub(crate) async fn says(&mut self, words: &str) -> String {
        line_with(&mut self.out, words).await
    }

    /// Waits for a line on stderr with these words.
    pub(crate) async fn murmurs(&mut self, words: &str) -> String {
        line_with(&mut self.err, words).await
    }

    /// `TERM`, `INT`, `KILL`.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().await.unwrap().success());
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        timeout(LONGEST, self.child.wait()).await.expect("it does not end").unwrap()
    }

    /// Waits until it, and whoever it gave its streams to, has ended.
    pub(crate) async fn end(mut self) -> Ended {
        let code = self.ended().await.code();
        let streams = async { (rest(self.out).await, rest(self.err).await) };
        let (out, err) = timeout(LONGEST, streams).await.expect("a child was left behind");
        Ended { code, out, err }
    }
}

/// Runs the program to its end.
pub(crate) async fn run<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Ended {
    Running::start(arguments).end().await
}

/// A sandbox as a process of its own.
pub(crate) struct Sandbox {
    pub(crate) running: Running,
    pub(crate) api: String,
    pub(crate) phones: Phones,
    folder: TempDir,
}

impl Sandbox {
    pub(crate) async fn start(more: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), more).await
    }

    pub(crate) async fn start_in(folder: TempDir, more: &[&str]) -> Self {
        let data = folder.path().join("data");
        let mut arguments = vec!["sandbox", "--port", "0", "--data", data.to_str().unwrap()];
        arguments.extend(more);
        let mut running = Running::start(&arguments);
        let api = running.says("Mixin is at ").await.replace("Mixin is at ", "");
        let phones = Phones::new(api.clone()).unwrap();
        Self { running, api, phones, folder }
    }

    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    /// Writes another configuration beside the sandbox's own: `change` gets its text.
    pub(crate) fn config(&self, name: &str, change: impl Fn(String) -> String) -> String {
        let text = std::fs::read_to_string(self.data("config.toml")).unwrap();
        write(&self.data(name), &change(text))
    }

    pub(crate) async fn serve(&self) -> Running {
        let mut bot = Running::start(&["serve", "--config", self.data("config.toml").to_str().unwrap()]);
        bot.says("serving as").await;
        bot
    }

    /// Ends it, and gives its folder back.
    pub(crate) async fn stop(self) -> TempDir {
        self.running.signal("TERM").await;
        let ended = self.running.end().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        self.folder
    }
}

/// Writes a file and gives its path as text.
pub(crate) fn write(path: &Path, text: &str) -> String {
    std::fs::write(path, text).unwrap();
    path.to_str().unwrap().to_owned()
}
