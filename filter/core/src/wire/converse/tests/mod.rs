//! The edges, and the properties that hold for anything. The recorded facts are replayed in `tests/oracle`.

mod answers;
mod properties;
mod requests;

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    sse::Event,
    wire::{Target, Wire, converse::This},
};
use serde_json::{Map, Value, json};

/// A deployment of `model`, with the facts given, all of them true.
fn deployment(model: &str, facts: &[&str]) -> Deployment {
    Deployment {
        provider: "bedrock".into(),
        model: model.into(),
        facts: facts.iter().map(|&fact| (fact.to_owned(), true.into())).collect(),
        ..Deployment::default()
    }
}

/// A Claude that calls tools.
fn claude() -> Deployment {
    deployment("us.anthropic.claude-test", &["supports_tool_choice", "supports_prompt_caching"])
}

fn call(body: &Value) -> Call {
    Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap()
}

/// Translates a request, its `model` and, where there are none, its `messages` filled in.
fn request(mut body: Value, deployment: &Deployment) -> Result<Value, Error> {
    body["model"] = "m".into();
    if body.get("messages").is_none() {
        body["messages"] = json!([{ "role": "user", "content": "Hello" }]);
    }
    // What the call cannot be parsed from is refused before it comes here.
    let call = Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap_or_else(|_| call(&plain()));
    let chat: Map<String, Value> = serde_json::from_value(body).unwrap();
    This.request(chat, &Target { call: &call, deployment, now: 1 })
}

/// Translates an answer to the request given.
fn answer(asked: &Value, body: Value) -> Result<Value, Error> {
    This.answer(body, &Target { call: &call(asked), deployment: &claude(), now: 1 })
}

/// The message of an answer.
fn message(asked: &Value, content: &Value) -> Value {
    let body = json!({ "output": { "message": { "role": "assistant", "content": content } }, "stopReason": "tool_use",
        "usage": { "inputTokens": 1, "outputTokens": 2 } });
    answer(asked, body).unwrap()["choices"][0].clone()
}

/// Translates a stream to the end; what came before an error is there too.
fn stream(asked: &Value, events: &[(&str, Value)]) -> (Vec<Value>, Result<(), Error>) {
    let mut decoder = This.decoder(&Target { call: &call(asked), deployment: &claude(), now: 1 });
    let mut out = Vec::new();
    for (name, data) in events {
        let event = Event { name: (*name).into(), data: data.to_string(), failed: false };
        if let Err(error) = decoder.push(&event, &mut out) {
            return (out, Err(error));
        }
    }
    let end = decoder.end(&mut out);
    (out, end)
}

/// A request that asks for nothing in particular.
fn plain() -> Value {
    json!({ "model": "m", "messages": [] })
}
