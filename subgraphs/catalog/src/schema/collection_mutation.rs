//! `collectionCreate`, `collectionUpdate`, `collectionProductsAdd`, `collectionProductsRemove` and
//! `collectionDelete`.

use std::sync::Arc;

use async_graphql::{Context, InputObject, MaybeUndefined, Object, OneofObject, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::money::{Money, MoneyInput};
use souk_kit::permission::{Action, Resource};

use super::attribute_value::AttributeValueInput;
use super::collection::{Collection, CollectionRuleJoin};
use super::content_input::PageContentInput;
use super::loading::Loading;
use super::naming::{Naming, ToDelete, refusals};
use super::variant_input::set;
use crate::domain::attribute::AttributeSet;
use crate::domain::collection::{self, CollectionRefusal, Gathering};
use crate::domain::collection_rule::{Rule, RuleSet};
use crate::domain::content::{Content, ContentRefusal, FieldRefusal};
use crate::domain::ids::{CategoryId, CollectionId, CollectionKind, ProductId};
use crate::domain::slug::{Slug, SlugRefusal};
use crate::error::CatalogError;
use crate::store::collection_writes::{CollectionAnswer, refused};

/// A rule: what a product must be like.
#[derive(Debug, Clone, OneofObject)]
pub enum CollectionRuleInput {
    /// Has the tag.
    Tag(String),
    /// Is of the brand.
    Brand(String),
    /// Stands in the category or below it.
    Category(CategoryId),
    /// Has one of these values of an attribute; each counts as a rule.
    Attribute(AttributeValueInput),
    /// Its lowest base price is below.
    PriceBelow(MoneyInput),
    /// Its lowest base price is this or more.
    PriceFrom(MoneyInput),
}

/// The rules by which a collection gathers its products.
#[derive(Debug, Clone, InputObject)]
pub struct CollectionRuleSetInput {
    /// All or any.
    pub join: CollectionRuleJoin,
    /// At least one, at most 50.
    pub rules: Vec<CollectionRuleInput>,
}

/// A collection to add.
#[derive(Debug, Clone, InputObject)]
pub struct CollectionCreateInput {
    /// The company whose it is.
    pub company: CompanyId,
    /// Its name, at most 255 characters.
    pub name: String,
    /// The address of its page; left out, it is made of the name.
    pub slug: Option<String>,
    /// Its id in another system, unique among the company's collections.
    pub external_reference: MaybeUndefined<String>,
    /// What stands on its page.
    pub content: Option<PageContentInput>,
    /// The rules by which it gathers its products; without them they are put in by hand.
    pub rule_set: Option<CollectionRuleSetInput>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Changes of a collection. What is left out stays as it is; null does the same where nothing else is said of
/// it.
#[derive(Debug, Clone, InputObject)]
pub struct CollectionUpdateInput {
    /// Which collection; else the one with the external reference.
    pub id: Option<CollectionId>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// Its name, at most 255 characters.
    pub name: Option<String>,
    /// The address of its page; the former one redirects.
    pub slug: Option<String>,
    /// Its id in another system, unique among the company's collections. Without an `id` it names the
    /// collection. Null: it has none.
    pub external_reference: MaybeUndefined<String>,
    /// What stands on its page.
    pub content: Option<PageContentInput>,
    /// Rules in place of those, or of the products, before. Null takes the rules away: products are then put in
    /// by hand, and there are none at first.
    pub rule_set: MaybeUndefined<CollectionRuleSetInput>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Products to put into a collection by hand, or to take out.
#[derive(Debug, Clone, InputObject)]
pub struct CollectionProductsInput {
    /// Which collection; else the one with the external reference.
    pub id: Option<CollectionId>,
    /// Its id in another system, instead of `id`.
    pub external_reference: Option<String>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The products, at most 100 at once.
    pub products: Vec<ProductId>,
    /// When adding: the product to stand before; null is the end.
    pub before: Option<ProductId>,
    /// The version that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Which collection goes.
#[derive(Debug, Clone, InputObject)]
pub struct CollectionDeleteInput {
    /// Which collection; else the one with the external reference.
    pub id: Option<CollectionId>,
    /// Its id in another system, instead of `id`.
    pub external_reference: Option<String>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing happens. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// The collection afterwards, or why nothing changed.
#[derive(SimpleObject)]
pub struct CollectionPayload {
    /// The collection as it is now; null when it is gone or the call was refused.
    collection: Option<Collection>,
    /// The id of the collection that is gone, after `collectionDelete`.
    deleted_id: Option<CollectionId>,
    /// Why the call was refused; empty when it took effect.
    user_errors: Vec<CatalogError>,
}

/// What can be done to collections.
#[derive(Default)]
pub struct CollectionMutation;

#[Object]
impl CollectionMutation {
    /// Adds a collection. For company and super administrators.
    async fn collection_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The collection.")] input: CollectionCreateInput,
    ) -> Result<Option<CollectionPayload>, Fault> {
        let scope = ctx.may(Action::Create, Resource::Collection)?;
        let (company, call) = (input.company, ctx.call()?.within(input.company));
        let attributes = ctx.attribute_set(company).await?;
        let attributes = attributes.as_deref().map(|document| &document.state);
        let rules = match input.rule_set.map(|set| rule_set(set, attributes)).transpose() {
            Ok(rules) => rules,
            Err(refusal) => return Ok(Some(nothing(vec![refused("ruleSet", &refusal)]))),
        };
        let (id, name, slug) = (CollectionId::new(call.now), input.name, input.slug);
        let change = PageContentInput::change(input.content, None, None, input.external_reference);
        let make = |attempt: usize| {
            let wanted = wanted_slug(slug.as_deref(), &name, id, attempt)?;
            let mut content = Content::new(&name, wanted).map_err(of_content)?;
            content.apply(change.clone()).map_err(of_content)?;
            let gathering = Gathering::Manual(Vec::new());
            let (created_at, updated_at) = (call.now, call.now);
            let mut made = collection::Collection { id, company, content, gathering, created_at, updated_at };
            if let Some(rules) = rules.clone() {
                made.gather_by(rules).map_err(|refusal| ("ruleSet", refusal))?;
            }
            Ok(made)
        };
        let answer = ctx.catalog()?.create_collection(&scope, &call, company, slug.is_none(), make).await?;
        written(ctx, answer).await.map(Some)
    }

    /// Changes a collection: all that is asked, or nothing. For company and super administrators.
    async fn collection_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: CollectionUpdateInput,
    ) -> Result<Option<CollectionPayload>, Fault> {
        let naming = Naming::new(input.id, input.external_reference.value(), input.company);
        let attributes = match naming.find(ctx, &ctx.may(Action::Update, Resource::Collection)?).await? {
            Ok((_, company)) => ctx.attribute_set(company).await?,
            Err(_) => None,
        };
        let attributes = attributes.as_deref().map(|document| &document.state);
        let rules = set(input.rule_set).map(|set| set.map(|set| rule_set(set, attributes)).transpose());
        let rules = match rules.transpose() {
            Ok(rules) => rules,
            Err(refusal) => return Ok(Some(nothing(vec![refused("ruleSet", &refusal)]))),
        };
        let change =
            PageContentInput::change(input.content, input.name, input.slug, input.external_reference);
        change_collection(ctx, naming, |known| {
            known.content.apply(change.clone()).map_err(of_content)?;
            match rules.clone() {
                Some(Some(rules)) => known.gather_by(rules).map_err(|refusal| ("ruleSet", refusal))?,
                Some(None) => known.gather_by_hand(),
                None => {}
            }
            Ok(())
        })
        .await
        .map(Some)
    }

    /// Puts products into a collection by hand; those that are in already move. For company and super
    /// administrators.
    async fn collection_products_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and where.")] input: CollectionProductsInput,
    ) -> Result<Option<CollectionPayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::Collection)?;
        let catalog = ctx.catalog()?;
        let naming = Naming::new(input.id, input.external_reference.as_ref(), input.company);
        let (_, company) = match naming.find(ctx, &scope).await? {
            Ok(found) => found,
            Err(error) => return Ok(Some(nothing(vec![error]))),
        };
        if input.products.len() > 100 {
            return Ok(Some(nothing(vec![refused("products", &CollectionRefusal::TooManyProducts)])));
        }
        if !catalog.has_products(company, &input.products).await? {
            return Ok(Some(nothing(vec![refused("products", &CollectionRefusal::ProductUnknown)])));
        }
        let place = |refusal| ("products", refusal);
        change_collection(ctx, naming, |known| known.add(&input.products, input.before).map_err(place))
            .await
            .map(Some)
    }

    /// Takes products out of a collection into which they were put by hand. For company and super administrators.
    async fn collection_products_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: CollectionProductsInput,
    ) -> Result<Option<CollectionPayload>, Fault> {
        let place = |refusal| ("products", refusal);
        let naming = Naming::new(input.id, input.external_reference.as_ref(), input.company);
        change_collection(ctx, naming, |known| known.remove(&input.products).map_err(place)).await.map(Some)
    }

    /// Deletes a collection; its products stay. For company and super administrators.
    async fn collection_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which collection.")] input: CollectionDeleteInput,
    ) -> Result<Option<CollectionPayload>, Fault> {
        let scope = ctx.may(Action::Delete, Resource::Collection)?;
        let naming = Naming::new(input.id, input.external_reference.as_ref(), input.company);
        let ToDelete { id, call, unfound } = naming.to_delete(ctx, &scope).await?;
        let answer = ctx.catalog()?.delete_collection(&scope, &call, id).await?;
        Ok(Some(match answer {
            Ok(gone) => CollectionPayload { deleted_id: Some(gone.id), ..nothing(Vec::new()) },
            Err(user_errors) => nothing(refusals(unfound, user_errors)),
        }))
    }
}

async fn change_collection(
    ctx: &Context<'_>,
    naming: Naming<CollectionKind>,
    decide: impl Fn(&mut collection::Collection) -> Result<(), FieldRefusal<CollectionRefusal>>,
) -> Result<CollectionPayload, Fault> {
    let scope = ctx.may(Action::Update, Resource::Collection)?;
    let (id, company) = match naming.find(ctx, &scope).await? {
        Ok(found) => found,
        Err(error) => return Ok(nothing(vec![error])),
    };
    let call = ctx.call()?.within(company);
    let answer = ctx.catalog()?.change_collection(&scope, &call, id, decide).await?;
    written(ctx, answer).await
}

fn nothing(user_errors: Vec<CatalogError>) -> CollectionPayload {
    CollectionPayload { collection: None, deleted_id: None, user_errors }
}

async fn written(ctx: &Context<'_>, answer: CollectionAnswer) -> Result<CollectionPayload, Fault> {
    let done = match answer {
        Ok(done) => done,
        Err(user_errors) => return Ok(nothing(user_errors)),
    };
    let (_, view) = ctx.view_of_companies(Resource::Collection).await?;
    let found = ctx.catalog()?.collections.get(&view, &done.id.to_string()).await?;
    let collection = found.map(|document| Collection::from(Arc::new(document)));
    Ok(CollectionPayload { collection, ..nothing(Vec::new()) })
}

fn wanted_slug(
    given: Option<&str>,
    name: &str,
    id: CollectionId,
    attempt: usize,
) -> Result<Slug, FieldRefusal<CollectionRefusal>> {
    let refuse = |refusal: SlugRefusal| ("slug", ContentRefusal::from(refusal).into());
    if let Some(given) = given {
        return Slug::parse(given).map_err(refuse);
    }
    let derived = Slug::derive(name).ok_or_else(|| refuse(SlugRefusal))?;
    Ok(if attempt == 0 { derived } else { derived.with_suffix(&id.to_string()) })
}

fn of_content((field, refusal): FieldRefusal<ContentRefusal>) -> FieldRefusal<CollectionRefusal> {
    (field, refusal.into())
}

/// The rules with the values of attributes as the company's products carry them.
fn rule_set(
    input: CollectionRuleSetInput,
    attributes: Option<&AttributeSet>,
) -> Result<RuleSet, CollectionRefusal> {
    let mut rules = Vec::new();
    for rule in input.rules {
        match rule {
            CollectionRuleInput::Tag(tag) => rules.push(Rule::Tag(tag)),
            CollectionRuleInput::Brand(brand) => rules.push(Rule::Brand(brand)),
            CollectionRuleInput::Category(category) => rules.push(Rule::Category(category)),
            CollectionRuleInput::Attribute(AttributeValueInput { code, values }) => {
                rules.extend(values.into_iter().map(|value| {
                    let value = attributes.map_or_else(|| value.clone(), |set| set.canonical(&code, &value));
                    Rule::Attribute { code: code.clone(), value }
                }));
            }
            CollectionRuleInput::PriceBelow(limit) => {
                let Money { amount_minor, currency } =
                    Money::try_from(limit).map_err(|_| CollectionRefusal::Rules)?;
                rules.push(Rule::PriceBelow { currency, amount_minor });
            }
            CollectionRuleInput::PriceFrom(limit) => {
                let Money { amount_minor, currency } =
                    Money::try_from(limit).map_err(|_| CollectionRefusal::Rules)?;
                rules.push(Rule::PriceFrom { currency, amount_minor });
            }
        }
    }
    Ok(RuleSet { join: input.join.into(), rules })
}
