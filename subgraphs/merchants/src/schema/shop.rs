//! The entity `Shop`.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object};
use souk_kit::aggregate::Aggregate;
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::ShopId;
use souk_kit::metadata::{MetadataEntry, shown};
use souk_kit::page::{Connection, PageArgs, SortDirection};
use souk_kit::permission::{Action, Resource};

use super::address::Address;
use super::company::Company;
use super::contact::ContactDetails;
use super::opening_hours::OpeningHours;
use super::shop_staff::{self, ShopStaff};
use super::user::User;
use crate::domain::shop;
use crate::store::{ShopById, Shops, Sort, SortField};

/// A shop in the schema.
#[derive(Debug, Clone)]
pub(crate) struct Shop(Arc<shop::Shop>);

impl From<Arc<shop::Shop>> for Shop {
    fn from(shop: Arc<shop::Shop>) -> Self {
        Self(shop)
    }
}

impl From<shop::Shop> for Shop {
    fn from(shop: shop::Shop) -> Self {
        Self(Arc::new(shop))
    }
}

impl Shop {
    /// Looks one up in the caller's scope, together with all others that this level of the query asks for.
    pub(super) async fn with_id(ctx: &Context<'_>, id: ShopId) -> Result<Option<Self>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Shop)?;
        let shops = ctx.store::<Shops>()?;
        let make = || ShopById { shops: shops.clone(), scope: scope.clone() };
        Ok(ctx.loader(&scope, make).one(id).await?.map(Self))
    }
}

/// A shop of a company.
#[Object]
impl Shop {
    /// Its id.
    async fn id(&self) -> ShopId {
        self.0.id
    }

    /// The company that it belongs to.
    async fn company(&self, ctx: &Context<'_>) -> Result<Option<Company>, Fault> {
        Company::with_id(ctx, self.0.company_id).await
    }

    /// Its short name in web addresses; unique within the company.
    async fn slug(&self) -> &str {
        self.0.slug.as_str()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where customers meet it.
    async fn kind(&self) -> ShopKind {
        self.0.kind.into()
    }

    /// What it says of itself.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Where it is. A physical shop always says it.
    async fn address(&self) -> Option<Address> {
        self.0.address.as_ref().map(Address::from)
    }

    /// How customers reach it.
    async fn contact(&self) -> ContactDetails {
        (&self.0.contact).into()
    }

    /// The IANA time zone that its hours are in: `Europe/Berlin`.
    async fn time_zone(&self) -> &str {
        self.0.time_zone.name()
    }

    /// When it is open; null when it does not say.
    async fn opening_hours(&self) -> Option<OpeningHours> {
        self.0.opening_hours.as_ref().map(OpeningHours::from)
    }

    /// Whether its hours say that it is open; null when it states none. While clocks are set back, a period goes
    /// on until they show its end for the last time.
    async fn open_now(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant to ask about; the time of the request when omitted.")] at: Option<
            Timestamp,
        >,
    ) -> Option<bool> {
        self.0.is_open(at.unwrap_or_else(|| ctx.now()))
    }

    /// The person who runs it. For staff.
    async fn manager(&self, ctx: &Context<'_>) -> Result<Option<User>, Fault> {
        ctx.may_see(Resource::Shop, &self.0.tenant())?;
        Ok(self.0.manager.map(User::from))
    }

    /// The people who work in it, in the order of their ids; at most 1,000. For staff.
    async fn staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; at most 100, 20 when omitted.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<Option<Connection<Option<User>, ShopStaff>>, Fault> {
        ctx.may_see(Resource::Shop, &self.0.tenant())?;
        shop_staff::page(&self.0.staff, &PageArgs { first, after, last, before }).map(Some)
    }

    /// What another system calls it; unique among the shops of its company. For staff.
    async fn external_reference(&self, ctx: &Context<'_>) -> Result<Option<&str>, Fault> {
        ctx.may_see(Resource::Shop, &self.0.tenant())?;
        Ok(self.0.external_reference.as_deref())
    }

    /// Private metadata in the order of the keys: at most 100 entries. For staff.
    async fn private_metadata(&self, ctx: &Context<'_>) -> Result<Option<Vec<MetadataEntry>>, Fault> {
        ctx.may_see(Resource::Shop, &self.0.tenant())?;
        Ok(Some(shown(&self.0.private_metadata)))
    }

    /// Whether it does business. Only staff see one that does not, or whose company does not.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Counts its changes; an update names the version that it was made for.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// When it was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// Where customers meet a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "shop::Kind")]
pub(crate) enum ShopKind {
    /// On the web.
    Online,
    /// At its address.
    Physical,
}

/// What lists of shops are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub(crate) enum ShopSortField {
    /// The name, whatever the case.
    Name,
    /// When it was created.
    CreatedAt,
}

/// In which order shops are listed; equal ones by id.
#[derive(Debug, Clone, Copy, InputObject)]
pub(crate) struct ShopSort {
    /// By what.
    field: ShopSortField,
    /// Upwards or downwards.
    #[graphql(default_with = "SortDirection::Asc")]
    direction: SortDirection,
}

impl From<Option<ShopSort>> for Sort {
    fn from(sort: Option<ShopSort>) -> Self {
        sort.map_or(Self::BY_NAME, |sort| Self { field: sort.field.into(), direction: sort.direction })
    }
}
