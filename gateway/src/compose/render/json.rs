//! A report as JSON: one flat object per finding.

use serde::Serialize;

use crate::compose::report::{Finding, Report};

/// What tools read of a finding. `line` and `column` count from 1 and are null together; `subgraph` is
/// null for what concerns the graph as a whole.
#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    message: &'a str,
    subgraph: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
}

impl<'a> From<&'a Finding> for Entry<'a> {
    fn from(finding: &'a Finding) -> Self {
        let position = finding.span.as_ref().and_then(|span| span.position);
        Self {
            code: finding.code.0,
            message: &finding.message,
            subgraph: finding.subgraph().map(|name| &**name),
            line: position.map(|at| at.line),
            column: position.map(|at| at.column),
        }
    }
}

/// The errors of a report as `[{code, message, subgraph, line, column}]`.
pub fn json(report: &Report) -> String {
    let entries: Vec<Entry<'_>> = report.errors().map(Entry::from).collect();
    // Strings and numbers alone: serialising them cannot fail.
    serde_json::to_string_pretty(&entries).unwrap_or_else(|_| "[]".to_owned())
}
