//! How a company sells.

use std::sync::Arc;

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use souk_kit::aggregate::Aggregate;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::money::{Currency, CurrencyCode};
use souk_kit::permission::Resource;

use super::omitted::{given, patch};
use crate::domain::company::Company;
use crate::domain::settings::SettingsChange;

/// The settings of a company in the schema.
pub(crate) struct CompanySettings(pub(super) Arc<Company>);

/// How a company sells: what its prices, times and texts mean when nothing else is said.
#[Object]
impl CompanySettings {
    /// What prices are in unless they say otherwise.
    async fn currency(&self) -> CurrencyCode {
        self.0.settings.currency.into()
    }

    /// What customers may pay in, the company's own currency among them; at most 50.
    async fn accepted_currencies(&self) -> Vec<CurrencyCode> {
        self.0.settings.accepted_currencies.iter().copied().map(CurrencyCode::from).collect()
    }

    /// The languages of its texts as BCP 47 tags; the first is the default. At most 50.
    async fn locales(&self) -> &[String] {
        &self.0.settings.locales
    }

    /// The IANA time zone that its days begin in: `Europe/Berlin`.
    async fn time_zone(&self) -> &str {
        self.0.settings.time_zone.name()
    }

    /// The usual rate of tax on what it sells, in parts per million: 190000 is 19 %, 88750 is 8.875 %. For company and super administrators.
    async fn tax_rate_ppm(&self, ctx: &Context<'_>) -> Result<Option<i32>, Fault> {
        ctx.may_see(Resource::Company, &self.0.tenant())?;
        Ok(Some(self.0.settings.tax_rate_ppm))
    }

    /// Whether the prices it enters include tax. For company and super administrators; a price itself says whether it does.
    async fn prices_include_tax(&self, ctx: &Context<'_>) -> Result<Option<bool>, Fault> {
        ctx.may_see(Resource::Company, &self.0.tenant())?;
        Ok(Some(self.0.settings.prices_include_tax))
    }
}

/// How a new company sells.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct CompanySettingsCreateInput {
    /// What prices are in unless they say otherwise.
    pub(super) currency: CurrencyCode,
    /// What customers may pay in, `currency` among them; that alone when omitted. At most 50.
    accepted_currencies: Option<Vec<CurrencyCode>>,
    /// The languages of its texts as BCP 47 tags, the default first; `["en"]` when omitted. At most 50.
    locales: Option<Vec<String>>,
    /// The IANA time zone that its days begin in; `UTC` when omitted.
    time_zone: Option<String>,
    /// The usual rate of tax in parts per million, from 0 to 1000000: 190000 is 19 %. 0 when omitted.
    tax_rate_ppm: Option<i32>,
    /// Whether the prices it enters include tax; true when omitted.
    prices_include_tax: Option<bool>,
}

impl From<CompanySettingsCreateInput> for SettingsChange {
    fn from(input: CompanySettingsCreateInput) -> Self {
        Self {
            currency: given(None),
            accepted_currencies: given(input.accepted_currencies.map(currencies)),
            locales: given(input.locales),
            time_zone: given(input.time_zone),
            tax_rate_ppm: given(input.tax_rate_ppm),
            prices_include_tax: given(input.prices_include_tax),
        }
    }
}

/// Changes of how a company sells. What is omitted stays as it is.
#[derive(Debug, Clone, Default, InputObject)]
pub(crate) struct CompanySettingsUpdateInput {
    /// What prices are in unless they say otherwise. Omitted: as it is. Null: refused.
    currency: MaybeUndefined<CurrencyCode>,
    /// What customers may pay in, the company's own currency among them. At most 50.
    /// Omitted: as it is. Null: refused.
    accepted_currencies: MaybeUndefined<Vec<CurrencyCode>>,
    /// The languages of its texts as BCP 47 tags, the default first. At most 50.
    /// Omitted: as it is. Null: refused.
    locales: MaybeUndefined<Vec<String>>,
    /// The IANA time zone that its days begin in. Omitted: as it is. Null: refused.
    time_zone: MaybeUndefined<String>,
    /// The usual rate of tax in parts per million, from 0 to 1000000: 190000 is 19 %.
    /// Omitted: as it is. Null: refused.
    tax_rate_ppm: MaybeUndefined<i32>,
    /// Whether the prices it enters include tax. Omitted: as it is. Null: refused.
    prices_include_tax: MaybeUndefined<bool>,
}

impl From<CompanySettingsUpdateInput> for SettingsChange {
    fn from(input: CompanySettingsUpdateInput) -> Self {
        Self {
            currency: patch(input.currency, Currency::from),
            accepted_currencies: patch(input.accepted_currencies, currencies),
            locales: patch(input.locales, |tags| tags),
            time_zone: patch(input.time_zone, |name| name),
            tax_rate_ppm: patch(input.tax_rate_ppm, |rate| rate),
            prices_include_tax: patch(input.prices_include_tax, |included| included),
        }
    }
}

fn currencies(codes: Vec<CurrencyCode>) -> Vec<Currency> {
    codes.into_iter().map(Currency::from).collect()
}
