//! The search index of this process: the real engine that the configuration names, or the embedded one in the data
//! folder, which the indexer writes and whoever answers reads.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::anyhow;
use async_trait::async_trait;
use souk_engines::wait::until_there;
use souk_kit::fault::Fault;
use souk_search::index::answer::{SearchAnswer, Suggestion, Written};
use souk_search::index::document::Change;
use souk_search::index::query::{SearchQuery, SuggestQuery};
use souk_search::index::{Build, SearchIndex, SharedSearchIndex, elasticsearch, tantivy};

use crate::config::Config;

/// The index as the subgraph asks it.
pub(super) fn reader(config: &Config) -> anyhow::Result<SharedSearchIndex> {
    if let Some(index) = elasticsearch(config)? {
        return Ok(index);
    }
    Ok(Arc::new(Reader { folder: folder(config), opened: OnceLock::new() }))
}

/// The index as the indexer writes it.
pub(super) fn writer(config: &Config) -> anyhow::Result<SharedSearchIndex> {
    if let Some(index) = elasticsearch(config)? {
        return Ok(index);
    }
    tantivy::open_writer(&folder(config)).map_err(|fault| anyhow!("the search index: {fault:?}"))
}

/// The index on the configured cluster, which need not answer yet.
fn elasticsearch(config: &Config) -> anyhow::Result<Option<SharedSearchIndex>> {
    let settings = &config.elasticsearch;
    if settings.url.reveal().is_empty() {
        return Ok(None);
    }
    let connected = elasticsearch::connect(settings.url.reveal(), &settings.prefix);
    connected.map(Some).map_err(|fault| anyhow!("`elasticsearch.url`: {fault:?}"))
}

/// Waits until the configured cluster answers; an embedded index is there when the indexer has made it.
pub(super) async fn wait(config: &Config) -> anyhow::Result<()> {
    let Some(index) = elasticsearch(config)? else { return Ok(()) };
    let there = until_there("Elasticsearch", || index.check()).await;
    there.map_err(|fault| anyhow!("Elasticsearch does not take us: {fault:?}"))
}

fn folder(config: &Config) -> PathBuf {
    config.data.dir.join("search-index")
}

/// An embedded index that is opened when the indexer has made it: whoever answers may be there first.
#[derive(Debug)]
struct Reader {
    folder: PathBuf,
    opened: OnceLock<SharedSearchIndex>,
}

impl Reader {
    fn get(&self) -> Result<&SharedSearchIndex, Fault> {
        if let Some(index) = self.opened.get() {
            return Ok(index);
        }
        let index = open(&self.folder)?;
        Ok(self.opened.get_or_init(|| index))
    }
}

fn open(folder: &Path) -> Result<SharedSearchIndex, Fault> {
    if !folder.exists() {
        let cause = std::io::Error::new(std::io::ErrorKind::NotFound, "the indexer has not run yet");
        return Err(Fault::unavailable("there is no search index yet", cause));
    }
    tantivy::open_reader(folder)
}

/// What only the indexer does.
fn writes<T>() -> Result<T, Fault> {
    Err(Fault::broken("whoever answers does not write the search index"))
}

#[async_trait]
impl SearchIndex for Reader {
    async fn search(&self, query: &SearchQuery) -> Result<SearchAnswer, Fault> {
        self.get()?.search(query).await
    }

    async fn suggest(&self, query: &SuggestQuery) -> Result<Vec<Suggestion>, Fault> {
        self.get()?.suggest(query).await
    }

    async fn write(&self, _: &[Change]) -> Result<Written, Fault> {
        writes()
    }

    async fn refresh(&self) -> Result<(), Fault> {
        self.get()?.refresh().await
    }

    async fn needs_build(&self) -> Result<bool, Fault> {
        self.get()?.needs_build().await
    }

    async fn begin_build(&self) -> Result<Build, Fault> {
        writes()
    }

    async fn write_build(&self, _: &Build, _: &[Change]) -> Result<(), Fault> {
        writes()
    }

    async fn publish(&self, _: Build) -> Result<(), Fault> {
        writes()
    }

    async fn abandon(&self, _: Build) -> Result<(), Fault> {
        writes()
    }

    async fn count(&self) -> Result<u64, Fault> {
        self.get()?.count().await
    }

    async fn check(&self) -> Result<(), Fault> {
        self.get()?.check().await
    }
}
