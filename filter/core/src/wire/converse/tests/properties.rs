//! What holds for any input.

use super::{answer, claude, message, plain, request, stream};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Any JSON, made of the words the format is made of.
fn anything() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 36] = [
        "$defs",
        "$ref",
        "#/$defs/a",
        "a",
        "arguments",
        "assistant",
        "cache_control",
        "cachePoint",
        "content",
        "data:image/png;base64,QQ==",
        "delta",
        "ephemeral",
        "file",
        "file_data",
        "function",
        "id",
        "image_url",
        "input",
        "message",
        "name",
        "output",
        "parameters",
        "reasoningContent",
        "role",
        "signature",
        "start",
        "stopReason",
        "system",
        "text",
        "thinking",
        "tool",
        "tool_calls",
        "toolUse",
        "type",
        "url",
        "user",
    ];
    let word = || prop::sample::select(&WORDS[..]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
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

/// A message of a well-formed chat.
fn turn() -> impl Strategy<Value = Value> {
    let call = ("[a-z]{1,3}", "[a-z./ ]{1,6}").prop_map(|(id, name)| {
        json!({ "id": id, "type": "function", "function": { "name": name, "arguments": "{\"a\":1}" } })
    });
    prop_oneof![
        "[a-z ]{0,8}".prop_map(|text| json!({ "role": "user", "content": text })),
        "[a-z ]{0,8}".prop_map(|text| json!({ "role": "system", "content": text })),
        ("[a-z ]{0,8}", vec(call, 0..3)).prop_map(|(text, calls)| {
            json!({ "role": "assistant", "content": text, "tool_calls": calls })
        }),
        ("[a-z]{1,3}", "[a-z ]{0,8}")
            .prop_map(|(id, text)| json!({ "role": "tool", "tool_call_id": id, "content": text })),
    ]
}

/// A block as the model says it.
fn block() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[^<\\p{C}]{1,20}".prop_map(|text| json!({ "text": text })),
        ("\\PC{1,20}", "[a-z]{1,5}").prop_map(|(text, signature)| {
            json!({ "reasoningContent": { "reasoningText": { "text": text, "signature": signature } } })
        }),
        ("[a-z]{1,6}", "\\PC{0,8}").prop_map(
            |(name, text)| json!({ "toolUse": { "toolUseId": name, "name": name, "input": { "a": text } } })
        ),
    ]
}

/// The events in which `content` would have been streamed, texts in pieces of `size` characters.
fn events(content: &[Value], size: usize) -> Vec<(&'static str, Value)> {
    let pieces = |text: &str| -> Vec<String> {
        text.chars().collect::<Vec<char>>().chunks(size).map(|piece| piece.iter().collect()).collect()
    };
    let mut events = vec![("messageStart", json!({ "role": "assistant" }))];
    for block in content {
        let deltas: Vec<Value> = if let Some(text) = block["text"].as_str() {
            pieces(text).iter().map(|text| json!({ "text": text })).collect()
        } else if let Some(said) = block.pointer("/reasoningContent/reasoningText") {
            let texts = pieces(said["text"].as_str().unwrap());
            let mut deltas: Vec<Value> =
                texts.iter().map(|text| json!({ "reasoningContent": { "text": text } })).collect();
            deltas.push(json!({ "reasoningContent": { "signature": said["signature"] } }));
            deltas
        } else {
            let mut start = block.clone();
            start["toolUse"].as_object_mut().unwrap().remove("input");
            events.push(("contentBlockStart", json!({ "start": start })));
            let input = pieces(&block["toolUse"]["input"].to_string());
            input.iter().map(|input| json!({ "toolUse": { "input": input } })).collect()
        };
        events.extend(deltas.into_iter().map(|delta| ("contentBlockDelta", json!({ "delta": delta }))));
        events.push(("contentBlockStop", json!({})));
    }
    events.push(("messageStop", json!({ "stopReason": "end_turn" })));
    events
}

/// Text, reasoning, signatures and calls, as a client puts them together.
#[derive(Debug, Default, PartialEq)]
struct Said {
    text: String,
    reasoning: String,
    signatures: Vec<String>,
    calls: Vec<(String, String)>,
}

impl Said {
    fn add(&mut self, message: &Value) {
        let text = |name: &str| message[name].as_str().unwrap_or_default();
        self.text.push_str(text("content"));
        self.reasoning.push_str(text("reasoning_content"));
        let thoughts = message["thinking_blocks"].as_array().into_iter().flatten();
        self.signatures
            .extend(thoughts.filter_map(|thought| Some(thought.get("signature")?.as_str()?.to_owned())));
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            if let Some(name) = call["function"]["name"].as_str() {
                self.calls.push((name.into(), String::new()));
            }
            let at = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            self.calls[at].1.push_str(call["function"]["arguments"].as_str().unwrap_or_default());
        }
    }
}

proptest! {
    #[test]
    fn no_request_panics(body in object(&["messages", "tools", "tool_choice", "response_format", "thinking",
        "reasoning_effort", "stop", "max_tokens", "context_management", "requestMetadata", "service_tier"])) {
        let _ = request(body, &claude());
    }

    #[test]
    fn no_answer_panics(body in object(&["output", "stopReason", "usage", "trace"]), content in anything()) {
        let _ = answer(&plain(), body);
        let _ = answer(&plain(), json!({ "output": { "message": { "content": content } }, "stopReason": "x" }));
    }

    #[test]
    fn no_event_panics(data in vec((prop::sample::select(&["contentBlockStart", "contentBlockDelta",
        "contentBlockStop", "messageStop", "metadata"][..]), anything()), 0..8)) {
        let _ = stream(&plain(), &data);
    }

    #[test]
    fn turns_alternate_and_ids_are_single(turns in vec(turn(), 1..10), declared in any::<bool>()) {
        let tools = if declared { json!([{ "function": { "name": "f" } }]) } else { json!([]) };
        let Ok(body) = request(json!({ "messages": turns, "tools": tools }), &claude()) else { return Ok(()) };
        let messages = body["messages"].as_array().unwrap();
        prop_assert!(messages.windows(2).all(|pair| pair[0]["role"] != pair[1]["role"]));
        for message in messages {
            let content = message["content"].as_array().unwrap();
            prop_assert!(!content.is_empty());
            let ids: Vec<&Value> = content.iter()
                .filter_map(|block| block.get("toolUse").or(block.get("toolResult"))?.get("toolUseId")).collect();
            prop_assert_eq!(ids.iter().map(ToString::to_string).collect::<HashSet<_>>().len(), ids.len());
            prop_assert!(declared || ids.is_empty());
        }
    }

    #[test]
    fn what_users_say_arrives(texts in vec("[a-z]{1,8}", 1..6)) {
        let turns: Vec<Value> = texts.iter().map(|text| json!({ "role": "user", "content": text })).collect();
        let body = request(json!({ "messages": turns }), &claude()).unwrap();
        let content = body["messages"][0]["content"].as_array().unwrap();
        let said: Vec<&str> = content.iter().map(|block| block["text"].as_str().unwrap()).collect();
        prop_assert_eq!(said, texts);
    }

    #[test]
    fn a_streamed_answer_says_what_a_whole_one_does(content in vec(block(), 0..5), size in 1_usize..5) {
        let mut whole = Said::default();
        whole.add(&message(&plain(), &Value::from(content.clone()))["message"]);
        let (chunks, end) = stream(&plain(), &events(&content, size));
        prop_assert!(end.is_ok());
        let mut streamed = Said::default();
        for chunk in &chunks {
            streamed.add(&chunk["choices"][0]["delta"]);
        }
        prop_assert_eq!(streamed, whole);
    }
}
