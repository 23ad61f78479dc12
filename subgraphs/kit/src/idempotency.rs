//! Idempotency keys: what one is unique for, which calls are running under theirs, and how the answer is kept.
//!
//! Both kinds of stores keep a call's answer in the same atomic write as its effect. What is here is the same for
//! both: a key is unique for the caller, the company and the mutation; a second call under it gets the first answer
//! again, `IDEMPOTENCY_KEY_REUSED` when it asks for something else, and `IDEMPOTENCY_IN_PROGRESS` while the first is
//! running. Where two processes may write one store and cannot tell each other in time, both run it: one of them takes
//! effect, and the other answers the same.
//!
//! Visitors have no identity, so all of them share one space of keys. Therefore their keys must be random UUIDs,
//! which [`Call::with_input`] enforces: an answer can be had again only by who knows the key that it was made under.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::call::{Call, RequestHash};
use crate::fault::Fault;

/// The whole of what a call's key is unique for, and the key; none when the call has no key.
pub(crate) fn scoped_key(call: &Call) -> Option<String> {
    let key = call.guard.idempotency_key.as_ref()?;
    let company = call.company.map(|company| company.to_string()).unwrap_or_default();
    Some(format!("call:{}:{company}:{}:{key}", call.actor, call.mutation))
}

/// `IDEMPOTENCY_KEY_REUSED` unless the request that an answer was kept for is the one of `call`.
pub(crate) fn same_request(call: &Call, kept: &str) -> Result<(), Fault> {
    if kept == call.request_hash.as_str() { Ok(()) } else { Err(Fault::idempotency_key_reused()) }
}

/// What is kept under a key: what the caller was told, or why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoredAnswer<A, R> {
    Done(A),
    Refused(R),
}

/// The calls with a key that are running in this process. Cheap to clone; clones share them.
///
/// What runs in another process is not among them, and need not be: this only spares a caller the wait. The stores
/// decide which of two calls takes effect, in the write that keeps its outcome. An embedded database has one writing
/// process at a time, in which the second call waits its turn and finds the first one's outcome. PostgreSQL locks the
/// key, and the second call is told `IDEMPOTENCY_IN_PROGRESS`. Where documents are written by several processes, the
/// slower one's write fails as a whole, and its caller gets the first outcome. Either way one call takes effect, and
/// whoever sends it again gets its outcome.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashMap<String, RequestHash>>>);

impl Running {
    /// Marks the call as running until the claim is dropped; a call without a key claims nothing.
    pub(crate) fn claim(&self, call: &Call) -> Result<Claim, Fault> {
        let key = scoped_key(call);
        if let Some(key) = &key {
            match self.lock().entry(key.clone()) {
                Entry::Occupied(running) => {
                    same_request(call, running.get().as_str())?;
                    return Err(Fault::idempotency_in_progress());
                }
                Entry::Vacant(free) => drop(free.insert(call.request_hash.clone())),
            }
        }
        Ok(Claim { running: self.clone(), key })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, RequestHash>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is running.
#[must_use]
pub(crate) struct Claim {
    running: Running,
    key: Option<String>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.running.lock().remove(key);
        }
    }
}
