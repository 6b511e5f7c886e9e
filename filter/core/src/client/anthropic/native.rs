//! A client and an upstream that both speak Messages: what one says reaches the other as it was said.

mod unsigned;

use super::{relay::Relay, usage::Counts};
use crate::{
    error::Error,
    fields::{Fields, quote, quoted},
    operation::Operation,
    parameters,
    translate::{Answer, Flow, Outgoing, Pairing},
    usage::Usage,
    wire::Target,
};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use std::borrow::Cow;

/// The pair.
pub struct Native;

/// Fields of a Messages request that a deployment may set for clients that do not. Sorted.
const DEFAULTS: &[&str] = &[
    "container",
    "context_management",
    "inference_geo",
    "max_tokens",
    "mcp_servers",
    "output_config",
    "output_format",
    "service_tier",
    "speed",
    "stop_sequences",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];

/// Stands for a field whose text is passed on unread.
const UNREAD: Value = Value::Bool(true);

impl Pairing for Native {
    fn request(&self, target: &Target) -> Result<Outgoing, Error> {
        let mut fields = target.call.fields();
        fields.retain(|name, value| value != "null" && !name.starts_with("litellm_"));
        let counts = target.call.operation == Operation::CountTokens;
        let (body, extra) = if counts { counted(&fields, target) } else { body(&fields, target) };
        let headers = headers(&fields, &target.call.betas, extra);
        if target.provider().amends(target.deployment) {
            return amended(&body, headers, target);
        }
        let path = if counts { target.deployment.path("/v1/messages/count_tokens") } else { target.path() };
        Ok(Outgoing::json(path, headers, body))
    }

    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error> {
        let fields = Fields::of(body).map_err(|e| Error::unreadable(target.provider().facts(), body, &e))?;
        if let Some(error) = fields.get("error").and_then(failure) {
            return Err(error);
        }
        if target.call.operation == Operation::CountTokens {
            return Ok(Answer::json(body.to_vec(), Usage::default()));
        }
        let Some(content) = fields.get("content") else {
            return Err(Error::unreadable(target.provider().facts(), body, &"not a Message"));
        };
        let usage = fields.get("usage").and_then(read::<Counts>);
        let usage = usage.map_or_else(|| Usage::guess(target, content.len()), Usage::from);
        let mut out = Vec::with_capacity(body.len().saturating_add(64));
        fields.write(&[("model", &quoted(&target.call.model))], &mut out);
        Ok(Answer::json(out, usage))
    }

    fn flow(&self, target: &Target) -> Box<dyn Flow> {
        Box::new(Relay::new(target.call.model.as_str(), target.call.estimate.prompt))
    }
}

/// A body and the headers that its deployment adds.
type Sent = (Vec<u8>, Vec<(String, String)>);

/// For a provider that has Anthropic's models, but its own paths and bodies.
fn amended(body: &[u8], mut headers: Vec<(String, String)>, target: &Target) -> Result<Outgoing, Error> {
    let mut body: Map<String, Value> =
        serde_json::from_slice(body).map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))?;
    target.provider().amend(&mut body, &mut headers, target)?;
    Ok(Outgoing::json(target.path(), headers, Value::Object(body).to_string().into_bytes()))
}

/// For a count: the client's own body, with the upstream's model. No setting is a part of the prompt.
fn counted(fields: &Fields, target: &Target) -> Sent {
    let mut out = Vec::with_capacity(target.call.body.len());
    fields.write(&[("model", &quoted(&target.deployment.model))], &mut out);
    (out, parameters::apply(&mut Map::new(), target.deployment))
}

/// The client's own body, with the upstream's model, `stream` always said (as `LiteLLM` does), and the deployment's
/// settings applied. What no setting touches is not read.
fn body(fields: &Fields, target: &Target) -> Sent {
    let params = &target.deployment.params;
    let nested =
        parameters::strings(params.get("additional_drop_params")).any(|path| path.contains(['.', '[']));
    let mut body = Map::new();
    for (name, text) in fields.iter() {
        let needed = nested || matches!(name, "extra_body" | "extra_headers");
        let value = if needed { read(text).unwrap_or(UNREAD) } else { UNREAD };
        body.entry(name).or_insert(value);
    }
    if let Some(messages) = fields.get("messages").and_then(unsigned::without) {
        body.insert("messages".into(), messages);
    }
    // Chat's `metadata` is the gateway's; a Message's is Anthropic's.
    let metadata = body.shift_remove("metadata");
    let headers = parameters::apply(&mut body, target.deployment);
    let own = |name: &str| DEFAULTS.binary_search(&name).is_ok() || fields.get(name).is_some();
    body.retain(|name, _| !params.contains_key(name) || own(name));
    body.extend(metadata.map(|metadata| ("metadata".to_owned(), metadata)));
    body.insert("model".into(), target.deployment.model.as_str().into());
    body.insert("stream".into(), target.call.stream.into());

    let mut out = Vec::with_capacity(target.call.body.len().saturating_add(64));
    let mut put = |name: &str, value: &str| {
        out.push(if out.is_empty() { b'{' } else { b',' });
        quote(name, &mut out);
        out.push(b':');
        out.extend_from_slice(value.as_bytes());
    };
    for (name, text) in fields.iter() {
        match body.swap_remove(name) {
            Some(UNREAD) => put(name, text),
            Some(value) => put(name, &value.to_string()),
            None => {}
        }
    }
    for (name, value) in &body {
        put(name, &value.to_string());
    }
    out.push(b'}');
    (out, headers)
}

/// The headers beside the credential. Betas add up: the client's own (`betas`, as its header has them), the
/// deployment's among the `extra` headers, and those of the features asked for.
fn headers(fields: &Fields, betas: &str, extra: Vec<(String, String)>) -> Vec<(String, String)> {
    let (added, extra): (Vec<_>, Vec<_>) = extra.into_iter().partition(|(name, _)| name == "anthropic-beta");
    let given = added.iter().map(|(_, value)| value.as_str()).chain([betas]).flat_map(|list| list.split(','));
    let mut wanted: Vec<&str> = given.map(str::trim).filter(|beta| !beta.is_empty()).collect();
    wanted.extend(features(fields));
    wanted.sort_unstable();
    wanted.dedup();
    let mut headers = Vec::with_capacity(2);
    if !extra.iter().any(|(name, _)| name == "anthropic-version") {
        headers.push(("anthropic-version".to_owned(), "2023-06-01".to_owned()));
    }
    if !wanted.is_empty() {
        headers.push(("anthropic-beta".to_owned(), wanted.join(",")));
    }
    headers.extend(extra);
    headers
}

/// The betas that what is asked for needs. <https://docs.anthropic.com/en/api/beta-headers>
fn features(fields: &Fields) -> Vec<&'static str> {
    let has = |field: &str, text: &str| fields.get(field).is_some_and(|json| json.contains(text));
    let mut betas = Vec::new();
    if let Some(management) = fields.get("context_management").and_then(read::<Management>) {
        for edit in &management.edits {
            let compact = edit.kind.as_deref() == Some("compact_20260112");
            betas.push(if compact { "compact-2026-01-12" } else { "context-management-2025-06-27" });
        }
    }
    let format = fields.get("output_config").and_then(|json| read::<OutputConfig>(json)?.format);
    if fields.get("output_format").is_some() || format.is_some() {
        betas.push("structured-outputs-2025-11-13");
    }
    if has("speed", "\"fast\"") {
        betas.push("fast-mode-2026-02-01");
    }
    if has("tools", "\"tool_search_tool_") {
        betas.push("advanced-tool-use-2025-11-20");
    }
    betas
}

#[derive(Deserialize)]
struct Management {
    #[serde(default)]
    edits: Vec<Typed>,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct OutputConfig<'a> {
    #[serde(borrow)]
    format: Option<&'a RawValue>,
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// The error in `{"type": "overloaded_error", "message": …}`; `None` for `null`.
pub(super) fn failure(error: &str) -> Option<Error> {
    #[derive(Deserialize)]
    struct Failure<'a> {
        #[serde(rename = "type", borrow, default)]
        kind: Cow<'a, str>,
        #[serde(borrow, default)]
        message: Cow<'a, str>,
    }
    if error == "null" {
        return None;
    }
    let Some(Failure { kind, message }) = read(error) else {
        return Some(Error::new(502, "api_error", error));
    };
    // <https://docs.anthropic.com/en/api/errors>
    let status = match kind.as_ref() {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    };
    Some(Error::new(status, &kind, message))
}
