//! One shop per row, with what the public's view of it depends on.

use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use serde_json::json;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId, UserId};
use souk_kit::sql::{Lean, StandIn, Tenanted};

use super::premises::Premises;
use super::{corrupt, time};
use crate::domain::shop::{Kind, Shop};
use crate::domain::slug::Slug;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "shop")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: ShopId,
    pub(in crate::store) version: i64,
    pub(in crate::store) company_id: CompanyId,
    /// A copy of the company's `active`, so that the public's lists need no join; written with it.
    pub(in crate::store) company_active: bool,
    pub(in crate::store) slug: String,
    pub(in crate::store) name: String,
    pub(in crate::store) name_sort: String,
    pub(in crate::store) kind: String,
    pub(in crate::store) description: Option<String>,
    pub(in crate::store) address: Option<Json>,
    pub(in crate::store) country: Option<String>,
    pub(in crate::store) latitude_e6: Option<i32>,
    pub(in crate::store) longitude_e6: Option<i32>,
    pub(in crate::store) contact: Json,
    pub(in crate::store) time_zone: String,
    pub(in crate::store) opening_hours: Option<Json>,
    pub(in crate::store) manager: Option<UserId>,
    pub(in crate::store) staff: Json,
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
        Some(Column::CompanyId)
    }

    fn shop_column() -> Option<Column> {
        Some(Column::Id)
    }

    fn public_face() -> Option<Condition> {
        Some(Condition::all().add(Column::Active.eq(true)).add(Column::CompanyActive.eq(true)))
    }
}

impl Lean for Entity {
    fn stand_in(column: Column) -> Option<StandIn> {
        match column {
            // Read by filters and orders alone.
            Column::NameSort => Some(StandIn::new("")),
            Column::CompanyActive => Some(StandIn::new(false)),
            Column::LatitudeE6 | Column::LongitudeE6 => Some(StandIn::new(None::<i32>)),
            Column::Description | Column::Country | Column::Manager | Column::ExternalReference => {
                Some(StandIn::new(None::<String>))
            }
            Column::Address => Some(StandIn::new(None::<Json>)),
            Column::OpeningHours => Some(StandIn::new(None::<Json>).unless_asked_for(&["open_now"])),
            Column::Contact | Column::PrivateMetadata => Some(StandIn::new(json!({}))),
            Column::Staff => Some(StandIn::new(json!([]))),
            _ => None,
        }
    }
}

impl Model {
    /// The row of `shop`, whose company is active or not.
    pub(in crate::store) fn of(shop: &Shop, company_active: bool) -> Result<Self, Fault> {
        let coordinates = shop.address.as_ref().and_then(|address| address.coordinates);
        let Premises { address, country, contact } = Premises::of(shop.address.as_ref(), &shop.contact)?;
        Ok(Self {
            id: shop.id,
            version: shop.version,
            company_id: shop.company_id,
            company_active,
            slug: shop.slug.to_string(),
            name: shop.name.clone(),
            name_sort: shop.name.to_lowercase(),
            kind: shop.kind.as_str().to_owned(),
            description: shop.description.clone(),
            address,
            country,
            latitude_e6: coordinates.map(|point| point.latitude_e6),
            longitude_e6: coordinates.map(|point| point.longitude_e6),
            contact,
            time_zone: shop.time_zone.name().to_owned(),
            opening_hours: shop.opening_hours.as_ref().map(serde_json::to_value).transpose()?,
            manager: shop.manager,
            staff: serde_json::to_value(&shop.staff)?,
            external_reference: shop.external_reference.clone(),
            private_metadata: serde_json::to_value(&shop.private_metadata)?,
            active: shop.active,
            created_at: shop.created_at.timestamp_micros(),
            updated_at: shop.updated_at.timestamp_micros(),
        })
    }
}

impl TryFrom<Model> for Shop {
    type Error = Fault;

    fn try_from(row: Model) -> Result<Self, Fault> {
        let premises = Premises { address: row.address, country: row.country, contact: row.contact };
        let (address, contact) = premises.read()?;
        Ok(Self {
            id: row.id,
            company_id: row.company_id,
            slug: Slug::from_stored(row.slug),
            name: row.name,
            kind: Kind::from_stored(&row.kind).ok_or_else(|| corrupt("shop", "kind"))?,
            description: row.description,
            address,
            contact,
            time_zone: row.time_zone.parse().map_err(|_| corrupt("shop", "time_zone"))?,
            opening_hours: row.opening_hours.map(serde_json::from_value).transpose()?,
            manager: row.manager,
            staff: serde_json::from_value(row.staff)?,
            external_reference: row.external_reference,
            private_metadata: serde_json::from_value(row.private_metadata)?,
            active: row.active,
            version: row.version,
            created_at: time("shop", "created_at", row.created_at)?,
            updated_at: time("shop", "updated_at", row.updated_at)?,
        })
    }
}
