//! What holds for every input.

use super::*;
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use serde_json::Map;

const WORDS: &[&str] = &[
    "type",
    "role",
    "user",
    "assistant",
    "system",
    "content",
    "message",
    "reasoning",
    "summary",
    "encrypted_content",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "call_id",
    "output",
    "name",
    "arguments",
    "input",
    "input_text",
    "input_image",
    "input_file",
    "image_url",
    "file_data",
    "text",
    "format",
    "json_schema",
    "schema",
    "tools",
    "function",
    "custom",
    "web_search",
    "parameters",
    "tool_calls",
    "thinking_blocks",
    "signature",
    "delta",
    "annotations",
    "url_citation",
    "images",
    "refusal",
    "reasoning_content",
    "index",
    "id",
];

/// Any JSON, made of the words this dialect knows, so that it often comes close to being valid.
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

fn chunk(delta: &Value) -> Value {
    json!({ "id": "c", "choices": [{ "index": 0, "delta": delta }] })
}

proptest! {
    #[test]
    fn no_request_panics(item in json_like(), tool in json_like(), text in json_like()) {
        let body = json!({ "input": [item, { "role": "user", "content": [item] }], "tools": [tool],
                           "tool_choice": tool, "text": text, "reasoning": text });
        for deployment in [groq(), openai(&json!({}))] {
            drop(sent(&body, &deployment));
        }
    }

    #[test]
    fn no_answer_panics(message in json_like(), usage in json_like()) {
        let chat = json!({ "choices": [{ "message": message }], "usage": usage });
        for deployment in [groq(), openai(&json!({}))] {
            drop(answered(&json!({ "input": "x" }), &chat, &deployment));
            drop(answered(&json!({ "input": "x" }), &usage, &deployment));
        }
    }

    #[test]
    fn no_stream_panics_and_any_split_gives_the_same_events(deltas in vec(json_like(), 0..6), size in 1usize..40) {
        let bytes = chunks(&deltas.iter().map(chunk).collect::<Vec<_>>());
        let body = json!({ "input": "x" });
        prop_assert_eq!(streamed(&body, &groq(), &bytes, size), streamed(&body, &groq(), &bytes, usize::MAX));
    }

    #[test]
    fn a_stream_loses_nothing(thought in "[^<]{0,20}", text in "[a-z ]{0,20}", input in any::<String>(), size in 1usize..6) {
        let given = json!({ "q": input }).to_string();
        let mut deltas: Vec<Value> = pieces(&thought, size).iter().map(|it| json!({ "reasoning_content": it })).collect();
        deltas.extend(pieces(&text, size).iter().map(|it| json!({ "content": it })));
        deltas.push(json!({ "tool_calls": [{ "index": 0, "id": "call_A", "function": { "name": "f", "arguments": "" } }] }));
        deltas.extend(pieces(&given, size).iter().map(|it| {
            json!({ "tool_calls": [{ "index": 0, "function": { "arguments": it } }] })
        }));
        let mut sent: Vec<Value> = deltas.iter().map(chunk).collect();
        sent.push(json!({ "id": "c", "choices": [{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }],
                          "usage": { "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7 } }));
        let (events, error) = streamed(&json!({ "input": "x" }), &groq(), &chunks(&sent), 11);
        prop_assert_eq!(error, None);
        let said = |kind: &str| -> String {
            events.iter().filter(|event| event["type"] == kind).filter_map(|event| event["delta"].as_str()).collect()
        };
        prop_assert_eq!(said("response.reasoning_summary_text.delta"), thought.as_str());
        prop_assert_eq!(said("response.output_text.delta"), text.as_str());
        prop_assert_eq!(said("response.function_call_arguments.delta"), given.as_str());
        let response = last(&events);
        let whole = |kind: &str, pointer: &str| {
            let item = response["output"].as_array().into_iter().flatten().find(|item| item["type"] == kind);
            item.and_then(|item| item.pointer(pointer)?.as_str()).unwrap_or_default().to_owned()
        };
        prop_assert_eq!(whole("reasoning", "/summary/0/text"), thought);
        prop_assert_eq!(whole("message", "/content/0/text"), text);
        prop_assert_eq!(whole("function_call", "/arguments"), given);
        prop_assert_eq!(&response["usage"]["total_tokens"], &json!(7));
    }
}
