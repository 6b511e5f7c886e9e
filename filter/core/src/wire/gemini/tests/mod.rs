//! The edges, and the properties that hold for anything. What was recorded is held by `tests/oracle`.

mod answers;
mod properties;
mod requests;
mod streams;

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    translate::{self, Stream},
};
use serde_json::{Value, json};

/// A deployment of a model at a provider that speaks the format. It knows system instructions and schemas.
fn deployment(provider: &str, model: &str) -> Deployment {
    let facts = ["supports_system_messages", "supports_response_schema", "supports_reasoning"];
    Deployment {
        provider: provider.into(),
        model: model.into(),
        facts: facts.iter().map(|&fact| (fact.to_owned(), true.into())).collect(),
        ..Deployment::default()
    }
}

fn call(body: &Value) -> Call {
    Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap()
}

/// Translates a request for a model at Google AI Studio, its `model` filled in.
fn request_for(model: &str, mut body: Value) -> Result<Value, Error> {
    body["model"] = "m".into();
    let outgoing = translate::request(&call(&body), &deployment("gemini", model))?;
    Ok(serde_json::from_slice(&outgoing.body).unwrap())
}

fn request(body: Value) -> Result<Value, Error> {
    request_for("gemini-2.5-flash", body)
}

/// The turns that a conversation becomes.
fn contents(model: &str, messages: &Value) -> Value {
    request_for(model, json!({ "messages": messages })).unwrap()["contents"].clone()
}

/// Translates an answer of the status given.
fn answer(status: u16, body: &Value) -> Result<Value, Error> {
    let call = call(&json!({ "model": "m", "messages": [] }));
    let bytes = body.to_string().into_bytes();
    let answer = translate::answer(&call, &deployment("gemini", "gemini-2.5-flash"), status, &bytes, 1)?;
    Ok(serde_json::from_slice(&answer.body).unwrap())
}

/// Translates a stream that arrives in pieces: what the client reads, and the error it ended in.
fn stream<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (String, Option<Error>) {
    let asked =
        json!({ "model": "m", "messages": [], "stream": true, "stream_options": { "include_usage": true } });
    let mut stream = Stream::new(&call(&asked), &deployment("gemini", "gemini-2.5-flash"), 1);
    let mut pushed: Vec<translate::Pushed> = pieces.into_iter().map(|piece| stream.push(piece)).collect();
    pushed.push(stream.end());
    let bytes = pushed.iter().flat_map(|pushed| pushed.bytes.clone()).collect();
    (String::from_utf8(bytes).unwrap(), pushed.into_iter().find_map(|pushed| pushed.error))
}

/// The bytes of a stream of events.
fn wire(events: &[Value]) -> Vec<u8> {
    events.iter().flat_map(|event| format!("data: {event}\r\n\r\n").into_bytes()).collect()
}

/// The chunks that a client reads.
fn chunks(text: &str) -> Vec<Value> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

/// An answer, or an event, of one candidate.
fn said(parts: &Value, reason: Option<&str>) -> Value {
    json!({ "candidates": [{ "content": { "parts": parts, "role": "model" }, "finishReason": reason, "index": 0 }],
        "usageMetadata": { "promptTokenCount": 12, "candidatesTokenCount": 5, "totalTokenCount": 17 } })
}
