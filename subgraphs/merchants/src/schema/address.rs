//! Postal addresses.

use async_graphql::{InputObject, SimpleObject};

use super::coordinates::{Coordinates, CoordinatesInput};
use crate::domain::address;

/// A postal address.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Address {
    /// Street and number, or what stands for them.
    line1: String,
    /// More about the place: building, floor, shop number.
    line2: Option<String>,
    /// City, town or village.
    city: String,
    /// State, province or county.
    region: Option<String>,
    /// Postal code.
    postal_code: Option<String>,
    /// Country, by its ISO 3166-1 alpha-2 code: `DE`.
    country: String,
    /// Where on the map it is.
    coordinates: Option<Coordinates>,
}

impl From<&address::Address> for Address {
    fn from(address: &address::Address) -> Self {
        Self {
            line1: address.line1.clone(),
            line2: address.line2.clone(),
            city: address.city.clone(),
            region: address.region.clone(),
            postal_code: address.postal_code.clone(),
            country: address.country.clone(),
            coordinates: address.coordinates.map(Coordinates::from),
        }
    }
}

/// A postal address. It replaces the whole of an earlier one.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct AddressInput {
    /// Street and number, or what stands for them; at most 255 characters, like the other lines.
    line1: String,
    /// More about the place: building, floor, shop number.
    line2: Option<String>,
    /// City, town or village.
    city: String,
    /// State, province or county.
    region: Option<String>,
    /// Postal code.
    postal_code: Option<String>,
    /// Country, by its ISO 3166-1 alpha-2 code: `DE`.
    country: String,
    /// Where on the map it is; shops without are not found near a point.
    coordinates: Option<CoordinatesInput>,
}

impl From<AddressInput> for address::AddressDraft {
    fn from(input: AddressInput) -> Self {
        Self {
            line1: input.line1,
            line2: input.line2,
            city: input.city,
            region: input.region,
            postal_code: input.postal_code,
            country: input.country,
            coordinates: input.coordinates.map(|point| (point.latitude, point.longitude)),
        }
    }
}
