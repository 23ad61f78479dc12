//! In which shops a product is offered. Shops are another subgraph's, so that what is listed of them may be null.

use async_graphql::{ComplexObject, SimpleObject};
use souk_kit::fault::Fault;
use souk_kit::id::ShopId;
use souk_kit::page::{Cursor, PageArgs, PageInfo};

use super::shop::Shop;
use crate::domain::assortment::Assortment;

/// In which shops a product is offered.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ProductAssortment {
    /// Whether it is offered in every shop of its company, also those yet to open.
    all_shops: bool,
    #[graphql(skip)]
    listed: Vec<ShopId>,
}

/// A page of the shops that a product is offered in.
#[derive(Debug, Clone, SimpleObject)]
pub struct AssortmentShopConnection {
    /// The shops of this page, each with its cursor.
    edges: Vec<AssortmentShopEdge>,
    /// The shops of this page; null for one that cannot be shown.
    nodes: Vec<Option<Shop>>,
    /// Where this page stands in the list.
    page_info: PageInfo,
    /// How many shops the whole list has.
    total_count: u64,
}

/// A shop that a product is offered in, and its place in the list.
#[derive(Debug, Clone, SimpleObject)]
pub struct AssortmentShopEdge {
    /// The place of the shop, to page on from. Opaque: its form may change.
    cursor: String,
    /// The shop; null when it cannot be shown.
    node: Option<Shop>,
}

impl ProductAssortment {
    pub(super) fn of(own: &Assortment) -> Self {
        let shops = own.shops();
        Self { all_shops: shops.is_none(), listed: shops.into_iter().flatten().copied().collect() }
    }
}

#[ComplexObject]
impl ProductAssortment {
    /// The shops that it is offered in, at most 500, by id; none are listed when it is offered in all.
    async fn shops(
        &self,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<AssortmentShopConnection, Fault> {
        let cursor = |shop: &ShopId| Cursor(vec![shop.to_string().into()]);
        let page = PageArgs { first, after, last, before }.page("shops")?;
        let (rows, page_info) = page.of_whole(self.listed.clone(), cursor)?.placed(cursor);
        let edges: Vec<_> = rows
            .into_iter()
            .map(|(cursor, shop)| AssortmentShopEdge { cursor, node: Some(Shop::from(shop)) })
            .collect();
        let nodes = edges.iter().map(|edge| edge.node.clone()).collect();
        let total_count = self.listed.len() as u64;
        Ok(AssortmentShopConnection { edges, nodes, page_info, total_count })
    }
}
