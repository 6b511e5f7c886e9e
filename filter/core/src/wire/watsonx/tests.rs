//! The edges. The recorded facts are replayed in `tests/oracle`.

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    translate::{self, Outgoing, Stream},
};
use serde_json::{Value, json};

fn deployment(model: &str, params: Value) -> Deployment {
    let (provider, model) = model.split_once('/').unwrap();
    Deployment {
        provider: provider.into(),
        model: model.into(),
        api_base: "https://eu-de.ml.cloud.ibm.com".into(),
        params: serde_json::from_value(params).unwrap(),
        ..Deployment::default()
    }
}

fn sent(operation: Operation, body: &Value, deployment: &Deployment) -> Result<(Outgoing, Value), Error> {
    let call = Call::parse(operation, body.to_string().into_bytes())?;
    let outgoing = translate::request(&call, deployment)?;
    let body = serde_json::from_slice(&outgoing.body).unwrap();
    Ok((outgoing, body))
}

fn chat(extra: &Value) -> Value {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] });
    body.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
    body
}

#[test]
fn a_model_is_used_on_the_account_of_a_project_or_else_a_space() {
    let both =
        json!({ "project_id": "p", "space_id": "s", "api_version": "2025-01-01", "region_name": "eu-de" });
    let (outgoing, body) =
        sent(Operation::Chat, &chat(&json!({})), &deployment("watsonx/ibm/g", both)).unwrap();
    assert_eq!(outgoing.path, "/ml/v1/text/chat?version=2025-01-01");
    let absent = (body.get("space_id"), body.get("region_name"));
    assert_eq!((&body["project_id"], absent), (&json!("p"), (None, None)));
    let space = deployment("watsonx/ibm/g", json!({ "space_id": "s" }));
    assert_eq!(sent(Operation::Chat, &chat(&json!({})), &space).unwrap().1["space_id"], "s");
}

#[test]
fn a_deployment_of_ones_own_has_its_model_and_account_already() {
    let own = deployment("watsonx_text/deployment/d1", json!({ "space_id": "s" }));
    let (outgoing, body) = sent(Operation::Chat, &chat(&json!({ "stream": true })), &own).unwrap();
    assert_eq!(outgoing.path, "/ml/v1/deployments/d1/text/generation_stream?version=2024-03-13");
    assert_eq!((body.get("model_id"), body.get("space_id")), (None, None));
}

#[test]
fn a_stop_is_a_list() {
    let text = deployment("watsonx_text/ibm/g", json!({}));
    let (_, body) = sent(Operation::Chat, &chat(&json!({ "stop": "END" })), &text).unwrap();
    assert_eq!(body["parameters"], json!({ "stop_sequences": ["END"] }));
}

#[test]
fn a_prompt_has_the_template_of_its_model() {
    let prompt =
        |model: &str| sent(Operation::Chat, &chat(&json!({})), &deployment(model, json!({}))).unwrap().1;
    assert_eq!(prompt("watsonx_text/google/flan")["input"], "Hi");
    assert_eq!(prompt("watsonx_text/mistralai/mistral-7b-instruct")["input"], "<s>[INST] Hi [/INST]\n");
    let llama = prompt("watsonx_text/meta-llama/llama-3-8b-instruct");
    assert!(llama["input"].as_str().unwrap().starts_with("<|begin_of_text|>"));
}

#[test]
fn tokens_cannot_be_embedded() {
    let slate = deployment("watsonx/ibm/slate", json!({}));
    let refused = sent(Operation::Embeddings, &json!({ "model": "m", "input": [1, 2] }), &slate).unwrap_err();
    assert_eq!(refused.status, 400);
}

#[test]
fn the_usage_of_a_stream_is_counted_as_it_is_reported() {
    let call =
        Call::parse(Operation::Chat, chat(&json!({ "stream": true })).to_string().into_bytes()).unwrap();
    let mut stream = Stream::new(&call, &deployment("watsonx/ibm/g", json!({})), 1);
    let choices = json!([{ "index": 0, "delta": { "content": "Hi" }, "finish_reason": "stop" }]);
    let usage = json!({ "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10 });
    let chunk = json!({ "id": "x", "choices": choices, "usage": usage });
    stream.push(format!("id: 1\nevent: message\ndata: {chunk}\n\n").as_bytes());
    assert!(stream.end().error.is_none());
    assert_eq!((stream.usage().prompt, stream.usage().completion, stream.usage().estimated), (7, 3, false));
}
