//! When a shop is open.

use async_graphql::{
    Enum, InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value,
};
use chrono::NaiveDate;

use crate::domain::opening_hours as domain;
use crate::domain::shop::HoursDraft;

/// A time of day in the shop's time zone, from `00:00` to `23:59`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LocalTime(domain::LocalTime);

/// A time of day to the minute, as clocks show it where it applies: `HH:MM`, from `00:00` to `23:59`.
#[Scalar]
impl ScalarType for LocalTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => match text.parse() {
                Ok(time) => Ok(Self(time)),
                Err(reason) => Err(InputValueError::custom(reason)),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Date(NaiveDate);

/// A day of the calendar, without time or zone: `2026-12-25` (ISO 8601).
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
                Ok(date) => Ok(Self(date)),
                Err(_) => Err(InputValueError::custom("a date such as 2026-12-25 is expected")),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%d").to_string())
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "chrono::Weekday")]
pub(crate) enum Weekday {
    /// Monday.
    #[graphql(name = "MONDAY")]
    Mon,
    /// Tuesday.
    #[graphql(name = "TUESDAY")]
    Tue,
    /// Wednesday.
    #[graphql(name = "WEDNESDAY")]
    Wed,
    /// Thursday.
    #[graphql(name = "THURSDAY")]
    Thu,
    /// Friday.
    #[graphql(name = "FRIDAY")]
    Fri,
    /// Saturday.
    #[graphql(name = "SATURDAY")]
    Sat,
    /// Sunday.
    #[graphql(name = "SUNDAY")]
    Sun,
}

/// When a shop is open, in its own time zone.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct OpeningHours {
    /// The periods that return each week, from Monday; at most 70.
    weekly: Vec<WeeklyPeriod>,
    /// Dates on which other periods hold, in order; at most 100.
    exceptions: Vec<HoursException>,
}

/// A period of opening that returns each week.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct WeeklyPeriod {
    /// The day on which it begins.
    day: Weekday,
    /// When the shop opens.
    opens: LocalTime,
    /// When it closes: on the next day when this is not after `opens`, 24 hours later when it is the same.
    closes: LocalTime,
}

/// A date on which other periods hold than those of its weekday.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct HoursException {
    /// The date. A period that began on the evening before still runs to its end.
    date: Date,
    /// The periods that begin on it; none when the shop stays closed, at most 10.
    periods: Vec<OpeningPeriod>,
    /// Why, for customers.
    note: Option<String>,
}

/// A period of opening.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct OpeningPeriod {
    /// When the shop opens.
    opens: LocalTime,
    /// When it closes: on the next day when this is not after `opens`, 24 hours later when it is the same.
    closes: LocalTime,
}

impl From<&domain::OpeningHours> for OpeningHours {
    fn from(hours: &domain::OpeningHours) -> Self {
        let weekly = hours.weekly().iter().map(|weekly| WeeklyPeriod {
            day: weekly.day.into(),
            opens: LocalTime(weekly.period.opens),
            closes: LocalTime(weekly.period.closes),
        });
        let exceptions = hours.exceptions().iter().map(|exception| HoursException {
            date: Date(exception.date),
            periods: exception.periods.iter().map(OpeningPeriod::from).collect(),
            note: exception.note.clone(),
        });
        Self { weekly: weekly.collect(), exceptions: exceptions.collect() }
    }
}

impl From<&domain::Period> for OpeningPeriod {
    fn from(period: &domain::Period) -> Self {
        Self { opens: LocalTime(period.opens), closes: LocalTime(period.closes) }
    }
}

/// When a shop is open, in its own time zone. It replaces the whole of what was given earlier.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct OpeningHoursInput {
    /// The periods that return each week, in any order; they may not overlap. At most 70.
    weekly: Vec<WeeklyPeriodInput>,
    /// Dates on which other periods hold; each date once. At most 100.
    #[graphql(default)]
    exceptions: Vec<HoursExceptionInput>,
}

/// A period of opening that returns each week.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct WeeklyPeriodInput {
    /// The day on which it begins.
    day: Weekday,
    /// When the shop opens.
    opens: LocalTime,
    /// When it closes: on the next day when this is not after `opens`, 24 hours later when it is the same.
    closes: LocalTime,
}

/// A date on which other periods hold than those of its weekday.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct HoursExceptionInput {
    /// The date. A period that began on the evening before still runs to its end.
    date: Date,
    /// The periods that begin on it; none, or omitted, when the shop stays closed. At most 10.
    #[graphql(default)]
    periods: Vec<OpeningPeriodInput>,
    /// Why, for customers; at most 255 characters.
    note: Option<String>,
}

/// A period of opening.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct OpeningPeriodInput {
    /// When the shop opens.
    opens: LocalTime,
    /// When it closes: on the next day when this is not after `opens`, 24 hours later when it is the same.
    closes: LocalTime,
}

impl From<OpeningHoursInput> for HoursDraft {
    fn from(input: OpeningHoursInput) -> Self {
        let period =
            |opens: LocalTime, closes: LocalTime| domain::Period { opens: opens.0, closes: closes.0 };
        let weekly = input.weekly.into_iter().map(|weekly| domain::WeeklyPeriod {
            day: weekly.day.into(),
            period: period(weekly.opens, weekly.closes),
        });
        let exceptions = input.exceptions.into_iter().map(|exception| domain::HoursException {
            date: exception.date.0,
            periods: exception.periods.into_iter().map(|p| period(p.opens, p.closes)).collect(),
            note: exception.note,
        });
        Self { weekly: weekly.collect(), exceptions: exceptions.collect() }
    }
}
