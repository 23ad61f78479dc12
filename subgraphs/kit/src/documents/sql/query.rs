//! From a typed query to one SQL statement.

use sea_orm::sea_query::{
    Alias, Asterisk, Cond, Condition, Expr, ExprTrait, Func, IntoColumnRef, Order, Query as Sql,
    SelectStatement, UnionType,
};

use super::super::engine::Query;
use super::super::filter::{Direction, Filter, IndexValue, Missing, Sort, Test};
use super::tables::{Column, Tables};

/// The documents' table within a statement.
const DOCUMENT: &str = "d";
/// The indexed value that the order goes by.
const SORTED: &str = "s";

/// Sorts above every value.
const HIGHEST: &str = "\u{10FFFF}";
/// Sorts below every value.
const LOWEST: &str = "";

/// Columns: id, version, schema version, state, value of the order.
pub(super) fn select(tables: &Tables, query: &Query) -> SelectStatement {
    let mut select = Sql::select();
    let columns = [Column::Id, Column::Version, Column::SchemaVersion, Column::State];
    select.columns(columns.map(of_document)).from_as(tables.documents.clone(), Alias::new(DOCUMENT));
    let upwards = (query.sort.direction == Direction::Ascending) != query.backward;
    let order = if upwards { Order::Asc } else { Order::Desc };
    let sorted = sorted_by(&mut select, tables, &query.sort);
    match &sorted {
        Some(value) => {
            select.expr(value.clone()).order_by_expr(value.clone(), order.clone());
        }
        None => {
            select.expr(Expr::cust("NULL"));
        }
    }
    select.order_by(of_document(Column::Id), order);
    select.cond_where(within(tables, &query.filter));
    if let Some((value, id)) = &query.from {
        select.cond_where(beyond(sorted, &query.sort, value.as_ref(), id, upwards));
    }
    select.limit(u64::try_from(query.limit).unwrap_or(u64::MAX)).to_owned()
}

/// The same columns and the place of the query that a row answers: all queries as one statement.
pub(super) fn select_each(tables: &Tables, queries: &[Query]) -> Option<SelectStatement> {
    let mut each = queries.iter().enumerate().map(|(place, query)| {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        Sql::select()
            .column(Asterisk)
            .expr(Expr::val(place))
            .from_subquery(select(tables, query), Alias::new("one"))
            .to_owned()
    });
    let mut all = each.next()?;
    for one in each {
        all.union(UnionType::All, one);
    }
    Some(all)
}

pub(super) fn count(tables: &Tables, filter: &Filter) -> SelectStatement {
    Sql::select()
        .expr(Func::count(Expr::col(of_document(Column::Id))))
        .from_as(tables.documents.clone(), Alias::new(DOCUMENT))
        .cond_where(within(tables, filter))
        .to_owned()
}

/// Columns: id, version, schema version, state, company, tombstone, pending, outcomes; of all documents.
pub(super) fn record(tables: &Tables) -> SelectStatement {
    let columns = [
        Column::Id,
        Column::Version,
        Column::SchemaVersion,
        Column::State,
        Column::Company,
        Column::Tombstone,
        Column::Pending,
        Column::Outcomes,
    ];
    Sql::select().columns(columns).from(tables.documents.clone()).to_owned()
}

fn of_document(column: Column) -> impl IntoColumnRef {
    (Alias::new(DOCUMENT), column)
}

/// Joins the value that the order goes by.
fn sorted_by(select: &mut SelectStatement, tables: &Tables, sort: &Sort) -> Option<Expr> {
    let field = sort.field.as_ref()?;
    let on = Cond::all()
        .add(Expr::col((Alias::new(SORTED), Column::Document)).equals((Alias::new(DOCUMENT), Column::Id)))
        .add(Expr::col((Alias::new(SORTED), Column::Field)).eq(field.as_ref()));
    let value = Expr::col((Alias::new(SORTED), Column::Value));
    match sort.missing {
        Missing::Never => {
            select.join_as(
                sea_orm::sea_query::JoinType::InnerJoin,
                tables.values.clone(),
                Alias::new(SORTED),
                on,
            );
            Some(value)
        }
        Missing::Last => {
            select.join_as(
                sea_orm::sea_query::JoinType::LeftJoin,
                tables.values.clone(),
                Alias::new(SORTED),
                on,
            );
            Some(Func::coalesce([value, Expr::val(stand_in(sort.direction))]).into())
        }
    }
}

/// What a document that lacks the field sorts by.
fn stand_in(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => HIGHEST,
        Direction::Descending => LOWEST,
    }
}

/// Beyond the place where the last page ended.
fn beyond(
    sorted: Option<Expr>,
    sort: &Sort,
    value: Option<&IndexValue>,
    id: &str,
    upwards: bool,
) -> Condition {
    let past = |left: Expr, right: &str| if upwards { left.gt(right) } else { left.lt(right) };
    let past_id = past(Expr::col(of_document(Column::Id)), id);
    let Some(sorted) = sorted else { return Cond::all().add(past_id) };
    let value = value.map_or_else(|| stand_in(sort.direction), IndexValue::as_str);
    Cond::any().add(past(sorted.clone(), value)).add(Cond::all().add(sorted.eq(value)).add(past_id))
}

fn within(tables: &Tables, filter: &Filter) -> Condition {
    Cond::all().add(Expr::col(of_document(Column::Tombstone)).eq(false)).add(condition(tables, filter))
}

fn condition(tables: &Tables, filter: &Filter) -> Condition {
    let id = || Expr::col(of_document(Column::Id));
    match filter {
        Filter::All(all) => all.iter().fold(Cond::all(), |cond, one| cond.add(condition(tables, one))),
        Filter::Any(any) if any.is_empty() => Cond::all().add(Expr::val(1).eq(0)),
        Filter::Any(any) => any.iter().fold(Cond::any(), |cond, one| cond.add(condition(tables, one))),
        Filter::Not(one) => Cond::all().add(condition(tables, one)).not(),
        Filter::Ids(ids) => Cond::all().add(id().is_in(ids.iter().map(String::as_str))),
        Filter::Companies(companies) => {
            let companies = companies.iter().map(ToString::to_string);
            // Of a document that is nobody's the second is false where the first is unknown, so that `Not` holds.
            Cond::all()
                .add(Expr::col(of_document(Column::Company)).is_in(companies))
                .add(Expr::col(of_document(Column::Company)).is_not_null())
        }
        Filter::Keys(keys) => {
            let holding = Sql::select()
                .column(Column::Document)
                .from(tables.keys.clone())
                .and_where(Expr::col(Column::Key).is_in(keys.iter().map(String::as_str)))
                .to_owned();
            Cond::all().add(id().in_subquery(holding))
        }
        Filter::Field(field, test) => Cond::all().add(field_passes(tables, field, test)),
    }
}

/// Ranges hold for many documents and are looked up for each that the order brings; the other tests hold for
/// few, which are found first.
fn field_passes(tables: &Tables, field: &str, test: &Test) -> Expr {
    let mut values = Sql::select();
    values.from(tables.values.clone()).and_where(Expr::col(Column::Field).eq(field));
    let value = || Expr::col((tables.values.clone(), Column::Value));
    match test {
        Test::In(allowed) => {
            values.and_where(value().is_in(allowed.iter().map(IndexValue::as_str)));
        }
        Test::Prefix(prefix) => {
            values
                .and_where(value().gte(prefix.as_str()))
                .and_where(value().lt(format!("{prefix}{HIGHEST}")));
        }
        Test::Exists => {}
        Test::Range { from, below } => {
            if let Some(from) = from {
                values.and_where(value().gte(from.as_str()));
            }
            if let Some(below) = below {
                values.and_where(value().lt(below.as_str()));
            }
            let own = Expr::col((tables.values.clone(), Column::Document));
            values.expr(Expr::val(1)).and_where(own.equals((Alias::new(DOCUMENT), Column::Id)));
            return Expr::exists(values);
        }
    }
    values.column(Column::Document);
    Expr::col(of_document(Column::Id)).in_subquery(values)
}
