//! The way to Redis: to one server, or to the nodes of a cluster, of which each has some of the keys.

use std::io;
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{Client, Cmd, Pipeline, RedisError, RedisFuture, RedisResult, Value};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long Redis may take to answer, and to accept a connection.
const PATIENCE: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_millis(50);

/// What makes connections, and the one that all share.
pub(super) struct Connections {
    target: Target,
    current: Mutex<Option<Connection>>,
}

enum Target {
    Server(Box<Client>),
    Cluster(Box<ClusterClient>),
}

/// A connection that is made again when it is lost. Cheap to clone.
#[derive(Clone)]
pub(super) enum Connection {
    Server(ConnectionManager),
    /// Goes to the node that has the key, also when that has become another.
    Cluster(ClusterConnection),
}

impl Connections {
    pub(super) fn to_server(url: &str) -> RedisResult<Self> {
        Ok(Self { target: Target::Server(Box::new(Client::open(url)?)), current: Mutex::default() })
    }

    pub(super) fn to_cluster(urls: &[&str]) -> RedisResult<Self> {
        let client = ClusterClient::builder(urls.iter().copied())
            .connection_timeout(PATIENCE)
            .response_timeout(PATIENCE)
            .overall_response_timeout(Some(PATIENCE))
            .build()?;
        Ok(Self { target: Target::Cluster(Box::new(client)), current: Mutex::default() })
    }

    pub(super) async fn get(&self) -> RedisResult<Connection> {
        let got = async {
            let mut current = self.current.lock().await;
            if let Some(connection) = &*current {
                return Ok(connection.clone());
            }
            Ok(current.insert(self.target.connect().await?).clone())
        };
        let late = || RedisError::from(io::Error::from(io::ErrorKind::TimedOut));
        timeout(PATIENCE, got).await.unwrap_or_else(|_| Err(late()))
    }

    /// Takes another connection the next time.
    pub(super) async fn renew(&self) {
        self.current.lock().await.take();
    }
}

impl Target {
    async fn connect(&self) -> RedisResult<Connection> {
        Ok(match self {
            Self::Server(client) => Connection::Server(manager(client)?),
            Self::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
        })
    }
}

/// A manager that tells at once when there is no connection: waiting is for those who ask.
fn manager(client: &Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_min_delay(RETRY)
        .set_max_delay(RETRY)
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(manager) => manager.req_packed_command(command),
            Self::Cluster(cluster) => cluster.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(manager) => manager.req_packed_commands(commands, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(manager) => manager.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}
