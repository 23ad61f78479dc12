//! Time zones by their IANA name.

use chrono_tz::Tz;

use super::refusal::Reason;

/// A zone of the IANA database, such as `Europe/Berlin`.
pub(crate) fn time_zone(raw: &str) -> Result<Tz, Reason> {
    let name = raw.trim();
    if name.is_empty() {
        return Err(Reason::Required);
    }
    name.parse()
        .map_err(|_| Reason::Invalid { expected: "an IANA time zone, such as Europe/Berlin, is expected" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_go_by_their_iana_name() {
        assert_eq!(time_zone("Europe/Berlin"), Ok(Tz::Europe__Berlin));
        for wrong in ["Berlin", "UTC+2", "CEST", "Europe/berlin/x"] {
            assert!(matches!(time_zone(wrong), Err(Reason::Invalid { .. })), "{wrong}");
        }
    }
}
