//! Events: the CloudEvents 1.0 envelope that every one travels in, and the topics that they travel on.
//!
//! Specification: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>.

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::clock::Timestamp;
use crate::id::{CompanyId, EventId};
use crate::permission::Visibility;
use crate::principal::Actor;

/// An event as it stands in the log: CloudEvents 1.0 in JSON. The attributes after `data_content_type` are
/// extensions of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// Always `1.0`.
    #[serde(rename = "specversion")]
    pub spec_version: SpecVersion,
    /// Unique: consumers remember it so that the event takes effect once.
    pub id: EventId,
    /// What happened, such as `order.created`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which part of ours wrote it, such as `/souk/merchants`.
    pub source: String,
    /// The id of the aggregate; the log keeps its events in order.
    pub subject: String,
    /// When it happened.
    pub time: Timestamp,
    /// Always `application/json`.
    #[serde(rename = "datacontenttype")]
    pub data_content_type: JsonContent,
    /// The tenant that it happened in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyId>,
    /// Who made it happen: kind and id, such as `user:user_01h…`.
    pub actor: Actor,
    /// Counts the aggregate's events from 1: it is the aggregate's version.
    pub sequence: i64,
    /// Of `data`; it grows when a change needs consumers to read differently.
    #[serde(rename = "schemaversion")]
    pub schema_version: u32,
    /// The id of the request that started it all.
    pub correlation: String,
    /// The W3C trace context, when the request was traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What tracing systems keep beside it (W3C `tracestate`), when they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
    /// The aggregate's full state at that sequence, less private metadata and all that is personal beyond ids.
    pub data: T,
}

/// The version of the CloudEvents specification; other ones do not deserialise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum SpecVersion {
    /// 1.0
    #[default]
    #[serde(rename = "1.0")]
    V1,
}

/// The media type of `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum JsonContent {
    /// JSON.
    #[default]
    #[serde(rename = "application/json")]
    Json,
}

/// An event's data as it stands in the log, before a consumer reads it into a type of its own.
pub type AnyEnvelope = Envelope<serde_json::Value>;

/// What a store tells of a change; who caused it, and when, is in the call.
pub(crate) struct Told<'s> {
    pub(crate) source: String,
    pub(crate) kind: &'s str,
    pub(crate) subject: String,
    pub(crate) company: Option<CompanyId>,
    pub(crate) sequence: i64,
    pub(crate) schema_version: u32,
    pub(crate) data: serde_json::Value,
}

impl AnyEnvelope {
    /// A new event, caused by `call`.
    pub(crate) fn caused_by(call: &Call, told: Told<'_>) -> Self {
        Self {
            spec_version: SpecVersion::V1,
            id: EventId::new(call.now),
            kind: told.kind.to_owned(),
            source: told.source,
            subject: told.subject,
            time: call.now,
            data_content_type: JsonContent::Json,
            company: told.company,
            actor: call.actor.clone(),
            sequence: told.sequence,
            schema_version: told.schema_version,
            correlation: call.correlation.clone(),
            traceparent: call.traceparent.clone(),
            tracestate: call.tracestate.clone(),
            data: told.data,
        }
    }
}

impl<T> Envelope<T> {
    /// What a consumer of this event may reach: the company that it is about.
    #[must_use]
    pub fn scope(&self) -> Visibility {
        Visibility::of_event(self.company)
    }

    /// The call that a consumer makes because of this event: same actor and correlation, keyed by the event's id
    /// so that a second delivery changes nothing.
    #[must_use]
    pub fn call(&self, consumer: &str, now: Timestamp) -> Call {
        let principal = crate::principal::Principal::service(consumer);
        Call {
            company: self.company,
            correlation: self.correlation.clone(),
            traceparent: self.traceparent.clone(),
            tracestate: self.tracestate.clone(),
            ..Call::new(&principal, consumer, now).keyed(self.id.to_string())
        }
    }

    /// The same envelope around other data.
    pub fn map<U>(self, data: impl FnOnce(T) -> U) -> Envelope<U> {
        Envelope {
            spec_version: self.spec_version,
            id: self.id,
            kind: self.kind,
            source: self.source,
            subject: self.subject,
            time: self.time,
            data_content_type: self.data_content_type,
            company: self.company,
            actor: self.actor,
            sequence: self.sequence,
            schema_version: self.schema_version,
            correlation: self.correlation,
            traceparent: self.traceparent,
            tracestate: self.tracestate,
            data: data(self.data),
        }
    }
}

/// The topics of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Products, categories, collections, price lists.
    Product,
    /// Stock.
    Inventory,
    /// Orders.
    Order,
    /// Payments.
    Payment,
    /// People.
    User,
    /// Companies.
    Company,
    /// Shops.
    Shop,
    /// Messages to people.
    Notification,
    /// What must be accounted for.
    Audit,
    /// What visitors do.
    Analytics,
    /// Debts and credits.
    Debt,
    /// Sign-ins and keys.
    Auth,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Product,
        Self::Inventory,
        Self::Order,
        Self::Payment,
        Self::User,
        Self::Company,
        Self::Shop,
        Self::Notification,
        Self::Audit,
        Self::Analytics,
        Self::Debt,
        Self::Auth,
    ];

    /// The name in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Product => "product.events",
            Self::Inventory => "inventory.events",
            Self::Order => "order.events",
            Self::Payment => "payment.events",
            Self::User => "user.events",
            Self::Company => "company.events",
            Self::Shop => "shop.events",
            Self::Notification => "notification.events",
            Self::Audit => "audit.events",
            Self::Analytics => "analytics.events",
            Self::Debt => "debt.events",
            Self::Auth => "auth.events",
        }
    }
}

/// The text names no topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no topic `{0}`")]
pub struct UnknownTopic(String);

impl std::str::FromStr for Topic {
    type Err = UnknownTopic;

    fn from_str(name: &str) -> Result<Self, UnknownTopic> {
        Self::ALL.into_iter().find(|topic| topic.name() == name).ok_or_else(|| UnknownTopic(name.to_owned()))
    }
}

impl From<UnknownTopic> for crate::fault::Fault {
    fn from(unknown: UnknownTopic) -> Self {
        Self::internal(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::Principal;

    #[test]
    fn an_envelope_is_a_cloud_event_in_json() {
        let event = Envelope {
            spec_version: SpecVersion::V1,
            id: "evt_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap(),
            kind: "company.created".into(),
            source: "/souk/merchants".into(),
            subject: "comp_01h2xcejqtf2nbrexx3vqjhp41".into(),
            time: Timestamp::UNIX_EPOCH,
            data_content_type: JsonContent::Json,
            company: Some("comp_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap()),
            actor: Principal::service("seed").actor(),
            sequence: 1,
            schema_version: 1,
            correlation: "c".into(),
            traceparent: None,
            tracestate: None,
            data: serde_json::json!({ "name": "Nour" }),
        };
        let json = serde_json::to_string(&event).unwrap();
        insta::assert_snapshot!(json, @r#"{"specversion":"1.0","id":"evt_01h2xcejqtf2nbrexx3vqjhp41","type":"company.created","source":"/souk/merchants","subject":"comp_01h2xcejqtf2nbrexx3vqjhp41","time":"1970-01-01T00:00:00Z","datacontenttype":"application/json","company":"comp_01h2xcejqtf2nbrexx3vqjhp41","actor":"service:seed","sequence":1,"schemaversion":1,"correlation":"c","data":{"name":"Nour"}}"#);
        assert_eq!(serde_json::from_str::<AnyEnvelope>(&json).unwrap(), event);
        assert!(serde_json::from_str::<AnyEnvelope>(&json.replace(r#""1.0""#, r#""0.3""#)).is_err());
    }
}
