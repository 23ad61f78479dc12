//! What others search for: the list of each company as it was told last, by how the words of its texts begin. So what
//! goes on from a few letters is found in the lists of all companies together without reading them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, InsertStatement, OnConflict, Order, Query};
use serde::Deserialize;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::sql::{Sql, Tx};

use super::api_tables::{Fact, PopularSearch, PopularText};
use crate::domain::heard::Company;
use crate::index::query;
use crate::index::words::words;

/// How many letters of a word are its beginning; a shorter word is one as a whole.
const BEGINNING: usize = 3;
/// How many entries of the lists are looked at, the most popular first. A company's own list is far shorter; of all
/// together, what stands behind these does not add to a sum any more.
const MOST: u64 = 500;
/// How many rows one statement writes.
const ROWS: usize = 500;

/// A search that many make.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Popular {
    /// Its words.
    pub(crate) text: String,
    /// How popular it is; greater is more.
    pub(crate) score: u64,
}

/// The lists.
#[derive(Clone)]
pub(crate) struct PopularSearches {
    sql: Sql,
}

impl PopularSearches {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self { sql: sql.clone() }
    }

    /// Takes in what others search for in a company, unless something newer is known.
    pub(crate) async fn learn(
        tx: &Tx,
        company: CompanyId,
        version: i64,
        searches: &[Popular],
    ) -> Result<(), Fault> {
        let mut replace = OnConflict::column(PopularSearch::Company);
        replace
            .update_column(PopularSearch::Version)
            .action_and_where(Expr::col((PopularSearch::Table, PopularSearch::Version)).lt(version));
        // Whoever tells of the same company waits here, so that no two lists mix.
        let told = Query::insert()
            .into_table(PopularSearch::Table)
            .columns([PopularSearch::Company, PopularSearch::Version])
            .values_panic([company.to_string().into(), version.into()])
            .on_conflict(replace)
            .to_owned();
        if tx.execute(&told).await?.rows_affected() == 0 {
            return Ok(());
        }
        let earlier = Query::delete()
            .from_table(PopularText::Table)
            .and_where(Expr::col(PopularText::Company).eq(company.to_string()))
            .to_owned();
        tx.execute(&earlier).await?;
        for insert in entries(&company.to_string(), searches) {
            tx.execute(&insert).await?;
        }
        Ok(())
    }

    /// Searches with a word that begins as `word` does: those of one company, or of all that the public sees, a text
    /// that several have with the sum of its scores.
    pub(crate) async fn beginning_as(
        &self,
        word: &str,
        company: Option<CompanyId>,
    ) -> Result<Vec<query::PopularSearch>, Fault> {
        let Some(beginning) = beginnings(word).pop_last() else { return Ok(Vec::new()) };
        let mut entries = Query::select();
        entries
            .columns([PopularText::Text, PopularText::Score].map(|column| (PopularText::Table, column)))
            .from(PopularText::Table)
            .and_where(Expr::col((PopularText::Table, PopularText::Beginning)).eq(beginning))
            .order_by((PopularText::Table, PopularText::Score), Order::Desc)
            .limit(MOST);
        match company {
            Some(company) => {
                entries.and_where(Expr::col(PopularText::Company).eq(company.to_string()));
            }
            None => {
                let owner = Expr::col((Fact::Table, Fact::Id));
                let owner = owner.equals((PopularText::Table, PopularText::Company));
                entries.column((Fact::Table, Fact::State)).inner_join(Fact::Table, owner);
            }
        }
        let mut scores: BTreeMap<String, u64> = BTreeMap::new();
        for row in self.sql.reader().query_all(&entries).await? {
            // Who is closed is left out here: nobody searches there any more, so its list soon runs dry.
            let is_seen = match company {
                Some(_) => true,
                None => serde_json::from_str::<Company>(&row.try_get::<String>("", "state")?)?.active,
            };
            if is_seen {
                let score = u64::try_from(row.try_get::<i64>("", "score")?).unwrap_or_default();
                let sum = scores.entry(row.try_get("", "text")?).or_default();
                *sum = sum.saturating_add(score);
            }
        }
        Ok(scores.into_iter().map(|(text, weight)| query::PopularSearch { text, weight }).collect())
    }
}

/// What writes the list of a company that has none.
pub(super) fn entries(company: &str, searches: &[Popular]) -> Vec<InsertStatement> {
    let mut rows = Vec::new();
    for (place, Popular { text, score }) in (0_i32..).zip(searches) {
        let beginnings: BTreeSet<String> =
            words(text).iter().flat_map(|word| beginnings(&word.folded)).collect();
        let score = i64::try_from(*score).unwrap_or(i64::MAX);
        rows.extend(beginnings.into_iter().map(|beginning| (beginning, place, text.as_str(), score)));
    }
    let insert = |rows: &[(String, i32, &str, i64)]| {
        let mut insert = Query::insert();
        insert.into_table(PopularText::Table).columns([
            PopularText::Company,
            PopularText::Beginning,
            PopularText::Place,
            PopularText::Text,
            PopularText::Score,
        ]);
        for (beginning, place, text, score) in rows {
            insert.values_panic([
                company.into(),
                beginning.as_str().into(),
                (*place).into(),
                (*text).into(),
                (*score).into(),
            ]);
        }
        insert
    };
    rows.chunks(ROWS).map(insert).collect()
}

/// The first letter of a word, the first two, and so on; the longest is the last.
fn beginnings(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = word.chars().take(BEGINNING).collect();
    (1..=letters.len()).map(|length| letters.iter().take(length).collect()).collect()
}

#[cfg(test)]
mod tests {
    use sea_orm_migration::{MigrationTrait, MigratorTrait};
    use souk_kit::money::Currency;
    use souk_kit::testing::Stage;

    use super::*;
    use crate::store::ApiTables;
    use crate::store::facts::Facts;

    async fn open() -> (Stage, Sql) {
        let stage = Stage::new().await.unwrap();
        let sql = stage.ports.sql(crate::NAME).await.unwrap();
        (stage, sql)
    }

    async fn learn(sql: &Sql, company: CompanyId, version: i64, searches: &[(&str, u64)]) {
        let popular = |(text, score): &(&str, u64)| Popular { text: (*text).to_owned(), score: *score };
        let searches: Vec<_> = searches.iter().map(popular).collect();
        let tx = sql.begin().await.unwrap();
        PopularSearches::learn(&tx, company, version, &searches).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn know(sql: &Sql, id: CompanyId) {
        let company =
            Company { id, active: true, currency: "EUR".parse::<Currency>().unwrap(), locales: Vec::new() };
        let tx = sql.begin().await.unwrap();
        Facts::learn(&tx, &id.to_string(), 1, &company).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn found(sql: &Sql, word: &str, company: Option<CompanyId>) -> Vec<(String, u64)> {
        let found = PopularSearches::new(sql).beginning_as(word, company).await.unwrap();
        found.into_iter().map(|one| (one.text, one.weight)).collect()
    }

    #[tokio::test]
    async fn what_begins_so_is_found_behind_any_number_of_others() {
        let (stage, sql) = open().await;
        sql.migrate::<ApiTables>().await.unwrap();
        for one in 0..12 {
            let company = CompanyId::new(stage.clock().now());
            know(&sql, company).await;
            let texts: Vec<_> = (0..50).map(|n| format!("blue {one}x{n}")).collect();
            let mut searches: Vec<_> = texts.iter().map(|text| (text.as_str(), 1_000)).collect();
            searches.push(("Blütenhonig", 1));
            searches.push(("red, red", 2));
            learn(&sql, company, 1, &searches).await;
            assert_eq!(found(&sql, "bluten", Some(company)).await.len(), 51);
        }
        assert_eq!(found(&sql, "redder", None).await, [("red, red".to_owned(), 24)]);
        assert_eq!(found(&sql, "b", None).await.len(), usize::try_from(MOST).unwrap());
        // Nobody has told of this one: whether the public sees it is not known.
        let company = CompanyId::new(stage.clock().now());
        learn(&sql, company, 1, &[("green", u64::MAX)]).await;
        assert!(found(&sql, "green", None).await.is_empty());
        let most = u64::try_from(i64::MAX).unwrap();
        assert_eq!(found(&sql, "green", Some(company)).await, [("green".to_owned(), most)]);
        assert!(found(&sql, "", None).await.is_empty());
    }

    /// The tables as they were first.
    struct First;

    impl MigratorTrait for First {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            ApiTables::migrations().into_iter().take(1).collect()
        }
    }

    #[tokio::test]
    async fn lists_that_were_told_before_there_were_beginnings_are_kept() {
        let (stage, sql) = open().await;
        let company = CompanyId::new(stage.clock().now());
        sql.migrate::<First>().await.unwrap();
        let tx = sql.begin().await.unwrap();
        let told = Query::insert()
            .into_table(PopularSearch::Table)
            .columns([PopularSearch::Company, PopularSearch::Version, PopularSearch::Searches])
            .values_panic([
                company.to_string().into(),
                7_i64.into(),
                r#"[{"text":"red mug","score":9000}]"#.into(),
            ])
            .to_owned();
        tx.execute(&told).await.unwrap();
        tx.commit().await.unwrap();
        sql.migrate::<ApiTables>().await.unwrap();
        let red_mug = [("red mug".to_owned(), 9_000)];
        assert_eq!(found(&sql, "mug", Some(company)).await, red_mug);
        learn(&sql, company, 7, &[("lamp", 1)]).await;
        assert_eq!(found(&sql, "mug", Some(company)).await, red_mug);
        learn(&sql, company, 8, &[("lamp", 1)]).await;
        assert!(found(&sql, "mug", Some(company)).await.is_empty());
        assert_eq!(found(&sql, "lamp", Some(company)).await, [("lamp".to_owned(), 1)]);
    }
}
