//! What holds for any input.

use super::{answer, deployment, request, stream};
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};

/// Any JSON, made of the words the format is made of.
fn anything() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 44] = [
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
        "file_data",
        "thinking",
        "signature",
        "tool_use",
        "input",
        "delta",
        "index",
        "content_block",
        "message",
        "usage",
        "input_tokens",
        "iterations",
        "stop_reason",
        "error",
        "tools",
        "parameters",
        "$ref",
        "#/$defs/a",
        "$defs",
        "a",
        "anyOf",
        "type_delta",
        "partial_json",
        "data:a;base64,b",
        "cache_control",
        "content_block_delta",
        "web_search_tool_result",
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

/// A block as the model says it.
fn block() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{1,20}".prop_map(|text| json!({ "type": "text", "text": text })),
        ("\\PC{1,20}", "[a-z]{1,5}").prop_map(|(thinking, sign)| {
            json!({ "type": "thinking", "thinking": thinking, "signature": sign })
        }),
        ("[a-z]{1,6}", vec(("[a-z]{1,4}", "\\PC{0,8}"), 0..3)).prop_map(|(name, input)| {
            let input: Map<String, Value> =
                input.into_iter().map(|(name, text)| (name, text.into())).collect();
            json!({ "type": "tool_use", "id": format!("toolu_{name}"), "name": name, "input": input })
        }),
    ]
}

/// The events in which `content` would have been streamed, texts in pieces of `size` characters.
fn events(content: &[Value], size: usize, usage: &Value, stop: &str) -> Vec<Value> {
    let pieces = |text: &str| -> Vec<String> {
        text.chars().collect::<Vec<char>>().chunks(size).map(|piece| piece.iter().collect()).collect()
    };
    let mut events = vec![json!({ "type": "message_start", "message": { "id": "msg_1", "usage": usage } })];
    for block in content {
        let (start, deltas): (Value, Vec<Value>) = match block["type"].as_str().unwrap() {
            "text" => (
                json!({ "type": "text", "text": "" }),
                pieces(block["text"].as_str().unwrap())
                    .iter()
                    .map(|t| json!({ "type": "text_delta", "text": t }))
                    .collect(),
            ),
            "thinking" => {
                let text = pieces(block["thinking"].as_str().unwrap());
                let mut deltas: Vec<Value> =
                    text.iter().map(|t| json!({ "type": "thinking_delta", "thinking": t })).collect();
                deltas.push(json!({ "type": "signature_delta", "signature": block["signature"] }));
                (json!({ "type": "thinking", "thinking": "", "signature": "" }), deltas)
            }
            _ => {
                let mut start = block.clone();
                start["input"] = json!({});
                let input = pieces(&block["input"].to_string());
                (
                    start,
                    input.iter().map(|j| json!({ "type": "input_json_delta", "partial_json": j })).collect(),
                )
            }
        };
        events.push(json!({ "type": "content_block_start", "content_block": start }));
        events
            .extend(deltas.into_iter().map(|delta| json!({ "type": "content_block_delta", "delta": delta })));
        events.push(json!({ "type": "content_block_stop" }));
    }
    events.push(json!({ "type": "message_delta", "delta": { "stop_reason": stop }, "usage": usage }));
    events.push(json!({ "type": "message_stop" }));
    events
}

/// The message a client puts together from chunks: text, reasoning, signatures, calls; and the rest.
fn folded(chunks: &[Value]) -> Value {
    let mut message = json!({ "content": "", "reasoning": "", "signatures": [], "calls": [] });
    let mut add = |name: &str, text: &Value| {
        let said = message[name].as_str().unwrap().to_owned() + text.as_str().unwrap_or_default();
        message[name] = said.into();
    };
    for chunk in chunks {
        let delta = &chunk["choices"][0]["delta"];
        add("content", &delta["content"]);
        add("reasoning", &delta["reasoning_content"]);
    }
    let mut calls: Vec<Value> = Vec::new();
    let mut signatures: Vec<Value> = Vec::new();
    let (mut finish, mut usage) = (Value::Null, Value::Null);
    for chunk in chunks {
        let choice = &chunk["choices"][0];
        signatures.extend(
            choice["delta"]["thinking_blocks"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|block| block.get("signature").filter(|sign| sign.is_string()).cloned()),
        );
        for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let at = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            if at == calls.len() {
                calls.push(json!([call["id"], call["function"]["name"], ""]));
            }
            let arguments =
                calls[at][2].as_str().unwrap().to_owned() + call["function"]["arguments"].as_str().unwrap();
            calls[at][2] = arguments.into();
        }
        if !choice["finish_reason"].is_null() {
            finish = choice["finish_reason"].clone();
        }
        if let Some(own) = chunk.get("usage") {
            usage = own.clone();
        }
    }
    message["calls"] = calls.into();
    message["signatures"] = signatures.into();
    json!([message, finish, usage])
}

fn whole(completion: &Value) -> Value {
    let choice = &completion["choices"][0];
    let message = &choice["message"];
    let list = |name: &str| message[name].as_array().cloned().unwrap_or_default();
    let calls: Vec<Value> = list("tool_calls")
        .iter()
        .map(|call| json!([call["id"], call["function"]["name"], call["function"]["arguments"]]))
        .collect();
    let signatures: Vec<Value> =
        list("thinking_blocks").iter().map(|block| block["signature"].clone()).collect();
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    json!([
        { "content": text("content"), "reasoning": text("reasoning_content"), "signatures": signatures, "calls": calls },
        choice["finish_reason"],
        completion["usage"],
    ])
}

const CHAT: &[&str] = &[
    "messages",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "thinking",
    "reasoning_effort",
    "stop",
    "max_tokens",
    "user",
    "web_search_options",
    "context_management",
    "output_config",
    "temperature",
    "speed",
    "stream",
];
const MESSAGE: &[&str] =
    &["content", "stop_reason", "usage", "id", "model", "container", "error", "context_management"];
const EVENT: &[&str] = &["delta", "content_block", "message", "usage", "error", "index"];
const KINDS: &[&str] = &[
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "error",
    "ping",
    "x",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_request_makes_it_panic(
        mut body in object(CHAT), role in "user|assistant|tool|system|function", mut turn in anything(), flagged: bool,
    ) {
        if turn.is_object() {
            turn["role"] = role.into();
            body["messages"] = json!([turn, { "role": "user", "content": "x" }, turn]);
        } else if !body["messages"].is_array() {
            body["messages"] = json!([turn]);
        }
        body["stream"] = false.into();
        let facts: &[&str] = if flagged {
            &["supports_adaptive_thinking", "supports_native_structured_output", "supports_mid_conversation_system"]
        } else {
            &[]
        };
        let _ = request(body, &deployment(facts));
    }

    #[test]
    fn no_answer_makes_it_panic(body in object(MESSAGE), block in anything()) {
        let asked = json!({ "model": "m", "messages": [], "tools": [], "response_format": { "type": "json_object" } });
        let _ = answer(&asked, body.clone());
        let mut body = body;
        body["content"] = json!([block]);
        body["error"] = Value::Null;
        let _ = answer(&asked, body);
    }

    #[test]
    fn no_stream_makes_it_panic(events in vec((prop::sample::select(KINDS), object(EVENT)), 0..8)) {
        let events: Vec<Value> = events.into_iter().map(|(kind, mut event)| {
            event["type"] = kind.into();
            event
        }).collect();
        let _ = stream(&json!({ "model": "m", "messages": [] }), &events);
    }

    #[test]
    fn a_stream_says_what_the_whole_answer_says(
        content in vec(block(), 0..6), size in 1usize..9, tokens in [0u64..1000, 0..1000, 0..1000, 0..1000],
        stop in "end_turn|max_tokens|tool_use|refusal|stop_sequence",
    ) {
        let usage = json!({ "input_tokens": tokens[0], "output_tokens": tokens[1],
            "cache_read_input_tokens": tokens[2], "cache_creation_input_tokens": tokens[3] });
        let asked = json!({ "model": "m", "messages": [] });
        let (chunks, end) = stream(&asked, &events(&content, size, &usage, &stop));
        prop_assert!(end.is_ok());
        let body = json!({ "id": "msg_1", "content": content, "stop_reason": stop, "usage": usage });
        prop_assert_eq!(folded(&chunks), whole(&answer(&asked, body).unwrap()));
        prop_assert_eq!(chunks.iter().filter(|chunk| !chunk["choices"][0]["finish_reason"].is_null()).count(), 1);
    }
}
