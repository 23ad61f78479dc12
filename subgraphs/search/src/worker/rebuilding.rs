//! Builds the index anew beside the one that answers, while changes go on, and puts it in that one's place at once.
//!
//! Whoever wants that leaves a request under a key that all processes share; one worker at a time takes it, under a
//! lock. Every change that is written meanwhile reaches both indexes; a kill leaves the one that answers as it was, and
//! the next worker begins again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use souk_kit::clock::{Clock, Timestamp};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::key_value::SharedKeyValue;

use super::indexing::BATCH;
use super::lock::{Lock, lost};
use super::loss::Loss;
use crate::domain::rendering::FORM;
use crate::index::SharedSearchIndex;
use crate::index::document::Change;
use crate::market::{LARGEST_BATCH, MarketFacts, Versioned};
use crate::source::{CatalogSource, SourceShared};
use crate::store::Projections;

/// What the indexer remembers of the build that is under way.
pub(super) const REBUILD: &str = "rebuild";
/// What it remembers there of a build that must be begun, as the index was lost or an earlier version made it.
pub(super) const NEEDED: &str = "needed";
/// What it remembers of the form of the documents in the index.
const FORM_KEY: &str = "form";

/// Where requests are left.
const REQUEST: &str = "search:rebuild:request";
/// Where workers say how far they are.
const PROGRESS: &str = "search:rebuild:progress";
/// Held by the worker that builds.
const LOCK: &str = "search:rebuild:lock";
/// For how long, unless it is renewed, which goes on beside the work.
const LEASE: Duration = Duration::from_secs(15);

/// A wish to have the index built anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Request {
    /// Tells one wish from another.
    id: String,
    /// Whether the projections are built anew, too.
    from_source: bool,
    at: Timestamp,
}

/// How far a wish has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Which wish.
    pub id: String,
    /// Products that have been read from the catalogue.
    pub from_source: u64,
    /// Products that have been written.
    pub written: u64,
    /// Whether it is over.
    pub is_done: bool,
    /// Why it failed, if it did.
    pub failed: Option<String>,
}

/// Asks whichever worker runs on these ports to build the index anew; answers the id of that wish. One that is waiting
/// already is replaced.
pub async fn request_rebuild(
    store: &SharedKeyValue,
    from_source: bool,
    at: Timestamp,
) -> Result<String, Fault> {
    let id = souk_kit::id::EventId::new(at).to_string();
    let request = Request { id: id.clone(), from_source, at };
    store.put(REQUEST, Bytes::from(serde_json::to_vec(&request)?), None).await?;
    Ok(id)
}

/// How far the wish `id` has come; none before a worker has taken it.
pub async fn rebuild_progress(store: &SharedKeyValue, id: &str) -> Result<Option<Progress>, Fault> {
    let Some(bytes) = store.get(PROGRESS).await? else { return Ok(None) };
    let progress: Progress = serde_json::from_slice(&bytes)?;
    Ok((progress.id == id).then_some(progress))
}

/// Does what is asked for, one thing at a time.
pub(super) struct Rebuilding {
    projections: Projections,
    index: SharedSearchIndex,
    source: Option<Arc<dyn CatalogSource>>,
    clock: Clock,
    store: SharedKeyValue,
    lock: Lock,
    loss: Loss,
    /// Whether it is known that the index is whole, or is being made so.
    was_checked: Arc<AtomicBool>,
    /// Whether the index has been seen not to be of an earlier layout since anybody built it last.
    has_layout: AtomicBool,
}

impl Rebuilding {
    pub(super) fn new(
        projections: Projections,
        index: SharedSearchIndex,
        source: Option<Arc<dyn CatalogSource>>,
        (clock, store): (Clock, SharedKeyValue),
    ) -> Self {
        let holder = Bytes::from(souk_kit::id::EventId::new(clock.now()).to_string());
        let lock = Lock::new(Arc::clone(&store), LOCK, holder, LEASE);
        Self {
            loss: Loss::new(projections.clone(), Arc::clone(&index)),
            projections,
            index,
            source,
            clock,
            store,
            lock,
            was_checked: Arc::default(),
            has_layout: AtomicBool::default(),
        }
    }

    /// Set once it is known whether the index was lost: whoever writes a change before that makes a lost index look whole.
    pub(super) fn was_checked(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.was_checked)
    }

    /// Builds the index anew if that is wanted or needed, and nobody else is at it.
    pub(super) async fn turn(&self) -> Result<(), Fault> {
        let requested = self.requested().await?;
        // Whatever is asked for: what is asked for may be refused, and a lost index is lost nonetheless.
        let is_needed = self.is_needed().await?;
        self.was_checked.store(true, Ordering::Relaxed);
        if requested.is_none() && !is_needed || !self.lock.take().await? {
            return Ok(());
        }
        let outcome = self.lock.during(self.rebuild(requested)).await;
        self.lock.release().await?;
        outcome
    }

    /// What is wanted, and the bytes that say so.
    async fn requested(&self) -> Result<Option<(Request, Bytes)>, Fault> {
        let Some(bytes) = self.store.get(REQUEST).await? else { return Ok(None) };
        Ok(Some((serde_json::from_slice(&bytes)?, bytes)))
    }

    /// Whether the index has documents of another form or the layout of an earlier version, or has lost its products, or a
    /// build was broken off. All of that is remembered until a build has been published: one that cannot begin is not
    /// forgotten.
    async fn is_needed(&self) -> Result<bool, Fault> {
        match self.projections.recall::<u32>(FORM_KEY).await? {
            Some(FORM) => {}
            Some(_) => return Ok(true),
            None => self.projections.remember(FORM_KEY, Some(&FORM)).await?,
        }
        if self.projections.recall_text(REBUILD).await?.is_some() {
            // It may be a worker of an earlier version that builds.
            self.has_layout.store(false, Ordering::Relaxed);
            return Ok(true);
        }
        if self.loss.has_come(!self.was_checked.load(Ordering::Relaxed)).await? {
            return Ok(true);
        }
        if !self.is_behind().await? {
            return Ok(false);
        }
        self.projections.remember(REBUILD, Some(NEEDED)).await?;
        Ok(true)
    }

    async fn is_behind(&self) -> Result<bool, Fault> {
        if self.has_layout.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let is_behind = self.index.needs_build().await?;
        self.has_layout.store(!is_behind, Ordering::Relaxed);
        Ok(is_behind)
    }

    async fn rebuild(&self, requested: Option<(Request, Bytes)>) -> Result<(), Fault> {
        let (request, bytes) = requested.unzip();
        let id = request.as_ref().map_or_else(|| "start".to_owned(), |request| request.id.clone());
        let mut progress = Progress { id, from_source: 0, written: 0, is_done: false, failed: None };
        tracing::info!(request = progress.id, "the search index is built anew");
        let from_source = request.is_some_and(|request| request.from_source);
        let outcome = self.build(from_source, &mut progress).await;
        if outcome.is_err() && !self.lock.hold().await? {
            // Whoever has it now says how it goes on.
            return Err(lost());
        }
        let is_over = outcome.as_ref().err().is_none_or(|fault| !fault.is_transient());
        progress.is_done = is_over;
        progress.failed = outcome.as_ref().err().map(|fault| format!("{fault:?}"));
        self.report(&progress).await?;
        if let Some(bytes) = bytes.filter(|_| is_over) {
            // Unless another request has come in its place.
            self.store.compare_and_delete(REQUEST, &bytes).await?;
        }
        if outcome.is_ok() {
            tracing::info!(
                request = progress.id,
                written = progress.written,
                "the search index was built anew"
            );
        }
        outcome
    }

    async fn report(&self, progress: &Progress) -> Result<(), Fault> {
        self.store.put(PROGRESS, Bytes::from(serde_json::to_vec(progress)?), None).await
    }

    async fn build(&self, from_source: bool, progress: &mut Progress) -> Result<(), Fault> {
        self.report(progress).await?;
        if from_source {
            self.read_source(progress).await?;
        }
        let build = self.index.begin_build().await?;
        // From here on whoever writes notices, so that what it has written before is written again.
        self.projections.remember(REBUILD, Some(&build.generation)).await?;
        let mut after = String::new();
        loop {
            let some = self.projections.walk(&after, BATCH).await?;
            let (changes, some) = self.projections.changes(&some, self.clock.now()).await?;
            let Some(last) = some.last() else { break };
            self.index.write_build(&build, &changes).await?;
            after.clone_from(&last.id);
            progress.written += upserts(&changes);
            self.report(progress).await?;
        }
        if !self.lock.hold().await? {
            return Err(lost());
        }
        self.index.publish(build.clone()).await?;
        // Dying before this is noted costs another build.
        self.loss.note(&build).await?;
        self.projections.remember(FORM_KEY, Some(&FORM)).await?;
        self.projections.remember::<String>(REBUILD, None).await
    }

    /// Takes in all that the catalogue has, and lets go of what it has no more.
    async fn read_source(&self, progress: &mut Progress) -> Result<(), Fault> {
        let Some(source) = &self.source else {
            return Err(Fault::bad_input(
                "this worker does not know where the catalogue is: set `catalog.url`",
            ));
        };
        let begun = self.clock.now();
        let mut after: Option<String> = None;
        loop {
            let some = source.products(after.as_deref(), 100).await?;
            let Some(last) = some.last() else { break };
            after = Some(last.state.id.to_string());
            progress.from_source += u64::try_from(some.len()).unwrap_or_default();
            self.projections.restore_products(&some, self.clock.now()).await?;
            self.report(progress).await?;
        }
        let companies = self.projections.companies().await?;
        if let Some(merchants) = source.merchants() {
            self.read_merchants(merchants, &companies).await?;
        }
        for some in companies.chunks(20) {
            // What is made while the catalogue is read is not among these, and is not missed there.
            let mut gone = self.projections.shared_of(some).await?;
            let categories = source.categories(some).await?;
            self.projections.restore_categories(&categories, self.clock.now()).await?;
            let lists = source.price_lists(some).await?;
            self.projections.restore_price_lists(&lists, self.clock.now()).await?;
            let categories = categories.iter().map(|told| told.state.id.to_string());
            let lists = lists.iter().map(|told| told.state.id.to_string());
            let told: BTreeSet<String> = categories.chain(lists).collect();
            gone.retain(|known| !told.contains(&known.id));
            self.projections.bury_shared(&gone, self.clock.now()).await?;
        }
        self.bury_lost(source.as_ref(), begun).await
    }

    /// Takes in the companies, and the shops that their products name.
    async fn read_merchants(
        &self,
        merchants: &dyn MarketFacts,
        companies: &[CompanyId],
    ) -> Result<(), Fault> {
        for some in companies.chunks(LARGEST_BATCH) {
            let told = merchants.companies(some).await?.into_iter();
            let told: Vec<_> = told.map(|told| shared(told, |company| company.id)).collect();
            self.projections.restore_companies(&told, self.clock.now()).await?;
        }
        for some in self.projections.shops().await?.chunks(LARGEST_BATCH) {
            let told = merchants.shops(some).await?.into_iter();
            let told: Vec<_> = told.map(|told| shared(told, |shop| shop.company)).collect();
            self.projections.restore_shops(&told, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Lets go of products that the catalogue has no more; each is asked for by its id once more, as it may have been
    /// made while the others were read.
    async fn bury_lost(&self, source: &dyn CatalogSource, begun: Timestamp) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let lost = self.projections.unseen_since(begun, &after, 100).await?;
            let Some(last) = lost.last() else { return Ok(()) };
            after.clone_from(last);
            let found = source.products_by_id(&lost).await?;
            self.projections.restore_products(&found, self.clock.now()).await?;
            let found: Vec<String> = found.iter().map(|one| one.state.id.to_string()).collect();
            let gone: Vec<String> = lost.into_iter().filter(|id| !found.contains(id)).collect();
            self.projections.bury(&gone, self.clock.now()).await?;
        }
    }
}

fn shared<S>(told: Versioned<S>, company: impl FnOnce(&S) -> CompanyId) -> SourceShared<S> {
    SourceShared { company: company(&told.fact), version: told.version, state: told.fact }
}

fn upserts(changes: &[Change]) -> u64 {
    let upserts = changes.iter().filter(|change| matches!(change, Change::Upsert(_))).count();
    u64::try_from(upserts).unwrap_or_default()
}
