//! A door in front of an engine that others use, too: shut, the engine is dead to whoever came through it.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::network::free_port;

/// How much passes at once, in bytes.
const BUFFER: usize = 1 << 14;

/// A door in front of an engine. It goes, with all connections through it, when it is dropped.
///
/// There is none for engines whose clients go where these say that they are: Kafka, and replica sets of MongoDB.
#[derive(Debug)]
pub struct Door {
    url: String,
    state: watch::Sender<State>,
    losses: Losses,
}

/// How often the connections that there were have been lost.
type Losses = Arc<AtomicU64>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Held,
    Shut,
}

impl Door {
    /// An open one in front of the engine at `url`, such as `redis://:PASSWORD@HOST:PORT`.
    ///
    /// # Errors
    /// When `url` names no `HOST:PORT`, and when no port is free.
    pub async fn before(url: &str) -> io::Result<Self> {
        let nowhere = || io::Error::new(io::ErrorKind::InvalidInput, "this names no HOST:PORT");
        let (scheme, rest) = url.split_once("://").ok_or_else(nowhere)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user, engine) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        if !engine.contains(':') {
            return Err(nowhere());
        }
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port()?);
        let listener = TcpListener::bind(address).await?;
        let (state, seen) = watch::channel(State::Open);
        let losses = Losses::default();
        tokio::spawn(keep(address, listener, (engine.to_owned(), Arc::clone(&losses)), seen));
        Ok(Self { url: format!("{scheme}://{user}{address}{path}"), state, losses })
    }

    /// Where it is: the engine's URL with another address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// As when the engine dies: connections end, and nobody takes new ones.
    pub fn shut(&self) {
        self.state.send_replace(State::Shut);
    }

    /// As when the engine is held still: connections stay, and nothing answers.
    pub fn hold(&self) {
        self.state.send_replace(State::Held);
    }

    /// As when a router forgets the connections that there are: they stay, and nothing passes any more. New ones pass.
    pub fn lose(&self) {
        self.losses.fetch_add(1, Ordering::SeqCst);
    }

    /// As when the engine is back.
    pub fn open(&self) {
        self.state.send_replace(State::Open);
    }
}

/// Opens and shuts it until it is gone.
async fn keep(
    address: SocketAddrV4,
    first: TcpListener,
    (engine, losses): (String, Losses),
    mut seen: watch::Receiver<State>,
) -> io::Result<()> {
    let mut listener = first;
    loop {
        let passing = seen.clone();
        tokio::select! {
            shut = seen.wait_for(|state| *state == State::Shut) => drop(shut.map_err(io::Error::other)?),
            failed = admit(listener, (&engine, &losses), passing) => return failed,
        }
        seen.wait_for(|state| *state != State::Shut).await.map_err(io::Error::other)?;
        listener = TcpListener::bind(address).await?;
    }
}

/// Lets connections through, which end with the future.
async fn admit(
    listener: TcpListener,
    (engine, losses): (&str, &Losses),
    seen: watch::Receiver<State>,
) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await?;
        connections.spawn(connect(client, engine.to_owned(), Arc::clone(losses), seen.clone()));
    }
}

async fn connect(
    client: TcpStream,
    engine: String,
    losses: Losses,
    seen: watch::Receiver<State>,
) -> io::Result<()> {
    let before = losses.load(Ordering::SeqCst);
    let is_lost = || losses.load(Ordering::SeqCst) > before;
    let server = TcpStream::connect(engine).await?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = pass(from_client, to_server, is_lost, seen.clone());
    tokio::try_join!(there, pass(from_server, to_client, is_lost, seen)).map(|_| ())
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    is_lost: impl Fn() -> bool,
    mut seen: watch::Receiver<State>,
) -> io::Result<()> {
    let mut bytes = vec![0; BUFFER];
    loop {
        let count = from.read(&mut bytes).await?;
        seen.wait_for(|state| *state != State::Held).await.map_err(io::Error::other)?;
        if is_lost() {
            return std::future::pending().await;
        }
        match bytes.get(..count) {
            Some(read @ [_, ..]) => to.write_all(read).await?,
            _ => return to.shutdown().await,
        }
    }
}
