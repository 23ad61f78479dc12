//! The `errors` of an answer: what subgraphs reported and what the gateway found, with paths in the client's terms.
use std::sync::Arc;

use super::json::{Json, Kind, NodeId, write_string};
use crate::error::Code;

/// A step of a path in the client's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathStep {
    Key(Box<str>),
    Index(u32),
}

/// An error of the answer.
#[derive(Debug, Clone)]
pub(super) struct ClientError {
    pub(super) fault: Fault,
    pub(super) path: Option<Vec<PathStep>>,
}

/// What went wrong, without where.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// As a subgraph told it: an error object of its answer.
    Told { json: Arc<Json>, error: NodeId },
    /// As the gateway saw it.
    Seen { message: String, code: &'static str, subgraph: Option<Arc<str>> },
}

/// More errors than these are not listed: an answer of many thousand items with a fault in each must not grow without bound.
const MAX_ERRORS: usize = 1_000;

/// The errors of an answer in the making.
#[derive(Debug, Default)]
pub(super) struct Errors {
    list: Vec<ClientError>,
    /// How many are left out of the list.
    omitted: usize,
}

impl Errors {
    pub(super) fn add(&mut self, error: ClientError) {
        if self.list.len() < MAX_ERRORS { self.list.push(error) } else { self.omitted += 1 }
    }

    /// Whether no more errors are listed, so that finding their places is wasted.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= MAX_ERRORS
    }

    /// Counts errors that are not listed.
    pub(super) fn omit(&mut self, count: usize) {
        self.omitted += count;
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Tells each error at the paths that `places` gives for its own.
    pub(super) fn relocate(&mut self, places: impl Fn(&[PathStep]) -> Vec<Vec<PathStep>>) {
        for error in std::mem::take(&mut self.list) {
            match &error.path {
                None => self.add(error),
                Some(path) => {
                    for path in places(path) {
                        self.add(ClientError { fault: error.fault.clone(), path: Some(path) });
                    }
                }
            }
        }
    }

    /// Whether some error tells why nothing stands at `path`: it happened there, above or below.
    pub(super) fn explain(&self, path: &[PathStep]) -> bool {
        self.list.iter().any(|error| error.explains(path))
    }

    /// Writes the list as JSON.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (at, error) in self.list.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            error.write(out);
        }
        if self.omitted > 0 {
            let fault = Fault::of_value(format!("{} more errors are not listed", self.omitted));
            out.push(b',');
            ClientError { fault, path: None }.write(out);
        }
        out.push(b']');
    }
}

impl Fault {
    /// A subgraph did not answer, or not as GraphQL says.
    pub(super) fn of_subgraph(subgraph: &Arc<str>, code: &'static str, why: &str) -> Self {
        let message = format!("subgraph `{subgraph}`: {why}");
        Self::Seen { message, code, subgraph: Some(Arc::clone(subgraph)) }
    }

    /// The caller may not have a field.
    pub(super) fn of_caller() -> Self {
        let code = Code::UnauthorizedFieldOrType.name();
        Self::Seen { message: "Unauthorized field or type".to_owned(), code, subgraph: None }
    }

    /// A field's value is not what the schema says.
    pub(super) fn of_value(message: String) -> Self {
        Self::Seen { message, code: "INVALID_VALUE", subgraph: None }
    }
}

impl ClientError {
    fn explains(&self, path: &[PathStep]) -> bool {
        self.path.as_ref().is_some_and(|own| own.iter().zip(path).all(|(a, b)| a == b))
    }

    /// Writes the error as JSON.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"message\":");
        match &self.fault {
            Fault::Told { json, error } => match json.get(*error, "message") {
                Some(text) if matches!(json.kind(text), Kind::String | Kind::Escaped) => {
                    out.extend_from_slice(json.text(text));
                }
                _ => write_string(out, "the subgraph reported an error without a message"),
            },
            Fault::Seen { message, .. } => write_string(out, message),
        }
        if let Some(path) = &self.path {
            out.extend_from_slice(b",\"path\":[");
            for (at, step) in path.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                match step {
                    PathStep::Key(key) => write_string(out, key),
                    PathStep::Index(index) => out.extend_from_slice(index.to_string().as_bytes()),
                }
            }
            out.push(b']');
        }
        match &self.fault {
            Fault::Told { json, error } => {
                let extensions = json.get(*error, "extensions").filter(|it| json.kind(*it) == Kind::Object);
                if let Some(extensions) = extensions {
                    out.extend_from_slice(b",\"extensions\":");
                    out.extend_from_slice(json.text(extensions));
                }
            }
            Fault::Seen { code, subgraph, .. } => {
                out.extend_from_slice(b",\"extensions\":{\"code\":");
                write_string(out, code);
                if let Some(subgraph) = subgraph {
                    out.extend_from_slice(b",\"service\":");
                    write_string(out, subgraph);
                }
                out.push(b'}');
            }
        }
        out.push(b'}');
    }
}
