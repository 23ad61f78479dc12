//! Pseudonyms: by which a visitor is counted once, and that lead back to nobody.
//!
//! A storefront makes up a random id for its visitor and keeps it in the browser. What is written is a hash of it under
//! a salt that is random for each company and calendar month (UTC) and forgotten afterwards: so the same visitor has
//! other pseudonyms elsewhere and later, and nobody can find the id again, nor the visitor of an id.

use std::fmt;

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use souk_kit::clock::Timestamp;
use souk_kit::id::CompanyId;
use uuid::Uuid;

/// A salt: 256 random bits.
pub(crate) type Salt = [u8; 32];

/// A calendar month of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Period {
    year: i32,
    month: u32,
}

impl Period {
    /// The month that `at` lies in.
    pub(crate) fn of(at: Timestamp) -> Self {
        Self { year: at.year(), month: at.month() }
    }

    /// When its salt is needed no more, as no event of it is taken any more.
    pub(crate) fn forgotten(self) -> Timestamp {
        let (year, month) = if self.month == 12 { (self.year + 1, 1) } else { (self.year, self.month + 1) };
        let next = NaiveDate::from_ymd_opt(year, month, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
        next.map_or(Timestamp::MAX_UTC, |next| next.and_utc() + super::visit::OLDEST + TimeDelta::hours(1))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// 128 bits that stand for a visitor of one company in one month; in hexadecimal where they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Pseudonym([u8; 16]);

impl Pseudonym {
    /// What stands for the visitor who has the random id `visitor`.
    pub(crate) fn of(visitor: &str, company: CompanyId, salt: &Salt) -> Self {
        let mut hash = Sha256::new();
        hash.update(salt);
        hash.update(company.uuid().as_bytes());
        hash.update(visitor.as_bytes());
        let digest = hash.finalize();
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest).for_each(|(byte, hashed)| *byte = hashed);
        Self(bytes)
    }

    /// Half of the bits, spread evenly, for sketches and for partitions.
    pub(crate) fn hash(self) -> u64 {
        Uuid::from_bytes(self.0).as_u64_pair().0
    }

    /// The same as [`hash`](Self::hash), but another one for each text: so that nobody can tell which texts were the
    /// same visitor's.
    pub(crate) fn hash_for(self, text: &str) -> u64 {
        let digest = Sha256::new().chain_update(self.0).chain_update(text).finalize();
        digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Serialize for Pseudonym {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pseudonym {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 16];
        hex::decode_to_slice(&text, &mut bytes).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_is_another_one_elsewhere_and_later() {
        let (here, there) =
            (CompanyId::from_uuid(Uuid::from_u128(1)), CompanyId::from_uuid(Uuid::from_u128(2)));
        let (this_month, next_month) = ([1; 32], [2; 32]);
        let one = Pseudonym::of("v", here, &this_month);
        assert_eq!(one, Pseudonym::of("v", here, &this_month));
        for other in [
            Pseudonym::of("w", here, &this_month),
            Pseudonym::of("v", there, &this_month),
            Pseudonym::of("v", here, &next_month),
        ] {
            assert_ne!(one, other);
            assert_ne!(one.hash_for("mug"), other.hash_for("mug"));
        }
        assert_eq!(one.hash_for("mug"), one.hash_for("mug"));
        assert_ne!(one.hash_for("mug"), one.hash_for("pot"));
        let json = serde_json::to_string(&one).unwrap();
        assert_eq!(json.len(), 34);
        assert_eq!(serde_json::from_str::<Pseudonym>(&json).unwrap(), one);
        assert!(serde_json::from_str::<Pseudonym>("\"short\"").is_err());
    }

    #[test]
    fn a_month_is_forgotten_when_nothing_of_it_can_come_any_more() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let december = Period::of(at("2026-12-31T23:59:59Z"));
        assert_eq!(december.to_string(), "2026-12");
        assert_eq!(december.forgotten(), at("2027-01-03T01:00:00Z"));
        assert_eq!(Period::of(at("2026-01-15T00:00:00Z")).forgotten(), at("2026-02-03T01:00:00Z"));
    }
}
