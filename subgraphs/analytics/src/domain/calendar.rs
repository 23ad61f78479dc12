//! Stretches of time that figures are told by: hours, and the days of a time zone.

use std::ops::{Range, RangeInclusive};

use chrono::{Datelike, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use souk_kit::clock::Timestamp;

use super::hour::Hour;

/// How long a stretch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interval {
    Hour,
    /// By the clocks of a time zone: 23 or 25 hours when they are changed.
    Day,
}

/// The longest range that figures are told of: a year and a day.
pub(crate) const LONGEST: i64 = 24 * 367;
/// The years of UTC that figures are told of: at the ends of what a timestamp can say, zones have no dates any more.
pub(crate) const YEARS: RangeInclusive<i32> = 1970..=9999;

/// Whether figures are told of that time.
pub(crate) fn is_told_of(at: Timestamp) -> bool {
    YEARS.contains(&at.year())
}

/// The hours of a range: all that it touches. One that begins with a day of `zone` begins with the first hour of UTC that
/// begins in it, as the day does in [`stretches`], so that days that follow each other share no hour.
pub(crate) fn hours_of(from: Timestamp, until: Timestamp, zone: Tz) -> Range<Hour> {
    let (touched, within) = (Hour::of(from), Hour::from(from));
    let end = Hour::from(until);
    let start = if begins_a_day(from, zone) && within < end { within } else { touched };
    start..end
}

fn begins_a_day(at: Timestamp, zone: Tz) -> bool {
    let date = |at: Timestamp| at.with_timezone(&zone).date_naive();
    date(at) != date(at - TimeDelta::microseconds(1))
}

/// The stretches that `range` is made of, in order; the first and the last day may be cut.
///
/// An hour belongs to the day in which it begins. Where clocks differ from UTC by no whole hours, a day begins with the
/// first hour of UTC that begins in it.
pub(crate) fn stretches(range: Range<Hour>, zone: Tz, interval: Interval) -> Vec<Range<Hour>> {
    let hours = (range.start.0..range.end.0).map(Hour);
    match interval {
        Interval::Hour => hours.map(|hour| hour..Hour(hour.0 + 1)).collect(),
        Interval::Day => {
            let mut days: Vec<(NaiveDate, Range<Hour>)> = Vec::new();
            for hour in hours {
                let date = hour.begins().with_timezone(&zone).date_naive();
                match days.last_mut() {
                    Some((last, day)) if *last == date => day.end = Hour(hour.0 + 1),
                    _ => days.push((date, hour..Hour(hour.0 + 1))),
                }
            }
            days.into_iter().map(|(_, day)| day).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn hour(text: &str) -> Hour {
        Hour::of(text.parse::<Timestamp>().unwrap())
    }

    fn lengths(from: &str, until: &str, zone: Tz) -> Vec<i64> {
        let days = stretches(hour(from)..hour(until), zone, Interval::Day);
        days.into_iter().map(|day| day.end.0 - day.start.0).collect()
    }

    #[test]
    fn days_are_as_long_as_the_clocks_make_them() {
        let berlin = Tz::Europe__Berlin;
        let cases = [
            // Clocks go forward on 2026-03-29 and back on 2026-10-25.
            ("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", berlin, vec![24, 23, 24]),
            ("2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z", berlin, vec![24, 25, 24]),
            ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", berlin, vec![11, 13]),
            ("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z", Tz::UTC, vec![24, 24]),
            // New York's days change three weeks earlier.
            ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", Tz::America__New_York, vec![23]),
            // Samoa had no 30 December 2011.
            ("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", Tz::Pacific__Apia, vec![24, 24]),
            // Midnight in Kolkata is at half past an hour of UTC: the hour before it is the day before's.
            ("2026-03-09T19:00:00Z", "2026-03-10T19:00:00Z", Tz::Asia__Kolkata, vec![24]),
        ];
        for (from, until, zone, expected) in cases {
            assert_eq!(lengths(from, until, zone), expected, "{from} in {zone}");
        }
    }

    #[test]
    fn a_range_has_the_hours_that_it_touches_and_a_day_those_that_begin_in_it() {
        let cases = [
            // A day, its first quarter of an hour, and what is no day.
            ("2026-03-09T18:30:00Z", "2026-03-10T18:30:00Z", Tz::Asia__Kolkata, 24),
            ("2026-03-09T18:30:00Z", "2026-03-09T18:45:00Z", Tz::Asia__Kolkata, 1),
            ("2026-03-09T18:31:00Z", "2026-03-10T18:30:00Z", Tz::Asia__Kolkata, 25),
            ("2026-03-09T18:30:00Z", "2026-03-10T18:30:00Z", Tz::UTC, 25),
            ("2026-03-09T18:15:00Z", "2026-03-10T18:15:00Z", Tz::Asia__Kathmandu, 24),
            ("2026-03-09T23:00:00Z", "2026-03-10T23:00:00Z", Tz::Europe__Berlin, 24),
        ];
        for (from, until, zone, expected) in cases {
            let hours = hours_of(from.parse().unwrap(), until.parse().unwrap(), zone);
            assert_eq!(hours.end.0 - hours.start.0, expected, "{from} to {until} in {zone}");
        }
    }

    proptest! {
        #[test]
        fn days_that_follow_each_other_share_no_hour_and_leave_none_out(
            start in 1_i64..2_100_000_000,
            zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
        ) {
            // In half minutes: offsets since 1970 are of whole ones.
            let at = |n: i64| Timestamp::from_timestamp(n * 30, 0).unwrap();
            let date = |n: i64| at(n).with_timezone(&zone).date_naive();
            let mut days: BTreeMap<NaiveDate, Timestamp> = BTreeMap::new();
            for hour in 0..4 * 24 {
                let (mut before, mut after) = (start / 30 + hour * 120, start / 30 + (hour + 1) * 120);
                if date(before) == date(after) {
                    continue;
                }
                while after - before > 1 {
                    let middle = before.midpoint(after);
                    if date(middle) == date(before) { before = middle } else { after = middle }
                }
                days.entry(date(after)).or_insert(at(after));
            }
            let begins: Vec<Timestamp> = days.into_values().collect();
            let days: Vec<_> = begins.windows(2).map(|day| hours_of(day[0], day[1], zone)).collect();
            prop_assert!(days.len() >= 2);
            prop_assert!(days.windows(2).all(|pair| pair[0].end == pair[1].start));
            prop_assert!(days.iter().all(|day| day.start < day.end));
        }

        #[test]
        fn stretches_follow_each_other_without_a_gap(
            start in 350_000_i64..560_000,
            length in 0_i64..1_000,
            zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
            by_day: bool,
        ) {
            let range = Hour(start)..Hour(start + length);
            let interval = if by_day { Interval::Day } else { Interval::Hour };
            let found = stretches(range.clone(), zone, interval);
            prop_assert_eq!(found.iter().map(|one| one.end.0 - one.start.0).sum::<i64>(), length);
            prop_assert!(found.windows(2).all(|pair| pair[0].end == pair[1].start));
            prop_assert!(found.iter().all(|one| one.start < one.end && one.end.0 - one.start.0 <= 27));
            if let (Some(first), Some(last)) = (found.first(), found.last()) {
                prop_assert_eq!(first.start..last.end, range);
            }
        }
    }
}
