//! What merchants publishes: `company.*` on `company.events` and `shop.*` on `shop.events`.
//!
//! `data` is the full state less private metadata. The contact is that of a business; people (owner, manager,
//! staff) are ids. A field may be added; one that was published never changes its meaning.

use serde::Serialize;
use serde_json::Value as Json;
use souk_kit::aggregate::Aggregate;
use souk_kit::clock::Timestamp;
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, ShopId, ShopKind, UserId};
use souk_kit::money::Currency;
use souk_kit::permission::Tenant;

use crate::domain::address::Address;
use crate::domain::company::{Branding, Company};
use crate::domain::contact::Contact;
use crate::domain::opening_hours::OpeningHours;
use crate::domain::shop::Shop;
use crate::refusal_code::MerchantErrorCode;

/// The data of every `company.*` event.
#[derive(Debug, Serialize)]
struct CompanyData<'c> {
    id: CompanyId,
    slug: &'c str,
    name: &'c str,
    logo: Option<&'c str>,
    description: Option<&'c str>,
    contact: &'c Contact,
    address: Option<&'c Address>,
    branding: &'c Branding,
    currency: Currency,
    accepted_currencies: &'c [Currency],
    locales: &'c [String],
    time_zone: &'c str,
    tax_rate_ppm: i32,
    prices_include_tax: bool,
    plan: PlanData,
    owner: Option<UserId>,
    external_reference: Option<&'c str>,
    active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Serialize)]
struct PlanData {
    tier: &'static str,
    standing: &'static str,
    expires_at: Option<Timestamp>,
}

/// The data of every `shop.*` event.
#[derive(Debug, Serialize)]
struct ShopData<'s> {
    id: ShopId,
    company_id: CompanyId,
    slug: &'s str,
    name: &'s str,
    kind: &'static str,
    description: Option<&'s str>,
    address: Option<&'s Address>,
    contact: &'s Contact,
    time_zone: &'s str,
    opening_hours: Option<&'s OpeningHours>,
    manager: Option<UserId>,
    staff: Vec<UserId>,
    external_reference: Option<&'s str>,
    active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Aggregate for Company {
    type Kind = CompanyKind;
    type Code = MerchantErrorCode;
    const TOPIC: Topic = Topic::Company;

    fn id(&self) -> CompanyId {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn set_version(&mut self, version: i64) {
        self.version = version;
    }

    fn tenant(&self) -> Tenant {
        Tenant::company(self.id)
    }

    fn event_data(&self) -> Result<Json, Fault> {
        let data = CompanyData {
            id: self.id,
            slug: self.slug.as_str(),
            name: &self.name,
            logo: self.logo.as_deref(),
            description: self.description.as_deref(),
            contact: &self.contact,
            address: self.address.as_ref(),
            branding: &self.branding,
            currency: self.settings.currency,
            accepted_currencies: &self.settings.accepted_currencies,
            locales: &self.settings.locales,
            time_zone: self.settings.time_zone.name(),
            tax_rate_ppm: self.settings.tax_rate_ppm,
            prices_include_tax: self.settings.prices_include_tax,
            plan: PlanData {
                tier: self.plan.tier.as_str(),
                standing: self.plan.standing.as_str(),
                expires_at: self.plan.expires_at,
            },
            owner: self.owner,
            external_reference: self.external_reference.as_deref(),
            active: self.active,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Ok(serde_json::to_value(data)?)
    }
}

impl Aggregate for Shop {
    type Kind = ShopKind;
    type Code = MerchantErrorCode;
    const TOPIC: Topic = Topic::Shop;

    fn id(&self) -> ShopId {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn set_version(&mut self, version: i64) {
        self.version = version;
    }

    fn tenant(&self) -> Tenant {
        Tenant::shop(self.company_id, self.id)
    }

    fn event_data(&self) -> Result<Json, Fault> {
        let data = ShopData {
            id: self.id,
            company_id: self.company_id,
            slug: self.slug.as_str(),
            name: &self.name,
            kind: self.kind.as_str(),
            description: self.description.as_deref(),
            address: self.address.as_ref(),
            contact: &self.contact,
            time_zone: self.time_zone.name(),
            opening_hours: self.opening_hours.as_ref(),
            manager: self.manager,
            staff: self.staff.iter().copied().collect(),
            external_reference: self.external_reference.as_deref(),
            active: self.active,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Ok(serde_json::to_value(data)?)
    }
}
