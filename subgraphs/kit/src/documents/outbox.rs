//! The events that wait inside documents, as the relay sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Notify;

use super::collection::Collection;
use super::engine::Documents;
use crate::event::Topic;
use crate::fault::Fault;
use crate::id::EventId;
use crate::relay::{Outbox, Pending};

/// Parts a handle: collection, document and event.
const BETWEEN: char = '\u{1f}';

/// The outbox of one subgraph's collections.
pub struct DocumentsOutbox {
    name: &'static str,
    engine: Arc<dyn Documents>,
    collections: Vec<(&'static str, Topic)>,
}

impl DocumentsOutbox {
    /// An outbox for the subgraph `name`, without collections yet.
    #[must_use]
    pub fn new(name: &'static str, engine: Arc<dyn Documents>) -> Self {
        Self { name, engine, collections: Vec::new() }
    }

    /// With the events of one more collection.
    #[must_use]
    pub fn of<C: Collection>(mut self) -> Self {
        self.collections.push((C::NAME, C::TOPIC));
        self
    }
}

#[async_trait::async_trait]
impl Outbox for DocumentsOutbox {
    fn name(&self) -> &str {
        self.name
    }

    fn written(&self) -> Arc<Notify> {
        self.engine.written()
    }

    async fn pending(&self, limit: usize) -> Result<Vec<Pending>, Fault> {
        let mut found = Vec::new();
        for (collection, topic) in &self.collections {
            for document in self.engine.pending(collection, limit).await? {
                for event in document.events {
                    found.push(Pending {
                        handle: format!("{collection}{BETWEEN}{}{BETWEEN}{}", document.id, event.id),
                        topic: *topic,
                        key: event.subject.clone(),
                        payload: serde_json::to_vec(&event)?.into(),
                        written_at: event.time,
                    });
                }
            }
        }
        Ok(found)
    }

    async fn relayed(&self, events: &[Pending]) -> Result<(), Fault> {
        let mut by_document: BTreeMap<(&str, &str), Vec<EventId>> = BTreeMap::new();
        for event in events {
            let mut parts = event.handle.split(BETWEEN);
            let (Some(collection), Some(document), Some(id)) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let id = id.parse().map_err(Fault::internal)?;
            by_document.entry((collection, document)).or_default().push(id);
        }
        for ((collection, document), ids) in by_document {
            let Some((name, _)) = self.collections.iter().find(|(name, _)| *name == collection) else {
                continue;
            };
            self.engine.acknowledge(name, document, &ids).await?;
        }
        Ok(())
    }
}
