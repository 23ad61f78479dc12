//! The salts of pseudonyms: one for each company and month, the same in all processes, forgotten when the month has gone.

use std::time::Duration;

use moka::sync::Cache;
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::key_value::SharedKeyValue;

use crate::domain::pseudonym::{Period, Salt};

/// Salts that a process remembers.
const REMEMBERED: u64 = 10_000;
/// For how long: one that it has asked for may be replaced, when the store has lost it.
const FOR: Duration = Duration::from_mins(10);

/// The salts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Salts {
    store: SharedKeyValue,
    known: Cache<(CompanyId, Period), Salt>,
}

impl Salts {
    /// The salts in `store`, which must outlive the process.
    pub(crate) fn new(store: SharedKeyValue) -> Self {
        Self { store, known: Cache::builder().max_capacity(REMEMBERED).time_to_live(FOR).build() }
    }

    /// The salt of a company for the month that `at` lies in; made when it is asked for the first time.
    pub(crate) async fn of(&self, company: CompanyId, at: Timestamp, now: Timestamp) -> Result<Salt, Fault> {
        let period = Period::of(at);
        if let Some(salt) = self.known.get(&(company, period)) {
            return Ok(salt);
        }
        let key = format!("analytics:salt:{company}:{period}");
        let ttl = (period.forgotten() - now).to_std().unwrap_or_default().max(Duration::from_secs(1));
        let fresh: Salt = rand::random();
        let made = self.store.compare_and_set(&key, None, fresh.to_vec().into(), Some(ttl)).await?;
        let salt = if made {
            fresh
        } else {
            let found = self.store.get(&key).await?;
            let salt = found.as_deref().and_then(|salt| Salt::try_from(salt).ok());
            salt.ok_or_else(|| Fault::broken("the salt of pseudonyms was lost").transient())?
        };
        self.known.insert((company, period), salt);
        Ok(salt)
    }
}
