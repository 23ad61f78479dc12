//! The engines themselves: that they come and go as tests rely on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use souk_stand::{Door, Postgres, Redis, Signal};

/// The command behind `tests/engines`, with no engine that runs already.
fn engines() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_souk-stand"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SOUK_TEST_")) {
        command.env_remove(name);
    }
    command.env_remove("SOUK_REQUIRE_ENGINES");
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// What Redis at `url` says to some lines.
fn say(url: &str, lines: &str) -> std::io::Result<String> {
    let parts = url.strip_prefix("redis://:").and_then(|rest| rest.split_once('@'));
    let (password, address) = parts.ok_or_else(|| std::io::Error::other(url.to_owned()))?;
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "AUTH {password}\r\n{lines}\r\nQUIT\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The command, running, and where its Redis is.
fn beside_redis() -> Option<(Child, String)> {
    let mut child = engines().arg("redis").stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if let Some(url) = line.trim().strip_prefix("SOUK_TEST_REDIS_URL=") {
        return Some((child, url.to_owned()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    souk_stand::skipped("Redis", &line);
    None
}

#[tokio::test]
async fn a_killed_engine_comes_back_at_its_address_with_what_it_answered() {
    let Some(mut redis) = Redis::start().await else { return };
    let url = redis.url();
    for round in 0..3 {
        assert_eq!(say(&url, "INCR rounds").unwrap(), format!("+OK\r\n:{}\r\n+OK\r\n", round + 1));
        redis.kill().await;
        assert!(say(&url, "GET rounds").is_err(), "it is gone");
        redis.restart().await.unwrap();
    }
    assert_eq!(say(&url, "GET rounds").unwrap(), "+OK\r\n$1\r\n3\r\n+OK\r\n");
    redis.stop().await;
    assert!(say(&url, "GET rounds").is_err(), "nothing is left");
}

#[tokio::test]
async fn one_that_leaves_children_behind_comes_back_too() {
    let Some(mut postgres) = Postgres::start().await else { return };
    for _ in 0..3 {
        postgres.kill().await;
        postgres.restart().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_shut_door_an_engine_is_dead_and_behind_a_held_one_it_is_silent() {
    let Some(redis) = Redis::start().await else { return };
    let (url, door) = (redis.url(), Door::before(&redis.url()).await.unwrap());
    let through = door.url().to_owned();
    assert_ne!(through, url);
    let tries = |is_there: bool| {
        let start = Instant::now();
        while say(&through, "PING").is_ok_and(|answer| answer.contains("+PONG")) != is_there {
            assert!(start.elapsed() < Duration::from_secs(10), "shutting and opening takes a moment");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    for _ in 0..3 {
        tries(true);
        door.shut();
        tries(false);
        assert!(say(&url, "PING").unwrap().contains("+PONG"), "to others it is there");
        door.open();
    }
    tries(true);
    door.hold();
    let asked = std::thread::spawn({
        let through = through.clone();
        move || say(&through, "PING").unwrap()
    });
    std::thread::sleep(Duration::from_millis(300));
    assert!(!asked.is_finished(), "nothing answers");
    door.open();
    assert!(asked.join().unwrap().contains("+PONG"), "nothing was lost");
    redis.stop().await;
}

#[test]
fn engines_end_with_whoever_started_them_even_when_that_is_killed() {
    let Some((mut child, url)) = beside_redis() else { return };
    assert!(say(&url, "PING").unwrap().contains("+PONG"));
    child.kill().unwrap();
    child.wait().unwrap();
    let start = Instant::now();
    while say(&url, "PING").is_ok() {
        assert!(start.elapsed() < Duration::from_secs(10), "Redis lives on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_command_gets_the_addresses_and_its_exit_code_is_the_answer() {
    let variable = "redis://somewhere";
    let output = engines()
        .args(["redis", "--", "sh", "-c", "echo at $SOUK_TEST_REDIS_URL; exit 7"])
        .env("SOUK_TEST_REDIS_URL", variable)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(text(&output), format!("at {variable}\n"), "what runs already is used");
    let killed = engines()
        .args(["redis", "--", "sh", "-c", "kill -9 $$"])
        .env("SOUK_TEST_REDIS_URL", variable)
        .output()
        .unwrap();
    assert_eq!(killed.status.code(), Some(137));
}

#[test]
fn a_missing_engine_is_skipped_with_the_reason_unless_it_is_required() {
    let missing = || {
        let mut command = engines();
        command.args(["redis", "--", "/bin/true"]).env("PATH", "/nowhere");
        command
    };
    let skipped = missing().output().unwrap();
    assert!(skipped.status.success());
    assert!(text(&skipped).starts_with("skipped: Redis: it is not installed"), "{}", text(&skipped));
    let refused = missing().env("SOUK_REQUIRE_ENGINES", "1").output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn a_signal_stops_the_engines_and_the_command() {
    let Some((mut child, url)) = beside_redis() else { return };
    Signal::Interrupt.send(i64::from(child.id()));
    assert!(child.wait().unwrap().success());
    assert!(say(&url, "PING").is_err(), "it was stopped");
}

#[test]
fn what_is_no_engine_is_wrong_usage() {
    for arguments in [vec!["oracle"], vec!["--"]] {
        let output = engines().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output).starts_with("usage: tests/engines"));
    }
}
