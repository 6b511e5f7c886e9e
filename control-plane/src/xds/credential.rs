//! Providers' keys: sent to Envoy as secrets, put into requests by Envoy. Nothing else of a snapshot holds one.

use super::pb;
use crate::catalog::Model;

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
    let secret = pb::tls::Secret { name: name(model), r#type: Some(pb::tls::secret::Type::GenericSecret(generic)) };
    Some((name(model), secret))
}

/// The upstream filter that sets the key's header, after egress has made the request; none without a key.
/// <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/credential_injector_filter>
pub fn injector(model: &Model) -> Option<pb::hcm::HttpFilter> {
    model.key.as_ref()?;
    let (header, prefix) = header(&model.deployment.provider);
    let generic = pb::generic::Generic {
        credential: Some(pb::tls::SdsSecretConfig { name: name(model), sds_config: pb::ads() }),
        header: header.into(),
        header_value_prefix: prefix.into(),
    };
    let injector = pb::credential_injector::CredentialInjector {
        overwrite: true,
        credential: Some(pb::extension("envoy.http.injected_credentials.generic", generic)),
        ..Default::default()
    };
    Some(pb::http_filter("envoy.filters.http.credential_injector", injector))
}

/// The header that carries the key, and what stands before it.
fn header(provider: &str) -> (&'static str, &'static str) {
    match provider {
        "anthropic" => ("x-api-key", ""),
        _ => ("authorization", "Bearer "),
    }
}
