//! Tianji's control plane: it holds the truth (keys, models, the ledger) and tells Envoy and the filter.

pub mod admin_key;
pub mod catalog;
pub mod clock;
pub mod durations;
pub mod keys;
pub mod secret;
pub mod store;
pub mod vault;
