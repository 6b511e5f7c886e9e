//! Envoy's configuration: made from the catalog by a pure function, served by ADS.

mod bootstrap;
mod check;
mod cluster;
mod credential;
mod filter;
mod headers;
mod kind;
mod listener;
mod pb;
mod route;
mod server;
mod session;
mod settings;
mod snapshot;
mod status;
mod target;

pub use bootstrap::Bootstrap;
pub use filter::FILTER;
pub use kind::Kind;
pub use server::Ads;
pub use settings::{Settings, Tls};
pub use snapshot::{Snapshot, snapshot};
pub use status::{Envoy, Status};

/// The cluster, in Envoy's bootstrap, of the control plane's REST port.
pub const REST_CLUSTER: &str = "control-plane";
/// The cluster, in Envoy's bootstrap, of the control plane's gRPC port: ADS and the filter's own service.
pub const GRPC_CLUSTER: &str = "control-plane-grpc";

#[cfg(test)]
mod tests;
