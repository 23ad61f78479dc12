//! What a domain says of a collection: its documents' type, ids, tenants and index.

use std::borrow::Cow;
use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::filter::IndexValue;
use crate::event::Topic;
use crate::fault::Fault;
use crate::permission::Tenant;

/// A kind of document. The implementor is an empty enum: it is named, never made.
pub trait Collection: Send + Sync + 'static {
    /// The aggregate.
    type State: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;

    /// The collection's name, lower-case letters and `_`; never changed.
    const NAME: &'static str;
    /// Where its events say they come from, such as `/souk/catalog`.
    const SOURCE: &'static str;
    /// Where its events travel.
    const TOPIC: Topic;
    /// Of the states that are written now.
    const SCHEMA_VERSION: u32;

    /// The aggregate's id.
    fn id(state: &Self::State) -> String;
    /// Whose it is.
    fn tenant(state: &Self::State) -> Tenant;
    /// What can be asked for, and what is unique.
    fn index(state: &Self::State) -> Index;

    /// Turns a state of an older schema version into one of the next; called once per step.
    fn upgrade(from: u32, _state: serde_json::Value) -> Result<serde_json::Value, Fault> {
        Err(Fault::broken(format!("{} has no upgrade from schema version {from}", Self::NAME)))
    }
}

/// An aggregate as it was read, with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<S> {
    /// Counts its changes from 1.
    pub version: i64,
    /// The aggregate.
    pub state: S,
}

impl<S> Deref for Document<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.state
    }
}

/// What is indexed of one document. An engine keeps it beside the state and never looks into the state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    pub(super) unique: Vec<String>,
    pub(super) fields: Vec<(Cow<'static, str>, IndexValue)>,
}

impl Index {
    /// Adds a key that no other document of the collection may hold. It names what it is and whose:
    /// `slug:comp_…:teapot`.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        let key = key.into();
        if !self.unique.contains(&key) {
            self.unique.push(key);
        }
        self
    }

    /// The unique keys.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.unique
    }

    /// The values of fields, in no particular order; a field with several values comes several times.
    pub fn values(&self) -> impl Iterator<Item = (&str, &IndexValue)> {
        self.fields.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Adds a value of a field; several values of one field may be added.
    #[must_use]
    pub fn field(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<IndexValue>) -> Self {
        let entry = (name.into(), value.into());
        if !self.fields.contains(&entry) {
            self.fields.push(entry);
        }
        self
    }

    /// Adds several values of a field.
    #[must_use]
    pub fn fields<V: Into<IndexValue>>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        values.into_iter().fold(self, |index, value| index.field(name, value))
    }
}

/// An event that a decision wants published; the repository puts it into its envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What happened: `product.created`.
    pub kind: &'static str,
    /// The id of what it happened to; none means the document itself.
    pub subject: Option<String>,
    /// The subject's own count of changes; none means the document's version.
    pub sequence: Option<i64>,
    /// Of `data`.
    pub schema_version: u32,
    /// The subject's full state, less what is private.
    pub data: serde_json::Value,
}

impl Draft {
    /// An event about the document itself.
    pub fn new(kind: &'static str, data: &impl Serialize) -> Result<Self, Fault> {
        let data = serde_json::to_value(data)?;
        Ok(Self { kind, subject: None, sequence: None, schema_version: 1, data })
    }

    /// An event about a part of the document that has an id and a version of its own.
    #[must_use]
    pub fn about(self, subject: &impl ToString, sequence: i64) -> Self {
        Self { subject: Some(subject.to_string()), sequence: Some(sequence), ..self }
    }
}
