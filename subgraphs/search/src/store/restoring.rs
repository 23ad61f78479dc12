//! Taking in the catalogue as a whole, with its companies and shops: what it says now counts also where a projection of
//! the same sequence says something else, and what it does not have any more is buried.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SimpleExpr};
use serde::Serialize;
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, Kind, ShopId, ShopKind};
use souk_kit::sql::Tx;

use super::indexer_tables::{Product, ProductLink, ProductPart, SharedPart};
use super::learning::{Projections, Shared, Told};
use crate::domain::heard::{Category, Company, PriceList, Shop};
use crate::domain::projection::{Part, Source};
use crate::source::{SourceProduct, SourceShared};

/// What the catalogue tells of beside products.
const FROM_CATALOGUE: [Shared; 2] = [Shared::Category, Shared::PriceList];

/// A shared part that is known.
#[derive(Debug)]
pub(crate) struct KnownShared {
    pub(crate) id: String,
    kind: Shared,
    company: CompanyId,
    sequence: i64,
}

impl Projections {
    /// Takes in products as the catalogue has them.
    pub(crate) async fn restore_products(
        &self,
        products: &[SourceProduct],
        now: Timestamp,
    ) -> Result<(), Fault> {
        let tx = self.sql.begin().await?;
        for one in products {
            let id = one.state.id.to_string();
            let of = Expr::col(ProductPart::Product)
                .eq(id.as_str())
                .and(Expr::col(ProductPart::Source).eq(Source::Product.as_str()));
            forget_unlike(&tx, of, one.version, &one.state, now).await?;
            let told = Part { sequence: one.version, state: Some(&one.state) };
            self.learn_product(&tx, (one.state.id, one.state.company), told, now).await?;
        }
        tx.commit().await?;
        self.changed().notify_one();
        Ok(())
    }

    /// Takes in categories as the catalogue has them.
    pub(crate) async fn restore_categories(
        &self,
        told: &[SourceShared<Category>],
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.restore_shared(Shared::Category, told, |category| category.id.to_string(), now).await
    }

    /// Takes in price lists as the catalogue has them.
    pub(crate) async fn restore_price_lists(
        &self,
        told: &[SourceShared<PriceList>],
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.restore_shared(Shared::PriceList, told, |list| list.id.to_string(), now).await
    }

    /// Takes in companies as merchants have them.
    pub(crate) async fn restore_companies(
        &self,
        told: &[SourceShared<Company>],
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.restore_shared(Shared::Company, told, |company| company.id.to_string(), now).await
    }

    /// Takes in shops as merchants have them.
    pub(crate) async fn restore_shops(
        &self,
        told: &[SourceShared<Shop>],
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.restore_shared(Shared::Shop, told, |shop| shop.id.to_string(), now).await
    }

    async fn restore_shared<S: Serialize + Sync>(
        &self,
        kind: Shared,
        told: &[SourceShared<S>],
        id: impl Fn(&S) -> String + Send + Sync,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let tx = self.sql.begin().await?;
        for one in told {
            let id = id(&one.state);
            let state = serde_json::to_string(&one.state)?;
            // A sequence lower than it is makes the same one news.
            let lower = Query::update()
                .table(SharedPart::Table)
                .value(SharedPart::Sequence, one.version.saturating_sub(1))
                .and_where(Expr::col(SharedPart::Id).eq(id.as_str()))
                .and_where(Expr::col(SharedPart::Sequence).eq(one.version))
                .and_where(Expr::col(SharedPart::State).is_null().or(Expr::col(SharedPart::State).ne(state)))
                .to_owned();
            tx.execute(&lower).await?;
            let told =
                Told { id: &id, kind, company: one.company, sequence: one.version, state: Some(&one.state) };
            self.learn_shared(&tx, &told, now).await?;
        }
        tx.commit().await?;
        self.changed().notify_one();
        Ok(())
    }

    /// Products behind `after` that are there and that nobody has told of since `time`.
    pub(crate) async fn unseen_since(
        &self,
        time: Timestamp,
        after: &str,
        limit: u64,
    ) -> Result<Vec<String>, Fault> {
        let query = Query::select()
            .column(ProductPart::Product)
            .from(ProductPart::Table)
            .and_where(Expr::col(ProductPart::Source).eq(Source::Product.as_str()))
            .and_where(Expr::col(ProductPart::State).is_not_null())
            .and_where(Expr::col(ProductPart::SeenAt).lt(time.timestamp_micros()))
            .and_where(Expr::col(ProductPart::Product).gt(after))
            .order_by(ProductPart::Product, Order::Asc)
            .limit(limit)
            .to_owned();
        let rows = self.sql.reader().query_all(&query).await?;
        Ok(rows.iter().map(|row| row.try_get("", "product")).collect::<Result<_, _>>()?)
    }

    /// Lets go of products, at the sequence that they have: what is told of them later brings them back.
    pub(crate) async fn bury(&self, products: &[String], now: Timestamp) -> Result<(), Fault> {
        if products.is_empty() {
            return Ok(());
        }
        let tx = self.sql.begin().await?;
        let bury = Query::update()
            .table(ProductPart::Table)
            .value(ProductPart::State, None::<String>)
            .value(ProductPart::SeenAt, now.timestamp_micros())
            .and_where(Expr::col(ProductPart::Source).eq(Source::Product.as_str()))
            .and_where(Expr::col(ProductPart::Product).is_in(products.iter().map(String::as_str)))
            .to_owned();
        tx.execute(&bury).await?;
        self.raise(&tx, products, now).await?;
        tx.commit().await?;
        self.changed().notify_one();
        Ok(())
    }

    /// The categories and price lists of these companies that are there.
    pub(crate) async fn shared_of(&self, companies: &[CompanyId]) -> Result<Vec<KnownShared>, Fault> {
        let query = Query::select()
            .columns([SharedPart::Id, SharedPart::Kind, SharedPart::Company, SharedPart::Sequence])
            .from(SharedPart::Table)
            .and_where(Expr::col(SharedPart::Company).is_in(companies.iter().map(ToString::to_string)))
            .and_where(Expr::col(SharedPart::Kind).is_in(FROM_CATALOGUE.map(Shared::as_str)))
            .and_where(Expr::col(SharedPart::State).is_not_null())
            .to_owned();
        let mut known = Vec::new();
        for row in self.sql.reader().query_all(&query).await? {
            let kind: String = row.try_get("", "kind")?;
            let company: String = row.try_get("", "company")?;
            known.push(KnownShared {
                id: row.try_get("", "id")?,
                kind: Shared::from_stored(&kind)
                    .ok_or_else(|| Fault::broken(format!("`{kind}` is no kind of shared part")))?,
                company: company.parse().map_err(Fault::internal)?,
                sequence: row.try_get("", "sequence")?,
            });
        }
        Ok(known)
    }

    /// Lets go of shared parts, at the sequence that they have, unless they were told of since.
    pub(crate) async fn bury_shared(&self, gone: &[KnownShared], now: Timestamp) -> Result<(), Fault> {
        if gone.is_empty() {
            return Ok(());
        }
        let tx = self.sql.begin().await?;
        for KnownShared { id, kind, company, sequence } in gone {
            let bury = Query::update()
                .table(SharedPart::Table)
                .value(SharedPart::State, None::<String>)
                .value(SharedPart::SeenAt, now.timestamp_micros())
                .and_where(Expr::col(SharedPart::Id).eq(id.as_str()))
                .and_where(Expr::col(SharedPart::Sequence).eq(*sequence))
                .to_owned();
            if tx.execute(&bury).await?.rows_affected() > 0 {
                let told: Told<'_, ()> =
                    Told { id, kind: *kind, company: *company, sequence: *sequence, state: None };
                self.spread(&tx, &told, now).await?;
            }
        }
        tx.commit().await?;
        self.changed().notify_one();
        Ok(())
    }

    /// The companies that have products here.
    pub(crate) async fn companies(&self) -> Result<Vec<CompanyId>, Fault> {
        let query = Query::select()
            .distinct()
            .column(Product::Company)
            .from(Product::Table)
            .and_where(Expr::col(Product::Company).is_not_null())
            .order_by(Product::Company, Order::Asc)
            .to_owned();
        let rows = self.sql.reader().query_all(&query).await?;
        let company = |row: &sea_orm::QueryResult| -> Result<CompanyId, Fault> {
            row.try_get::<String>("", "company")?.parse().map_err(Fault::internal)
        };
        rows.iter().map(company).collect()
    }

    /// The shops that products are offered in by name.
    pub(crate) async fn shops(&self) -> Result<Vec<ShopId>, Fault> {
        let query = Query::select()
            .distinct()
            .column(ProductLink::Target)
            .from(ProductLink::Table)
            .and_where(Expr::col(ProductLink::Target).like(format!("{}%", ShopKind::PREFIX)))
            .order_by(ProductLink::Target, Order::Asc)
            .to_owned();
        let rows = self.sql.reader().query_all(&query).await?;
        let shop = |row: &sea_orm::QueryResult| -> Result<ShopId, Fault> {
            row.try_get::<String>("", "target")?.parse().map_err(Fault::internal)
        };
        rows.iter().map(shop).collect()
    }
}

/// Makes the same sequence news where it says something else, and notes that the part was told of.
async fn forget_unlike<S: Serialize + Sync>(
    tx: &Tx,
    of: SimpleExpr,
    sequence: i64,
    state: &S,
    now: Timestamp,
) -> Result<(), Fault> {
    let state = serde_json::to_string(state)?;
    let seen = Query::update()
        .table(ProductPart::Table)
        .value(ProductPart::SeenAt, now.timestamp_micros())
        .and_where(of.clone())
        .to_owned();
    tx.execute(&seen).await?;
    let lower = Query::update()
        .table(ProductPart::Table)
        .value(ProductPart::Sequence, sequence.saturating_sub(1))
        .and_where(of)
        .and_where(Expr::col(ProductPart::Sequence).eq(sequence))
        .and_where(Expr::col(ProductPart::State).is_null().or(Expr::col(ProductPart::State).ne(state)))
        .to_owned();
    tx.execute(&lower).await?;
    Ok(())
}
