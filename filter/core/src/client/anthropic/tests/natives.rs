//! Edges of what passes between a client and an upstream that speak the same.

use super::{super::native, object};
use serde_json::{Map, Value, json};

fn sent(body: &str, params: &Value) -> String {
    let params = object(params.clone());
    String::from_utf8(native::request(body.as_bytes(), "claude", false, &params).expect("a body"))
        .expect("UTF-8")
}

#[test]
fn the_clients_own_text_is_kept_to_the_byte() {
    let body =
        r#" {"messages": [ {"role":"user" , "content":"\u0041\/ 1.10e5"} ], "model":"alias","n": 1.10e5 }"#;
    assert_eq!(
        sent(body, &json!({})),
        r#"{"messages":[ {"role":"user" , "content":"\u0041\/ 1.10e5"} ],"model":"claude","n":1.10e5,"stream":false}"#
    );
}

#[test]
fn a_deployment_sets_only_what_the_client_leaves_open() {
    let params = json!({
        "max_tokens": 7, "temperature": 0.5, "timeout": 3, "model": "x",
        "extra_body": { "speed": "fast", "stream": true },
    });
    let sent: Value =
        serde_json::from_str(&sent(r#"{"model":"alias","temperature":1,"litellm_metadata":{}}"#, &params))
            .expect("JSON");
    assert_eq!(
        sent,
        json!({ "model": "claude", "temperature": 1, "stream": false, "max_tokens": 7, "speed": "fast" })
    );
}

#[test]
fn the_betas_of_the_client_and_of_its_features_are_joined() {
    let body = json!({
        "context_management": { "edits": [{ "type": "clear_tool_uses_20250919" }, { "type": "compact_20260112" }] },
        "output_config": { "format": { "type": "json_schema" } },
        "tools": [{ "type": "tool_search_tool_regex_20251119" }],
    });
    let headers = native::headers(body.to_string().as_bytes(), "b-2, context-management-2025-06-27,a-1");
    assert_eq!(headers[0], ("anthropic-version".into(), "2023-06-01".into()));
    assert_eq!(
        headers[1].1,
        "a-1,advanced-tool-use-2025-11-20,b-2,compact-2026-01-12,context-management-2025-06-27,\
         structured-outputs-2025-11-13"
    );
    assert_eq!(native::headers(b"{}", "").len(), 1);
}

#[test]
fn a_count_is_asked_without_anything_added() {
    let body = native::count_request(br#"{"model":"alias","messages":[]}"#, "claude").expect("a body");
    assert_eq!(body, br#"{"model":"claude","messages":[]}"#);
}

#[test]
fn cached_tokens_count_as_prompt() {
    let body = json!({ "content": [], "usage": {
        "input_tokens": 1, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 300, "output_tokens": 4,
        "cache_creation": { "ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200 },
        "service_tier": "standard",
    } });
    let (_, usage) = native::answer(body.to_string().as_bytes(), "alias", 0).expect("an answer");
    assert_eq!((usage.prompt, usage.completion), (321, 4));
    assert_eq!((usage.cached, usage.cache_creation, usage.cache_creation_1h), (20, 300, 200));
}

#[test]
fn an_answer_that_is_no_message_is_an_error() {
    for (body, status) in [
        (r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, 529),
        (r#"{"type":"error","error":"odd"}"#, 502),
        ("<html>", 502),
        ("", 502),
        ("[]", 502),
        ("{}", 502),
    ] {
        assert_eq!(native::answer(body.as_bytes(), "alias", 0).expect_err(body).status, status, "{body}");
    }
    assert_eq!(native::request(b"[]", "claude", false, &Map::new()).expect_err("no object").status, 400);
}

#[test]
fn what_an_answer_does_not_count_is_estimated() {
    let body = json!({ "content": [{ "type": "text", "text": "x".repeat(400) }] });
    let (_, usage) = native::answer(body.to_string().as_bytes(), "alias", 12).expect("an answer");
    assert!(usage.estimated && usage.prompt == 12 && usage.completion >= 100);
}
