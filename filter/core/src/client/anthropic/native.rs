//! A client and an upstream that both speak Messages: what one says reaches the other as it was said.

use super::{
    fields::{Fields, quoted},
    usage::Counts,
};
use crate::{
    error::Error,
    usage::{self, Usage},
};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use std::borrow::Cow;

/// Below the base URL's version.
pub const PATH: &str = "/v1/messages";
/// Below the base URL's version.
pub const COUNT_PATH: &str = "/v1/messages/count_tokens";

/// Fields of a Messages request that a deployment may set for clients that do not.
const DEFAULTS: &[&str] = &[
    "container",
    "context_management",
    "inference_geo",
    "max_tokens",
    "mcp_servers",
    "metadata",
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

/// The upstream's body for a Messages request: the client's own, with the upstream's model, `stream` always said, and
/// what the deployment's `params` set where the client did not.
pub fn request(
    body: &[u8],
    model: &str,
    stream: bool,
    params: &Map<String, Value>,
) -> Result<Vec<u8>, Error> {
    let fields = fields(body)?;
    let (model, mut added) = (quoted(model), Vec::new());
    let extra = params.get("extra_body").and_then(Value::as_object);
    let own = params.iter().filter(|(name, _)| DEFAULTS.contains(&name.as_str()));
    for (name, value) in own.chain(extra.into_iter().flatten()) {
        if fields.get(name).is_none() && !matches!(name.as_str(), "model" | "stream") {
            added.push((name.as_str(), value.to_string()));
        }
    }
    let mut replaced = vec![("model", model.as_str()), ("stream", if stream { "true" } else { "false" })];
    replaced.extend(added.iter().map(|(name, value)| (*name, value.as_str())));
    let mut out = Vec::with_capacity(body.len().saturating_add(64));
    fields.write(&replaced, &mut out);
    Ok(out)
}

/// The upstream's body for a count of tokens: the client's own, with the upstream's model.
pub fn count_request(body: &[u8], model: &str) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(body.len().saturating_add(64));
    fields(body)?.write(&[("model", &quoted(model))], &mut out);
    Ok(out)
}

/// `LiteLLM`'s own fields are for a gateway; Anthropic refuses what it does not know.
fn fields(body: &[u8]) -> Result<Fields<'_>, Error> {
    let mut fields = Fields::of(body).map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))?;
    fields.retain(|field| !field.starts_with("litellm_"));
    Ok(fields)
}

/// The headers of a request beside its credential. `betas` is the client's own `anthropic-beta`, empty for none.
pub fn headers(body: &[u8], betas: &str) -> Vec<(String, String)> {
    let mut wanted: Vec<&str> = betas.split(',').map(str::trim).filter(|beta| !beta.is_empty()).collect();
    if let Ok(fields) = Fields::of(body) {
        wanted.extend(features(&fields));
    }
    wanted.sort_unstable();
    wanted.dedup();
    let mut headers = vec![("anthropic-version".to_owned(), "2023-06-01".to_owned())];
    if !wanted.is_empty() {
        headers.push(("anthropic-beta".to_owned(), wanted.join(",")));
    }
    headers
}

/// The betas that what is asked for needs. <https://docs.anthropic.com/en/api/beta-headers>
fn features(fields: &Fields) -> Vec<&'static str> {
    let has = |field: &str, text: &str| fields.get(field).is_some_and(|json| json.contains(text));
    let given = |field: &str| fields.get(field).is_some_and(|json| json != "null");
    let mut betas = Vec::new();
    if let Some(management) = fields.get("context_management").and_then(|json| read::<Management>(json)) {
        for edit in &management.edits {
            let compact = edit.kind.as_deref() == Some("compact_20260112");
            betas.push(if compact { "compact-2026-01-12" } else { "context-management-2025-06-27" });
        }
    }
    let format = fields.get("output_config").and_then(|json| read::<OutputConfig>(json)?.format);
    if given("output_format") || format.is_some() {
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

/// A whole Message: the upstream's own, under the name the client knows the model by. Where it does not say what it
/// used, `prompt` is what the request was estimated at.
pub fn answer(body: &[u8], model: &str, prompt: u64) -> Result<(Vec<u8>, Usage), Error> {
    let fields = Fields::of(body)
        .map_err(|e| Error::new(502, "api_error", format!("The provider's answer is not valid JSON: {e}")))?;
    if let Some(error) = fields.get("error").and_then(failure) {
        return Err(error);
    }
    let Some(content) = fields.get("content") else {
        return Err(Error::new(502, "api_error", "The provider's answer is not a Message"));
    };
    let usage = match fields.get("usage").and_then(|json| read::<Counts>(json)) {
        Some(counts) => counts.into(),
        None => {
            Usage { prompt, completion: usage::estimate(content.len()), estimated: true, ..Usage::default() }
        }
    };
    let mut out = Vec::with_capacity(body.len().saturating_add(64));
    fields.write(&[("model", &quoted(model))], &mut out);
    Ok((out, usage))
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
