//! Writing: the only ways to create, change and delete a document.
//!
//! Each loads within reach, checks the guard, asks the pure decision, and writes state, version, events and
//! outcome in one atomic update. A writer that was overtaken decides again on what is there now.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::collection::{Collection, Document, Draft, Index};
use super::collection_set::REFUSALS;
use super::engine::{Outcome, Record, Write};
use super::outcomes::keep_newest;
use super::repository::Repository;
use super::view::{EVERY_SHOP, PERSON, SHOP};
use crate::call::Call;
use crate::event::{AnyEnvelope, Told};
use crate::fault::Fault;
use crate::id::EventId;
use crate::idempotency::{StoredAnswer, same_request, scoped_key};
use crate::permission::{Reach, Tenant, Visibility};
use crate::user_error::{ErrorCode, UserError};

/// How often a writer that is overtaken decides again before it gives up.
const ATTEMPTS: usize = 100;
/// The largest state of a document, in bytes of JSON. An event that tells it fits into every log, and with the events
/// that wait in it the document fits into every engine (`MongoDB` takes 16 MB).
pub const LARGEST_STATE: usize = 4_000_000;
/// How many bytes of events wait in a document at most while the log is away.
const LARGEST_PENDING: usize = 8_000_000;
/// How long a writer that was overtaken rests at most before it decides again.
const LONGEST_REST: Duration = Duration::from_millis(50);

/// What a decision came to.
#[derive(Debug, Clone)]
pub struct Decided<S, A> {
    /// The aggregate afterwards.
    pub state: S,
    /// What to publish.
    pub events: Vec<Draft>,
    /// What the caller is told, now and whenever it asks again under the same key.
    pub answer: A,
}

/// The answer of a write, or its refusals.
type Answer<A, E> = Result<A, Vec<UserError<E>>>;

impl<C: Collection> Repository<C> {
    /// Adds the document that `decide` makes. When another holds one of its unique keys, `taken` says what is
    /// refused; or, with `None`, that `decide` makes another one: it is told how often it was asked before.
    pub async fn create<A, E>(
        &self,
        call: &Call,
        taken: impl Fn(&str) -> Option<UserError<E>>,
        mut decide: impl FnMut(usize) -> Result<Decided<C::State, A>, Vec<UserError<E>>>,
    ) -> Result<Answer<A, E>, Fault>
    where
        A: Serialize + DeserializeOwned,
        E: ErrorCode,
    {
        let _claim = self.running.claim(call)?;
        if let Some(answer) = self.recall(call).await? {
            return Ok(answer);
        }
        for attempt in 0..ATTEMPTS {
            let decided = match decide(attempt) {
                Ok(decided) => decided,
                Err(refusals) => return self.refuse(call, refusals).await,
            };
            let record = self.record(call, 1, &decided, Vec::new())?;
            match self.engine.insert(C::NAME, &record).await? {
                Write::Done => return Ok(Ok(decided.answer)),
                Write::Taken(key) if Some(&key) == scoped_key(call).as_ref() => {
                    return self.recalled(call).await;
                }
                Write::Taken(key) => {
                    if let Some(refusal) = taken(&key) {
                        return self.refuse(call, vec![refusal]).await;
                    }
                }
                Write::Stale => return Err(Fault::broken(format!("{} is there already", record.id))),
            }
        }
        Err(overtaken_too_often())
    }

    /// Adds a document, or tells that its id is there already or that one of its unique keys is held.
    pub async fn try_create<A: Serialize>(
        &self,
        call: &Call,
        decided: &Decided<C::State, A>,
    ) -> Result<bool, Fault> {
        let record = self.record(call, 1, decided, Vec::new())?;
        Ok(self.engine.insert(C::NAME, &record).await? == Write::Done)
    }

    /// Changes the document as `decide` says. It must lie within reach of `scope`: what of its company a shop
    /// role may write is the decision's to say, so that it can be refused with a reason.
    pub async fn change<A, E>(
        &self,
        scope: &Visibility,
        id: &str,
        call: &Call,
        taken: impl Fn(&str) -> UserError<E>,
        mut decide: impl FnMut(&Document<C::State>) -> Result<Decided<C::State, A>, Vec<UserError<E>>>,
    ) -> Result<Answer<A, E>, Fault>
    where
        A: Serialize + DeserializeOwned,
        E: ErrorCode,
    {
        let _claim = self.running.claim(call)?;
        if let Some(answer) = self.recall(call).await? {
            return Ok(answer);
        }
        for attempt in 0..ATTEMPTS {
            let_others_finish(attempt).await;
            let (before, document) = match self.load_for(scope, id, call).await? {
                Ok(loaded) => loaded,
                Err(refusal) => return self.refuse(call, vec![refusal]).await,
            };
            let decided = match decide(&document) {
                Ok(decided) => decided,
                Err(refusals) => return self.refuse(call, refusals).await,
            };
            let mut record = self.record(call, before.version + 1, &decided, before.outcomes)?;
            keep_waiting(&mut record.pending, before.pending)?;
            match self.engine.replace(C::NAME, &record, before.version).await? {
                Write::Done => return Ok(Ok(decided.answer)),
                Write::Taken(key) if Some(&key) == scoped_key(call).as_ref() => {
                    return self.recalled(call).await;
                }
                Write::Taken(key) => return self.refuse(call, vec![taken(&key)]).await,
                Write::Stale => {}
            }
        }
        Err(overtaken_too_often())
    }

    /// Deletes the document when `decide` lets it go. A tombstone stays until its events are relayed.
    pub async fn delete<A, E>(
        &self,
        scope: &Visibility,
        id: &str,
        call: &Call,
        mut decide: impl FnMut(&Document<C::State>) -> Result<(Vec<Draft>, A), Vec<UserError<E>>>,
    ) -> Result<Answer<A, E>, Fault>
    where
        A: Serialize + DeserializeOwned,
        E: ErrorCode,
    {
        let _claim = self.running.claim(call)?;
        if let Some(answer) = self.recall(call).await? {
            return Ok(answer);
        }
        for attempt in 0..ATTEMPTS {
            let_others_finish(attempt).await;
            let (before, document) = match self.load_for(scope, id, call).await? {
                Ok(loaded) => loaded,
                Err(refusal) => return self.refuse(call, vec![refusal]).await,
            };
            let (events, answer) = match decide(&document) {
                Ok(decided) => decided,
                Err(refusals) => return self.refuse(call, refusals).await,
            };
            let decided = Decided { state: document.state, events, answer };
            let mut record = self.record(call, before.version + 1, &decided, before.outcomes)?;
            keep_waiting(&mut record.pending, before.pending)?;
            record.tombstone = true;
            let outcomes = record.outcomes.iter().map(|outcome| outcome.key.clone());
            record.index = outcomes.fold(Index::default(), Index::unique);
            match self.engine.replace(C::NAME, &record, before.version).await? {
                Write::Done => return Ok(Ok(decided.answer)),
                Write::Taken(_) => return self.recalled(call).await,
                Write::Stale => {}
            }
        }
        Err(overtaken_too_often())
    }

    /// Writes anew what is computed of a document and no part of what clients see: its version stays, and no event
    /// tells of it. `compute` answers nothing when it is as it should be. Whether anything was written.
    pub async fn refresh(
        &self,
        id: &str,
        compute: impl Fn(&Document<C::State>) -> Option<C::State>,
    ) -> Result<bool, Fault> {
        for attempt in 0..ATTEMPTS {
            let_others_finish(attempt).await;
            let Some(before) = self.engine.load(C::NAME, id).await?.filter(|record| !record.tombstone) else {
                return Ok(false);
            };
            let state = Self::decode(before.schema_version, &before.state)?;
            let Some(state) = compute(&Document { version: before.version, state }) else { return Ok(false) };
            let index = Self::index(&state, &before.outcomes);
            let record = Record {
                schema_version: C::SCHEMA_VERSION,
                state: serde_json::to_string(&state)?,
                index,
                ..before.clone()
            };
            match self.engine.replace(C::NAME, &record, before.version).await? {
                Write::Done => return Ok(true),
                Write::Taken(key) => return Err(Fault::broken(format!("{id} lost its key {key}"))),
                Write::Stale => {}
            }
        }
        Err(overtaken_too_often())
    }

    /// The document to be written, or why it is none: not there, out of reach, or of another version.
    async fn load_for<E: ErrorCode>(
        &self,
        scope: &Visibility,
        id: &str,
        call: &Call,
    ) -> Result<Result<(Record, Document<C::State>), UserError<E>>, Fault> {
        let Some(record) = self.engine.load(C::NAME, id).await?.filter(|record| !record.tombstone) else {
            return Ok(Err(UserError::not_found()));
        };
        let state = Self::decode(record.schema_version, &record.state)?;
        if !is_within_reach(scope, &C::tenant(&state)) {
            return Ok(Err(UserError::not_found()));
        }
        let version = record.version;
        Ok(call.guard.check_version(version).map(|()| (record, Document { version, state })))
    }

    fn record<A: Serialize>(
        &self,
        call: &Call,
        version: i64,
        decided: &Decided<C::State, A>,
        outcomes: Vec<Outcome>,
    ) -> Result<Record, Fault> {
        let (id, tenant) = (C::id(&decided.state), C::tenant(&decided.state));
        let pending =
            decided.events.iter().map(|draft| Self::envelope(call, &id, version, &tenant, draft)).collect();
        let forgotten = call.now - self.keep_outcomes;
        let mut outcomes: Vec<_> = outcomes.into_iter().filter(|outcome| outcome.at > forgotten).collect();
        if let Some(key) = scoped_key(call) {
            outcomes.push(outcome(call, key, &StoredAnswer::<_, ()>::Done(&decided.answer))?);
        }
        keep_newest(&mut outcomes);
        let index = Self::index(&decided.state, &outcomes);
        let state = serde_json::to_string(&decided.state)?;
        if state.len() > LARGEST_STATE {
            let (size, name) = (state.len(), C::NAME);
            return Err(Fault::limit(format!("one of the {name} has {size} bytes: {LARGEST_STATE} at most")));
        }
        Ok(Record {
            id,
            version,
            schema_version: C::SCHEMA_VERSION,
            company: tenant.company,
            state,
            tombstone: false,
            pending,
            outcomes,
            index,
        })
    }

    /// What the collection indexes, and beside it what views and idempotency ask for.
    fn index(state: &C::State, outcomes: &[Outcome]) -> Index {
        let tenant = C::tenant(state);
        let keys = outcomes.iter().map(|outcome| outcome.key.clone());
        let index = keys.fold(C::index(state), Index::unique);
        let index = match &tenant.shops {
            None => index.field(SHOP, EVERY_SHOP),
            Some(shops) => index.fields(SHOP, shops.iter().copied()),
        };
        match tenant.person {
            Some(person) => index.field(PERSON, person),
            None => index,
        }
    }

    fn envelope(call: &Call, id: &str, version: i64, tenant: &Tenant, draft: &Draft) -> AnyEnvelope {
        let told = Told {
            source: C::SOURCE.to_owned(),
            kind: draft.kind,
            subject: draft.subject.clone().unwrap_or_else(|| id.to_owned()),
            company: tenant.company,
            sequence: draft.sequence.unwrap_or(version),
            schema_version: draft.schema_version,
            data: draft.data.clone(),
        };
        AnyEnvelope::caused_by(call, told)
    }

    /// What this call came to before, if it was made before: bulk writes pass over the rows that are done.
    pub async fn recall<A: DeserializeOwned, E: ErrorCode>(
        &self,
        call: &Call,
    ) -> Result<Option<Answer<A, E>>, Fault> {
        let Some(key) = scoped_key(call) else { return Ok(None) };
        let mut holder = self.engine.holder(C::NAME, &key).await?;
        if holder.is_none() {
            holder = self.engine.holder(REFUSALS, &key).await?;
        }
        let outcomes = holder.map(|record| record.outcomes).unwrap_or_default();
        let forgotten = call.now - self.keep_outcomes;
        let Some(outcome) = outcomes.into_iter().find(|outcome| outcome.key == key && outcome.at > forgotten)
        else {
            return Ok(None);
        };
        same_request(call, &outcome.request)?;
        let answer: StoredAnswer<A, Vec<UserError<E>>> = serde_json::from_str(&outcome.answer)?;
        Ok(Some(match answer {
            StoredAnswer::Done(answer) => Ok(answer),
            StoredAnswer::Refused(refusals) => Err(refusals),
        }))
    }

    /// What the same call came to that was faster; it has just been seen to hold the key.
    async fn recalled<A: DeserializeOwned, E: ErrorCode>(&self, call: &Call) -> Result<Answer<A, E>, Fault> {
        self.recall(call).await?.ok_or_else(Fault::idempotency_in_progress)
    }

    /// Keeps refusals under the idempotency key, if there is one, and answers them.
    async fn refuse<A: DeserializeOwned, E: ErrorCode>(
        &self,
        call: &Call,
        refusals: Vec<UserError<E>>,
    ) -> Result<Answer<A, E>, Fault> {
        let Some(key) = scoped_key(call) else { return Ok(Err(refusals)) };
        let outcome = outcome(call, key.clone(), &StoredAnswer::<(), _>::Refused(&refusals))?;
        let record = Record {
            id: EventId::new(call.now).to_string(),
            version: 1,
            schema_version: 1,
            company: call.company,
            state: "null".to_owned(),
            // Nothing is there to be found; it goes when its outcome is forgotten.
            tombstone: true,
            pending: Vec::new(),
            outcomes: vec![outcome],
            index: Index::default().unique(key),
        };
        match self.engine.insert(REFUSALS, &record).await? {
            Write::Done => Ok(Err(refusals)),
            Write::Taken(_) | Write::Stale => self.recalled(call).await,
        }
    }
}

/// Rests before deciding again. What is read may be older than what overtook the writer, where a majority of servers has
/// not acknowledged that yet.
async fn let_others_finish(attempt: usize) {
    if attempt > 0 {
        let rest = Duration::from_millis(u64::try_from(attempt).unwrap_or(u64::MAX));
        tokio::time::sleep(rest.min(LONGEST_REST)).await;
    }
}

fn overtaken_too_often() -> Fault {
    Fault::limit("too many writers at once: try again").transient()
}

/// Puts the events that wait already before the new ones.
fn keep_waiting(new: &mut Vec<AnyEnvelope>, waiting: Vec<AnyEnvelope>) -> Result<(), Fault> {
    if waiting.is_empty() {
        return Ok(());
    }
    new.splice(0..0, waiting);
    if serde_json::to_vec(new)?.len() > LARGEST_PENDING {
        let cause = std::io::Error::other(format!("{} of its events wait", new.len()));
        return Err(Fault::unavailable("events of this record wait for the event log, which is away", cause));
    }
    Ok(())
}

fn outcome(call: &Call, key: String, answer: &impl Serialize) -> Result<Outcome, Fault> {
    let (request, answer) = (call.request_hash.as_str().to_owned(), serde_json::to_string(answer)?);
    Ok(Outcome { key, request, answer, at: call.now })
}

/// Whether a writer of this scope may know of the record at all. Of its own company it may; what a shop role
/// may write there is for the decision to say.
fn is_within_reach(scope: &Visibility, tenant: &Tenant) -> bool {
    match scope.reach() {
        Reach::Everything => true,
        Reach::Company(company) | Reach::Shops { company, .. } => tenant.company == Some(*company),
        Reach::Own(person) => tenant.person == Some(*person),
        Reach::Nothing => false,
    }
}
