//! Typed ids: a `ProductId` cannot be passed where an `OrderId` is wanted, and both say what they name.
//!
//! The text form is a TypeID (<https://github.com/jetify-com/typeid/tree/main/spec>): a prefix, `_`, and a
//! UUIDv7 in 26 letters of base 32, so ids sort by the time at which they were made. A domain declares its own:
//!
//! ```
//! use souk_kit::id::{Id, Kind};
//! /// Names products.
//! #[derive(Debug)]
//! pub enum ProductKind {}
//! impl Kind for ProductKind {
//!     const PREFIX: &'static str = "prod";
//! }
//! pub type ProductId = Id<ProductKind>;
//! let id: ProductId = "prod_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap();
//! assert_eq!(id.to_string(), "prod_01h2xcejqtf2nbrexx3vqjhp41");
//! ```

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, OutputType, Positioned,
    ServerResult, Value, parser::types::Field,
};
use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, StringLen, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

use crate::clock::Timestamp;

/// What an id names. The implementor is an empty enum: it is never made, only named.
pub trait Kind: Send + Sync + 'static {
    /// Lower-case letters before the `_`; at most 63, checked when the program is compiled.
    const PREFIX: &'static str;
}

/// Lends [`Kind::PREFIX`] to the crate that encodes; it wants a type that can be made.
struct Tag<K>(PhantomData<fn() -> K>);

impl<K> Default for Tag<K> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<K: Kind> StaticType for Tag<K> {
    const TYPE: &'static str = K::PREFIX;
}

/// The id of a thing of kind `K`.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form `{prefix}_…`")]
pub struct IdError {
    prefix: &'static str,
}

impl<K: Kind> Id<K> {
    /// A new id, unique everywhere, that sorts after ids of earlier milliseconds.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        // A clock before 1970 would only spoil the order of ids, not their uniqueness.
        let millis = <u64 as TryFrom<i64>>::try_from(at.timestamp_millis()).unwrap_or_default();
        let random: [u8; 10] = rand::random();
        Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// The id that these 128 bits name; for ids derived from a stable source, such as a seed.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// The 128 bits without the kind.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.uuid
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TypeSafeId::<Tag<K>>::from_uuid(self.uuid).fmt(f)
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let parsed: TypeSafeId<Tag<K>> = text.parse().map_err(|_| IdError { prefix: K::PREFIX })?;
        Ok(Self::from_uuid(parsed.uuid()))
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<K: Kind> InputType for Id<K> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::String(text)) => {
                text.parse().map_err(|e: IdError| InputValueError::custom(e.to_string()))
            }
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<K: Kind> OutputType for Id<K> {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.to_string()))
    }
}

/// An id as a client sent it to a look-up. What is not an id of this kind names nothing, and a look-up of
/// nothing answers null like any other: `product(id: "oops")` is no error, and one bad representation does not
/// fail a whole `_entities` list. Mutations take [`Id`] and refuse instead.
#[derive(Debug)]
pub struct SoughtId<K: Kind>(Option<Id<K>>);

impl<K: Kind> Clone for SoughtId<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Kind> Copy for SoughtId<K> {}

impl<K: Kind> From<Id<K>> for SoughtId<K> {
    fn from(id: Id<K>) -> Self {
        Self(Some(id))
    }
}

impl<K: Kind> SoughtId<K> {
    /// The id, when the text had its form.
    #[must_use]
    pub fn get(self) -> Option<Id<K>> {
        self.0
    }
}

impl<K: Kind> InputType for SoughtId<K> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self(text.parse().ok())),
            Some(Value::Number(_)) => Ok(Self(None)),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        self.0.map_or(Value::Null, |id| Value::String(id.to_string()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<K: Kind> From<Id<K>> for sea_orm::Value {
    fn from(id: Id<K>) -> Self {
        id.to_string().into()
    }
}

impl<K: Kind> TryGetable for Id<K> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        text.parse().map_err(|e: IdError| TryGetError::DbErr(DbErr::Type(e.to_string())))
    }
}

impl<K: Kind> ValueType for Id<K> {
    fn try_from(value: sea_orm::Value) -> Result<Self, ValueTypeErr> {
        <String as ValueType>::try_from(value)?.parse().map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "Id".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::String(StringLen::N(90))
    }
}

impl<K: Kind> Nullable for Id<K> {
    fn null() -> sea_orm::Value {
        <String as Nullable>::null()
    }
}

impl<K: Kind> TryFromU64 for Id<K> {
    /// Ids are made by the domain, never by the database.
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Id"))
    }
}

/// Declares the kinds that more than one domain names.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $id:ident $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind { const PREFIX: &'static str = $prefix; }
        $(#[$doc])*
        pub type $id = Id<$kind>;
    )+};
}

kinds! {
    /// A company, which is the tenant.
    CompanyKind CompanyId "comp";
    /// A shop of a company.
    ShopKind ShopId "shop";
    /// A person who signs in: staff or customer.
    UserKind UserId "user";
    /// A key with which a program calls.
    ApiKeyKind ApiKeyId "key";
    /// One event in the log.
    EventKind EventId "evt";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_that_the_specification_refuses_is_refused() {
        for text in [
            "",
            "comp",
            "comp_",
            "_01h2xcejqtf2nbrexx3vqjhp41",
            "01h2xcejqtf2nbrexx3vqjhp41",
            "shop_01h2xcejqtf2nbrexx3vqjhp41",
            "COMP_01h2xcejqtf2nbrexx3vqjhp41",
            "comp_01H2XCEJQTF2NBREXX3VQJHP41",
            "comp_81h2xcejqtf2nbrexx3vqjhp41",
            "comp_01h2xcejqtf2nbrexx3vqjhp4",
            "comp_01h2xcejqtf2nbrexx3vqjhp411",
            "comp_01h2xcejqtf2nbrexx3vqjhpil",
            "comp_01h2xcejqtf2nbrexx3vqjhp4é",
            " comp_01h2xcejqtf2nbrexx3vqjhp41",
        ] {
            assert!(text.parse::<CompanyId>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = CompanyId::new(Timestamp::from_timestamp_millis(1_000).unwrap());
        let late = CompanyId::new(Timestamp::from_timestamp_millis(2_000).unwrap());
        assert!(early < late && early.to_string() < late.to_string());
    }

    proptest! {
        #[test]
        fn every_id_reads_back(bits: u128) {
            let id = CompanyId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<CompanyId>(), Ok(id));
            prop_assert_eq!(serde_json::from_str::<CompanyId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
        }

        #[test]
        fn no_text_makes_parsing_panic(text: String) {
            let _ = text.parse::<CompanyId>();
        }
    }
}
