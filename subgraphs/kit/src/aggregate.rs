//! What an aggregate is to the stores, and what comes of changing one.
//!
//! [`sql::Repository`](crate::sql::Repository) and [`documents::Collection`](crate::documents::Collection) both
//! write aggregates by the same steps: load in scope, check the guard, run a pure decision, save the state, its
//! event and the outcome in one atomic write. This module is the vocabulary that they share.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::event::Topic;
use crate::fault::Fault;
use crate::id::{Id, Kind};
use crate::permission::Tenant;
use crate::user_error::{ErrorCode, Refusal, UserError};

/// The smallest thing that changes as a whole: a shop with its hours, a product with its variants.
pub trait Aggregate: Clone + Send + Sync + 'static {
    /// The kind of its id.
    type Kind: Kind;
    /// The codes of what may be refused.
    type Code: ErrorCode;
    /// Where its events travel.
    const TOPIC: Topic;
    /// The schema version of its events' data.
    const EVENT_VERSION: u32 = 1;

    /// Which one it is.
    fn id(&self) -> Id<Self::Kind>;
    /// How often it was changed; 1 when it was made.
    fn version(&self) -> i64;
    /// Called by the store alone, with the version that is being written.
    fn set_version(&mut self, version: i64);
    /// Whose it is.
    fn tenant(&self) -> Tenant;
    /// What its events tell: the full state less private metadata and all that is personal beyond ids.
    fn event_data(&self) -> Result<Json, Fault>;
}

/// What a decision says happened. Made from the event's type (`"shop.updated".into()`), or from `None` when the
/// aggregate is already as wanted: then nothing is written and no event leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened {
    pub(crate) event: Option<&'static str>,
    pub(crate) removes: bool,
}

impl Happened {
    /// The aggregate goes away, and the event of this type tells it.
    #[must_use]
    pub fn removed(event: &'static str) -> Self {
        Self { event: Some(event), removes: true }
    }
}

impl From<&'static str> for Happened {
    fn from(event: &'static str) -> Self {
        Self { event: Some(event), removes: false }
    }
}

impl From<Option<&'static str>> for Happened {
    fn from(event: Option<&'static str>) -> Self {
        Self { event, removes: false }
    }
}

/// What came of a call: the aggregate, or why not.
#[derive(Debug, Clone)]
pub struct Outcome<A: Aggregate> {
    /// The aggregate as it is now; also on a replay, as long as it exists and is in scope.
    pub aggregate: Option<A>,
    /// Why the call was refused; empty when it took effect.
    pub user_errors: Vec<UserError<A::Code>>,
    /// Whether this answers an earlier call with the same idempotency key again.
    pub replayed: bool,
}

impl<A: Aggregate> Outcome<A> {
    pub(crate) fn of(aggregate: A) -> Self {
        Self { aggregate: Some(aggregate), user_errors: Vec::new(), replayed: false }
    }

    /// A refusal, for what is found wrong before a store is asked.
    #[must_use]
    pub fn refused(refusal: impl Into<Refusal<A::Code>>) -> Self {
        Self { aggregate: None, user_errors: refusal.into().0, replayed: false }
    }
}

/// Why a write did not happen: refused for a reason that the client can act on, or a fault.
#[derive(Debug)]
pub enum Denied<C: ErrorCode> {
    /// Goes to `userErrors`, and is the call's outcome under its idempotency key.
    Refused(Refusal<C>),
    /// Goes to the top-level errors; a retry runs anew.
    Fault(Fault),
}

impl<C: ErrorCode> From<Fault> for Denied<C> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<C: ErrorCode> From<UserError<C>> for Denied<C> {
    fn from(error: UserError<C>) -> Self {
        Self::Refused(error.into())
    }
}

impl<C: ErrorCode> From<Refusal<C>> for Denied<C> {
    fn from(refusal: Refusal<C>) -> Self {
        Self::Refused(refusal)
    }
}

impl<C: ErrorCode> From<sea_orm::DbErr> for Denied<C> {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

/// What is kept of an aggregate under an idempotency key: enough to answer again, whatever fields are asked for then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) id: String,
    pub(crate) version: i64,
}

impl Written {
    pub(crate) fn of<A: Aggregate>(aggregate: &A) -> Self {
        Self { id: aggregate.id().to_string(), version: aggregate.version() }
    }
}
