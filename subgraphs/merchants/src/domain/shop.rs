//! A shop: where a company sells, who works there and when it is open.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyId, ShopId, UserId};
use souk_kit::metadata::Entries;

use super::address::{Address, AddressDraft};
use super::company::{ContactDraft, change_contact, change_metadata};
use super::contact::Contact;
use super::opening_hours::OpeningHours;
use super::patch::Patch;
use super::refusal::{Reason, Refusal, Refusals, Refused};
use super::slug::Slug;
use super::stored_names::stored_names;
use super::text;
use super::time_zone::time_zone;
use super::wall_clock::WallClock;

const MAX_STAFF: usize = 1_000;

/// A place where a company sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shop {
    pub(crate) id: ShopId,
    pub(crate) company_id: CompanyId,
    /// Unique within the company.
    pub(crate) slug: Slug,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) description: Option<String>,
    pub(crate) address: Option<Address>,
    pub(crate) contact: Contact,
    pub(crate) time_zone: Tz,
    /// `None`: not stated.
    pub(crate) opening_hours: Option<OpeningHours>,
    pub(crate) manager: Option<UserId>,
    pub(crate) staff: BTreeSet<UserId>,
    /// What another system calls it; unique among the shops of the company.
    pub(crate) external_reference: Option<String>,
    /// Never leaves the staff: not in events, not public.
    pub(crate) private_metadata: Entries,
    pub(crate) active: bool,
    /// Counts its changes from 1; the store alone writes it.
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// Where customers meet the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Online,
    Physical,
}

stored_names!(Kind { Online = "online", Physical = "physical", });

/// What a shop needs to know of its company.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) id: CompanyId,
    pub(crate) active: bool,
    /// What the shop's zone is unless it says otherwise.
    pub(crate) time_zone: Tz,
}

/// What a new shop must say, and what it may.
#[derive(Debug, Clone)]
pub(crate) struct ShopDraft {
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) kind: Kind,
    /// Its name, slug and kind are those above.
    pub(crate) rest: ShopChange,
}

/// A change of some fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct ShopChange {
    pub(crate) name: Patch<String>,
    pub(crate) slug: Patch<String>,
    pub(crate) kind: Patch<Kind>,
    pub(crate) description: Patch<String>,
    pub(crate) address: Patch<AddressDraft>,
    pub(crate) contact: Patch<ContactDraft>,
    pub(crate) time_zone: Patch<String>,
    pub(crate) opening_hours: Patch<HoursDraft>,
    pub(crate) manager: Patch<UserId>,
    pub(crate) staff: Patch<Vec<UserId>>,
    pub(crate) external_reference: Patch<String>,
    pub(crate) private_metadata: Patch<Vec<(String, String)>>,
}

/// Opening hours as they were given, in any order.
#[derive(Debug, Clone, Default)]
pub(crate) struct HoursDraft {
    pub(crate) weekly: Vec<super::opening_hours::WeeklyPeriod>,
    pub(crate) exceptions: Vec<super::opening_hours::HoursException>,
}

/// What happened to a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShopEvent {
    Created,
    Updated,
    Deactivated,
    Reactivated,
}

impl ShopEvent {
    /// The type of the event in the log: never change it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Created => "shop.created",
            Self::Updated => "shop.updated",
            Self::Deactivated => "shop.deactivated",
            Self::Reactivated => "shop.reactivated",
        }
    }
}

impl Shop {
    /// A new, active shop of an active company.
    pub(crate) fn create(draft: ShopDraft, owner: Owner, id: ShopId, at: Timestamp) -> Result<Self, Refused> {
        let mut refusals = Refusals::default();
        if !owner.active {
            refusals.add(&["company"], Reason::CompanyInactive);
        }
        // What is refused stays empty here: `settle` lets no such shop through.
        let mut shop = Self {
            id,
            company_id: owner.id,
            slug: refusals.note(&["slug"], Slug::parse(&draft.slug)).unwrap_or_default(),
            name: refusals.note(&["name"], text::line(&draft.name, text::MAX_NAME)).unwrap_or_default(),
            kind: draft.kind,
            description: None,
            address: None,
            contact: Contact::default(),
            time_zone: owner.time_zone,
            opening_hours: None,
            manager: None,
            staff: BTreeSet::new(),
            external_reference: None,
            private_metadata: Entries::new(),
            active: true,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        shop.apply(draft.rest, &mut refusals);
        Ok(refusals.settle(Some(shop))?)
    }

    /// Applies a change; `None` when it changes nothing.
    pub(crate) fn update(&mut self, change: ShopChange, at: Timestamp) -> Result<Option<ShopEvent>, Refused> {
        let mut refusals = Refusals::default();
        let mut next = self.clone();
        next.apply(change, &mut refusals);
        let mut next = refusals.settle(Some(next))?;
        if next == *self {
            return Ok(None);
        }
        next.updated_at = at;
        *self = next;
        Ok(Some(ShopEvent::Updated))
    }

    /// Takes the shop from the public's sight. Its data stays.
    pub(crate) fn deactivate(&mut self, at: Timestamp) -> Result<ShopEvent, Refused> {
        if !self.active {
            return Err(Refusal::at(&["id"], Reason::AlreadyInactive).into());
        }
        (self.active, self.updated_at) = (false, at);
        Ok(ShopEvent::Deactivated)
    }

    /// Gives a deactivated shop back to the public.
    pub(crate) fn reactivate(&mut self, at: Timestamp) -> Result<ShopEvent, Refused> {
        if self.active {
            return Err(Refusal::at(&["id"], Reason::AlreadyActive).into());
        }
        (self.active, self.updated_at) = (true, at);
        Ok(ShopEvent::Reactivated)
    }

    /// Whether the shop's hours say that it is open, or `None` when it states no hours.
    pub(crate) fn is_open(&self, at: Timestamp) -> Option<bool> {
        self.opening_hours.as_ref().map(|hours| hours.is_open(WallClock::at(at, self.time_zone)))
    }

    fn apply(&mut self, change: ShopChange, refusals: &mut Refusals) {
        let name = |raw: String| text::line(&raw, text::MAX_NAME);
        refusals.note(&["name"], change.name.onto_required(&mut self.name, Reason::Required, name));
        let slug = |raw: String| Slug::parse(&raw);
        refusals.note(&["slug"], change.slug.onto_required(&mut self.slug, Reason::Required, slug));
        refusals.note(&["kind"], change.kind.onto_required(&mut self.kind, Reason::Required, Ok));
        let description = |raw: String| text::paragraphs(&raw, text::MAX_DESCRIPTION);
        refusals.note(&["description"], change.description.onto_optional(&mut self.description, description));
        let address = change.address.onto_optional(&mut self.address, Address::parse);
        let address = refusals.note_all(&["address"], address);
        if address.is_some() && self.kind == Kind::Physical && self.address.is_none() {
            refusals.add(&["address"], Reason::AddressRequired);
        }
        refusals.note_all(&["contact"], change_contact(change.contact, &mut self.contact));
        let zone =
            change.time_zone.onto_required(&mut self.time_zone, Reason::Required, |raw| time_zone(&raw));
        refusals.note(&["timeZone"], zone);
        let hours = |draft: HoursDraft| OpeningHours::new(draft.weekly, draft.exceptions);
        let hours = change.opening_hours.onto_optional(&mut self.opening_hours, hours);
        refusals.note_all(&["openingHours"], hours);
        refusals.note(&["manager"], change.manager.onto_optional(&mut self.manager, Ok));
        match change.staff {
            Patch::Keep => {}
            Patch::Clear => self.staff.clear(),
            Patch::Set(staff) if staff.len() > MAX_STAFF => {
                refusals.add(&["staff"], Reason::TooMany { max: MAX_STAFF });
            }
            Patch::Set(staff) => self.staff = staff.into_iter().collect(),
        }
        let reference = |raw: String| text::line(&raw, text::MAX_LINE);
        refusals.note(
            &["externalReference"],
            change.external_reference.onto_optional(&mut self.external_reference, reference),
        );
        refusals.note_all(
            &["privateMetadata"],
            change_metadata(change.private_metadata, &mut self.private_metadata),
        );
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;

    fn start() -> Timestamp {
        Utc.timestamp_opt(1_780_000_000, 0).unwrap()
    }

    fn owner() -> Owner {
        Owner { id: CompanyId::new(start()), active: true, time_zone: Tz::Europe__Berlin }
    }

    fn draft(kind: Kind) -> ShopDraft {
        ShopDraft { name: "Mitte".to_owned(), slug: "mitte".to_owned(), kind, rest: ShopChange::default() }
    }

    fn create(draft: ShopDraft, owner: Owner) -> Result<Shop, Refused> {
        Shop::create(draft, owner, ShopId::new(start()), start())
    }

    #[test]
    fn a_shop_takes_the_time_zone_of_its_company() {
        let shop = create(draft(Kind::Online), owner()).unwrap();
        assert_eq!(shop.time_zone, Tz::Europe__Berlin);
        assert_eq!(shop.is_open(start()), None, "it states no hours");
    }

    #[test]
    fn a_physical_shop_needs_an_address() {
        let refused = Err(Refusal::at(&["address"], Reason::AddressRequired).into());
        assert_eq!(create(draft(Kind::Physical), owner()), refused);
        let mut online = create(draft(Kind::Online), owner()).unwrap();
        let change = ShopChange { kind: Patch::Set(Kind::Physical), ..ShopChange::default() };
        assert_eq!(online.update(change, start()).map(|_| ()), refused.map(|_| ()));
    }

    #[test]
    fn a_deactivated_company_opens_no_shop() {
        let refused = create(draft(Kind::Online), Owner { active: false, ..owner() });
        assert_eq!(refused, Err(Refusal::at(&["company"], Reason::CompanyInactive).into()));
    }

    #[test]
    fn a_shop_is_deactivated_once_and_comes_back_once() {
        let mut shop = create(draft(Kind::Online), owner()).unwrap();
        assert_eq!(shop.reactivate(start()), Err(Refusal::at(&["id"], Reason::AlreadyActive).into()));
        assert_eq!(shop.deactivate(start()), Ok(ShopEvent::Deactivated));
        assert_eq!(shop.deactivate(start()), Err(Refusal::at(&["id"], Reason::AlreadyInactive).into()));
        assert_eq!(shop.reactivate(start()), Ok(ShopEvent::Reactivated));
    }
}
