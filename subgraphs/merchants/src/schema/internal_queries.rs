//! What other subgraphs ask about companies and shops: in no public schema, and for service principals alone.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, ShopId, ShopKind as ShopIdKind, SoughtId};
use souk_kit::money::CurrencyCode;

use super::shop::ShopKind;
use crate::domain::{company, shop};
use crate::store::{Companies, Shops};

/// How many facts one call asks for at most.
const LARGEST_BATCH: usize = 100;

#[derive(Default)]
pub(crate) struct InternalQueries;

/// What other subgraphs know of a company.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(inaccessible)]
pub(crate) struct CompanyFacts {
    /// The id.
    id: CompanyId,
    /// Its short name in web addresses.
    slug: String,
    /// The name.
    name: String,
    /// What its prices are in.
    currency: CurrencyCode,
    /// What customers may pay in; at most 50.
    accepted_currencies: Vec<CurrencyCode>,
    /// The languages of its texts; the first is the default. At most 50.
    locales: Vec<String>,
    /// The IANA time zone that its days begin in.
    time_zone: String,
    /// The usual rate of tax, in parts per million.
    tax_rate_ppm: i32,
    /// Whether the prices it enters include tax.
    prices_include_tax: bool,
    /// Whether it does business.
    active: bool,
    /// Its version, to tell older facts from newer.
    version: i64,
}

/// What other subgraphs know of a shop.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(inaccessible)]
pub(crate) struct ShopFacts {
    /// The id.
    id: ShopId,
    /// The id of its company.
    company: CompanyId,
    /// Its short name within the company.
    slug: String,
    /// The name.
    name: String,
    /// Where customers meet it.
    kind: ShopKind,
    /// The IANA time zone that its hours are in.
    time_zone: String,
    /// Whether it does business; its company may still be deactivated.
    active: bool,
    /// Its version, to tell older facts from newer.
    version: i64,
}

#[Object]
impl InternalQueries {
    /// Facts of companies by id, in the order of `ids`; null for those that do not exist, at most 100.
    #[graphql(inaccessible)]
    async fn company_facts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids; at most 100.")] ids: Vec<SoughtId<CompanyKind>>,
    ) -> Result<Vec<Option<CompanyFacts>>, Fault> {
        let scope = ctx.only_services()?;
        let ids: Vec<Option<CompanyId>> = ids.into_iter().map(SoughtId::get).collect();
        let known: Vec<CompanyId> = bounded(&ids)?.iter().copied().flatten().collect();
        let found = ctx.store::<Companies>()?.many(&scope, &known).await?;
        let facts = ids.into_iter().map(|id| id.and_then(|id| found.get(&id)));
        Ok(facts.map(|company| company.map(|company| CompanyFacts::of(company))).collect())
    }

    /// Facts of companies by slug, in the order of `slugs`; null for those that do not exist, at most 100.
    #[graphql(inaccessible)]
    async fn company_facts_by_slug(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The slugs; at most 100.")] slugs: Vec<String>,
    ) -> Result<Vec<Option<CompanyFacts>>, Fault> {
        let scope = ctx.only_services()?;
        let found = ctx.store::<Companies>()?.by_slugs(&scope, bounded(&slugs)?).await?;
        let facts: HashMap<&str, &company::Company> =
            found.iter().map(|company| (company.slug.as_str(), company)).collect();
        Ok(slugs
            .iter()
            .map(|slug| facts.get(slug.as_str()).map(|company| CompanyFacts::of(company)))
            .collect())
    }

    /// Facts of shops by id, in the order of `ids`; null for those that do not exist, at most 100.
    #[graphql(inaccessible)]
    async fn shop_facts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids; at most 100.")] ids: Vec<SoughtId<ShopIdKind>>,
    ) -> Result<Vec<Option<ShopFacts>>, Fault> {
        let scope = ctx.only_services()?;
        let ids: Vec<Option<ShopId>> = ids.into_iter().map(SoughtId::get).collect();
        let known: Vec<ShopId> = bounded(&ids)?.iter().copied().flatten().collect();
        let found: HashMap<ShopId, Arc<shop::Shop>> = ctx.store::<Shops>()?.many(&scope, &known).await?;
        let facts = ids.into_iter().map(|id| id.and_then(|id| found.get(&id)));
        Ok(facts.map(|shop| shop.map(|shop| ShopFacts::of(shop))).collect())
    }

    /// Facts of a company's shops by slug, in the order of `slugs`; null for those that do not exist, at most 100.
    #[graphql(inaccessible)]
    async fn shop_facts_by_slug(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the company.")] company: SoughtId<CompanyKind>,
        #[graphql(desc = "The slugs; at most 100.")] slugs: Vec<String>,
    ) -> Result<Vec<Option<ShopFacts>>, Fault> {
        let scope = ctx.only_services()?;
        let found = match company.get() {
            Some(company) => ctx.store::<Shops>()?.by_slugs(&scope, company, bounded(&slugs)?).await?,
            None => Vec::new(),
        };
        let facts: HashMap<&str, &shop::Shop> = found.iter().map(|shop| (shop.slug.as_str(), shop)).collect();
        Ok(slugs.iter().map(|slug| facts.get(slug.as_str()).map(|shop| ShopFacts::of(shop))).collect())
    }
}

impl CompanyFacts {
    fn of(company: &company::Company) -> Self {
        let settings = &company.settings;
        Self {
            id: company.id,
            slug: company.slug.to_string(),
            name: company.name.clone(),
            currency: settings.currency.into(),
            accepted_currencies: settings
                .accepted_currencies
                .iter()
                .copied()
                .map(CurrencyCode::from)
                .collect(),
            locales: settings.locales.clone(),
            time_zone: settings.time_zone.name().to_owned(),
            tax_rate_ppm: settings.tax_rate_ppm,
            prices_include_tax: settings.prices_include_tax,
            active: company.active,
            version: company.version,
        }
    }
}

impl ShopFacts {
    fn of(shop: &shop::Shop) -> Self {
        Self {
            id: shop.id,
            company: shop.company_id,
            slug: shop.slug.to_string(),
            name: shop.name.clone(),
            kind: shop.kind.into(),
            time_zone: shop.time_zone.name().to_owned(),
            active: shop.active,
            version: shop.version,
        }
    }
}

fn bounded<T>(asked: &[T]) -> Result<&[T], Fault> {
    if asked.len() > LARGEST_BATCH {
        return Err(Fault::bad_input("at most 100 are answered at once"));
    }
    Ok(asked)
}
