//! Where a search takes place: the company and shop that are named, if the caller may see them.

use async_graphql::Context;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, ShopId, ShopKind, SoughtId};
use souk_kit::money::Currency;
use souk_kit::permission::{Action, Resource, Tenant, Visibility};

use crate::index::document;
use crate::index::query::Audience;
use crate::store::facts::Facts;

/// The longest text that is searched for, in characters.
const LONGEST_TEXT: usize = 200;
/// The longest language tag.
const LONGEST_LOCALE: usize = 35;

/// The arguments that say where.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) company: Option<SoughtId<CompanyKind>>,
    pub(super) shop: Option<SoughtId<ShopKind>>,
    pub(super) locale: Option<String>,
}

/// Where a search takes place, and who asks.
#[derive(Debug, Clone)]
pub(super) struct Market {
    pub(super) audience: Audience,
    /// The currency of the one company.
    pub(super) currency: Option<Currency>,
}

impl Place {
    /// None when there is no such company or shop, or it is not to be seen: then nothing is found.
    pub(super) async fn market(self, ctx: &Context<'_>) -> Result<Option<Market>, Fault> {
        let visibility = ctx.may(Action::Read, Resource::Product)?;
        let facts = ctx.store::<Facts>()?;
        let shop = match self.shop {
            None => None,
            Some(shop) => match visible_shop(facts, &visibility, shop).await? {
                Some(found) => Some(found),
                None => return Ok(None),
            },
        };
        let named = match self.company {
            None => None,
            Some(company) => match company.get() {
                Some(company) => Some(company),
                None => return Ok(None),
            },
        };
        let company = match (named, shop) {
            (Some(named), Some((_, owner))) if named != owner => return Ok(None),
            (Some(company), _) | (None, Some((_, company))) => Some(company),
            (None, None) => None,
        };
        let (mut currency, mut locales) = (None, Vec::new());
        if let Some(company) = company {
            let known = facts.company(company).await?;
            let by_right = visibility.covers(&Tenant::company(company));
            let Some(known) = known.filter(|known| known.active || by_right) else { return Ok(None) };
            (currency, locales) = (Some(known.currency), known.locales);
        }
        let closed = if company.is_none() { facts.closed().await? } else { Vec::new() };
        let asked = self.locale.filter(|locale| !locale.trim().is_empty());
        if asked.as_ref().is_some_and(|locale| locale.len() > LONGEST_LOCALE) {
            return Err(Fault::bad_input("`locale` is a BCP 47 tag, such as \"de-CH\""));
        }
        let locale = asked.or_else(|| common(ctx.languages(), &locales));
        let shop = shop.map(|(shop, _)| shop);
        let audience = Audience { visibility, at: ctx.now(), company, closed, shop, locale };
        Ok(Some(Market { audience, currency }))
    }
}

/// The first language that the reader reads and the company writes, or else the company's own: endings and stop words of
/// any other are not those of its texts. Where no company is named, the reader's first.
fn common(read: &[String], written: &[String]) -> Option<String> {
    let mut read = read.iter().filter(|tag| *tag != "*");
    let is_written = |tag: &&String| {
        written.iter().any(|own| document::language(own).eq_ignore_ascii_case(document::language(tag)))
    };
    match written.first() {
        Some(first) => read.find(is_written).or(Some(first)).cloned(),
        None => read.next().cloned(),
    }
}

/// The shop and its company, when it is active or the caller's by right.
async fn visible_shop(
    facts: &Facts,
    visibility: &Visibility,
    shop: SoughtId<ShopKind>,
) -> Result<Option<(ShopId, CompanyId)>, Fault> {
    let Some(id) = shop.get() else { return Ok(None) };
    let known = facts.shop(id).await?;
    let seen = known.filter(|shop| shop.active || visibility.covers(&Tenant::shop(shop.company, shop.id)));
    Ok(seen.map(|shop| (shop.id, shop.company)))
}

/// The text as it is searched for.
pub(super) fn text(text: Option<String>) -> Result<String, Fault> {
    let text = text.unwrap_or_default();
    if text.chars().count() > LONGEST_TEXT {
        return Err(Fault::bad_input(format!("`text` has at most {LONGEST_TEXT} characters")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_one_that_both_have() {
        let tags = |tags: &[&str]| tags.iter().map(ToString::to_string).collect::<Vec<_>>();
        let cases: [(&[&str], &[&str], Option<&str>); 8] = [
            (&["de-DE", "de", "en"], &["en"], Some("en")),
            (&["fr", "de-AT", "en"], &["en", "de"], Some("de-AT")),
            (&["de"], &["en", "de-CH"], Some("de")),
            (&["DE-ch"], &["en", "de"], Some("DE-ch")),
            (&["fr", "*"], &["en", "de"], Some("en")),
            (&[], &["nl"], Some("nl")),
            (&["*", "fr"], &[], Some("fr")),
            (&[], &[], None),
        ];
        for (read, written, expected) in cases {
            assert_eq!(common(&tags(read), &tags(written)).as_deref(), expected, "{read:?} {written:?}");
        }
    }
}
