//! Contact details of companies and shops.

use async_graphql::{InputObject, SimpleObject};

use crate::domain::company::ContactDraft;
use crate::domain::contact::Contact;

/// How customers reach a company or shop.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ContactDetails {
    /// E-mail address.
    email: Option<String>,
    /// Telephone number in international form: `+4930123456`.
    phone: Option<String>,
    /// Web address.
    website: Option<String>,
}

impl From<&Contact> for ContactDetails {
    fn from(contact: &Contact) -> Self {
        Self { email: contact.email.clone(), phone: contact.phone.clone(), website: contact.website.clone() }
    }
}

/// How customers reach a company or shop. It replaces the whole of what was given earlier, and everyone may read
/// it: give those of the business, not of a person.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ContactDetailsInput {
    /// E-mail address.
    email: Option<String>,
    /// Telephone number in international form: `+49 30 123456`.
    phone: Option<String>,
    /// Web address, with `http` or `https`.
    website: Option<String>,
}

impl From<ContactDetailsInput> for ContactDraft {
    fn from(input: ContactDetailsInput) -> Self {
        Self { email: input.email, phone: input.phone, website: input.website }
    }
}
