//! Sends a case through the translation and says what came out differently.

use super::{
    case::{Case, Prices},
    compare::differences,
    forms,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use tianji_core::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::{Api, Operation},
    providers::{self, Auth},
    translate::{self, Outgoing, Stream},
};

/// Unix seconds, at no particular time.
const NOW: u64 = 1_700_000_000;

/// What the recorder's images and documents held, in base64.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF: &str = "JVBERi0xLjEKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+ZW5kb2JqCjIgMCBvYmo8PC9UeXBlL1BhZ2VzL0tpZHNbXS9Db3VudCAwPj5lbmRvYmoKdHJhaWxlcjw8L1Jvb3QgMSAwIFI+PgolJUVPRgo=";

/// The differences between what was recorded and what comes out; `None` when nothing of ours could say.
pub fn case(case: &Case, prices: &Prices) -> Option<Vec<String>> {
    let operation = case.operation()?;
    let deployment = case.deployment(prices);
    providers::find(&deployment.provider)?;
    let call = match operation {
        Operation::Transcription => {
            Call::read(operation, forms::TYPE, forms::filled(case.body(), case.client_request.is_object()))
        }
        _ => Call::parse(operation, serde_json::to_vec(case.body()).unwrap()),
    };
    if let Some(mocked) = call.as_ref().ok().and_then(|call| translate::mocked(call, &deployment, NOW)) {
        return Some(match mocked {
            Ok(answer) if answer.body.starts_with(b"data: ") => {
                streamed(case, call.as_ref().unwrap().api(), answer.body)
            }
            Ok(answer) => differences(
                &comparable(&case.output, case),
                &comparable(&forms::answer(&answer.content_type, &answer.body), case),
            ),
            Err(error) => refusal(case, &error),
        });
    }
    let sent = call.map(|call| fetched(call, &deployment));
    let sent = sent.and_then(|call| translate::request(&call, &deployment).map(|outgoing| (call, outgoing)));
    Some(match (sent, case.upstream_request.is_object()) {
        (Ok((call, outgoing)), true) => {
            let mut out = request(case, &outgoing, &deployment);
            out.extend(answer(case, &call, &deployment));
            out
        }
        (Err(error), false) => refusal(case, &error),
        (Ok(_), false) => vec![format!("sent, but refused with {}", case.error)],
        (Err(error), true) => vec![format!("refused: {error}")],
    })
}

/// A call, with what the upstream does not fetch fetched for it, as the recorder did.
fn fetched(mut call: Call, deployment: &Deployment) -> Call {
    let data = |url: &str| {
        let (kind, data) = if url.ends_with("pdf") { ("application/pdf", PDF) } else { ("image/png", PNG) };
        let kind = if url.ends_with("jpg") { "image/jpeg" } else { kind };
        format!("data:{kind};base64,{data}")
    };
    let urls = translate::addresses(&call, deployment);
    call.media = urls.into_iter().map(|url| (url.clone(), data(&url))).collect();
    call
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

fn request(case: &Case, outgoing: &Outgoing, deployment: &Deployment) -> Vec<String> {
    let recorded = &case.upstream_request;
    let mut sent: Map<String, Value> =
        outgoing.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let mut headers = recorded["headers"].as_object().cloned().unwrap_or_default();
    for name in ["content-type", "x-amz-date", "x-amz-security-token"] {
        headers.remove(name);
    }
    headers.retain(|_, value| value != "<any>"); // a number drawn for this request
    // Envoy puts the key in, or the token that stands for it.
    let (name, key) = match deployment.provider().auth(deployment) {
        Auth::Bearer => ("authorization", "Bearer <key>"),
        Auth::Header(name) => (name, "<key>"),
        Auth::Scheme(_) => ("authorization", "Token <key>"),
        Auth::Aws(_) if headers.get("authorization").is_some_and(|key| key == "Bearer <key>") => {
            ("authorization", "Bearer <key>")
        }
        Auth::Aws(_) => ("authorization", "AWS4-HMAC-SHA256 <signature>"),
        Auth::HttpSignature => ("authorization", "Signature <signature>"),
    };
    // The same token once more, under a name that Vertex does not know.
    headers.retain(|_, value| value != "vertex-token");
    let given = headers.get(name).and_then(Value::as_str);
    match given.map(|given| given.split_once(' ').map_or("", |(scheme, _)| scheme)) {
        Some(scheme) if key.starts_with(scheme) => {
            headers.remove(name);
            headers.retain(|_, value| value != "<key>"); // the same key once more
        }
        Some(_) => drop(sent.insert(name.into(), key.into())),
        None => {}
    }
    // The library asks again and again instead of waiting.
    sent.retain(|name, _| !["cancel-after", "prefer"].contains(&name.as_str()));
    let body = forms::body(&outgoing.content_type, &outgoing.body);
    let base = deployment.base_url();
    let start = base.find("://").map_or(0, |at| at + 3);
    let origin = &base[..base[start..].find('/').map_or(base.len(), |at| start + at)];
    let url = format!("{origin}{}", outgoing.path.strip_suffix('/').unwrap_or(&outgoing.path));
    let mut out = differences(
        &json!({ "url": recorded["url"].as_str().map(|url| url.trim_end_matches('/')), "headers": headers, "body": forms::recorded(&recorded["body"]) }),
        &json!({ "url": url, "headers": sent, "body": body }),
    );
    for line in &mut out {
        line.insert_str(0, "request");
    }
    out
}

fn answer(case: &Case, call: &Call, deployment: &Deployment) -> Vec<String> {
    let response = case.response();
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
    if call.stream && status < 400 && case.output.is_array() {
        return match translate::answer_as_stream(call, deployment, status, &body, NOW) {
            Ok(answer) => streamed(case, call.api(), answer.body),
            Err(error) => failure(case, call, &error),
        };
    }
    match translate::answer(call, deployment, status, &body, NOW) {
        Ok(answer) => {
            let body = forms::answer(&answer.content_type, &answer.body);
            let text = case.gateway_response.get("body_text").map(forms::sound);
            let expected = case.gateway_response.get("body").or(text.as_ref()).unwrap_or(&case.output);
            let failed = expected.get("error").is_some_and(|error| !error.is_null());
            if failed || expected.is_null() {
                return vec![format!("an answer, but the recorded one is {expected} {}", case.error)];
            }
            differences(&comparable(expected, case), &comparable(&body, case))
        }
        Err(error) => failure(case, call, &error),
    }
}

/// An error answer: its status, and for the proxy its fields; the provider's own words are in the message.
fn failure(case: &Case, call: &Call, error: &Error) -> Vec<String> {
    let response = case.response();
    let words = response.pointer("/body/error/message").and_then(Value::as_str).unwrap_or_default();
    let mut out = Vec::new();
    if !error.message.contains(words) {
        out.push(format!("message: {words:?} is not in {:?}", error.message));
    }
    let body: Value = serde_json::from_slice(&error.body(call.api())).unwrap();
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
    let pieces: Vec<Vec<u8>> = pieces.iter().map(piece).collect();
    let bytes = pieces.concat();
    let whole = run(call, deployment, [&bytes[..]]);
    let recorded = run(call, deployment, pieces.iter().map(Vec::as_slice));
    let apart = run(call, deployment, bytes.chunks(1));
    assert!(whole == recorded && whole == apart, "{}: the split changes the events", case.id);
    streamed(case, call.api(), whole)
}

/// The differences of a whole stream, in the dialect of an API.
pub fn streamed(case: &Case, api: Api, whole: Vec<u8>) -> Vec<String> {
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
    // Of text completions both yield a zero with every chunk, and a last one that says nothing.
    let zero = |chunk: &Value| !asked && chunk.get("object").is_some_and(|kind| kind == "text_completion");
    let says =
        |chunk: &Value| ["text", "finish_reason"].iter().any(|name| chunk["choices"][0].get(name).is_some());
    let expected = expected.into_iter().map(|mut chunk| {
        let zero = zero(&chunk);
        if let Some(chunk) = chunk.as_object_mut().filter(|_| zero) {
            chunk.remove("usage");
        }
        chunk
    });
    let hidden = |chunk: &Value| !asked && api == Api::OpenAi && chunk.get("usage").is_some();
    let expected = expected.filter(|chunk| !hidden(chunk) && (!zero(chunk) || says(chunk)));
    let expected: Vec<Value> =
        expected.map(|chunk| comparable(chunk.get("data").unwrap_or(&chunk), case)).collect();
    let chunks: Vec<Value> = chunks.iter().map(|chunk| comparable(chunk, case)).collect();
    let mut out = differences(&expected.into(), &chunks.into());
    let ended = match api {
        Api::OpenAi => text.ends_with("data: [DONE]\n\n"),
        Api::Anthropic => text.contains("event: message_stop\n"),
        Api::Responses => ["completed", "incomplete"]
            .iter()
            .any(|status| text.contains(&format!("event: response.{status}\n"))),
        Api::Gemini => text.contains("\"finishReason\""),
    };
    if failed == errors.is_empty() || failed == ended {
        out.push(format!("failed: expected {failed}, got {errors:?}"));
    }
    out
}

/// A piece of a stream: text, or binary in base64.
fn piece(piece: &Value) -> Vec<u8> {
    match piece["base64"].as_str() {
        Some(base64) => STANDARD.decode(base64).unwrap(),
        None => piece.as_str().unwrap_or_default().into(),
    }
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
pub fn comparable(value: &Value, case: &Case) -> Value {
    let mut value = value.clone();
    let Some(map) = value.as_object_mut() else { return value };
    map.remove("model");
    for name in ["message", "response"] {
        if let Some(Value::Object(inner)) = map.get_mut(name) {
            inner.remove("model");
        }
    }
    // LiteLLM counts few of its own events; a provider's numbers are in the bytes that pass.
    map.remove("sequence_number");
    let streamed = case.upstream_response["stream"].is_array();
    if matches!(map.get("object").and_then(Value::as_str), Some("chat.completion.chunk" | "text_completion") if streamed)
    {
        map.remove("created");
    }
    // The library puts it there for one imported model, in whole answers only.
    if let Some(message) = map.get_mut("choices").and_then(|choices| choices.get_mut(0)?.get_mut("message"))
        && let Some(thought) = message.pointer("/provider_specific_fields/reasoning_content").cloned()
    {
        message["provider_specific_fields"] = Value::Null;
        message["reasoning_content"] = thought;
    }
    let reported = has_usage(case.response());
    // The library counts the tokens of a ranking that came as a bare list: nobody has reported any.
    if case.upstream_response["body"].is_array()
        && let Some(Value::Object(meta)) = map.get_mut("meta")
    {
        meta.insert("tokens".into(), "estimated".into());
    }
    // The library counts the tokens of Gemini's embeddings itself, though they are reported.
    let counted = case.response().pointer("/body/embeddings").is_some();
    if counted
        || case.usage_estimated
        || (map.contains_key("usage") && has_unread_usage(case.response()))
        || (map.contains_key("usage") && streamed && !reported)
    {
        map.insert("usage".into(), "estimated".into());
    }
    value
}

/// Counts in the model's own words, which the library leaves unread and guesses instead.
fn has_unread_usage(response: &Value) -> bool {
    let body = response["body"].to_string();
    ["generation_token_count", "inputTextTokenCount"].iter().any(|name| body.contains(name))
}

fn has_usage(response: &Value) -> bool {
    let pieces = response["stream"].as_array().into_iter().flatten();
    let text = response.to_string() + &String::from_utf8_lossy(&pieces.flat_map(piece).collect::<Vec<u8>>());
    ["prompt_tokens", "input_tokens", "inputTokens", "promptTokenCount"]
        .iter()
        .any(|name| text.contains(name))
}
