//! `Attribute` in the schema, and `attributeCreate`, `attributeUpdate` and `attributeDelete`.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, MaybeUndefined, Object, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::documents::Filter;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, SoughtId};
use souk_kit::page::{Connection, Cursor, PageArgs};
use souk_kit::permission::{Action, Resource};

use super::attribute_value::AttributeType;
use super::loading::Loading;
use super::parts::Parts;
use super::variant_input::set;
use crate::domain::attribute::{self, AttributeRefusal, AttributeSet};
use crate::domain::ids::AttributeId;
use crate::error::CatalogError;
use crate::store::attribute_sets::AttributeSets;
use crate::store::attribute_writes::refused;
use crate::store::product_writes::reaches;

/// How many companies' attributes are read at once.
const SETS_AT_ONCE: usize = 20;

/// A typed attribute that a company has defined for its products and variants.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Attribute {
    /// Its id.
    id: AttributeId,
    /// Counts its changes; updates name the one they saw.
    version: i64,
    /// What values refer to; unique in the company, never changed.
    code: String,
    /// What people call it.
    name: String,
    /// What its values are; never changed.
    kind: AttributeType,
    /// The unit that a number is in.
    unit: Option<String>,
    #[graphql(skip)]
    choices: Vec<String>,
}

/// What may be chosen as the value of an attribute.
#[derive(Debug, Clone, SimpleObject)]
pub struct AttributeChoice {
    /// The value.
    value: String,
}

#[ComplexObject]
impl Attribute {
    /// What may be chosen, in the order in which it is offered; nothing where any value may be given.
    async fn choices(
        &self,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Connection<AttributeChoice>, Fault> {
        let cursor = |choice: &String| Cursor(vec![choice.as_str().into()]);
        let page = PageArgs { first, after, last, before }.page("choices")?;
        let total = self.choices.len() as u64;
        Ok(page.of_whole(self.choices.clone(), cursor)?.connection(
            cursor,
            |value| AttributeChoice { value },
            move || Box::pin(std::future::ready(Ok(total))),
        ))
    }
}

impl From<&attribute::Attribute> for Attribute {
    fn from(own: &attribute::Attribute) -> Self {
        Self {
            id: own.id,
            version: own.version,
            code: own.code.clone(),
            name: own.name.clone(),
            kind: own.kind.into(),
            unit: own.unit.clone(),
            choices: own.choices.clone(),
        }
    }
}

/// An attribute to define.
#[derive(Debug, Clone, InputObject)]
pub struct AttributeCreateInput {
    /// The company that defines it.
    pub company: CompanyId,
    /// What values refer to: lower-case letters and digits, joined by single hyphens.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What its values are.
    pub kind: AttributeType,
    /// The unit that a number is in.
    pub unit: Option<String>,
    /// What may be chosen; needed by the types that choose, and only by them.
    #[graphql(default)]
    pub choices: Vec<String>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Changes of an attribute. What is left out stays as it is; null does the same where nothing else is said of
/// it.
#[derive(Debug, Clone, InputObject)]
pub struct AttributeUpdateInput {
    /// The company that has defined it.
    pub company: CompanyId,
    /// Which attribute.
    pub id: AttributeId,
    /// The version that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// What people call it.
    pub name: Option<String>,
    /// The unit that a number is in. Null: none.
    pub unit: MaybeUndefined<String>,
    /// What may be chosen, in place of what was before; values that are set already stay.
    pub choices: Option<Vec<String>>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Which attribute goes.
#[derive(Debug, Clone, InputObject)]
pub struct AttributeDeleteInput {
    /// The company that has defined it.
    pub company: CompanyId,
    /// Which attribute.
    pub id: AttributeId,
    /// The version that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// The attribute, or why nothing changed.
#[derive(SimpleObject)]
pub struct AttributePayload {
    /// The attribute as it is now, or was when it went; null when the call was refused.
    attribute: Option<Attribute>,
    /// Why the call was refused; empty when it took effect.
    user_errors: Vec<CatalogError>,
}

/// Looks attributes up.
#[derive(Default)]
pub struct AttributeQuery;

#[Object]
impl AttributeQuery {
    /// Attributes, of each company in the order in which it defined them. Without `company`: of every company that the
    /// caller sees.
    async fn attributes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Attribute>>, Fault> {
        let company = match company.map(SoughtId::get) {
            Some(None) => return Ok(Some(Connection::empty())),
            found => found.flatten(),
        };
        list(ctx, company, &PageArgs { first, after, last, before }).await.map(Some)
    }
}

/// A page of the attributes of a company, or of all that the caller sees.
pub(super) async fn list(
    ctx: &Context<'_>,
    company: Option<CompanyId>,
    page: &PageArgs,
) -> Result<Connection<Attribute>, Fault> {
    let (scope, view) = ctx.view_of_companies(Resource::Attribute).await?;
    let filter = match company {
        Some(company) => Filter::Ids(vec![company.to_string()]),
        None => Filter::everything(),
    };
    let parts = Parts::<AttributeSets, Attribute> {
        documents: ctx.catalog()?.attributes.clone(),
        scope,
        view,
        filter,
        at_once: SETS_AT_ONCE,
        take: Arc::new(|set| {
            set.attributes.iter().map(|own| (own.id.to_string(), Attribute::from(own))).collect()
        }),
    };
    parts.connection(ctx, page, |attribute| attribute).await
}

/// What can be done to attributes.
#[derive(Default)]
pub struct AttributeMutation;

#[Object]
impl AttributeMutation {
    /// Defines an attribute. For company and super administrators.
    async fn attribute_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The attribute.")] input: AttributeCreateInput,
    ) -> Result<Option<AttributePayload>, Fault> {
        let new = attribute::Attribute {
            id: AttributeId::new(ctx.now()),
            version: 1,
            code: input.code,
            name: input.name,
            kind: input.kind.into(),
            unit: input.unit,
            choices: input.choices,
        };
        let company = input.company;
        change(ctx, company, Action::Create, "attribute.created", |set| {
            set.define(new.clone())?;
            set.by_code(&new.code).cloned().ok_or(AttributeRefusal::NotFound)
        })
        .await
        .map(Some)
    }

    /// Changes what may change of an attribute. For company and super administrators.
    async fn attribute_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: AttributeUpdateInput,
    ) -> Result<Option<AttributePayload>, Fault> {
        let unit = set(input.unit);
        change(ctx, input.company, Action::Update, "attribute.updated", |set| {
            let unit = unit.as_ref().map(Option::as_deref);
            set.revise(
                input.id,
                input.expected_version,
                input.name.as_deref(),
                unit,
                input.choices.as_deref(),
            )
            .cloned()
        })
        .await
        .map(Some)
    }

    /// Takes a definition away that no product carries values of. For company and super administrators.
    async fn attribute_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which attribute.")] input: AttributeDeleteInput,
    ) -> Result<Option<AttributePayload>, Fault> {
        let scope = ctx.may(Action::Delete, Resource::Attribute)?;
        if reaches(&scope, input.company) && ctx.catalog()?.uses_attribute(input.company, input.id).await? {
            let user_errors = vec![refused(&AttributeRefusal::InUse)];
            return Ok(Some(AttributePayload { attribute: None, user_errors }));
        }
        change(ctx, input.company, Action::Delete, "attribute.deleted", |set| {
            set.remove(input.id, input.expected_version)
        })
        .await
        .map(Some)
    }
}

async fn change(
    ctx: &Context<'_>,
    company: CompanyId,
    action: Action,
    kind: &'static str,
    decide: impl Fn(&mut AttributeSet) -> Result<attribute::Attribute, AttributeRefusal>,
) -> Result<AttributePayload, Fault> {
    let scope = ctx.may(action, Resource::Attribute)?;
    let call = ctx.call()?.within(company);
    Ok(match ctx.catalog()?.change_attributes(&scope, &call, company, kind, decide).await? {
        Ok(own) => AttributePayload { attribute: Some((&own).into()), user_errors: Vec::new() },
        Err(user_errors) => AttributePayload { attribute: None, user_errors },
    })
}
