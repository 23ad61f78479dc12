//! Elasticsearch, one node, out of the distribution of `SonarQube` that Maven has.

use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::cache::{maven, obtain};
use crate::engine::{Engine, Kind, Missing};
use crate::java;
use crate::network::{free_port, http_status};
use crate::process::{root, run};

const PROJECT: &str = include_str!("../java/elasticsearch.xml");
/// It refuses to run as root; this is `nobody`.
const NOBODY: u32 = 65_534;
const OPTIONS: &str = "-Xms512m -Xmx512m -XX:+UseSerialGC -XX:-AlwaysPreTouch -XX:TieredStopAtLevel=1";

/// A server of Elasticsearch without TLS and passwords.
pub type Elasticsearch = Engine<ElasticsearchKind>;

/// How Elasticsearch is run.
#[derive(Debug)]
pub struct ElasticsearchKind {
    home: PathBuf,
    folder: PathBuf,
    java: PathBuf,
    port: u16,
}

impl Kind for ElasticsearchKind {
    const NAME: &'static str = "Elasticsearch";
    const VARIABLE: &'static str = "SOUK_TEST_ELASTICSEARCH_URL";
    const PATIENCE: Duration = Duration::from_mins(2);

    async fn prepare(folder: &Path) -> Result<Self, Missing> {
        let java = java::home()?;
        let cached = obtain("elasticsearch", PROJECT, make).await?.join("elasticsearch");
        let home = if root() { within_reach(&cached, folder).await? } else { cached };
        let kind = Self { home, folder: folder.to_owned(), java, port: free_port()? };
        for made in [kind.configuration(), kind.data(), kind.scratch()] {
            fs::create_dir(&made)?;
            if root() {
                chown(&made, Some(NOBODY), Some(NOBODY))?;
            }
        }
        kind.configure(free_port()?)?;
        Ok(kind)
    }

    fn command(&self) -> Command {
        let (home, configuration) = (self.home.display(), self.configuration());
        let mut command = Command::new(self.java.join("bin/java"));
        command
            .args(["-Xmx64m", "-Dcli.name=server", "-Dcli.libs=lib/tools/server-cli"])
            .arg(format!("-Dcli.script={home}/bin/elasticsearch"))
            .arg(format!("-Des.path.home={home}"))
            .arg(format!("-Des.path.conf={}", configuration.display()))
            .args(["-Des.distribution.type=zip", "-Des.java.type=ES_JAVA_HOME"])
            .args(["-cp", "lib/*:lib/cli-launcher/*", "org.elasticsearch.launcher.CliToolLauncher"])
            .current_dir(&self.home)
            .env_remove("JAVA_HOME")
            .env("ES_HOME", &self.home)
            .env("ES_PATH_CONF", configuration)
            .env("ES_TMPDIR", self.scratch())
            .env("HOME", self.scratch())
            .env("JAVA", self.java.join("bin/java"))
            .env("ES_JAVA_HOME", &self.java)
            .env("JAVA_TYPE", "ES_JAVA_HOME")
            .env("ES_DISTRIBUTION_TYPE", "zip")
            .env("ES_JAVA_OPTS", OPTIONS);
        if root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn answers(&self) -> io::Result<bool> {
        Ok(http_status(self.port, "/_cluster/health?wait_for_status=yellow&timeout=1s").await? == 200)
    }
}

impl ElasticsearchKind {
    fn configuration(&self) -> PathBuf {
        self.folder.join("configuration")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn scratch(&self) -> PathBuf {
        self.folder.join("scratch")
    }

    fn configure(&self, transport: u16) -> io::Result<()> {
        let (theirs, ours) = (self.home.join("config"), self.configuration());
        // Written anew, as only their owner may read the files of the distribution.
        fs::write(ours.join("log4j2.properties"), fs::read(theirs.join("log4j2.properties"))?)?;
        let options = fs::read_to_string(theirs.join("jvm.options"))?;
        let unwanted = ["Xlog:gc", "HeapDump", "UseG1GC"];
        let options = options.lines().filter(|line| !unwanted.iter().any(|word| line.contains(word)));
        fs::write(ours.join("jvm.options"), options.collect::<Vec<_>>().join("\n"))?;
        let (port, data) = (self.port, self.data());
        let settings = format!(
            "discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
path.data: {data}
path.logs: {data}/logs
xpack.security.enabled: false
xpack.security.autoconfiguration.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
indices.merge.disk.check_interval: 0s
",
            data = data.display()
        );
        fs::write(ours.join("elasticsearch.yml"), settings)
    }
}

/// Fetches 900 MB, and keeps the sixth that Elasticsearch is.
async fn make(folder: PathBuf) -> Result<(), Missing> {
    let work = tempfile::tempdir_in(folder.parent().unwrap_or(&folder))?;
    let goal = [
        format!("-Dmaven.repo.local={}", work.path().join("repository").display()),
        format!("-Dunpacked={}", work.path().join("out").display()),
        "process-resources".into(),
    ];
    maven(PROJECT, work.path(), &goal).await?;
    let unpacked = fs::read_dir(work.path().join("out"))?.flatten().next();
    let unpacked = unpacked.ok_or_else(|| Missing("its archive is empty".into()))?;
    Ok(fs::rename(unpacked.path().join("elasticsearch"), folder.join("elasticsearch"))?)
}

/// The cache may lie where only root gets in: a copy by links, or a whole one on another file system.
async fn within_reach(cached: &Path, folder: &Path) -> Result<PathBuf, Missing> {
    let (home, log) = (folder.join("elasticsearch"), folder.join("copy.log"));
    let copy = |how: &str| {
        let mut copy = Command::new("cp");
        copy.arg(how).arg(cached).arg(&home);
        copy
    };
    if run(copy("-al"), &log, "").await.is_err() {
        let _ = fs::remove_dir_all(&home);
        run(copy("-a"), &log, "").await?;
    }
    Ok(home)
}
