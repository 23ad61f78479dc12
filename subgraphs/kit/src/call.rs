//! `Call`: one mutation as the stores need it: who, when, under which idempotency key, expecting which version.

use async_graphql::{Name, Value};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::fault::Fault;
use crate::id::CompanyId;
use crate::principal::{Actor, Principal};
use crate::user_error::{ErrorCode, UserError};

/// The longest idempotency key, in bytes. UUIDs have 36.
const LONGEST_KEY: usize = 200;

/// One mutation as the stores need it. A resolver gets it from `ctx.call()`; imports and seeds build it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who called.
    pub actor: Actor,
    /// The company whose idempotency keys apply; the caller's own unless [`Call::within`] names another.
    pub company: Option<CompanyId>,
    /// When.
    pub now: Timestamp,
    /// Ties together all that one request caused: logs, events and what their consumers do.
    pub correlation: String,
    /// The W3C trace context, when the request is traced.
    pub traceparent: Option<String>,
    /// What tracing systems keep beside it (W3C `tracestate`), when they do.
    pub tracestate: Option<String>,
    /// The name of the mutation; part of the idempotency key's scope and of the hash.
    pub mutation: String,
    /// What must hold for the call to take effect.
    pub guard: Guard,
    /// SHA-256 of the mutation's name and canonical input.
    pub request_hash: RequestHash,
}

/// What must hold for a call to take effect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// The same key with the same input answers the first outcome again.
    pub idempotency_key: Option<String>,
    /// The version that the caller last saw.
    pub expected_version: Option<i64>,
}

impl Guard {
    /// `VERSION_CONFLICT` when another version is expected than the record's current one.
    pub(crate) fn check_version<C: ErrorCode>(&self, current: i64) -> Result<(), UserError<C>> {
        match self.expected_version {
            Some(expected) if expected != current => Err(UserError::version_conflict(current)),
            _ => Ok(()),
        }
    }
}

/// SHA-256 of a mutation's name and canonical input: object keys sorted, the idempotency key left out. The
/// selection is no part of it: a retry may ask for other fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHash(String);

impl RequestHash {
    /// The hash in hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(mutation: &str, input: &Value) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(mutation.as_bytes());
        hasher.update([0]);
        write_canonical(&mut hasher, input);
        Self(hasher.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            use std::fmt::Write;
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }
}

impl Call {
    /// A call by `principal` of a mutation, import or job called `mutation`, without key or expected version.
    #[must_use]
    pub fn new(principal: &Principal, mutation: impl Into<String>, now: Timestamp) -> Self {
        let mutation = mutation.into();
        Self {
            actor: principal.actor(),
            company: principal.company(),
            now,
            correlation: crate::id::EventId::new(now).uuid().to_string(),
            traceparent: None,
            tracestate: None,
            guard: Guard::default(),
            request_hash: RequestHash::of(&mutation, &Value::Null),
            mutation,
        }
    }

    /// With the input as the client sent it: reads `idempotencyKey` and `expectedVersion` out of it, wherever
    /// they stand at its top or directly in its `input`, and hashes the rest.
    pub fn with_input(mut self, input: &Value) -> Result<Self, Fault> {
        if let Some(key) = find(input, "idempotencyKey") {
            self.guard.idempotency_key = match key {
                Value::Null => None,
                Value::String(key) if (1..=LONGEST_KEY).contains(&key.len()) => Some(key.clone()),
                _ => return Err(Fault::bad_input("`idempotencyKey` must have 1 to 200 bytes")),
            };
            if self.is_by_a_visitor() && !self.guard.idempotency_key.as_deref().is_none_or(is_random_uuid) {
                return Err(Fault::bad_input(
                    "`idempotencyKey` must be a random UUID (version 4 or 7) when it comes without a token",
                ));
            }
        }
        if let Some(Value::Number(version)) = find(input, "expectedVersion") {
            self.guard.expected_version = version.as_i64();
        }
        self.request_hash = RequestHash::of(&self.mutation, input);
        Ok(self)
    }

    /// With the content of a file that the input only points at: another content is another request.
    #[must_use]
    pub fn with_file(mut self, content: &[u8]) -> Self {
        let digest = Sha256::digest(content);
        let both = Value::List(vec![
            Value::String(self.request_hash.0),
            Value::Binary(Bytes::copy_from_slice(&digest)),
        ]);
        self.request_hash = RequestHash::of(&self.mutation, &both);
        self
    }

    fn is_by_a_visitor(&self) -> bool {
        self.actor == Principal::Anonymous.actor()
    }

    /// Under an idempotency key, for calls that come from no GraphQL input.
    #[must_use]
    pub fn keyed(mut self, key: impl Into<String>) -> Self {
        self.guard.idempotency_key = Some(key.into());
        self
    }

    /// Expecting a version, for calls that come from no GraphQL input.
    #[must_use]
    pub fn expecting(mut self, version: i64) -> Self {
        self.guard.expected_version = Some(version);
        self
    }

    /// In the name of a company that is not the caller's own: a super admin's call, or a service's.
    #[must_use]
    pub fn within(mut self, company: CompanyId) -> Self {
        self.company = Some(company);
        self
    }
}

/// Whether nobody else can know the key: visitors share one space of keys, and whoever sends another one's key and
/// input gets that one's answer.
fn is_random_uuid(key: &str) -> bool {
    let version = uuid::Uuid::parse_str(key).ok().and_then(|uuid| uuid.get_version());
    matches!(version, Some(uuid::Version::Random | uuid::Version::SortRand))
}

fn find<'v>(input: &'v Value, name: &str) -> Option<&'v Value> {
    let Value::Object(fields) = input else { return None };
    fields.get(name).or_else(|| match fields.get("input") {
        Some(Value::Object(inner)) => inner.get(name),
        _ => None,
    })
}

/// Writes a value so that equal inputs give equal bytes, whatever the order of their keys: each part is tagged
/// and sized, so that no two different values share their bytes.
fn write_canonical(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hasher.update(b"n"),
        Value::Boolean(yes) => hasher.update(if *yes { b"t" } else { b"f" }),
        Value::Number(number) => write_text(hasher, b"#", &number.to_string()),
        Value::String(text) => write_text(hasher, b"s", text),
        Value::Enum(name) => write_text(hasher, b"s", name),
        Value::Binary(bytes) => {
            hasher.update(b"b");
            hasher.update(bytes.len().to_be_bytes());
            hasher.update(bytes);
        }
        Value::List(items) => {
            hasher.update(b"[");
            for item in items {
                write_canonical(hasher, item);
            }
            hasher.update(b"]");
        }
        Value::Object(fields) => {
            let mut sorted: Vec<(&Name, &Value)> =
                fields.iter().filter(|(name, _)| name.as_str() != "idempotencyKey").collect();
            sorted.sort_by(|a, b| a.0.cmp(b.0));
            hasher.update(b"{");
            for (name, value) in sorted {
                write_text(hasher, b":", name);
                write_canonical(hasher, value);
            }
            hasher.update(b"}");
        }
    }
}

fn write_text(hasher: &mut Sha256, tag: &[u8], text: &str) {
    hasher.update(tag);
    hasher.update(text.len().to_be_bytes());
    hasher.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn hash(value: &Value) -> RequestHash {
        RequestHash::of("m", value)
    }

    #[test]
    fn the_order_of_keys_and_the_idempotency_key_do_not_change_the_hash() {
        let one = value!({ "input": { "a": 1, "b": [true, null], "idempotencyKey": "x" } });
        let two = value!({ "input": { "b": [true, null], "idempotencyKey": "y", "a": 1 } });
        assert_eq!(hash(&one), hash(&two));
    }

    #[test]
    fn different_inputs_differ() {
        let inputs = [
            value!(null),
            value!("a"),
            value!(["a"]),
            value!([["a"]]),
            value!(["a", "b"]),
            value!({ "a": "b" }),
            value!({ "a": null }),
            value!({}),
            value!(1),
            value!("1"),
        ];
        for (n, a) in inputs.iter().enumerate() {
            for b in &inputs[n + 1..] {
                assert_ne!(hash(a), hash(b), "{a} {b}");
            }
        }
        assert_ne!(RequestHash::of("a", &inputs[0]), RequestHash::of("b", &inputs[0]));
    }

    #[test]
    fn the_content_of_a_file_is_part_of_the_hash() {
        let call = || Call::new(&Principal::Anonymous, "m", Timestamp::UNIX_EPOCH);
        let hash = |content: &[u8]| call().with_file(content).request_hash;
        assert_eq!(hash(b"a"), hash(b"a"));
        assert_ne!(hash(b"a"), hash(b"b"));
        assert_ne!(hash(b""), call().request_hash);
    }

    #[test]
    fn keys_and_versions_are_read_out_of_the_input() {
        let call = || Call::new(&Principal::service("test"), "m", Timestamp::UNIX_EPOCH);
        let read =
            call().with_input(&value!({ "input": { "idempotencyKey": "k", "expectedVersion": 3 } })).unwrap();
        assert_eq!(read.guard, Guard { idempotency_key: Some("k".into()), expected_version: Some(3) });
        let empty = value!({ "idempotencyKey": "" });
        assert!(call().with_input(&empty).is_err());
    }

    #[test]
    fn a_visitors_key_must_be_one_that_nobody_else_can_send() {
        let sends = |key: &str| {
            let call = Call::new(&Principal::Anonymous, "m", Timestamp::UNIX_EPOCH);
            call.with_input(&value!({ "input": { "idempotencyKey": key } })).is_ok()
        };
        let (random, by_time) = (uuid::Uuid::new_v4().to_string(), uuid::Uuid::now_v7().to_string());
        assert!(sends(&random) && sends(&by_time));
        for guessable in
            ["k", "cart-1", "00000000-0000-0000-0000-000000000000", "not-a-uuid-but-36-bytes-long-as-one-is"]
        {
            assert!(!sends(guessable), "{guessable}");
        }
        let none = Call::new(&Principal::Anonymous, "m", Timestamp::UNIX_EPOCH);
        assert!(none.with_input(&value!({ "input": { "idempotencyKey": null } })).is_ok());
    }
}
