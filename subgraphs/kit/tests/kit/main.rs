//! The toolkit from outside: the ports' contracts, the write path, crashes.

mod crash;
mod event_log;
mod lamps;
mod sql;
