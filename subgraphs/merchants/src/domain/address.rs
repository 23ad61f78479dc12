//! Where a company or shop is.

use serde::{Deserialize, Serialize};

use super::country::country_code;
use super::geo::Coordinates;
use super::refusal::{Refusal, Refusals};
use super::text;

/// A postal address. What a country does not use stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) line1: String,
    pub(crate) line2: Option<String>,
    pub(crate) city: String,
    /// State, province or county.
    pub(crate) region: Option<String>,
    pub(crate) postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: String,
    pub(crate) coordinates: Option<Coordinates>,
}

/// An address as it was typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct AddressDraft {
    pub(crate) line1: String,
    pub(crate) line2: Option<String>,
    pub(crate) city: String,
    pub(crate) region: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) country: String,
    /// Latitude and longitude in degrees.
    pub(crate) coordinates: Option<(f64, f64)>,
}

impl Address {
    pub(crate) fn parse(draft: AddressDraft) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Refusals::default();
        let line1 = refusals.note(&["line1"], text::line(&draft.line1, text::MAX_LINE));
        let city = refusals.note(&["city"], text::line(&draft.city, text::MAX_LINE));
        let country = refusals.note(&["country"], country_code(&draft.country));
        let coordinates = draft
            .coordinates
            .and_then(|(lat, lon)| refusals.note(&["coordinates"], Coordinates::from_degrees(lat, lon)));
        let mut optional = |name: &str, raw: Option<String>| {
            // An empty optional line is what an empty box of a form sends: it means none.
            raw.filter(|raw| !raw.trim().is_empty())
                .and_then(|raw| refusals.note(&[name], text::line(&raw, text::MAX_LINE)))
        };
        let line2 = optional("line2", draft.line2);
        let region = optional("region", draft.region);
        let postal_code = optional("postalCode", draft.postal_code);
        let address = match (line1, city, country) {
            (Some(line1), Some(city), Some(country)) => {
                Some(Self { line1, line2, city, region, postal_code, country, coordinates })
            }
            _ => None,
        };
        refusals.settle(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::Reason;

    #[test]
    fn every_wrong_line_is_named() {
        let draft = AddressDraft {
            line2: Some("  ".to_owned()),
            country: "Atlantis".to_owned(),
            coordinates: Some((91.0, 0.0)),
            ..AddressDraft::default()
        };
        let Err(refusals) = Address::parse(draft) else { panic!("nothing in it is right") };
        let found: Vec<_> = refusals.iter().map(|r| (r.path.join("."), r.reason)).collect();
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found[0], ("line1".to_owned(), Reason::Required));
        assert_eq!(found[1], ("city".to_owned(), Reason::Required));
        assert!(matches!(&found[2], (path, Reason::Invalid { .. }) if path == "country"));
        assert!(matches!(&found[3], (path, Reason::Invalid { .. }) if path == "coordinates"));
    }
}
