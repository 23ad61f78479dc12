//! What composition has to say: findings with a code, a place and a remedy, in a stable order.

use std::fmt;
use std::sync::Arc;

/// A code of the federation error reference, or of Apollo's composition hints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Whether a finding keeps the graph from composing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The graph does not compose.
    Error,
    /// Legal but doubtful: the graph composes all the same.
    Hint,
}

/// A place in a subgraph's SDL, or the subgraph as a whole.
///
/// Spans order by subgraph and then by offset, which is the order of a report.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The subgraph's name as it was given.
    pub subgraph: Arc<str>,
    /// Where in its SDL; `None` for what stands nowhere in it.
    pub position: Option<Position>,
}

impl Span {
    /// The subgraph as a whole, for findings about what is not written anywhere.
    pub fn whole(subgraph: &Arc<str>) -> Self {
        Self { subgraph: Arc::clone(subgraph), position: None }
    }
}

/// A point in a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// Bytes from the start of the text.
    pub offset: usize,
    /// Counted from 1.
    pub line: usize,
    /// Characters from the start of the line, counted from 1.
    pub column: usize,
}

/// A second place that explains a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there.
    pub text: String,
}

/// One thing found: the fact, where it stands, and how to mend it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Which rule found it.
    pub code: Code,
    /// Error or hint.
    pub severity: Severity,
    /// The fact, naming subgraph and coordinate.
    pub message: String,
    /// Where it stands; `None` when it is about the graph as a whole.
    pub span: Option<Span>,
    /// Other places that take part.
    pub labels: Vec<Label>,
    /// The remedy.
    pub hint: Option<String>,
}

impl Finding {
    /// The subgraph that the finding is about, if it is about one.
    pub fn subgraph(&self) -> Option<&Arc<str>> {
        self.span.as_ref().map(|span| &span.subgraph)
    }

    /// Adds a place that takes part.
    pub fn label(&mut self, span: Span, text: impl Into<String>) -> &mut Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds several places that take part.
    pub fn labels<T: Into<String>>(&mut self, labels: impl IntoIterator<Item = (Span, T)>) -> &mut Self {
        self.labels.extend(labels.into_iter().map(|(span, text)| Label { span, text: text.into() }));
        self
    }

    /// Says how to mend it.
    pub fn hint(&mut self, remedy: impl Into<String>) -> &mut Self {
        self.hint = Some(remedy.into());
        self
    }
}

/// Everything that composition found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Records an error.
    pub fn error(
        &mut self,
        code: Code,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.record(code, Severity::Error, span.into(), message.into())
    }

    /// Records what is legal but doubtful.
    pub fn doubt(
        &mut self,
        code: Code,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.record(code, Severity::Hint, span.into(), message.into())
    }

    /// Everything found, sorted by [`Report::sort`] or in the order of recording.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The errors alone.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    /// Whether the graph may not compose.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Brings the findings into the order in which they are shown: subgraph, offset, code, message.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| (&a.span, a.code, &a.message).cmp(&(&b.span, b.code, &b.message)));
    }

    /// Takes over the findings of another report.
    pub fn append(&mut self, other: Report) {
        self.findings.extend(other.findings);
    }

    fn record(
        &mut self,
        code: Code,
        severity: Severity,
        span: Option<Span>,
        message: String,
    ) -> &mut Finding {
        let at = self.findings.len();
        self.findings.push(Finding { code, severity, message, span, labels: Vec::new(), hint: None });
        #[expect(clippy::indexing_slicing, reason = "it was pushed just now")]
        &mut self.findings[at]
    }
}
