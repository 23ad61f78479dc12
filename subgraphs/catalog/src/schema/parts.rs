//! Lists of what stands within documents: categories in trees, attributes in sets, prices and variants in products.
//! Documents are read in the order of their ids, a few at a time and together with those of other lists, until the
//! page is full; within a document its parts stand in their own order.

use std::sync::Arc;

use async_graphql::{Context, OutputType};
use serde_json::Value as Json;
use souk_kit::context::ContextExt;
use souk_kit::documents::{Collection, Direction, Document, Filter, Repository, Sort, View};
use souk_kit::fault::Fault;
use souk_kit::page::{Connection, Cursor, Page, PageArgs};
use souk_kit::permission::Visibility;

use crate::store::loaders::{Pages, Row};

/// The parts of a document in their order, each with what tells it from the others.
type Take<S, P> = dyn Fn(&Arc<Document<S>>) -> Vec<(String, P)> + Send + Sync;

/// A list of what stands within documents.
pub(super) struct Parts<C: Collection, P> {
    /// Where the documents are.
    pub(super) documents: Repository<C>,
    /// Who asks.
    pub(super) scope: Visibility,
    /// What the caller sees of the documents.
    pub(super) view: View,
    /// Which documents have parts of the list.
    pub(super) filter: Filter,
    /// How many documents are read at once.
    pub(super) at_once: usize,
    /// The parts of one of them.
    pub(super) take: Arc<Take<C::State, P>>,
}

impl<C: Collection, P> Clone for Parts<C, P> {
    fn clone(&self) -> Self {
        Self {
            documents: self.documents.clone(),
            scope: self.scope.clone(),
            view: self.view.clone(),
            filter: self.filter.clone(),
            at_once: self.at_once,
            take: Arc::clone(&self.take),
        }
    }
}

/// A part and its place: the document that it stands in and what tells it from the document's others.
pub(super) struct Part<P> {
    pub(super) document: String,
    pub(super) key: String,
    pub(super) part: P,
}

impl<P> Part<P> {
    /// The place to go on from.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor(vec![self.document.as_str().into(), self.key.as_str().into()])
    }
}

impl<C: Collection, P: Send + 'static> Parts<C, P> {
    /// A page of the list.
    pub(super) async fn connection<N: OutputType>(
        self,
        ctx: &Context<'_>,
        args: &PageArgs,
        node: impl Fn(P) -> N,
    ) -> Result<Connection<N>, Fault> {
        let page = args.page("parts")?;
        let found = self.find(ctx, &page).await?;
        Ok(page.slice(found).connection(
            Part::cursor,
            |found| node(found.part),
            move || {
                let parts = self.clone();
                Box::pin(async move { parts.count().await })
            },
        ))
    }

    async fn find(&self, ctx: &Context<'_>, page: &Page) -> Result<Vec<Part<P>>, Fault> {
        let mut found = Vec::new();
        let mut step = page.clone();
        step.size = self.at_once;
        step.from = None;
        if let Some(Cursor(place)) = &page.from {
            let [Json::String(document), Json::String(key)] = place.as_slice() else {
                return Err(Fault::bad_input("this cursor does not belong to this list"));
            };
            let own = self.filter.clone().and(Filter::Ids(vec![document.clone()]));
            for row in self.rows(ctx, own, &step).await?.iter() {
                let mut parts = self.parts(row, page.backward);
                let place = parts.iter().position(|part| part.key == *key);
                let place =
                    place.ok_or_else(|| Fault::bad_input("the item of this cursor has left the list"))?;
                found.extend(parts.drain(place + 1..));
            }
            step.from = Some(Cursor(vec![Json::Null, document.as_str().into()]));
        }
        while found.len() < page.fetch() {
            let rows = self.rows(ctx, self.filter.clone(), &step).await?;
            found.extend(rows.iter().flat_map(|row| self.parts(row, page.backward)));
            step.from = rows.last().map(|row| row.cursor.clone());
            if rows.len() < step.fetch() {
                break;
            }
        }
        found.truncate(page.fetch());
        Ok(found)
    }

    async fn rows(
        &self,
        ctx: &Context<'_>,
        filter: Filter,
        step: &Page,
    ) -> Result<Arc<[Row<C::State>]>, Fault> {
        let by_id = Sort::by_id(Direction::Ascending);
        let sought = Repository::<C>::sought(&self.view, filter, by_id, step)?;
        let loader = ctx.loader(&self.scope, || Pages { documents: self.documents.clone() });
        Ok(loader.one(sought).await?.unwrap_or_default())
    }

    fn parts(&self, row: &Row<C::State>, backward: bool) -> Vec<Part<P>> {
        let document = C::id(&row.document.state);
        let parts = (self.take)(&row.document).into_iter();
        let mut parts: Vec<_> =
            parts.map(|(key, part)| Part { document: document.clone(), key, part }).collect();
        if backward {
            parts.reverse();
        }
        parts
    }

    /// Reads all documents of the list, a few at a time.
    async fn count(&self) -> Result<u64, Fault> {
        let mut step = Page::first(self.at_once, "parts");
        let mut count = 0;
        loop {
            let by_id = Sort::by_id(Direction::Ascending);
            let slice = self.documents.page(&self.view, self.filter.clone(), by_id, &step).await?;
            step.from = slice.rows.last().map(souk_kit::documents::Listed::cursor);
            for listed in slice.rows {
                count += (self.take)(&Arc::new(listed.document)).len() as u64;
            }
            if !slice.has_next {
                return Ok(count);
            }
        }
    }
}
