//! Queries of shops.

use async_graphql::{Context, Object, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, ShopKind as ShopIdKind, SoughtId};
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::{Action, Resource};

use super::coordinates::CoordinatesInput;
use super::shop::{Shop, ShopSort};
use super::shop_where::ShopWhere;
use crate::domain::geo::Coordinates;
use crate::store::{Nearby, NearbyShop, ShopFilter, ShopList, Shops, Sort, Wanted};

/// How far one may look, in metres.
const FARTHEST: i32 = 1_000_000;
/// How far one looks unless the client says, in metres.
const USUAL_DISTANCE: i32 = 50_000;

#[derive(Default)]
pub(crate) struct ShopQueries;

/// A shop and how far it is from the point that was asked for.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ShopNearby {
    /// The distance in metres, as the crow flies.
    distance_metres: u32,
    /// The shop.
    shop: Shop,
}

impl From<NearbyShop> for ShopNearby {
    fn from(near: NearbyShop) -> Self {
        Self { distance_metres: near.metres, shop: near.shop.into() }
    }
}

#[Object]
impl ShopQueries {
    /// The shop with this id, or of this company with this slug or external reference. Null when there is none, or
    /// none that the caller may see.
    async fn shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: Option<SoughtId<ShopIdKind>>,
        #[graphql(desc = "The company; goes with `slug` or `externalReference`.")] company: Option<
            SoughtId<CompanyKind>,
        >,
        #[graphql(desc = "The short name within the company.")] slug: Option<String>,
        #[graphql(desc = "What another system calls it. For staff.")] external_reference: Option<String>,
    ) -> Result<Option<Shop>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Shop)?;
        let shops = ctx.store::<Shops>()?;
        match (id, company.map(SoughtId::get), slug, external_reference) {
            (Some(id), None, None, None) => match id.get() {
                Some(id) => Shop::with_id(ctx, id).await,
                None => Ok(None),
            },
            (None, Some(company), Some(slug), None) => {
                let Some(company) = company else { return Ok(None) };
                let found = shops.by_slugs(&scope, company, &[slug.to_lowercase()]).await?;
                Ok(found.into_iter().next().map(Shop::from))
            }
            (None, Some(company), None, Some(reference)) => {
                let Some(company) = company else { return Ok(None) };
                Ok(shops.by_reference(&scope, company, &reference).await?.map(Shop::from))
            }
            _ => Err(Fault::bad_input("give `id`, or `company` with one of `slug` and `externalReference`")),
        }
    }

    /// The shops that the caller may see.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn shops(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(name = "where", desc = "Which shops; all when omitted.")] filter: Option<ShopWhere>,
        #[graphql(desc = "In which order; by name when omitted.")] sort: Option<ShopSort>,
        #[graphql(desc = "How many from the front; at most 100, 20 when omitted.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<Option<Connection<Shop>>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Shop)?;
        let (shops, now, sort) = (ctx.store::<Shops>()?.clone(), ctx.now(), Sort::from(sort));
        let filter = of_company(company, ShopWhere::filter(filter)?);
        let page = PageArgs { first, after, last, before }.page(&sort.name())?;
        let list = ShopList { filter: filter.clone(), sort, page, asked: ctx.asked_of_items() };
        let slice = shops.page(&scope, &list, now).await?;
        Ok(Some(slice.connection(
            |shop| Shops::cursor(shop, sort),
            Shop::from,
            move || {
                let (shops, scope, filter) = (shops.clone(), scope.clone(), filter.clone());
                Box::pin(async move { shops.count(&scope, &filter, now).await })
            },
        )))
    }

    /// The shops around a point that the caller may see, the nearest first.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn shops_nearby(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The point.")] near: CoordinatesInput,
        #[graphql(desc = "How far to look, in metres: 1 to 1000000, 50000 when omitted.")]
        within_metres: Option<i32>,
        #[graphql(desc = "Only those of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(name = "where", desc = "Which shops; all when omitted.")] filter: Option<ShopWhere>,
        #[graphql(desc = "How many; at most 100, 20 when omitted.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<Option<Connection<ShopNearby>>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Shop)?;
        let (shops, now) = (ctx.store::<Shops>()?.clone(), ctx.now());
        let centre = Coordinates::from_degrees(near.latitude, near.longitude)
            .map_err(|reason| Fault::bad_input(format!("`near`: {reason}")))?;
        let within_metres = within_metres.unwrap_or(USUAL_DISTANCE);
        let within = u32::try_from(within_metres)
            .ok()
            .filter(|_| (1..=FARTHEST).contains(&within_metres))
            .ok_or_else(|| Fault::bad_input("`withinMetres` lies between 1 and 1000000"))?;
        let near = Nearby { centre, within };
        let filter = of_company(company, ShopWhere::filter(filter)?);
        let page = PageArgs { first, after, last: None, before: None }.page(&near.name())?;
        let slice = shops.nearby(&scope, &filter, now, (near, &page)).await?;
        Ok(Some(slice.connection(NearbyShop::cursor, ShopNearby::from, move || {
            let (shops, scope, filter) = (shops.clone(), scope.clone(), filter.clone());
            Box::pin(async move { shops.count_nearby(&scope, &filter, now, near).await })
        })))
    }

    /// Resolves shops that other subgraphs refer to.
    #[graphql(entity)]
    async fn shop_entity(
        &self,
        ctx: &Context<'_>,
        #[graphql(key)] id: SoughtId<ShopIdKind>,
    ) -> Result<Option<Shop>, Fault> {
        match id.get() {
            Some(id) => Shop::with_id(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// The same filter within one company; a malformed id names none.
fn of_company(company: Option<SoughtId<CompanyKind>>, filter: ShopFilter) -> ShopFilter {
    match company {
        None => filter,
        Some(company) => ShopFilter {
            companies: Wanted::OneOf(company.get().into_iter().collect()),
            all: vec![filter],
            ..ShopFilter::default()
        },
    }
}
