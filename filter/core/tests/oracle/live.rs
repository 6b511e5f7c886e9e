//! The same comparison for what came out of a real Envoy, as `tests/recordings` wrote it down.

use super::{
    case::Case,
    compare::differences,
    forms,
    replay::{comparable, streamed},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::HashMap, fs, path::Path};
use tianji_core::operation::{Api, Operation};

/// What became of one case.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Live {
    id: String,
    /// What the provider was sent, in order.
    sent: Vec<Sent>,
    /// Why there was no answer.
    failed: Option<String>,
    status: u16,
    content_type: String,
    /// In base64.
    body: String,
}

#[derive(Debug, Default, Deserialize)]
struct Sent {
    url: String,
    headers: Map<String, Value>,
    /// In base64.
    body: String,
}

/// What the recorder leaves out, and what a connection needs by itself.
const UNRECORDED: [&str; 12] = [
    "accept",
    "accept-encoding",
    "cancel-after",
    "connection",
    "content-length",
    "content-type",
    "host",
    "prefer",
    "transfer-encoding",
    "user-agent",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

/// Id → what came out.
pub fn load(path: &Path) -> HashMap<String, Live> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines = text.lines().map(|line| serde_json::from_str::<Live>(line).unwrap());
    lines.map(|live| (live.id.clone(), live)).collect()
}

/// The differences between what was recorded and what came out.
pub fn case(case: &Case, live: &Live) -> Vec<String> {
    let mut out = Vec::new();
    match (live.sent.first(), case.upstream_request.is_object()) {
        (Some(sent), true) => out.extend(request(case, sent)),
        (None, true) => out.push("nothing was sent".into()),
        (Some(_), false) => return vec![format!("sent, but refused with {}", case.error)],
        (None, false) => {}
    }
    // The connection failed, as recorded: not a matter of what is sent over it.
    if case.upstream_request.is_object() && case.upstream_response["status"].is_null() {
        return out;
    }
    match &live.failed {
        Some(failed) => out.push(format!("failed: {failed}")),
        None => out.extend(answer(case, live)),
    }
    out
}

fn request(case: &Case, sent: &Sent) -> Vec<String> {
    let recorded = &case.upstream_request;
    let mut headers = recorded["headers"].as_object().cloned().unwrap_or_default();
    let mut actual = sent.headers.clone();
    headers.retain(|name, value| value != "<any>" && !UNRECORDED.contains(&name.as_str()));
    actual.retain(|name, _| !UNRECORDED.contains(&name.as_str()) && name != "x-amz-date");
    // The same credential once more, under a name that the provider does not know.
    let credential = |value: &Value| value.as_str().is_some_and(|v| v == "<key>" || v == "vertex-token");
    headers.retain(|name, value| !credential(value) || actual.contains_key(name));
    for headers in [&mut headers, &mut actual] {
        if let Some(Value::String(signed)) = headers.get_mut("authorization")
            && let Some((scheme, _)) = signed.split_once(' ')
            && (scheme.starts_with("AWS4") || scheme == "Signature")
        {
            *signed = scheme.to_owned();
        }
    }
    let content_type = sent.headers.get("content-type").and_then(Value::as_str).unwrap_or_default();
    let body = forms::body(content_type, &STANDARD.decode(&sent.body).unwrap());
    let expected = forms::recorded(&recorded["body"]);
    let mut out = differences(
        &json!({ "url": recorded["url"].as_str().map(|url| url.trim_end_matches('/')), "headers": headers, "body": expected }),
        &json!({ "url": sent.url.trim_end_matches('/'), "headers": actual, "body": body }),
    );
    for line in &mut out {
        line.insert_str(0, "request");
    }
    out
}

fn answer(case: &Case, live: &Live) -> Vec<String> {
    let proxy = &case.gateway_response;
    let api = case.operation().map_or(Api::OpenAi, Operation::api);
    let body = STANDARD.decode(&live.body).unwrap();
    let wants_stream = case.output.is_array() || proxy["stream_text"].is_string();
    if wants_stream && live.status < 400 {
        return streamed(case, api, body);
    }
    let expected = proxy.get("status").and_then(Value::as_u64).or(case.error["status_code"].as_u64());
    let expected = expected.unwrap_or(200);
    let told = || forms::answer(&live.content_type, &body);
    if expected != u64::from(live.status) {
        return vec![format!("status: expected {expected}, got {} {}", live.status, told())];
    }
    if live.status >= 400 {
        return refused(case, &told());
    }
    let text = proxy.get("body_text").map(forms::sound);
    let expected = proxy.get("body").or(text.as_ref()).unwrap_or(&case.output);
    differences(&comparable(expected, case), &comparable(&told(), case))
}

/// The provider's own words are in an error's message, or else it says what the recorded one says.
fn refused(case: &Case, body: &Value) -> Vec<String> {
    let message = body["error"]["message"].as_str().unwrap_or_default();
    let recorded = case.gateway_response.pointer("/body/error").unwrap_or(&case.error);
    let mut out = Vec::new();
    if case.upstream_request.is_object() {
        let words = case.upstream_response.pointer("/body/error/message").and_then(Value::as_str);
        if !message.contains(words.unwrap_or_default()) {
            out.push(format!("message: {words:?} is not in {message:?}"));
        }
    } else if !recorded["message"].as_str().unwrap_or_default().starts_with(message) {
        out.push(format!("message: expected {}, got {message:?}", recorded["message"]));
    }
    if case.gateway_response.is_object() {
        let fields = |of: &Value| json!({ "type": of["type"], "param": of["param"], "code": of["code"] });
        let fields = [fields(recorded), fields(&body["error"])].map(|fields| json!([0, fields]));
        out.extend(differences(&fields[0], &fields[1]));
    }
    out
}
