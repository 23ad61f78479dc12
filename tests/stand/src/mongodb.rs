//! A stand-in for MongoDB, which no registry carries: mongo-java-server, which keeps every answered write.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{archives, obtain};
use crate::engine::{Engine, Kind, Missing};
use crate::java;
use crate::network::{ask, free_port};
use crate::process::run;

const PROJECT: &str = include_str!("../java/mongodb.xml");
const LAUNCH: &str = include_str!("../java/Launch.java");

/// A server that speaks the protocol of MongoDB.
pub type MongoDb = Engine<MongoDbKind>;

/// How the stand-in is run.
#[derive(Debug)]
pub struct MongoDbKind {
    made: PathBuf,
    java: PathBuf,
    file: PathBuf,
    port: u16,
}

impl Kind for MongoDbKind {
    const NAME: &'static str = "MongoDB";
    const VARIABLE: &'static str = "SOUK_TEST_MONGODB_URL";

    async fn prepare(folder: &Path) -> Result<Self, Missing> {
        let made = obtain("mongodb", &[PROJECT, LAUNCH].concat(), make).await?;
        Ok(Self { made, java: java::home()?, file: folder.join("data.mv"), port: free_port()? })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.java.join("bin/java"));
        command.args(["-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"]);
        command.arg(format!("{0}:{0}/libs/*", self.made.display()));
        command.arg("Launch").arg(self.port.to_string()).arg(&self.file);
        command
    }

    fn address(&self) -> String {
        format!("mongodb://127.0.0.1:{}", self.port)
    }

    async fn answers(&self) -> io::Result<bool> {
        let answer = command(("127.0.0.1", self.port), "ping").await?;
        // `ok` as a double.
        Ok(contains(&answer, b"\x01ok\0\0\0\0\0\0\0\xf0\x3f"))
    }
}

/// Fetches the archives and compiles the launcher, for which a runtime of Java is enough.
async fn make(folder: PathBuf) -> Result<(), Missing> {
    let libs = archives(PROJECT, &folder).await?;
    let source = folder.join("Launch.java");
    fs::write(&source, LAUNCH)?;
    let archives: Vec<_> =
        fs::read_dir(&libs)?.flatten().map(|entry| entry.path().display().to_string()).collect();
    let archives = archives.join(":");
    let mut compile = java::command("256m")?;
    compile.args(["-cp", &archives, "org.eclipse.jdt.internal.compiler.batch.Main", "-17", "-nowarn"]);
    compile.args(["-cp", &archives, "-d"]).arg(&folder).arg(&source);
    run(compile, &folder.join("compile.log"), "").await
}

/// Whether the server at `url` says of itself what MongoDB says and its stand-ins do not.
pub(crate) async fn is_real(url: &str) -> bool {
    let hosts = url.strip_prefix("mongodb://").unwrap_or_default();
    let hosts = hosts.rsplit_once('@').map_or(hosts, |(_, hosts)| hosts);
    let first = hosts.split([',', '/', '?']).next().unwrap_or_default();
    let (host, port) = first.rsplit_once(':').unwrap_or((first, "27017"));
    match port.parse() {
        Ok(port) => match command((host, port), "buildInfo").await {
            Ok(answer) => contains(&answer, b"storageEngines\0"),
            // One that wants TLS is no stand-in.
            Err(_) => true,
        },
        Err(_) => true,
    }
}

/// Sends the command `{ NAME: 1, $db: "admin" }` as `OP_MSG` and answers the reply's bytes.
async fn command(to: (&str, u16), name: &str) -> io::Result<Vec<u8>> {
    let fields = [b"\x10", name.as_bytes(), b"\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0"].concat();
    let document = [&little(fields.len() + 4), fields.as_slice()].concat();
    let message = [b"\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0".as_slice(), &document].concat();
    let message = [&little(message.len() + 4), message.as_slice()].concat();
    let complete = |answer: &[u8]| {
        let length = answer.first_chunk::<4>().map(|length| u32::from_le_bytes(*length));
        length.is_some_and(|length| answer.len() >= length as usize)
    };
    ask(to, &message, complete).await
}

fn little(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or_default().to_le_bytes()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
