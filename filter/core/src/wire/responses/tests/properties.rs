//! What holds for every input.

use super::*;
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use serde_json::Map;

const WORDS: &[&str] = &[
    "type",
    "text",
    "role",
    "user",
    "assistant",
    "content",
    "output",
    "item",
    "items",
    "summary",
    "reasoning",
    "message",
    "function_call",
    "custom_tool_call",
    "call_id",
    "id",
    "name",
    "arguments",
    "input",
    "delta",
    "refusal",
    "response",
    "response.completed",
    "response.failed",
    "response.output_item.added",
    "response.output_item.done",
    "response.output_text.delta",
    "response.function_call_arguments.delta",
    "error",
    "status",
    "incomplete",
    "incomplete_details",
    "reason",
    "usage",
    "input_tokens",
    "output_index",
    "encrypted_content",
    "annotations",
    "tool_calls",
    "function",
    "tools",
    "tool_choice",
    "response_format",
    "json_schema",
    "image_url",
    "file",
    "thinking_blocks",
    "signature",
    "reasoning_items",
    "image_generation_call",
    "result",
];

/// Any JSON, made of the words this format knows, so that it often comes close to being valid.
fn json_like() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(WORDS.to_vec());
    let leaf = prop_oneof![
        word.clone().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            btree_map(word.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A text in pieces, cut at any character.
fn pieces(text: &str, size: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(size.max(1)).map(|piece| piece.iter().collect()).collect()
}

proptest! {
    #[test]
    fn no_request_panics(message in json_like(), tool in json_like(), format in json_like()) {
        let body = json!({ "model": "m", "messages": [message, { "role": "assistant", "content": [message] }],
                           "tools": [tool], "tool_choice": tool, "response_format": format });
        drop(translate::request(&call(Operation::Chat, &body), &codex()));
    }

    #[test]
    fn no_answer_panics(item in json_like(), body in json_like()) {
        drop(answered(&chat(false), &json!({ "output": [item], "usage": body })));
        drop(answered(&chat(false), &body));
    }

    #[test]
    fn no_stream_panics_and_any_split_gives_the_same_chunks(data in vec(json_like(), 0..6), size in 1usize..40) {
        let bytes: Vec<u8> = data.iter().flat_map(event).collect();
        for call in [chat(true), call(Operation::Responses, &json!({ "model": "m", "input": "x", "stream": true }))] {
            prop_assert_eq!(streamed(&call, &bytes, size), streamed(&call, &bytes, usize::MAX));
        }
    }

    #[test]
    fn a_stream_loses_nothing(thought in "[^<]{0,20}", text in "[a-z ]{0,20}", input in any::<String>(), size in 1usize..6) {
        let given = json!({ "q": input }).to_string();
        let delta = |kind: &str, piece: &String| json!({ "type": kind, "output_index": 2, "delta": piece });
        let mut events = vec![json!({ "type": "response.created", "response": { "id": "resp_1" } })];
        events.extend(pieces(&thought, size).iter().map(|it| delta("response.reasoning_summary_text.delta", it)));
        events.extend(pieces(&text, size).iter().map(|it| delta("response.output_text.delta", it)));
        let item = json!({ "type": "function_call", "call_id": "call_A", "name": "f", "arguments": "" });
        events.push(json!({ "type": "response.output_item.added", "output_index": 2, "item": item }));
        events.extend(pieces(&given, size).iter().map(|it| delta("response.function_call_arguments.delta", it)));
        events.push(json!({ "type": "response.completed", "response": {
            "status": "completed", "output": [], "usage": { "input_tokens": 3, "output_tokens": 4, "total_tokens": 7 } } }));
        let bytes: Vec<u8> = events.iter().flat_map(event).collect();
        let (chunks, error) = streamed(&chat(true), &bytes, 11);
        prop_assert_eq!(error, None);
        let said = |pointer: &str| -> String {
            chunks.iter().filter_map(|chunk| chunk.pointer(pointer)?.as_str()).collect()
        };
        prop_assert_eq!(said("/choices/0/delta/reasoning_content"), thought);
        prop_assert_eq!(said("/choices/0/delta/content"), text);
        prop_assert_eq!(said("/choices/0/delta/tool_calls/0/function/arguments"), given);
        prop_assert_eq!(&chunks[chunks.len() - 1]["usage"]["total_tokens"], &json!(7));
    }
}
