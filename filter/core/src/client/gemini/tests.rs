//! Edges and properties of the dialect. `LiteLLM`'s recordings have none of it: what is right is Google's own reference.

mod answers;
mod natives;
mod properties;
mod requests;

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    translate::{self, Stream},
};
use serde_json::{Value, json};

/// An upstream that has chat only.
fn groq() -> Deployment {
    Deployment { provider: "groq".into(), model: "up".into(), ..Deployment::default() }
}

/// One of Google's own.
fn google() -> Deployment {
    Deployment { provider: "gemini".into(), model: "gemini-2.5-pro".into(), ..Deployment::default() }
}

fn at(path: &str, body: &Value) -> Call {
    let operation = Operation::of(path.split('?').next().unwrap_or_default()).expect("an operation");
    Call::at(operation, path, body.to_string().into_bytes()).expect("a call")
}

fn call(body: &Value) -> Call {
    at("/v1beta/models/al%2Fias:generateContent", body)
}

fn stream_call(array: bool) -> Call {
    let query = if array { "" } else { "?alt=sse" };
    at(&format!("/v1beta/models/alias:streamGenerateContent{query}"), &json!({ "contents": [] }))
}

fn sent(body: &Value, deployment: &Deployment) -> Result<Value, Error> {
    let outgoing = translate::request(&call(body), deployment)?;
    Ok(serde_json::from_slice(&outgoing.body).expect("JSON"))
}

fn answered(answer: &Value, deployment: &Deployment) -> Result<Value, Error> {
    let body = answer.to_string();
    let answer = translate::answer(&call(&json!({ "contents": [] })), deployment, 200, body.as_bytes(), 7)?;
    Ok(serde_json::from_slice(&answer.body).expect("JSON"))
}

/// Server-sent events with these data.
fn events(data: &[Value]) -> Vec<u8> {
    data.iter().flat_map(|data| format!("data: {data}\r\n\r\n").into_bytes()).collect()
}

fn raw(call: &Call, deployment: &Deployment, bytes: &[u8], size: usize) -> (String, Option<Error>) {
    let mut stream = Stream::new(call, deployment, 7);
    let (mut out, mut error) = (Vec::new(), None);
    for piece in bytes.chunks(size.max(1)) {
        let pushed = stream.push(piece);
        out.extend(pushed.bytes);
        error = error.or(pushed.error);
    }
    let ended = stream.end();
    out.extend(ended.bytes);
    (String::from_utf8(out).expect("UTF-8"), error.or(ended.error))
}

/// The responses that the client gets, in either framing: they are the same.
fn streamed(deployment: &Deployment, bytes: &[u8], size: usize) -> (Vec<Value>, Option<Error>) {
    let (text, error) = raw(&stream_call(false), deployment, bytes, size);
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let responses: Vec<Value> = data.map(|data| serde_json::from_str(data).expect("JSON")).collect();
    let (array, _) = raw(&stream_call(true), deployment, bytes, size);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&array).expect("an array"), responses);
    (responses, error)
}
