//! Taking in what others tell: parts of products, and parts that many products share. Each call is one part of a
//! transaction, in which what is late or told again changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use serde::Serialize;
use souk_kit::clock::Timestamp;
use souk_kit::consumer::Inbox;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, EventId};
use souk_kit::sql::{Sql, Tx};
use tokio::sync::Notify;

use super::indexer_tables::{Product, ProductLink, ProductPart, SharedPart, Spread};
use crate::domain::heard;
use crate::domain::ids::ProductId;
use crate::domain::projection::{Part, Source};

/// What a shared part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shared {
    Company,
    Shop,
    Category,
    PriceList,
}

impl Shared {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Shop => "shop",
            Self::Category => "category",
            Self::PriceList => "price_list",
        }
    }

    pub(super) fn from_stored(word: &str) -> Option<Self> {
        [Self::Company, Self::Shop, Self::Category, Self::PriceList]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// A part that many products share, as its source tells it.
#[derive(Debug)]
pub(crate) struct Told<'t, S> {
    pub(crate) id: &'t str,
    pub(crate) kind: Shared,
    pub(crate) company: CompanyId,
    pub(crate) sequence: i64,
    /// None: it is gone.
    pub(crate) state: Option<&'t S>,
}

/// The database of the indexer. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Projections {
    pub(super) sql: Sql,
    changed: Arc<Notify>,
}

impl Projections {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self { sql: sql.clone(), changed: Arc::default() }
    }

    pub(crate) fn sql(&self) -> &Sql {
        &self.sql
    }

    /// Notified when something was taken in.
    pub(crate) fn changed(&self) -> &Notify {
        &self.changed
    }

    /// Takes in what the catalogue tells of a product; none: it is gone. Whether that is news.
    pub(crate) async fn learn_product(
        &self,
        tx: &Tx,
        (id, company): (ProductId, CompanyId),
        told: Part<&heard::Product>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let is_news = self
            .learn_part(
                tx,
                (id, Some(company)),
                Source::Product,
                Part { sequence: told.sequence, state: told.state },
                now,
            )
            .await?;
        if is_news {
            let targets = told.state.map(targets).unwrap_or_default();
            self.link(tx, id, targets).await?;
        }
        Ok(is_news)
    }

    /// Takes in what a source tells of a product. Whether that is news.
    pub(crate) async fn learn_part<S: Serialize + Sync>(
        &self,
        tx: &Tx,
        (id, company): (ProductId, Option<CompanyId>),
        source: Source,
        told: Part<S>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let state = told.state.as_ref().map(serde_json::to_string).transpose()?;
        let mut replace = OnConflict::columns([ProductPart::Product, ProductPart::Source]);
        replace
            .update_columns([ProductPart::Sequence, ProductPart::State, ProductPart::SeenAt])
            .action_and_where(Expr::col((ProductPart::Table, ProductPart::Sequence)).lt(told.sequence));
        let part = Query::insert()
            .into_table(ProductPart::Table)
            .columns([
                ProductPart::Product,
                ProductPart::Source,
                ProductPart::Sequence,
                ProductPart::State,
                ProductPart::SeenAt,
            ])
            .values_panic([
                id.to_string().into(),
                source.as_str().into(),
                told.sequence.into(),
                state.into(),
                now.timestamp_micros().into(),
            ])
            .on_conflict(replace)
            .to_owned();
        if tx.execute(&part).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let company = company.map(|company| company.to_string());
        let mut raise = OnConflict::column(Product::Id);
        raise
            .value(Product::Revision, Expr::col((Product::Table, Product::Revision)).add(1))
            .value(Product::DirtyAt, now.timestamp_micros());
        if company.is_some() {
            raise.update_column(Product::Company);
        }
        let head = Query::insert()
            .into_table(Product::Table)
            .columns([Product::Id, Product::Company, Product::Revision, Product::DirtyAt])
            .values_panic([
                id.to_string().into(),
                company.into(),
                1_i64.into(),
                now.timestamp_micros().into(),
            ])
            .on_conflict(raise)
            .to_owned();
        tx.execute(&head).await?;
        Ok(true)
    }

    /// Notes what else the product's document is made of.
    async fn link(&self, tx: &Tx, id: ProductId, targets: BTreeSet<String>) -> Result<(), Fault> {
        let product = id.to_string();
        let known = Query::select()
            .column(ProductLink::Target)
            .from(ProductLink::Table)
            .and_where(Expr::col(ProductLink::Product).eq(product.as_str()))
            .to_owned();
        let known: BTreeSet<String> = tx
            .query_all(&known)
            .await?
            .iter()
            .map(|row| row.try_get("", "target"))
            .collect::<Result<_, _>>()?;
        let gone: Vec<&str> = known.difference(&targets).map(String::as_str).collect();
        if !gone.is_empty() {
            let unlink = Query::delete()
                .from_table(ProductLink::Table)
                .and_where(Expr::col(ProductLink::Product).eq(product.as_str()))
                .and_where(Expr::col(ProductLink::Target).is_in(gone))
                .to_owned();
            tx.execute(&unlink).await?;
        }
        let new: Vec<&str> = targets.difference(&known).map(String::as_str).collect();
        if !new.is_empty() {
            let mut link = Query::insert();
            link.into_table(ProductLink::Table).columns([ProductLink::Target, ProductLink::Product]);
            for target in new {
                link.values_panic([target.into(), product.as_str().into()]);
            }
            let keep =
                OnConflict::columns([ProductLink::Target, ProductLink::Product]).do_nothing().to_owned();
            tx.execute(link.on_conflict(keep)).await?;
        }
        Ok(())
    }

    /// Takes in a part that many products share, and notes that it must reach them. Whether it says anything new of
    /// what documents are made of.
    pub(crate) async fn learn_shared<S: Serialize + Sync>(
        &self,
        tx: &Tx,
        told: &Told<'_, S>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let state = told.state.map(serde_json::to_string).transpose()?;
        let known = Query::select()
            .columns([SharedPart::Sequence, SharedPart::State])
            .from(SharedPart::Table)
            .and_where(Expr::col(SharedPart::Id).eq(told.id))
            .to_owned();
        let known = match tx.query_one(&known).await? {
            Some(row) => {
                Some((row.try_get::<i64>("", "sequence")?, row.try_get::<Option<String>>("", "state")?))
            }
            None => None,
        };
        if !Part::<S>::is_news(known.as_ref().map(|(sequence, _)| *sequence), told.sequence) {
            return Ok(false);
        }
        let mut replace = OnConflict::column(SharedPart::Id);
        replace
            .update_columns([SharedPart::Sequence, SharedPart::State, SharedPart::SeenAt])
            .action_and_where(Expr::col((SharedPart::Table, SharedPart::Sequence)).lt(told.sequence));
        let part = Query::insert()
            .into_table(SharedPart::Table)
            .columns([
                SharedPart::Id,
                SharedPart::Kind,
                SharedPart::Company,
                SharedPart::Sequence,
                SharedPart::State,
                SharedPart::SeenAt,
            ])
            .values_panic([
                told.id.into(),
                told.kind.as_str().into(),
                told.company.to_string().into(),
                told.sequence.into(),
                state.clone().into(),
                now.timestamp_micros().into(),
            ])
            .on_conflict(replace)
            .to_owned();
        let is_written = tx.execute(&part).await?.rows_affected() > 0;
        let says_something = is_written && known.is_none_or(|(_, known)| known != state);
        if says_something {
            self.spread(tx, told, now).await?;
        }
        Ok(says_something)
    }

    /// Notes that a change must reach the products. One that is under way begins anew.
    pub(super) async fn spread<S>(&self, tx: &Tx, told: &Told<'_, S>, now: Timestamp) -> Result<(), Fault> {
        let mut anew = OnConflict::column(Spread::Target);
        anew.update_columns([Spread::After, Spread::Change]);
        let note = Query::insert()
            .into_table(Spread::Table)
            .columns([
                Spread::Target,
                Spread::Kind,
                Spread::Company,
                Spread::After,
                Spread::Change,
                Spread::BegunAt,
            ])
            .values_panic([
                told.id.into(),
                told.kind.as_str().into(),
                told.company.to_string().into(),
                "".into(),
                told.sequence.into(),
                now.timestamp_micros().into(),
            ])
            .on_conflict(anew)
            .to_owned();
        tx.execute(&note).await?;
        Ok(())
    }
}

/// The categories, price lists and shops that a product names.
fn targets(product: &heard::Product) -> BTreeSet<String> {
    let lists = product.variants.iter().flat_map(|variant| &variant.prices).filter_map(|price| price.list);
    let shops = match &product.assortment {
        heard::Assortment::All => None,
        heard::Assortment::Listed(shops) => Some(shops.iter().map(ToString::to_string)),
    };
    let categories = product.categories.iter().map(ToString::to_string);
    categories.chain(lists.map(|list| list.to_string())).chain(shops.into_iter().flatten()).collect()
}

/// The indexer's memory of what it has taken in: the sequence of each part, so that events need no record of their own.
#[async_trait::async_trait]
impl Inbox for Projections {
    type Tx = Tx;

    async fn begin(&self, _: &str, _: EventId, _: Timestamp) -> Result<Option<Tx>, Fault> {
        Ok(Some(self.sql.begin().await?))
    }

    async fn commit(&self, tx: Tx) -> Result<(), Fault> {
        tx.commit().await?;
        self.changed.notify_one();
        Ok(())
    }
}
