//! The recorded facts, the edges, and the properties that hold for anything.

mod edges;
mod oracle;
mod properties;

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    sse,
    wire::{Target, Wire, anthropic::This},
};
use serde_json::{Map, Value};

/// A deployment of a model that has the facts given, all of them true.
fn deployment(facts: &[&str]) -> Deployment {
    Deployment {
        provider: "anthropic".into(),
        model: "claude-test".into(),
        facts: facts.iter().map(|&fact| (fact.to_owned(), true.into())).collect(),
        ..Deployment::default()
    }
}

fn call(body: &Value) -> Call {
    Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap()
}

/// Translates a request, its `model` filled in.
fn request(mut body: Value, deployment: &Deployment) -> Result<Value, Error> {
    body["model"] = "m".into();
    let call = call(&body);
    let chat: Map<String, Value> = serde_json::from_value(body).unwrap();
    This.request(chat, &Target { call: &call, deployment, now: 1 })
}

/// Translates an answer to the request given.
fn answer(asked: &Value, body: Value) -> Result<Value, Error> {
    This.answer(body, &Target { call: &call(asked), deployment: &deployment(&[]), now: 1 })
}

/// Translates a stream to the end; what came before an error is there too.
fn stream(asked: &Value, events: &[Value]) -> (Vec<Value>, Result<(), Error>) {
    let mut decoder = This.decoder(&Target { call: &call(asked), deployment: &deployment(&[]), now: 1 });
    let mut out = Vec::new();
    for event in events {
        let event = sse::Event { data: event.to_string(), ..Default::default() };
        if let Err(error) = decoder.push(&event, &mut out) {
            return (out, Err(error));
        }
    }
    let end = decoder.end(&mut out);
    (out, end)
}
