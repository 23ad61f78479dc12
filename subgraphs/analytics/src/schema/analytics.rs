//! `Analytics`: the figures of a company or shop in a range of time, where every question of them starts.

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono_tz::Tz;
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::{Action, Resource};

use super::figures::AnalyticsFigures;
use super::lists::{self, ListFigures, PositionFigures, ProductFigures, SearchFigures, TrendingProduct};
use super::series::{self, AnalyticsInterval, AnalyticsPoint};
use crate::domain::calendar::{LONGEST, YEARS, hours_of, is_told_of};
use crate::domain::hour::Hour;
use crate::domain::measures::{search_texts, search_texts_without_results};
use crate::facts::Facts;
use crate::store::reports::{Asked, Shops};

/// What visitors did in a range of time. Figures are of whole hours, an event counting in the hour in which it happened;
/// they are complete a few seconds after the event has arrived, which may be up to 48 hours after it happened.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Analytics {
    /// When the first hour begins.
    from: Timestamp,
    /// When the last hour ends.
    until: Timestamp,
    /// The IANA time zone that days begin in: the company's.
    time_zone: String,
    #[graphql(skip)]
    zone: Tz,
    #[graphql(skip)]
    asked: Asked,
}

impl Analytics {
    pub(super) async fn of(
        ctx: &Context<'_>,
        company: CompanyId,
        shops: Shops,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Option<Self>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Analytics)?;
        if !(is_told_of(from) && is_told_of(until)) {
            let (first, last) = (YEARS.start(), YEARS.end());
            return Err(Fault::bad_input(format!("figures are told of the years {first} to {last}")));
        }
        if from >= until {
            return Err(Fault::bad_input("`until` must be later than `from`"));
        }
        if Hour::from(until).0 - Hour::of(from).0 > LONGEST {
            return Err(Fault::bad_input("figures are told of 366 days at most"));
        }
        let Some(fact) = ctx.store::<Facts>()?.company(company).await? else { return Ok(None) };
        let zone = fact.time_zone.parse().unwrap_or(Tz::UTC);
        let hours = hours_of(from, until, zone);
        Ok(Some(Self {
            from: hours.start.begins(),
            until: hours.end.begins(),
            time_zone: zone.name().to_owned(),
            zone,
            asked: Asked { scope, company, shops, hours },
        }))
    }
}

#[ComplexObject]
impl Analytics {
    /// The figures of the whole range.
    async fn totals(&self, ctx: &Context<'_>) -> Result<AnalyticsFigures, Fault> {
        AnalyticsFigures::of(ctx, self.asked.clone()).await
    }

    /// The figures of each hour or day of the range, the earliest first. Also those in which nothing happened.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long each point is.")] interval: AnalyticsInterval,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Connection<AnalyticsPoint>, Fault> {
        series::points(ctx, &self.asked, self.zone, interval, &PageArgs { first, after, last, before }).await
    }

    /// The products that were looked at, those with the most views first.
    async fn top_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Connection<ProductFigures>, Fault> {
        lists::top_products(ctx, &self.asked, &PageArgs { first, after, last, before }).await
    }

    /// The products that were popular at the end of the range, the most popular first: views and clicks of the week
    /// before it, the later ones counting more.
    async fn trending_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Connection<TrendingProduct>, Fault> {
        lists::trending_products(ctx, &self.asked, &PageArgs { first, after, last, before }).await
    }

    /// The lists of products that were looked at, those with the most views first.
    async fn top_lists(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Connection<ListFigures>, Fault> {
        lists::top_lists(ctx, &self.asked, &PageArgs { first, after, last, before }).await
    }

    /// What was searched for and found, the most frequent first. Of visitors who have agreed to it.
    async fn popular_searches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Connection<SearchFigures>, Fault> {
        let page = PageArgs { first, after, last, before };
        lists::searches(ctx, &self.asked, search_texts::MEASURE.name, &page).await
    }

    /// What was searched for and not found, the most frequent first. Of visitors who have agreed to it.
    async fn searches_without_results(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Connection<SearchFigures>, Fault> {
        let page = PageArgs { first, after, last, before };
        lists::searches(ctx, &self.asked, search_texts_without_results::MEASURE.name, &page).await
    }

    /// How often results were clicked by where they stood, from the first position to the last that was shown; at most
    /// 50, and what stood further behind counts as the fiftieth.
    async fn click_through(&self, ctx: &Context<'_>) -> Result<Vec<PositionFigures>, Fault> {
        lists::click_through(ctx, &self.asked).await
    }
}
