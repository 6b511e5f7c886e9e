//! One cluster per deployment: where the provider is, how to reach it, and what every attempt passes through.

use super::{Settings, credential, filter, headers, pb, pb::any};
use crate::catalog::Model;
use std::net::IpAddr;

/// Connections, waiting requests and requests of one deployment at once; Envoy's 1,024 is for smaller services.
const PARALLEL: u32 = 100_000;

const PROTOCOL: &str = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/// Why a deployment cannot be a cluster.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("api_base `{0}` is not http://host[:port]/… or https://host[:port]/…")]
pub struct BadBase(pub String);

/// The cluster of one deployment.
pub fn deployment(model: &Model, settings: &Settings) -> Result<pb::cluster::Cluster, BadBase> {
    use pb::cluster::cluster::{ClusterDiscoveryType, DiscoveryType, DnsLookupFamily};
    let origin = Origin::of(&model.deployment.api_base)?;
    // Logical: a provider's name has ever new addresses behind it, and open connections shall outlive them.
    let discovery = if origin.ip().is_some() { DiscoveryType::Static } else { DiscoveryType::LogicalDns };
    Ok(pb::cluster::Cluster {
        name: model.deployment.cluster.clone(),
        cluster_discovery_type: Some(ClusterDiscoveryType::Type(discovery.into())),
        load_assignment: Some(endpoint(&model.deployment.cluster, &origin)),
        connect_timeout: pb::seconds(5.0),
        // Answers that are not streamed are read whole, as prompts are.
        per_connection_buffer_limit_bytes: pb::number(settings.body_limit),
        dns_lookup_family: DnsLookupFamily::All.into(),
        circuit_breakers: Some(circuit_breakers()),
        upstream_connection_options: Some(keepalive()),
        transport_socket: origin.tls.then(|| transport(&origin, settings)),
        typed_extension_protocol_options: [(PROTOCOL.to_owned(), any(protocol(model, &origin, settings)))]
            .into(),
        ..Default::default()
    })
}

/// A cluster that leads nowhere and makes Envoy fetch tianji.wasm. Envoy refuses it until it has; see `Session`.
pub fn primer(settings: &Settings) -> pb::cluster::Cluster {
    use pb::cluster::cluster::{ClusterDiscoveryType, DiscoveryType};
    let codec = pb::http_filter("envoy.filters.http.upstream_codec", pb::codec::UpstreamCodec::default());
    let protocol = pb::upstream::HttpProtocolOptions {
        upstream_protocol_options: Some(http1()),
        http_filters: vec![filter::egress(settings), codec],
        ..Default::default()
    };
    pb::cluster::Cluster {
        name: format!("wasm/{}", settings.wasm_sha256),
        cluster_discovery_type: Some(ClusterDiscoveryType::Type(DiscoveryType::Static.into())),
        typed_extension_protocol_options: [(PROTOCOL.to_owned(), any(protocol))].into(),
        ..Default::default()
    }
}

/// Scheme, host and port of a base URL.
struct Origin {
    tls: bool,
    host: String,
    port: u16,
}

impl Origin {
    fn of(base: &str) -> Result<Self, BadBase> {
        let bad = || BadBase(base.to_owned());
        let uri: axum::http::Uri = base.parse().map_err(|_| bad())?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(bad()),
        };
        let authority =
            uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(bad)?;
        let host = authority.host();
        let port = match authority.as_str().strip_prefix(host) {
            Some("") if tls => 443,
            Some("") => 80,
            Some(port) => port.trim_start_matches(':').parse().map_err(|_| bad())?,
            None => return Err(bad()),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(bad());
        }
        Ok(Self { tls, host: host.to_owned(), port })
    }

    fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

fn endpoint(cluster: &str, origin: &Origin) -> pb::endpoint::ClusterLoadAssignment {
    use pb::endpoint::{Endpoint, LbEndpoint, LocalityLbEndpoints, lb_endpoint::HostIdentifier};
    let endpoint = Endpoint { address: pb::address(&origin.host, origin.port), ..Default::default() };
    let endpoint =
        LbEndpoint { host_identifier: Some(HostIdentifier::Endpoint(endpoint)), ..Default::default() };
    let locality = LocalityLbEndpoints { lb_endpoints: vec![endpoint], ..Default::default() };
    pb::endpoint::ClusterLoadAssignment {
        cluster_name: cluster.into(),
        endpoints: vec![locality],
        ..Default::default()
    }
}

fn circuit_breakers() -> pb::cluster::CircuitBreakers {
    let thresholds = pb::cluster::circuit_breakers::Thresholds {
        max_connections: pb::number(PARALLEL),
        max_pending_requests: pb::number(PARALLEL),
        max_requests: pb::number(PARALLEL),
        max_retries: pb::number(PARALLEL),
        ..Default::default()
    };
    pb::cluster::CircuitBreakers { thresholds: vec![thresholds], ..Default::default() }
}

/// A load balancer on the way may forget a connection on which a model thinks for minutes.
fn keepalive() -> pb::cluster::UpstreamConnectionOptions {
    let keepalive = pb::core::TcpKeepalive {
        keepalive_time: pb::number(60),
        keepalive_interval: pb::number(15),
        keepalive_probes: pb::number(4),
    };
    pb::cluster::UpstreamConnectionOptions { tcp_keepalive: Some(keepalive), ..Default::default() }
}

fn transport(origin: &Origin, settings: &Settings) -> pb::core::TransportSocket {
    use pb::tls::{common_tls_context::ValidationContextType, subject_alt_name_matcher::SanType};
    let san_type = if origin.ip().is_some() { SanType::IpAddress } else { SanType::Dns };
    let exact = pb::matcher::string_matcher::MatchPattern::Exact(origin.host.clone());
    let name = pb::tls::SubjectAltNameMatcher {
        san_type: san_type.into(),
        matcher: Some(pb::matcher::StringMatcher { match_pattern: Some(exact), ..Default::default() }),
        ..Default::default()
    };
    let validation = pb::tls::CertificateValidationContext {
        trusted_ca: pb::file(&settings.upstream_ca),
        match_typed_subject_alt_names: vec![name],
        ..Default::default()
    };
    let context = pb::tls::CommonTlsContext {
        validation_context_type: Some(ValidationContextType::ValidationContext(validation)),
        ..Default::default()
    };
    let upstream = pb::tls::UpstreamTlsContext {
        common_tls_context: Some(context),
        // An address is no server name (RFC 6066, section 3).
        sni: if origin.ip().is_some() { String::new() } else { origin.host.clone() },
        ..Default::default()
    };
    pb::core::TransportSocket {
        name: "envoy.transport_sockets.tls".into(),
        config_type: Some(pb::core::transport_socket::ConfigType::TypedConfig(any(upstream))),
    }
}

/// HTTP/1.1 in the clear, what ALPN agrees on over TLS; and the chain that every attempt passes.
fn protocol(model: &Model, origin: &Origin, settings: &Settings) -> pb::upstream::HttpProtocolOptions {
    use pb::upstream::http_protocol_options::{AutoHttpConfig, UpstreamProtocolOptions};
    let version = if origin.tls {
        UpstreamProtocolOptions::AutoConfig(AutoHttpConfig {
            http2_protocol_options: Some(http2()),
            ..Default::default()
        })
    } else {
        http1()
    };
    let codec = pb::http_filter("envoy.filters.http.upstream_codec", pb::codec::UpstreamCodec::default());
    let filters =
        [Some(headers::removal()), Some(filter::egress(settings)), credential::filter(model), Some(codec)];
    pb::upstream::HttpProtocolOptions {
        common_http_protocol_options: Some(pb::core::HttpProtocolOptions {
            // Below the minute after which common load balancers close an idle connection.
            idle_timeout: pb::seconds(50.0),
            ..Default::default()
        }),
        upstream_protocol_options: Some(version),
        http_filters: filters.into_iter().flatten().collect(),
        ..Default::default()
    }
}

fn http1() -> pb::upstream::http_protocol_options::UpstreamProtocolOptions {
    use pb::upstream::http_protocol_options::{
        ExplicitHttpConfig, UpstreamProtocolOptions, explicit_http_config::ProtocolConfig,
    };
    let http1 = ProtocolConfig::HttpProtocolOptions(pb::core::Http1ProtocolOptions::default());
    UpstreamProtocolOptions::ExplicitHttpConfig(ExplicitHttpConfig { protocol_config: Some(http1) })
}

fn http2() -> pb::core::Http2ProtocolOptions {
    pb::core::Http2ProtocolOptions {
        max_concurrent_streams: pb::number(100),
        initial_stream_window_size: pb::number(1 << 20),
        initial_connection_window_size: pb::number(8 << 20),
        connection_keepalive: Some(pb::core::KeepaliveSettings {
            interval: pb::seconds(30.0),
            timeout: pb::seconds(10.0),
            ..Default::default()
        }),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let read = |base| Origin::of(base).map(|origin| (origin.tls, origin.host, origin.port));
        assert_eq!(read("https://api.openai.com/v1"), Ok((true, "api.openai.com".into(), 443)));
        assert_eq!(read("http://127.0.0.1:8000"), Ok((false, "127.0.0.1".into(), 8000)));
        assert_eq!(read("http://[::1]:8000/v1"), Ok((false, "::1".into(), 8000)));
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for base in
            ["", "api.openai.com", "ftp://host", "https://", "https://host:99999", "https://user@host/"]
        {
            assert!(Origin::of(base).is_err(), "{base}");
        }
    }
}
