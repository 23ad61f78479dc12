//! The toolkit from outside: the ports' contracts, the write path, serving, consumers, crashes.

mod consumer;
mod crash;
mod event_log;
mod lamps;
mod serve;
mod sql;
mod subgraph;
