//! Rules on each subgraph alone.

use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;

/// The rules on one subgraph, whose schema is valid GraphQL and has every federation directive under
/// its canonical name.
pub(crate) const SUBGRAPH: &[Rule<Subgraph>] = &[];
