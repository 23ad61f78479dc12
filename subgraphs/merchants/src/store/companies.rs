//! The repository of companies.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Select,
};
use souk_kit::aggregate::Denied;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::page::{Cursor, Page, Slice};
use souk_kit::permission::Visibility;
use souk_kit::sql::{Asked, Keyset, ReadOnlyAsked, Repository, Sql, Tenanted, Tx};

use super::filter::{CompanyFilter, Sort, SortField};
use super::rows::{company, shop};
use crate::domain::company::Company;
use crate::refusal_code::MerchantErrorCode;

/// Companies in SQL. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Companies {
    sql: Sql,
}

impl Companies {
    pub(crate) fn new(sql: Sql) -> Self {
        Self { sql }
    }

    /// The company, or `None` when it does not exist or `scope` hides it.
    pub(crate) async fn get(&self, scope: &Visibility, id: CompanyId) -> Result<Option<Company>, Fault> {
        Ok(self.many(scope, &[id]).await?.remove(&id).map(Arc::unwrap_or_clone))
    }

    /// Those of `ids` that exist and that `scope` shows; one query.
    pub(crate) async fn many(
        &self,
        scope: &Visibility,
        ids: &[CompanyId],
    ) -> Result<HashMap<CompanyId, Arc<Company>>, Fault> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = company::Entity::visible_to(scope)
            .filter(company::Column::Id.is_in(ids.iter().copied()))
            .all(self.sql.reader())
            .await?;
        rows.into_iter().map(|row| Ok((row.id, Arc::new(row.try_into()?)))).collect()
    }

    /// Those with these slugs that exist and that `scope` shows; one query.
    pub(crate) async fn by_slugs(&self, scope: &Visibility, slugs: &[String]) -> Result<Vec<Company>, Fault> {
        let rows = company::Entity::visible_to(scope)
            .filter(company::Column::Slug.is_in(slugs.iter().cloned()))
            .all(self.sql.reader())
            .await?;
        rows.into_iter().map(Company::try_from).collect()
    }

    /// The company that another system calls `reference`, when `scope` reaches it by right.
    pub(crate) async fn by_reference(
        &self,
        scope: &Visibility,
        reference: &str,
    ) -> Result<Option<Company>, Fault> {
        let row = company::Entity::visible_to(&scope.without_public())
            .filter(company::Column::ExternalReference.eq(reference))
            .one(self.sql.reader())
            .await?;
        row.map(Company::try_from).transpose()
    }

    /// A page of those that `scope` shows and `filter` wants, with as much of each as is asked for.
    pub(crate) async fn page(
        &self,
        scope: &Visibility,
        filter: &CompanyFilter,
        (sort, page): (Sort, &Page),
        asked: &Asked,
    ) -> Result<Slice<Company>, Fault> {
        let listed = listed(scope, filter).only(asked).page(page, &sort.of_companies())?;
        let rows = listed.all(self.sql.reader()).await?;
        let companies = rows.into_iter().map(Company::try_from).collect::<Result<_, _>>()?;
        Ok(page.slice(companies))
    }

    /// How many `page` would go through.
    pub(crate) async fn count(&self, scope: &Visibility, filter: &CompanyFilter) -> Result<u64, Fault> {
        Ok(listed(scope, filter).count(self.sql.reader()).await?)
    }

    /// The place of a company in a list.
    pub(crate) fn cursor(company: &Company, sort: Sort) -> Cursor {
        let key = match sort.field {
            SortField::Name => company.name.to_lowercase().into(),
            SortField::CreatedAt => company.created_at.timestamp_micros().into(),
        };
        Cursor(vec![key, company.id.to_string().into()])
    }
}

fn listed(scope: &Visibility, filter: &CompanyFilter) -> Select<company::Entity> {
    company::Entity::visible_to(scope).filter(filter.condition(scope))
}

#[async_trait::async_trait]
impl Repository for Companies {
    type Aggregate = Company;

    fn sql(&self) -> &Sql {
        &self.sql
    }

    async fn load(&self, tx: &Tx, scope: &Visibility, id: CompanyId) -> Result<Option<Company>, Fault> {
        let row = company::Entity::visible_to(scope).filter(company::Column::Id.eq(id)).one(tx).await?;
        row.map(Company::try_from).transpose()
    }

    async fn insert(&self, tx: &Tx, new: &Company) -> Result<(), Denied<MerchantErrorCode>> {
        let row = company::Model::try_from(new)?.into_active_model();
        company::Entity::insert(row).exec_without_returning(tx).await.map_err(super::taken)?;
        Ok(())
    }

    async fn update(&self, tx: &Tx, changed: &Company) -> Result<(), Denied<MerchantErrorCode>> {
        let row = company::Model::try_from(changed)?.into_active_model().reset_all();
        company::Entity::update(row)
            .validate()?
            .filter(company::Column::Version.eq(changed.version - 1))
            .exec(tx)
            .await
            .map_err(super::taken)?;
        // The copy that the shops' rows keep, for the public's lists.
        let copy = Query::update()
            .table(shop::Entity)
            .value(shop::Column::CompanyActive, changed.active)
            .and_where(shop::Column::CompanyId.eq(changed.id))
            .and_where(shop::Column::CompanyActive.ne(changed.active))
            .to_owned();
        tx.execute(&copy).await?;
        Ok(())
    }
}
