//! Envoy's messages under short names, and the few values that every resource needs.
#![expect(
    clippy::unnecessary_wraps,
    reason = "fields of messages are optional: the values come as they go in"
)]

pub use envoy_types::{
    pb::{
        envoy::{
            config::{
                accesslog::v3 as accesslog, cluster::v3 as cluster, common::mutation_rules::v3 as mutation,
                core::v3 as core, endpoint::v3 as endpoint, listener::v3 as listener, route::v3 as route,
            },
            extensions::{
                access_loggers::file::v3 as file_log,
                common::aws::v3 as aws,
                filters::{
                    http::{
                        aws_request_signing::v3 as aws_signing,
                        credential_injector::v3 as credential_injector,
                        header_mutation::v3 as header_mutation, router::v3 as router,
                        upstream_codec::v3 as codec, wasm::v3 as wasm_filter,
                    },
                    network::http_connection_manager::v3 as hcm,
                },
                http::injected_credentials::generic::v3 as generic,
                matching::common_inputs::network::v3 as inputs,
                router::cluster_specifiers::matcher::v3 as cluster_matcher,
                transport_sockets::tls::v3 as tls,
                upstreams::http::v3 as upstream,
                wasm::v3 as wasm,
            },
            r#type::matcher::v3 as matcher,
        },
        google::protobuf::{Any, BoolValue, Duration, StringValue, UInt32Value, UInt64Value},
    },
    util::pack_any as any,
};
use prost::{Message, Name};
use std::net::{IpAddr, SocketAddr};

/// A length of time; negative or absurd ones become none at all.
pub fn seconds(seconds: f64) -> Option<Duration> {
    let time = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    Some(Duration {
        seconds: i64::try_from(time.as_secs()).ok()?,
        nanos: i32::try_from(time.subsec_nanos()).ok()?,
    })
}

/// A number that may be absent.
pub fn number(value: u32) -> Option<UInt32Value> {
    Some(UInt32Value { value })
}

/// A switch that may be absent.
pub fn yes() -> Option<BoolValue> {
    Some(BoolValue { value: true })
}

/// A named extension with its configuration.
pub fn extension<T: Name + Message>(name: &str, config: T) -> core::TypedExtensionConfig {
    core::TypedExtensionConfig { name: name.into(), typed_config: Some(any(config)) }
}

/// An HTTP filter whose configuration stands beside its name.
pub fn http_filter<T: Name + Message>(name: &str, config: T) -> hcm::HttpFilter {
    hcm::HttpFilter {
        name: name.into(),
        config_type: Some(hcm::http_filter::ConfigType::TypedConfig(any(config))),
        ..Default::default()
    }
}

/// "Ask the control plane", without a time limit: half a configuration is worse than a late one.
pub fn ads() -> Option<core::ConfigSource> {
    Some(core::ConfigSource {
        initial_fetch_timeout: Some(Duration::default()),
        resource_api_version: core::ApiVersion::V3.into(),
        config_source_specifier: Some(core::config_source::ConfigSourceSpecifier::Ads(
            core::AggregatedConfigSource::default(),
        )),
        ..Default::default()
    })
}

/// "Ask the control plane" for a key: one that never comes must not hold up the other clusters, so Envoy goes on
/// after 15 s; requests that need the key are refused then.
pub fn ads_for_secret() -> Option<core::ConfigSource> {
    ads().map(|source| core::ConfigSource { initial_fetch_timeout: seconds(15.0), ..source })
}

/// A file on Envoy's machine.
pub fn file(path: &str) -> Option<core::DataSource> {
    Some(core::DataSource {
        specifier: Some(core::data_source::Specifier::Filename(path.into())),
        ..Default::default()
    })
}

/// Where to connect to, or to listen at.
pub fn address(host: &str, port: u16) -> Option<core::Address> {
    let socket = core::SocketAddress {
        address: host.into(),
        port_specifier: Some(core::socket_address::PortSpecifier::PortValue(port.into())),
        ..Default::default()
    };
    Some(core::Address { address: Some(core::address::Address::SocketAddress(socket)) })
}

/// The same, of an address in numbers.
pub fn socket_address(at: SocketAddr) -> Option<core::Address> {
    let ip: IpAddr = at.ip();
    address(&ip.to_string(), at.port())
}
