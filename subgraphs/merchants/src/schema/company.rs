//! The entity `Company`.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object};
use souk_kit::aggregate::Aggregate;
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::metadata::{MetadataEntry, shown};
use souk_kit::page::{Connection, PageArgs, SortDirection};
use souk_kit::permission::{Action, Resource};

use super::address::Address;
use super::contact::ContactDetails;
use super::look::Branding;
use super::plan::CompanyPlan;
use super::settings::CompanySettings;
use super::shop::{Shop, ShopSort};
use super::shop_where::ShopWhere;
use super::user::User;
use crate::domain::company;
use crate::store::{
    Companies, CompanyById, ShopCount, ShopCounts, ShopList, Shops, ShopsOfCompanies, ShopsOfCompany, Sort,
    SortField,
};

/// A company in the schema.
#[derive(Debug, Clone)]
pub(crate) struct Company(Arc<company::Company>);

impl From<company::Company> for Company {
    fn from(company: company::Company) -> Self {
        Self(Arc::new(company))
    }
}

impl Company {
    /// Looks one up in the caller's scope, together with all others that this level of the query asks for.
    pub(super) async fn with_id(ctx: &Context<'_>, id: CompanyId) -> Result<Option<Self>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Company)?;
        let companies = ctx.store::<Companies>()?;
        let make = || CompanyById { companies: companies.clone(), scope: scope.clone() };
        Ok(ctx.loader(&scope, make).one(id).await?.map(Self))
    }
}

/// A company that sells on the platform.
#[Object]
impl Company {
    /// Its id.
    async fn id(&self) -> CompanyId {
        self.0.id
    }

    /// Its short name in web addresses; unique on the platform.
    async fn slug(&self) -> &str {
        self.0.slug.as_str()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Web address of the logo.
    async fn logo(&self) -> Option<&str> {
        self.0.logo.as_deref()
    }

    /// What it says of itself.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// How customers reach it.
    async fn contact(&self) -> ContactDetails {
        (&self.0.contact).into()
    }

    /// Where it has its seat.
    async fn address(&self) -> Option<Address> {
        self.0.address.as_ref().map(Address::from)
    }

    /// How its storefront should look.
    async fn branding(&self) -> Branding {
        (&self.0.branding).into()
    }

    /// How it sells: currencies, languages, time zone, taxes.
    async fn settings(&self) -> CompanySettings {
        CompanySettings(Arc::clone(&self.0))
    }

    /// What it subscribes to on the platform. For company and super administrators.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<CompanyPlan>, Fault> {
        ctx.may_see(Resource::Company, &self.0.tenant())?;
        Ok(Some(CompanyPlan::at(ctx.now(), &self.0.plan)))
    }

    /// The person whom it belongs to. For company and super administrators.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<User>, Fault> {
        ctx.may_see(Resource::Company, &self.0.tenant())?;
        Ok(self.0.owner.map(User::from))
    }

    /// What another system calls it; unique on the platform. For company and super administrators.
    async fn external_reference(&self, ctx: &Context<'_>) -> Result<Option<&str>, Fault> {
        ctx.may_see(Resource::Company, &self.0.tenant())?;
        Ok(self.0.external_reference.as_deref())
    }

    /// Private metadata in the order of the keys: at most 100 entries. For company and super administrators.
    async fn private_metadata(&self, ctx: &Context<'_>) -> Result<Option<Vec<MetadataEntry>>, Fault> {
        ctx.may_see(Resource::Company, &self.0.tenant())?;
        Ok(Some(shown(&self.0.private_metadata)))
    }

    /// Whether it does business. Only company and super administrators see one that does not.
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

    /// Its shops, as far as the caller may see them.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn shops(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where", desc = "Which shops; all when omitted.")] filter: Option<ShopWhere>,
        #[graphql(desc = "In which order; by name when omitted.")] sort: Option<ShopSort>,
        #[graphql(desc = "How many from the front; at most 100, 20 when omitted.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<Connection<Shop>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Shop)?;
        let (shops, now, sort) = (ctx.store::<Shops>()?, ctx.now(), Sort::from(sort));
        let filter = ShopWhere::filter(filter)?;
        let page = PageArgs { first, after, last, before }.page(&sort.name())?;
        let wanted = Arc::new(ShopList { filter: filter.clone(), sort, page, asked: ctx.asked_of_items() });
        let pages =
            ctx.loader(&scope, || ShopsOfCompanies { shops: shops.clone(), scope: scope.clone(), now });
        let Some(slice) = pages.one(ShopsOfCompany { company: self.0.id, list: wanted }).await? else {
            return Ok(Connection::empty());
        };
        let counts = ctx.loader(&scope, || ShopCounts { shops: shops.clone(), scope: scope.clone(), now });
        let counted = ShopCount { company: self.0.id, filter: Arc::new(filter) };
        Ok(slice.connection(
            move |shop| Shops::cursor(shop, sort),
            Shop::from,
            move || {
                let (counts, counted) = (Arc::clone(&counts), counted.clone());
                Box::pin(async move { Ok(counts.one(counted).await?.unwrap_or_default()) })
            },
        ))
    }
}

/// What lists of companies are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub(crate) enum CompanySortField {
    /// The name, whatever the case.
    Name,
    /// When it was created.
    CreatedAt,
}

/// In which order companies are listed; equal ones by id.
#[derive(Debug, Clone, Copy, InputObject)]
pub(crate) struct CompanySort {
    /// By what.
    field: CompanySortField,
    /// Upwards or downwards.
    #[graphql(default_with = "SortDirection::Asc")]
    direction: SortDirection,
}

impl From<Option<CompanySort>> for Sort {
    fn from(sort: Option<CompanySort>) -> Self {
        sort.map_or(Self::BY_NAME, |sort| Self { field: sort.field.into(), direction: sort.direction })
    }
}
