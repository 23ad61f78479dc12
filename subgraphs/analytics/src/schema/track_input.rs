//! What storefronts send of their visitors.

use async_graphql::InputObject;
use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyKind, ShopKind, SoughtId};

use crate::domain::ids::ProductKind;
use crate::domain::visit::{Claim, Claimed, Reason, Refusal};

/// What a visitor did. An input of `track`.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct TrackInput {
    /// The company whose storefront it is.
    pub(super) company: SoughtId<CompanyKind>,
    /// The shop whose storefront it is; left out for one of the whole company.
    pub(super) shop: Option<SoughtId<ShopKind>>,
    /// A random id that the storefront has made up for its visitor: 16 to 64 letters, digits, `-` or `_`. It is never
    /// written down: a hash stands for it, which is another one for each company and calendar month. Left out, or without
    /// `consent`, the visitor is not told from others.
    pub(super) visitor: Option<String>,
    /// Whether the visitor has agreed to being told from others, and to the texts of searches being kept. Without it, and
    /// whenever the browser sends `DNT: 1` or `Sec-GPC: 1`, both are dropped, and what happened is counted without them.
    #[graphql(default)]
    pub(super) consent: bool,
    /// What the visitor did, at most 100 events.
    pub(super) events: Vec<TrackEventInput>,
}

/// One thing that a visitor did: one of the members after `occurredAt`, and no other.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct TrackEventInput {
    /// A random UUID that the storefront has made up for the event. Sent again, it is counted once.
    id: String,
    /// When it happened, by the browser's clock; at most 48 hours ago and five minutes ahead.
    occurred_at: Timestamp,
    /// The visitor looked at the page of a product.
    product_viewed: Option<ProductViewedInput>,
    /// The visitor searched.
    search_performed: Option<SearchPerformedInput>,
    /// The visitor went from the results of a search to a product.
    result_clicked: Option<ResultClickedInput>,
    /// The visitor looked at a list of products.
    list_viewed: Option<ListViewedInput>,
}

/// The visitor looked at the page of a product.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ProductViewedInput {
    /// The product.
    product: SoughtId<ProductKind>,
    /// For how long, in milliseconds. Half an hour at most is counted.
    #[graphql(default)]
    duration_ms: i32,
}

/// The visitor searched.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct SearchPerformedInput {
    /// A random UUID that the storefront has made up for the search.
    search: String,
    /// What was searched for; at most 500 letters, of which 100 are kept.
    text: String,
    /// How many results there were.
    result_count: i32,
}

/// The visitor went from the results of a search to a product.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ResultClickedInput {
    /// The UUID of the search.
    search: String,
    /// The product.
    product: SoughtId<ProductKind>,
    /// Where it stood among the results, from 1.
    position: i32,
}

/// The visitor looked at a list of products.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ListViewedInput {
    /// What the storefront calls the list, such as `home` or `category:cat_01h…`; at most 128 letters. No personal data.
    list: String,
}

impl TrackEventInput {
    /// What the client claims; a refusal when it says not one thing.
    pub(super) fn claim(self) -> Result<Claim, Refusal> {
        const ONE: Reason = Reason::Invalid { expected: "exactly one thing that happened is expected" };
        const NO_PRODUCT: Reason = Reason::Invalid { expected: "the id of a product is expected" };
        let what = match (self.product_viewed, self.search_performed, self.result_clicked, self.list_viewed) {
            (Some(view), None, None, None) => Claimed::ProductViewed {
                product: view.product.get().ok_or((&["productViewed", "product"][..], NO_PRODUCT))?,
                duration_ms: view.duration_ms.into(),
            },
            (None, Some(search), None, None) => Claimed::SearchPerformed {
                search: search.search,
                text: search.text,
                result_count: search.result_count.into(),
            },
            (None, None, Some(click), None) => Claimed::ResultClicked {
                search: click.search,
                product: click.product.get().ok_or((&["resultClicked", "product"][..], NO_PRODUCT))?,
                position: click.position.into(),
            },
            (None, None, None, Some(view)) => Claimed::ListViewed { list: view.list },
            _ => return Err((&[], ONE)),
        };
        Ok(Claim { id: self.id, occurred_at: self.occurred_at, what })
    }
}
