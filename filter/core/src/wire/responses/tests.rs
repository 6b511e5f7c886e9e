//! Edges and properties of the format; what was recorded of `LiteLLM` is in `tests/oracle`.

mod answers;
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

/// A model of `OpenAI`'s that has no other API.
fn codex() -> Deployment {
    let facts = json!({ "mode": "responses", "supports_reasoning": true });
    Deployment {
        provider: "openai".into(),
        model: "gpt-5-codex".into(),
        facts: serde_json::from_value(facts).expect("an object"),
        ..Deployment::default()
    }
}

fn call(operation: Operation, body: &Value) -> Call {
    Call::parse(operation, body.to_string().into_bytes()).expect("a call")
}

fn chat(stream: bool) -> Call {
    let options = json!({ "include_usage": true });
    call(
        Operation::Chat,
        &json!({ "model": "m", "messages": [], "stream": stream, "stream_options": options }),
    )
}

/// What goes up for a client's body.
fn sent(operation: Operation, body: &Value) -> Value {
    let outgoing = translate::request(&call(operation, body), &codex()).expect("a request");
    assert_eq!(outgoing.path, "/v1/responses");
    serde_json::from_slice(&outgoing.body).expect("JSON")
}

fn answered(call: &Call, body: &Value) -> Result<Value, Error> {
    let answer = translate::answer(call, &codex(), 200, body.to_string().as_bytes(), 0)?;
    Ok(serde_json::from_slice(&answer.body).expect("JSON"))
}

fn event(data: &Value) -> Vec<u8> {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default()).into_bytes()
}

/// The data of what comes out of a stream, cut into pieces of some size.
fn streamed(call: &Call, bytes: &[u8], size: usize) -> (Vec<Value>, Option<Error>) {
    let mut stream = Stream::new(call, &codex(), 0);
    let (mut out, mut error) = (Vec::new(), None);
    for pushed in bytes.chunks(size.max(1)).map(|piece| stream.push(piece)).collect::<Vec<_>>() {
        out.extend(pushed.bytes);
        error = error.or(pushed.error);
    }
    let ended = stream.end();
    out.extend(ended.bytes);
    let text = String::from_utf8(out).expect("UTF-8");
    let data = text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    (data.map(|data| serde_json::from_str(data).expect("JSON")).collect(), error.or(ended.error))
}
