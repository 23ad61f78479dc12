//! The names under which the values of an enum are stored and published.

/// Gives an enum its stored names, which are never changed: rows and events hold them.
macro_rules! stored_names {
    ($type:ident { $($variant:ident = $name:literal,)+ }) => {
        impl $type {
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            pub(crate) fn from_stored(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use stored_names;
