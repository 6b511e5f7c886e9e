//! The types of resource Envoy asks for, in the order in which they are made.

use serde::Serialize;

/// One type of resource. The order is "make before break": what is named stands before what names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Clusters (CDS).
    Clusters,
    /// The providers' keys (SDS).
    Secrets,
    /// Paths and where they lead (RDS).
    Routes,
    /// The gateway's port (LDS).
    Listeners,
    /// The ingress filter (ECDS).
    Filters,
}

impl Kind {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Clusters, Self::Secrets, Self::Routes, Self::Listeners, Self::Filters];

    /// The type URL it has on the wire.
    pub fn type_url(self) -> &'static str {
        match self {
            Self::Clusters => "type.googleapis.com/envoy.config.cluster.v3.Cluster",
            Self::Secrets => "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
            Self::Routes => "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
            Self::Listeners => "type.googleapis.com/envoy.config.listener.v3.Listener",
            Self::Filters => "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
        }
    }

    /// The kind with this type URL; `None` for types that Tianji does not serve.
    pub fn of(type_url: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.type_url() == type_url)
    }

    /// Asked for without names, it means all there are.
    pub fn wildcard(self) -> bool {
        matches!(self, Self::Clusters | Self::Listeners)
    }
}
