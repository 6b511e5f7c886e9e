//! Providers' keys: sent to Envoy as secrets, put into requests by Envoy. Nothing else of a snapshot holds one.

use super::pb;
use crate::catalog::Model;
use prost::Message;
use tianji_core::providers::{self, Auth};

const INJECTOR: &str = "envoy.filters.http.credential_injector";

/// The name of a deployment's secret.
fn name(model: &Model) -> String {
    format!("credential/{}", model.deployment.id)
}

/// The key as an SDS resource, with its name. Envoy shows it as `[redacted]` in its config dump.
pub fn secret(model: &Model) -> Option<(String, pb::tls::Secret)> {
    let value = model.key.as_ref()?.expose().to_owned();
    let secret = pb::core::DataSource {
        specifier: Some(pb::core::data_source::Specifier::InlineString(value)),
        ..Default::default()
    };
    let generic = pb::tls::GenericSecret { secret: Some(secret), ..Default::default() };
    let secret =
        pb::tls::Secret { name: name(model), r#type: Some(pb::tls::secret::Type::GenericSecret(generic)) };
    Some((name(model), secret))
}

/// The upstream filter that sets the key's header, after egress has made the request; none without a key.
/// <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/credential_injector_filter>
pub fn injector(model: &Model) -> Option<pb::hcm::HttpFilter> {
    model.key.as_ref()?;
    let (header, prefix) = header(&model.deployment.provider);
    let generic = pb::generic::Generic {
        credential: Some(pb::tls::SdsSecretConfig { name: name(model), sds_config: pb::ads_for_secret() }),
        header: header.into(),
        header_value_prefix: prefix.into(),
    };
    let injector = pb::credential_injector::CredentialInjector {
        overwrite: true,
        credential: Some(pb::extension("envoy.http.injected_credentials.generic", generic)),
        ..Default::default()
    };
    Some(pb::http_filter(INJECTOR, injector))
}

/// The secret an encoded cluster names.
pub fn named(cluster: &pb::Any) -> Option<String> {
    use pb::hcm::http_filter::ConfigType;
    let cluster = pb::cluster::Cluster::decode(&*cluster.value).ok()?;
    let options = cluster.typed_extension_protocol_options.into_values().next()?;
    let options = pb::upstream::HttpProtocolOptions::decode(&*options.value).ok()?;
    let filter = options.http_filters.into_iter().find(|filter| filter.name == INJECTOR)?;
    let Some(ConfigType::TypedConfig(injector)) = filter.config_type else { return None };
    let injector = pb::credential_injector::CredentialInjector::decode(&*injector.value).ok()?;
    let generic = pb::generic::Generic::decode(&*injector.credential?.typed_config?.value).ok()?;
    Some(generic.credential?.name)
}

/// The header that carries the key, and what stands before it.
fn header(provider: &str) -> (&'static str, &'static str) {
    match providers::find(provider).map_or(Auth::Bearer, |provider| provider.facts().auth) {
        // AWS takes an API key as a bearer. Without one the request leaves unsigned, and AWS refuses it.
        Auth::Bearer | Auth::Aws(_) => ("authorization", "Bearer "),
        Auth::Header(name) => (name, ""),
    }
}
