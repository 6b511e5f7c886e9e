//! Providers' keys and tokens: sent to Envoy as secrets, put into requests by Envoy. Nothing else of a snapshot holds one, but for
//! the keys that requests to AWS are signed with, which Envoy takes in the filter that signs, and redacts there.

use super::pb;
use crate::catalog::Model;
use prost::Message;
use tianji_core::providers::Auth;

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

/// The upstream filter that makes a request known to the provider, after egress has written it; none without a key.
pub fn filter(model: &Model) -> Option<pb::hcm::HttpFilter> {
    let deployment = &model.deployment;
    match deployment.provider().auth(deployment) {
        Auth::Aws(service) if model.key.is_none() => Some(signer(model, service)),
        // Egress asks for the signature: no filter of Envoy's makes it.
        Auth::HttpSignature => None,
        _ => injector(model),
    }
}

/// Signs the finished request. Without keys of the deployment's Envoy looks for its own: in its environment, in files, in
/// what the machine or the container is given.
/// <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/aws_request_signing_filter>
fn signer(model: &Model, service: &str) -> pb::hcm::HttpFilter {
    let deployment = &model.deployment;
    let inline = model.aws.as_ref().map(|keys| pb::aws::InlineCredentialProvider {
        access_key_id: keys.id.expose().into(),
        secret_access_key: keys.secret.expose().into(),
        session_token: keys.session.as_ref().map(|token| token.expose().into()).unwrap_or_default(),
    });
    let text =
        |name: &str| deployment.params.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    let own = inline.map(|inline| pb::aws::AwsCredentialProvider {
        inline_credential: Some(inline),
        ..Default::default()
    });
    let assumed = text("aws_role_name").map(|role_arn| pb::aws::AssumeRoleCredentialProvider {
        role_arn,
        role_session_name: text("aws_session_name").unwrap_or_else(|| "tianji".into()),
        external_id: text("aws_external_id").unwrap_or_default(),
        credential_provider: own.clone().map(Box::new),
        ..Default::default()
    });
    let credential_provider = match assumed {
        Some(role) => Some(pb::aws::AwsCredentialProvider {
            assume_role_credential_provider: Some(Box::new(role)),
            custom_credential_provider_chain: true,
            ..Default::default()
        }),
        None => own,
    };
    let region = deployment.provider().region(&deployment.model, &deployment.params);
    let signing = pb::aws_signing::AwsRequestSigning {
        service_name: service.into(),
        region: region.unwrap_or_default(),
        credential_provider,
        ..Default::default()
    };
    pb::http_filter("envoy.filters.http.aws_request_signing", signing)
}

/// Sets the key's header.
/// <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/credential_injector_filter>
fn injector(model: &Model) -> Option<pb::hcm::HttpFilter> {
    model.key.as_ref()?;
    let (header, prefix) = header(model);
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
fn header(model: &Model) -> (&'static str, &'static str) {
    if let Some(scheme) = model.scheme {
        return ("authorization", scheme);
    }
    match model.deployment.provider().auth(&model.deployment) {
        // AWS takes an API key as a bearer.
        Auth::Bearer | Auth::Aws(_) | Auth::HttpSignature => ("authorization", "Bearer "),
        Auth::Header(name) => (name, ""),
        Auth::Scheme(scheme) => ("authorization", scheme),
    }
}
