//! Lists that read only the columns that the query asks for.
//!
//! A row's type has all columns. An entity says which of them are worth leaving out, and what stands in for each; a
//! list then reads the stand-in, a constant, unless the query asks for a field that is named after the column or
//! lives on it. Rows that are read so may only be used to answer that very list.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, IdenStatic, Iterable, QuerySelect, Select, Value};

/// The fields that a query asks of the items of a list, in snake case like columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked(BTreeSet<String>);

impl Asked {
    /// These fields, as GraphQL writes them: `openingHours`.
    pub fn of<'f>(fields: impl IntoIterator<Item = &'f str>) -> Self {
        Self(fields.into_iter().map(snake_case).collect())
    }

    fn includes(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

fn snake_case(name: &str) -> String {
    name.chars().fold(String::with_capacity(name.len() + 2), |mut snake, letter| {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
        snake
    })
}

/// What is read in place of a column that nobody asks for.
#[derive(Debug, Clone)]
pub struct StandIn {
    value: Value,
    also_for: &'static [&'static str],
}

impl StandIn {
    /// This value, which the row's type must take.
    pub fn new(value: impl Into<Value>) -> Self {
        Self { value: value.into(), also_for: &[] }
    }

    /// The column is needed for these fields too, in snake case, beside the one that has its name.
    #[must_use]
    pub fn unless_asked_for(self, fields: &'static [&'static str]) -> Self {
        Self { also_for: fields, ..self }
    }
}

/// An entity with columns that are worth leaving out of lists.
pub trait Lean: EntityTrait {
    /// What stands in for a column; none for a column that is always read.
    fn stand_in(column: Self::Column) -> Option<StandIn>;
}

/// Reads only what is asked for.
pub trait ReadOnlyAsked: Sized {
    /// The same rows, with constants for the columns that `asked` does not need.
    #[must_use]
    fn only(self, asked: &Asked) -> Self;
}

impl<E: Lean> ReadOnlyAsked for Select<E> {
    fn only(self, asked: &Asked) -> Self {
        E::Column::iter().fold(self.select_only(), |select, column| {
            let name = column.as_str();
            let unasked = |stand_in: &StandIn| {
                !asked.includes(name) && !stand_in.also_for.iter().any(|field| asked.includes(field))
            };
            match E::stand_in(column).filter(unasked) {
                Some(stand_in) => select.expr_as(Expr::val(stand_in.value), name.to_owned()),
                None => select.column(column),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_known_by_the_names_of_columns() {
        let asked = Asked::of(["openingHours", "name"]);
        assert!(asked.includes("opening_hours") && asked.includes("name") && !asked.includes("openingHours"));
    }
}
