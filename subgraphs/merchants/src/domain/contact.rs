//! How customers reach a company or shop.

use serde::{Deserialize, Serialize};

use super::refusal::{Reason, Refusal, Refusals};
use super::text;

const MAX_EMAIL: usize = 254;

/// Public contact details of a business, not of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) email: Option<String>,
    /// E.164: `+4930123456`.
    pub(crate) phone: Option<String>,
    pub(crate) website: Option<String>,
}

impl Contact {
    /// Checks each detail that is given.
    pub(crate) fn parse(
        email: Option<&str>,
        phone: Option<&str>,
        website: Option<&str>,
    ) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Refusals::default();
        let mut given = |name: &str, raw: Option<&str>, parse: fn(&str) -> Result<String, Reason>| {
            raw.and_then(|raw| refusals.note(&[name], parse(raw)))
        };
        let contact = Self {
            email: given("email", email, email_address),
            phone: given("phone", phone, phone_number),
            website: given("website", website, text::web_address),
        };
        refusals.settle(Some(contact))
    }
}

/// `local@domain`: only mail sent to it could prove more.
fn email_address(raw: &str) -> Result<String, Reason> {
    let text = text::line(raw, MAX_EMAIL)?;
    let parts = text.rsplit_once('@').filter(|(local, domain)| {
        !local.is_empty()
            && !text.chars().any(char::is_whitespace)
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
    });
    match parts {
        Some((local, domain)) => Ok(format!("{local}@{}", domain.to_lowercase())),
        None => Err(Reason::Invalid { expected: "an e-mail address is expected" }),
    }
}

/// E.164 with the usual separators taken out: a plus and 7 to 15 digits.
fn phone_number(raw: &str) -> Result<String, Reason> {
    let digits: String = text::line(raw, text::MAX_LINE)?
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/'))
        .collect();
    match digits.strip_prefix('+') {
        Some(number)
            if (7..=15).contains(&number.len())
                && number.bytes().all(|b| b.is_ascii_digit())
                && !number.starts_with('0') =>
        {
            Ok(digits)
        }
        Some(_) | None => {
            Err(Reason::Invalid { expected: "an international number, such as +49 30 123456, is expected" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_made_canonical() {
        let contact = Contact::parse(
            Some("Hello@Souk.Example"),
            Some("+49 (30) 123-456"),
            Some("https://souk.example"),
        );
        assert_eq!(
            contact,
            Ok(Contact {
                email: Some("Hello@souk.example".to_owned()),
                phone: Some("+4930123456".to_owned()),
                website: Some("https://souk.example/".to_owned()),
            })
        );
    }

    #[test]
    fn every_wrong_detail_is_named() {
        let Err(refusals) = Contact::parse(Some("nobody"), Some("030 123456"), Some("souk")) else {
            panic!("all three are wrong")
        };
        let paths: Vec<_> = refusals.iter().map(|r| r.path.join(".")).collect();
        assert_eq!(paths, ["email", "phone", "website"]);
    }
}
