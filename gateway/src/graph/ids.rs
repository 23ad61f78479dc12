//! Typed indices, and the tables that only they can index.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// An index into one kind of table.
pub trait Key: Copy {
    /// The key of the row at `at`.
    fn from_index(at: u32) -> Self;
    /// Which row it is.
    fn index(self) -> usize;
}

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(u32);

        impl Key for $name {
            fn from_index(at: u32) -> Self {
                Self(at)
            }
            fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

key!(
    /// A subgraph: a value of `join__Graph`.
    SubgraphId
);
key!(
    /// A type of the supergraph.
    TypeId
);
key!(
    /// A type as one subgraph can resolve it.
    NodeId
);
key!(
    /// An interned field set.
    SelectionId
);
key!(
    /// The label of a progressive `@override`.
    LabelId
);
key!(
    /// One argument that takes its value from a context.
    ContextUseId
);

/// Rows that are found by their key alone. Keys come from the table that made them, so looking one up
/// cannot fail.
#[derive(Clone)]
pub struct Table<K, V> {
    rows: Vec<V>,
    key: PhantomData<K>,
}

impl<K: Key, V> Table<K, V> {
    /// Adds a row.
    ///
    /// Keys have 32 bits; builders refuse graphs long before that many rows.
    pub fn push(&mut self, row: V) -> K {
        let key = K::from_index(u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        self.rows.push(row);
        key
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        (0u32..).map(K::from_index).zip(&self.rows)
    }

    /// All keys in order.
    pub fn keys(&self) -> impl Iterator<Item = K> + use<K, V> {
        (0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)).map(K::from_index)
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: Vec::new(), key: PhantomData }
    }
}

impl<K: Key, V> FromIterator<V> for Table<K, V> {
    fn from_iter<I: IntoIterator<Item = V>>(rows: I) -> Self {
        Self { rows: rows.into_iter().collect(), key: PhantomData }
    }
}

impl<K: Key, V> Index<K> for Table<K, V> {
    type Output = V;
    #[expect(clippy::indexing_slicing, reason = "a key is made when its row is added, and rows never go")]
    fn index(&self, key: K) -> &V {
        &self.rows[key.index()]
    }
}

impl<K: Key, V> IndexMut<K> for Table<K, V> {
    #[expect(clippy::indexing_slicing, reason = "a key is made when its row is added, and rows never go")]
    fn index_mut(&mut self, key: K) -> &mut V {
        &mut self.rows[key.index()]
    }
}

impl<K, V: fmt::Debug> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.rows).finish()
    }
}
