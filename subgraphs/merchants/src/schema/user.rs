//! People, as far as merchants knows them: by id.

use async_graphql::SimpleObject;
use souk_kit::id::UserId;

/// A person who signs in.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(unresolvable = "id")]
pub(crate) struct User {
    /// The id of the person.
    id: UserId,
}

impl From<UserId> for User {
    fn from(id: UserId) -> Self {
        Self { id }
    }
}
