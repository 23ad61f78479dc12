//! The columns in which both companies and shops keep where they are and how they are reached.

use sea_orm::entity::prelude::Json;
use souk_kit::fault::Fault;

use crate::domain::address::Address;
use crate::domain::contact::Contact;

/// Where a company or shop is and how it is reached, as its row has it.
pub(super) struct Premises {
    pub(super) address: Option<Json>,
    /// A copy out of the address, for filters.
    pub(super) country: Option<String>,
    pub(super) contact: Json,
}

impl Premises {
    pub(super) fn of(address: Option<&Address>, contact: &Contact) -> Result<Self, Fault> {
        Ok(Self {
            address: address.map(serde_json::to_value).transpose()?,
            country: address.map(|address| address.country.clone()),
            contact: serde_json::to_value(contact)?,
        })
    }

    pub(super) fn read(self) -> Result<(Option<Address>, Contact), Fault> {
        let address = self.address.map(serde_json::from_value).transpose()?;
        Ok((address, serde_json::from_value(self.contact)?))
    }
}
