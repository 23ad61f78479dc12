//! Writes of many changes at once, each under its revision as the external version of its document.

use ::elasticsearch::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use souk_kit::fault::Fault;

use super::generations::writes_of;
use super::http::{Reply, refused};
use super::{ElasticsearchEngine, mapping};
use crate::index::answer::Written;
use crate::index::document::Change;

/// How many changes go in one call.
const AT_ONCE: usize = 500;

/// What came of writing to one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Written(Written),
    /// The generation is gone.
    Missing,
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    status: u16,
    #[serde(default)]
    error: Value,
}

impl ElasticsearchEngine {
    pub(super) async fn write_to(&self, generation: &str, changes: &[Change]) -> Result<Target, Fault> {
        let mut all = Written::default();
        for part in changes.chunks(AT_ONCE) {
            match self.write_part(generation, part).await? {
                Target::Written(written) => {
                    all.applied += written.applied;
                    all.stale += written.stale;
                }
                Target::Missing => return Ok(Target::Missing),
            }
        }
        Ok(Target::Written(all))
    }

    async fn write_part(&self, generation: &str, changes: &[Change]) -> Result<Target, Fault> {
        let mut body = Vec::new();
        for change in changes {
            let id = change.id().to_string();
            let action = json!({ "index": {
                "_id": id, "version": change.revision(), "version_type": "external",
            }});
            serde_json::to_writer(&mut body, &action)?;
            body.push(b'\n');
            serde_json::to_writer(&mut body, &mapping::document(change)?)?;
            body.push(b'\n');
        }
        // By an alias that goes with its index: a write that comes too late must not make the index anew.
        let path = format!("/{}/_bulk?require_alias=true", writes_of(generation));
        let Reply::Done(answer) = self.client.call(Method::Post, &path, body).await? else {
            return Ok(Target::Missing);
        };
        let answer: Answer = serde_json::from_value(answer)?;
        let mut written = Written::default();
        for Item { index: Outcome { status, error } } in answer.items {
            match status {
                200 | 201 => written.applied += 1,
                409 => written.stale += 1,
                404 => return Ok(Target::Missing),
                status => {
                    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
                    return Err(refused(status, error.to_string()));
                }
            }
        }
        Ok(Target::Written(written))
    }
}
