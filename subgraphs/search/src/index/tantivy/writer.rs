//! Writes: a change has an effect when its revision is greater than the one that is known of its product.

use std::collections::HashMap;
use std::sync::Arc;

use ::tantivy::indexer::IndexWriterOptions;
use ::tantivy::schema::IndexRecordOption;
use ::tantivy::{DocSet, IndexWriter, Searcher, TERMINATED};
use souk_kit::fault::Fault;

use super::fault;
use super::folder::Folder;
use super::generation::Generation;
use super::schema::REVISION;
use crate::index::Build;
use crate::index::answer::Written;
use crate::index::aside::taken_apart;
use crate::index::document::{Change, ProductId};
use crate::index::layout::check_writable;

/// How much is kept in memory between commits, in bytes; the least that Tantivy takes.
const BUDGET: usize = 15_000_000;
/// After how many changes a generation that is being built is committed: it has no reader yet.
const BUILT_AT_ONCE: usize = 5_000;

#[derive(Debug)]
pub(super) struct Writers {
    live: Writer,
    build: Option<(Build, Writer)>,
}

struct Writer {
    generation: Arc<Generation>,
    writer: IndexWriter,
    /// Revisions that are written and not committed.
    pending: HashMap<ProductId, u64>,
    /// Whether a batch could not be undone: such a writer takes nothing any more, and another is opened.
    is_broken: bool,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({:?})", self.generation)
    }
}

impl Writers {
    pub(super) fn open(live: &Arc<Generation>) -> Result<Self, Fault> {
        Ok(Self { live: Writer::open(Arc::clone(live))?, build: None })
    }

    pub(super) fn write(&mut self, changes: &[Change]) -> Result<Written, Fault> {
        check_writable(self.live.generation.layout)?;
        let written = self.live.write(changes)?;
        self.live.commit()?;
        if let Some((build, writer)) = &mut self.build
            && let Err(fault) = writer.write(changes).and_then(|_| writer.commit_if_much())
        {
            let generation = build.generation.as_str();
            tracing::warn!(generation, "{generation} lacks changes and is not built any further: {fault:?}");
            self.build = None;
        }
        Ok(written)
    }

    pub(super) fn begin(&mut self, folder: &Folder) -> Result<Build, Fault> {
        // Before the earlier ones are gone, so that no name is used twice.
        let name = folder.next_name(Some(self.live.generation.name()))?;
        self.build = None;
        folder.tidy()?;
        let generation = Generation::create(&folder.generation(&name))?;
        let build = Build { generation: name };
        self.build = Some((build.clone(), Writer::open(Arc::new(generation))?));
        Ok(build)
    }

    pub(super) fn write_build(&mut self, build: &Build, changes: &[Change]) -> Result<(), Fault> {
        let writer = self.built(build)?;
        let outcome = writer.write(changes).and_then(|_| writer.commit_if_much());
        if outcome.is_err() {
            // What it was given before is lost with this batch.
            self.build = None;
        }
        outcome
    }

    pub(super) fn publish(&mut self, build: &Build, folder: &Folder) -> Result<Arc<Generation>, Fault> {
        self.built(build)?.commit()?;
        folder.set_live(&build.generation)?;
        if let Some((_, writer)) = self.build.take() {
            self.live = writer;
        }
        // The generation before goes when the next is begun or the index opened: who reads it may still do so.
        Ok(Arc::clone(&self.live.generation))
    }

    pub(super) fn abandon(&mut self, build: &Build, folder: &Folder) -> Result<(), Fault> {
        if self.build.as_ref().is_some_and(|(current, _)| current == build) {
            self.build = None;
            folder.remove(&build.generation)?;
        }
        Ok(())
    }

    fn built(&mut self, build: &Build) -> Result<&mut Writer, Fault> {
        match &mut self.build {
            Some((current, writer)) if current == build => Ok(writer),
            _ => Err(Fault::broken(format!("{} is not being built any more", build.generation))),
        }
    }
}

impl Writer {
    fn open(generation: Arc<Generation>) -> Result<Self, Fault> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(BUDGET)
            .build();
        let writer = generation.index.writer_with_options(options).map_err(fault)?;
        Ok(Self { generation, writer, pending: HashMap::new(), is_broken: false })
    }

    fn write(&mut self, changes: &[Change]) -> Result<Written, Fault> {
        if self.is_broken {
            *self = Self::open(Arc::clone(&self.generation))?;
        }
        let outcome = self.add(changes);
        self.undo_unless(outcome)
    }

    /// Half a batch must not come to light with the next commit.
    fn undo_unless<T>(&mut self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if outcome.is_err() {
            self.pending.clear();
            self.is_broken = true;
            self.writer.rollback().map_err(fault)?;
            self.is_broken = false;
        }
        outcome
    }

    fn add(&mut self, changes: &[Change]) -> Result<Written, Fault> {
        let searcher = self.generation.reader.searcher();
        let mut written = Written::default();
        for change in changes {
            let id = change.id();
            let known = match self.pending.get(&id) {
                Some(revision) => Some(*revision),
                None => self.committed(&searcher, id)?,
            };
            if known.is_some_and(|known| change.revision() <= known) {
                written.stale += 1;
                continue;
            }
            let schema = &self.generation.schema;
            let document = taken_apart(change, |change| schema.document(change))?;
            if let (Some(_), Some(term)) = (known, schema.id(id)) {
                self.writer.delete_term(term);
            }
            self.writer.add_document(document).map_err(fault)?;
            self.pending.insert(id, change.revision());
            written.applied += 1;
        }
        Ok(written)
    }

    /// The revision that is committed of a product.
    fn committed(&self, searcher: &Searcher, id: ProductId) -> Result<Option<u64>, Fault> {
        let Some(term) = self.generation.schema.id(id) else { return Ok(None) };
        for segment in searcher.segment_readers() {
            let postings = segment.inverted_index(term.field()).map_err(fault)?;
            let found = postings.read_postings(&term, IndexRecordOption::Basic);
            let Some(mut found) = found.map_err(|error| fault(error.into()))? else { continue };
            let revisions = segment.fast_fields().u64(REVISION).map_err(fault)?;
            let mut document = found.doc();
            while document != TERMINATED {
                if !segment.is_deleted(document) {
                    return Ok(revisions.first(document));
                }
                document = found.advance();
            }
        }
        Ok(None)
    }

    fn commit(&mut self) -> Result<(), Fault> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let committed = self.writer.commit().map_err(fault);
        self.undo_unless(committed)?;
        self.pending.clear();
        self.generation.reader.reload().map_err(fault)
    }

    fn commit_if_much(&mut self) -> Result<(), Fault> {
        if self.pending.len() >= BUILT_AT_ONCE { self.commit() } else { Ok(()) }
    }
}
