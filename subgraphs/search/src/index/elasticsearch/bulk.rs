//! Writes of many changes at once, each under its revision as the external version of its document.

use std::sync::Arc;

use ::elasticsearch::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use souk_kit::fault::Fault;

use super::generations::writes_of;
use super::http::{Reply, Taken, refused};
use super::{ElasticsearchEngine, mapping};
use crate::index::answer::Written;
use crate::index::aside::{set_aside, taken_apart, tell};
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

/// What came of one call.
enum Called {
    /// What came of each change, in their order.
    Each(Vec<Outcome>),
    TooLarge,
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

impl Outcome {
    /// Whether a refusal is for what the document holds, and not for what the index is at the moment, such as closed.
    fn is_of_document(&self) -> bool {
        let kind = self.error.get("type").and_then(Value::as_str);
        matches!(
            kind,
            Some("document_parsing_exception" | "mapper_parsing_exception" | "illegal_argument_exception")
        )
    }

    fn fault(&self) -> Fault {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        refused(status, self.error.to_string())
    }
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
    serde_json::to_writer(&mut *body, &taken_apart(change, mapping::document)?)?;
    body.push(b'\n');
    Ok(())
}

/// The changes from `done` on, as many as fit into one call, taken apart where that may take its time.
async fn part_of(changes: &Arc<[Change]>, done: usize, most: usize) -> Result<Part, Fault> {
    let changes = Arc::clone(changes);
    let part =
        move || Part::of(changes.get(done..).unwrap_or_default(), most, BYTES_AT_ONCE).map_err(Fault::from);
    tokio::task::spawn_blocking(part).await.map_err(Fault::internal)?
}

impl ElasticsearchEngine {
    /// Writes changes to a generation. One that the engine does not take is set aside and holds up no other.
    ///
    /// That is so when it is too large even alone, or when the engine refuses its document. But that may be the fault of
    /// the mapping as well: as long as the generation has taken no product at all, it is, and the whole write fails, so
    /// that nothing is given up and everything is tried again.
    pub(super) async fn write_to(&self, generation: &str, changes: &[Change]) -> Result<Target, Fault> {
        let (mut all, mut done, mut most) = (Written::default(), 0, AT_ONCE);
        let mut refusals = Vec::new();
        let owned: Arc<[Change]> = changes.into();
        while let Some((first, rest)) = changes.get(done..).and_then(|rest| Some((rest.first()?, rest))) {
            let part = part_of(&owned, done, most).await?;
            let count = part.count;
            match self.call(generation, part.body).await? {
                Called::Each(outcomes) => {
                    for (change, outcome) in rest.iter().zip(outcomes) {
                        match outcome.status {
                            200 | 201 => all.applied += 1,
                            // What is stale was read nonetheless.
                            409 => all.stale += 1,
                            400 if outcome.is_of_document() => {
                                refusals.push((change, outcome.error.to_string()));
                                continue;
                            }
                            _ => return Err(outcome.fault()),
                        }
                        if matches!(change, Change::Upsert(_)) {
                            self.proven.add(generation);
                        }
                    }
                }
                Called::TooLarge if count > 1 => {
                    most = count / 2;
                    continue;
                }
                Called::TooLarge => {
                    most = AT_ONCE;
                    let why = "is too large for the search engine";
                    if !self.write_aside(generation, first, why, &mut all).await? {
                        return Ok(Target::Missing);
                    }
                }
                Called::Missing => return Ok(Target::Missing),
            }
            done += count;
        }
        for (change, error) in refusals {
            if !self.is_proven(generation).await? {
                return Err(refused(StatusCode::BAD_REQUEST, error));
            }
            let why = format!("is refused by the search engine, which says {error}");
            if !self.write_aside(generation, change, &why, &mut all).await? {
                return Ok(Target::Missing);
            }
        }
        Ok(Target::Written(all))
    }

    /// Writes what is left of a change that the engine does not take, so that the others do not wait for it for ever.
    /// False: the generation is gone.
    async fn write_aside(
        &self,
        generation: &str,
        change: &Change,
        why: &str,
        all: &mut Written,
    ) -> Result<bool, Fault> {
        tell(change, why);
        let part = Part::of(&[set_aside(change)], 1, BYTES_AT_ONCE)?;
        let outcomes = match self.call(generation, part.body).await? {
            Called::Each(outcomes) => outcomes,
            Called::TooLarge => {
                let deletion = format!("the deletion of {}", change.id());
                return Err(refused(StatusCode::PAYLOAD_TOO_LARGE, deletion));
            }
            Called::Missing => return Ok(false),
        };
        for outcome in outcomes {
            match outcome.status {
                200 | 201 => all.applied += 1,
                409 => all.stale += 1,
                _ => return Err(outcome.fault()),
            }
        }
        Ok(true)
    }

    async fn call(&self, generation: &str, body: Vec<u8>) -> Result<Called, Fault> {
        // By an alias that goes with its index: a write that comes too late must not make the index anew.
        let path = format!("/{}/_bulk?require_alias=true", writes_of(generation));
        let answer = match self.client.offer(Method::Post, &path, body).await? {
            Taken::Yes(Reply::Done(answer)) => answer,
            Taken::Yes(Reply::Missing) => return Ok(Called::Missing),
            Taken::TooLarge => return Ok(Called::TooLarge),
        };
        let answer: Answer = serde_json::from_value(answer)?;
        let outcomes: Vec<_> = answer.items.into_iter().map(|item| item.index).collect();
        let is_gone = outcomes.iter().any(|outcome| outcome.status == 404);
        Ok(if is_gone { Called::Missing } else { Called::Each(outcomes) })
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

    /// What a document holds that the cluster of these tests refuses.
    const BAD: &str = "unreadable";

    /// What a cluster answers for each change of a body.
    fn outcomes(body: &str) -> String {
        let lines: Vec<&str> = body.lines().collect();
        let outcome = |change: &[&str]| match change {
            [_, document] if document.contains(BAD) => {
                json!({ "index": { "status": 400, "error": { "type": "document_parsing_exception" } } })
            }
            _ => json!({ "index": { "status": 201 } }),
        };
        json!({ "items": lines.chunks(2).map(outcome).collect::<Vec<_>>() }).to_string()
    }

    /// A cluster that takes no body of more than `most` bytes, refuses bad documents, and says of all others that they
    /// were written. It tells each body that it took. Asked for anything else, it knows nothing.
    async fn cluster(most: usize) -> (ElasticsearchEngine, UnboundedReceiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, taken) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let body = body(&mut stream).await;
                let (status, answer) = if body.is_empty() {
                    // What generations there are: none of which anything is known.
                    ("200 OK", "{}".to_owned())
                } else if body.len() > most {
                    ("413 Payload Too Large", String::new())
                } else {
                    let outcomes = outcomes(&body);
                    tell.send(body).unwrap();
                    ("200 OK", outcomes)
                };
                let head = "content-type: application/json\r\nconnection: close";
                let length = answer.len();
                let reply =
                    format!("HTTP/1.1 {status}\r\n{head}\r\ncontent-length: {length}\r\n\r\n{answer}");
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
        });
        (ElasticsearchEngine::new(&url, "test-").unwrap(), taken)
    }

    /// The body of the request that comes next, which may have none.
    async fn body(stream: &mut TcpStream) -> String {
        let (mut request, mut some) = (Vec::new(), [0; 4096]);
        loop {
            let count = stream.read(&mut some).await.unwrap();
            request.extend_from_slice(&some[..count]);
            let text = String::from_utf8_lossy(&request);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.map_or(0, |length| length.parse::<usize>().unwrap()) {
                return body.to_owned();
            }
        }
    }

    /// All that a cluster took so far.
    fn lines(taken: &mut UnboundedReceiver<String>) -> Vec<Value> {
        let mut lines = Vec::new();
        while let Ok(body) = taken.try_recv() {
            lines.extend(body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
        lines
    }

    fn upsert(description: &str) -> Change {
        Change::Upsert(Box::new(document(description)))
    }

    #[tokio::test]
    async fn what_is_refused_holds_up_nothing_and_is_not_found() {
        let (mut all, _) = changes(4);
        let bad = upsert(BAD);
        all.insert(2, bad.clone());
        all.push(upsert("good"));
        let (engine, mut taken) = cluster(usize::MAX).await;
        let written = engine.write_to("g", &all).await.unwrap();
        assert_eq!(written, Target::Written(Written { applied: 6, stale: 0 }));
        let lines = lines(&mut taken);
        assert_eq!(lines.len(), 2 * 7, "each once, and what is left of the bad one");
        assert_eq!(lines[12]["index"]["_id"], bad.id().to_string());
        assert_eq!(lines[12]["index"]["version"], 7);
        assert_eq!(lines[13]["gone"], true);
    }

    #[tokio::test]
    async fn a_generation_that_takes_no_product_at_all_is_at_fault_itself() {
        let (deletions, _) = changes(4);
        let all: Vec<_> = deletions.into_iter().chain([upsert(BAD)]).collect();
        let (engine, mut taken) = cluster(usize::MAX).await;
        for _ in 0..2 {
            let fault = engine.write_to("g", &all).await.unwrap_err();
            assert!(format!("{fault:?}").contains("document_parsing_exception"), "{fault:?}");
            assert_eq!(lines(&mut taken).len(), 2 * all.len(), "nothing is set aside");
        }
        engine.write_to("other", &[upsert("good")]).await.unwrap();
        assert!(engine.write_to("g", &all).await.is_err(), "the other has another mapping");
        engine.write_to("g", &[upsert("good")]).await.unwrap();
        let written = engine.write_to("g", &[upsert(BAD)]).await.unwrap();
        assert_eq!(written, Target::Written(Written { applied: 1, stale: 0 }), "set aside, though alone");
    }

    #[test]
    fn only_what_a_document_holds_is_its_fault() {
        let of = |kind: &str| Outcome { status: 400, error: json!({ "type": kind, "reason": "…" }) };
        assert!(of("document_parsing_exception").is_of_document());
        assert!(of("illegal_argument_exception").is_of_document());
        assert!(!of("index_closed_exception").is_of_document());
        assert!(!Outcome { status: 400, error: Value::Null }.is_of_document());
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
        let lines = lines(&mut taken);
        let ids: Vec<_> = lines.iter().step_by(2).map(|line| line["index"]["_id"].clone()).collect();
        let expected: Vec<_> = all.iter().map(|change| json!(change.id().to_string())).collect();
        assert_eq!(ids, expected);
        assert_eq!(lines[8]["index"]["version"], 7);
        assert_eq!(lines[9], json!({ "id": id.to_string(), "company": company.to_string(), "gone": true }));
    }
}
