//! Edges of answer translation.

use super::{
    super::{answer, names::Names, request},
    object,
};
use serde_json::{Value, json};

#[expect(clippy::needless_pass_by_value, reason = "a literal reads best without a reference")]
fn message(choice: Value, usage: Value) -> Value {
    answer::message(
        json!({ "id": "chatcmpl-1", "model": "m", "choices": [choice], "usage": usage }),
        &Names::default(),
    )
}

#[test]
fn thinking_text_and_tool_calls_become_blocks_in_this_order() {
    let message = message(
        json!({ "finish_reason": "stop", "message": {
            "content": "Hi",
            "reasoning_content": "t",
            "thinking_blocks": [
                { "type": "thinking", "thinking": "t", "signature": "s" },
                { "type": "redacted_thinking", "data": "d" },
            ],
            "tool_calls": [
                { "id": "functions.f:0", "function": { "name": "f", "arguments": "{\"x\": 1}" } },
                { "id": "", "function": { "name": "g", "arguments": "" } },
            ],
        } }),
        Value::Null,
    );
    assert_eq!(
        message["content"],
        json!([
            { "type": "thinking", "thinking": "t", "signature": "s" },
            { "type": "redacted_thinking", "data": "d" },
            { "type": "text", "text": "Hi" },
            { "type": "tool_use", "id": "functions_f_0", "name": "f", "input": { "x": 1 } },
            { "type": "tool_use", "id": "toolu_chatcmpl-1_4", "name": "g", "input": {} },
        ])
    );
    assert_eq!(message["stop_reason"], "tool_use");
}

#[test]
fn cached_tokens_are_not_input_tokens() {
    let usage = json!({
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "prompt_tokens_details": { "cached_tokens": 60, "cache_creation_tokens": 30 },
    });
    assert_eq!(
        message(json!({}), usage)["usage"],
        json!({ "input_tokens": 10, "output_tokens": 7, "cache_creation_input_tokens": 30, "cache_read_input_tokens": 60 })
    );
}

#[test]
fn a_refusal_is_said_and_named() {
    let message = message(
        json!({ "finish_reason": "stop", "message": { "content": null, "refusal": "No." } }),
        json!({}),
    );
    assert_eq!(message["content"], json!([{ "type": "text", "text": "No." }]));
    assert_eq!(message["stop_reason"], "refusal");
}

#[test]
fn arguments_that_are_no_object_are_kept() {
    for (arguments, input) in [("{oops", json!("{oops")), ("[1]", json!([1]))] {
        let call = json!({ "id": "1", "function": { "name": "f", "arguments": arguments } });
        let message = message(json!({ "message": { "tool_calls": [call] } }), json!({}));
        assert_eq!(message["content"][0]["input"], json!({ "arguments": input }));
    }
}

#[test]
fn an_answer_of_nothing_is_still_a_message() {
    for nothing in
        [json!({}), json!(null), json!({ "choices": [] }), json!({ "choices": [{ "message": 1 }] })]
    {
        let message = answer::message(nothing, &Names::default());
        assert_eq!(message["content"], json!([{ "type": "text", "text": "" }]));
        assert_eq!(message["stop_reason"], "end_turn");
    }
}

#[test]
fn a_long_tool_name_comes_back_whole() {
    let name = format!("mcp__{}__search", "a".repeat(80));
    let body = json!({ "messages": [], "tools": [{ "name": name, "input_schema": {} }] });
    let names = Names::of(body.to_string().as_bytes());
    let chat = request::chat(object(body)).expect("a request");
    let short = chat["tools"][0]["function"]["name"].clone();
    assert_eq!(short.as_str().map(str::len), Some(64));
    let call = json!({ "id": "1", "function": { "name": short, "arguments": "{}" } });
    let message = answer::message(json!({ "choices": [{ "message": { "tool_calls": [call] } }] }), &names);
    assert_eq!(message["content"][0]["name"], name);
}
