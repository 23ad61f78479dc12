//! A company: what may be said of it, and how it is deactivated and comes back.

use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyId, UserId};
use souk_kit::metadata::Entries;
use souk_kit::money::Currency;

use super::address::{Address, AddressDraft};
use super::contact::Contact;
use super::metadata::metadata;
use super::patch::Patch;
use super::plan::Plan;
use super::refusal::{Reason, Refusal, Refusals, Refused};
use super::settings::{Settings, SettingsChange};
use super::slug::Slug;
use super::text;

/// A merchant: the tenant that owns shops, products and orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Company {
    pub(crate) id: CompanyId,
    /// Unique on the platform.
    pub(crate) slug: Slug,
    pub(crate) name: String,
    pub(crate) logo: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) contact: Contact,
    pub(crate) address: Option<Address>,
    pub(crate) branding: Branding,
    pub(crate) settings: Settings,
    pub(crate) plan: Plan,
    pub(crate) owner: Option<UserId>,
    /// What another system calls it; unique on the platform.
    pub(crate) external_reference: Option<String>,
    /// Never leaves the staff of the company: not in events, not public.
    pub(crate) private_metadata: Entries,
    pub(crate) active: bool,
    /// Counts its changes from 1; the store alone writes it.
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// How a storefront should look.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Branding {
    /// `#rrggbb`, lower case.
    pub(crate) primary_color: Option<String>,
    pub(crate) secondary_color: Option<String>,
    pub(crate) cover_image: Option<String>,
    pub(crate) tagline: Option<String>,
}

/// What a new company must say, and what it may.
#[derive(Debug, Clone)]
pub(crate) struct CompanyDraft {
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) currency: Currency,
    /// Its name, slug and currency are those above.
    pub(crate) rest: CompanyChange,
}

/// A change of some fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct CompanyChange {
    pub(crate) name: Patch<String>,
    pub(crate) slug: Patch<String>,
    pub(crate) logo: Patch<String>,
    pub(crate) description: Patch<String>,
    pub(crate) contact: Patch<ContactDraft>,
    pub(crate) address: Patch<AddressDraft>,
    pub(crate) branding: Patch<Branding>,
    pub(crate) settings: SettingsChange,
    pub(crate) plan: Patch<Plan>,
    pub(crate) owner: Patch<UserId>,
    pub(crate) external_reference: Patch<String>,
    pub(crate) private_metadata: Patch<Vec<(String, String)>>,
}

/// Contact details as they were typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContactDraft {
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) website: Option<String>,
}

impl ContactDraft {
    pub(crate) fn parse(&self) -> Result<Contact, Vec<Refusal>> {
        Contact::parse(self.email.as_deref(), self.phone.as_deref(), self.website.as_deref())
    }
}

/// What happened to a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompanyEvent {
    Created,
    Updated,
    Deactivated,
    Reactivated,
}

impl CompanyEvent {
    /// The type of the event in the log: never change it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Created => "company.created",
            Self::Updated => "company.updated",
            Self::Deactivated => "company.deactivated",
            Self::Reactivated => "company.reactivated",
        }
    }
}

impl Company {
    /// A new, active company.
    pub(crate) fn create(draft: CompanyDraft, id: CompanyId, at: Timestamp) -> Result<Self, Refused> {
        let mut refusals = Refusals::default();
        // What is refused stays empty here: `settle` lets no such company through.
        let mut company = Self {
            id,
            slug: refusals.note(&["slug"], Slug::parse(&draft.slug)).unwrap_or_default(),
            name: refusals.note(&["name"], text::line(&draft.name, text::MAX_NAME)).unwrap_or_default(),
            logo: None,
            description: None,
            contact: Contact::default(),
            address: None,
            branding: Branding::default(),
            settings: Settings::starting(draft.currency),
            plan: Plan::STARTING,
            owner: None,
            external_reference: None,
            private_metadata: Entries::new(),
            active: true,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        company.apply(draft.rest, &mut refusals);
        Ok(refusals.settle(Some(company))?)
    }

    /// Applies a change; `None` when it changes nothing.
    pub(crate) fn update(
        &mut self,
        change: CompanyChange,
        at: Timestamp,
    ) -> Result<Option<CompanyEvent>, Refused> {
        let mut refusals = Refusals::default();
        let mut next = self.clone();
        next.apply(change, &mut refusals);
        let mut next = refusals.settle(Some(next))?;
        if next == *self {
            return Ok(None);
        }
        next.updated_at = at;
        *self = next;
        Ok(Some(CompanyEvent::Updated))
    }

    /// Takes the company and all its shops from the public's sight. Its data stays.
    pub(crate) fn deactivate(&mut self, at: Timestamp) -> Result<CompanyEvent, Refused> {
        if !self.active {
            return Err(Refusal::at(&["id"], Reason::AlreadyInactive).into());
        }
        (self.active, self.updated_at) = (false, at);
        Ok(CompanyEvent::Deactivated)
    }

    /// Gives a deactivated company back to the public.
    pub(crate) fn reactivate(&mut self, at: Timestamp) -> Result<CompanyEvent, Refused> {
        if self.active {
            return Err(Refusal::at(&["id"], Reason::AlreadyActive).into());
        }
        (self.active, self.updated_at) = (true, at);
        Ok(CompanyEvent::Reactivated)
    }

    fn apply(&mut self, change: CompanyChange, refusals: &mut Refusals) {
        let name = |raw: String| text::line(&raw, text::MAX_NAME);
        refusals.note(&["name"], change.name.onto_required(&mut self.name, Reason::Required, name));
        let slug = |raw: String| Slug::parse(&raw);
        refusals.note(&["slug"], change.slug.onto_required(&mut self.slug, Reason::Required, slug));
        let logo = |raw: String| text::web_address(&raw);
        refusals.note(&["logo"], change.logo.onto_optional(&mut self.logo, logo));
        let description = |raw: String| text::paragraphs(&raw, text::MAX_DESCRIPTION);
        refusals.note(&["description"], change.description.onto_optional(&mut self.description, description));
        refusals.note_all(&["contact"], change_contact(change.contact, &mut self.contact));
        refusals.note_all(&["address"], change.address.onto_optional(&mut self.address, Address::parse));
        match change.branding {
            Patch::Keep => {}
            Patch::Clear => self.branding = Branding::default(),
            Patch::Set(branding) => {
                if let Some(branding) = refusals.note_all(&["branding"], branding.check()) {
                    self.branding = branding;
                }
            }
        }
        self.settings.apply(change.settings, refusals);
        refusals.note(&["plan"], change.plan.onto_required(&mut self.plan, Reason::Required, Ok));
        refusals.note(&["owner"], change.owner.onto_optional(&mut self.owner, Ok));
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

impl Branding {
    /// The same with its colours in lower case; refuses what is neither colour nor web address.
    fn check(self) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Refusals::default();
        let mut given = |name: &str, raw: Option<String>, parse: fn(&str) -> Result<String, Reason>| {
            raw.and_then(|raw| refusals.note(&[name], parse(&raw)))
        };
        let branding = Self {
            primary_color: given("primaryColor", self.primary_color, color),
            secondary_color: given("secondaryColor", self.secondary_color, color),
            cover_image: given("coverImage", self.cover_image, text::web_address),
            tagline: given("tagline", self.tagline, |raw| text::line(raw, text::MAX_LINE)),
        };
        refusals.settle(Some(branding))
    }
}

fn color(raw: &str) -> Result<String, Reason> {
    let color = raw.trim().to_ascii_lowercase();
    match color.strip_prefix('#') {
        Some(hex) if hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(color),
        Some(_) | None => Err(Reason::Invalid { expected: "a colour of the form #rrggbb is expected" }),
    }
}

/// Contact details are replaced whole; clearing leaves none.
pub(crate) fn change_contact(change: Patch<ContactDraft>, contact: &mut Contact) -> Result<(), Vec<Refusal>> {
    match change {
        Patch::Keep => {}
        Patch::Clear => *contact = Contact::default(),
        Patch::Set(draft) => *contact = draft.parse()?,
    }
    Ok(())
}

/// Metadata is replaced whole; clearing leaves none.
pub(crate) fn change_metadata(
    change: Patch<Vec<(String, String)>>,
    map: &mut Entries,
) -> Result<(), Vec<Refusal>> {
    match change {
        Patch::Keep => {}
        Patch::Clear => map.clear(),
        Patch::Set(entries) => *map = metadata(entries)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone, Utc};

    use super::*;

    fn start() -> Timestamp {
        Utc.timestamp_opt(1_780_000_000, 0).unwrap()
    }

    fn draft() -> CompanyDraft {
        CompanyDraft {
            name: "Bazaar".to_owned(),
            slug: "bazaar".to_owned(),
            currency: "EUR".parse().unwrap(),
            rest: CompanyChange::default(),
        }
    }

    fn company() -> Company {
        Company::create(draft(), CompanyId::new(start()), start()).unwrap()
    }

    #[test]
    fn a_new_company_is_active_and_sells_in_its_currency() {
        let company = company();
        assert!(company.active);
        assert_eq!(company.settings.accepted_currencies, [company.settings.currency]);
        assert_eq!(company.plan, Plan::STARTING);
    }

    #[test]
    fn everything_wrong_with_a_draft_is_named() {
        let rest = CompanyChange {
            logo: Patch::Set("logo.png".to_owned()),
            contact: Patch::Set(ContactDraft { email: Some("x".to_owned()), ..ContactDraft::default() }),
            branding: Patch::Set(Branding { primary_color: Some("red".to_owned()), ..Branding::default() }),
            private_metadata: Patch::Set(vec![(String::new(), "x".to_owned())]),
            ..CompanyChange::default()
        };
        let draft = CompanyDraft { name: " ".to_owned(), slug: "Bad Slug".to_owned(), rest, ..draft() };
        let Refused(refusals) = Company::create(draft, CompanyId::new(start()), start()).unwrap_err();
        let shown: Vec<_> = refusals.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        slug: letters a to z, digits and single hyphens between them are allowed
        name: a value is required
        logo: an absolute http or https address is expected
        contact.email: an e-mail address is expected
        branding.primaryColor: a colour of the form #rrggbb is expected
        privateMetadata.0.key: a value is required
        ");
    }

    #[test]
    fn omitted_fields_stay_and_null_clears() {
        let mut company = company();
        let later = start() + Duration::seconds(1);
        let set = CompanyChange {
            description: Patch::Set("Rugs".to_owned()),
            logo: Patch::Set("https://souk.example/l.png".to_owned()),
            ..CompanyChange::default()
        };
        assert_eq!(company.update(set, later), Ok(Some(CompanyEvent::Updated)));
        let clear = CompanyChange { logo: Patch::Clear, ..CompanyChange::default() };
        assert_eq!(company.update(clear, later), Ok(Some(CompanyEvent::Updated)));
        assert_eq!((company.description.as_deref(), company.logo.as_deref()), (Some("Rugs"), None));
        let refused = company.update(CompanyChange { name: Patch::Clear, ..CompanyChange::default() }, later);
        assert_eq!(refused, Err(Refusal::at(&["name"], Reason::Required).into()));
    }

    #[test]
    fn a_change_that_changes_nothing_is_no_event() {
        let mut company = company();
        let same = CompanyChange { name: Patch::Set(" Bazaar ".to_owned()), ..CompanyChange::default() };
        assert_eq!(company.update(same, start() + Duration::days(1)), Ok(None));
        assert_eq!(company.updated_at, start());
    }

    #[test]
    fn a_refused_change_leaves_the_company_as_it_was() {
        let mut company = company();
        let before = company.clone();
        let change = CompanyChange {
            name: Patch::Set("New".to_owned()),
            slug: Patch::Set("!".to_owned()),
            ..CompanyChange::default()
        };
        assert!(company.update(change, start()).is_err());
        assert_eq!(company, before);
    }

    #[test]
    fn a_company_is_deactivated_once_and_comes_back_once() {
        let mut company = company();
        assert_eq!(company.reactivate(start()), Err(Refusal::at(&["id"], Reason::AlreadyActive).into()));
        assert_eq!(company.deactivate(start()), Ok(CompanyEvent::Deactivated));
        assert_eq!(company.deactivate(start()), Err(Refusal::at(&["id"], Reason::AlreadyInactive).into()));
        assert_eq!(company.reactivate(start()), Ok(CompanyEvent::Reactivated));
        assert!(company.active);
    }
}
