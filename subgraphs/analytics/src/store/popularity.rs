//! How popular products and searches are now, and what was last told of it.

use std::cmp::max;
use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{
    CaseStatement, Expr, ExprTrait, IntoColumnRef, OnConflict, Order, Query, SelectStatement, SimpleExpr, any,
};
use souk_kit::clock::Timestamp;
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::sql::{Sql, SqlOutbox, Tx};

use super::fold;
use super::reports::total;
use super::tables::{Column, CompanyFact, HourTally, ProductOwner, ToldPopularity, ToldSearches};
use crate::domain::decay::{CLICK, WHOLE, weights};
use crate::domain::hour::Hour;
use crate::domain::ids::ProductId;
use crate::domain::measures::{product_clicks, product_views, search_texts, searchers};
use crate::events::{
    POPULAR_CHANGED, POPULARITY_CHANGED, PopularChanged, PopularSearch, PopularityChanged, derived,
};

/// Rows that are looked at in one transaction.
const AT_ONCE: u64 = 500;
/// Texts that are told of a company.
const TEXTS: u64 = 50;
/// Visitors of a week below which a text is not told: it may be one person's, who has two pseudonyms at the turn of a
/// month.
const TOO_FEW: i64 = 3;

/// What a row of tallies counts at `reference`.
pub(super) fn score(reference: Hour) -> SimpleExpr {
    let hour = || Expr::col(Column::Hour);
    let mut weight = CaseStatement::new().case(hour().gt(reference.0), 0);
    for (from, thousandths) in weights(reference) {
        weight = weight.case(hour().gte(from.0), thousandths);
    }
    let clicked = Expr::col(Column::Measure).eq(product_clicks::MEASURE.name);
    let factor = Expr::case(clicked, CLICK).finally(1);
    Expr::col(Column::Value).mul(weight.finally(0)).mul(factor)
}

/// The first hour that counts at `reference`.
pub(super) fn oldest(reference: Hour) -> Hour {
    weights(reference).last().map_or(reference, |(from, _)| *from)
}

/// Tells of all companies what has changed by now; answers how many events that took.
pub(crate) async fn tell(sql: &Sql, now: Timestamp) -> Result<usize, Fault> {
    let outbox = SqlOutbox::new(sql);
    let mut told = 0;
    let mut after = String::new();
    loop {
        let companies = Query::select()
            .column(CompanyFact::Id)
            .from(CompanyFact::Table)
            .and_where(Expr::col(CompanyFact::Id).gt(after.as_str()))
            .order_by(CompanyFact::Id, Order::Asc)
            .limit(AT_ONCE)
            .to_owned();
        let rows = sql.reader().query_all(&companies).await?;
        let Some(last) = rows.last() else { return Ok(told) };
        after = last.try_get("", "id")?;
        for row in &rows {
            let company: CompanyId = row.try_get("", "id")?;
            told += tell_products(sql, &outbox, company, now).await?;
            told += tell_searches(sql, &outbox, company, now).await?;
        }
    }
}

/// Whether a score is worth telling beside the one that was told last.
fn is_news(before: i64, score: i64) -> bool {
    let difference = (score - before).abs();
    difference >= max(before / 4, WHOLE) || (score == 0 && before > 0)
}

/// Finds whose the product in `column` is. Visitors name what they like: only what the catalogue has told of is told.
pub(super) fn owned(column: impl IntoColumnRef) -> SimpleExpr {
    Expr::col((ProductOwner::Table, ProductOwner::Id)).eq(Expr::col(column))
}

async fn tell_products(
    sql: &Sql,
    outbox: &SqlOutbox,
    company: CompanyId,
    now: Timestamp,
) -> Result<usize, Fault> {
    let reference = Hour::of(now);
    let mut count = 0;
    let mut after = String::new();
    loop {
        let scores = Query::select()
            .column(Column::Item)
            .expr_as(total(score(reference)), "score")
            .from(HourTally::Table)
            .inner_join(ProductOwner::Table, owned((HourTally::Table, Column::Item)))
            .and_where(Expr::col((ProductOwner::Table, ProductOwner::Company)).eq(company))
            .and_where(Expr::col(ProductOwner::Deleted).eq(false))
            .and_where(Expr::col((HourTally::Table, Column::Company)).eq(company))
            .and_where(
                Expr::col(Column::Measure).is_in([product_views::MEASURE.name, product_clicks::MEASURE.name]),
            )
            .and_where(Expr::col(Column::Hour).gte(oldest(reference).0))
            .and_where(Expr::col(Column::Item).gt(after.as_str()))
            .group_by_col(Column::Item)
            .order_by(Column::Item, Order::Asc)
            .limit(AT_ONCE)
            .to_owned();
        let mut now_scored: BTreeMap<String, i64> = BTreeMap::new();
        for row in sql.reader().query_all(&scores).await? {
            now_scored.insert(row.try_get("", "item")?, row.try_get("", "score")?);
        }
        let is_last = u64::try_from(now_scored.len()).unwrap_or_default() < AT_ONCE;
        let until = if is_last { None } else { now_scored.keys().next_back().cloned() };
        count += tell_some(sql, outbox, company, now, (&after, until.as_deref()), &now_scored).await?;
        match until {
            None => return Ok(count),
            Some(last) => after = last,
        }
    }
}

/// Tells of the products of which `scores` are, and of the company's in between that were told once and count nothing
/// now.
async fn tell_some(
    sql: &Sql,
    outbox: &SqlOutbox,
    company: CompanyId,
    now: Timestamp,
    (after, until): (&str, Option<&str>),
    scores: &BTreeMap<String, i64>,
) -> Result<usize, Fault> {
    let tx = sql.begin().await?;
    fold::lock(&tx, None).await?;
    let mut told = Query::select();
    told.columns([ToldPopularity::Product, ToldPopularity::Score, ToldPopularity::Sequence])
        .from(ToldPopularity::Table)
        // From the left, as far fewer products were told of than there are.
        .left_join(ProductOwner::Table, owned((ToldPopularity::Table, ToldPopularity::Product)))
        // Whoever it was told of: what a product's readers know goes on with the next number. Those of which there are
        // scores were the company's a moment ago.
        .cond_where(any![
            Expr::col((ProductOwner::Table, ProductOwner::Company)).eq(company),
            Expr::col(ToldPopularity::Product).is_in(scores.keys().map(String::as_str)),
        ])
        .and_where(Expr::col(ToldPopularity::Product).gt(after));
    if let Some(until) = until {
        told.and_where(Expr::col(ToldPopularity::Product).lte(until));
    }
    let mut before: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in tx.query_all(&told).await? {
        let (score, sequence) = (row.try_get("", "score")?, row.try_get("", "sequence")?);
        before.insert(row.try_get("", "product")?, (score, sequence));
    }
    let gone = before.keys().filter(|product| !scores.contains_key(*product)).map(|product| (product, 0));
    let mut count = 0;
    for (product, score) in scores.iter().map(|(product, score)| (product, *score)).chain(gone) {
        // What is no id of a product was counted as such by nobody of ours.
        let Ok(id) = product.parse::<ProductId>() else { continue };
        let (old, sequence) = before.get(product).copied().unwrap_or_default();
        if is_news(old, score) {
            let sequence = sequence + 1;
            let data = PopularityChanged { id, company, score, as_of: now };
            let event = derived(POPULARITY_CHANGED, id.to_string(), company, sequence, now, &data)?;
            outbox.write(&tx, Topic::Analytics, &event).await?;
            remember_score(&tx, company, id, score, sequence).await?;
            count += 1;
        }
    }
    tx.commit().await?;
    if count > 0 {
        outbox.wake();
    }
    Ok(count)
}

async fn remember_score(
    tx: &Tx,
    company: CompanyId,
    product: ProductId,
    score: i64,
    sequence: i64,
) -> Result<(), Fault> {
    let remember = Query::insert()
        .into_table(ToldPopularity::Table)
        .columns([
            ToldPopularity::Product,
            ToldPopularity::Company,
            ToldPopularity::Score,
            ToldPopularity::Sequence,
        ])
        .values_panic([product.into(), company.into(), score.into(), sequence.into()])
        .on_conflict(
            OnConflict::column(ToldPopularity::Product)
                .update_columns([ToldPopularity::Company, ToldPopularity::Score, ToldPopularity::Sequence])
                .to_owned(),
        )
        .to_owned();
    tx.execute(&remember).await?;
    Ok(())
}

/// The texts by which several visitors have searched.
fn of_several(company: CompanyId, reference: Hour) -> SelectStatement {
    // Written out: with two placeholders, Postgres takes what is grouped by for something else than what is selected.
    let text = || Expr::cust(format!("substr(item, {})", searchers::SEARCHER + 1));
    Query::select()
        .expr(text())
        .from(HourTally::Table)
        .and_where(Expr::col(Column::Company).eq(company))
        .and_where(Expr::col(Column::Measure).eq(searchers::MEASURE.name))
        .and_where(Expr::col(Column::Hour).gte(oldest(reference).0))
        .add_group_by([text()])
        .and_having(Expr::col(Column::Item).count_distinct().gte(TOO_FEW))
        .to_owned()
}

/// Forgets who has searched by what before the week that ends with what was received last: it decides nothing any more.
pub(crate) async fn forget_searchers(sql: &Sql) -> Result<(), Fault> {
    let until = oldest(Hour::of(fold::received_in(sql).await?));
    let companies = Query::select().column(CompanyFact::Id).from(CompanyFact::Table).to_owned();
    let forget = Query::delete()
        .from_table(HourTally::Table)
        .and_where(Expr::col(Column::Company).in_subquery(companies))
        .and_where(Expr::col(Column::Measure).eq(searchers::MEASURE.name))
        .and_where(Expr::col(Column::Hour).lt(until.0))
        .to_owned();
    let tx = sql.begin().await?;
    fold::lock(&tx, None).await?;
    tx.execute(&forget).await?;
    Ok(tx.commit().await?)
}

async fn tell_searches(
    sql: &Sql,
    outbox: &SqlOutbox,
    company: CompanyId,
    now: Timestamp,
) -> Result<usize, Fault> {
    let reference = Hour::of(now);
    let popular = Query::select()
        .column(Column::Item)
        .expr_as(total(score(reference)), "score")
        .from(HourTally::Table)
        .and_where(Expr::col(Column::Company).eq(company))
        .and_where(Expr::col(Column::Measure).eq(search_texts::MEASURE.name))
        .and_where(Expr::col(Column::Hour).gte(oldest(reference).0))
        .and_where(Expr::col(Column::Item).in_subquery(of_several(company, reference)))
        .group_by_col(Column::Item)
        .and_having(total(score(reference)).gt(0))
        .order_by_expr(total(score(reference)), Order::Desc)
        .order_by(Column::Item, Order::Asc)
        .limit(TEXTS)
        .to_owned();
    let mut searches = Vec::new();
    for row in sql.reader().query_all(&popular).await? {
        searches.push(PopularSearch { text: row.try_get("", "item")?, score: row.try_get("", "score")? });
    }
    // As scores decay, they are told anew when they have changed by much, also where the texts are the same.
    let texts: Vec<_> = searches.iter().map(|search| (&search.text, magnitude(search.score))).collect();
    let texts = serde_json::to_string(&texts)?;
    let tx = sql.begin().await?;
    fold::lock(&tx, None).await?;
    let told = Query::select()
        .columns([ToldSearches::Texts, ToldSearches::Sequence])
        .from(ToldSearches::Table)
        .and_where(Expr::col(ToldSearches::Company).eq(company))
        .to_owned();
    let (before, sequence): (String, i64) = match tx.query_one(&told).await? {
        Some(row) => (row.try_get("", "texts")?, row.try_get("", "sequence")?),
        None => ("[]".to_owned(), 0),
    };
    if before == texts {
        return Ok(0);
    }
    let sequence = sequence + 1;
    let data = PopularChanged { company, searches, as_of: now };
    let event = derived(POPULAR_CHANGED, company.to_string(), company, sequence, now, &data)?;
    outbox.write(&tx, Topic::Analytics, &event).await?;
    let remember = Query::insert()
        .into_table(ToldSearches::Table)
        .columns([ToldSearches::Company, ToldSearches::Texts, ToldSearches::Sequence])
        .values_panic([company.into(), texts.into(), sequence.into()])
        .on_conflict(
            OnConflict::column(ToldSearches::Company)
                .update_columns([ToldSearches::Texts, ToldSearches::Sequence])
                .to_owned(),
        )
        .to_owned();
    tx.execute(&remember).await?;
    tx.commit().await?;
    outbox.wake();
    Ok(1)
}

/// Differs for scores of which one is several times the other.
fn magnitude(score: i64) -> u32 {
    score.checked_ilog2().unwrap_or_default() / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_several_times_apart_differ_in_magnitude() {
        let magnitudes = [-1, 0, 1, 999, 1_000, 1_023, 1_024, 4_095, 4_096, i64::MAX].map(magnitude);
        assert_eq!(magnitudes, [0, 0, 0, 4, 4, 4, 5, 5, 6, 31]);
    }

    #[test]
    fn a_score_is_told_when_it_has_changed_by_much() {
        let cases = [
            (0, 0, false),
            (0, 999, false),
            (0, 1_000, true),
            (1_000, 1_999, false),
            (1_000, 2_000, true),
            (1_000, 1, false),
            (1_000, 0, true),
            (8_000, 9_999, false),
            (8_000, 10_000, true),
            (8_000, 6_000, true),
            (500, 0, true),
        ];
        for (before, score, expected) in cases {
            assert_eq!(is_news(before, score), expected, "{before} to {score}");
        }
    }
}
