//! `AnalyticsFigures`: what is counted in a stretch of time. A measure that is a mere count is one field here.

use std::collections::BTreeMap;

use async_graphql::{ComplexObject, Context, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;

use super::number::{count, wholes};
use crate::domain::measures::{
    list_views, products_created, products_published, result_clicks, searches, searches_without_results,
    shops_closed, shops_opened, viewing_ms, views,
};
use crate::store::reports::{Asked, Reports};

/// What is counted in a stretch of time. A count above 2,147,483,647 is told as that.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub(crate) struct AnalyticsFigures {
    /// Views of products.
    views: i32,
    /// How long products were looked at, in seconds; of one view half an hour at most.
    viewing_seconds: f64,
    /// Views of lists of products.
    list_views: i32,
    /// Searches.
    searches: i32,
    /// Searches that found nothing.
    searches_without_results: i32,
    /// Clicks on the results of searches.
    result_clicks: i32,
    /// Products that were made. They belong to no single shop, so a shop has none.
    products_created: i32,
    /// Products that became active for the first time. They belong to no single shop, so a shop has none.
    products_published: i32,
    /// Shops that were opened: made, or activated again.
    shops_opened: i32,
    /// Shops that were closed: deactivated.
    shops_closed: i32,
    #[graphql(skip)]
    asked: Asked,
}

impl AnalyticsFigures {
    pub(super) async fn of(ctx: &Context<'_>, asked: Asked) -> Result<Self, Fault> {
        let counts = ctx.store::<Reports>()?.counts(&asked).await?;
        Ok(Self::sum(counts.values(), asked))
    }

    /// The sum of what is counted in some hours.
    pub(super) fn sum<'c>(counts: impl Iterator<Item = &'c BTreeMap<String, i64>>, asked: Asked) -> Self {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for (measure, amount) in counts.flatten() {
            let sum = sums.entry(measure).or_default();
            *sum = sum.saturating_add(*amount);
        }
        let sum = |name: &str| sums.get(name).copied().unwrap_or_default();
        let of = |name: &str| count(sum(name));
        Self {
            views: of(views::MEASURE.name),
            viewing_seconds: wholes(sum(viewing_ms::MEASURE.name)),
            list_views: of(list_views::MEASURE.name),
            searches: of(searches::MEASURE.name),
            searches_without_results: of(searches_without_results::MEASURE.name),
            result_clicks: of(result_clicks::MEASURE.name),
            products_created: of(products_created::MEASURE.name),
            products_published: of(products_published::MEASURE.name),
            shops_opened: of(shops_opened::MEASURE.name),
            shops_closed: of(shops_closed::MEASURE.name),
            asked,
        }
    }
}

#[ComplexObject]
impl AnalyticsFigures {
    /// Different visitors, of those who have agreed to being told apart: exact up to 256, above that an estimate, off by
    /// 1.6 % in the mean. Whoever comes in two calendar months (of UTC) counts in each.
    async fn visitors(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        Ok(count(ctx.store::<Reports>()?.visitors(&self.asked).await?.count()))
    }
}
