//! What the clocks of a time zone say at an instant, daylight saving included.

use chrono::{Duration, MappedLocalTime, NaiveDate, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Tz;
use souk_kit::clock::Timestamp;

/// Two readings that differ only while clocks, set back, repeat an hour.
///
/// A period of opening hours is one stretch of time although its ends are written in local time: it
/// begins at the *first* time that clocks show its start and ends at the *last* time that they show
/// its end. So a shop that closes at 02:30 on the night that repeats 02:00 to 03:00 closes once, and
/// in the spring night that skips 02:30 it closes at the moment of the skip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WallClock {
    /// Local times up to this one (to the minute) have begun.
    pub(crate) begun: NaiveDateTime,
    /// Local times up to this one (to the minute) have passed for the last time.
    pub(crate) passed: NaiveDateTime,
}

impl WallClock {
    pub(crate) fn at(instant: Timestamp, zone: Tz) -> Self {
        let local = zone.from_utc_datetime(&instant.naive_utc()).naive_local();
        let local = local.with_second(0).and_then(|t| t.with_nanosecond(0)).unwrap_or(local);
        match zone.from_local_datetime(&local) {
            MappedLocalTime::Ambiguous(_, second) if instant < second => {
                Self { begun: local, passed: step_out_of_repeat(local, zone, -Duration::minutes(1)) }
            }
            MappedLocalTime::Ambiguous(..) => Self {
                begun: step_out_of_repeat(local, zone, Duration::minutes(1)) - Duration::minutes(1),
                passed: local,
            },
            MappedLocalTime::Single(_) | MappedLocalTime::None => Self { begun: local, passed: local },
        }
    }

    /// Whether a stretch from `start` to `end`, both local, is going on.
    pub(crate) fn is_within(self, start: NaiveDateTime, end: NaiveDateTime) -> bool {
        start <= self.begun && self.passed < end
    }

    /// The dates on which a period of at most a day that is going on may have begun.
    pub(crate) fn dates(self) -> impl Iterator<Item = NaiveDate> {
        let last = self.begun.date();
        let first = self.passed.date().pred_opt();
        first.into_iter().flat_map(|date| date.iter_days()).take_while(move |date| *date <= last)
    }
}

/// The nearest local time before or after the repeated stretch that holds `local`.
fn step_out_of_repeat(mut local: NaiveDateTime, zone: Tz, step: Duration) -> NaiveDateTime {
    const DAY: u32 = 24 * 60;
    // No zone ever repeated more than a day; the bound keeps a wrong database from looping for ever.
    for _ in 0..DAY {
        if !matches!(zone.from_local_datetime(&local), MappedLocalTime::Ambiguous(..)) {
            break;
        }
        local += step;
    }
    local
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn readings(instant: &str, zone: Tz) -> (String, String) {
        let clock = WallClock::at(DateTime::parse_from_rfc3339(instant).unwrap().to_utc(), zone);
        let show = |t: NaiveDateTime| t.format("%a %H:%M").to_string();
        (show(clock.begun), show(clock.passed))
    }

    #[test]
    fn readings_differ_only_in_the_repeated_hour() {
        let cases = [
            // Berlin repeats 02:00 to 03:00 on 2026-10-25: first at +02:00, then at +01:00.
            ("2026-10-24T23:59:59Z", Tz::Europe__Berlin, "Sun 01:59", "Sun 01:59"),
            ("2026-10-25T00:00:00Z", Tz::Europe__Berlin, "Sun 02:00", "Sun 01:59"),
            ("2026-10-25T00:30:30Z", Tz::Europe__Berlin, "Sun 02:30", "Sun 01:59"),
            ("2026-10-25T01:30:00Z", Tz::Europe__Berlin, "Sun 02:59", "Sun 02:30"),
            ("2026-10-25T02:00:00Z", Tz::Europe__Berlin, "Sun 03:00", "Sun 03:00"),
            // It skips 02:00 to 03:00 on 2026-03-29.
            ("2026-03-29T00:59:00Z", Tz::Europe__Berlin, "Sun 01:59", "Sun 01:59"),
            ("2026-03-29T01:00:00Z", Tz::Europe__Berlin, "Sun 03:00", "Sun 03:00"),
            // Lord Howe Island repeats half an hour.
            ("2026-04-04T14:45:00Z", Tz::Australia__Lord_Howe, "Sun 01:45", "Sun 01:29"),
        ];
        for (instant, zone, begun, passed) in cases {
            assert_eq!(readings(instant, zone), (begun.to_owned(), passed.to_owned()), "{instant} in {zone}");
        }
    }
}
