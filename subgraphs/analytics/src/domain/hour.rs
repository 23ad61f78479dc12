//! Hours of UTC: what figures are kept by. Days are made of them when somebody asks, in the company's time zone.

use souk_kit::clock::Timestamp;

const SECONDS: i64 = 3_600;

/// An hour of UTC, by its number since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Hour(pub(crate) i64);

impl Hour {
    /// The hour that `at` lies in.
    pub(crate) fn of(at: Timestamp) -> Self {
        Self(at.timestamp().div_euclid(SECONDS))
    }

    /// The first hour that begins at `at` or later.
    pub(crate) fn from(at: Timestamp) -> Self {
        let hour = Self::of(at);
        if hour.begins() == at { hour } else { Self(hour.0 + 1) }
    }

    /// Its first instant.
    pub(crate) fn begins(self) -> Timestamp {
        Timestamp::from_timestamp(self.0.saturating_mul(SECONDS), 0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_holds_its_first_instant_and_not_the_next_ones() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let hour = Hour::of(at("2026-03-10T09:59:59.999999Z"));
        assert_eq!(hour.begins(), at("2026-03-10T09:00:00Z"));
        assert_eq!(Hour::of(at("2026-03-10T10:00:00Z")), Hour(hour.0 + 1));
        assert_eq!(Hour::from(at("2026-03-10T09:00:00Z")), hour);
        assert_eq!(Hour::from(at("2026-03-10T09:00:00.000001Z")), Hour(hour.0 + 1));
        assert_eq!(Hour::of(at("1969-12-31T23:30:00Z")), Hour(-1));
    }
}
