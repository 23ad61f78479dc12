//! Price lists: for whom, where and when a set of prices holds.

use serde::{Deserialize, Serialize};
use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyId, ShopId};

use super::ids::PriceListId;
use super::publication::{Window, WindowRefusal};
use super::text::{self, TextRefusal};

/// Most price lists of one company.
pub const MAX_LISTS: usize = 100;

/// The terms of a price list. Its prices stand on the variants, so that a listing reads them at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceList {
    /// Its id.
    pub id: PriceListId,
    /// Whose it is.
    pub company: CompanyId,
    /// Its id in another system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_reference: Option<String>,
    /// What staff call it.
    pub name: String,
    /// Only for customers of this group; none is for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_group: Option<String>,
    /// Only in this shop; none is everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<ShopId>,
    /// When it holds.
    #[serde(default)]
    pub window: Window,
    /// Decides between lists that are equally specific: the higher one wins.
    #[serde(default)]
    pub priority: i32,
    /// Switched off lists hold for nobody.
    pub active: bool,
}

/// Why a price list is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceListRefusal {
    /// A text that is not good.
    #[error(transparent)]
    Text(#[from] TextRefusal),
    /// It would end before it begins.
    #[error(transparent)]
    Window(#[from] WindowRefusal),
    /// The company has no such shop.
    #[error("the company has no such shop")]
    ShopUnknown,
    /// The company has as many lists as it may.
    #[error("a company has at most {MAX_LISTS} price lists")]
    TooMany,
    /// Another list has this external reference.
    #[error("another price list has this external reference")]
    ExternalReferenceTaken,
    /// Another writer was first.
    #[error("has changed since: its version is {current}")]
    VersionConflict {
        /// The version it has now.
        current: i64,
    },
    /// There is no such list.
    #[error("there is no such price list")]
    NotFound,
}

/// What a writer may set on a list; none leaves the field as it is.
#[derive(Debug, Clone, Default)]
pub struct PriceListChange {
    /// What staff call it.
    pub name: Option<String>,
    /// Its id in another system.
    pub external_reference: Option<Option<String>>,
    /// For whom.
    pub customer_group: Option<Option<String>>,
    /// Where.
    pub shop: Option<Option<ShopId>>,
    /// First instant.
    pub from: Option<Option<Timestamp>>,
    /// First instant after.
    pub until: Option<Option<Timestamp>>,
    /// Precedence among equally specific lists.
    pub priority: Option<i32>,
    /// Whether it holds at all.
    pub active: Option<bool>,
}

impl PriceList {
    /// A list that holds for everyone, everywhere, always, until it is narrowed.
    pub fn new(id: PriceListId, company: CompanyId) -> Self {
        Self {
            id,
            company,
            external_reference: None,
            name: String::new(),
            customer_group: None,
            shop: None,
            window: Window::default(),
            priority: 0,
            active: true,
        }
    }

    /// Applies a change, all of it or nothing.
    pub fn apply(
        &mut self,
        change: PriceListChange,
        has_shop: impl Fn(&ShopId) -> bool,
    ) -> Result<(), (&'static str, PriceListRefusal)> {
        let mut next = self.clone();
        let name = change.name.unwrap_or_else(|| next.name.clone());
        next.name = text::line(&name, text::NAME).map_err(|e| ("name", e.into()))?;
        if let Some(reference) = change.external_reference {
            next.external_reference = text::optional_line(reference.as_deref(), text::REFERENCE)
                .map_err(|e| ("externalReference", e.into()))?;
        }
        if let Some(group) = change.customer_group {
            next.customer_group =
                text::optional_line(group.as_deref(), text::LINE).map_err(|e| ("customerGroup", e.into()))?;
        }
        if let Some(shop) = change.shop {
            if shop.as_ref().is_some_and(|shop| !has_shop(shop)) {
                return Err(("shop", PriceListRefusal::ShopUnknown));
            }
            next.shop = shop;
        }
        let from = change.from.unwrap_or(next.window.from);
        let until = change.until.unwrap_or(next.window.until);
        next.window = Window::new(from, until).map_err(|e| ("validUntil", e.into()))?;
        next.priority = change.priority.unwrap_or(next.priority);
        next.active = change.active.unwrap_or(next.active);
        *self = next;
        Ok(())
    }

    /// Whether the list holds for a buyer of these groups, in this shop, at this instant.
    pub fn holds(&self, groups: &[String], shop: Option<&ShopId>, at: Timestamp) -> bool {
        self.active
            && self.window.contains(at)
            && self.customer_group.as_ref().is_none_or(|group| groups.contains(group))
            && self.shop.as_ref().is_none_or(|own| Some(own) == shop)
    }

    /// How narrowly the list is drawn: group and shop before group, group before shop, shop before neither.
    pub fn specificity(&self) -> u8 {
        2 * u8::from(self.customer_group.is_some()) + u8::from(self.shop.is_some())
    }
}
