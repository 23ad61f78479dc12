//! `tests/engines`: starts every engine that it can, says where they are, and stops them in the end.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Duration;

use souk_stand::{Engine, Kind, Missing, engines_required, setting};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: tests/engines [NAME…] [-- COMMAND ARGUMENT…]

Starts every engine that it can on free ports of this machine, with data in folders that go away in the end:
postgres, mongodb, kafka, redis, s3, elasticsearch, or those of them that are named. Prints a line NAME=ADDRESS for
each, as tests read them from the environment, and stops them on SIGINT or SIGTERM. With a command, runs it with these
variables set, stops the engines when it ends, and answers with its exit code.

An engine whose variable is set already is used and not started. One that is missing is skipped with the reason;
with SOUK_REQUIRE_ENGINES=1 that is an error.";

/// What came of one engine.
enum Outcome<K: Kind> {
    Ours(Engine<K>),
    Theirs(String),
    Missing(Missing),
    Unwanted,
}

async fn begin<K: Kind>(wanted: &[String], name: &str) -> Outcome<K> {
    if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
        return Outcome::Unwanted;
    }
    if let Some(address) = setting(K::VARIABLE) {
        return Outcome::Theirs(address);
    }
    match Engine::launch().await {
        Ok(engine) => Outcome::Ours(engine),
        Err(missing) => Outcome::Missing(missing),
    }
}

impl<K: Kind> Outcome<K> {
    /// Where it is, as variable and address; or why it is not.
    fn tell(&self) -> Result<Option<(&'static str, String)>, String> {
        match self {
            Self::Ours(engine) => Ok(Some((K::VARIABLE, engine.url()))),
            Self::Theirs(address) => Ok(Some((K::VARIABLE, address.clone()))),
            Self::Missing(missing) => Err(format!("{}: {missing}", K::NAME)),
            Self::Unwanted => Ok(None),
        }
    }

    async fn end(self) {
        if let Self::Ours(engine) = self {
            engine.stop().await;
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let command =
        names.iter().position(|argument| argument == "--").map(|at| names.split_off(at).split_off(1));
    let known = ["postgres", "mongodb", "kafka", "redis", "s3", "elasticsearch"];
    if names.iter().any(|name| !known.contains(&name.as_str())) || command.as_ref().is_some_and(Vec::is_empty)
    {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    match run(&names, command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tests/engines: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "it is what this command is for")]
async fn run(names: &[String], command: Option<Vec<String>>) -> std::io::Result<ExitCode> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let starting = async {
        tokio::join!(
            begin::<souk_stand::PostgresKind>(names, "postgres"),
            begin::<souk_stand::MongoDbKind>(names, "mongodb"),
            begin::<souk_stand::KafkaKind>(names, "kafka"),
            begin::<souk_stand::RedisKind>(names, "redis"),
            begin::<souk_stand::S3Kind>(names, "s3"),
            begin::<souk_stand::ElasticsearchKind>(names, "elasticsearch"),
        )
    };
    let (postgres, mongodb, kafka, redis, s3, elasticsearch) = tokio::select! {
        started = starting => started,
        _ = interrupt.recv() => return Ok(ExitCode::from(130)),
        _ = terminate.recv() => return Ok(ExitCode::from(143)),
    };
    let told = [postgres.tell(), mongodb.tell(), kafka.tell(), redis.tell(), s3.tell(), elasticsearch.tell()];
    let mut found = Vec::new();
    let mut missing = false;
    for outcome in told {
        match outcome {
            Ok(address) => found.extend(address),
            Err(reason) => {
                missing = true;
                println!("skipped: {reason}");
            }
        }
    }
    let code = if missing && engines_required() {
        eprintln!("tests/engines: an engine is missing, and SOUK_REQUIRE_ENGINES is set");
        ExitCode::FAILURE
    } else if let Some(command) = command {
        beside(&command, &found, &mut terminate).await?
    } else {
        found.iter().for_each(|(variable, address)| println!("{variable}={address}"));
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        ExitCode::SUCCESS
    };
    tokio::join!(postgres.end(), mongodb.end(), kafka.end(), redis.end(), s3.end(), elasticsearch.end());
    Ok(code)
}

/// Runs the command to its end. A SIGINT of the terminal reaches it by itself; a SIGTERM is handed on.
async fn beside(
    command: &[String],
    found: &[(&'static str, String)],
    terminate: &mut tokio::signal::unix::Signal,
) -> std::io::Result<ExitCode> {
    let Some((program, arguments)) = command.split_first() else { return Ok(ExitCode::from(2)) };
    let mut child = Command::new(program).args(arguments).envs(found.iter().cloned()).spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(code(status));
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
            _ = terminate.recv() => souk_stand::Signal::Terminate.send(i64::from(child.id())),
        }
    }
}

/// As a shell says it: a process that a signal ended has 128 and its number.
fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
