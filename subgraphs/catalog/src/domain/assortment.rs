//! In which shops of its company a product is offered.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use souk_kit::id::ShopId;

/// Most shops in a listed assortment.
pub const MAX_SHOPS: usize = 500;

/// All shops of the company, or a listed set of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "shops")]
pub enum Assortment {
    /// Every shop of the company, also those yet to open.
    #[default]
    All,
    /// Just these shops.
    Listed(BTreeSet<ShopId>),
}

/// Why an assortment is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssortmentRefusal {
    /// A listed set without a shop.
    #[error("must list at least one shop")]
    Empty,
    /// More shops than a set holds.
    #[error("must list at most {MAX_SHOPS} shops")]
    TooMany,
}

impl Assortment {
    /// A listed set of one shop or more.
    pub fn listed(shops: impl IntoIterator<Item = ShopId>) -> Result<Self, AssortmentRefusal> {
        let shops: BTreeSet<_> = shops.into_iter().collect();
        match shops.len() {
            0 => Err(AssortmentRefusal::Empty),
            1..=MAX_SHOPS => Ok(Self::Listed(shops)),
            _ => Err(AssortmentRefusal::TooMany),
        }
    }

    /// Whether the product is offered in `shop`, which must be a shop of its company.
    pub fn offers_in(&self, shop: &ShopId) -> bool {
        match self {
            Self::All => true,
            Self::Listed(shops) => shops.contains(shop),
        }
    }

    /// Whether the product is offered nowhere but in `shops`.
    pub fn lies_within(&self, shops: &[ShopId]) -> bool {
        match self {
            Self::All => false,
            Self::Listed(listed) => listed.iter().all(|shop| shops.contains(shop)),
        }
    }

    /// The listed shops; none when the product is offered in all.
    pub fn shops(&self) -> Option<&BTreeSet<ShopId>> {
        match self {
            Self::All => None,
            Self::Listed(shops) => Some(shops),
        }
    }
}
