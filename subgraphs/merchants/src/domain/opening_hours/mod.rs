//! When a shop is open: weekly periods, and dates on which others hold.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use super::refusal::{Reason, Refusal, Refusals};
use super::text;
use super::wall_clock::WallClock;

const MINUTES_PER_DAY: u16 = 24 * 60;
const MAX_PERIODS_PER_DAY: usize = 10;
const MAX_EXCEPTIONS: usize = 100;

/// A time of day to the minute, as a clock on the wall shows it: `09:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct LocalTime(u16);

impl LocalTime {
    /// Minutes since midnight, below 1440.
    pub(crate) fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for LocalTime {
    type Err = Reason;

    fn from_str(raw: &str) -> Result<Self, Reason> {
        const EXPECTED: Reason =
            Reason::Invalid { expected: "a time of day from 00:00 to 23:59 is expected" };
        let two_digits = |part: &str| {
            (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u16>().ok())
                .flatten()
        };
        let (hours, minutes) = raw.split_once(':').ok_or(EXPECTED)?;
        match (two_digits(hours), two_digits(minutes)) {
            (Some(hours @ 0..24), Some(minutes @ 0..60)) => Ok(Self(hours * 60 + minutes)),
            _ => Err(EXPECTED),
        }
    }
}

impl TryFrom<String> for LocalTime {
    type Error = Reason;

    fn try_from(raw: String) -> Result<Self, Reason> {
        raw.parse()
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        time.to_string()
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A stretch of opening that begins on one day. It ends on the next when `closes` is not after `opens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Period {
    pub(crate) opens: LocalTime,
    /// The same time as `opens` means 24 hours later.
    pub(crate) closes: LocalTime,
}

impl Period {
    /// Minutes from the midnight on which the period's day begins, up to 2879.
    pub(crate) fn closes_after_midnight(self) -> u16 {
        if self.closes > self.opens { self.closes.0 } else { self.closes.0 + MINUTES_PER_DAY }
    }

    /// The local times at which the period of `date` begins and ends.
    pub(crate) fn on(self, date: NaiveDate) -> (NaiveDateTime, NaiveDateTime) {
        let midnight = date.and_time(NaiveTime::MIN);
        let after = |minutes: u16| midnight + Duration::minutes(i64::from(minutes));
        (after(self.opens.0), after(self.closes_after_midnight()))
    }
}

/// A period that returns each week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WeeklyPeriod {
    /// The day on which it begins.
    pub(crate) day: Weekday,
    #[serde(flatten)]
    pub(crate) period: Period,
}

/// The periods that begin on one date, in place of those of its weekday. None: closed.
///
/// A period of the evening before still runs to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HoursException {
    pub(crate) date: NaiveDate,
    pub(crate) periods: Vec<Period>,
    /// Why, for customers: "Eid al-Fitr".
    pub(crate) note: Option<String>,
}

/// Opening hours in the shop's local time, in the order of the week and of the dates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpeningHours {
    weekly: Vec<WeeklyPeriod>,
    exceptions: Vec<HoursException>,
}

impl OpeningHours {
    /// Refuses periods that overlap within the week or within one exception.
    pub(crate) fn new(
        mut weekly: Vec<WeeklyPeriod>,
        mut exceptions: Vec<HoursException>,
    ) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Refusals::default();
        weekly.sort_by_key(|w| (w.day.num_days_from_monday(), w.period));
        if weekly.len() > 7 * MAX_PERIODS_PER_DAY {
            refusals.add(&["weekly"], Reason::TooMany { max: 7 * MAX_PERIODS_PER_DAY });
        } else if overlap_in_week(&weekly) {
            refusals.add(&["weekly"], Reason::HoursOverlap);
        }
        if exceptions.len() > MAX_EXCEPTIONS {
            refusals.add(&["exceptions"], Reason::TooMany { max: MAX_EXCEPTIONS });
        } else {
            for (index, exception) in exceptions.iter_mut().enumerate() {
                refusals.note_all(&["exceptions", &index.to_string()], exception.check());
            }
            exceptions.sort_by_key(|e| e.date);
            if exceptions.windows(2).any(|pair| matches!(pair, [a, b] if a.date == b.date)) {
                refusals.add(&["exceptions"], Reason::Duplicate);
            }
        }
        refusals.settle(Some(Self { weekly, exceptions }))
    }

    pub(crate) fn weekly(&self) -> &[WeeklyPeriod] {
        &self.weekly
    }

    pub(crate) fn exceptions(&self) -> &[HoursException] {
        &self.exceptions
    }

    /// Whether the shop is open when clocks show `clock`.
    pub(crate) fn is_open(&self, clock: WallClock) -> bool {
        clock.dates().any(|date| {
            self.periods_of(date).any(|period| {
                let (start, end) = period.on(date);
                clock.is_within(start, end)
            })
        })
    }

    /// The periods that begin on `date`.
    pub(crate) fn periods_of(&self, date: NaiveDate) -> impl Iterator<Item = Period> {
        let exception = self.exceptions.binary_search_by_key(&date, |e| e.date);
        let exception = exception.ok().and_then(|index| self.exceptions.get(index));
        let weekly = self.weekly.iter().filter(move |w| exception.is_none() && w.day == date.weekday());
        exception.into_iter().flat_map(|e| e.periods.iter().copied()).chain(weekly.map(|w| w.period))
    }
}

impl HoursException {
    fn check(&mut self) -> Result<(), Vec<Refusal>> {
        let mut refusals = Refusals::default();
        self.periods.sort();
        if self.periods.len() > MAX_PERIODS_PER_DAY {
            refusals.add(&["periods"], Reason::TooMany { max: MAX_PERIODS_PER_DAY });
        }
        let overlap = |pair: &[Period]| matches!(pair, [first, second] if second.opens.0 < first.closes_after_midnight());
        if self.periods.windows(2).any(overlap) {
            refusals.add(&["periods"], Reason::HoursOverlap);
        }
        if let Some(note) = self.note.take() {
            self.note = refusals.note(&["note"], text::line(&note, text::MAX_LINE));
        }
        refusals.settle(Some(()))
    }
}

/// Whether any period, the last of the week included, runs into the one after it.
fn overlap_in_week(sorted: &[WeeklyPeriod]) -> bool {
    const WEEK: u32 = 7 * MINUTES_PER_DAY as u32;
    let span = |w: &WeeklyPeriod| {
        let midnight = w.day.num_days_from_monday() * u32::from(MINUTES_PER_DAY);
        (midnight + u32::from(w.period.opens.0), midnight + u32::from(w.period.closes_after_midnight()))
    };
    let next_week = sorted.first().map(|first| span(first).0 + WEEK);
    let starts = sorted.iter().skip(1).map(|w| span(w).0).chain(next_week);
    sorted.iter().zip(starts).any(|(w, next)| span(w).1 > next)
}

#[cfg(test)]
mod tests;
