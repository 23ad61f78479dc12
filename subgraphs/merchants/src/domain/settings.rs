//! How a company sells: its currencies, languages, time zone and taxes.

use chrono_tz::Tz;
use souk_kit::money::Currency;

use super::locale::locales;
use super::patch::Patch;
use super::refusal::{Reason, Refusals};
use super::time_zone::time_zone;

const MAX_CURRENCIES: usize = 50;
/// One whole, in the unit of tax rates: 100 %.
const WHOLE: i32 = 1_000_000;

/// What prices, times and texts of a company mean when nothing else is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// What prices are in unless they say otherwise.
    pub(crate) currency: Currency,
    /// What customers may pay in, the company's own currency among them; each once, in order.
    pub(crate) accepted_currencies: Vec<Currency>,
    /// BCP 47 tags; the first is the default.
    pub(crate) locales: Vec<String>,
    pub(crate) time_zone: Tz,
    /// Parts per million: 190000 is 19 %, 88750 is 8.875 %.
    pub(crate) tax_rate_ppm: i32,
    pub(crate) prices_include_tax: bool,
}

/// A change of some settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingsChange {
    pub(crate) currency: Patch<Currency>,
    pub(crate) accepted_currencies: Patch<Vec<Currency>>,
    pub(crate) locales: Patch<Vec<String>>,
    pub(crate) time_zone: Patch<String>,
    pub(crate) tax_rate_ppm: Patch<i32>,
    pub(crate) prices_include_tax: Patch<bool>,
}

impl Settings {
    /// What a new company starts with: its currency alone, English, UTC, no tax, prices with tax.
    pub(crate) fn starting(currency: Currency) -> Self {
        Self {
            currency,
            accepted_currencies: vec![currency],
            locales: vec!["en".to_owned()],
            time_zone: Tz::UTC,
            tax_rate_ppm: 0,
            prices_include_tax: true,
        }
    }

    /// Takes what is acceptable of `change`, and notes the rest below the path `settings`.
    pub(crate) fn apply(&mut self, change: SettingsChange, refusals: &mut Refusals) {
        // A company that accepts its own currency alone goes on doing so when that changes.
        let follows = self.accepted_currencies.as_slice() == [self.currency]
            && matches!(change.accepted_currencies, Patch::Keep);
        let at = |field| ["settings", field];
        let currency = change.currency.onto_required(&mut self.currency, Reason::Required, Ok);
        refusals.note(&at("currency"), currency);
        if follows {
            self.accepted_currencies = vec![self.currency];
        }
        let accepted = change.accepted_currencies.onto_required(
            &mut self.accepted_currencies,
            Reason::Required,
            currencies,
        );
        let taken = refusals.note(&at("acceptedCurrencies"), accepted);
        if taken.is_some() && !self.accepted_currencies.contains(&self.currency) {
            refusals.add(&at("acceptedCurrencies"), Reason::CurrencyNotAccepted);
        }
        let tags = change.locales.onto_required(&mut self.locales, Reason::Required, |tags| locales(&tags));
        refusals.note(&at("locales"), tags);
        let zone =
            change.time_zone.onto_required(&mut self.time_zone, Reason::Required, |name| time_zone(&name));
        refusals.note(&at("timeZone"), zone);
        let rate = change.tax_rate_ppm.onto_required(&mut self.tax_rate_ppm, Reason::Required, tax_rate);
        refusals.note(&at("taxRatePpm"), rate);
        let included =
            change.prices_include_tax.onto_required(&mut self.prices_include_tax, Reason::Required, Ok);
        refusals.note(&at("pricesIncludeTax"), included);
    }
}

fn currencies(list: Vec<Currency>) -> Result<Vec<Currency>, Reason> {
    if list.is_empty() {
        return Err(Reason::Required);
    }
    if list.len() > MAX_CURRENCIES {
        return Err(Reason::TooMany { max: MAX_CURRENCIES });
    }
    let mut once = Vec::with_capacity(list.len());
    for currency in list {
        if once.contains(&currency) {
            return Err(Reason::Duplicate);
        }
        once.push(currency);
    }
    Ok(once)
}

fn tax_rate(ppm: i32) -> Result<i32, Reason> {
    if (0..=WHOLE).contains(&ppm) {
        Ok(ppm)
    } else {
        Err(Reason::Invalid { expected: "a tax rate lies between 0 and 1000000 parts per million" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    fn refused(change: SettingsChange) -> Vec<String> {
        let mut refusals = Refusals::default();
        Settings::starting(currency("EUR")).apply(change, &mut refusals);
        let refusals = refusals.settle(Some(())).err().unwrap_or_default();
        refusals.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_own_currency_is_always_accepted() {
        let mut settings = Settings::starting(currency("EUR"));
        let change = SettingsChange { currency: Patch::Set(currency("GBP")), ..SettingsChange::default() };
        settings.apply(change, &mut Refusals::default());
        assert_eq!(settings.accepted_currencies, [currency("GBP")]);

        let accepted_currencies = Patch::Set(vec![currency("USD")]);
        assert_eq!(
            refused(SettingsChange { accepted_currencies, ..SettingsChange::default() }),
            ["settings.acceptedCurrencies: the company's own currency must be among those it accepts"]
        );
    }

    #[test]
    fn every_wrong_setting_is_named() {
        let change = SettingsChange {
            accepted_currencies: Patch::Set(vec![currency("EUR"), currency("EUR")]),
            locales: Patch::Clear,
            time_zone: Patch::Set("Mars/Olympus".to_owned()),
            tax_rate_ppm: Patch::Set(1_000_001),
            ..SettingsChange::default()
        };
        insta::assert_snapshot!(refused(change).join("\n"), @r"
        settings.acceptedCurrencies: the same value stands twice
        settings.locales: a value is required
        settings.timeZone: an IANA time zone, such as Europe/Berlin, is expected
        settings.taxRatePpm: a tax rate lies between 0 and 1000000 parts per million
        ");
    }
}
