//! Edges of streams.

use super::{chunks, said, stream, wire};
use serde_json::{Value, json};

fn run(events: &[Value]) -> (Vec<Value>, bool) {
    let (text, error) = stream([&wire(events)[..]]);
    (chunks(&text), error.is_some())
}

fn finishes(chunks: &[Value]) -> Vec<Value> {
    let choices = chunks.iter().map(|chunk| &chunk["choices"][0]);
    choices
        .filter(|choice| choice["finish_reason"].is_string())
        .map(|choice| json!([choice["index"], choice["finish_reason"]]))
        .collect()
}

#[test]
fn the_end_is_told_once_though_every_event_has_it() {
    let (chunks, failed) =
        run(&[said(&json!([{ "text": "a" }]), Some("STOP")), said(&json!([{ "text": "b" }]), Some("STOP"))]);
    assert!(!failed);
    assert_eq!(finishes(&chunks), [json!([0, "stop"])]);
    assert_eq!(chunks[1]["choices"][0]["delta"]["content"], "b");
}

#[test]
fn a_call_before_the_end_makes_it_a_call() {
    let call = json!([{ "functionCall": { "name": "f", "args": {} } }]);
    let (chunks, _) = run(&[said(&call, None), said(&json!([{ "text": "" }]), Some("STOP"))]);
    assert_eq!(finishes(&chunks), [json!([0, "tool_calls"])]);
}

#[test]
fn every_alternative_has_its_end() {
    let two = json!({ "candidates": [
        { "content": { "parts": [{ "text": "a" }] }, "finishReason": "STOP", "index": 0 },
        { "content": { "parts": [{ "text": "b" }] }, "finishReason": "MAX_TOKENS", "index": 1 },
    ] });
    assert_eq!(finishes(&run(&[two]).0), [json!([0, "stop"]), json!([1, "length"])]);
}

#[test]
fn an_end_that_does_not_come_is_an_error() {
    assert!(run(&[said(&json!([{ "text": "a" }]), None)]).1);
    assert!(run(&[]).1);
}

#[test]
fn a_malformed_call_ends_the_stream() {
    assert!(run(&[said(&json!([]), Some("MALFORMED_FUNCTION_CALL"))]).1);
}

#[test]
fn one_malformed_event_does_not_end_it() {
    let mut bytes = b"data: {nonsense\r\n\r\n".to_vec();
    bytes.extend(wire(&[said(&json!([{ "text": "a" }]), Some("STOP"))]));
    let (text, error) = stream([&bytes[..]]);
    assert!(error.is_none() && text.ends_with("data: [DONE]\n\n"));
}

#[test]
fn sources_come_with_an_event_that_says_nothing_else() {
    let mut last = said(&json!([]), Some("STOP"));
    last["candidates"][0]["groundingMetadata"] = json!({ "webSearchQueries": ["q"] });
    let (chunks, _) = run(&[said(&json!([{ "text": "a" }]), None), last]);
    assert_eq!(chunks[1]["vertex_ai_grounding_metadata"], json!([{ "webSearchQueries": ["q"] }]));
    assert_eq!(chunks.last().unwrap()["usage"]["prompt_tokens_details"]["web_search_requests"], 1);
}
