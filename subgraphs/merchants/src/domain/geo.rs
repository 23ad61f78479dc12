//! Points on the Earth, the distance between them, and the box around a circle.
#![expect(clippy::float_arithmetic, reason = "angles and distances are measures, not money")]

use serde::{Deserialize, Serialize};

use super::refusal::Reason;

/// The mean radius of the Earth (IUGG), in metres.
const EARTH_RADIUS: f64 = 6_371_008.8;
/// Stored steps per degree: one step is 0.11 m at most.
const STEPS: f64 = 1_000_000.0;
const MAX_LATITUDE: i32 = 90_000_000;
const MAX_LONGITUDE: i32 = 180_000_000;

/// A point in WGS 84, in millionths of a degree: integers compare and index exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Coordinates {
    /// North is positive; within ±90 degrees.
    pub(crate) latitude_e6: i32,
    /// East is positive; within ±180 degrees.
    pub(crate) longitude_e6: i32,
}

impl Coordinates {
    /// Refuses what is not a finite angle within the Earth's bounds.
    pub(crate) fn from_degrees(latitude: f64, longitude: f64) -> Result<Self, Reason> {
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(Reason::Invalid { expected: "a latitude lies between -90 and 90 degrees" });
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(Reason::Invalid { expected: "a longitude lies between -180 and 180 degrees" });
        }
        Ok(Self { latitude_e6: steps(latitude), longitude_e6: steps(longitude) })
    }

    pub(crate) fn latitude(self) -> f64 {
        f64::from(self.latitude_e6) / STEPS
    }

    pub(crate) fn longitude(self) -> f64 {
        f64::from(self.longitude_e6) / STEPS
    }

    /// Metres along the great circle, by the haversine formula, rounded to the nearest.
    ///
    /// The Earth's flattening is left out: the error is below 0.6 %.
    pub(crate) fn distance_to(self, other: Self) -> u32 {
        let (from, to) = (self.latitude().to_radians(), other.latitude().to_radians());
        let across = (other.longitude() - self.longitude()).to_radians();
        let half_chord_squared =
            ((to - from) / 2.0).sin().powi(2) + from.cos() * to.cos() * (across / 2.0).sin().powi(2);
        // Rounding may carry the sine of half an antipodal angle past one.
        metres(2.0 * EARTH_RADIUS * half_chord_squared.sqrt().min(1.0).asin())
    }
}

/// The smallest span of latitudes and longitudes that holds a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BoundingBox {
    pub(crate) south_e6: i32,
    pub(crate) north_e6: i32,
    pub(crate) longitudes: Longitudes,
}

/// Which longitudes a box spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Longitudes {
    /// The circle holds a pole.
    All,
    /// From west to east, both included.
    Between { west_e6: i32, east_e6: i32 },
    /// Across the antimeridian: from `west_e6` up, and up to `east_e6`.
    Wrapped { west_e6: i32, east_e6: i32 },
}

impl BoundingBox {
    /// The box around every point at most `radius` metres from `centre`.
    pub(crate) fn around(centre: Coordinates, radius: u32) -> Self {
        // Half a metre for the rounding of distances, two steps for that of angles.
        let angle = (f64::from(radius) + 0.5) / EARTH_RADIUS;
        let reach = steps_up(angle.to_degrees());
        let south = i64::from(centre.latitude_e6) - reach;
        let north = i64::from(centre.latitude_e6) + reach;
        Self {
            south_e6: clamped(south, MAX_LATITUDE),
            north_e6: clamped(north, MAX_LATITUDE),
            longitudes: Self::longitudes(centre, angle, south, north),
        }
    }

    fn longitudes(centre: Coordinates, angle: f64, south: i64, north: i64) -> Longitudes {
        if south <= -i64::from(MAX_LATITUDE) || north >= i64::from(MAX_LATITUDE) {
            return Longitudes::All;
        }
        // The meridians that touch the circle: sin Δλ = sin angle / cos latitude.
        let ratio = angle.sin() / centre.latitude().to_radians().cos();
        if !(0.0..1.0).contains(&ratio) {
            return Longitudes::All;
        }
        let reach = steps_up(ratio.asin().to_degrees());
        let (limit, turn) = (i64::from(MAX_LONGITUDE), 2 * i64::from(MAX_LONGITUDE));
        let (west, east) = (i64::from(centre.longitude_e6) - reach, i64::from(centre.longitude_e6) + reach);
        if 2 * reach >= turn {
            return Longitudes::All;
        }
        let (west_e6, east_e6) = (
            clamped(if west < -limit { west + turn } else { west }, MAX_LONGITUDE),
            clamped(if east > limit { east - turn } else { east }, MAX_LONGITUDE),
        );
        if west < -limit || east > limit {
            Longitudes::Wrapped { west_e6, east_e6 }
        } else if west == -limit || east == limit {
            // ±180° are the same meridian: a point on it may be written either way.
            Longitudes::Wrapped {
                west_e6: if west == -limit { MAX_LONGITUDE } else { west_e6 },
                east_e6: if east == limit { -MAX_LONGITUDE } else { east_e6 },
            }
        } else {
            Longitudes::Between { west_e6, east_e6 }
        }
    }
}

fn steps(degrees: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "at most 180 million after the range check")]
    let steps = (degrees * STEPS).round() as i32;
    steps
}

fn steps_up(degrees: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "at most 360 degrees")]
    let steps = (degrees * STEPS).ceil() as i64;
    steps + 2
}

fn metres(distance: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and half the Earth's girth, 20 million metres"
    )]
    let metres = distance.round() as u32;
    metres
}

fn clamped(steps: i64, limit: i32) -> i32 {
    i32::try_from(steps).map_or(if steps < 0 { -limit } else { limit }, |s| s.clamp(-limit, limit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(latitude: f64, longitude: f64) -> Coordinates {
        Coordinates::from_degrees(latitude, longitude).unwrap()
    }

    fn holds(area: BoundingBox, point: Coordinates) -> bool {
        let lon = point.longitude_e6;
        (area.south_e6..=area.north_e6).contains(&point.latitude_e6)
            && match area.longitudes {
                Longitudes::All => true,
                Longitudes::Between { west_e6, east_e6 } => (west_e6..=east_e6).contains(&lon),
                Longitudes::Wrapped { west_e6, east_e6 } => lon >= west_e6 || lon <= east_e6,
            }
    }

    #[test]
    fn distances_agree_with_the_angle_between_vectors() {
        // Computed apart, as the angle between vectors on a sphere of the mean radius; to the kilometre.
        let cases = [
            ("Berlin to Paris", at(52.52, 13.405), at(48.8566, 2.3522), 877),
            ("London to New York", at(51.5074, -0.1278), at(40.7128, -74.006), 5570),
            ("Suva to Apia, across the antimeridian", at(-18.1248, 178.4501), at(-13.8507, -171.7514), 1150),
            ("pole to pole", at(90.0, 0.0), at(-90.0, 77.0), 20_015),
        ];
        for (name, from, to, kilometres) in cases {
            assert_eq!((from.distance_to(to) + 500) / 1000, kilometres, "{name}");
        }
    }

    #[test]
    fn coordinates_off_the_earth_are_refused() {
        for (lat, lon) in [(90.1, 0.0), (0.0, -180.5), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert!(Coordinates::from_degrees(lat, lon).is_err(), "{lat}, {lon}");
        }
    }

    #[test]
    fn a_box_at_the_antimeridian_wraps() {
        let area = BoundingBox::around(at(-16.5, 179.99), 50_000);
        assert!(matches!(area.longitudes, Longitudes::Wrapped { .. }));
        assert!(holds(area, at(-16.5, -179.9)));
        assert!(!holds(area, at(-16.5, 0.0)));
    }

    prop_compose! {
        fn anywhere()(lat in -MAX_LATITUDE..=MAX_LATITUDE, lon in -MAX_LONGITUDE..=MAX_LONGITUDE) -> Coordinates {
            Coordinates { latitude_e6: lat, longitude_e6: lon }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn distance_is_symmetric_and_bounded(from in anywhere(), to in anywhere()) {
            prop_assert_eq!(from.distance_to(to), to.distance_to(from));
            prop_assert!(from.distance_to(to) <= 20_015_115);
            prop_assert_eq!(from.distance_to(from), 0);
        }

        #[test]
        fn the_box_holds_every_point_of_the_circle(centre in anywhere(), other in anywhere()) {
            let radius = centre.distance_to(other);
            prop_assert!(holds(BoundingBox::around(centre, radius), other));
        }

        #[test]
        fn the_box_holds_near_points(
            centre in anywhere(), north in -20_000_i32..20_000, east in -20_000_i32..20_000
        ) {
            let lat = (centre.latitude_e6 + north).clamp(-MAX_LATITUDE, MAX_LATITUDE);
            let lon = (centre.longitude_e6 + east + 3 * MAX_LONGITUDE).rem_euclid(2 * MAX_LONGITUDE) - MAX_LONGITUDE;
            let near = Coordinates { latitude_e6: lat, longitude_e6: lon };
            prop_assert!(holds(BoundingBox::around(centre, centre.distance_to(near)), near));
        }
    }
}
