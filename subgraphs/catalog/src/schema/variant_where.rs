//! Which variants a list shows: a filter over indexed products, and then over the variants of those.

use async_graphql::InputObject;
use souk_kit::budget::Budget;
use souk_kit::documents::Filter;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, SoughtId};

use super::product_where::TimeRange;
use crate::domain::ids::{ProductKind, VariantKind};
use crate::domain::product::Product;
use crate::domain::variant::Variant;
use crate::store::products::{BARCODE, UPDATED, product_key, variant_key};

/// Which variants. All conditions given must hold. A condition that is left out or null does not filter. An empty
/// list of values or of `OR` passes nothing; an empty `AND` does not filter.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ProductVariantWhere {
    /// All of these hold; an empty list does not filter.
    #[graphql(name = "AND")]
    pub and: Option<Vec<ProductVariantWhere>>,
    /// One of these holds; an empty list passes nothing.
    #[graphql(name = "OR")]
    pub or: Option<Vec<ProductVariantWhere>>,
    /// Is one of these.
    pub ids: Option<Vec<SoughtId<VariantKind>>>,
    /// Is of one of these products.
    pub products: Option<Vec<SoughtId<ProductKind>>>,
    /// Has one of these stock keeping units; needs `company`.
    pub sku: Option<Vec<String>>,
    /// A scanner reads one of these from it. Several variants may have one barcode.
    pub barcode: Option<Vec<String>>,
    /// Another system calls it one of these; needs `company`.
    pub external_reference: Option<Vec<String>>,
    /// When its product, with all its variants, last changed.
    pub updated_at: Option<TimeRange>,
}

impl ProductVariantWhere {
    /// The products that have such variants; `BAD_USER_INPUT` when the filter is too large, or names by what is
    /// unique within a company without one.
    pub(super) fn products(&self, company: Option<CompanyId>) -> Result<Filter, Fault> {
        self.products_within(company, &mut Budget::new())
    }

    fn products_within(&self, company: Option<CompanyId>, budget: &mut Budget) -> Result<Filter, Fault> {
        let mut conditions = Vec::new();
        if let Some(all) = &self.and {
            conditions.extend(budget.nested(all, |one, budget| one.products_within(company, budget))?);
        }
        if let Some(any) = &self.or {
            let any = budget.nested(any, |one, budget| one.products_within(company, budget))?;
            conditions.push(Filter::Any(any));
        }
        if let Some(ids) = &self.ids {
            budget.spend(ids.len())?;
            conditions.push(Filter::Keys(ids.iter().filter_map(|id| id.get()).map(variant_key).collect()));
        }
        if let Some(products) = &self.products {
            budget.spend(products.len())?;
            let known = products.iter().filter_map(|id| id.get());
            conditions.push(Filter::Ids(known.map(|id| id.to_string()).collect()));
        }
        for (kind, values) in [("sku", &self.sku), ("variant-ref", &self.external_reference)] {
            let Some(values) = values else { continue };
            budget.spend(values.len())?;
            let company = company
                .ok_or_else(|| Fault::bad_input("filters by `sku` and `externalReference` need `company`"))?;
            let keys = values.iter().map(|value| product_key(kind, company, value));
            conditions.push(Filter::Keys(keys.collect()));
        }
        if let Some(barcodes) = &self.barcode {
            budget.spend(barcodes.len())?;
            conditions.push(Filter::one_of(BARCODE, barcodes.iter().map(String::as_str)));
        }
        if let Some(range) = &self.updated_at {
            conditions.push(Filter::Field(UPDATED.into(), range.test()));
        }
        Ok(Filter::All(conditions))
    }

    /// Whether it lets a variant of a product pass.
    pub(super) fn passes(&self, product: &Product, one: &Variant) -> bool {
        let has = |own: &Option<String>, wanted: &Option<Vec<String>>| {
            wanted.as_ref().is_none_or(|all| own.as_ref().is_some_and(|own| all.contains(own)))
        };
        self.and.iter().flatten().all(|each| each.passes(product, one))
            && self.or.as_ref().is_none_or(|any| any.iter().any(|each| each.passes(product, one)))
            && self.ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id.get() == Some(one.id)))
            && self.products.as_ref().is_none_or(|ids| ids.iter().any(|id| id.get() == Some(product.id)))
            && has(&one.sku, &self.sku)
            && has(&one.barcode, &self.barcode)
            && has(&one.external_reference, &self.external_reference)
            && self.updated_at.as_ref().is_none_or(|range| range.has(product.updated_at))
    }
}
