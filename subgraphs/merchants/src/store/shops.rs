//! The repository of shops.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect, Select,
};
use souk_kit::aggregate::Denied;
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::page::{Cursor, Slice};
use souk_kit::permission::Visibility;
use souk_kit::sql::{Keyset, ReadOnlyAsked, Reader, Repository, Sql, Tenanted, Tx};
use souk_kit::user_error::UserError;

use super::filter::{ShopFilter, Sort, SortField};
use super::loaders::ShopList;
use super::open_now::OpenNow;
use super::rows::{company, shop, shop_hours, shop_staff};
use crate::domain::refusal::{Reason, Refusal};
use crate::domain::shop::Shop;
use crate::refusal_code::MerchantErrorCode;

/// Shops in SQL. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Shops {
    sql: Sql,
}

impl Shops {
    pub(crate) fn new(sql: Sql) -> Self {
        Self { sql }
    }

    /// Where the store's own queries run.
    pub(super) fn reader(&self) -> &Reader {
        self.sql.reader()
    }

    /// Those of `ids` that exist and that `scope` shows; one query.
    pub(crate) async fn many(
        &self,
        scope: &Visibility,
        ids: &[ShopId],
    ) -> Result<HashMap<ShopId, Arc<Shop>>, Fault> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = shop::Entity::visible_to(scope)
            .filter(shop::Column::Id.is_in(ids.iter().copied()))
            .all(self.sql.reader())
            .await?;
        rows.into_iter().map(|row| Ok((row.id, Arc::new(row.try_into()?)))).collect()
    }

    /// Those of a company with these slugs that exist and that `scope` shows; one query.
    pub(crate) async fn by_slugs(
        &self,
        scope: &Visibility,
        company: CompanyId,
        slugs: &[String],
    ) -> Result<Vec<Shop>, Fault> {
        let rows = shop::Entity::visible_to(scope)
            .filter(shop::Column::CompanyId.eq(company))
            .filter(shop::Column::Slug.is_in(slugs.iter().cloned()))
            .all(self.sql.reader())
            .await?;
        rows.into_iter().map(Shop::try_from).collect()
    }

    /// The shop of a company that another system calls `reference`, when `scope` reaches it by right.
    pub(crate) async fn by_reference(
        &self,
        scope: &Visibility,
        company: CompanyId,
        reference: &str,
    ) -> Result<Option<Shop>, Fault> {
        let row = shop::Entity::visible_to(&scope.without_public())
            .filter(shop::Column::CompanyId.eq(company))
            .filter(shop::Column::ExternalReference.eq(reference))
            .one(self.sql.reader())
            .await?;
        row.map(Shop::try_from).transpose()
    }

    /// A page of the list that `scope` shows at `now`, with as much of each as is asked for.
    pub(crate) async fn page(
        &self,
        scope: &Visibility,
        list: &ShopList,
        now: Timestamp,
    ) -> Result<Slice<Shop>, Fault> {
        let ShopList { filter, sort, page, asked } = list;
        let listed = self.listed(scope, filter, now).await?.only(asked);
        let rows = listed.page(page, &sort.of_shops())?.all(self.sql.reader()).await?;
        let shops = rows.into_iter().map(Shop::try_from).collect::<Result<_, _>>()?;
        Ok(page.slice(shops))
    }

    /// How many `page` would go through.
    pub(crate) async fn count(
        &self,
        scope: &Visibility,
        filter: &ShopFilter,
        now: Timestamp,
    ) -> Result<u64, Fault> {
        Ok(self.listed(scope, filter, now).await?.count(self.sql.reader()).await?)
    }

    /// The shops that `scope` shows and `filter` wants, as a query to go on from.
    pub(super) async fn listed(
        &self,
        scope: &Visibility,
        filter: &ShopFilter,
        now: Timestamp,
    ) -> Result<Select<shop::Entity>, Fault> {
        let open =
            if filter.asks_what_is_open() { OpenNow::at(&self.sql, now).await? } else { OpenNow::default() };
        Ok(shop::Entity::visible_to(scope).filter(filter.condition(scope, &open)))
    }

    /// The place of a shop in a list.
    pub(crate) fn cursor(shop: &Shop, sort: Sort) -> Cursor {
        let key = match sort.field {
            SortField::Name => shop.name.to_lowercase().into(),
            SortField::CreatedAt => shop.created_at.timestamp_micros().into(),
        };
        Cursor(vec![key, shop.id.to_string().into()])
    }
}

#[async_trait::async_trait]
impl Repository for Shops {
    type Aggregate = Shop;

    fn sql(&self) -> &Sql {
        &self.sql
    }

    async fn load(&self, tx: &Tx, scope: &Visibility, id: ShopId) -> Result<Option<Shop>, Fault> {
        let row = shop::Entity::visible_to(scope).filter(shop::Column::Id.eq(id)).one(tx).await?;
        row.map(Shop::try_from).transpose()
    }

    /// Refused when the company was deactivated since the caller looked.
    async fn insert(&self, tx: &Tx, new: &Shop) -> Result<(), Denied<MerchantErrorCode>> {
        if !company_is_active(tx, new.company_id).await? {
            return Err(UserError::from(Refusal::at(&["company"], Reason::CompanyInactive)).into());
        }
        let row = shop::Model::of(new, true)?.into_active_model();
        shop::Entity::insert(row).exec_without_returning(tx).await.map_err(super::taken)?;
        index(tx, new).await
    }

    async fn update(&self, tx: &Tx, changed: &Shop) -> Result<(), Denied<MerchantErrorCode>> {
        let company_active = company_is_active(tx, changed.company_id).await?;
        let row = shop::Model::of(changed, company_active)?.into_active_model().reset_all();
        shop::Entity::update(row)
            .validate()?
            .filter(shop::Column::Version.eq(changed.version - 1))
            .exec(tx)
            .await
            .map_err(super::taken)?;
        for stale in [
            Query::delete()
                .from_table(shop_staff::Entity)
                .and_where(shop_staff::Column::ShopId.eq(changed.id))
                .to_owned(),
            Query::delete()
                .from_table(shop_hours::Entity)
                .and_where(shop_hours::Column::ShopId.eq(changed.id))
                .to_owned(),
        ] {
            tx.execute(&stale).await?;
        }
        index(tx, changed).await
    }
}

/// Writes the rows that a shop is searched by.
async fn index(tx: &Tx, shop: &Shop) -> Result<(), Denied<MerchantErrorCode>> {
    let staff = shop.staff.iter().map(|user| shop_staff::Model { shop_id: shop.id, user_id: *user });
    let staff: Vec<_> = staff.map(IntoActiveModel::into_active_model).collect();
    let hours: Vec<_> =
        shop_hours::rows_of(shop).into_iter().map(IntoActiveModel::into_active_model).collect();
    if !staff.is_empty() {
        shop_staff::Entity::insert_many(staff).exec_without_returning(tx).await?;
    }
    if !hours.is_empty() {
        shop_hours::Entity::insert_many(hours).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Whether the shop's company is active, which it stays until `tx` ends: who deactivates it waits, and then finds the
/// shop's row as `tx` left it.
async fn company_is_active(tx: &Tx, id: CompanyId) -> Result<bool, Fault> {
    let active: Option<bool> =
        company::Entity::visible_to(&Visibility::everything_for("merchants.shop-of-company"))
            .filter(company::Column::Id.eq(id))
            .lock_shared()
            .select_only()
            .column(company::Column::Active)
            .into_tuple()
            .one(tx)
            .await?;
    active.ok_or_else(|| Fault::broken(format!("a shop's company {id} is gone")))
}
