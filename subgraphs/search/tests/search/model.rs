//! An index that is plainly right: documents in a map, with the rule of revisions that the port demands. It can be told
//! to fail, as an engine does that goes away.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use souk_kit::fault::Fault;
use souk_search::index::answer::{Hit, SearchAnswer, Suggestion, Total, Written};
use souk_search::index::document::{Change, ProductDocument, ProductId};
use souk_search::index::query::{SearchQuery, SuggestQuery};
use souk_search::index::{Build, Live, SearchIndex};

type Generation = BTreeMap<ProductId, (u64, Option<ProductDocument>)>;

/// The index. Cheap to clone; clones share everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    live: Mutex<Generation>,
    building: Mutex<Option<(String, Generation)>>,
    /// The name of the live one, and how often one was made in its place.
    name: Mutex<(String, u32)>,
    begun: AtomicU32,
    /// How many of the next writes fail after they have taken effect.
    failing: AtomicU32,
    /// How many of the next builds do not begin.
    not_beginning: AtomicU32,
    /// Whether an earlier version made the live generation.
    is_of_earlier_layout: AtomicBool,
    /// How many changes one write had at most.
    largest: AtomicUsize,
}

impl Model {
    /// The documents that the public or staff may find.
    pub(crate) fn documents(&self) -> BTreeMap<ProductId, ProductDocument> {
        let live = self.0.live.lock().unwrap();
        live.iter().filter_map(|(id, (_, document))| Some((*id, document.clone()?))).collect()
    }

    pub(crate) fn lose_everything(&self) {
        self.0.live.lock().unwrap().clear();
    }

    /// As somebody does who deletes the index that answers: the next question or write makes another, which always has
    /// the same name.
    pub(crate) fn lose_and_replace(&self) {
        let mut name = self.0.name.lock().unwrap();
        *name = (String::new(), name.1 + 1);
        self.lose_everything();
    }

    /// As after an upgrade to a version with another layout.
    pub(crate) fn age(&self) {
        self.0.is_of_earlier_layout.store(true, Ordering::SeqCst);
    }

    pub(crate) fn fail(&self, times: u32) {
        self.0.failing.store(times, Ordering::SeqCst);
    }

    pub(crate) fn refuse_builds(&self, times: u32) {
        self.0.not_beginning.store(times, Ordering::SeqCst);
    }

    pub(crate) fn largest_write(&self) -> usize {
        self.0.largest.load(Ordering::SeqCst)
    }

    pub(crate) fn builds(&self) -> u32 {
        self.0.begun.load(Ordering::SeqCst)
    }
}

fn apply(generation: &mut Generation, changes: &[Change]) -> Written {
    let mut written = Written::default();
    for change in changes {
        if generation.get(&change.id()).is_some_and(|(known, _)| *known >= change.revision()) {
            written.stale += 1;
            continue;
        }
        let document = match change {
            Change::Upsert(document) => Some((**document).clone()),
            Change::Delete { .. } => None,
        };
        generation.insert(change.id(), (change.revision(), document));
        written.applied += 1;
    }
    written
}

/// A fault as long as there are any left.
fn count_down(failing: &AtomicU32) -> Result<(), Fault> {
    let fails = |left: u32| left.checked_sub(1);
    match failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails) {
        Ok(_) => Err(Fault::unavailable("the index is away", std::io::Error::other("told to fail"))),
        Err(_) => Ok(()),
    }
}

#[async_trait]
impl SearchIndex for Model {
    async fn search(&self, query: &SearchQuery) -> Result<SearchAnswer, Fault> {
        let found = self.documents().into_values().filter(|document| {
            let audience = &query.audience;
            document.publication.is_public(audience.at)
                && audience.company.is_none_or(|company| company == document.company)
                && audience.shop.is_none_or(|shop| document.shops.offers_in(shop))
                && document
                    .texts
                    .values()
                    .any(|text| text.name.to_lowercase().contains(&query.text.to_lowercase()))
        });
        let hits: Vec<_> = found
            .map(|document| Hit {
                id: document.id,
                score: Some(1.0),
                highlights: Vec::new(),
                cursor: document.id.to_string(),
            })
            .collect();
        let total = Total { count: u64::try_from(hits.len()).unwrap(), is_lower_bound: false };
        Ok(SearchAnswer { hits, total, ..SearchAnswer::default() })
    }

    async fn suggest(&self, _: &SuggestQuery) -> Result<Vec<Suggestion>, Fault> {
        Ok(Vec::new())
    }

    async fn write(&self, changes: &[Change]) -> Result<Written, Fault> {
        self.0.largest.fetch_max(changes.len(), Ordering::SeqCst);
        let written = apply(&mut self.0.live.lock().unwrap(), changes);
        if let Some((_, building)) = self.0.building.lock().unwrap().as_mut() {
            apply(building, changes);
        }
        count_down(&self.0.failing)?;
        Ok(written)
    }

    async fn refresh(&self) -> Result<(), Fault> {
        Ok(())
    }

    async fn needs_build(&self) -> Result<bool, Fault> {
        Ok(self.0.is_of_earlier_layout.load(Ordering::SeqCst))
    }

    async fn begin_build(&self) -> Result<Build, Fault> {
        count_down(&self.0.not_beginning)?;
        let generation = self.0.begun.fetch_add(1, Ordering::SeqCst).to_string();
        *self.0.building.lock().unwrap() = Some((generation.clone(), Generation::new()));
        Ok(Build { generation })
    }

    async fn write_build(&self, build: &Build, changes: &[Change]) -> Result<(), Fault> {
        self.0.largest.fetch_max(changes.len(), Ordering::SeqCst);
        match self.0.building.lock().unwrap().as_mut() {
            Some((generation, building)) if *generation == build.generation => {
                apply(building, changes);
                Ok(())
            }
            _ => Err(Fault::broken("this build is no more")),
        }
    }

    async fn publish(&self, build: Build) -> Result<(), Fault> {
        match self.0.building.lock().unwrap().take() {
            Some((generation, building)) if generation == build.generation => {
                *self.0.live.lock().unwrap() = building;
                self.0.name.lock().unwrap().0 = generation;
                self.0.is_of_earlier_layout.store(false, Ordering::SeqCst);
                Ok(())
            }
            _ => Err(Fault::broken("this build is no more")),
        }
    }

    async fn abandon(&self, _: Build) -> Result<(), Fault> {
        *self.0.building.lock().unwrap() = None;
        Ok(())
    }

    async fn live(&self) -> Result<Option<Live>, Fault> {
        let (generation, replaced) = self.0.name.lock().unwrap().clone();
        Ok(Some(Live { generation, incarnation: replaced.to_string() }))
    }

    async fn count(&self) -> Result<u64, Fault> {
        Ok(u64::try_from(self.documents().len()).unwrap())
    }

    async fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}
