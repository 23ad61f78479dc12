//! A small domain for the tests: lamps that belong to shops and can be switched.

use async_graphql::Enum;
use async_trait::async_trait;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryFilter};
use sea_orm_migration::prelude::{
    ColumnDef, DeriveMigrationName, DynIden, MigrationTrait, MigratorTrait, SchemaManager, Table,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use souk_kit::aggregate::{Aggregate, Denied};
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, Id, Kind, ShopId};
use souk_kit::permission::{Tenant, Visibility};
use souk_kit::sql::{Repository, Sql, Tenanted, Tx, unique_violation};
use souk_kit::user_error::{ErrorCode, UserError};

#[derive(Debug)]
pub(crate) enum LampKind {}
impl Kind for LampKind {
    const PREFIX: &'static str = "lamp";
}
pub(crate) type LampId = Id<LampKind>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum LampErrorCode {
    NotFound,
    VersionConflict,
    NameTaken,
    AlreadyLit,
}

impl ErrorCode for LampErrorCode {
    const TYPE_NAME: &'static str = "LampUserError";
    const NOT_FOUND: Self = Self::NotFound;
    const VERSION_CONFLICT: Self = Self::VersionConflict;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lamp {
    pub(crate) id: LampId,
    pub(crate) version: i64,
    pub(crate) company: CompanyId,
    pub(crate) shop: ShopId,
    pub(crate) name: String,
    pub(crate) lit: bool,
}

impl Lamp {
    pub(crate) fn light(&mut self) -> Result<&'static str, UserError<LampErrorCode>> {
        if self.lit {
            return Err(UserError::new(LampErrorCode::AlreadyLit, "the lamp is lit already"));
        }
        self.lit = true;
        Ok("lamp.lit")
    }
}

impl Aggregate for Lamp {
    type Kind = LampKind;
    type Code = LampErrorCode;
    const TOPIC: Topic = Topic::Shop;

    fn id(&self) -> LampId {
        self.id
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn set_version(&mut self, version: i64) {
        self.version = version;
    }
    fn tenant(&self) -> Tenant {
        Tenant::shop(self.company, self.shop)
    }
    fn event_data(&self) -> Result<serde_json::Value, Fault> {
        Ok(json!({ "id": self.id, "name": self.name, "lit": self.lit }))
    }
}

pub(crate) mod lamp {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "lamp")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: LampId,
        pub(crate) version: i64,
        pub(crate) company: CompanyId,
        pub(crate) shop: ShopId,
        pub(crate) name: String,
        pub(crate) lit: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Tenanted for Entity {
        fn company_column() -> Option<Column> {
            Some(Column::Company)
        }
        fn shop_column() -> Option<Column> {
            Some(Column::Shop)
        }
        fn public_face() -> Option<sea_orm::Condition> {
            Some(sea_orm::Condition::all().add(Column::Lit.eq(true)))
        }
    }
}

impl From<lamp::Model> for Lamp {
    fn from(row: lamp::Model) -> Self {
        let lamp::Model { id, version, company, shop, name, lit } = row;
        Self { id, version, company, shop, name, lit }
    }
}

fn row(lamp: &Lamp) -> lamp::ActiveModel {
    lamp::ActiveModel {
        id: Set(lamp.id),
        version: Set(lamp.version),
        company: Set(lamp.company),
        shop: Set(lamp.shop),
        name: Set(lamp.name.clone()),
        lit: Set(lamp.lit),
    }
}

#[derive(Clone)]
pub(crate) struct Lamps(pub(crate) Sql);

impl Lamps {
    pub(crate) async fn visible(&self, scope: &Visibility) -> Vec<Lamp> {
        let rows = lamp::Entity::visible_to(scope).all(self.0.reader()).await.unwrap();
        rows.into_iter().map(Lamp::from).collect()
    }
}

#[async_trait]
impl Repository for Lamps {
    type Aggregate = Lamp;

    fn sql(&self) -> &Sql {
        &self.0
    }

    async fn load(&self, tx: &Tx, scope: &Visibility, id: LampId) -> Result<Option<Lamp>, Fault> {
        let row = lamp::Entity::visible_to(scope).filter(lamp::Column::Id.eq(id)).one(tx).await?;
        Ok(row.map(Lamp::from))
    }

    async fn insert(&self, tx: &Tx, new: &Lamp) -> Result<(), Denied<LampErrorCode>> {
        let taken = || UserError::new(LampErrorCode::NameTaken, "the name is taken").at(["input", "name"]);
        row(new).insert(tx).await.map_err(|error| unique_violation(error, "name", taken()))?;
        Ok(())
    }

    async fn update(&self, tx: &Tx, changed: &Lamp) -> Result<(), Denied<LampErrorCode>> {
        row(changed).update(tx).await?;
        Ok(())
    }
}

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Lampen)]
    }
    fn migration_table_name() -> DynIden {
        sea_orm_migration::prelude::IntoIden::into_iden("lamp_migrations")
    }
}

#[derive(DeriveMigrationName)]
struct Lampen;

#[async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for Lampen {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(lamp::Entity)
            .col(ColumnDef::new(lamp::Column::Id).text().not_null().primary_key())
            .col(ColumnDef::new(lamp::Column::Version).big_integer().not_null())
            .col(ColumnDef::new(lamp::Column::Company).text().not_null())
            .col(ColumnDef::new(lamp::Column::Shop).text().not_null())
            .col(ColumnDef::new(lamp::Column::Name).text().not_null().unique_key())
            .col(ColumnDef::new(lamp::Column::Lit).boolean().not_null())
            .to_owned();
        manager.create_table(table).await
    }
}
