//! Operation in, plan text out.
