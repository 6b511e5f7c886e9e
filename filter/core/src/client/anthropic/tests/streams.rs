//! Edges of stream translation.

use super::{assembled, call as client_call, encoded, events};
use crate::{deployment::Deployment, operation::Operation, translate::Stream};
use serde_json::{Value, json};

#[expect(clippy::needless_pass_by_value, reason = "a literal reads best without a reference")]
fn chunk(delta: Value) -> Value {
    json!({ "id": "c", "choices": [{ "index": 0, "delta": delta }] })
}

fn finish(reason: &str) -> Value {
    json!({ "id": "c", "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] })
}

fn call(index: u64, id: &str, name: &str, arguments: &str) -> Value {
    chunk(json!({ "tool_calls": [
        { "index": index, "id": id, "function": { "name": name, "arguments": arguments } },
    ] }))
}

fn kinds(events: &[Value]) -> Vec<String> {
    let short = |event: &Value| match event["index"].as_u64() {
        Some(index) => {
            format!("{}{index}", event["type"].as_str().expect("type").replace("content_block_", ""))
        }
        None => event["type"].as_str().expect("type").to_owned(),
    };
    events.iter().map(short).collect()
}

#[test]
fn thinking_keeps_its_signature_and_the_text_follows_in_its_own_block() {
    let events = encoded(&[
        chunk(json!({ "role": "assistant", "reasoning_content": "Th",
                      "thinking_blocks": [{ "type": "thinking", "thinking": "Th" }], "content": "" })),
        chunk(
            json!({ "reasoning_content": "ink", "thinking_blocks": [{ "type": "thinking", "thinking": "ink" }] }),
        ),
        chunk(json!({ "thinking_blocks": [{ "type": "thinking", "thinking": "", "signature": "sig" }] })),
        chunk(json!({ "thinking_blocks": [{ "type": "thinking", "thinking": "more" }] })),
        chunk(json!({ "thinking_blocks": [{ "type": "redacted_thinking", "data": "ENC" }] })),
        chunk(json!({ "content": "42" })),
        finish("stop"),
    ]);
    assert_eq!(
        assembled(&events)["content"],
        json!([
            { "type": "thinking", "thinking": "Think", "signature": "sig" },
            { "type": "thinking", "thinking": "more", "signature": "" },
            { "type": "redacted_thinking", "data": "ENC" },
            { "type": "text", "text": "42" },
        ])
    );
}

#[test]
fn parallel_calls_that_follow_each_other_do_not_overlap() {
    let events = encoded(&[
        chunk(json!({ "content": "ok" })),
        call(0, "a", "f", ""),
        call(0, "", "", "{\"x\": \"}\\\"\""),
        call(0, "", "", "}"),
        call(1, "b", "g", "{}"),
        finish("tool_calls"),
    ]);
    assert_eq!(
        kinds(&events),
        [
            "message_start",
            "start0",
            "delta0",
            "stop0",
            "start1",
            "delta1",
            "delta1",
            "stop1",
            "start2",
            "delta2",
            "stop2",
            "message_delta",
            "message_stop"
        ]
    );
}

#[test]
fn interleaved_calls_lose_nothing() {
    let events = encoded(&[
        call(0, "a", "f", "{\"x\""),
        call(1, "b", "g", "{\"y\""),
        call(0, "", "", ":1}"),
        call(1, "", "", ":2}"),
        finish("tool_calls"),
    ]);
    let message = assembled(&events);
    assert_eq!(message["content"][0]["input"], json!({ "x": 1 }));
    assert_eq!(message["content"][1]["input"], json!({ "y": 2 }));
}

#[test]
fn calls_that_all_have_the_index_0_are_told_apart_by_their_ids() {
    let events = encoded(&[call(0, "a", "f", "{\"x\":1}"), call(0, "b", "f", "{\"x\":2}"), finish("stop")]);
    let message = assembled(&events);
    assert_eq!(
        message["content"][1],
        json!({ "type": "tool_use", "id": "b", "name": "f", "input": { "x": 2 } })
    );
    assert_eq!(message["stop_reason"], "tool_use");
}

#[test]
fn a_name_may_come_after_the_id_and_the_first_arguments() {
    let events = encoded(&[call(0, "a", "", "{\"x\":"), call(0, "", "f", "1}"), finish("tool_calls")]);
    assert_eq!(
        assembled(&events)["content"],
        json!([{ "type": "tool_use", "id": "a", "name": "f", "input": { "x": 1 } }])
    );
}

#[test]
fn usage_after_the_finish_is_in_the_last_delta() {
    let events = encoded(&[
        chunk(json!({ "content": "Hi" })),
        finish("length"),
        json!({ "choices": [], "usage": { "prompt_tokens": 12, "completion_tokens": 5,
                                          "prompt_tokens_details": { "cached_tokens": 4 } } }),
    ]);
    let message = assembled(&events);
    assert_eq!(
        message["usage"],
        json!({ "input_tokens": 8, "output_tokens": 5, "cache_read_input_tokens": 4 })
    );
    assert_eq!((&message["stop_reason"], &message["model"]), (&json!("max_tokens"), &json!("alias")));
}

#[test]
fn nothing_follows_an_error() {
    let upstream = Deployment { provider: "groq".into(), ..Deployment::default() };
    let mut stream = Stream::new(&client_call(Operation::Messages, true), &upstream, 0);
    let mut out = stream.push(b"data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n").bytes;
    let pushed = stream.push(b"data: {\"error\":{\"message\":\"Overloaded\",\"code\":429}}\n\n");
    assert_eq!(pushed.error.map(|error| error.status), Some(429));
    out.extend(pushed.bytes);
    out.extend(stream.push(b"data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n").bytes);
    out.extend(stream.end().bytes);
    let events = events(&out);
    assert_eq!(kinds(&events), ["message_start", "start0", "delta0", "error"]);
    assert_eq!(events[3]["error"]["type"], "rate_limit_error");
}

#[test]
fn an_empty_stream_is_still_a_message() {
    assert_eq!(kinds(&encoded(&[])), ["message_start", "message_delta", "message_stop"]);
}
