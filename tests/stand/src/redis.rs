//! Redis, as the system's packages install it, keeping every answered write.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::engine::{Engine, Kind, Missing};
use crate::network::{ask, free_port};

const PASSWORD: &str = "only-for-tests";

/// A server of Redis with a password.
pub type Redis = Engine<RedisKind>;

/// How Redis is run.
#[derive(Debug)]
pub struct RedisKind {
    folder: PathBuf,
    port: u16,
}

impl Kind for RedisKind {
    const NAME: &'static str = "Redis";
    const VARIABLE: &'static str = "SOUK_TEST_REDIS_URL";

    async fn prepare(folder: &Path) -> Result<Self, Missing> {
        if Command::new("redis-server").arg("--version").output().is_err() {
            return Err(Missing("it is not installed (Debian: apt-get install redis-server)".into()));
        }
        Ok(Self { folder: folder.to_owned(), port: free_port()? })
    }

    fn command(&self) -> Command {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--daemonize", "no"]);
        command.args(["--appendonly", "yes", "--appendfsync", "always", "--save", ""]);
        command.args(["--requirepass", PASSWORD, "--dir"]).arg(&self.folder);
        command
    }

    fn address(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    async fn answers(&self) -> io::Result<bool> {
        let question = format!("AUTH {PASSWORD}\r\nPING\r\nQUIT\r\n");
        let answer = ask(("127.0.0.1", self.port), question.as_bytes(), |_| false).await?;
        Ok(answer.windows(5).any(|word| word == b"+PONG"))
    }
}
