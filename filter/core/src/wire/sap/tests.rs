//! The edges. The recorded facts are replayed in `tests/oracle`.

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    translate::{self, Stream},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn deployment() -> Deployment {
    let params =
        json!({ "deployment_url": "https://sap.test/v2/inference/deployments/d1/", "resource_group": "g" });
    Deployment {
        provider: "sap".into(),
        model: "gpt-4o".into(),
        params: serde_json::from_value(params).unwrap(),
        ..Deployment::default()
    }
}

fn call(extra: &Value) -> Call {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] });
    body.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
    Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap()
}

fn sent(extra: &Value) -> Result<Value, Error> {
    let outgoing = translate::request(&call(extra), &deployment())?;
    assert_eq!(outgoing.path, "/v2/inference/deployments/d1/v2/completion");
    assert!(outgoing.headers.contains(&("ai-resource-group".into(), "g".into())));
    Ok(serde_json::from_slice(&outgoing.body).unwrap())
}

#[test]
fn modules_stand_beside_the_prompt_and_values_beside_the_program() {
    let masking = json!({ "providers": [] });
    let body = sent(
        &json!({ "masking": masking, "placeholder_values": { "a": "b" }, "placeholder_defaults": { "a": "c" },
        "model_version": "2024-08-06", "top_k": 3 }),
    )
    .unwrap();
    let modules = &body["config"]["modules"];
    assert_eq!(modules["masking"], masking);
    assert_eq!(modules["prompt_templating"]["prompt"]["defaults"], json!({ "a": "c" }));
    let model = json!({ "name": "gpt-4o", "version": "2024-08-06", "params": { "top_k": 3 } });
    assert_eq!(modules["prompt_templating"]["model"], model);
    assert_eq!(body["placeholder_values"], json!({ "a": "b" }));
}

#[test]
fn another_model_may_answer_where_the_first_fails() {
    let others =
        json!([{ "model": "sap/gemini-2.5-pro", "messages": [{ "role": "user", "content": "Hi" }], "n": 1 }]);
    let body = sent(&json!({ "fallback_sap_modules": others })).unwrap();
    let second = &body["config"]["modules"][1]["prompt_templating"];
    assert_eq!(second["model"]["name"], "gemini-2.5-pro");
    assert_eq!(second["prompt"]["template"][0]["content"], "Hi");
    assert_eq!(sent(&json!({ "fallback_sap_modules": [{}] })).unwrap_err().status, 400);
}

#[test]
fn a_stream_may_be_told_how_to_be_cut() {
    let body =
        sent(&json!({ "stream": true, "stream_options": { "chunk_size": 20, "include_usage": true } }))
            .unwrap();
    assert_eq!(body["config"]["stream"], json!({ "enabled": true, "chunk_size": 20 }));
}

#[test]
fn what_the_template_has_no_place_for_is_the_clients_fault() {
    let audio = json!([{ "type": "input_audio", "input_audio": { "data": "x", "format": "wav" } }]);
    for extra in [
        json!({ "messages": [{ "role": "user", "content": audio }] }),
        json!({ "messages": [{ "role": "function", "name": "f", "content": "x" }] }),
        json!({ "tools": [{ "type": "google_search" }] }),
    ] {
        let refused = sent(&extra).unwrap_err();
        assert_eq!(refused.status, 400, "{refused}");
    }
}

#[test]
fn an_error_in_a_stream_ends_it() {
    let mut stream = Stream::new(&call(&json!({ "stream": true })), &deployment(), 1);
    let event = json!({ "request_id": "r", "code": 429, "message": "slow down", "location": "LLM Module" });
    let error = stream.push(format!("data: {event}\n\n").as_bytes()).error.unwrap();
    assert!(error.message.contains("slow down"), "{error}");
}

#[test]
fn chunks_of_either_kind_are_read() {
    let mut stream = Stream::new(&call(&json!({ "stream": true })), &deployment(), 1);
    let chunk = |text: &str, end: Option<&str>| {
        json!({ "id": "x", "object": "chat.completion.chunk",
            "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": end }] })
    };
    let events = [
        json!({ "intermediate_results": {}, "final_result": chunk("a", None) }),
        json!({ "orchestration_result": chunk("b", None) }),
        chunk("c", Some("stop")),
    ];
    let pushed = events.map(|event| stream.push(format!("data: {event}\n\n").as_bytes()).bytes);
    let text = String::from_utf8(pushed.concat()).unwrap();
    for said in ["a", "b", "c"] {
        assert!(text.contains(&format!(r#""content":"{said}""#)), "{text}");
    }
    assert!(stream.end().error.is_none());
}

/// JSON of any shape, with the names that are looked at.
fn anything() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "role",
        "content",
        "type",
        "text",
        "image_url",
        "tool_calls",
        "function",
        "name",
        "parameters",
        "json_schema",
        "schema",
        "cache_control",
        "model",
        "messages",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(|user|tool|assistant|text|image_url|function|json_schema)".prop_map(Value::from)
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|fields| fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_request_or_answer_panics(messages in prop::collection::vec(anything(), 0..4), tools in anything(),
                                   format in anything(), others in anything(), body in anything()) {
        let extra = json!({ "messages": messages, "tools": tools, "response_format": format,
            "fallback_sap_modules": others });
        drop(sent(&extra));
        let body = json!({ "final_result": body }).to_string();
        drop(translate::answer(&call(&json!({})), &deployment(), 200, body.as_bytes(), 1));
        let mut stream = Stream::new(&call(&json!({ "stream": true })), &deployment(), 1);
        stream.push(format!("data: {body}\n\n").as_bytes());
        stream.end();
    }

    #[test]
    fn every_text_of_a_conversation_goes_up(texts in prop::collection::vec("[a-z]{1,8}", 1..6)) {
        let messages: Vec<Value> = texts.iter().enumerate()
            .map(|(at, text)| json!({ "role": if at % 2 == 0 { "user" } else { "assistant" }, "content": text }))
            .collect();
        let body = sent(&json!({ "messages": messages })).unwrap();
        prop_assert_eq!(&body["config"]["modules"]["prompt_templating"]["prompt"]["template"], &json!(messages));
    }
}
