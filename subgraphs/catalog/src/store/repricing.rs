//! Keeps what products are offered for in step with the price lists: after a list changes or goes, and when one
//! begins or ends.
//!
//! Between a change of a list and its end here, lists of products may filter and sort by the former prices, for
//! as long as it takes to write the products that the list prices. The beginning and end of a list need no such
//! while: products know the price after their next change beforehand.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use souk_kit::call::Call;
use souk_kit::clock::Timestamp;
use souk_kit::documents::{Decided, Direction, Document, Filter, Listed, Sort, Test, View};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::page::{Cursor, Page};
use souk_kit::permission::Visibility;
use souk_kit::principal::Principal;

use super::Catalog;
use super::products::{LIST, OFFER_CHANGE, OFFERED, event};
use crate::domain::ids::PriceListId;
use crate::domain::offer::Offers;
use crate::domain::price_list::{MAX_LISTS, PriceList};
use crate::domain::product::Product;
use crate::error::{CatalogError, CatalogErrorCode};

/// Products read at once.
const BATCH: usize = 100;
/// How often products are looked for that a list has begun or ended for.
pub const DUE: Duration = Duration::from_secs(1);
/// How often all products with listed prices are looked through for what slipped by.
pub const EVERYTHING: Duration = Duration::from_hours(1);

impl Catalog {
    /// The price lists of a company.
    pub async fn price_lists_of(&self, company: CompanyId) -> Result<Vec<PriceList>, Fault> {
        let found = self.price_lists.find(&everything(), Filter::Companies(vec![company]), MAX_LISTS).await?;
        Ok(found.into_iter().map(|listed| listed.document.state).collect())
    }

    /// Brings the products in step that a list prices, after it changed or went.
    pub async fn reprice_list(&self, list: PriceListId, now: Timestamp) -> Result<usize, Fault> {
        self.reprice(Filter::equal(LIST, list), now).await
    }

    /// Brings the products in step for which a list has begun or ended.
    pub async fn reprice_due(&self, now: Timestamp) -> Result<usize, Fault> {
        let is_due = |product: &Product| {
            product.offers.as_ref().and_then(|offers| offers.changes_at).is_some_and(|change| change <= now)
        };
        let (sort, page) = (Sort::by(OFFER_CHANGE, Direction::Ascending), Page::first(BATCH, "change"));
        let mut written = 0;
        loop {
            // The index brings those first that are due; once written they stand further behind, or nowhere.
            let first = self.products.page(&everything(), Filter::everything(), sort.clone(), &page).await?;
            let due: Vec<_> = first.rows.iter().map(|row| &row.document).filter(|one| is_due(one)).collect();
            let of_these = self.bring_all_in_step(&due, now).await?;
            written += of_these;
            if of_these == 0 {
                return Ok(written);
            }
        }
    }

    /// Brings all products in step, those too that were indexed before offers were.
    pub async fn reprice_all(&self, now: Timestamp) -> Result<usize, Fault> {
        let listed = Filter::Field(LIST.into(), Test::Exists);
        let unindexed = Filter::Field(OFFERED.into(), Test::Exists).negated();
        self.reprice(Filter::Any(vec![listed, unindexed]), now).await
    }

    /// Brings a product in step that was just written, if the lists that it was written by have changed since.
    pub(super) async fn reprice_written(
        &self,
        product: &Product,
        by: &[PriceList],
        now: Timestamp,
    ) -> Result<(), Fault> {
        if !has_listed_prices(product) {
            return Ok(());
        }
        let mut by = by.to_vec();
        loop {
            let lists = self.price_lists_of(product.company).await?;
            if lists == by {
                return Ok(());
            }
            self.bring_in_step(product, &lists, now).await?;
            by = lists;
        }
    }

    async fn reprice(&self, filter: Filter, now: Timestamp) -> Result<usize, Fault> {
        let mut page = Page::first(BATCH, "id");
        let mut written = 0;
        loop {
            let sort = Sort::by_id(Direction::Ascending);
            let rows = self.products.page(&everything(), filter.clone(), sort, &page).await?;
            let products: Vec<_> = rows.rows.iter().map(|row| &row.document).collect();
            written += self.bring_all_in_step(&products, now).await?;
            let last: Option<Cursor> = rows.rows.last().map(Listed::cursor);
            match last.filter(|_| rows.has_next) {
                Some(last) => page.from = Some(last),
                None => return Ok(written),
            }
        }
    }

    /// Brings products in step; how many were written.
    async fn bring_all_in_step(
        &self,
        products: &[&Document<Product>],
        now: Timestamp,
    ) -> Result<usize, Fault> {
        if products.is_empty() {
            return Ok(0);
        }
        let companies: BTreeSet<_> = products.iter().map(|product| product.company).collect();
        let mut lists = self.price_lists_by_company(&companies).await?;
        let mut written = 0;
        loop {
            for product in products {
                let lists = lists.get(&product.company).map(Vec::as_slice).unwrap_or_default();
                written += usize::from(self.bring_in_step(product, lists, now).await?);
            }
            // Whoever writes last must have known the lists as they are now.
            let since = self.price_lists_by_company(&companies).await?;
            if since == lists {
                return Ok(written);
            }
            lists = since;
        }
    }

    async fn price_lists_by_company(
        &self,
        companies: &BTreeSet<CompanyId>,
    ) -> Result<BTreeMap<CompanyId, Vec<PriceList>>, Fault> {
        let filter = Filter::Companies(companies.iter().copied().collect());
        let limit = companies.len().saturating_mul(MAX_LISTS);
        let mut by_company: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for list in self.price_lists.find(&everything(), filter, limit).await? {
            by_company.entry(list.document.company).or_default().push(list.document.state);
        }
        Ok(by_company)
    }

    /// Takes away prices of lists that are gone, which is a change of the product; or else only computes anew what
    /// it is offered for, which is none. Whether anything was written.
    async fn bring_in_step(
        &self,
        product: &Product,
        lists: &[PriceList],
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let id = product.id.to_string();
        if !product.clone().forget_price_lists(|list| lists.iter().any(|own| own.id == list)) {
            let refresh = |known: &Document<Product>| {
                let offers = Some(Offers::of(&known.variants, lists, now));
                (known.offers != offers).then(|| Product { offers, ..known.state.clone() })
            };
            return self.products.refresh(&id, refresh).await;
        }
        let call = Call::new(&Principal::service("catalog"), "reprice", now).within(product.company);
        let mut fault = None;
        let changed = self
            .products
            .change::<(), CatalogErrorCode>(
                &Visibility::everything_for("catalog.reprice"),
                &id,
                &call,
                |key| super::products::taken(key, &[]),
                |known| {
                    let mut state = known.state.clone();
                    state.forget_price_lists(|list| lists.iter().any(|own| own.id == list));
                    state.offers = Some(Offers::of(&state.variants, lists, now));
                    state.updated_at = now;
                    match event("product.updated", &state) {
                        Ok(event) => Ok(Decided { state, events: vec![event], answer: () }),
                        Err(cause) => {
                            fault = Some(cause);
                            Err(vec![CatalogError::not_found()])
                        }
                    }
                },
            )
            .await?;
        fault.map_or(Ok(changed.is_ok()), Err)
    }
}

fn has_listed_prices(product: &Product) -> bool {
    product.variants.iter().flat_map(|variant| variant.prices.iter()).any(|price| price.list.is_some())
}

fn everything() -> View {
    View::new(&Visibility::everything_for("catalog.reprice"), Filter::everything())
}
