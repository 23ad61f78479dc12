//! Countries by their ISO 3166-1 alpha-2 code.

use std::str::FromStr;

use iso_country::Country;

use super::refusal::Reason;

/// The canonical code of a country: `de` becomes `DE`.
pub(crate) fn country_code(raw: &str) -> Result<String, Reason> {
    const EXPECTED: &str = "an ISO 3166-1 alpha-2 country code, such as DE, is expected";
    let code = raw.trim().to_ascii_uppercase();
    if code.is_empty() {
        return Err(Reason::Required);
    }
    match Country::from_str(&code) {
        // The crate reads the empty and some odd inputs as `Unspecified`.
        Ok(country) if country != Country::Unspecified && country.to_string() == code => Ok(code),
        Ok(_) | Err(_) => Err(Reason::Invalid { expected: EXPECTED }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_pass_in_either_case() {
        assert_eq!(country_code("DE"), Ok("DE".to_owned()));
        assert_eq!(country_code(" gb "), Ok("GB".to_owned()));
        for wrong in ["XX", "DEU", "D", "Germany", "🇩🇪"] {
            assert!(matches!(country_code(wrong), Err(Reason::Invalid { .. })), "{wrong}");
        }
    }
}
