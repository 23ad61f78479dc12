//! What happens to the rows of a bulk write when some of them are wrong.

use super::finding::Finding;

/// Most rows of one bulk write.
pub const MAX_ROWS: usize = 500;

/// The policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Every row is validated first; if one is wrong, none is written.
    RejectAll,
    /// Rows that are wrong are left out, the others are written.
    RejectFailedRows,
    /// Wrong fields are left out and reported; a row is left out only when what remains is no product.
    IgnoreFailedFields,
}

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFindings<R> {
    /// Fields that were refused by themselves and left as they were.
    pub fields: Vec<Finding<R>>,
    /// What is wrong with the row as a whole even without those.
    pub whole: Vec<Finding<R>>,
}

impl<R> RowFindings<R> {
    /// Whether the row is right in every field.
    pub fn is_clean(&self) -> bool {
        self.fields.is_empty() && self.whole.is_empty()
    }
}

impl Policy {
    /// Whether a row with these findings is written, all other rows being right.
    pub fn writes_row<R>(self, found: &RowFindings<R>) -> bool {
        match self {
            Self::RejectAll | Self::RejectFailedRows => found.is_clean(),
            Self::IgnoreFailedFields => found.whole.is_empty(),
        }
    }

    /// Whether rows are written at all when `wrong` says that one of them was found wrong beforehand.
    pub fn writes_any(self, wrong: bool) -> bool {
        match self {
            Self::RejectAll => !wrong,
            Self::RejectFailedRows | Self::IgnoreFailedFields => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_as_a_table() {
        let found = |fields: usize, whole: usize| RowFindings::<&str> {
            fields: vec![Finding::new("f", "wrong"); fields],
            whole: vec![Finding::new("w", "wrong"); whole],
        };
        let rows = [found(0, 0), found(1, 0), found(0, 1)];
        let written = |policy: Policy| rows.each_ref().map(|row| policy.writes_row(row));
        assert_eq!(written(Policy::RejectAll), [true, false, false]);
        assert_eq!(written(Policy::RejectFailedRows), [true, false, false]);
        assert_eq!(written(Policy::IgnoreFailedFields), [true, true, false]);
        assert!(!Policy::RejectAll.writes_any(true) && Policy::RejectAll.writes_any(false));
        assert!(Policy::RejectFailedRows.writes_any(true) && Policy::IgnoreFailedFields.writes_any(true));
    }
}
