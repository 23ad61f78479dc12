//! Brings the index in step with the projections: what is marked dirty is written, then the mark is taken away. A kill
//! in between writes once more, which the index knows by the revision.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use souk_kit::clock::Clock;
use souk_kit::fault::Fault;

use super::rebuilding::REBUILD;
use crate::index::SharedSearchIndex;
use crate::store::Projections;

/// How many documents one write has at most.
pub(super) const BATCH: u64 = 500;
/// How many batches of spreading go before a write, so that a product that several of them reach is written once.
const SPREADS: usize = 20;
/// How long a turn waits for a change that this process has taken in, before it looks for those of others.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long it lets a change bring others along: for the commit that the first of them is in, and for fewer writes.
const GATHERING: Duration = Duration::from_millis(15);
/// How many times as long as a write has taken it rests after it, so that a stream of changes is written in few large
/// batches and leaves the machine to others; for [`PATIENCE`] at most.
const REST: u32 = 2;

/// Writes what is dirty. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Indexing {
    projections: Projections,
    index: SharedSearchIndex,
    clock: Clock,
    /// Until this is set nothing is written: see [`Rebuilding::was_checked`](super::rebuilding::Rebuilding::was_checked).
    may_begin: Arc<AtomicBool>,
}

impl Indexing {
    pub(super) fn new(
        projections: Projections,
        index: SharedSearchIndex,
        clock: Clock,
        may_begin: Arc<AtomicBool>,
    ) -> Self {
        Self { projections, index, clock, may_begin }
    }

    /// Waits for changes, for a short while at most, and writes all that there are.
    pub(super) async fn turn(&self) -> Result<(), Fault> {
        // Whether one came or time is up: a look costs little, and another process may have taken some in.
        if tokio::time::timeout(PATIENCE, self.projections.changed().notified()).await.is_ok() {
            tokio::time::sleep(GATHERING).await;
        }
        while self.may_begin.load(Ordering::Relaxed) && self.step().await? {}
        Ok(())
    }

    /// Spreads a few batches and writes one; whether there was anything.
    async fn step(&self) -> Result<bool, Fault> {
        let mut spread = 0;
        while spread < SPREADS && self.projections.spread_on(self.clock.now()).await? {
            spread += 1;
        }
        Ok(self.write_dirty().await? > 0 || spread > 0)
    }

    async fn write_dirty(&self) -> Result<usize, Fault> {
        let rebuild = self.projections.recall_text(REBUILD).await?;
        let all = self.projections.dirty(BATCH).await?;
        if all.is_empty() {
            return Ok(0);
        }
        let begun = Instant::now();
        let (changes, dirty) = self.projections.changes(&all, self.clock.now()).await?;
        let written = self.index.write(&changes).await?;
        // A build that began in the meantime may not have got them: then they stay dirty and are written again.
        let is_settled = self.projections.settle((REBUILD, rebuild.as_deref()), dirty).await?;
        let count = u64::try_from(dirty.len()).unwrap_or(u64::MAX);
        metrics::counter!("souk_search_indexed_total").increment(count);
        tracing::debug!(
            count,
            applied = written.applied,
            stale = written.stale,
            is_settled,
            "{count} products were written to the index",
        );
        // Of more than that, or of more bytes than one batch takes, the rest follows at once.
        if dirty.len() == all.len() && count < BATCH {
            tokio::time::sleep((begun.elapsed() * REST).min(PATIENCE)).await;
        }
        Ok(dirty.len())
    }
}
