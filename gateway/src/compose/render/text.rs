//! A report as text: the fact, the place with its line of source, the other places, the remedy.

use std::fmt::Write;

use crate::compose::SubgraphSource;
use crate::compose::report::{Finding, Report, Severity, Span};

/// The report with excerpts of the source, the way a compiler shows it. `sources` are what was composed.
///
/// ```text
/// error[INVALID_FIELD_SHARING]: `Product.name` is resolved by products, reviews
///   --> reviews:1:43
///    |
///  1 | type Product @key(fields: "id") { id: ID! name: String }
///    |                                           ^
///   = help: mark it `@shareable` in each subgraph, or keep it in one
/// ```
pub fn text(report: &Report, sources: &[SubgraphSource]) -> String {
    let mut out = String::new();
    for finding in report.findings() {
        headline(finding, &mut out);
        if let Some(span) = &finding.span {
            place(span, None, sources, &mut out);
        }
        for label in finding.labels.iter().filter(|label| Some(&label.span) != finding.span.as_ref()) {
            place(&label.span, Some(&label.text), sources, &mut out);
        }
        remedy(finding, &mut out);
        out.push('\n');
    }
    out
}

/// The report without excerpts: what the rules' pages quote.
pub fn brief(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.findings() {
        headline(finding, &mut out);
        if let Some(span) = &finding.span {
            arrow(span, &mut out);
        }
        remedy(finding, &mut out);
    }
    out
}

fn headline(finding: &Finding, out: &mut String) {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Hint => "hint",
    };
    let _ = writeln!(out, "{severity}[{}]: {}", finding.code, finding.message);
}

fn arrow(span: &Span, out: &mut String) {
    let _ = match span.position {
        Some(at) => writeln!(out, "  --> {}:{}:{}", span.subgraph, at.line, at.column),
        None => writeln!(out, "  --> {}", span.subgraph),
    };
}

fn remedy(finding: &Finding, out: &mut String) {
    if let Some(hint) = &finding.hint {
        let _ = writeln!(out, "  = help: {hint}");
    }
}

fn place(span: &Span, note: Option<&str>, sources: &[SubgraphSource], out: &mut String) {
    arrow(span, out);
    let Some(at) = span.position else { return };
    let source = sources.iter().find(|source| *source.name == *span.subgraph);
    let Some(line) = source.and_then(|source| source.sdl.lines().nth(at.line.saturating_sub(1))) else {
        return;
    };
    let number = at.line.to_string();
    let gutter = " ".repeat(number.len());
    // A tab before the mark stays a tab, so that the mark stands under its character.
    let indent: String =
        line.chars().take(at.column.saturating_sub(1)).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let note = note.map(|note| format!(" {note}")).unwrap_or_default();
    let _ = writeln!(out, " {gutter} |\n {number} | {line}\n {gutter} | {indent}^{note}");
}
