//! A scripted provider and a load generator: the two ends of every black-box test and of the benchmark.

pub mod asked;
pub mod behaviour;
pub mod connection;
pub mod counts;
pub mod load;
pub mod reply;
pub mod tally;
