//! One company per row.

use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use serde_json::json;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, UserId};
use souk_kit::sql::{Lean, StandIn, Tenanted};

use super::premises::Premises;
use super::{corrupt, time};
use crate::domain::company::Company;
use crate::domain::plan::{Plan, Standing, Tier};
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "company")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: CompanyId,
    pub(in crate::store) version: i64,
    pub(in crate::store) slug: String,
    pub(in crate::store) name: String,
    pub(in crate::store) name_sort: String,
    pub(in crate::store) logo: Option<String>,
    pub(in crate::store) description: Option<String>,
    pub(in crate::store) contact: Json,
    pub(in crate::store) address: Option<Json>,
    pub(in crate::store) country: Option<String>,
    pub(in crate::store) branding: Json,
    pub(in crate::store) currency: String,
    pub(in crate::store) accepted_currencies: Json,
    pub(in crate::store) locales: Json,
    pub(in crate::store) time_zone: String,
    pub(in crate::store) tax_rate_ppm: i32,
    pub(in crate::store) prices_include_tax: bool,
    pub(in crate::store) plan_tier: String,
    pub(in crate::store) plan_standing: String,
    pub(in crate::store) plan_expires_at: Option<i64>,
    pub(in crate::store) owner: Option<UserId>,
    pub(in crate::store) external_reference: Option<String>,
    pub(in crate::store) private_metadata: Json,
    pub(in crate::store) active: bool,
    pub(in crate::store) created_at: i64,
    pub(in crate::store) updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tenanted for Entity {
    fn company_column() -> Option<Column> {
        Some(Column::Id)
    }

    fn public_face() -> Option<Condition> {
        Some(Condition::all().add(Column::Active.eq(true)))
    }
}

impl Lean for Entity {
    fn stand_in(column: Column) -> Option<StandIn> {
        match column {
            // Read by filters and orders alone.
            Column::NameSort => Some(StandIn::new("")),
            Column::Logo
            | Column::Description
            | Column::Country
            | Column::Owner
            | Column::ExternalReference => Some(StandIn::new(None::<String>)),
            Column::PlanExpiresAt => Some(StandIn::new(None::<i64>).unless_asked_for(&["plan"])),
            Column::AcceptedCurrencies | Column::Locales => {
                Some(StandIn::new(json!([])).unless_asked_for(&["settings"]))
            }
            Column::Address => Some(StandIn::new(None::<Json>)),
            Column::Contact | Column::Branding | Column::PrivateMetadata => Some(StandIn::new(json!({}))),
            _ => None,
        }
    }
}

impl TryFrom<&Company> for Model {
    type Error = Fault;

    fn try_from(company: &Company) -> Result<Self, Fault> {
        let Settings { currency, accepted_currencies, locales, time_zone, tax_rate_ppm, prices_include_tax } =
            &company.settings;
        let Premises { address, country, contact } =
            Premises::of(company.address.as_ref(), &company.contact)?;
        Ok(Self {
            id: company.id,
            version: company.version,
            slug: company.slug.to_string(),
            name: company.name.clone(),
            name_sort: company.name.to_lowercase(),
            logo: company.logo.clone(),
            description: company.description.clone(),
            contact,
            address,
            country,
            branding: serde_json::to_value(&company.branding)?,
            currency: currency.code().to_owned(),
            accepted_currencies: serde_json::to_value(accepted_currencies)?,
            locales: serde_json::to_value(locales)?,
            time_zone: time_zone.name().to_owned(),
            tax_rate_ppm: *tax_rate_ppm,
            prices_include_tax: *prices_include_tax,
            plan_tier: company.plan.tier.as_str().to_owned(),
            plan_standing: company.plan.standing.as_str().to_owned(),
            plan_expires_at: company.plan.expires_at.map(|at| at.timestamp_micros()),
            owner: company.owner,
            external_reference: company.external_reference.clone(),
            private_metadata: serde_json::to_value(&company.private_metadata)?,
            active: company.active,
            created_at: company.created_at.timestamp_micros(),
            updated_at: company.updated_at.timestamp_micros(),
        })
    }
}

impl TryFrom<Model> for Company {
    type Error = Fault;

    fn try_from(row: Model) -> Result<Self, Fault> {
        let wrong = |column| move || corrupt("company", column);
        let premises = Premises { address: row.address, country: row.country, contact: row.contact };
        let (address, contact) = premises.read()?;
        Ok(Self {
            id: row.id,
            slug: Slug::from_stored(row.slug),
            name: row.name,
            logo: row.logo,
            description: row.description,
            contact,
            address,
            branding: serde_json::from_value(row.branding)?,
            settings: Settings {
                currency: row.currency.parse().map_err(|_| corrupt("company", "currency"))?,
                accepted_currencies: serde_json::from_value(row.accepted_currencies)?,
                locales: serde_json::from_value(row.locales)?,
                time_zone: row.time_zone.parse().map_err(|_| corrupt("company", "time_zone"))?,
                tax_rate_ppm: row.tax_rate_ppm,
                prices_include_tax: row.prices_include_tax,
            },
            plan: Plan {
                tier: Tier::from_stored(&row.plan_tier).ok_or_else(wrong("plan_tier"))?,
                standing: Standing::from_stored(&row.plan_standing).ok_or_else(wrong("plan_standing"))?,
                expires_at: row
                    .plan_expires_at
                    .map(|at| time("company", "plan_expires_at", at))
                    .transpose()?,
            },
            owner: row.owner,
            external_reference: row.external_reference,
            private_metadata: serde_json::from_value(row.private_metadata)?,
            active: row.active,
            version: row.version,
            created_at: time("company", "created_at", row.created_at)?,
            updated_at: time("company", "updated_at", row.updated_at)?,
        })
    }
}
