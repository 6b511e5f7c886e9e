//! tianji.wasm as Envoy sees it: ingress by ECDS, egress inside every deployment's cluster, both in one VM.

use super::{Settings, pb, pb::any};
use crate::catalog::Catalog;

/// The name of the ingress filter, in the listener and in ECDS.
pub const FILTER: &str = "tianji";
/// Both roles share one VM per worker, and so their memory, because the id and the code are the same.
const VM: &str = "tianji";

/// The ingress filter with what it is told: the models and the settings, as JSON, without keys.
pub fn ingress(catalog: &Catalog, settings: &Settings) -> pb::core::TypedExtensionConfig {
    // A configuration that cannot be JSON cannot be built: its maps have string keys and its numbers are finite.
    let mut config = catalog.filter_config();
    config.settings.patient_service = patient_service();
    let config = serde_json::to_string(&config).unwrap_or_default();
    pb::extension(FILTER, wasm("ingress", Some(config), settings))
}

/// Where the filter asks about callers it knows: Envoy itself tries again while the control plane restarts. Tags, lengths
/// and names in it are all ASCII, so its bytes are text.
fn patient_service() -> String {
    let back_off =
        pb::core::BackoffStrategy { base_interval: pb::seconds(0.1), max_interval: pb::seconds(0.5) };
    let service = pb::core::GrpcService {
        target_specifier: Some(pb::core::grpc_service::TargetSpecifier::EnvoyGrpc(
            pb::core::grpc_service::EnvoyGrpc {
                cluster_name: super::GRPC_CLUSTER.into(),
                ..Default::default()
            },
        )),
        retry_policy: Some(pb::core::RetryPolicy {
            retry_back_off: Some(back_off),
            num_retries: pb::number(40),
            retry_on: "connect-failure,refused-stream,reset,unavailable,5xx".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    String::from_utf8(prost::Message::encode_to_vec(&service)).unwrap_or_default()
}

/// The egress filter; it learns what it needs from ingress.
pub fn egress(settings: &Settings) -> pb::hcm::HttpFilter {
    pb::http_filter("tianji-egress", wasm("egress", None, settings))
}

fn wasm(role: &str, configuration: Option<String>, settings: &Settings) -> pb::wasm_filter::Wasm {
    let vm = pb::wasm::VmConfig {
        vm_id: VM.into(),
        runtime: "envoy.wasm.runtime.v8".into(),
        code: Some(code(settings)),
        // A VM is known by its id and its code, but Envoy makes one under no code at all while it still fetches:
        // ingress and egress would not meet. So what names code that is not there is refused; see `Session`.
        nack_on_code_cache_miss: true,
        ..Default::default()
    };
    let plugin = pb::wasm::PluginConfig {
        name: format!("{FILTER}-{role}"),
        root_id: role.into(),
        configuration: configuration.map(|value| any(pb::StringValue { value })),
        // A trap loses the exchanges of one worker; without this it would answer 503 for ever.
        failure_policy: pb::wasm::FailurePolicy::FailReload.into(),
        // Without this a filter that holds headers back never sees the body.
        allow_on_headers_stop_iteration: pb::yes(),
        vm: Some(pb::wasm::plugin_config::Vm::VmConfig(vm)),
        ..Default::default()
    };
    pb::wasm_filter::Wasm { config: Some(plugin) }
}

/// Stock Envoy fetches the module from the control plane, once, by its hash.
fn code(settings: &Settings) -> pb::core::AsyncDataSource {
    let sha256 = &settings.wasm_sha256;
    let uri = pb::core::HttpUri {
        uri: format!("http://{}/wasm/{sha256}.wasm", super::REST_CLUSTER),
        timeout: pb::seconds(30.0),
        http_upstream_type: Some(pb::core::http_uri::HttpUpstreamType::Cluster(super::REST_CLUSTER.into())),
    };
    let remote = pb::core::RemoteDataSource {
        http_uri: Some(uri),
        sha256: sha256.clone(),
        retry_policy: Some(pb::core::RetryPolicy {
            retry_back_off: Some(pb::core::BackoffStrategy {
                base_interval: pb::seconds(0.2),
                max_interval: pb::seconds(2.0),
            }),
            num_retries: pb::number(30),
            ..Default::default()
        }),
    };
    pb::core::AsyncDataSource { specifier: Some(pb::core::async_data_source::Specifier::Remote(remote)) }
}
