//! The gateway tested through its public interface.

mod composition;
mod execution;
mod serving;
