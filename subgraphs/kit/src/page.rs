//! Lists in pages: Relay connections over keyset cursors, so that page 1,000 costs what page 1 does.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, Enum, Object, OutputType, Positioned, ServerResult, SimpleObject, TypeName, Value,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::BoxFuture;
use serde_json::Value as Json;

use crate::fault::Fault;

/// How many items a page has when the client does not say.
pub const DEFAULT_PAGE: usize = 20;
/// How many items a page has at most.
pub const LARGEST_PAGE: usize = 100;

/// Upwards or downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Enum)]
pub enum SortDirection {
    /// The lowest, earliest or first in the alphabet first.
    Asc,
    /// The highest, latest or last in the alphabet first.
    Desc,
}

/// The four paging arguments of a list, as resolvers get them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageArgs {
    /// How many from the front; at most 100.
    pub first: Option<i32>,
    /// After which cursor.
    pub after: Option<String>,
    /// How many from the back; at most 100.
    pub last: Option<i32>,
    /// Before which cursor.
    pub before: Option<String>,
}

impl PageArgs {
    /// The page that the arguments describe; `BAD_USER_INPUT` when they contradict each other, ask for more
    /// than 100 or bring a cursor that is none. `order` names the list's order, such as `"name:asc"`: a cursor of
    /// another order points nowhere and is refused.
    pub fn page(&self, order: &str) -> Result<Page, Fault> {
        let backward = self.last.is_some() || (self.before.is_some() && self.first.is_none());
        if self.first.is_some() && self.last.is_some() {
            return Err(Fault::bad_input("give `first` or `last`, not both"));
        }
        if self.after.is_some() && self.before.is_some() {
            return Err(Fault::bad_input("give `after` or `before`, not both"));
        }
        if backward && self.after.is_some() || !backward && self.before.is_some() {
            return Err(Fault::bad_input("`after` goes with `first`, `before` with `last`"));
        }
        let size = match self.first.or(self.last) {
            None => DEFAULT_PAGE,
            Some(size) => usize::try_from(size)
                .ok()
                .filter(|size| *size <= LARGEST_PAGE)
                .ok_or_else(|| Fault::bad_input("a page has 0 to 100 items"))?,
        };
        let from = self.after.as_ref().or(self.before.as_ref());
        let from = from.map(|cursor| Cursor::decode(cursor, order)).transpose()?;
        Ok(Page { size, backward, from, order: order.to_owned() })
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many items at most.
    pub size: usize,
    /// From the back: the store reverses its order and the page turns the rows around again.
    pub backward: bool,
    /// The place to go on from; the item there is not part of the page.
    pub from: Option<Cursor>,
    order: String,
}

/// A place in a list: the values of the sort keys of the item there, ending in its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor(pub Vec<Json>);

impl Cursor {
    /// Clients must not read it: base64 of the order and the values.
    fn encode(&self, order: &str) -> String {
        let parts: Vec<&Json> = self.0.iter().collect();
        // Strings and numbers always serialise.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(order, parts)).unwrap_or_default())
    }

    fn decode(text: &str, order: &str) -> Result<Self, Fault> {
        let foreign = || Fault::bad_input("this cursor does not belong to this list");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| foreign())?;
        let (of, parts): (String, Vec<Json>) = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
        let scalars = parts.iter().all(|part| !part.is_array() && !part.is_object());
        if of == order && scalars { Ok(Self(parts)) } else { Err(foreign()) }
    }
}

impl Page {
    /// The first `size` items of a list in the order named `order`, for callers that are no client's resolver.
    #[must_use]
    pub fn first(size: usize, order: &str) -> Self {
        Self { size, backward: false, from: None, order: order.to_owned() }
    }

    /// How many rows the store must fetch: one more than the page holds, to know whether there are others.
    #[must_use]
    pub fn fetch(&self) -> usize {
        self.size + 1
    }

    /// The page of a list that was read whole and stands in its order.
    pub fn of_whole<T>(&self, mut all: Vec<T>, cursor: impl Fn(&T) -> Cursor) -> Result<Slice<T>, Fault> {
        if self.backward {
            all.reverse();
        }
        if let Some(from) = &self.from {
            let place = all.iter().position(|item| cursor(item) == *from);
            // What has been taken out in the meantime is no place to go on from.
            let place = place.ok_or_else(|| Fault::bad_input("the item of this cursor has left the list"))?;
            all.drain(..=place);
        }
        all.truncate(self.fetch());
        Ok(self.slice(all))
    }

    /// Cuts and turns the rows that a store fetched for this page.
    pub fn slice<T>(&self, mut rows: Vec<T>) -> Slice<T> {
        let more = rows.len() > self.size;
        rows.truncate(self.size);
        if self.backward {
            rows.reverse();
        }
        let came_from = self.from.is_some();
        let (has_previous, has_next) = if self.backward { (more, came_from) } else { (came_from, more) };
        Slice { rows, has_previous, has_next, order: self.order.clone() }
    }
}

/// One page of rows, in the list's own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are rows before.
    pub has_previous: bool,
    /// Whether there are rows after.
    pub has_next: bool,
    order: String,
}

impl<T> Slice<T> {
    /// The rows with their cursors, and where they stand in the list: for a connection of a type of its own.
    pub fn placed(self, cursor: impl Fn(&T) -> Cursor) -> (Vec<(String, T)>, PageInfo) {
        let rows: Vec<_> = self.rows.into_iter().map(|row| (cursor(&row).encode(&self.order), row)).collect();
        let page_info = PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: rows.last().map(|(cursor, _)| cursor.clone()),
        };
        (rows, page_info)
    }

    /// The connection over these rows. `cursor` gives the sort keys of a row, ending in its id; `count` answers
    /// `totalCount` and runs only when a client asks for it.
    pub fn connection<N: OutputType, L: ListName<N>>(
        self,
        cursor: impl Fn(&T) -> Cursor,
        node: impl Fn(T) -> N,
        count: impl Fn() -> BoxFuture<'static, Result<u64, Fault>> + Send + Sync + 'static,
    ) -> Connection<N, L> {
        let edge =
            |row| Edge { cursor: cursor(&row).encode(&self.order), node: node(row), named: PhantomData };
        let edges: Vec<Edge<N, L>> = self.rows.into_iter().map(edge).collect();
        Connection { edges, has_previous: self.has_previous, has_next: self.has_next, count: Box::new(count) }
    }
}

type Count = Box<dyn Fn() -> BoxFuture<'static, Result<u64, Fault>> + Send + Sync>;

/// What the types of a list are called: `ShopConnection` and `ShopEdge` in a list of the name `Shop`.
pub trait ListName<N>: Send + Sync + 'static {
    /// The name.
    fn list_name() -> Cow<'static, str>;
}

/// Calls a list after its items.
#[derive(Debug, Clone, Copy)]
pub struct AfterItems;

impl<N: OutputType> ListName<N> for AfterItems {
    fn list_name() -> Cow<'static, str> {
        <N as OutputType>::type_name()
    }
}

/// A page of a list, as clients see it. References to what another subgraph owns are items of type `Option`, in a
/// list with a name of its own: a dead subgraph then nulls the items alone.
pub struct Connection<N, L = AfterItems> {
    edges: Vec<Edge<N, L>>,
    has_previous: bool,
    has_next: bool,
    count: Count,
}

/// One item of a list.
pub struct Edge<N, L = AfterItems> {
    cursor: String,
    node: N,
    named: PhantomData<fn() -> L>,
}

/// Where a page stands in its list.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
#[graphql(shareable)]
pub struct PageInfo {
    /// Whether there are items before this page.
    pub has_previous_page: bool,
    /// Whether there are items after this page.
    pub has_next_page: bool,
    /// The cursor of the first item, to page backwards from.
    pub start_cursor: Option<String>,
    /// The cursor of the last item, to page on from.
    pub end_cursor: Option<String>,
}

impl<N, L> Connection<N, L> {
    /// A connection without items: what a caller sees who sees nothing.
    #[must_use]
    pub fn empty() -> Self {
        let count: Count = Box::new(|| Box::pin(std::future::ready(Ok(0))));
        Self { edges: Vec::new(), has_previous: false, has_next: false, count }
    }

    /// The items.
    pub fn nodes(&self) -> impl Iterator<Item = &N> {
        self.edges.iter().map(|edge| &edge.node)
    }
}

/// An item as the schema has it: the library takes a mere reference to one that may be null for one that may not.
struct Node<'n, N>(&'n N);

impl<N: OutputType> OutputType for Node<'_, N> {
    fn type_name() -> Cow<'static, str> {
        N::type_name()
    }

    fn qualified_type_name() -> String {
        N::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        N::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl<N: OutputType, L: ListName<N>> TypeName for Connection<N, L> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", L::list_name()).into()
    }
}

impl<N: OutputType, L: ListName<N>> TypeName for Edge<N, L> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", L::list_name()).into()
    }
}

/// A page of a list.
#[Object(name_type, shareable)]
impl<N: OutputType, L: ListName<N>> Connection<N, L> {
    /// The items of this page, each with its cursor.
    async fn edges(&self) -> &[Edge<N, L>] {
        &self.edges
    }

    /// The items of this page.
    #[graphql(name = "nodes")]
    async fn resolve_nodes(&self) -> Vec<Node<'_, N>> {
        self.edges.iter().map(|edge| Node(&edge.node)).collect()
    }

    /// Where this page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// How many items the whole list has. Counted only when asked for.
    async fn total_count(&self) -> Result<u64, Fault> {
        (self.count)().await
    }
}

/// An item of a list and its place in it.
#[Object(name_type, shareable)]
impl<N: OutputType, L: ListName<N>> Edge<N, L> {
    /// The place of the item, to page on from. Opaque: its form may change.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The item.
    async fn node(&self) -> &N {
        &self.node
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(first: Option<i32>, after: Option<&str>, last: Option<i32>, before: Option<&str>) -> PageArgs {
        PageArgs { first, after: after.map(Into::into), last, before: before.map(Into::into) }
    }

    #[test]
    fn contradicting_and_oversized_pages_are_refused() {
        let cursor = Cursor(vec!["a".into()]).encode("id");
        let cursor = Some(cursor.as_str());
        for bad in [
            args(Some(101), None, None, None),
            args(Some(-1), None, None, None),
            args(Some(1), None, Some(1), None),
            args(None, cursor, None, cursor),
            args(None, cursor, Some(1), None),
            args(Some(1), None, None, cursor),
            args(Some(1), Some("not a cursor"), None, None),
            args(Some(1), Some(&Cursor(vec![]).encode("other order")), None, None),
        ] {
            assert!(bad.page("id").is_err(), "{bad:?}");
        }
        assert_eq!(args(None, cursor, None, None).page("id").unwrap().size, DEFAULT_PAGE);
        assert!(args(None, None, None, cursor).page("id").unwrap().backward);
    }

    #[test]
    fn a_page_knows_whether_there_are_others() {
        let forward = args(Some(2), None, None, None).page("id").unwrap().slice(vec![1, 2, 3]);
        assert_eq!((forward.rows, forward.has_previous, forward.has_next), (vec![1, 2], false, true));
        let backward = args(None, None, Some(2), None).page("id").unwrap().slice(vec![9, 8, 7]);
        assert_eq!((backward.rows, backward.has_previous, backward.has_next), (vec![8, 9], true, false));
    }

    #[test]
    fn a_list_that_is_read_whole_has_pages_both_ways() {
        let place = |item: &&str| Cursor(vec![(*item).into()]);
        let page = |first, last, at: Option<&str>| {
            let at = at.map(|at| Cursor(vec![at.into()]).encode("id"));
            let (after, before) = if first { (at, None) } else { (None, at) };
            let page = PageArgs { first: first.then_some(2), after, last, before }.page("id").unwrap();
            page.of_whole(vec!["a", "b", "c", "d"], place)
        };
        let forward = page(true, None, Some("a")).unwrap();
        assert_eq!(
            (forward.rows.clone(), forward.has_previous, forward.has_next),
            (vec!["b", "c"], true, true)
        );
        let (rows, info) = forward.placed(place);
        assert_eq!((rows.len(), info.end_cursor), (2, Some(Cursor(vec!["c".into()]).encode("id"))));
        let backward = page(false, Some(2), Some("c")).unwrap();
        assert_eq!((backward.rows, backward.has_previous, backward.has_next), (vec!["a", "b"], false, true));
        assert!(page(true, None, Some("gone")).is_err());
    }
}
