//! Differences between two answers about one set: the verdict, the codes, and what the schemas say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use souk_gateway::compose::report::{Report, Severity};
use souk_gateway::compose::{SubgraphSource, compose};

use super::Set;
use super::facts;
use super::oracle::Answer;

/// One way in which the answers differ.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Difference {
    pub(super) class: Class,
    /// What exactly, in a line.
    pub(super) detail: String,
}

/// Kinds of difference, by which they are counted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Class {
    /// Our composer panicked.
    Panic,
    /// We compose what the reference refuses with these codes.
    TooLenient(String),
    /// We refuse with these codes what the reference composes.
    TooStrict(String),
    /// Both refuse, for other reasons.
    Codes { ours: String, reference: String },
    /// The API schemas say different things about a kind of element.
    Api(String),
    /// The supergraphs apply a directive differently.
    Supergraph(String),
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic => f.write_str("panic"),
            Self::TooLenient(codes) => write!(f, "composed, reference reports {codes}"),
            Self::TooStrict(codes) => write!(f, "reports {codes}, reference composes"),
            Self::Codes { ours, reference } => write!(f, "reports {ours}, reference {reference}"),
            Self::Api(what) => write!(f, "API schema: {what}"),
            Self::Supergraph(what) => write!(f, "supergraph: {what}"),
        }
    }
}

/// What comparing two answers came to.
#[derive(Default)]
pub(super) struct Comparison {
    pub(super) differences: Vec<Difference>,
    /// Of a set that both compose: hints that only one of them gives, as `only ours: CODE`.
    pub(super) hints: Option<Vec<String>>,
}

/// Whether we compose `set`.
pub(super) fn composes(set: &Set) -> bool {
    compose(&sources(set)).0.is_some()
}

fn sources(set: &Set) -> Vec<SubgraphSource> {
    let source = |(name, sdl): &(String, String)| SubgraphSource {
        name: name.clone(),
        url: Some(format!("http://{name}")),
        sdl: sdl.clone(),
    };
    set.subgraphs.iter().map(source).collect()
}

/// Composes `set` and says where our answer differs from the reference's.
pub(super) fn compare(set: &Set, reference: &Answer) -> Comparison {
    let sources = sources(set);
    let one =
        |class, detail: String| Comparison { differences: vec![Difference { class, detail }], hints: None };
    let Ok((supergraph, report)) = catch_unwind(AssertUnwindSafe(|| compose(&sources))) else {
        return one(Class::Panic, String::new());
    };
    let ours: BTreeSet<&str> = report.errors().map(|finding| finding.code.0).collect();
    let theirs = reference.codes();
    let said = || {
        let ours = report.errors().map(|finding| format!("ours: [{}] {}", finding.code, finding.message));
        let theirs =
            reference.errors.iter().map(|error| format!("reference: [{}] {}", error.code, error.message));
        ours.chain(theirs).collect::<Vec<_>>().join("\n")
    };
    match (supergraph, &reference.supergraph_sdl, &reference.api_sdl) {
        (Some(ours), Some(supergraph), Some(api)) => {
            let api = unlike(&facts::of_api(&ours.api_sdl), &facts::of_api(api), Class::Api);
            let supergraph = unlike(
                &facts::of_supergraph(&ours.sdl),
                &facts::of_supergraph(supergraph),
                Class::Supergraph,
            );
            Comparison {
                differences: api.into_iter().chain(supergraph).collect(),
                hints: Some(unlike_hints(&report, reference)),
            }
        }
        (Some(_), _, _) => one(Class::TooLenient(listed(&theirs)), said()),
        (None, Some(_), _) => one(Class::TooStrict(listed(&ours)), said()),
        (None, None, _) if ours == theirs => Comparison::default(),
        (None, None, _) => one(Class::Codes { ours: listed(&ours), reference: listed(&theirs) }, said()),
    }
}

fn unlike_hints(report: &Report, reference: &Answer) -> Vec<String> {
    let hints = report.findings().iter().filter(|finding| finding.severity == Severity::Hint);
    let ours: BTreeSet<&str> = hints.map(|finding| finding.code.0).collect();
    let theirs: BTreeSet<&str> = reference.hints.iter().map(|hint| hint.code.as_str()).collect();
    let added = ours.difference(&theirs).map(|code| format!("only ours: {code}"));
    added.chain(theirs.difference(&ours).map(|code| format!("only reference: {code}"))).collect()
}

fn listed(codes: &BTreeSet<&str>) -> String {
    codes.iter().copied().collect::<Vec<_>>().join(" ")
}

/// Facts are compared as sets per kind, so that order does not matter.
fn unlike(
    ours: &BTreeMap<String, BTreeSet<String>>,
    reference: &BTreeMap<String, BTreeSet<String>>,
    class: fn(String) -> Class,
) -> Vec<Difference> {
    let nothing = BTreeSet::new();
    let kinds: BTreeSet<&String> = ours.keys().chain(reference.keys()).collect();
    let mut found = Vec::new();
    for kind in kinds {
        let (here, there) = (ours.get(kind).unwrap_or(&nothing), reference.get(kind).unwrap_or(&nothing));
        let added = here.difference(there).map(|fact| format!("only ours: {fact}"));
        let missing = there.difference(here).map(|fact| format!("only reference: {fact}"));
        let details = added.chain(missing);
        found.extend(details.map(|detail| Difference { class: class(kind.clone()), detail }));
    }
    found
}
