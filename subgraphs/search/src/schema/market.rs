//! Where a search takes place: the company and shop that are named, if the caller may see them.

use async_graphql::Context;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, ShopId, ShopKind, SoughtId};
use souk_kit::money::Currency;
use souk_kit::permission::{Action, Resource, Tenant, Visibility};

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
        let asked = self.locale.filter(|locale| !locale.trim().is_empty());
        if asked.as_ref().is_some_and(|locale| locale.len() > LONGEST_LOCALE) {
            return Err(Fault::bad_input("`locale` is a BCP 47 tag, such as \"de-CH\""));
        }
        let locale =
            asked.or_else(|| ctx.languages().first().cloned()).or_else(|| locales.into_iter().next());
        let shop = shop.map(|(shop, _)| shop);
        let audience = Audience { visibility, at: ctx.now(), company, shop, locale };
        Ok(Some(Market { audience, currency }))
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
