//! Rules on the graph of who can resolve what.
