//! Free ports, and the few bytes that ask an engine whether it is ready.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Below the ports that systems give to outgoing connections: what stays free while an engine is down.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// The longest answer that is read, in bytes.
const ANSWER: usize = 1 << 20;

/// A port of the loopback interface that nobody listens on.
pub(crate) fn free_port() -> io::Result<u16> {
    let span = u64::from(PORTS.end - PORTS.start);
    for attempt in 0..1_000_u32 {
        let random = RandomState::new().hash_one(attempt) % span;
        let port = PORTS.start + u16::try_from(random).unwrap_or_default();
        if TcpListener::bind(address(port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no port is free"))
}

/// Sends `question` to a port and reads until `complete` says that the answer is there, or the other side closes.
pub(crate) async fn ask(
    to: (&str, u16),
    question: &[u8],
    complete: impl Fn(&[u8]) -> bool,
) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(to).await?;
    stream.write_all(question).await?;
    let mut answer = Vec::new();
    while !complete(&answer) && answer.len() < ANSWER && stream.read_buf(&mut answer).await? > 0 {}
    Ok(answer)
}

/// Gets a path over HTTP and answers the status.
pub(crate) async fn http_status(port: u16, path: &str) -> io::Result<u16> {
    let question = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
    let answer = ask(("127.0.0.1", port), question.as_bytes(), |answer| answer.contains(&b'\n')).await?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "this is not HTTP"))
}

fn address(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
}
