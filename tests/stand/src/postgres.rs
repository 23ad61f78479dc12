//! PostgreSQL, as the system's packages install it.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::certificate::Certificate;
use crate::engine::{Engine, Kind, Missing};
use crate::network::{ask, free_port};
use crate::process::{Signal, root, run};

const PACKAGE: &str = "Debian: apt-get install postgresql";

/// A server of PostgreSQL without a password, for its user `postgres`.
pub type Postgres = Engine<PostgresKind>;

/// How PostgreSQL is run.
#[derive(Debug)]
pub struct PostgresKind {
    programs: PathBuf,
    data: PathBuf,
    port: u16,
    /// The user and group to run as; it refuses to run as root.
    user: Option<(u32, u32)>,
    certificate: Option<Certificate>,
}

impl Postgres {
    /// Like [`Engine::start`]; and it takes nobody who does not speak TLS.
    pub async fn start_encrypted() -> Option<Self> {
        Self::or_skipped(Self::launch_as(PostgresKind::encrypted).await)
    }

    /// What an encrypted one shows.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.kind().certificate.as_ref()
    }
}

impl Kind for PostgresKind {
    const NAME: &'static str = "PostgreSQL";
    const VARIABLE: &'static str = "SOUK_TEST_POSTGRES_URL";
    const STOP: Signal = Signal::Interrupt;

    async fn prepare(folder: &Path) -> Result<Self, Missing> {
        let programs = programs().ok_or_else(|| Missing(format!("it is not installed ({PACKAGE})")))?;
        let user = if root() { Some((id("-u")?, id("-g")?)) } else { None };
        let home = folder.join("postgres");
        fs::create_dir(&home)?;
        if let Some((user, group)) = user {
            chown(&home, Some(user), Some(group))?;
        }
        let kind = Self { programs, data: home.join("data"), port: free_port()?, user, certificate: None };
        let mut make = kind.program("initdb");
        make.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        run(make, &folder.join("initdb.log"), PACKAGE).await?;
        Ok(kind)
    }

    fn command(&self) -> Command {
        let mut command = self.program("postgres");
        command.args(["-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "shared_buffers=32MB",
            "max_connections=300",
        ] {
            command.args(["-c", setting]);
        }
        if self.certificate.is_some() {
            command.args(["-c", "ssl=on"]);
        }
        command
    }

    fn address(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    async fn answers(&self) -> io::Result<bool> {
        let mut hello = 196_608_u32.to_be_bytes().to_vec();
        hello.extend_from_slice(b"user\0postgres\0database\0postgres\0\0");
        let length = u32::try_from(hello.len() + 4).unwrap_or_default().to_be_bytes();
        let hello = [length.as_slice(), &hello].concat();
        // Its last message says that it is ready for a query, outside any transaction; an error is one message.
        let ready = |answer: &[u8]| answer.ends_with(b"Z\0\0\0\x05I");
        let over = |answer: &[u8]| ready(answer) || answer.starts_with(b"E");
        let answer = ask(("127.0.0.1", self.port), &hello, over).await?;
        // One that wants TLS is there when it says so.
        let wants_tls =
            self.certificate.is_some() && String::from_utf8_lossy(&answer).contains("pg_hba.conf");
        Ok(wants_tls || ready(&answer))
    }
}

impl PostgresKind {
    async fn encrypted(folder: &Path) -> Result<Self, Missing> {
        let certificate = Certificate::issue(folder).await?;
        let mut kind = Self::prepare(folder).await?;
        for (from, name) in [(&certificate.certificate, "server.crt"), (&certificate.key, "server.key")] {
            let file = kind.data.join(name);
            fs::copy(from, &file)?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
            if let Some((user, group)) = kind.user {
                chown(&file, Some(user), Some(group))?;
            }
        }
        fs::write(kind.data.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n")?;
        kind.certificate = Some(certificate);
        Ok(kind)
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.arg("-D").arg(&self.data).current_dir("/");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

/// The folder of the newest version's programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let versions = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        programs.join("postgres").is_file().then_some((version, programs))
    });
    versions.max().map(|(_, programs)| programs)
}

/// The user's or the group's number of the system's user `postgres`.
fn id(which: &str) -> Result<u32, Missing> {
    let output = Command::new("id").args([which, "postgres"]).output()?;
    let id = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    id.ok_or_else(|| Missing("it does not run as root, and there is no user `postgres`".into()))
}
