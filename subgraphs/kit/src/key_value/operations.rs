//! What each operation does to one entry: pure, so that every embedded side does the same.

use std::time::Duration;

use super::{Bucket, Lease, Taken};
use crate::clock::Timestamp;

/// What an operation leaves under its key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// What was there.
    Keep,
    /// Nothing.
    Delete,
    /// A value, until a time in microseconds since 1970 or for ever.
    Put { value: Vec<u8>, until: Option<i64> },
}

/// An entry that has not expired.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) value: &'a [u8],
    pub(super) until: Option<i64>,
}

pub(super) fn expiry(now: Timestamp, ttl: Option<Duration>) -> Option<i64> {
    ttl.map(|ttl| now.timestamp_micros().saturating_add(micros(ttl)))
}

pub(super) fn add(entry: Option<Entry<'_>>, by: i64, new_until: Option<i64>) -> (Change, i64) {
    let (count, until) = match entry {
        None => (0, new_until),
        Some(entry) => (number(entry.value, 0), entry.until),
    };
    let count = count.saturating_add(by);
    (Change::Put { value: count.to_be_bytes().to_vec(), until }, count)
}

/// The entry is the time, in microseconds, at which the bucket will be full again: one number says how many
/// tokens are there now, and an expired entry is a full bucket.
pub(super) fn take(entry: Option<Entry<'_>>, now: Timestamp, bucket: Bucket, tokens: u32) -> (Change, Taken) {
    let now = now.timestamp_micros();
    let refill = micros(bucket.refill).max(1);
    let room = refill.saturating_mul(i64::from(bucket.capacity));
    let full_at = entry.map_or(now, |entry| number(entry.value, 0)).clamp(now, now.saturating_add(room));
    let wanted = full_at.saturating_add(refill.saturating_mul(i64::from(tokens)));
    let over = wanted - now - room;
    if over > 0 {
        let ever = tokens <= bucket.capacity;
        let retry_after = ever.then(|| Duration::from_micros(over.unsigned_abs()));
        return (Change::Keep, Taken::No { retry_after });
    }
    let left = u32::try_from((room - (wanted - now)) / refill).unwrap_or(bucket.capacity);
    (Change::Put { value: wanted.to_be_bytes().to_vec(), until: Some(wanted) }, Taken::Yes { left })
}

/// The entry never expires, as it remembers the last token; it is the token and the end of its lease.
pub(super) fn lock(entry: Option<Entry<'_>>, now: Timestamp, ttl: Duration) -> (Change, Option<Lease>) {
    let now = now.timestamp_micros();
    let (last, end) = entry.map_or((0, now), |entry| (number(entry.value, 0), number(entry.value, 1)));
    if end > now {
        return (Change::Keep, None);
    }
    let token = last.saturating_add(1);
    (held(token, now.saturating_add(micros(ttl))), Some(Lease { token: token.unsigned_abs() }))
}

pub(super) fn unlock(entry: Option<Entry<'_>>, now: Timestamp, lease: Lease) -> (Change, bool) {
    let now = now.timestamp_micros();
    match entry.map(|entry| (number(entry.value, 0), number(entry.value, 1))) {
        Some((token, end)) if token.unsigned_abs() == lease.token && end > now => (held(token, now), true),
        _ => (Change::Keep, false),
    }
}

fn held(token: i64, end: i64) -> Change {
    Change::Put { value: [token.to_be_bytes(), end.to_be_bytes()].concat(), until: None }
}

/// The `n`th number of a value; 0 when it is not there, which only another use of the same key can cause.
fn number(value: &[u8], n: usize) -> i64 {
    value.chunks_exact(8).nth(n).and_then(|bytes| bytes.try_into().ok()).map_or(0, i64::from_be_bytes)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Over any stretch of time, a bucket gives no more than it held plus what came back.
        #[test]
        fn a_bucket_gives_no_more_than_its_rate(
            capacity in 1_u32..20,
            refill in 1_u64..1_000,
            steps in prop::collection::vec((0_i64..2_000, 1_u32..5), 1..100),
        ) {
            let bucket = Bucket { capacity, refill: Duration::from_micros(refill) };
            let (mut entry, mut now, mut given) = (None::<Vec<u8>>, 1_000_000_i64, 0_u64);
            let start = now;
            for (pause, tokens) in steps {
                now += pause;
                let at = Timestamp::from_timestamp_micros(now).unwrap();
                let before = entry.as_deref().map(|value| Entry { value, until: None });
                let (change, taken) = take(before, at, bucket, tokens);
                if let Taken::Yes { .. } = taken {
                    given += u64::from(tokens);
                }
                if let Change::Put { value, .. } = change {
                    entry = Some(value);
                }
                let came_back = (now - start).unsigned_abs() / refill;
                prop_assert!(given <= u64::from(capacity) + came_back);
            }
        }

        /// A refused caller that waits as it was told is served.
        #[test]
        fn waiting_as_told_is_enough(capacity in 1_u32..20, refill in 1_u64..1_000, tokens in 1_u32..20) {
            let bucket = Bucket { capacity, refill: Duration::from_micros(refill) };
            let now = Timestamp::UNIX_EPOCH;
            let Change::Put { value, .. } = take(None, now, bucket, capacity).0 else { panic!("full") };
            let entry = Entry { value: &value, until: None };
            match take(Some(entry), now, bucket, tokens).1 {
                Taken::Yes { .. } => prop_assert!(false, "an empty bucket gave"),
                Taken::No { retry_after: None } => prop_assert!(tokens > capacity),
                Taken::No { retry_after: Some(wait) } => {
                    let later = now + wait;
                    let served = matches!(take(Some(entry), later, bucket, tokens).1, Taken::Yes { .. });
                    prop_assert!(served);
                }
            }
        }
    }
}
