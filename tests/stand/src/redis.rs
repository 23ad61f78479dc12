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
    /// Where it speaks to the other nodes of a cluster.
    bus: Option<u16>,
}

impl Kind for RedisKind {
    const NAME: &'static str = "Redis";
    const VARIABLE: &'static str = "SOUK_TEST_REDIS_URL";

    async fn prepare(folder: &Path) -> Result<Self, Missing> {
        if Command::new("redis-server").arg("--version").output().is_err() {
            return Err(Missing("it is not installed (Debian: apt-get install redis-server)".into()));
        }
        Ok(Self { folder: folder.to_owned(), port: free_port()?, bus: None })
    }

    fn command(&self) -> Command {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--daemonize", "no"]);
        command.args(["--appendonly", "yes", "--appendfsync", "always", "--save", ""]);
        command.args(["--requirepass", PASSWORD, "--dir"]).arg(&self.folder);
        if let Some(bus) = self.bus {
            command.args(["--cluster-enabled", "yes", "--cluster-port", &bus.to_string()]);
            command.args(["--cluster-node-timeout", "2000"]);
        }
        command
    }

    fn address(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    async fn answers(&self) -> io::Result<bool> {
        Ok(self.say("PING").await?.contains("+PONG"))
    }
}

impl RedisKind {
    /// One that can be a node of a cluster.
    pub(crate) async fn node(folder: &Path) -> Result<Self, Missing> {
        Ok(Self { bus: Some(free_port()?), ..Self::prepare(folder).await? })
    }

    /// What makes another node know it.
    pub(crate) fn met(&self) -> String {
        format!("CLUSTER MEET 127.0.0.1 {} {}", self.port, self.bus.unwrap_or_default())
    }

    /// What it answers to a line.
    pub(crate) async fn say(&self, line: &str) -> io::Result<String> {
        let question = format!("AUTH {PASSWORD}\r\n{line}\r\nQUIT\r\n");
        let answer = ask(("127.0.0.1", self.port), question.as_bytes(), |_| false).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}
