//! Edges of what passes between a client and an upstream that speak the same.

use super::{call, claude, native_answer};
use crate::{call::Call, deployment::Deployment, operation::Operation, translate};
use serde_json::{Value, json};

fn parsed(body: &str) -> Call {
    Call::parse(Operation::Messages, body.into()).expect("a call")
}

fn sent(call: &Call, deployment: &Deployment) -> String {
    String::from_utf8(translate::request(call, deployment).expect("a request").body).expect("UTF-8")
}

#[test]
fn the_clients_own_text_is_kept_to_the_byte() {
    let body =
        r#" {"messages": [ {"role":"user" , "content":"\u0041\/ 1.10e5"} ], "model":"alias","n": 1.10e5 }"#;
    assert_eq!(
        sent(&parsed(body), &claude(json!({}))),
        r#"{"messages":[ {"role":"user" , "content":"\u0041\/ 1.10e5"} ],"model":"claude","n":1.10e5,"stream":false}"#
    );
}

#[test]
fn a_deployment_sets_only_what_the_client_leaves_open() {
    let deployment = claude(json!({
        "max_tokens": 7, "temperature": 0.5, "timeout": 3, "stop": "x", "additional_drop_params": ["top_k"],
        "extra_body": { "speed": "fast", "stream": true }, "extra_headers": { "X-A": "1" },
    }));
    let body = r#"{"model":"alias","messages":[],"temperature":1,"litellm_metadata":{},"metadata":{"user_id":"u"},
        "top_p":null,"top_k":3,"num_retries":2,"extra_headers":{"x-b":"2"}}"#;
    let request = translate::request(&parsed(body), &deployment).expect("a request");
    let sent: Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!(
        sent,
        json!({
            "model": "claude", "messages": [], "temperature": 1, "metadata": { "user_id": "u" }, "stream": false,
            "max_tokens": 7, "speed": "fast",
        })
    );
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["anthropic-version", "x-a", "x-b"]);
}

#[test]
fn a_setting_within_a_field_is_applied_too() {
    let deployment = claude(json!({ "additional_drop_params": ["tools[*].strict"] }));
    let body = r#"{"model":"alias","messages":[],"tools":[{"name":"f","strict":true}]}"#;
    assert_eq!(
        sent(&parsed(body), &deployment),
        r#"{"model":"claude","messages":[],"tools":[{"name":"f"}],"stream":false}"#
    );
}

#[test]
fn the_betas_of_the_client_and_of_its_features_are_joined() {
    let body = json!({
        "model": "alias",
        "messages": [],
        "context_management": { "edits": [{ "type": "clear_tool_uses_20250919" }, { "type": "compact_20260112" }] },
        "output_config": { "format": { "type": "json_schema" } },
        "tools": [{ "type": "tool_search_tool_regex_20251119" }],
    });
    let mut call = parsed(&body.to_string());
    call.betas = "b-2, context-management-2025-06-27,a-1".into();
    let deployment = claude(json!({ "extra_headers": { "anthropic-beta": "c-3,a-1" } }));
    let headers = translate::request(&call, &deployment).expect("a request").headers;
    assert_eq!(headers.len(), 2);
    assert_eq!(headers[0], ("anthropic-version".into(), "2023-06-01".into()));
    assert_eq!(
        headers[1].1,
        "a-1,advanced-tool-use-2025-11-20,b-2,c-3,compact-2026-01-12,context-management-2025-06-27,\
         structured-outputs-2025-11-13"
    );
}

#[test]
fn a_count_is_asked_without_anything_added() {
    let body = br#"{"model":"alias","messages":[]}"#.to_vec();
    let call = Call::parse(Operation::CountTokens, body).expect("a call");
    let deployment = claude(json!({ "max_tokens": 7 }));
    let request = translate::request(&call, &deployment).expect("a request");
    assert_eq!(request.path, "/v1/messages/count_tokens");
    assert_eq!(request.body, br#"{"model":"claude","messages":[]}"#);
    let answer =
        translate::answer(&call, &deployment, 200, br#"{"input_tokens": 14}"#, 0).expect("an answer");
    assert_eq!((answer.body.as_slice(), answer.usage.total()), (&br#"{"input_tokens": 14}"#[..], 0));
}

#[test]
fn cached_tokens_count_as_prompt() {
    let body = json!({ "content": [], "usage": {
        "input_tokens": 1, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 300, "output_tokens": 4,
        "cache_creation": { "ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200 },
        "service_tier": "standard",
    } });
    let usage = native_answer(body.to_string().as_bytes()).expect("an answer").usage;
    assert_eq!((usage.prompt, usage.completion), (321, 4));
    assert_eq!((usage.cached, usage.cache_creation, usage.cache_creation_1h), (20, 300, 200));
}

#[test]
fn an_answer_that_is_no_message_is_an_error() {
    for (body, status) in [
        (r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, 529),
        (r#"{"type":"error","error":"odd"}"#, 502),
        ("<html>", 500),
        ("", 500),
        ("[]", 500),
        ("{}", 500),
    ] {
        assert_eq!(native_answer(body.as_bytes()).expect_err(body).status, status, "{body}");
    }
}

#[test]
fn what_an_answer_does_not_count_is_estimated() {
    let body = json!({ "content": [{ "type": "text", "text": "x".repeat(400) }] });
    let usage = native_answer(body.to_string().as_bytes()).expect("an answer").usage;
    assert_eq!(usage.prompt, call(Operation::Messages, false).estimate.prompt);
    assert!(usage.estimated && usage.completion >= 100);
}

#[test]
fn thinking_that_anthropic_did_not_sign_is_left_out() {
    let body = json!({ "model": "alias", "metadata": { "user_id": "u" }, "messages": [
        { "role": "user", "content": "a" },
        { "role": "assistant", "content": [{ "type": "thinking", "thinking": "t", "signature": "" }] },
        { "role": "assistant", "content": [
            { "type": "thinking", "thinking": "t" },
            { "type": "thinking", "thinking": "t", "signature": "s" },
            { "type": "text", "text": "b" },
        ] },
    ] });
    let call = parsed(&body.to_string());
    assert_eq!(call.end_user, "u");
    let sent: Value = serde_json::from_str(&sent(&call, &claude(json!({})))).expect("JSON");
    assert_eq!(
        sent["messages"],
        json!([
            { "role": "user", "content": "a" },
            { "role": "assistant", "content": [
                { "type": "thinking", "thinking": "t", "signature": "s" },
                { "type": "text", "text": "b" },
            ] },
        ])
    );
}
