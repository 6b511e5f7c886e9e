//! What holds for every input.

use super::*;
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use serde_json::Map;

const WORDS: &[&str] = &[
    "role",
    "user",
    "model",
    "function",
    "parts",
    "text",
    "thought",
    "thoughtSignature",
    "inlineData",
    "mimeType",
    "data",
    "image/png",
    "audio/wav",
    "fileData",
    "fileUri",
    "functionCall",
    "functionResponse",
    "name",
    "args",
    "id",
    "response",
    "result",
    "functionDeclarations",
    "parameters",
    "type",
    "OBJECT",
    "properties",
    "nullable",
    "items",
    "mode",
    "ANY",
    "functionCallingConfig",
    "allowedFunctionNames",
    "thinkingConfig",
    "thinkingBudget",
    "responseSchema",
    "tool_calls",
    "function",
    "arguments",
    "index",
    "content",
    "reasoning_content",
    "thinking_blocks",
    "signature",
    "annotations",
    "candidates",
    "finishReason",
    "usageMetadata",
    "error",
    "code",
    "message",
    "images",
    "image_url",
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

proptest! {
    #[test]
    fn no_request_panics(part in json_like(), tool in json_like(), config in json_like()) {
        let body = json!({ "contents": [part, { "role": "user", "parts": [part] }, { "role": "model", "parts": [part] }],
                           "systemInstruction": part, "tools": [tool], "toolConfig": config, "generationConfig": config });
        for deployment in [groq(), google()] {
            drop(sent(&body, &deployment));
        }
        super::super::total_tokens(body.to_string().as_bytes()).expect("a count");
    }

    #[test]
    fn no_answer_panics(message in json_like(), usage in json_like()) {
        drop(answered(&json!({ "choices": [{ "message": message }], "usage": usage }), &groq()));
        drop(answered(&json!({ "candidates": message, "usageMetadata": usage }), &google()));
    }

    #[test]
    fn no_stream_panics_and_any_split_gives_the_same_responses(deltas in vec(json_like(), 0..6), size in 1usize..40) {
        let chunks: Vec<Value> =
            deltas.iter().map(|delta| json!({ "id": "c", "choices": [{ "delta": delta }] })).collect();
        for (deployment, bytes) in [(groq(), events(&chunks)), (google(), events(&deltas))] {
            prop_assert_eq!(streamed(&deployment, &bytes, size), streamed(&deployment, &bytes, usize::MAX));
        }
    }

    #[test]
    fn an_answer_loses_nothing(thought in "[^<]{0,20}", text in "[a-z ]{0,20}", input in any::<String>()) {
        let arguments = json!({ "q": input }).to_string();
        let message = json!({ "content": text, "reasoning_content": thought,
                              "tool_calls": [{ "id": "c", "function": { "name": "f", "arguments": arguments } }] });
        let usage = json!({ "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7 });
        let response = answered(&json!({ "choices": [{ "message": message, "finish_reason": "stop" }], "usage": usage }), &groq())
            .expect("an answer");
        let parts = response["candidates"][0]["content"]["parts"].as_array().expect("parts");
        let said = |thinks: bool| -> String {
            parts.iter().filter(|part| part.get("thought").is_some() == thinks)
                .filter_map(|part| part["text"].as_str()).collect()
        };
        prop_assert_eq!((said(true), said(false)), (thought, text));
        prop_assert_eq!(&parts[parts.len() - 1]["functionCall"]["args"]["q"], &json!(input));
        prop_assert_eq!(&response["usageMetadata"]["totalTokenCount"], &json!(7));
    }
}
