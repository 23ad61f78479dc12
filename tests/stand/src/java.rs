//! Which Java runs the engines that are written in it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::engine::Missing;

const OLDEST: u32 = 17;

/// The home of the oldest Java that is installed and new enough.
pub(crate) fn home() -> Result<PathBuf, Missing> {
    let installed = fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten().map(|entry| entry.path());
    let linked = fs::canonicalize("/usr/bin/java").ok();
    let linked = linked.and_then(|java| Some(java.parent()?.parent()?.to_owned()));
    installed
        .chain(linked)
        .filter(|home| home.join("bin/java").is_file())
        .filter_map(|home| Some((version(&home.join("release"))?, home)))
        .filter(|(version, _)| *version >= OLDEST)
        .min()
        .map(|(_, home)| home)
        .ok_or_else(|| {
            Missing(format!(
                "no Java {OLDEST} is installed (Debian: apt-get install openjdk-17-jre-headless)"
            ))
        })
}

/// The command that runs Java with little memory and a quick start.
pub(crate) fn command(heap: &str) -> Result<Command, Missing> {
    let mut command = Command::new(home()?.join("bin/java"));
    command.args([&format!("-Xmx{heap}"), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
    Ok(command)
}

/// The first number of `JAVA_VERSION="17.0.15"`.
fn version(release: &std::path::Path) -> Option<u32> {
    let text = fs::read_to_string(release).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    line.split(['.', '"', '-', '+']).next()?.parse().ok()
}
