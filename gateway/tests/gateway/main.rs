//! The gateway tested through its public interface.

mod composition;
mod serving;
