//! The toolkit that every subgraph stands on.
