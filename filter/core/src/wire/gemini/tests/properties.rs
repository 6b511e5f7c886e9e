//! What holds for any input.

use super::{answer, chunks, request_for, said, stream, wire};
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};

/// Any JSON, made of the words the format is made of.
fn anything() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 40] = [
        "type",
        "text",
        "content",
        "role",
        "user",
        "assistant",
        "system",
        "tool",
        "function",
        "tool_calls",
        "id",
        "name",
        "arguments",
        "image_url",
        "url",
        "file",
        "file_id",
        "format",
        "thinking",
        "parts",
        "functionCall",
        "args",
        "inlineData",
        "mimeType",
        "data",
        "image/png",
        "audio/wav",
        "thought",
        "finishReason",
        "index",
        "properties",
        "items",
        "anyOf",
        "$ref",
        "#/$defs/a",
        "$defs",
        "enum",
        "parameters",
        "data:image/png;base64,AA==",
        "gs://a/b.png",
    ];
    let word = || prop::sample::select(&WORDS[..]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((word(), inner), 0..6).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

fn object(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    vec((prop::sample::select(names), anything()), 0..8)
        .prop_map(|members| Value::Object(members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()))
}

/// A part as the model says it.
fn part() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{1,20}".prop_map(|text| json!({ "text": text })),
        "\\PC{1,20}".prop_map(|text| json!({ "text": text, "thought": true })),
        ("[a-z]{1,6}", vec(("[a-z]{1,4}", "\\PC{0,8}"), 0..3), "[A-Z]{1,5}").prop_map(
            |(name, args, sign)| {
                let args: Map<String, Value> =
                    args.into_iter().map(|(name, text)| (name, text.into())).collect();
                json!({ "functionCall": { "id": name, "name": name, "args": args }, "thoughtSignature": sign })
            }
        ),
    ]
}

/// Text, thoughts and calls of a message, or of the deltas of a stream.
fn told<'a>(messages: impl Iterator<Item = &'a Value>) -> (String, String, Vec<Value>) {
    let (mut text, mut thought, mut calls) = (String::new(), String::new(), Vec::new());
    for message in messages {
        text += message["content"].as_str().unwrap_or_default();
        thought += message["reasoning_content"].as_str().unwrap_or_default();
        calls.extend(message["tool_calls"].as_array().cloned().unwrap_or_default());
    }
    (text, thought, calls)
}

const CHAT: &[&str] = &[
    "messages",
    "tools",
    "functions",
    "tool_choice",
    "response_format",
    "thinking",
    "reasoning_effort",
    "stop",
    "n",
    "max_tokens",
    "modalities",
    "audio",
    "web_search_options",
    "labels",
    "service_tier",
    "extra_body",
    "stream",
];
const RESPONSE: &[&str] =
    &["candidates", "promptFeedback", "usageMetadata", "responseId", "error", "modelVersion"];
const CANDIDATE: &[&str] = &[
    "content",
    "finishReason",
    "index",
    "groundingMetadata",
    "safetyRatings",
    "logprobsResult",
    "citationMetadata",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_request_makes_it_panic(
        mut body in object(CHAT), role in "user|assistant|tool|system|function", mut turn in anything(), newer: bool,
    ) {
        if turn.is_object() {
            turn["role"] = role.into();
            body["messages"] = json!([turn, { "role": "user", "content": "x" }, turn]);
        } else if !body["messages"].is_array() {
            body["messages"] = json!([turn]);
        }
        body["stream"] = false.into();
        let _ = request_for(if newer { "gemini-3-pro" } else { "gemini-1.5-pro" }, body);
    }

    #[test]
    fn no_answer_and_no_stream_makes_it_panic(
        mut body in object(RESPONSE), candidate in object(CANDIDATE), parts in vec(anything(), 0..4),
    ) {
        let _ = answer(200, &body);
        let _ = stream([&wire(&[body.clone()])[..]]);
        body["candidates"] = json!([candidate, { "content": { "parts": parts } }]);
        body["error"] = Value::Null;
        let _ = answer(200, &body);
        let _ = stream([&wire(&[body.clone(), body])[..]]);
    }

    #[test]
    fn any_split_of_the_bytes_gives_the_same_events(parts in vec(part(), 0..6), at in vec(any::<prop::sample::Index>(), 0..6)) {
        let mut events: Vec<Value> = parts.iter().map(|part| said(&json!([part]), None)).collect();
        events.push(said(&json!([]), Some("STOP")));
        let bytes = wire(&events);
        let mut cuts: Vec<usize> = at.iter().map(|at| at.index(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
        prop_assert_eq!(stream(pieces).0, stream([&bytes[..]]).0);
    }

    #[test]
    fn a_stream_says_what_the_whole_answer_says(parts in vec(part(), 0..6)) {
        let mut events: Vec<Value> = parts.iter().map(|part| said(&json!([part]), None)).collect();
        events.push(said(&json!([]), Some("STOP")));
        let (text, error) = stream([&wire(&events)[..]]);
        prop_assert!(error.is_none());
        let chunks = chunks(&text);
        let whole = answer(200, &said(&parts.into(), Some("STOP"))).unwrap();
        let streamed = told(chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]));
        prop_assert_eq!(streamed, told(std::iter::once(&whole["choices"][0]["message"])));
        let reason = chunks.iter().find_map(|chunk| chunk["choices"][0]["finish_reason"].as_str());
        prop_assert_eq!(reason, whole["choices"][0]["finish_reason"].as_str());
    }
}
