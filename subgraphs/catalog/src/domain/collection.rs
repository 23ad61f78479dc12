//! A collection: products put together by hand, or by rule.

use serde::{Deserialize, Serialize};
use souk_kit::clock::Timestamp;
use souk_kit::id::CompanyId;

use super::collection_rule::{MAX_RULES, RuleSet};
use super::content::{Content, ContentRefusal};
use super::ids::{CollectionId, ProductId};

/// Most products of a collection that is put together by hand.
pub const MAX_PRODUCTS: usize = 1_000;
/// Most collections of one company.
pub const MAX_COLLECTIONS: usize = 1_000;

/// A collection of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// Its id.
    pub id: CollectionId,
    /// Whose it is.
    pub company: CompanyId,
    /// What stands on its page.
    #[serde(flatten)]
    pub content: Content,
    /// How it gathers its products.
    pub gathering: Gathering,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How a collection gathers its products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gathering {
    /// By hand, in this order.
    Manual(Vec<ProductId>),
    /// Whatever meets the rules.
    Rules(RuleSet),
}

/// Why a change of a collection is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectionRefusal {
    /// A field of its page that is not good.
    #[error(transparent)]
    Content(#[from] ContentRefusal),
    /// Another collection of the company has the slug, or had it and redirects from it.
    #[error("another collection of the company has this slug")]
    SlugTaken,
    /// Another collection of the company has the external reference.
    #[error("another collection of the company has this external reference")]
    ExternalReferenceTaken,
    /// There is no such collection, or the caller cannot see it.
    #[error("there is no such collection")]
    NotFound,
    /// The company has no such product.
    #[error("the company has no such product")]
    ProductUnknown,
    /// Products cannot be put by hand into a collection by rule.
    #[error("gathers its products by rule")]
    ByRule,
    /// No rule, or too many.
    #[error("must have 1 to {MAX_RULES} rules")]
    Rules,
    /// More products than a collection holds.
    #[error("must have at most {MAX_PRODUCTS} products")]
    TooManyProducts,
    /// The company has as many as it may.
    #[error("a company has at most {MAX_COLLECTIONS} collections")]
    TooMany,
    /// Another writer was first.
    #[error("has changed since: its version is {current}")]
    VersionConflict {
        /// The version it has now.
        current: i64,
    },
    /// There is no such company, or the caller cannot see it.
    #[error("there is no such company")]
    CompanyUnknown,
}

impl Collection {
    /// Sets the rules, in place of those or of the products before.
    pub fn gather_by(&mut self, rules: RuleSet) -> Result<(), CollectionRefusal> {
        if !(1..=MAX_RULES).contains(&rules.rules.len()) {
            return Err(CollectionRefusal::Rules);
        }
        self.gathering = Gathering::Rules(rules);
        Ok(())
    }

    /// Forgets the rules: it holds no product until one is put in by hand. One without rules stays as it is.
    pub fn gather_by_hand(&mut self) {
        if let Gathering::Rules(_) = self.gathering {
            self.gathering = Gathering::Manual(Vec::new());
        }
    }

    /// Puts products at the end, or before one that stands there; those that are in already move.
    pub fn add(&mut self, added: &[ProductId], before: Option<ProductId>) -> Result<(), CollectionRefusal> {
        let products = self.by_hand()?;
        let mut next: Vec<_> = products.iter().copied().filter(|id| !added.contains(id)).collect();
        let place = match before {
            None => next.len(),
            Some(before) => {
                next.iter().position(|id| *id == before).ok_or(CollectionRefusal::ProductUnknown)?
            }
        };
        let mut once = Vec::with_capacity(added.len());
        for id in added {
            if !once.contains(id) {
                once.push(*id);
            }
        }
        next.splice(place..place, once);
        if next.len() > MAX_PRODUCTS {
            return Err(CollectionRefusal::TooManyProducts);
        }
        *products = next;
        Ok(())
    }

    /// Takes products out.
    pub fn remove(&mut self, removed: &[ProductId]) -> Result<(), CollectionRefusal> {
        self.by_hand()?.retain(|id| !removed.contains(id));
        Ok(())
    }

    fn by_hand(&mut self) -> Result<&mut Vec<ProductId>, CollectionRefusal> {
        match &mut self.gathering {
            Gathering::Manual(products) => Ok(products),
            Gathering::Rules(_) => Err(CollectionRefusal::ByRule),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::slug::Slug;
    use super::*;

    #[test]
    fn products_put_by_hand_stand_where_they_are_put_and_once() {
        let at = DateTime::UNIX_EPOCH;
        let content = Content::new("Tea time", Slug::parse("tea-time").unwrap()).unwrap();
        let mut collection = Collection {
            id: CollectionId::new(at),
            company: CompanyId::new(at),
            content,
            gathering: Gathering::Manual(Vec::new()),
            created_at: at,
            updated_at: at,
        };
        let [a, b, c] = [(); 3].map(|()| ProductId::new(at));
        collection.add(&[a, b, a], None).unwrap();
        collection.add(&[c, b], Some(a)).unwrap();
        assert_eq!(collection.gathering, Gathering::Manual(vec![c, b, a]));
        collection.remove(&[b]).unwrap();
        assert_eq!(collection.gathering, Gathering::Manual(vec![c, a]));
        assert_eq!(collection.add(&[b], Some(b)), Err(CollectionRefusal::ProductUnknown));
    }
}
