//! A store of S3's protocol over a folder: versitygw, built by Go.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::obtain;
use crate::engine::{Engine, Kind, Missing};
use crate::network::{free_port, http_status};
use crate::process::run;

const MODULE: &str = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";
const ACCESS_KEY: &str = "admin";
const SECRET_KEY: &str = "only-for-tests";

/// A store of S3's protocol without any bucket.
pub type S3 = Engine<S3Kind>;

/// How versitygw is run.
#[derive(Debug)]
pub struct S3Kind {
    program: PathBuf,
    data: PathBuf,
    port: u16,
}

impl Kind for S3Kind {
    const NAME: &'static str = "S3";
    const VARIABLE: &'static str = "SOUK_TEST_S3_URL";

    async fn prepare(folder: &Path) -> Result<Self, Missing> {
        let program = obtain("versitygw", MODULE, make).await?.join("versitygw");
        let data = folder.join("s3");
        fs::create_dir(&data)?;
        Ok(Self { program, data, port: free_port()? })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--access", ACCESS_KEY, "--secret", SECRET_KEY, "--quiet"]);
        command.args(["--port", &format!("127.0.0.1:{}", self.port), "posix"]).arg(&self.data);
        command
    }

    fn address(&self) -> String {
        format!("http://{ACCESS_KEY}:{SECRET_KEY}@127.0.0.1:{}", self.port)
    }

    async fn answers(&self) -> io::Result<bool> {
        // It refuses whoever signs nothing.
        Ok(http_status(self.port, "/").await? < 500)
    }
}

async fn make(folder: PathBuf) -> Result<(), Missing> {
    let work = tempfile::tempdir()?;
    let mut build = Command::new("go");
    build.args(["install", MODULE]).env("GOBIN", &folder).current_dir(work.path());
    run(build, &work.path().join("log"), "https://go.dev/dl, or Debian: apt-get install golang").await
}
