//! Sends a case through the translation and says what came out differently.

use super::{
    case::{Case, Prices},
    compare::differences,
};
use serde_json::{Value, json};
use tianji_core::{
    call::Call,
    deployment::Deployment,
    error::Error,
    media,
    operation::Api,
    translate::{self, Stream},
};

/// Unix seconds, at no particular time.
const NOW: u64 = 1_700_000_000;

/// What the recorder's images and documents held, in base64.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF: &str = "JVBERi0xLjEKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+ZW5kb2JqCjIgMCBvYmo8PC9UeXBlL1BhZ2VzL0tpZHNbXS9Db3VudCAwPj5lbmRvYmoKdHJhaWxlcjw8L1Jvb3QgMSAwIFI+PgolJUVPRgo=";

/// The differences between what was recorded and what comes out; empty when there are none.
pub fn case(case: &Case, prices: &Prices) -> Vec<String> {
    let deployment = case.deployment(prices);
    let body = serde_json::to_vec(&fetched(case, &deployment)).unwrap();
    let sent = Call::parse(case.operation(), body)
        .and_then(|call| translate::request(&call, &deployment).map(|outgoing| (call, outgoing)));
    let (call, outgoing) = match (sent, case.upstream_request.is_object()) {
        (Ok(sent), true) => sent,
        (Err(error), false) => return refusal(case, &error),
        (Ok(_), false) => return vec![format!("sent, but refused with {}", case.error)],
        (Err(error), true) => return vec![format!("refused: {error}")],
    };
    let mut out = request(case, &outgoing);
    out.extend(answer(case, &call, &deployment));
    out
}

/// The client's body, with what the upstream does not fetch fetched for it, as the recorder did.
fn fetched(case: &Case, deployment: &Deployment) -> Value {
    let mut body = case.body().clone();
    if let Some(chat) = body.as_object_mut() {
        media::inline(chat, |url| {
            let fetches = deployment.provider().fetches(url, deployment);
            let (kind, data) =
                if url.ends_with("pdf") { ("application/pdf", PDF) } else { ("image/png", PNG) };
            let kind = if url.ends_with("jpg") { "image/jpeg" } else { kind };
            (!fetches).then(|| format!("data:{kind};base64,{data}"))
        });
    }
    body
}

fn refusal(case: &Case, error: &Error) -> Vec<String> {
    let recorded = match case.gateway_response.pointer("/body/error") {
        Some(error) => error,
        None => &case.error,
    };
    let status = case.gateway_response.get("status").or(recorded.get("status_code"));
    let text = recorded["message"].as_str().unwrap_or_default();
    let mut out = Vec::new();
    if status.and_then(Value::as_u64) != Some(error.status.into()) {
        out.push(format!("status: expected {status:?}, got {}", error.status));
    }
    // Behind the proxy, LiteLLM's routing adds a line of its own.
    if !text.starts_with(&error.message) {
        out.push(format!("message: expected {text:?}, got {:?}", error.message));
    }
    out
}

fn request(case: &Case, outgoing: &translate::Outgoing) -> Vec<String> {
    let recorded = &case.upstream_request;
    let url = case.upstream_url().unwrap_or_default();
    let path = url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
    let mut headers = recorded["headers"].clone();
    for name in ["authorization", "content-type", "x-api-key", "x-goog-api-key"] {
        headers.as_object_mut().unwrap().remove(name);
    }
    let sent: serde_json::Map<_, _> =
        outgoing.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let body: Value = serde_json::from_slice(&outgoing.body).unwrap();
    let mut out = differences(
        &json!({ "path": path, "headers": headers, "body": recorded["body"] }),
        &json!({ "path": outgoing.path, "headers": sent, "body": body }),
    );
    for line in &mut out {
        line.insert_str(0, "request");
    }
    out
}

fn answer(case: &Case, call: &Call, deployment: &Deployment) -> Vec<String> {
    let response = &case.upstream_response;
    let Some(status) = response["status"].as_u64().and_then(|status| u16::try_from(status).ok()) else {
        return Vec::new(); // the connection failed: not a matter of translation
    };
    if let Some(pieces) = response["stream"].as_array().filter(|_| status < 400) {
        return stream(case, call, deployment, pieces);
    }
    let body = match (&response["body"], response["body_text"].as_str()) {
        (Value::Null, text) => text.unwrap_or_default().as_bytes().to_vec(),
        (body, _) => serde_json::to_vec(body).unwrap(),
    };
    match translate::answer(call, deployment, status, &body, NOW) {
        Ok(answer) => {
            let body = serde_json::from_slice(&answer.body).unwrap();
            let expected = case.gateway_response.get("body").unwrap_or(&case.output);
            if expected.get("error").is_some() || expected.is_null() {
                return vec![format!("an answer, but the recorded one is {expected} {}", case.error)];
            }
            differences(&comparable(expected, case), &comparable(&body, case))
        }
        Err(error) => failure(case, &error),
    }
}

/// An error answer: its status, and for the proxy its fields; the provider's own words are in the message.
fn failure(case: &Case, error: &Error) -> Vec<String> {
    let response = &case.upstream_response;
    let words = response.pointer("/body/error/message").and_then(Value::as_str).unwrap_or_default();
    let mut out = Vec::new();
    if !error.message.contains(words) {
        out.push(format!("message: {words:?} is not in {:?}", error.message));
    }
    let body: Value = serde_json::from_slice(&error.body(case.operation().api())).unwrap();
    let proxy = &case.gateway_response;
    let (expected, actual) = if proxy.is_object() {
        let recorded = &proxy["body"]["error"];
        let fields = |of: &Value| json!({ "type": of["type"], "param": of["param"], "code": of["code"] });
        (json!([proxy["status"], fields(recorded)]), json!([error.status, fields(&body["error"])]))
    } else {
        (json!([case.error["status_code"]]), json!([error.status]))
    };
    out.extend(differences(&expected, &actual));
    out
}

fn stream(case: &Case, call: &Call, deployment: &Deployment, pieces: &[Value]) -> Vec<String> {
    let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.as_str().unwrap_or_default().bytes()).collect();
    let whole = run(call, deployment, [&bytes[..]]);
    let recorded =
        run(call, deployment, pieces.iter().map(|piece| piece.as_str().unwrap_or_default().as_bytes()));
    let apart = run(call, deployment, bytes.chunks(1));
    assert!(whole == recorded && whole == apart, "{}: the split changes the events", case.id);
    let text = String::from_utf8(whole).unwrap();
    let (chunks, errors): (Vec<Value>, Vec<Value>) =
        events(&text).into_iter().partition(|event| event.get("error").is_none());
    let (expected, failed) = match case.gateway_response["stream_text"].as_str() {
        Some(text) => {
            let (chunks, errors): (Vec<Value>, Vec<Value>) =
                events(text).into_iter().partition(|event| event.get("error").is_none());
            (chunks, !errors.is_empty())
        }
        None => (case.output.as_array().cloned().unwrap_or_default(), case.error.is_object()),
    };
    let asked = case.body().pointer("/stream_options/include_usage") == Some(&Value::Bool(true));
    // The library yields the usage chunk in any case; the proxy hides it.
    let hidden = |chunk: &Value| !asked && call.api() == Api::OpenAi && chunk.get("usage").is_some();
    let expected = expected.into_iter().filter(|chunk| !hidden(chunk));
    let expected: Vec<Value> =
        expected.map(|chunk| comparable(chunk.get("data").unwrap_or(&chunk), case)).collect();
    let chunks: Vec<Value> = chunks.iter().map(|chunk| comparable(chunk, case)).collect();
    let mut out = differences(&expected.into(), &chunks.into());
    let ended = match call.api() {
        Api::OpenAi => text.ends_with("data: [DONE]\n\n"),
        Api::Anthropic => text.contains("event: message_stop\n"),
    };
    if failed == errors.is_empty() || failed == ended {
        out.push(format!("failed: expected {failed}, got {errors:?}"));
    }
    out
}

fn run<'a>(call: &Call, deployment: &Deployment, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut stream = Stream::new(call, deployment, NOW);
    let mut out: Vec<u8> = pieces.into_iter().flat_map(|piece| stream.push(piece).bytes).collect();
    out.extend(stream.end().bytes);
    out
}

fn events(text: &str) -> Vec<Value> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

/// Leaves out of an answer or chunk what the recordings do not fix: the model's name (the library gives the
/// upstream's, the proxy and the gateway the client's), the clock, and counts that were estimated.
fn comparable(value: &Value, case: &Case) -> Value {
    let mut value = value.clone();
    let Some(map) = value.as_object_mut() else { return value };
    map.remove("model");
    if let Some(Value::Object(message)) = map.get_mut("message") {
        message.remove("model");
    }
    if map.get("object").and_then(Value::as_str) == Some("chat.completion.chunk") {
        map.remove("created");
    }
    let reported = has_usage(&case.upstream_response);
    // The library counts the tokens of Gemini's embeddings itself, though they are reported.
    let counted = case.upstream_response.pointer("/body/embeddings").is_some();
    if counted
        || case.usage_estimated
        || (map.contains_key("usage") && case.upstream_response["stream"].is_array() && !reported)
    {
        map.insert("usage".into(), "estimated".into());
    }
    value
}

fn has_usage(response: &Value) -> bool {
    let text = response.to_string();
    ["prompt_tokens", "input_tokens", "promptTokenCount"].iter().any(|name| text.contains(name))
}
