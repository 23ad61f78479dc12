//! `Attribute` in the schema, and `attributeCreate`, `attributeUpdate` and `attributeDelete`.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, SoughtId};
use souk_kit::permission::{Action, Resource};

use super::attribute_value::AttributeType;
use super::loading::Loading;
use super::variant_input::set;
use crate::domain::attribute::{self, AttributeRefusal, AttributeSet};
use crate::domain::ids::AttributeId;
use crate::error::CatalogError;
use crate::store::attribute_writes::refused;
use crate::store::product_writes::reaches;

/// A typed attribute that a company has defined for its products and variants.
#[derive(Debug, Clone, SimpleObject)]
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
    /// What may be chosen.
    choices: Vec<String>,
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

/// Changes of an attribute.
#[derive(Debug, Clone, InputObject)]
pub struct AttributeUpdateInput {
    /// The company that has defined it.
    pub company: CompanyId,
    /// Which attribute.
    pub id: AttributeId,
    /// The version that the client saw; with another one nothing changes.
    pub expected_version: Option<i64>,
    /// What people call it.
    pub name: Option<String>,
    /// The unit that a number is in.
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
    /// The version that the client saw; with another one nothing changes.
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
    /// The attributes that a company has defined, at most 500, in the order in which it did.
    async fn attributes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company.")] company: SoughtId<CompanyKind>,
    ) -> Result<Option<Vec<Attribute>>, Fault> {
        let Some(company) = company.get() else { return Ok(Some(Vec::new())) };
        let set = ctx.attribute_set(company).await?;
        Ok(Some(set.iter().flat_map(|set| &set.attributes).map(Into::into).collect()))
    }
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
