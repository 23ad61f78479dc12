//! What a query can ask: tests of indexed values, joined by and, or and not; and one order.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{CompanyId, Id, Kind};

/// An indexed value as text that sorts like what it stands for, byte by byte, on every engine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IndexValue(String);

impl IndexValue {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for IndexValue {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for IndexValue {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<i64> for IndexValue {
    /// Sixteen hexadecimal digits with the sign turned round, so that negative numbers come first.
    fn from(number: i64) -> Self {
        Self(format!("{:016x}", number.cast_unsigned() ^ (1 << 63)))
    }
}

impl From<Timestamp> for IndexValue {
    /// Microseconds, which is what stores keep of an instant.
    fn from(at: Timestamp) -> Self {
        at.timestamp_micros().into()
    }
}

impl<K: Kind> From<Id<K>> for IndexValue {
    fn from(id: Id<K>) -> Self {
        Self(id.to_string())
    }
}

/// A test of one indexed field. Of a field with several values it holds when one of them passes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Test {
    /// One of these; nothing passes an empty list.
    In(Vec<IndexValue>),
    /// From a value on (included) and up to another (not included); each end optional.
    Range {
        /// The lowest value that passes.
        from: Option<IndexValue>,
        /// The lowest value above that does not pass any more.
        below: Option<IndexValue>,
    },
    /// Begins with this text.
    Prefix(String),
    /// Has any value at all.
    Exists,
}

/// A condition on a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    /// All of these hold; every document passes an empty list.
    All(Vec<Filter>),
    /// One of these holds; no document passes an empty list.
    Any(Vec<Filter>),
    /// This does not hold.
    Not(Box<Filter>),
    /// The document has one of these ids.
    Ids(Vec<String>),
    /// The document belongs to one of these companies.
    Companies(Vec<CompanyId>),
    /// A value of an indexed field passes a test.
    Field(Cow<'static, str>, Test),
    /// The document holds one of these unique keys.
    Keys(Vec<String>),
}

impl Filter {
    /// Every document.
    #[must_use]
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// No document.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// A field has this value.
    pub fn equal(field: impl Into<Cow<'static, str>>, value: impl Into<IndexValue>) -> Self {
        Self::Field(field.into(), Test::In(vec![value.into()]))
    }

    /// A field has one of these values.
    pub fn one_of<V: Into<IndexValue>>(
        field: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self::Field(field.into(), Test::In(values.into_iter().map(Into::into).collect()))
    }

    /// A field has a value from `from` on.
    pub fn at_least(field: impl Into<Cow<'static, str>>, from: impl Into<IndexValue>) -> Self {
        Self::Field(field.into(), Test::Range { from: Some(from.into()), below: None })
    }

    /// A field has a value below `below`.
    pub fn below(field: impl Into<Cow<'static, str>>, below: impl Into<IndexValue>) -> Self {
        Self::Field(field.into(), Test::Range { from: None, below: Some(below.into()) })
    }

    /// This and another condition.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut all) => {
                all.push(other);
                Self::All(all)
            }
            one => Self::All(vec![one, other]),
        }
    }

    /// Not this.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }
}

/// Upwards or downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The lowest first.
    Ascending,
    /// The highest first.
    Descending,
}

/// Where documents stand that lack the field of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// Every document has the field; one that lacks it would not be listed.
    Never,
    /// At the end, whichever the direction.
    Last,
}

/// An order by one field that has at most one value, then by id in the same direction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sort {
    /// The indexed field; none is by id alone.
    pub field: Option<Cow<'static, str>>,
    /// Upwards or downwards.
    pub direction: Direction,
    /// What becomes of documents that lack it.
    pub missing: Missing,
}

impl Sort {
    /// By id, which is by time of creation.
    #[must_use]
    pub fn by_id(direction: Direction) -> Self {
        Self { field: None, direction, missing: Missing::Never }
    }

    /// By a field that every document has.
    pub fn by(field: impl Into<Cow<'static, str>>, direction: Direction) -> Self {
        Self { field: Some(field.into()), direction, missing: Missing::Never }
    }

    /// By a field that documents may lack: those stand last.
    pub fn by_optional(field: impl Into<Cow<'static, str>>, direction: Direction) -> Self {
        Self { missing: Missing::Last, ..Self::by(field, direction) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn encoded_numbers_sort_like_numbers(a: i64, b: i64) {
            prop_assert_eq!(IndexValue::from(a).cmp(&IndexValue::from(b)), a.cmp(&b));
        }
    }
}
