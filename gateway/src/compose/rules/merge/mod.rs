//! Rules on all subgraphs together.
