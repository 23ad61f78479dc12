//! An engine as a process of ours: started on a free port with data in a scratch folder, killed, started again on
//! the same data and port, stopped.

use std::fs;
use std::future::Future;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::found::skipped;
use crate::process::{Process, Signal};

const POLL: Duration = Duration::from_millis(20);
/// How long one question whether an engine answers may take.
const QUESTION: Duration = Duration::from_secs(5);
/// How long an engine may take to stop before it is killed.
const FAREWELL: Duration = Duration::from_secs(20);

/// What is particular to one kind of engine.
pub trait Kind: Sized + Send + Sync {
    /// What people call it.
    const NAME: &'static str;
    /// The environment variable by which tests are told where it is.
    const VARIABLE: &'static str;
    /// How it is asked to stop.
    const STOP: Signal = Signal::Terminate;
    /// How long it may take until it answers.
    const PATIENCE: Duration = Duration::from_mins(1);

    /// Finds or installs it, and prepares to run it with its data in `folder`.
    fn prepare(folder: &Path) -> impl Future<Output = Result<Self, Missing>> + Send;

    /// The command that runs it in the foreground, on the same data and port each time.
    fn command(&self) -> Command;

    /// The value of its [`Kind::VARIABLE`].
    fn address(&self) -> String;

    /// Asks it something that only an engine answers that is ready.
    fn answers(&self) -> impl Future<Output = io::Result<bool>> + Send;
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Missing(pub String);

impl From<io::Error> for Missing {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// An engine that runs as a process of ours, for as long as this value lives.
#[derive(Debug)]
pub struct Engine<K: Kind> {
    kind: K,
    process: Process,
    folder: TempDir,
}

impl<K: Kind> Engine<K> {
    /// Starts one for a test and waits until it answers. `None`, said as `skipped: …`, where there is none.
    ///
    /// # Panics
    /// When there is none and `SOUK_REQUIRE_ENGINES=1`.
    pub async fn start() -> Option<Self> {
        Self::or_skipped(Self::launch().await)
    }

    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// The reason why there is none.
    pub async fn launch() -> Result<Self, Missing> {
        Self::launch_as(K::prepare).await
    }

    /// Starts one that `prepare` makes, given the folder for its data, and waits until it answers.
    pub(crate) async fn launch_as(
        prepare: impl AsyncFnOnce(&Path) -> Result<K, Missing>,
    ) -> Result<Self, Missing> {
        let folder = tempfile::Builder::new().prefix("souk-engine-").tempdir()?;
        // Engines that refuse to run as root must get in.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let kind = prepare(folder.path()).await?;
        let process = Process::start(kind.command(), &folder.path().join("log"))?;
        let mut engine = Self { kind, process, folder };
        engine.answer(Restart::No).await?;
        Ok(engine)
    }

    /// What was started; where there is none, that is said.
    pub(crate) fn or_skipped(launched: Result<Self, Missing>) -> Option<Self> {
        launched.inspect_err(|missing| skipped(K::NAME, &missing.to_string())).ok()
    }

    /// How it is run.
    pub(crate) fn kind(&self) -> &K {
        &self.kind
    }

    /// Where it is, as in the environment variable of its kind.
    pub fn url(&self) -> String {
        self.kind.address()
    }

    /// `kill -9`: it gets no chance to write anything more. It has ended when this returns.
    pub async fn kill(&mut self) {
        self.process.signal_all(Signal::Kill);
        self.process.wait(FAREWELL).await;
    }

    /// Holds it still: connections stay open and nothing answers.
    pub fn freeze(&self) {
        self.process.signal_all(Signal::Freeze);
    }

    /// Lets it go on after [`Engine::freeze`].
    pub fn thaw(&self) {
        self.process.signal_all(Signal::Thaw);
    }

    /// Starts it again on the same data and port and waits until it answers.
    ///
    /// # Errors
    /// With the last lines of its log when it does not answer in time.
    pub async fn restart(&mut self) -> Result<(), Missing> {
        self.process = Process::start(self.kind.command(), &self.folder.path().join("log"))?;
        self.answer(Restart::Yes).await
    }

    /// Asks it to stop and waits until it has; one that does not is killed.
    pub async fn stop(mut self) {
        self.process.signal(K::STOP);
        self.process.wait(FAREWELL).await;
    }

    async fn answer(&mut self, restart: Restart) -> Result<(), Missing> {
        let start = Instant::now();
        loop {
            let answer = tokio::time::timeout(QUESTION, self.kind.answers()).await;
            let ended = self.process.ended();
            if matches!(answer, Ok(Ok(true))) && ended.is_none() {
                return Ok(());
            }
            match (ended, restart) {
                // What was killed may still hold on to port or memory for a moment.
                (Some(_), Restart::Yes) if start.elapsed() < K::PATIENCE => {
                    let log = self.folder.path().join("log");
                    self.process = Process::start(self.kind.command(), &log)?;
                }
                (Some(status), _) => {
                    return Err(Missing(format!("it ended with {status}: {}", self.process.last_words())));
                }
                (None, _) if start.elapsed() > K::PATIENCE => {
                    let patience = K::PATIENCE.as_secs();
                    let words = self.process.last_words();
                    return Err(Missing(format!("it does not answer after {patience} s: {words}")));
                }
                _ => {}
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Whether one that ends at once is started once more.
#[derive(Debug, Clone, Copy)]
enum Restart {
    Yes,
    No,
}
