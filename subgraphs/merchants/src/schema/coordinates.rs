//! Points on the Earth.

use async_graphql::{InputObject, SimpleObject};

use crate::domain::geo;

/// A point on the Earth (WGS 84).
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Coordinates {
    /// Degrees north of the equator; negative in the south.
    latitude: f64,
    /// Degrees east of Greenwich; negative in the west.
    longitude: f64,
}

impl From<geo::Coordinates> for Coordinates {
    fn from(point: geo::Coordinates) -> Self {
        Self { latitude: point.latitude(), longitude: point.longitude() }
    }
}

/// A point on the Earth (WGS 84).
#[derive(Debug, Clone, Copy, InputObject)]
pub(crate) struct CoordinatesInput {
    /// Degrees north of the equator, from -90 to 90. Kept to a millionth of a degree, which is 0.1 m.
    pub(super) latitude: f64,
    /// Degrees east of Greenwich, from -180 to 180. Kept to a millionth of a degree.
    pub(super) longitude: f64,
}
