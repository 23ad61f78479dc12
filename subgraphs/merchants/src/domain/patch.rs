//! What an update says of one field: leave it, clear it or set it.

/// An omitted field keeps its value, `null` clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    /// Applies to a field that may be empty; `parse` judges a new value.
    pub(crate) fn onto_optional<U, E>(
        self,
        field: &mut Option<U>,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<(), E> {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(parse(value)?),
        }
        Ok(())
    }

    /// Applies to a field that may not be empty: clearing it is `cleared`.
    pub(crate) fn onto_required<U, E>(
        self,
        field: &mut U,
        cleared: E,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<(), E> {
        match self {
            Self::Keep => {}
            Self::Clear => return Err(cleared),
            Self::Set(value) => *field = parse(value)?,
        }
        Ok(())
    }
}
