//! Writes of many changes at once, each under its revision as the external version of its document.

use ::elasticsearch::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use souk_kit::fault::Fault;

use super::generations::writes_of;
use super::http::{Reply, Taken, refused};
use super::{ElasticsearchEngine, mapping};
use crate::index::answer::Written;
use crate::index::document::Change;

/// How many changes go in one call.
const AT_ONCE: usize = 500;
/// And how many bytes, unless one change alone has more: a cluster refuses calls of more than 100 MB as they come, and
/// each call is held in memory whole, here and there.
const BYTES_AT_ONCE: usize = 8 << 20;

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

/// The first of some changes as the body of a call.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    body: Vec<u8>,
    /// How many of them it has: one at least, if there is any.
    count: usize,
}

impl Part {
    /// As many as fit into one call of at most so many changes and bytes.
    fn of(changes: &[Change], most: usize, most_bytes: usize) -> Result<Self, serde_json::Error> {
        let mut part = Self { body: Vec::new(), count: 0 };
        for change in changes.iter().take(most) {
            let before = part.body.len();
            append(&mut part.body, change)?;
            if part.count > 0 && part.body.len() > most_bytes {
                part.body.truncate(before);
                break;
            }
            part.count += 1;
        }
        Ok(part)
    }
}

/// Appends a change as a call has it: what to do on one line, with what on the next.
fn append(body: &mut Vec<u8>, change: &Change) -> Result<(), serde_json::Error> {
    let id = change.id().to_string();
    let action = json!({ "index": {
        "_id": id, "version": change.revision(), "version_type": "external",
    }});
    serde_json::to_writer(&mut *body, &action)?;
    body.push(b'\n');
    serde_json::to_writer(&mut *body, &mapping::document(change)?)?;
    body.push(b'\n');
    Ok(())
}

/// What is written of a change that the engine does not take: nothing under its revision. What was found before may
/// be public no more, so the product is not found until it changes.
fn set_aside(change: &Change) -> Change {
    let company = match change {
        Change::Upsert(document) => document.company,
        Change::Delete { company, .. } => *company,
    };
    Change::Delete { id: change.id(), company, revision: change.revision() }
}

impl ElasticsearchEngine {
    pub(super) async fn write_to(&self, generation: &str, changes: &[Change]) -> Result<Target, Fault> {
        let (mut all, mut rest, mut most) = (Written::default(), changes, AT_ONCE);
        while let Some(first) = rest.first() {
            let part = Part::of(rest, most, BYTES_AT_ONCE)?;
            let count = part.count;
            let target = match self.write_part(generation, part.body).await? {
                Some(target) => target,
                None if count > 1 => {
                    most = count / 2;
                    continue;
                }
                None => {
                    most = AT_ONCE;
                    self.write_aside(generation, first).await?
                }
            };
            let Target::Written(written) = target else { return Ok(Target::Missing) };
            all.applied += written.applied;
            all.stale += written.stale;
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(Target::Written(all))
    }

    /// Writes what is left of a change that is too large even alone, so that the others do not wait for it for ever.
    async fn write_aside(&self, generation: &str, change: &Change) -> Result<Target, Fault> {
        let (id, revision) = (change.id(), change.revision());
        tracing::error!(
            product = %id,
            revision,
            "{id} is too large for the search engine: it is not found until it changes",
        );
        let part = Part::of(&[set_aside(change)], 1, BYTES_AT_ONCE)?;
        let written = self.write_part(generation, part.body).await?;
        written.ok_or_else(|| refused(StatusCode::PAYLOAD_TOO_LARGE, format!("the deletion of {id}")))
    }

    /// None: it is too large.
    async fn write_part(&self, generation: &str, body: Vec<u8>) -> Result<Option<Target>, Fault> {
        // By an alias that goes with its index: a write that comes too late must not make the index anew.
        let path = format!("/{}/_bulk?require_alias=true", writes_of(generation));
        let answer = match self.client.offer(Method::Post, &path, body).await? {
            Taken::Yes(Reply::Done(answer)) => answer,
            Taken::Yes(Reply::Missing) => return Ok(Some(Target::Missing)),
            Taken::TooLarge => return Ok(None),
        };
        let answer: Answer = serde_json::from_value(answer)?;
        let mut written = Written::default();
        for Item { index: Outcome { status, error } } in answer.items {
            match status {
                200 | 201 => written.applied += 1,
                409 => written.stale += 1,
                404 => return Ok(Some(Target::Missing)),
                status => {
                    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
                    return Err(refused(status, error.to_string()));
                }
            }
        }
        Ok(Some(Target::Written(written)))
    }
}

#[cfg(test)]
mod tests {
    use souk_kit::clock::Timestamp;
    use souk_kit::event::Envelope;
    use souk_kit::id::CompanyId;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::super::generations::Names;
    use super::super::http::Client;
    use super::*;
    use crate::domain::heard;
    use crate::domain::rendering::{Surroundings, render};
    use crate::index::document::{ProductDocument, ProductId};

    fn document(description: &str) -> ProductDocument {
        let golden = include_str!("../../../../catalog/tests/events/product.created.v1.json");
        let event: Envelope<heard::Product> = serde_json::from_str(golden).unwrap();
        let mut document = render(&event.data, &Surroundings::default(), 0, 7, Timestamp::UNIX_EPOCH);
        for text in document.texts.values_mut() {
            description.clone_into(&mut text.description);
        }
        document
    }

    /// Changes of one size in bytes each, which is told beside them.
    fn changes(count: usize) -> (Vec<Change>, usize) {
        let company = CompanyId::new(Timestamp::UNIX_EPOCH);
        let one = |_| Change::Delete { id: ProductId::new(Timestamp::UNIX_EPOCH), company, revision: 1 };
        let changes: Vec<Change> = (0..count).map(one).collect();
        let size = Part::of(&changes[..1], 1, usize::MAX).unwrap().body.len();
        (changes, size)
    }

    #[test]
    fn a_call_has_as_many_changes_as_fit_and_one_at_least() {
        let (all, size) = changes(7);
        let cases = [
            (3, usize::MAX, 3),
            (10, usize::MAX, 7),
            (10, size * 4, 4),
            (10, size * 4 + size / 2, 4),
            (2, size * 4, 2),
            (10, size, 1),
            (10, size - 1, 1),
        ];
        for (most, most_bytes, count) in cases {
            let part = Part::of(&all, most, most_bytes).unwrap();
            assert_eq!((part.count, part.body.len()), (count, count * size), "{most}, {most_bytes}");
            assert!(part.body.ends_with(b"\n"), "two whole lines each");
        }
        assert_eq!(Part::of(&[], 10, size).unwrap().count, 0);
    }

    #[test]
    fn parts_of_a_write_hold_each_change_once_and_in_order() {
        let (all, size) = changes(23);
        let (mut rest, mut bytes) = (all.as_slice(), Vec::new());
        while !rest.is_empty() {
            let part = Part::of(rest, 10, size * 3).unwrap();
            bytes.extend(part.body);
            rest = &rest[part.count..];
        }
        assert_eq!(bytes, Part::of(&all, usize::MAX, usize::MAX).unwrap().body);
    }

    /// A cluster that takes no body of more than `most` bytes, and says otherwise that all was written. It tells each
    /// body that it took.
    async fn cluster(most: usize) -> (ElasticsearchEngine, UnboundedReceiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, taken) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let body = body(&mut stream).await;
                let (status, answer) = if body.len() > most {
                    ("413 Payload Too Large", String::new())
                } else {
                    let items = vec![json!({ "index": { "status": 201 } }); body.lines().count() / 2];
                    tell.send(body).unwrap();
                    ("200 OK", json!({ "items": items }).to_string())
                };
                let head = "content-type: application/json\r\nconnection: close";
                let length = answer.len();
                let reply =
                    format!("HTTP/1.1 {status}\r\n{head}\r\ncontent-length: {length}\r\n\r\n{answer}");
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
        });
        let engine = ElasticsearchEngine { client: Client::new(&url).unwrap(), names: Names::new("test-") };
        (engine, taken)
    }

    /// The body of the request that comes next.
    async fn body(stream: &mut TcpStream) -> String {
        let (mut request, mut some) = (Vec::new(), [0; 4096]);
        loop {
            let count = stream.read(&mut some).await.unwrap();
            request.extend_from_slice(&some[..count]);
            let text = String::from_utf8_lossy(&request);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return body.to_owned();
            }
        }
    }

    #[tokio::test]
    async fn what_is_too_large_together_goes_in_smaller_calls() {
        let (all, size) = changes(23);
        let (engine, mut taken) = cluster(size * 7).await;
        let written = engine.write_to("g", &all).await.unwrap();
        assert_eq!(written, Target::Written(Written { applied: 23, stale: 0 }));
        let mut bodies = String::new();
        while let Ok(body) = taken.try_recv() {
            bodies.push_str(&body);
        }
        assert_eq!(bodies.as_bytes(), Part::of(&all, usize::MAX, usize::MAX).unwrap().body);
    }

    #[tokio::test]
    async fn what_is_too_large_alone_holds_up_nothing_and_is_not_found() {
        let (mut all, size) = changes(9);
        let large = document(&"word ".repeat(size));
        let (id, company) = (large.id, large.company);
        all.insert(4, Change::Upsert(Box::new(large)));
        let (engine, mut taken) = cluster(size * 4).await;
        let written = engine.write_to("g", &all).await.unwrap();
        assert_eq!(written, Target::Written(Written { applied: 10, stale: 0 }));
        let mut lines = Vec::new();
        while let Ok(body) = taken.try_recv() {
            lines.extend(body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
        let ids: Vec<_> = lines.iter().step_by(2).map(|line| line["index"]["_id"].clone()).collect();
        let expected: Vec<_> = all.iter().map(|change| json!(change.id().to_string())).collect();
        assert_eq!(ids, expected);
        assert_eq!(lines[8]["index"]["version"], 7);
        assert_eq!(lines[9], json!({ "id": id.to_string(), "company": company.to_string(), "gone": true }));
    }
}
