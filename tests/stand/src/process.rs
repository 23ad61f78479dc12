//! Processes of ours that end with us, whatever ends us.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::engine::Missing;

const POLL: Duration = Duration::from_millis(10);
/// How many of the last lines of a log are told.
const LAST: usize = 15;

/// What is sent to processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT
    Interrupt,
    /// SIGTERM
    Terminate,
    /// SIGKILL
    Kill,
    /// SIGSTOP
    Freeze,
    /// SIGCONT
    Thaw,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Terminate => "TERM",
            Self::Kill => "KILL",
            Self::Freeze => "STOP",
            Self::Thaw => "CONT",
        }
    }

    /// Sends it to a process, or to a whole group when the id is negative.
    pub fn send(self, to: i64) {
        // A process that has ended is no news: whoever waits for it sees that.
        let _ = Command::new("sh")
            .args(["-c", &format!("kill -s {} -- {to}", self.name())])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// A process with a group of its own. Dropping it kills the group.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Kills the group when our end of its standard input closes, as it does even when we are killed.
    warden: Child,
    log: PathBuf,
    over: bool,
}

impl Process {
    /// Starts a command that writes what it says to the end of the file `log`.
    pub(crate) fn start(mut command: Command, log: &Path) -> io::Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let mut child = command
            .stdin(Stdio::null())
            .stderr(output.try_clone()?)
            .stdout(output)
            .process_group(0)
            .spawn()?;
        let warden = Command::new("sh")
            .args(["-c", &format!("read -r _; kill -s KILL -- -{}", child.id())])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        match warden {
            Ok(warden) => Ok(Self { child, warden, log: log.to_owned(), over: false }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error)
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if !self.over {
            signal.send(i64::from(self.child.id()));
        }
    }

    pub(crate) fn signal_all(&self, signal: Signal) {
        if !self.over {
            signal.send(-i64::from(self.child.id()));
        }
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().ok().flatten();
        self.over |= status.is_some();
        status
    }

    /// Waits until it has ended; kills it when that takes longer than `patience`.
    pub(crate) async fn wait(&mut self, patience: Duration) {
        let start = Instant::now();
        while self.ended().is_none() {
            if start.elapsed() > patience {
                self.signal_all(Signal::Kill);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The last lines of its log.
    pub(crate) fn last_words(&self) -> String {
        last_lines(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.signal_all(Signal::Kill);
            let _ = self.child.wait();
        }
        let _ = self.warden.kill();
        let _ = self.warden.wait();
    }
}

/// Runs a command to its end. Where it is not installed, `remedy` says how to get it.
pub(crate) async fn run(command: Command, log: &Path, remedy: &str) -> Result<(), Missing> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut process = Process::start(command, log).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Missing(format!("{name} is not installed ({remedy})")),
        _ => Missing(format!("{name}: {error}")),
    })?;
    loop {
        match process.ended() {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                return Err(Missing(format!("{name} ended with {status}: {}", process.last_words())));
            }
            None => tokio::time::sleep(POLL).await,
        }
    }
}

fn last_lines(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.iter().skip(lines.len().saturating_sub(LAST)).copied().collect::<Vec<_>>().join("\n  ")
}

/// Whether we are root, as whom some engines refuse to run.
pub(crate) fn root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|us| us.uid() == 0)
}
