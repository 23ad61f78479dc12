//! `Repository`: typed documents of one collection, read within a [`View`].

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use chrono::TimeDelta;

use super::collection::{Collection, Document};
use super::engine::{Documents, Found, Query};
use super::filter::{Direction, Filter, IndexValue, Sort};
use super::view::View;
use crate::fault::Fault;
use crate::idempotency::Running;
use crate::page::{Cursor, Page, Slice};

/// The documents of one collection on one engine, from [`CollectionSet`](super::CollectionSet). Cheap to clone.
pub struct Repository<C> {
    pub(super) engine: Arc<dyn Documents>,
    pub(super) keep_outcomes: TimeDelta,
    pub(super) running: Running,
    collection: PhantomData<fn() -> C>,
}

impl<C> Repository<C> {
    pub(super) fn new(engine: Arc<dyn Documents>, keep_outcomes: TimeDelta, running: Running) -> Self {
        Self { engine, keep_outcomes, running, collection: PhantomData }
    }
}

impl<C> Clone for Repository<C> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.engine), self.keep_outcomes, self.running.clone())
    }
}

/// A document and its place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<S> {
    /// The document.
    pub document: Document<S>,
    /// Its id.
    pub id: String,
    sorted_by: Option<IndexValue>,
}

impl<S> Listed<S> {
    /// The place to go on from.
    pub fn cursor(&self) -> Cursor {
        let value = self.sorted_by.as_ref().map_or(serde_json::Value::Null, |value| value.as_str().into());
        Cursor(vec![value, self.id.as_str().into()])
    }
}

/// A page to look for, within what somebody sees: only [`Repository::sought`] makes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sought(Query);

impl<C: Collection> Repository<C> {
    /// The document, or `None` when it does not exist or the view hides it.
    pub async fn get(&self, view: &View, id: &str) -> Result<Option<Document<C::State>>, Fault> {
        Ok(self.get_many(view, [id.to_owned()]).await?.into_values().next())
    }

    /// Those of the documents that exist and the view shows, by id, in one query.
    pub async fn get_many(
        &self,
        view: &View,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<HashMap<String, Document<C::State>>, Fault> {
        let ids: Vec<String> = ids.into_iter().collect();
        let limit = ids.len();
        let found = self.find(view, Filter::Ids(ids), limit).await?;
        Ok(found.into_iter().map(|one| (one.id, one.document)).collect())
    }

    /// Up to `limit` documents that pass a filter, oldest first.
    pub async fn find(
        &self,
        view: &View,
        filter: Filter,
        limit: usize,
    ) -> Result<Vec<Listed<C::State>>, Fault> {
        let sort = Sort::by_id(Direction::Ascending);
        self.run(Query { filter: view.narrow(filter), sort, backward: false, from: None, limit }).await
    }

    /// A page of the documents that pass a filter.
    pub async fn page(
        &self,
        view: &View,
        filter: Filter,
        sort: Sort,
        page: &Page,
    ) -> Result<Slice<Listed<C::State>>, Fault> {
        let Sought(query) = Self::sought(view, filter, sort, page)?;
        Ok(page.slice(self.run(query).await?))
    }

    /// A page to look for, possibly together with others.
    pub fn sought(view: &View, filter: Filter, sort: Sort, page: &Page) -> Result<Sought, Fault> {
        let from = page.from.as_ref().map(place).transpose()?;
        let filter = view.narrow(filter);
        Ok(Sought(Query { filter, sort, backward: page.backward, from, limit: page.fetch() }))
    }

    /// The rows of several pages, in one query of the engine as far as it can.
    pub async fn find_each(&self, pages: &[Sought]) -> Result<Vec<Vec<Listed<C::State>>>, Fault> {
        let queries: Vec<Query> = pages.iter().map(|Sought(query)| query.clone()).collect();
        let found = self.engine.find_each(C::NAME, &queries).await?;
        found.into_iter().map(|rows| rows.into_iter().map(Self::read).collect()).collect()
    }

    /// How many documents the whole list has that a page is of.
    pub async fn count_sought(&self, Sought(query): &Sought) -> Result<u64, Fault> {
        self.engine.count(C::NAME, &query.filter).await
    }

    /// How many documents pass a filter.
    pub async fn count(&self, view: &View, filter: Filter) -> Result<u64, Fault> {
        self.engine.count(C::NAME, &view.narrow(filter)).await
    }

    async fn run(&self, query: Query) -> Result<Vec<Listed<C::State>>, Fault> {
        if query.limit == 0 {
            return Ok(Vec::new());
        }
        let found = self.engine.find(C::NAME, &query).await?;
        found.into_iter().map(Self::read).collect()
    }

    fn read(found: Found) -> Result<Listed<C::State>, Fault> {
        let state = Self::decode(found.schema_version, &found.state)?;
        let document = Document { version: found.version, state };
        Ok(Listed { document, id: found.id, sorted_by: found.sorted_by })
    }

    /// A state as it is written now, upgraded step by step when it is older.
    pub(super) fn decode(schema_version: u32, state: &str) -> Result<C::State, Fault> {
        if schema_version == C::SCHEMA_VERSION {
            return Ok(serde_json::from_str(state)?);
        }
        let steps = schema_version..C::SCHEMA_VERSION;
        let upgraded = steps
            .into_iter()
            .try_fold(serde_json::from_str(state)?, |state, step| C::upgrade(step, state))?;
        Ok(serde_json::from_value(upgraded)?)
    }
}

fn place(cursor: &Cursor) -> Result<(Option<IndexValue>, String), Fault> {
    match cursor.0.as_slice() {
        [serde_json::Value::Null, serde_json::Value::String(id)] => Ok((None, id.clone())),
        [serde_json::Value::String(value), serde_json::Value::String(id)] => {
            Ok((Some(value.as_str().into()), id.clone()))
        }
        _ => Err(Fault::bad_input("this cursor does not belong to this list")),
    }
}
