//! Places in a request's document, as clients are told them.

use apollo_compiler::parser::{SourceMap, SourceSpan};

use crate::error::Location;

/// Where `span` begins, counted from 1.
pub(super) fn locate(span: Option<SourceSpan>, sources: &SourceMap) -> Option<Location> {
    let start = span?.line_column(sources)?;
    Some(Location { line: start.line, column: start.column })
}
