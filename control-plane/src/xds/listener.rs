//! The gateway's port, after Envoy's advice for an edge proxy.
//! <https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge>

use super::{FILTER, Settings, pb, pb::any, route};

/// The listener's name; it takes its routes from RDS and its filter from ECDS, so changes of these never drain it.
pub const LISTENER: &str = "gateway";
/// The secret that names the certificate's files; by SDS, so that Envoy watches them.
const CERTIFICATE: &str = "gateway/certificate";
/// What the ingress filter leaves when an exchange is over: one line of JSON, or `-`.
const JOURNAL: &str = "%FILTER_STATE(wasm.tianji.record:PLAIN)%\n";

/// The one listener.
pub fn gateway(settings: &Settings) -> pb::listener::Listener {
    let manager = pb::listener::Filter {
        name: "envoy.filters.network.http_connection_manager".into(),
        config_type: Some(pb::listener::filter::ConfigType::TypedConfig(any(manager(settings)))),
    };
    pb::listener::Listener {
        name: LISTENER.into(),
        address: pb::socket_address(settings.listen),
        // The filter reads prompts whole, and images make them large; the limit also bounds slow readers.
        per_connection_buffer_limit_bytes: pb::number(settings.body_limit),
        filter_chains: vec![pb::listener::FilterChain {
            filters: vec![manager],
            transport_socket: settings.tls.is_some().then(transport),
            transport_socket_connect_timeout: pb::seconds(10.0),
            ..Default::default()
        }],
        max_connections_to_accept_per_socket_event: pb::number(16),
        ..Default::default()
    }
}

/// The files of the listener's certificate, as an SDS resource with its name.
pub fn certificate(settings: &Settings) -> Option<(String, pb::tls::Secret)> {
    let files = settings.tls.as_ref()?;
    let certificate = pb::tls::TlsCertificate {
        certificate_chain: pb::file(&files.certificate),
        private_key: pb::file(&files.key),
        ..Default::default()
    };
    let secret = pb::tls::Secret {
        name: CERTIFICATE.into(),
        r#type: Some(pb::tls::secret::Type::TlsCertificate(certificate)),
    };
    Some((CERTIFICATE.into(), secret))
}

fn transport() -> pb::core::TransportSocket {
    let context = pb::tls::CommonTlsContext {
        tls_params: Some(pb::tls::TlsParameters {
            tls_minimum_protocol_version: pb::tls::tls_parameters::TlsProtocol::TlSv12.into(),
            ..Default::default()
        }),
        tls_certificate_sds_secret_configs: vec![pb::tls::SdsSecretConfig {
            name: CERTIFICATE.into(),
            sds_config: pb::ads(),
        }],
        alpn_protocols: vec!["h2".into(), "http/1.1".into()],
        ..Default::default()
    };
    let downstream =
        pb::tls::DownstreamTlsContext { common_tls_context: Some(context), ..Default::default() };
    pb::core::TransportSocket {
        name: "envoy.transport_sockets.tls".into(),
        config_type: Some(pb::core::transport_socket::ConfigType::TypedConfig(any(downstream))),
    }
}

fn manager(settings: &Settings) -> pb::hcm::HttpConnectionManager {
    use pb::hcm::http_connection_manager::{
        InternalAddressConfig, PathWithEscapedSlashesAction, RouteSpecifier, ServerHeaderTransformation,
    };
    pb::hcm::HttpConnectionManager {
        stat_prefix: LISTENER.into(),
        route_specifier: Some(RouteSpecifier::Rds(pb::hcm::Rds {
            config_source: pb::ads(),
            route_config_name: route::ROUTES.into(),
        })),
        http_filters: vec![ingress(), router()],
        // No `local_reply_config`: it would rewrite the filter's own answers too.
        access_log: vec![journal(settings)],
        server_name: "tianji".into(),
        server_header_transformation: ServerHeaderTransformation::Overwrite.into(),
        // Nobody is internal: whatever `x-envoy-*` a client sends is dropped before the filter sees it.
        use_remote_address: pb::yes(),
        internal_address_config: Some(InternalAddressConfig {
            cidr_ranges: vec![pb::core::CidrRange {
                address_prefix: "255.255.255.255".into(),
                prefix_len: pb::number(32),
            }],
            ..Default::default()
        }),
        // The call id is the filter's.
        generate_request_id: Some(pb::BoolValue { value: false }),
        normalize_path: pb::yes(),
        merge_slashes: true,
        // Model names have slashes, and clients may escape them; nobody behind this port reads the path again.
        path_with_escaped_slashes_action: PathWithEscapedSlashesAction::UnescapeAndForward.into(),
        common_http_protocol_options: Some(pb::core::HttpProtocolOptions {
            idle_timeout: pb::seconds(900.0),
            max_headers_count: pb::number(100),
            headers_with_underscores_action:
                pb::core::http_protocol_options::HeadersWithUnderscoresAction::DropHeader.into(),
            ..Default::default()
        }),
        http2_protocol_options: Some(http2()),
        max_request_headers_kb: pb::number(60),
        request_headers_timeout: pb::seconds(10.0),
        // A whole body must arrive within this; a route's own limits begin after it.
        request_timeout: pb::seconds(300.0),
        // Routes to models set their own: a model may think for minutes without a byte.
        stream_idle_timeout: pb::seconds(300.0),
        stream_flush_timeout: pb::seconds(60.0),
        delayed_close_timeout: pb::seconds(1.0),
        drain_timeout: pb::seconds(5.0),
        ..Default::default()
    }
}

fn http2() -> pb::core::Http2ProtocolOptions {
    pb::core::Http2ProtocolOptions {
        max_concurrent_streams: pb::number(100),
        initial_stream_window_size: pb::number(1 << 16),
        initial_connection_window_size: pb::number(1 << 20),
        ..Default::default()
    }
}

fn ingress() -> pb::hcm::HttpFilter {
    let source = pb::core::ExtensionConfigSource {
        config_source: pb::ads(),
        type_urls: vec!["type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm".into()],
        ..Default::default()
    };
    pb::hcm::HttpFilter {
        name: FILTER.into(),
        config_type: Some(pb::hcm::http_filter::ConfigType::ConfigDiscovery(source)),
        ..Default::default()
    }
}

fn router() -> pb::hcm::HttpFilter {
    let router = pb::router::Router { suppress_envoy_headers: true, ..Default::default() };
    pb::http_filter("envoy.filters.http.router", router)
}

/// The ledger's second copy, on disk.
fn journal(settings: &Settings) -> pb::accesslog::AccessLog {
    use pb::core::substitution_format_string::Format;
    let line = pb::core::DataSource {
        specifier: Some(pb::core::data_source::Specifier::InlineString(JOURNAL.into())),
        ..Default::default()
    };
    let format = pb::core::SubstitutionFormatString {
        format: Some(Format::TextFormatSource(line)),
        ..Default::default()
    };
    let log = pb::file_log::FileAccessLog {
        path: settings.journal.clone(),
        access_log_format: Some(pb::file_log::file_access_log::AccessLogFormat::LogFormat(format)),
    };
    pb::accesslog::AccessLog {
        name: "envoy.access_loggers.file".into(),
        config_type: Some(pb::accesslog::access_log::ConfigType::TypedConfig(any(log))),
        ..Default::default()
    }
}
