//! What is downloaded for tests, once, in the folder `engines` of the cache.

use std::fs::{self, File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::engine::Missing;
use crate::found::setting;
use crate::process::run;

const POLL: Duration = Duration::from_millis(200);
const MAVEN: &str = "Debian: apt-get install maven openjdk-17-jre-headless";

/// The folder of what `make` makes in the folder that it is given, by the recipe that `name` and `recipe` are. It is
/// made beside and renamed, so that it is whole or not there, whoever else makes it meanwhile.
pub(crate) async fn obtain<Made>(
    name: &str,
    recipe: &str,
    make: impl FnOnce(PathBuf) -> Made + Send,
) -> Result<PathBuf, Missing>
where
    Made: Future<Output = Result<(), Missing>> + Send,
{
    let engines = folder()?.join("engines");
    fs::create_dir_all(&engines)?;
    let mut hash = DefaultHasher::new();
    recipe.hash(&mut hash);
    let name = format!("{name}-{:08x}", hash.finish() >> 32);
    let made = engines.join(&name);
    if made.is_dir() {
        return Ok(made);
    }
    let lock = File::create(engines.join(format!("{name}.lock")))?;
    loop {
        match lock.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) => tokio::time::sleep(POLL).await,
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    if !made.is_dir() {
        let beside = tempfile::Builder::new().prefix(&format!(".{name}-")).tempdir_in(&engines)?;
        let unready = beside.path().join("made");
        fs::create_dir(&unready)?;
        make(unready.clone()).await?;
        fs::rename(&unready, &made)?;
    }
    Ok(made)
}

/// Runs Maven on a project file, with its log beside `folder`.
pub(crate) async fn maven(project: &str, folder: &Path, arguments: &[String]) -> Result<(), Missing> {
    let work = tempfile::tempdir()?;
    let file = work.path().join("pom.xml");
    fs::write(&file, project)?;
    let mut command = Command::new("mvn");
    command.args(["-q", "-B", "-f"]).arg(&file).args(arguments).current_dir(folder);
    run(command, &work.path().join("log"), MAVEN).await
}

/// The archives that a project needs at run time, in the folder `libs` below `folder`; nothing else of what is fetched
/// stays.
pub(crate) async fn archives(project: &str, folder: &Path) -> Result<PathBuf, Missing> {
    let work = tempfile::tempdir_in(folder.parent().unwrap_or(folder))?;
    let libs = folder.join("libs");
    let goal = [
        format!("-Dmaven.repo.local={}", work.path().join("repository").display()),
        "dependency:copy-dependencies".into(),
        "-DincludeScope=runtime".into(),
        format!("-DoutputDirectory={}", libs.display()),
    ];
    maven(project, folder, &goal).await?;
    Ok(libs)
}

fn folder() -> Result<PathBuf, Missing> {
    let cache = setting("SOUK_CACHE").map(PathBuf::from);
    let home = || setting("HOME").map(|home| PathBuf::from(home).join(".cache/souk"));
    cache.or_else(home).ok_or_else(|| Missing("neither SOUK_CACHE nor HOME is set".into()))
}
