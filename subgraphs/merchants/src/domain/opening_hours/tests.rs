//! Opening hours against a slow twin that maps each period to instants.

use chrono::{DateTime, MappedLocalTime, TimeZone};
use chrono_tz::Tz;
use proptest::prelude::*;
use souk_kit::clock::Timestamp;

use super::*;

fn time(raw: &str) -> LocalTime {
    raw.parse().unwrap()
}

fn period(opens: &str, closes: &str) -> Period {
    Period { opens: time(opens), closes: time(closes) }
}

fn weekly(day: Weekday, opens: &str, closes: &str) -> WeeklyPeriod {
    WeeklyPeriod { day, period: period(opens, closes) }
}

fn closed_on(date: &str) -> HoursException {
    HoursException { date: date.parse().unwrap(), periods: vec![], note: None }
}

fn instant(raw: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(raw).unwrap().to_utc()
}

fn is_open(hours: &OpeningHours, at: Timestamp, zone: Tz) -> bool {
    hours.is_open(WallClock::at(at, zone))
}

/// The instant at which a period begins (the first showing) or ends (the last showing); within a skipped
/// stretch, the moment of the skip.
fn moment(local: NaiveDateTime, zone: Tz, ends: bool) -> Timestamp {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => at.to_utc(),
        MappedLocalTime::Ambiguous(first, last) => if ends { last } else { first }.to_utc(),
        MappedLocalTime::None => {
            let after = (1..=1_560).map(|m| local + Duration::minutes(m));
            after.into_iter().find_map(|t| zone.from_local_datetime(&t).earliest()).unwrap().to_utc()
        }
    }
}

/// Plainly right and slow: every period of the days around, as instants.
fn is_open_slowly(hours: &OpeningHours, at: Timestamp, zone: Tz) -> bool {
    let today = at.with_timezone(&zone).date_naive();
    (-3..=3).any(|offset| {
        let date = today + Duration::days(offset);
        let exception = hours.exceptions.iter().find(|e| e.date == date);
        let periods: Vec<Period> = match exception {
            Some(exception) => exception.periods.clone(),
            None => hours.weekly.iter().filter(|w| w.day == date.weekday()).map(|w| w.period).collect(),
        };
        periods.iter().any(|period| {
            let (start, end) = period.on(date);
            moment(start, zone, false) <= at && at < moment(end, zone, true)
        })
    })
}

#[test]
fn times_of_day_are_two_digits_each() {
    assert_eq!(time("00:00").minutes(), 0);
    assert_eq!(time("23:59").minutes(), 1439);
    assert_eq!(time("09:05").to_string(), "09:05");
    for wrong in ["24:00", "9:00", "09:60", "0900", "09:00:00", "+9:00", "", "０９:００"] {
        assert!(wrong.parse::<LocalTime>().is_err(), "{wrong}");
    }
}

#[test]
fn a_period_that_closes_after_midnight_belongs_to_the_evening() {
    let hours = OpeningHours::new(vec![weekly(Weekday::Fri, "22:00", "02:00")], vec![]).unwrap();
    // 2026-07-03 is a Friday.
    let cases = [
        ("2026-07-03T19:59:59Z", false),
        ("2026-07-03T20:00:00Z", true),
        ("2026-07-03T23:59:59Z", true),
        ("2026-07-04T00:00:00Z", false),
        ("2026-07-04T20:30:00Z", false),
    ];
    for (at, open) in cases {
        assert_eq!(is_open(&hours, instant(at), Tz::Europe__Berlin), open, "{at}");
    }
}

#[test]
fn an_exception_replaces_the_periods_that_begin_on_its_date() {
    let every_evening = (0..7).map(|day| weekly(Weekday::try_from(day).unwrap(), "18:00", "01:00")).collect();
    let hours = OpeningHours::new(every_evening, vec![closed_on("2026-12-25")]).unwrap();
    let cases = [
        ("2026-12-24T23:30:00Z", true),
        ("2026-12-25T00:30:00Z", true),
        ("2026-12-25T19:00:00Z", false),
        ("2026-12-26T00:30:00Z", false),
        ("2026-12-26T19:00:00Z", true),
    ];
    for (at, open) in cases {
        assert_eq!(is_open(&hours, instant(at), Tz::UTC), open, "{at}");
    }
}

#[test]
fn a_night_with_a_repeated_hour_closes_once() {
    let hours = OpeningHours::new(vec![weekly(Weekday::Sat, "22:00", "02:30")], vec![]).unwrap();
    // 02:30 shows at 00:30Z and again at 01:30Z.
    for (at, open) in [
        ("2026-10-25T00:29:00Z", true),
        ("2026-10-25T00:45:00Z", true),
        ("2026-10-25T01:29:59Z", true),
        ("2026-10-25T01:30:00Z", false),
    ] {
        assert_eq!(is_open(&hours, instant(at), Tz::Europe__Berlin), open, "{at}");
    }
}

#[test]
fn a_skipped_closing_time_is_the_moment_of_the_skip() {
    let hours = OpeningHours::new(vec![weekly(Weekday::Sat, "22:00", "02:30")], vec![]).unwrap();
    assert!(is_open(&hours, instant("2026-03-29T00:59:59Z"), Tz::Europe__Berlin));
    assert!(!is_open(&hours, instant("2026-03-29T01:00:00Z"), Tz::Europe__Berlin));
}

#[test]
fn overlapping_periods_are_refused() {
    let refused = |periods: Vec<WeeklyPeriod>| OpeningHours::new(periods, vec![]).is_err();
    assert!(refused(vec![weekly(Weekday::Mon, "09:00", "13:00"), weekly(Weekday::Mon, "12:59", "18:00")]));
    assert!(!refused(vec![weekly(Weekday::Mon, "09:00", "13:00"), weekly(Weekday::Mon, "13:00", "18:00")]));
    assert!(refused(vec![weekly(Weekday::Sun, "20:00", "02:00"), weekly(Weekday::Mon, "01:00", "05:00")]));
    assert!(refused(vec![weekly(Weekday::Mon, "10:00", "10:00"), weekly(Weekday::Tue, "09:00", "10:00")]));
    let twice = OpeningHours::new(vec![], vec![closed_on("2026-01-01"), closed_on("2026-01-01")]);
    assert_eq!(twice, Err(vec![Refusal::at(&["exceptions"], Reason::Duplicate)]));
}

fn any_period() -> impl Strategy<Value = Period> {
    (0..MINUTES_PER_DAY, 0..MINUTES_PER_DAY)
        .prop_map(|(o, c)| Period { opens: LocalTime(o), closes: LocalTime(c) })
}

prop_compose! {
    /// Hours that may overlap: the readings must agree on them too.
    fn any_hours()(
        week in prop::collection::vec((0_u8..7, any_period()), 0..8),
        exceptions in prop::collection::btree_map(-4_i64..4, prop::collection::vec(any_period(), 0..3), 0..4),
        around in 0_i64..366,
    ) -> (OpeningHours, i64) {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let weekly = week.into_iter()
            .map(|(day, period)| WeeklyPeriod { day: Weekday::try_from(day).unwrap(), period })
            .collect();
        let exceptions = exceptions.into_iter()
            .map(|(day, periods)| HoursException { date: first + Duration::days(around + day), periods, note: None })
            .collect();
        (OpeningHours { weekly, exceptions }, around)
    }
}

/// Zones whose clocks change by an hour or half, at midnight or not at all, on either hemisphere.
fn any_zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Tz::UTC,
        Tz::Europe__Berlin,
        Tz::America__New_York,
        Tz::America__Havana,
        Tz::America__Santiago,
        Tz::Asia__Beirut,
        Tz::Asia__Kathmandu,
        Tz::Australia__Lord_Howe,
        Tz::Pacific__Auckland,
        Tz::Africa__Cairo,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn open_now_agrees_with_the_slow_twin(
        (hours, around) in any_hours(), zone in any_zone(), second in -200_000_i64..200_000
    ) {
        let at = instant("2026-01-01T12:00:00Z") + Duration::days(around) + Duration::seconds(second);
        prop_assert_eq!(is_open(&hours, at, zone), is_open_slowly(&hours, at, zone), "{} {}", at, zone);
    }

    #[test]
    fn open_now_agrees_with_the_slow_twin_when_clocks_change(
        (hours, _) in any_hours(), second in -10_800_i64..10_800,
        (change, zone) in prop::sample::select(vec![
            ("2026-03-29T01:00:00Z", Tz::Europe__Berlin),
            ("2026-10-25T01:00:00Z", Tz::Europe__Berlin),
            ("2026-11-01T05:00:00Z", Tz::America__Havana),
            ("2026-03-08T05:00:00Z", Tz::America__Havana),
            ("2026-04-05T03:00:00Z", Tz::America__Santiago),
            ("2026-09-06T04:00:00Z", Tz::America__Santiago),
            ("2026-04-04T15:00:00Z", Tz::Australia__Lord_Howe),
            ("2026-10-30T21:00:00Z", Tz::Africa__Cairo),
        ]),
    ) {
        let at = instant(change) + Duration::seconds(second);
        prop_assert_eq!(is_open(&hours, at, zone), is_open_slowly(&hours, at, zone), "{} {}", at, zone);
    }

    #[test]
    fn a_shop_open_round_the_clock_is_always_open(second in 0_i64..31_622_400, zone in any_zone()) {
        let every_day = (0..7).map(|day| weekly(Weekday::try_from(day).unwrap(), "00:00", "00:00")).collect();
        let hours = OpeningHours::new(every_day, vec![]).unwrap();
        prop_assert!(is_open(&hours, instant("2026-01-01T00:00:00Z") + Duration::seconds(second), zone));
    }
}
