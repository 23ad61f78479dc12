//! Who may do what: the matrix as data, and `Visibility`, the filter that asking for permission yields.
//!
//! No store can be asked without a [`Visibility`], and only three things make one: the matrix (for a caller),
//! an event's envelope (for a consumer) and [`Visibility::everything_for`] (for a job that names itself). So a
//! query that forgets the tenant does not compile.

mod matrix;
mod visibility;

pub use matrix::{Action, Resource, decide};
pub use visibility::{Reach, Tenant, Visibility};
