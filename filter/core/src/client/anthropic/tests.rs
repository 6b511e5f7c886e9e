//! Edges and properties of the Messages dialect; what was recorded of `LiteLLM` is in `tests/oracle`.

mod answers;
mod natives;
mod properties;
mod relays;
mod requests;
mod streams;

use super::{encoder::Events, names::Names};
use crate::{
    call::Call,
    client::Encoder,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    translate::{self, Answer, Stream},
    usage::Usage,
};
use serde_json::{Map, Value, json};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

/// The data of the events in a stream, each of them checked against its name.
fn events(stream: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(stream).expect("UTF-8");
    text.split_terminator("\n\n")
        .map(|event| {
            let (name, data) = event.split_once('\n').expect("two lines");
            let data: Value = serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON");
            assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
            data
        })
        .collect()
}

/// A call of the client's, by the name it knows the model by.
fn call(operation: Operation, stream: bool) -> Call {
    let body = json!({ "model": "al\"ias", "max_tokens": 9, "messages": [], "stream": stream });
    Call::parse(operation, body.to_string().into_bytes()).expect("a call")
}

/// An upstream that speaks Messages.
fn claude(params: Value) -> Deployment {
    let (provider, model) = ("anthropic".into(), "claude".into());
    Deployment { provider, model, params: object(params), ..Deployment::default() }
}

fn native_answer(body: &[u8]) -> Result<Answer, Error> {
    translate::answer(&call(Operation::Messages, false), &claude(json!({})), 200, body, 0)
}

/// What a client gets of a native stream that comes in these parts, and how it ended.
fn relayed(parts: &[&[u8]]) -> (Vec<u8>, Option<Error>, Usage) {
    let mut stream = Stream::new(&call(Operation::Messages, true), &claude(json!({})), 0);
    let mut out = Vec::new();
    let mut error = None;
    for part in parts {
        let pushed = stream.push(part);
        out.extend(pushed.bytes);
        error = error.or(pushed.error);
    }
    let pushed = stream.end();
    out.extend(pushed.bytes);
    (out, error.or(pushed.error), stream.usage())
}

/// What an encoder makes of these chunks.
fn encoded(chunks: &[Value]) -> Vec<Value> {
    let mut encoder = Events::new("alias", Names::default());
    let mut out = Vec::new();
    for chunk in chunks {
        encoder.push(chunk.clone(), &mut out).expect("a chunk is never refused");
    }
    encoder.end(&mut out);
    events(&out)
}

/// The Message that a client puts together from a stream, checking the order of events as it goes.
fn assembled(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut open = Vec::new();
    let mut inputs: Vec<String> = Vec::new();
    for event in events {
        let index = usize::try_from(event["index"].as_u64().unwrap_or_default()).expect("index");
        match event["type"].as_str().expect("type") {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                let content = message["content"].as_array_mut().expect("content");
                assert_eq!(content.len(), index, "blocks are numbered in order");
                content.push(event["content_block"].clone());
                inputs.push(String::new());
                open.push(index);
            }
            "content_block_delta" => {
                assert!(open.contains(&index), "a delta belongs to an open block");
                let block = &mut message["content"][index];
                for (field, value) in event["delta"].as_object().expect("delta") {
                    let text = value.as_str().expect("text");
                    match field.as_str() {
                        "type" => {}
                        "partial_json" => inputs[index].push_str(text),
                        _ => block[field] = format!("{}{text}", block[field].as_str().expect("text")).into(),
                    }
                }
            }
            "content_block_stop" => open.retain(|block| *block != index),
            "message_delta" => {
                assert!(open.is_empty(), "all blocks are closed before the end");
                message["stop_reason"] = event["delta"]["stop_reason"].clone();
                message["usage"] = event["usage"].clone();
            }
            "message_stop" => {}
            other => panic!("unexpected {other}"),
        }
    }
    for (index, input) in inputs.iter().enumerate().filter(|(_, input)| !input.is_empty()) {
        message["content"][index]["input"] = serde_json::from_str(input).expect("whole arguments");
    }
    message
}
