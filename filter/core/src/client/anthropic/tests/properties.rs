//! What holds for every input.

use super::{
    super::{answer::message, count::input_tokens, names::Names, request::chat},
    assembled, claude, encoded, native_answer, relayed,
};
use crate::{call::Call, operation::Operation, translate};
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use serde_json::{Map, Value, json};

/// Any JSON, made of the words this dialect knows, so that it often comes close to being valid.
fn json_like() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "type",
        "text",
        "role",
        "user",
        "assistant",
        "content",
        "messages",
        "system",
        "tools",
        "name",
        "input",
        "id",
        "tool_use",
        "tool_result",
        "tool_use_id",
        "thinking",
        "signature",
        "image",
        "source",
        "base64",
        "data",
        "url",
        "choices",
        "message",
        "delta",
        "tool_calls",
        "function",
        "arguments",
        "index",
        "usage",
        "finish_reason",
        "stop",
        "document",
        "thinking_blocks",
        "reasoning_content",
        "tool_choice",
        "output_format",
        "schema",
        "json_schema",
    ]);
    let leaf = prop_oneof![
        word.clone().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
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

/// A chat message's worth of an answer: thinking, text and calls.
fn said() -> impl Strategy<Value = (String, String, Vec<(String, Value)>)> {
    let call = ("[a-z]{1,9}", btree_map("[a-z]{1,3}", any::<String>(), 0..4).prop_map(|input| json!(input)));
    (any::<String>(), any::<String>(), vec(call, 0..4))
}

/// A text in pieces, cut at any character.
fn pieces(text: &str, size: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(size.max(1)).map(|piece| piece.iter().collect()).collect()
}

proptest! {
    #[test]
    fn no_request_panics(body in json_like()) {
        if let Value::Object(body) = body {
            input_tokens(&body);
            drop(chat(body));
        }
    }

    #[test]
    fn no_messages_panic(content in json_like(), tools in json_like(), system in json_like()) {
        let body = json!({ "messages": [{ "role": "user", "content": [content.clone()] },
                                        { "role": "assistant", "content": [content] }],
                           "tools": [tools], "system": system });
        Names::of(body.to_string().as_bytes());
        if let Value::Object(body) = body {
            drop(chat(body));
        }
    }

    #[test]
    fn no_answer_panics(said in json_like(), usage in json_like()) {
        message(said.clone(), &Names::default());
        message(json!({ "choices": [{ "message": said }], "usage": usage }), &Names::default());
    }

    #[test]
    fn no_chunk_panics(deltas in vec(json_like(), 0..5)) {
        let chunks: Vec<Value> = deltas.into_iter().map(|delta| json!({ "choices": [{ "delta": delta }] })).collect();
        encoded(&chunks);
    }

    #[test]
    fn no_native_body_panics(body in json_like(), bytes in vec(any::<u8>(), 0..200)) {
        for body in [body.to_string().into_bytes(), bytes] {
            drop(native_answer(&body));
        }
        let body = json!({ "model": "m", "messages": [], "context_management": body, "tools": body }).to_string();
        let call = Call::parse(Operation::Messages, body.into_bytes()).expect("a call");
        drop(translate::request(&call, &claude(json!({ "additional_drop_params": ["tools[0].type"] }))));
    }

    #[test]
    fn an_answer_loses_nothing((thinking, text, calls) in said()) {
        let tool_calls: Vec<Value> = calls.iter().map(|(name, input)| {
            json!({ "id": name, "function": { "name": name, "arguments": input.to_string() } })
        }).collect();
        let message = message(json!({
            "choices": [{ "message": { "content": text, "reasoning_content": thinking, "tool_calls": tool_calls } }],
            "usage": { "prompt_tokens": 9, "completion_tokens": 3 },
        }), &Names::default());
        let of = |kind: &str, field: &str| -> String {
            message["content"].as_array().expect("content").iter()
                .filter(|block| block["type"] == kind).filter_map(|block| block[field].as_str()).collect()
        };
        prop_assert_eq!(of("thinking", "thinking"), thinking);
        prop_assert_eq!(of("text", "text"), text);
        let uses: Vec<(String, Value)> = message["content"].as_array().expect("content").iter()
            .filter(|block| block["type"] == "tool_use")
            .map(|block| (block["name"].as_str().expect("name").to_owned(), block["input"].clone())).collect();
        prop_assert_eq!(uses, calls);
        prop_assert_eq!(&message["usage"], &json!({ "input_tokens": 9, "output_tokens": 3 }));
    }

    #[test]
    fn a_stream_loses_nothing_however_it_is_cut((thinking, text, calls) in said(), size in 1usize..9) {
        let chunk = |delta: Value| json!({ "id": "c", "choices": [{ "delta": delta }] });
        let mut chunks = Vec::new();
        chunks.extend(pieces(&thinking, size).iter().map(|piece| chunk(json!({ "reasoning_content": piece }))));
        chunks.extend(pieces(&text, size).iter().map(|piece| chunk(json!({ "content": piece }))));
        for (index, (name, input)) in calls.iter().enumerate() {
            let entry = json!({ "index": index, "id": format!("id{index}"), "function": { "name": name, "arguments": "" } });
            chunks.push(chunk(json!({ "tool_calls": [entry] })));
            chunks.extend(pieces(&input.to_string(), size).iter().map(|piece| {
                chunk(json!({ "tool_calls": [{ "index": index, "function": { "arguments": piece } }] }))
            }));
        }
        let message = assembled(&encoded(&chunks));
        let mut wanted = Vec::new();
        if !thinking.is_empty() {
            wanted.push(json!({ "type": "thinking", "thinking": thinking, "signature": "" }));
        }
        if !text.is_empty() {
            wanted.push(json!({ "type": "text", "text": text }));
        }
        for (index, (name, input)) in calls.iter().enumerate() {
            wanted.push(json!({ "type": "tool_use", "id": format!("id{index}"), "name": name, "input": input }));
        }
        prop_assert_eq!(&message["content"], &Value::from(wanted));
    }

    #[test]
    fn a_relayed_stream_is_the_same_however_its_bytes_are_split(
        events in vec(prop::sample::select(EVENTS.to_vec()), 0..8),
        garbage in vec(any::<u8>(), 0..20),
        cuts in vec(0usize..400, 0..12),
    ) {
        let mut stream = events.concat().into_bytes();
        stream.extend(garbage);
        let whole = relayed(&[&stream]);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
        cuts.sort_unstable();
        let mut parts = Vec::new();
        let mut from = 0;
        for cut in cuts {
            parts.push(&stream[from..cut]);
            from = cut;
        }
        parts.push(&stream[from..]);
        prop_assert_eq!(&relayed(&parts), &whole);
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        prop_assert_eq!(&relayed(&single), &whole);
    }
}

const EVENTS: &[&str] = &[
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":3}}}\n\n",
    "event: message_start\r\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\"}}\r\n\r\n",
    "data: {\"type\":\"message_start\",\rdata: \"message\":{}}\r\r",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"text\":\"…\"}}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":5}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"m\"}}\n\n",
    ": comment\n\n",
    "<html>\n\n",
    "\n",
    "\r",
];
