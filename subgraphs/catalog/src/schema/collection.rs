//! `Collection` in the schema.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::documents::{Document, Filter};
use souk_kit::fault::Fault;
use souk_kit::id::{ShopKind, SoughtId};
use souk_kit::metadata::{self, MetadataEntry};
use souk_kit::money::{CurrencyCode, Money};
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::{Resource, Tenant};

use super::company::Company;
use super::loading::Loading;
use super::product::Product;
use super::product_list::{self, ProductListArgs, ProductSort};
use super::product_where::ProductWhere;
use super::texts::{self, Seo, Translation, reader_locale};
use crate::domain::collection::{self, Gathering};
use crate::domain::collection_rule::{self, Join, Rule};
use crate::domain::ids::{CategoryId, CollectionId};
use crate::store::gathering;

/// Whether a product must meet all rules or any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "collection_rule::Join")]
pub enum CollectionRuleJoin {
    /// All of them.
    All,
    /// One of them.
    Any,
}

/// A rule of a collection: what a product must be like. Exactly one field is set.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct CollectionRule {
    /// Has the tag.
    tag: Option<String>,
    /// Is of the brand.
    brand: Option<String>,
    /// Stands in the category or below it.
    category: Option<CategoryId>,
    /// Has a value of an attribute, as `code=value`.
    attribute: Option<String>,
    /// Its lowest base price is below.
    price_below: Option<Money>,
    /// Its lowest base price is this or more.
    price_from: Option<Money>,
}

/// The rules by which a collection gathers its products.
#[derive(Debug, Clone, SimpleObject)]
pub struct CollectionRuleSet {
    /// All or any.
    join: CollectionRuleJoin,
    /// At least one, at most 50.
    rules: Vec<CollectionRule>,
}

/// Products put together by hand or by rule.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Collection {
    /// Its id.
    id: CollectionId,
    /// Counts its changes; updates name the one they saw.
    version: i64,
    /// Its id in another system, unique among the company's collections.
    external_reference: Option<String>,
    /// The address of its page, unique among the company's collections.
    slug: String,
    /// The rules by which it gathers its products; null when they are put in by hand.
    rule_set: Option<CollectionRuleSet>,
    /// When it was created.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
    #[graphql(skip)]
    document: Arc<Document<collection::Collection>>,
}

impl From<Arc<Document<collection::Collection>>> for Collection {
    fn from(document: Arc<Document<collection::Collection>>) -> Self {
        let rule_set = match &document.gathering {
            Gathering::Manual(_) => None,
            Gathering::Rules(set) => Some(CollectionRuleSet {
                join: Join::into(set.join),
                rules: set.rules.iter().map(CollectionRule::from).collect(),
            }),
        };
        Self {
            id: document.id,
            version: document.version,
            external_reference: document.content.external_reference.clone(),
            slug: document.content.slug.to_string(),
            rule_set,
            created_at: document.created_at,
            updated_at: document.updated_at,
            document,
        }
    }
}

impl From<&Rule> for CollectionRule {
    fn from(rule: &Rule) -> Self {
        let none = Self::default();
        match rule {
            Rule::Tag(tag) => Self { tag: Some(tag.clone()), ..none },
            Rule::Brand(brand) => Self { brand: Some(brand.clone()), ..none },
            Rule::Category(category) => Self { category: Some(*category), ..none },
            Rule::Attribute { code, value } => Self { attribute: Some(format!("{code}={value}")), ..none },
            Rule::PriceBelow { currency, amount_minor } => {
                Self { price_below: Some(Money::new(*amount_minor, *currency)), ..none }
            }
            Rule::PriceFrom { currency, amount_minor } => {
                Self { price_from: Some(Money::new(*amount_minor, *currency)), ..none }
            }
        }
    }
}

#[ComplexObject]
impl Collection {
    /// The company whose it is.
    async fn company(&self) -> Option<Company> {
        Some(Company::from(self.document.company))
    }

    /// Name, in the nearest locale that has one.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<String, Fault> {
        let (locale, content) = (reader_locale(ctx, locale.as_deref())?, &self.document.content);
        let translated = content.translations.pick(locale.as_ref(), |t| t.name.clone());
        Ok(translated.unwrap_or_else(|| content.name.clone()))
    }

    /// Description as safe HTML.
    async fn description_html(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<String, Fault> {
        let (locale, content) = (reader_locale(ctx, locale.as_deref())?, &self.document.content);
        let translated = content.translations.pick(locale.as_ref(), |t| t.description.as_ref());
        Ok(translated.unwrap_or(&content.description).html.clone())
    }

    /// What search engines are told.
    async fn seo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<Seo, Fault> {
        let (locale, content) = (reader_locale(ctx, locale.as_deref())?, &self.document.content);
        Ok(texts::seo(&content.seo, &content.translations, locale.as_ref()))
    }

    /// Its translations as they were entered, at most 50.
    async fn translations(&self) -> Vec<Translation> {
        texts::shown(&self.document.content.translations)
    }

    /// What integrators note on it, for everyone to see: at most 100 entries.
    async fn metadata(&self) -> Vec<MetadataEntry> {
        metadata::shown(&self.document.content.metadata.public)
    }

    /// What integrators note on it, for staff: at most 100 entries.
    async fn private_metadata(&self, ctx: &Context<'_>) -> Result<Option<Vec<MetadataEntry>>, Fault> {
        ctx.may_see(Resource::Collection, &Tenant::company(self.document.company))?;
        Ok(Some(metadata::shown(&self.document.content.metadata.private)))
    }

    /// Its products. Asked of many collections at once, all pages are read together, fifty to a query.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every product list")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(name = "where", desc = "Which products.")] filter: Option<ProductWhere>,
        #[graphql(desc = "In which order; when not said: as they were put in, or by rule the newest first.")]
        sort: Option<ProductSort>,
        #[graphql(desc = "The currency of filters and sorts by price; else the company's own.")]
        currency: Option<CurrencyCode>,
        #[graphql(desc = "Only what is offered in this shop; filters and sorts by price go by its prices.")]
        shop: Option<SoughtId<ShopKind>>,
    ) -> Result<Connection<Product>, Fault> {
        let company = self.document.company;
        let in_order = match &self.document.gathering {
            Gathering::Manual(products) if sort.is_none() => Some(products.clone()),
            Gathering::Manual(_) | Gathering::Rules(_) => None,
        };
        let gathered = match &self.document.gathering {
            Gathering::Manual(products) => Filter::Ids(products.iter().map(ToString::to_string).collect()),
            Gathering::Rules(set) => gathering::filter(set, &*ctx.tree(company).await?),
        };
        let within = Filter::All(vec![Filter::Companies(vec![company]), gathered]);
        let page = PageArgs { first, after, last, before };
        let args = ProductListArgs { company: Some(company), within, page, filter, sort, currency, shop };
        match in_order {
            Some(order) => product_list::list_in_order(ctx, args, order).await,
            None => product_list::list(ctx, args).await,
        }
    }
}
