//! Whether the index has lost what was written to it: then the generation that answers is no more the one that products
//! which are marked as written are in.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use souk_kit::fault::Fault;

use super::rebuilding::{NEEDED, REBUILD};
use crate::index::{Build, Live, SharedSearchIndex};
use crate::store::Projections;

/// What the indexer remembers of the generation that they are in.
const LIVE: &str = "live";
/// How often it is compared with the one that answers: a call that costs the engine little, and the database one.
const COMPARED: Duration = Duration::from_secs(3);

/// Notices that the index was lost, also while this process runs. A question or write may have made an empty one in its
/// place by then, under the same name even.
#[derive(Debug)]
pub(super) struct Loss {
    projections: Projections,
    index: SharedSearchIndex,
    compared: Mutex<Option<Instant>>,
}

impl Loss {
    pub(super) fn new(projections: Projections, index: SharedSearchIndex) -> Self {
        Self { projections, index, compared: Mutex::default() }
    }

    /// Whether the index was lost. At the first look, before this process writes anything, one that is empty counts as
    /// lost, too; later what was written last may not be found yet.
    pub(super) async fn has_come(&self, is_first: bool) -> Result<bool, Fault> {
        if is_first {
            // Counting makes the generation that the first write would make, so that it is known before.
            if self.index.count().await? == 0 && self.projections.has_clean_products().await? {
                return self.remember_needed(self.noted().await?.as_deref()).await;
            }
        } else if self.was_compared() {
            return Ok(false);
        }
        self.compare().await
    }

    fn was_compared(&self) -> bool {
        let mut compared = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        if compared.is_some_and(|at| at.elapsed() < COMPARED) {
            return true;
        }
        *compared = Some(Instant::now());
        false
    }

    async fn compare(&self) -> Result<bool, Fault> {
        let noted = self.noted().await?;
        let known: Option<Live> = noted.as_deref().map(serde_json::from_str).transpose()?;
        let live = self.index.live().await?;
        if live.is_some() && live == known {
            return Ok(false);
        }
        // Where none is noted, a version wrote that kept no note, or nobody did.
        let may_be_lost = live.is_none() || known.is_some();
        if may_be_lost && self.projections.has_clean_products().await? {
            return self.remember_needed(noted.as_deref()).await;
        }
        if let Some(live) = live {
            self.projections.remember(LIVE, Some(&live)).await?;
        }
        Ok(false)
    }

    /// Remembers that the index is to be built anew, unless another process has published one since `noted` was read, or
    /// is building one.
    async fn remember_needed(&self, noted: Option<&str>) -> Result<bool, Fault> {
        let is_lost = self.projections.remember_first((REBUILD, NEEDED), (LIVE, noted)).await?;
        if is_lost {
            tracing::warn!("the search index has lost products that were written to it");
        }
        Ok(is_lost)
    }

    async fn noted(&self) -> Result<Option<String>, Fault> {
        self.projections.recall_text(LIVE).await
    }

    /// Notes that all products are in what was built, which was published a moment ago.
    pub(super) async fn note(&self, build: &Build) -> Result<(), Fault> {
        match self.index.live().await? {
            Some(live) if live.generation == build.generation => {
                self.projections.remember(LIVE, Some(&live)).await
            }
            _ => Err(Fault::broken(format!("{} was lost when it had been published", build.generation))
                .transient()),
        }
    }
}
