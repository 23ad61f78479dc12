//! Three servers of Redis that are one cluster.

use std::io;
use std::time::{Duration, Instant};

use crate::engine::{Kind, Missing};
use crate::redis::{Redis, RedisKind};

const NODES: usize = 3;
/// Keys are in so many slots, and slots on nodes.
const SLOTS: usize = 16_384;
const POLL: Duration = Duration::from_millis(50);

/// A cluster of Redis of three nodes without replicas.
#[derive(Debug)]
pub struct RedisCluster {
    /// Its nodes: each has a third of the keys.
    pub nodes: Vec<Redis>,
}

impl RedisCluster {
    /// Starts one for a test and waits until its nodes agree. `None`, said as `skipped: …`, where there is no Redis.
    ///
    /// # Panics
    /// When there is none and `SOUK_REQUIRE_ENGINES=1`.
    pub async fn start() -> Option<Self> {
        let mut nodes = Vec::new();
        for _ in 0..NODES {
            nodes.push(Redis::or_skipped(Redis::launch_as(RedisKind::node).await)?);
        }
        let cluster = Self { nodes };
        let joined = cluster.join().await.map_err(Missing::from);
        joined
            .inspect_err(|missing| crate::found::skipped("a cluster of Redis", &missing.to_string()))
            .ok()?;
        Some(cluster)
    }

    /// Where its nodes are, as `redis://:PASSWORD@HOST:PORT`.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Redis::url).collect()
    }

    /// Gives the slot of a key, in which there must be no keys yet, to another node than the one that has it.
    ///
    /// # Errors
    /// When the nodes do not do so.
    pub async fn move_slot_of(&self, key: &str) -> io::Result<()> {
        let Some(first) = self.nodes.first() else { return Ok(()) };
        let slot = first.kind().say(&format!("CLUSTER KEYSLOT {key}")).await?;
        let slot = slot.lines().find_map(|line| line.strip_prefix(':')?.parse::<usize>().ok());
        let slot = slot.ok_or_else(|| io::Error::other("no slot"))?;
        let from = (0..NODES).find(|node| share(*node).contains(&slot)).unwrap_or_default();
        let Some(to) = self.nodes.get((from + 1) % NODES) else { return Ok(()) };
        let id = to.kind().say("CLUSTER MYID").await?;
        let id = id.lines().find(|line| line.len() == 40).unwrap_or_default();
        // Who gets it knows first.
        for node in [to].into_iter().chain(&self.nodes) {
            accepted(&node.kind().say(&format!("CLUSTER SETSLOT {slot} NODE {id}")).await?)?;
        }
        Ok(())
    }

    /// Stops its nodes.
    pub async fn stop(self) {
        for node in self.nodes {
            node.stop().await;
        }
    }

    async fn join(&self) -> io::Result<()> {
        for (number, node) in self.nodes.iter().enumerate() {
            let (slots, kind) = (share(number), node.kind());
            accepted(&kind.say(&format!("CLUSTER SET-CONFIG-EPOCH {}", number + 1)).await?)?;
            let range = format!("CLUSTER ADDSLOTSRANGE {} {}", slots.start, slots.end - 1);
            accepted(&kind.say(&range).await?)?;
        }
        if let Some((first, others)) = self.nodes.split_first() {
            for other in others.iter().map(Redis::kind) {
                accepted(&first.kind().say(&other.met()).await?)?;
            }
        }
        let begun = Instant::now();
        for node in &self.nodes {
            while !self.agrees(node).await? {
                if begun.elapsed() > RedisKind::PATIENCE {
                    return Err(io::Error::other("its nodes do not agree"));
                }
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    /// Whether a node knows of all the others and of all slots.
    async fn agrees(&self, node: &Redis) -> io::Result<bool> {
        let info = node.kind().say("CLUSTER INFO").await?;
        let nodes = format!("cluster_known_nodes:{}", self.nodes.len());
        Ok(["cluster_state:ok", &nodes].iter().all(|line| info.contains(line)))
    }
}

/// The slots of a node.
fn share(node: usize) -> std::ops::Range<usize> {
    SLOTS * node / NODES..SLOTS * (node + 1) / NODES
}

/// Each line of an answer that is one says OK; errors begin with `-`.
fn accepted(answer: &str) -> io::Result<()> {
    match answer.lines().find(|line| line.starts_with('-')) {
        Some(refusal) => Err(io::Error::other(refusal.to_owned())),
        None => Ok(()),
    }
}
