//! Prepared operations, kept by text and name. Requests that miss the same one at the same time wait for one
//! preparation, which happens on a thread for such work and within a deadline.

use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;
use std::time::Instant;

use equivalent::Equivalent;
use moka::future::Cache;
use siphasher::sip128::{Hasher128, SipHasher24};
use tokio::sync::Semaphore;

use super::api_schema::ApiSchema;
use super::prepare::{Prepared, Variant, Workshop};
use super::rollout::Stage;
use crate::counts;
use crate::error::{Code, GraphqlError};
use crate::guard::Guard;
use crate::plan::{Plan, Planner};
use crate::settings::{Limits, Settings};

/// What an operation takes at least, in bytes, and how much more its document takes than its text.
const BASE_WEIGHT: usize = 2048;
const TEXT_FACTOR: usize = 16;

/// Why an operation was refused; shared by all who sent it.
pub(crate) type Refusal = Arc<[GraphqlError]>;

type Outcome = Result<Arc<Prepared>, Refusal>;

/// The operations of one supergraph.
pub(crate) struct Operations {
    cache: Cache<Key, Outcome, BuildHasherDefault<Passed>>,
    /// Key of the hash: without it nobody can choose texts that collide.
    secret: [u8; 16],
    tools: Arc<Tools>,
}

struct Tools {
    schema: Arc<ApiSchema>,
    planner: Planner,
    guard: Option<Guard>,
    settings: Arc<Settings>,
    /// One permit per preparation at work, so that hostile operations cannot take every processor.
    threads: Semaphore,
}

impl Operations {
    /// An empty cache for operations on `schema`.
    pub(crate) fn new(schema: Arc<ApiSchema>, planner: Planner, settings: Arc<Settings>) -> Self {
        let threads = match settings.limits.planning_threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let cache = Cache::builder()
            .max_capacity(settings.operation_cache_bytes)
            .weigher(|key: &Key, outcome: &Outcome| {
                let text = key.text.len().saturating_mul(TEXT_FACTOR).saturating_add(BASE_WEIGHT);
                let weight = outcome.as_ref().map_or(0, |it| it.footprint()).saturating_add(text);
                u32::try_from(weight).unwrap_or(u32::MAX)
            })
            .build_with_hasher(BuildHasherDefault::default());
        let guard = Guard::new(planner.schema());
        let tools = Tools { schema, planner, guard, settings, threads: Semaphore::new(threads) };
        Self { cache, secret: rand::random(), tools: Arc::new(tools) }
    }

    /// The operation of `text` called `name`, prepared now or before.
    pub(crate) async fn prepare(&self, text: &str, name: Option<&str>) -> Outcome {
        let wanted = self.wanted(text, name, None);
        if let Some(outcome) = self.cache.get(&wanted).await {
            metrics::counter!(counts::CACHE_HITS).increment(1);
            return outcome;
        }
        metrics::counter!(counts::CACHE_MISSES).increment(1);
        let key = wanted.to_key();
        let prepared = Arc::clone(&self.tools).prepare(key.clone());
        told(self.cache.try_get_with(key, prepared).await)
    }

    /// The plan of an operation that was prepared without, for the requests that `variant` stands for.
    pub(crate) async fn plan(
        &self,
        prepared: &Arc<Prepared>,
        text: &str,
        name: Option<&str>,
        variant: Variant,
    ) -> Result<Arc<Plan>, Refusal> {
        let variant = Arc::new(variant);
        let wanted = self.wanted(text, name, Some(&variant));
        let complete = match self.cache.get(&wanted).await {
            Some(outcome) => outcome,
            None => {
                let key = wanted.to_key();
                let completed = Arc::clone(&self.tools).complete(Arc::clone(prepared), key.clone());
                told(self.cache.try_get_with(key, completed).await)
            }
        }?;
        complete.plan().cloned().ok_or_else(|| Arc::from([GraphqlError::internal()]))
    }

    /// What the supergraph requires of callers, if it requires anything.
    pub(crate) fn guard(&self) -> Option<&Guard> {
        self.tools.guard.as_ref()
    }

    /// What an operation may ask for at most.
    pub(crate) fn limits(&self) -> &Limits {
        &self.tools.settings.limits
    }

    /// Whether a request for anything that its caller may not have is refused as a whole.
    pub(crate) fn rejects_unauthorized(&self) -> bool {
        self.tools.settings.authorization.reject_unauthorized
    }

    /// Does work that is bound to the processor, in turn with the preparations and within their deadline.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(Instant) -> Result<T, GraphqlError> + Send + 'static,
    ) -> Result<T, GraphqlError> {
        Arc::clone(&self.tools).work(work).await
    }

    /// What is kept, in estimated bytes.
    #[cfg(test)]
    pub(super) async fn weight(&self) -> u64 {
        self.cache.run_pending_tasks().await;
        self.cache.weighted_size()
    }

    fn wanted<'a>(
        &self,
        text: &'a str,
        name: Option<&'a str>,
        variant: Option<&'a Arc<Variant>>,
    ) -> Wanted<'a> {
        let stage = self.tools.schema.rollout().draw();
        let mut hasher = SipHasher24::new_with_key(&self.secret);
        (text, name, stage, variant).hash(&mut hasher);
        Wanted { hash: hasher.finish128().as_u128(), text, name, stage, variant }
    }
}

fn told(prepared: Result<Outcome, Arc<GraphqlError>>) -> Outcome {
    prepared.unwrap_or_else(|transient| Err(Arc::from([(*transient).clone()])))
}

impl Tools {
    /// Prepares on a thread of its own. `Ok` lasts, also when it is a refusal; `Err` may differ next time.
    async fn prepare(self: Arc<Self>, key: Key) -> Result<Outcome, GraphqlError> {
        let worker = Arc::clone(&self);
        let prepare = move |deadline| {
            let prepared = worker.workshop(&key, deadline).prepare(&key.text, key.name.as_deref());
            match prepared {
                Ok(prepared) => Ok(Ok(Arc::new(prepared))),
                Err(errors) => match errors.iter().find(|error| error.code == Code::RequestTimeout) {
                    Some(late) => Err(late.clone()),
                    None => Ok(Err(errors.into())),
                },
            }
        };
        self.work(prepare).await
    }

    /// Adds the plan for the variant of `key` in the same way.
    async fn complete(self: Arc<Self>, prepared: Arc<Prepared>, key: Key) -> Result<Outcome, GraphqlError> {
        let worker = Arc::clone(&self);
        let complete = move |deadline| {
            let variant = key.variant.as_deref().cloned().unwrap_or_default();
            match worker.workshop(&key, deadline).complete(&prepared, &variant) {
                Ok(complete) => Ok(Ok(Arc::new(complete))),
                Err(late) if late.code == Code::RequestTimeout => Err(late),
                Err(error) => Ok(Err(Arc::from([error]))),
            }
        };
        self.work(complete).await
    }

    /// Waits for a turn, and does `work` on a thread of its own; it is told when to give up.
    async fn work<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(Instant) -> Result<T, GraphqlError> + Send + 'static,
    ) -> Result<T, GraphqlError> {
        let deadline = Instant::now() + self.settings.limits.planning_timeout();
        let work = async move {
            let Ok(_permit) = self.threads.acquire().await else { return Err(GraphqlError::internal()) };
            let in_time = move || if Instant::now() < deadline { work(deadline) } else { Err(late()) };
            let done = tokio::task::spawn_blocking(in_time).await;
            done.unwrap_or_else(|panicked| {
                tracing::error!(cause = %panicked, "work on an operation failed: {panicked}");
                Err(GraphqlError::internal())
            })
        };
        // The work goes on after the deadline until it notices, with its permit: hence a task of its own.
        match tokio::time::timeout_at(deadline.into(), tokio::spawn(work)).await {
            Ok(joined) => joined.unwrap_or_else(|_panicked| Err(GraphqlError::internal())),
            Err(_elapsed) => Err(late()),
        }
    }

    fn workshop(&self, key: &Key, deadline: Instant) -> Workshop<'_> {
        Workshop {
            schema: &self.schema,
            planner: &self.planner,
            guard: self.guard.as_ref(),
            limits: &self.settings.limits,
            introspection: self.settings.introspection,
            overrides: self.schema.rollout().overrides(key.stage),
            deadline,
        }
    }
}

fn late() -> GraphqlError {
    GraphqlError::new(Code::RequestTimeout, "Planning the operation took too long.")
}

/// An operation's identity: the hash finds, equality decides.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    hash: u128,
    text: Arc<str>,
    name: Option<Arc<str>>,
    stage: Stage,
    /// Which plan of the operation; without, it is the operation with the plan that all requests share.
    variant: Option<Arc<Variant>>,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.hash);
    }
}

/// A [`Key`] that borrows, for looking up without allocating.
struct Wanted<'a> {
    hash: u128,
    text: &'a str,
    name: Option<&'a str>,
    stage: Stage,
    variant: Option<&'a Arc<Variant>>,
}

impl Wanted<'_> {
    fn to_key(&self) -> Key {
        let Self { hash, text, name, stage, variant } = *self;
        Key { hash, text: text.into(), name: name.map(Into::into), stage, variant: variant.cloned() }
    }
}

impl Hash for Wanted<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.hash);
    }
}

impl Equivalent<Key> for Wanted<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.hash == key.hash
            && *self.text == *key.text
            && self.name == key.name.as_deref()
            && self.stage == key.stage
            && self.variant == key.variant.as_ref()
    }
}

/// Passes on the half of a keyed hash that the table needs: hashing it again would add nothing.
#[derive(Default)]
struct Passed(u64);

impl Hasher for Passed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, hash: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "half of the hash is asked for")]
        let half = hash as u64;
        self.0 = half;
    }
}
