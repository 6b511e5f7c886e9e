//! Tianji's control plane: it holds the truth (keys, models, the ledger) and tells Envoy and the filter.

pub mod admin_key;
pub mod api;
pub mod app;
pub mod auth;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo_provider;
pub mod durations;
pub mod environment;
pub mod error;
pub mod fault;
pub mod gate;
pub mod keys;
pub mod limits;
pub mod logs;
pub mod prices;
pub mod replay;
pub mod run;
pub mod secret;
pub mod serve;
pub mod shutdown;
pub mod store;
pub mod vault;
pub mod xds;
