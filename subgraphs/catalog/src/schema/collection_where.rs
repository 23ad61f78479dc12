//! Which collections a list shows, and in which order.

use async_graphql::{Enum, InputObject};
use souk_kit::budget::Budget;
use souk_kit::documents::{Direction, Filter, Sort, Test};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, SoughtId};
use souk_kit::page::SortDirection;

use super::product_where::TimeRange;
use crate::domain::ids::CollectionKind;
use crate::store::collections::{NAME, UPDATED};

/// Which collections. All conditions given must hold. A condition that is left out or null does not filter. An empty
/// list of values or of `OR` passes nothing; an empty `AND` does not filter.
#[derive(Debug, Clone, Default, InputObject)]
pub struct CollectionWhere {
    /// All of these hold; an empty list does not filter.
    #[graphql(name = "AND")]
    pub and: Option<Vec<CollectionWhere>>,
    /// One of these holds; an empty list passes nothing.
    #[graphql(name = "OR")]
    pub or: Option<Vec<CollectionWhere>>,
    /// This does not hold.
    #[graphql(name = "NOT")]
    pub not: Option<Box<CollectionWhere>>,
    /// Is one of these.
    pub ids: Option<Vec<SoughtId<CollectionKind>>>,
    /// Has one of these slugs, now or formerly; in a list of one company's.
    pub slug: Option<Vec<String>>,
    /// Another system calls it one of these; in a list of one company's.
    pub external_reference: Option<Vec<String>>,
    /// The name in the company's own language begins so, in any case.
    pub name_starts_with: Option<String>,
    /// When it last changed.
    pub updated_at: Option<TimeRange>,
}

/// What collections are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CollectionSortField {
    /// The name in the company's own language.
    Name,
    /// When it was created.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
}

/// In which order collections are listed; equal ones by id.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct CollectionSort {
    /// By what.
    pub field: CollectionSortField,
    /// Upwards or downwards.
    #[graphql(default_with = "SortDirection::Asc")]
    pub direction: SortDirection,
}

impl CollectionSort {
    /// The order; by name when none is asked for.
    pub(super) fn order(asked: Option<Self>) -> (String, Sort) {
        let field = asked.map_or(CollectionSortField::Name, |sort| sort.field);
        let direction = match asked.map(|sort| sort.direction) {
            None | Some(SortDirection::Asc) => Direction::Ascending,
            Some(SortDirection::Desc) => Direction::Descending,
        };
        let sort = match field {
            CollectionSortField::Name => Sort::by(NAME, direction),
            // Ids are made in the order of time.
            CollectionSortField::CreatedAt => Sort::by_id(direction),
            CollectionSortField::UpdatedAt => Sort::by(UPDATED, direction),
        };
        (format!("{field:?}:{direction:?}"), sort)
    }
}

impl CollectionWhere {
    /// The filter over indexed values; `BAD_USER_INPUT` when it is too large, or names by what is unique within a
    /// company without one.
    pub(super) fn filter(&self, company: Option<CompanyId>) -> Result<Filter, Fault> {
        self.filter_within(company, &mut Budget::new())
    }

    fn filter_within(&self, company: Option<CompanyId>, budget: &mut Budget) -> Result<Filter, Fault> {
        let mut conditions = Vec::new();
        if let Some(all) = &self.and {
            conditions.extend(budget.nested(all, |one, budget| one.filter_within(company, budget))?);
        }
        if let Some(any) = &self.or {
            let any = budget.nested(any, |one, budget| one.filter_within(company, budget))?;
            conditions.push(Filter::Any(any));
        }
        if let Some(not) = &self.not {
            let not = budget.nested([not], |one, budget| one.filter_within(company, budget))?;
            conditions.extend(not.into_iter().map(Filter::negated));
        }
        if let Some(ids) = &self.ids {
            budget.spend(ids.len())?;
            let known = ids.iter().filter_map(|id| id.get());
            conditions.push(Filter::Ids(known.map(|id| id.to_string()).collect()));
        }
        for (kind, values) in [("slug", &self.slug), ("ref", &self.external_reference)] {
            let Some(values) = values else { continue };
            budget.spend(values.len())?;
            let company = company.ok_or_else(|| {
                Fault::bad_input("filters by `slug` and `externalReference` need `company`")
            })?;
            let lowered = |value: &String| if kind == "slug" { value.to_lowercase() } else { value.clone() };
            let keys = values.iter().map(lowered).map(|value| format!("{kind}:{company}:{value}"));
            conditions.push(Filter::Keys(keys.collect()));
        }
        if let Some(beginning) = &self.name_starts_with {
            conditions.push(Filter::Field(NAME.into(), Test::Prefix(beginning.to_lowercase())));
        }
        if let Some(range) = &self.updated_at {
            conditions.push(Filter::Field(UPDATED.into(), range.test()));
        }
        Ok(Filter::All(conditions))
    }
}
