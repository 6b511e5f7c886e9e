//! Edges and properties of the dialect; what was recorded of `LiteLLM` is in `tests/oracle`.

mod answers;
mod natives;
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

/// An upstream that has chat only.
fn groq() -> Deployment {
    Deployment { provider: "groq".into(), model: "up".into(), ..Deployment::default() }
}

/// One that has the API itself.
fn openai(params: &Value) -> Deployment {
    let params = serde_json::from_value(params.clone()).expect("an object");
    Deployment { provider: "openai".into(), model: "up".into(), params, ..Deployment::default() }
}

fn call(body: &Value) -> Call {
    let mut body = body.clone();
    body["model"] = "alias".into();
    Call::parse(Operation::Responses, body.to_string().into_bytes()).expect("a call")
}

fn sent(body: &Value, deployment: &Deployment) -> Result<Value, Error> {
    let outgoing = translate::request(&call(body), deployment)?;
    Ok(serde_json::from_slice(&outgoing.body).expect("JSON"))
}

fn answered(body: &Value, answer: &Value, deployment: &Deployment) -> Result<Value, Error> {
    let answer = translate::answer(&call(body), deployment, 200, answer.to_string().as_bytes(), 7)?;
    Ok(serde_json::from_slice(&answer.body).expect("JSON"))
}

/// The chunks of a chat upstream as a stream.
fn chunks(chunks: &[Value]) -> Vec<u8> {
    let data = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
    data.chain(["data: [DONE]\n\n".to_owned()]).collect::<String>().into_bytes()
}

/// The events that the client gets, each checked against its name, its number, and the items before it.
fn streamed(body: &Value, deployment: &Deployment, bytes: &[u8], size: usize) -> (Vec<Value>, Option<Error>) {
    let mut body = body.clone();
    body["stream"] = true.into();
    let mut stream = Stream::new(&call(&body), deployment, 7);
    let (mut out, mut error) = (Vec::new(), None);
    for piece in bytes.chunks(size.max(1)) {
        let pushed = stream.push(piece);
        out.extend(pushed.bytes);
        error = error.or(pushed.error);
    }
    let ended = stream.end();
    out.extend(ended.bytes);
    let text = String::from_utf8(out).expect("UTF-8");
    let events = text.split_terminator("\n\n").map(|event| {
        let (name, data) = event.split_once('\n').expect("two lines");
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON");
        assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
        data
    });
    (events.collect(), error.or(ended.error))
}

/// The last event's response.
fn last(events: &[Value]) -> &Value {
    &events.last().expect("an event")["response"]
}
