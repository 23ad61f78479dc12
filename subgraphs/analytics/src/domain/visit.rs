//! What visitors do in a storefront: what they may tell of it, within which bounds, and what is kept.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyId, EventId, ShopId};
use uuid::Uuid;

use super::ids::ProductId;
use super::pseudonym::Pseudonym;
use super::search_text::SearchText;

/// Events of one call.
pub(crate) const LARGEST_BATCH: usize = 100;
/// How long ago an event may have happened when it arrives: a browser that was offline sends it later.
pub(crate) const OLDEST: TimeDelta = TimeDelta::hours(48);
/// How far ahead of ours a client's clock may be.
pub(crate) const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// The longest view that is counted, in milliseconds; what is longer was a page left open, and counts as much.
pub(crate) const LONGEST_VIEW: i64 = 30 * 60 * 1_000;
/// The most results that a search may say it had, and the last position that can be clicked.
pub(crate) const MOST_RESULTS: i64 = 10_000_000;
/// The last position of results for which clicks are told apart; later ones count as this one.
pub(crate) const LAST_POSITION: i64 = 50;
/// Letters that the text of a search may have before it is normalised.
pub(crate) const LONGEST_TEXT: usize = 500;
/// Letters of the name of a list.
pub(crate) const LONGEST_LIST: usize = 128;
/// Letters of a visitor's random id.
pub(crate) const VISITOR: std::ops::RangeInclusive<usize> = 16..=64;

/// An event as a client tells it.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    /// A random UUID, by which it is known when it comes twice.
    pub(crate) id: String,
    pub(crate) occurred_at: Timestamp,
    pub(crate) what: Claimed,
}

/// What the client says has happened.
#[derive(Debug, Clone)]
pub(crate) enum Claimed {
    ProductViewed { product: ProductId, duration_ms: i64 },
    SearchPerformed { search: String, text: String, result_count: i64 },
    ResultClicked { search: String, product: ProductId, position: i64 },
    ListViewed { list: String },
}

/// What a visitor did, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) company: CompanyId,
    /// The shop whose storefront it was; none for one of the whole company.
    pub(crate) shop: Option<ShopId>,
    /// Who did, when the visitor has agreed to being told from others.
    pub(crate) visitor: Option<Pseudonym>,
    /// When it happened, by the client's clock.
    pub(crate) at: Timestamp,
    /// When it arrived, by ours.
    pub(crate) received: Timestamp,
    pub(crate) what: What,
}

/// What the visitor did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// Looked at a product's page.
    ProductViewed(ProductViewed),
    /// Searched.
    SearchPerformed(SearchPerformed),
    /// Went from a search's results to a product.
    ResultClicked(ResultClicked),
    /// Looked at a list of products.
    ListViewed(ListViewed),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProductViewed {
    pub(crate) product: ProductId,
    pub(crate) duration_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SearchPerformed {
    pub(crate) search: Uuid,
    /// None where it must not be kept.
    pub(crate) text: Option<SearchText>,
    pub(crate) result_count: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResultClicked {
    pub(crate) search: Uuid,
    pub(crate) product: ProductId,
    /// Among the results, from 1.
    pub(crate) position: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListViewed {
    pub(crate) list: String,
}

/// Why an event is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("a value is expected")]
    Required,
    #[error("at most {most} letters are taken")]
    TooLong { most: usize },
    #[error("a number from {from} to {to} is expected")]
    OutOfRange { from: i64, to: i64 },
    #[error("{expected}")]
    Invalid { expected: &'static str },
    #[error("it happened more than 48 hours ago")]
    TooOld,
    #[error("it has not happened yet: the clock of the client is more than five minutes ahead")]
    NotYet,
}

/// The member of the event that is not taken, and why.
pub(crate) type Refusal = (&'static [&'static str], Reason);

/// What is allowed to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// A pseudonym, and what was searched for.
    Given,
    /// Only that it happened.
    Withheld,
}

impl Claim {
    /// The event as it is kept, with the id under which it takes effect once; or what is wrong with it.
    pub(crate) fn check(
        self,
        company: CompanyId,
        received: Timestamp,
        consent: Consent,
    ) -> Result<(EventId, What), Refusal> {
        let id = uuid(&self.id).map_err(|reason| (&["id"][..], reason))?;
        if self.occurred_at < received - OLDEST {
            return Err((&["occurredAt"], Reason::TooOld));
        }
        if self.occurred_at > received + AHEAD {
            return Err((&["occurredAt"], Reason::NotYet));
        }
        Ok((event_id(company, id), self.what.check(consent)?))
    }
}

impl Claimed {
    fn check(self, consent: Consent) -> Result<What, Refusal> {
        Ok(match self {
            Self::ProductViewed { product, duration_ms } => {
                let duration_ms = ranged(duration_ms, 0, i64::MAX)
                    .map_err(|reason| (&["productViewed", "durationMs"][..], reason))?;
                What::ProductViewed(ProductViewed { product, duration_ms: duration_ms.min(LONGEST_VIEW) })
            }
            Self::SearchPerformed { search, text, result_count } => {
                let at = |path: &'static [&'static str]| move |reason| (path, reason);
                let search = uuid(&search).map_err(at(&["searchPerformed", "search"]))?;
                let text = bounded(text, LONGEST_TEXT).map_err(at(&["searchPerformed", "text"]))?;
                let result_count =
                    ranged(result_count, 0, MOST_RESULTS).map_err(at(&["searchPerformed", "resultCount"]))?;
                let text = match consent {
                    Consent::Given => SearchText::of(&text),
                    Consent::Withheld => None,
                };
                What::SearchPerformed(SearchPerformed { search, text, result_count })
            }
            Self::ResultClicked { search, product, position } => {
                let search = uuid(&search).map_err(|reason| (&["resultClicked", "search"][..], reason))?;
                let position = ranged(position, 1, MOST_RESULTS)
                    .map_err(|reason| (&["resultClicked", "position"][..], reason))?;
                What::ResultClicked(ResultClicked { search, product, position })
            }
            Self::ListViewed { list } => {
                let list = bounded(list.trim().to_owned(), LONGEST_LIST)
                    .and_then(printable)
                    .map_err(|reason| (&["listViewed", "list"][..], reason))?;
                What::ListViewed(ListViewed { list })
            }
        })
    }
}

/// The id of the event of a company that its client calls `id`: the same whenever it comes again.
fn event_id(company: CompanyId, id: Uuid) -> EventId {
    let digest = Sha256::new().chain_update(company.uuid().as_bytes()).chain_update(id.as_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, hashed)| *byte = hashed);
    EventId::from_uuid(Uuid::from_bytes(bytes))
}

/// The random id of a visitor, when it is one.
pub(crate) fn visitor(raw: &str) -> Result<&str, Reason> {
    let is_plain = raw.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if VISITOR.contains(&raw.len()) && is_plain {
        return Ok(raw);
    }
    Err(Reason::Invalid { expected: "16 to 64 random letters, digits, - or _ are expected" })
}

fn uuid(raw: &str) -> Result<Uuid, Reason> {
    raw.parse().map_err(|_| Reason::Invalid { expected: "a random UUID is expected" })
}

fn ranged(number: i64, from: i64, to: i64) -> Result<i64, Reason> {
    if (from..=to).contains(&number) { Ok(number) } else { Err(Reason::OutOfRange { from, to }) }
}

fn bounded(text: String, most: usize) -> Result<String, Reason> {
    if text.is_empty() {
        Err(Reason::Required)
    } else if text.chars().count() > most {
        Err(Reason::TooLong { most })
    } else {
        Ok(text)
    }
}

/// The text, when every store takes it: PostgreSQL has no room for U+0000, and no list is called by control characters.
fn printable(text: String) -> Result<String, Reason> {
    if text.contains(char::is_control) {
        return Err(Reason::Invalid { expected: "control characters are not taken" });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UUID: &str = "0198f0c2-6d1e-7aa0-9c5b-2f4b8f0a1c11";

    fn now() -> Timestamp {
        "2026-03-10T09:00:00Z".parse().unwrap()
    }

    fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(1))
    }

    fn product() -> ProductId {
        ProductId::from_uuid(Uuid::from_u128(2))
    }

    fn check(claim: Claim, consent: Consent) -> Result<What, Refusal> {
        claim.check(company(), now(), consent).map(|(_, what)| what)
    }

    fn claim(what: Claimed) -> Claim {
        Claim { id: UUID.into(), occurred_at: now(), what }
    }

    #[test]
    fn times_are_taken_within_a_window() {
        let view = Claimed::ProductViewed { product: product(), duration_ms: 1 };
        let cases = [
            (TimeDelta::zero(), None),
            (-OLDEST, None),
            (-OLDEST - TimeDelta::microseconds(1), Some(Reason::TooOld)),
            (AHEAD, None),
            (AHEAD + TimeDelta::microseconds(1), Some(Reason::NotYet)),
        ];
        for (off, refused) in cases {
            let claim = Claim { id: UUID.into(), occurred_at: now() + off, what: view.clone() };
            assert_eq!(check(claim, Consent::Given).err().map(|(_, reason)| reason), refused, "{off}");
        }
    }

    #[test]
    fn each_member_has_its_bounds() {
        let text =
            |text: &str| Claimed::SearchPerformed { search: UUID.into(), text: text.into(), result_count: 1 };
        let range = |from, to| Some(Reason::OutOfRange { from, to });
        let id = Some(Reason::Invalid { expected: "a random UUID is expected" });
        let control = Some(Reason::Invalid { expected: "control characters are not taken" });
        let click = |search: &str, position| Claimed::ResultClicked {
            search: search.into(),
            product: product(),
            position,
        };
        let view = |duration_ms| Claimed::ProductViewed { product: product(), duration_ms };
        let cases = [
            (view(0), None),
            (view(-1), range(0, i64::MAX)),
            (text("mug"), None),
            (text(""), Some(Reason::Required)),
            (text(&"x".repeat(501)), Some(Reason::TooLong { most: 500 })),
            (click(UUID, 1), None),
            (click(UUID, 0), range(1, MOST_RESULTS)),
            (click("s-1", 1), id),
            (Claimed::ListViewed { list: " home ".into() }, None),
            (Claimed::ListViewed { list: "  ".into() }, Some(Reason::Required)),
            (Claimed::ListViewed { list: "ho\u{0}me".into() }, control),
            (Claimed::ListViewed { list: "ho\u{85}me".into() }, control),
            (Claimed::ListViewed { list: "\u{0}".into() }, control),
        ];
        for (what, refused) in cases {
            let told = format!("{what:?}");
            assert_eq!(check(claim(what), Consent::Given).err().map(|(_, reason)| reason), refused, "{told}");
        }
    }

    #[test]
    fn without_consent_no_text_is_kept_and_long_views_are_cut() {
        let search = Claimed::SearchPerformed { search: UUID.into(), text: "Mug".into(), result_count: 3 };
        let text = |consent| match check(claim(search.clone()), consent) {
            Ok(What::SearchPerformed(search)) => search.text.map(|text| text.as_str().to_owned()),
            other => panic!("{other:?}"),
        };
        assert_eq!(text(Consent::Given).as_deref(), Some("mug"));
        assert_eq!(text(Consent::Withheld), None);
        let view = Claimed::ProductViewed { product: product(), duration_ms: i64::MAX };
        let Ok(What::ProductViewed(view)) = check(claim(view), Consent::Given) else { panic!() };
        assert_eq!(view.duration_ms, LONGEST_VIEW);
    }

    #[test]
    fn an_event_is_the_same_one_of_its_company_alone() {
        let id =
            |company, id: &str| event_id(CompanyId::from_uuid(Uuid::from_u128(company)), id.parse().unwrap());
        assert_eq!(id(1, UUID), id(1, &UUID.to_uppercase()));
        assert_ne!(id(1, UUID), id(2, UUID));
    }

    proptest! {
        #[test]
        fn no_claim_makes_checking_panic(id: String, search: String, text: String, number: i64, off: i32) {
            let occurred_at = now() + TimeDelta::seconds(off.into());
            let claims = [
                Claimed::ProductViewed { product: product(), duration_ms: number },
                Claimed::SearchPerformed { search: search.clone(), text: text.clone(), result_count: number },
                Claimed::ResultClicked { search, product: product(), position: number },
                Claimed::ListViewed { list: text },
            ];
            for what in claims {
                for id in [id.clone(), UUID.to_owned()] {
                    let _ = check(Claim { id, occurred_at, what: what.clone() }, Consent::Given);
                }
            }
        }

        #[test]
        fn no_text_that_is_kept_has_control_characters(text in "[a\\x00\\x07\\x1f\\x7f\\u{85} ]{1,12}") {
            let search = Claimed::SearchPerformed { search: UUID.into(), text: text.clone(), result_count: 1 };
            for what in [search, Claimed::ListViewed { list: text }] {
                match check(claim(what), Consent::Given) {
                    Ok(What::SearchPerformed(search)) => {
                        let text = search.text.as_ref().map_or("", SearchText::as_str);
                        prop_assert!(!text.contains(char::is_control));
                    }
                    Ok(What::ListViewed(view)) => prop_assert!(!view.list.contains(char::is_control)),
                    _ => {}
                }
            }
        }

        #[test]
        fn a_visitor_is_random_letters(raw in "\\PC{0,80}") {
            if let Ok(id) = visitor(&raw) {
                prop_assert!(VISITOR.contains(&id.len()) && id.is_ascii());
            }
        }
    }
}
