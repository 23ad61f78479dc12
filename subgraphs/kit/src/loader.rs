//! Batch loading without a timer: all look-ups that one level of a query makes become one store call.
//!
//! The usual loader waits a millisecond per level for more keys, or hands the batch to another thread, which may
//! run before the siblings have asked. Here the first asker leads: it lets the other resolvers of the request
//! run, which all live in the same task, until a round adds no key, and then loads for everyone. Nothing is
//! spawned and nothing sleeps.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use futures::channel::oneshot;
use indexmap::IndexSet;

use crate::fault::Fault;
use crate::permission::Visibility;

/// The most keys that one store call is asked for; more become several calls.
pub const LARGEST_BATCH: usize = 1_000;

/// Looks up many keys in one store call. An implementor holds its store and its [`Visibility`].
#[async_trait::async_trait]
pub trait BatchLoad: Send + Sync + 'static {
    /// What is looked up by.
    type Key: Clone + Eq + Hash + Send + Sync + 'static;
    /// What is found; cheap to clone, as several fields may want the same one.
    type Value: Clone + Send + Sync + 'static;

    /// The values of those keys that have one. `keys` are distinct and at most [`LARGEST_BATCH`].
    async fn load(&self, keys: &[Self::Key]) -> Result<HashMap<Self::Key, Self::Value>, Fault>;
}

/// Collects the keys that the resolvers of one request ask for, and remembers what was found.
pub struct Loader<L: BatchLoad> {
    source: L,
    state: Mutex<State<L>>,
}

struct State<L: BatchLoad> {
    found: HashMap<L::Key, Option<L::Value>>,
    wanted: IndexSet<L::Key>,
    waiting: Vec<oneshot::Sender<Result<(), Fault>>>,
    led: bool,
}

impl<L: BatchLoad> Loader<L> {
    /// An empty loader over `source`.
    pub fn new(source: L) -> Self {
        let state = State { found: HashMap::new(), wanted: IndexSet::new(), waiting: Vec::new(), led: false };
        Self { source, state: Mutex::new(state) }
    }

    /// The value of `key`, if it has one.
    pub async fn one(&self, key: L::Key) -> Result<Option<L::Value>, Fault> {
        Ok(self.many([key]).await?.pop().flatten())
    }

    /// The values of `keys`, in their order.
    pub async fn many(&self, keys: impl IntoIterator<Item = L::Key>) -> Result<Vec<Option<L::Value>>, Fault> {
        let keys: Vec<L::Key> = keys.into_iter().collect();
        loop {
            let turn = {
                let mut state = self.lock();
                if let Some(values) = keys.iter().map(|key| state.found.get(key).cloned()).collect() {
                    return Ok(values);
                }
                for key in &keys {
                    if !state.found.contains_key(key) {
                        state.wanted.insert(key.clone());
                    }
                }
                if state.led {
                    let (sender, receiver) = oneshot::channel();
                    state.waiting.push(sender);
                    Turn::Follow(receiver)
                } else {
                    state.led = true;
                    Turn::Lead(Leading(self))
                }
            };
            match turn {
                Turn::Lead(leading) => leading.load().await?,
                // A leader that was dropped answers nothing: ask again, and lead.
                Turn::Follow(answer) => answer.await.unwrap_or(Ok(()))?,
            }
        }
    }

    /// Puts a value in that was found on another way, so that it is not looked up again.
    pub fn feed(&self, key: L::Key, value: L::Value) {
        self.lock().found.insert(key, Some(value));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State<L>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Turn<'l, L: BatchLoad> {
    Lead(Leading<'l, L>),
    Follow(oneshot::Receiver<Result<(), Fault>>),
}

/// The duty to load; dropped unfinished, it passes on.
struct Leading<'l, L: BatchLoad>(&'l Loader<L>);

impl<L: BatchLoad> Leading<'_, L> {
    async fn load(self) -> Result<(), Fault> {
        let mut seen = self.0.lock().wanted.len();
        loop {
            // Not a bare wake of one's own: sets of futures, which the GraphQL library nests, poll what wakes itself
            // again before its siblings. The runtime wakes this one only after the whole task has had its turn.
            tokio::task::yield_now().await;
            let now = self.0.lock().wanted.len();
            if now == seen || now >= LARGEST_BATCH {
                break;
            }
            seen = now;
        }
        let (keys, waiting) = {
            let mut state = self.0.lock();
            let keys: Vec<L::Key> = state.wanted.drain(..).collect();
            (keys, std::mem::take(&mut state.waiting))
        };
        let mut outcome = Ok(());
        for batch in keys.chunks(LARGEST_BATCH) {
            match self.0.source.load(batch).await {
                Ok(mut values) => {
                    let mut state = self.0.lock();
                    for key in batch {
                        let value = values.remove(key);
                        state.found.insert(key.clone(), value);
                    }
                }
                Err(fault) => {
                    outcome = Err(fault);
                    break;
                }
            }
        }
        for waiter in waiting {
            // A waiter that is gone needs no answer.
            let _ = waiter.send(outcome.clone());
        }
        outcome
    }
}

impl<L: BatchLoad> Drop for Leading<'_, L> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.led = false;
        // Whoever still waits here came while this one was loading, or lost its leader: it asks again.
        state.waiting.clear();
    }
}

/// The loaders of one request, one per kind and scope.
#[derive(Default)]
pub struct Loaders(Mutex<LoaderMap>);

type LoaderMap = HashMap<(TypeId, Visibility), Arc<dyn Any + Send + Sync>>;

impl Loaders {
    /// The loader of kind `L` for `scope`; made on first use.
    pub fn get<L: BatchLoad>(&self, scope: &Visibility, make: impl FnOnce() -> L) -> Arc<Loader<L>> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (TypeId::of::<L>(), scope.clone());
        let known = map.get(&key).cloned().and_then(|loader| loader.downcast::<Loader<L>>().ok());
        known.unwrap_or_else(|| {
            let loader = Arc::new(Loader::new(make()));
            map.insert(key, Arc::<Loader<L>>::clone(&loader));
            loader
        })
    }
}

impl fmt::Debug for Loaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loaders")
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;

    /// Doubles even numbers; odd ones have no value, and 1,313 breaks the store.
    #[derive(Default)]
    struct Doubler(Mutex<Vec<usize>>);

    #[async_trait::async_trait]
    impl BatchLoad for Doubler {
        type Key = u32;
        type Value = u32;

        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, Fault> {
            tokio::task::yield_now().await;
            self.0.lock().unwrap().push(keys.len());
            if keys.contains(&1_313) {
                return Err(Fault::broken("thirteen"));
            }
            Ok(keys.iter().filter(|k| *k % 2 == 0).map(|k| (*k, k * 2)).collect())
        }
    }

    fn calls(loader: &Loader<Doubler>) -> Vec<usize> {
        loader.source.0.lock().unwrap().clone()
    }

    #[tokio::test]
    async fn one_level_asks_once_however_wide() {
        let loader = Loader::new(Doubler::default());
        let answers = join_all((0..500).map(|key| loader.one(key % 100))).await;
        assert_eq!(answers[4].as_ref().unwrap(), &Some(8));
        assert_eq!(answers[5].as_ref().unwrap(), &None);
        assert_eq!(calls(&loader), [100]);
        loader.one(4).await.unwrap();
        assert_eq!(calls(&loader), [100], "what was found is remembered");
    }

    #[tokio::test]
    async fn a_fault_reaches_everyone_and_is_not_remembered() {
        let loader = Loader::new(Doubler::default());
        let answers = join_all([1_313, 2].map(|key| loader.one(key))).await;
        assert!(answers.iter().all(Result::is_err));
        assert_eq!(loader.one(2).await.unwrap(), Some(4));
    }

    #[tokio::test]
    async fn another_leads_when_the_leader_is_dropped() {
        let loader = Loader::new(Doubler::default());
        let mut first = Box::pin(loader.one(2));
        assert!(futures::poll!(&mut first).is_pending());
        let mut second = Box::pin(loader.one(4));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        assert_eq!(second.await.unwrap(), Some(8));
    }
}
