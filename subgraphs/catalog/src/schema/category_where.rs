//! Which categories a list shows. A company's tree is read whole, so that filters and orders are answered from it.

use async_graphql::{Enum, InputObject};
use souk_kit::budget::Budget;
use souk_kit::fault::Fault;
use souk_kit::id::SoughtId;
use souk_kit::page::SortDirection;

use super::product_where::TimeRange;
use crate::domain::category::Category;
use crate::domain::ids::{CategoryId, CategoryKind};

/// Which categories. All conditions given must hold. A condition that is left out or null does not filter. An empty
/// list of values or of `OR` passes nothing; an empty `AND` does not filter.
#[derive(Debug, Clone, Default, InputObject)]
pub struct CategoryWhere {
    /// All of these hold; an empty list does not filter.
    #[graphql(name = "AND")]
    pub and: Option<Vec<CategoryWhere>>,
    /// One of these holds; an empty list passes nothing.
    #[graphql(name = "OR")]
    pub or: Option<Vec<CategoryWhere>>,
    /// This does not hold.
    #[graphql(name = "NOT")]
    pub not: Option<Box<CategoryWhere>>,
    /// Is one of these.
    pub ids: Option<Vec<SoughtId<CategoryKind>>>,
    /// Has one of these slugs, now or formerly.
    pub slug: Option<Vec<String>>,
    /// Another system calls it one of these.
    pub external_reference: Option<Vec<String>>,
    /// The name in the company's own language begins so, in any case.
    pub name_starts_with: Option<String>,
    /// When it was created.
    pub created_at: Option<TimeRange>,
    /// When it last changed.
    pub updated_at: Option<TimeRange>,
}

/// What categories are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CategorySortField {
    /// The name in the company's own language.
    Name,
    /// When it was created.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
}

/// In which order categories are listed; equal ones by id.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct CategorySort {
    /// By what.
    pub field: CategorySortField,
    /// Upwards or downwards.
    #[graphql(default_with = "SortDirection::Asc")]
    pub direction: SortDirection,
}

impl CategoryWhere {
    /// `BAD_USER_INPUT` when the filter is too large.
    pub(super) fn check(&self) -> Result<(), Fault> {
        self.check_within(&mut Budget::new())
    }

    fn check_within(&self, budget: &mut Budget) -> Result<(), Fault> {
        let lists = [&self.slug, &self.external_reference].map(|list| list.as_ref().map_or(0, Vec::len));
        budget.spend(lists.iter().sum::<usize>() + self.ids.as_ref().map_or(0, Vec::len))?;
        let parts = self.and.iter().chain(&self.or).flatten().chain(self.not.as_deref());
        budget.nested(parts.collect::<Vec<_>>(), Self::check_within).map(drop)
    }

    /// The ids that it asks for, when it asks for nothing else.
    pub(super) fn ids_alone(&self) -> Option<Vec<CategoryId>> {
        let Self { and, or, not, ids, slug, external_reference, name_starts_with, created_at, updated_at } =
            self;
        let nested = and.is_some() || or.is_some() || not.is_some();
        let named = slug.is_some() || external_reference.is_some() || name_starts_with.is_some();
        let else_asked = nested || named || created_at.is_some() || updated_at.is_some();
        let ids = ids.as_ref().filter(|_| !else_asked)?;
        Some(ids.iter().filter_map(|id| id.get()).collect())
    }

    /// Whether it lets a category pass.
    pub(super) fn passes(&self, one: &Category) -> bool {
        let content = &one.content;
        let slugs = |slugs: &Vec<String>| slugs.iter().any(|slug| content.answers_to(&slug.to_lowercase()));
        let references = |all: &Vec<String>| {
            content.external_reference.as_ref().is_some_and(|reference| all.contains(reference))
        };
        self.and.iter().flatten().all(|each| each.passes(one))
            && self.or.as_ref().is_none_or(|any| any.iter().any(|each| each.passes(one)))
            && self.not.as_ref().is_none_or(|not| !not.passes(one))
            && self.ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id.get() == Some(one.id)))
            && self.slug.as_ref().is_none_or(slugs)
            && self.external_reference.as_ref().is_none_or(references)
            && self
                .name_starts_with
                .as_ref()
                .is_none_or(|beginning| content.name.to_lowercase().starts_with(&beginning.to_lowercase()))
            && self.created_at.as_ref().is_none_or(|range| range.has(one.created_at))
            && self.updated_at.as_ref().is_none_or(|range| range.has(one.updated_at))
    }
}
