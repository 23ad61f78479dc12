//! What others search for: the list of each company as it was told last, by how the words of its texts begin. So what
//! goes on from a few letters is found in the lists of all companies together without reading them.

use std::cmp::min;
use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, InsertStatement, OnConflict, Order, Query};
use serde::Deserialize;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::sql::{Sql, Tx};

use super::api_tables::{Fact, PopularSearch, PopularText};
use crate::index::query;
use crate::index::words::words;

/// How many letters of a word are its beginning; a shorter word is one as a whole. Few, as a word may be typed in another
/// form than the one that begins so.
const BEGINNING: usize = 3;
/// How many texts are looked at, the most popular first: a company's own list is far shorter, and of all together what
/// stands behind these is not suggested.
const MOST: u64 = 500;
/// The largest score that is kept: those of all companies add up to a number of the database still.
const LARGEST: i64 = 1 << 40;
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
        let column = |column| Expr::col((PopularText::Table, column));
        // PostgreSQL sums to decimals otherwise.
        let sum = || column(PopularText::Score).sum().cast_as("bigint");
        let mut texts = Query::select();
        texts
            .column((PopularText::Table, PopularText::Text))
            .expr_as(sum(), "sum")
            .from(PopularText::Table)
            .and_where(column(PopularText::Beginning).eq(beginning))
            .group_by_col((PopularText::Table, PopularText::Text))
            .order_by_expr(sum(), Order::Desc)
            .order_by((PopularText::Table, PopularText::Text), Order::Asc)
            .limit(MOST);
        match company {
            Some(company) => texts.and_where(column(PopularText::Company).eq(company.to_string())),
            None => {
                let owner =
                    Expr::col((Fact::Table, Fact::Id)).equals((PopularText::Table, PopularText::Company));
                let is_open = Expr::col((Fact::Table, Fact::Active)).eq(true);
                texts.inner_join(Fact::Table, owner).and_where(is_open)
            }
        };
        let mut found = Vec::new();
        for row in self.sql.reader().query_all(&texts).await? {
            let weight = u64::try_from(row.try_get::<i64>("", "sum")?).unwrap_or_default();
            found.push(query::PopularSearch { text: row.try_get("", "text")?, weight });
        }
        Ok(found)
    }
}

/// What writes the list of a company that has none.
pub(super) fn entries(company: &str, searches: &[Popular]) -> Vec<InsertStatement> {
    let mut rows = Vec::new();
    for (place, Popular { text, score }) in (0_i32..).zip(searches) {
        let beginnings: BTreeSet<String> =
            words(text).iter().flat_map(|word| beginnings(&word.folded)).collect();
        let score = i64::try_from(*score).map_or(LARGEST, |score| min(score, LARGEST));
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
    use crate::domain::heard::Company;
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

    async fn know(sql: &Sql, id: CompanyId, version: i64, active: bool) {
        let currency = "EUR".parse::<Currency>().unwrap();
        let company = Company { id, active, currency, locales: Vec::new() };
        let tx = sql.begin().await.unwrap();
        Facts::learn(&tx, &id.to_string(), version, &company).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn found(sql: &Sql, word: &str, company: Option<CompanyId>) -> Vec<(String, u64)> {
        let found = PopularSearches::new(sql).beginning_as(word, company).await.unwrap();
        found.into_iter().map(|one| (one.text, one.weight)).collect()
    }

    #[tokio::test]
    async fn texts_of_all_open_companies_add_up() {
        let (stage, sql) = open().await;
        sql.migrate::<ApiTables>().await.unwrap();
        for one in 0..12 {
            let company = CompanyId::new(stage.clock().now());
            know(&sql, company, 1, true).await;
            let texts: Vec<_> = (0..50).map(|n| format!("blue {one}x{n}")).collect();
            let mut searches: Vec<_> = texts.iter().map(|text| (text.as_str(), 1_000)).collect();
            searches.push(("Blütenhonig", 500));
            searches.push(("red, red", 2));
            learn(&sql, company, 1, &searches).await;
            assert_eq!(found(&sql, "bluten", Some(company)).await.len(), 51);
        }
        assert_eq!(found(&sql, "redder", None).await, [("red, red".to_owned(), 24)]);
        let beginning = found(&sql, "blu", None).await;
        assert_eq!(beginning.len(), usize::try_from(MOST).unwrap());
        assert_eq!(beginning.first(), Some(&("Blütenhonig".to_owned(), 6_000)), "first by what all have");
        assert!(found(&sql, "", None).await.is_empty());
    }

    #[tokio::test]
    async fn what_the_public_does_not_see_takes_no_place() {
        let (stage, sql) = open().await;
        sql.migrate::<ApiTables>().await.unwrap();
        let [closed, shown] = [(); 2].map(|()| CompanyId::new(stage.clock().now()));
        know(&sql, shown, 1, true).await;
        learn(&sql, shown, 1, &[("green tea", 1)]).await;
        let texts: Vec<_> = (0..=MOST).map(|n| format!("green {n}")).collect();
        let searches: Vec<_> = texts.iter().map(|text| (text.as_str(), 1_000)).collect();
        learn(&sql, closed, 1, &searches).await;
        let green_tea = [("green tea".to_owned(), 1)];
        assert_eq!(found(&sql, "green", None).await, green_tea, "nobody has told of the other");
        know(&sql, closed, 1, false).await;
        assert_eq!(found(&sql, "green", None).await, green_tea);
        know(&sql, closed, 2, true).await;
        assert_eq!(found(&sql, "green", None).await.len(), texts.len() - 1);
        learn(&sql, shown, 2, &[("green", u64::MAX)]).await;
        let most = u64::try_from(LARGEST).unwrap();
        assert_eq!(found(&sql, "green", Some(shown)).await, [("green".to_owned(), most)]);
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
        let known = Query::insert()
            .into_table(Fact::Table)
            .columns([Fact::Id, Fact::Version, Fact::State])
            .values_panic([company.to_string().into(), 1.into(), r#"{"active":false}"#.into()])
            .to_owned();
        tx.execute(&known).await.unwrap();
        tx.commit().await.unwrap();
        sql.migrate::<ApiTables>().await.unwrap();
        let red_mug = [("red mug".to_owned(), 9_000)];
        assert_eq!(found(&sql, "mug", Some(company)).await, red_mug);
        assert!(found(&sql, "mug", None).await.is_empty(), "it was closed before");
        know(&sql, company, 2, true).await;
        assert_eq!(found(&sql, "mug", None).await, red_mug);
        learn(&sql, company, 7, &[("lamp", 1)]).await;
        assert_eq!(found(&sql, "mug", Some(company)).await, red_mug);
        learn(&sql, company, 8, &[("lamp", 1)]).await;
        assert!(found(&sql, "mug", Some(company)).await.is_empty());
        assert_eq!(found(&sql, "lamp", Some(company)).await, [("lamp".to_owned(), 1)]);
    }
}
