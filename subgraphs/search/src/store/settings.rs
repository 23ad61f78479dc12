//! The settings of companies: the aggregate's row, and reading it for a search.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;
use serde_json::Value as Json;
use souk_kit::aggregate::{Aggregate, Denied};
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, Id};
use souk_kit::permission::{Tenant, Visibility};
use souk_kit::sql::{Repository, Sql, Tx, unique_violation};
use souk_kit::user_error::UserError;

use super::api_tables::SearchSettings as Table;
use crate::domain::ids::{SettingsId, SettingsKind};
use crate::domain::settings::{Content, Settings};
use crate::error_code::SearchErrorCode;
use crate::index::query::Tuning;

/// What happened to settings.
pub(crate) const UPDATED: &str = "search_settings.updated";

/// The settings of all companies.
#[derive(Debug, Clone)]
pub(crate) struct SettingsStore {
    sql: Sql,
}

/// The data of `search_settings.updated`.
#[derive(Debug, Serialize)]
struct SettingsData<'s> {
    id: SettingsId,
    company: CompanyId,
    #[serde(flatten)]
    content: &'s Content,
}

impl Aggregate for Settings {
    type Kind = SettingsKind;
    type Code = SearchErrorCode;
    const TOPIC: Topic = Topic::Product;

    fn id(&self) -> SettingsId {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn set_version(&mut self, version: i64) {
        self.version = version;
    }

    fn tenant(&self) -> Tenant {
        Tenant::company(self.company)
    }

    fn event_data(&self) -> Result<Json, Fault> {
        let data = SettingsData { id: self.id, company: self.company, content: &self.content };
        Ok(serde_json::to_value(data)?)
    }
}

impl SettingsStore {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self { sql: sql.clone() }
    }

    /// The settings of a company, when `scope` reaches them.
    pub(crate) async fn of(&self, scope: &Visibility, company: CompanyId) -> Result<Option<Settings>, Fault> {
        if !scope.covers(&Tenant::company(company)) {
            return Ok(None);
        }
        Ok(Some(read(self.sql.reader(), company).await?))
    }

    /// What a company says about a search for `text` in it; nothing, where no company is named.
    pub(crate) async fn tuning(&self, company: Option<CompanyId>, text: &str) -> Result<Tuning, Fault> {
        let Some(company) = company else { return Ok(Tuning::default()) };
        Ok(read(self.sql.reader(), company).await?.content.tuning(text))
    }
}

async fn read(connection: &impl ConnectionTrait, company: CompanyId) -> Result<Settings, Fault> {
    let query = Query::select()
        .columns([Table::Version, Table::Content])
        .from(Table::Table)
        .and_where(Expr::col(Table::Company).eq(company.to_string()))
        .to_owned();
    let mut settings = Settings::unset(company);
    if let Some(row) = connection.query_one(&query).await? {
        settings.version = row.try_get("", "version")?;
        settings.content = serde_json::from_str(&row.try_get::<String>("", "content")?)?;
    }
    Ok(settings)
}

#[async_trait::async_trait]
impl Repository for SettingsStore {
    type Aggregate = Settings;

    fn sql(&self) -> &Sql {
        &self.sql
    }

    /// There are settings of every company: those that were never set are empty.
    async fn load(
        &self,
        tx: &Tx,
        scope: &Visibility,
        id: Id<SettingsKind>,
    ) -> Result<Option<Settings>, Fault> {
        let company = CompanyId::from_uuid(id.uuid());
        if !scope.covers(&Tenant::company(company)) {
            return Ok(None);
        }
        Ok(Some(read(tx, company).await?))
    }

    async fn insert(&self, tx: &Tx, new: &Settings) -> Result<(), Denied<SearchErrorCode>> {
        let content = serde_json::to_string(&new.content).map_err(Fault::from)?;
        let insert = Query::insert()
            .into_table(Table::Table)
            .columns([Table::Id, Table::Company, Table::Version, Table::Content])
            .values_panic([
                new.id.to_string().into(),
                new.company.to_string().into(),
                new.version.into(),
                content.into(),
            ])
            .to_owned();
        // Two may set them for the first time at once: one of them has seen too little.
        let conflict = |error: DbErr| unique_violation(error, "", UserError::version_conflict(new.version));
        tx.execute(&insert).await.map_err(conflict)?;
        Ok(())
    }

    async fn update(&self, tx: &Tx, changed: &Settings) -> Result<(), Denied<SearchErrorCode>> {
        if changed.version == 1 {
            return self.insert(tx, changed).await;
        }
        let content = serde_json::to_string(&changed.content).map_err(Fault::from)?;
        let update = Query::update()
            .table(Table::Table)
            .value(Table::Version, changed.version)
            .value(Table::Content, content)
            .and_where(Expr::col(Table::Company).eq(changed.company.to_string()))
            .and_where(Expr::col(Table::Version).eq(changed.version - 1))
            .to_owned();
        match tx.execute(&update).await?.rows_affected() {
            1 => Ok(()),
            _ => Err(Fault::broken("settings changed within a transaction").transient().into()),
        }
    }
}
