//! What is right where recorded facts show `LiteLLM` to be wrong, and the properties that hold for any stream.

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    translate::{self, Stream},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn deployment() -> Deployment {
    Deployment { provider: "cohere".into(), model: "command-a".into(), ..Deployment::default() }
}

fn call(operation: Operation, body: &Value) -> Call {
    Call::parse(operation, body.to_string().into_bytes()).unwrap()
}

fn answer(message: &Value, reason: &str) -> Result<Value, Error> {
    let call = call(Operation::Chat, &json!({ "model": "m", "messages": [] }));
    let usage = json!({ "tokens": { "input_tokens": 70, "output_tokens": 5 } });
    let body = json!({ "id": "co-1", "finish_reason": reason, "message": message, "usage": usage });
    let answer = translate::answer(&call, &deployment(), 200, body.to_string().as_bytes(), 1)?;
    Ok(serde_json::from_slice(&answer.body).unwrap())
}

fn said(text: &str) -> Value {
    json!({ "role": "assistant", "content": [{ "type": "text", "text": text }] })
}

/// The chunks of a stream, and whether it failed.
fn stream<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Value>, bool) {
    let options = json!({ "include_usage": true });
    let body = json!({ "model": "m", "messages": [], "stream": true, "stream_options": options });
    let mut stream = Stream::new(&call(Operation::Chat, &body), &deployment(), 1);
    let mut pushed: Vec<_> = pieces.into_iter().map(|piece| stream.push(piece)).collect();
    pushed.push(stream.end());
    let failed = pushed.iter().any(|pushed| pushed.error.is_some());
    let text: String = pushed.into_iter().map(|pushed| String::from_utf8(pushed.bytes).unwrap()).collect();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    (data.map(|data| serde_json::from_str(data).unwrap()).collect(), failed)
}

/// Events as Cohere documents them.
fn wire(events: &[Value]) -> Vec<u8> {
    let frame = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    events.iter().map(frame).collect::<String>().into_bytes()
}

fn message(kind: &str, index: u64, message: &Value) -> Value {
    json!({ "type": kind, "index": index, "delta": { "message": message } })
}

fn end(reason: &str) -> Value {
    let usage = json!({ "billed_units": { "input_tokens": 10, "output_tokens": 5 },
        "tokens": { "input_tokens": 70, "output_tokens": 5 } });
    json!({ "type": "message-end", "delta": { "finish_reason": reason, "usage": usage } })
}

fn start() -> Value {
    json!({ "type": "message-start", "id": "co-1", "delta": { "message": { "role": "assistant", "content": [],
        "tool_plan": "", "tool_calls": [], "citations": [] } } })
}

/// Everything the events say, in one tongue.
fn deltas(events: &[Value]) -> Vec<Value> {
    let (chunks, failed) = stream([&wire(events)[..]]);
    assert!(!failed, "{chunks:?}");
    chunks.iter().map(|chunk| chunk["choices"][0]["delta"].clone()).collect()
}

fn finish(chunks: &[Value]) -> &Value {
    chunks
        .iter()
        .map(|chunk| &chunk["choices"][0]["finish_reason"])
        .find(|reason| reason.is_string())
        .unwrap()
}

#[test]
fn an_answer_says_why_it_ended() {
    let reasons = [
        ("COMPLETE", "stop"),
        ("STOP_SEQUENCE", "stop"),
        ("MAX_TOKENS", "length"),
        ("TOOL_CALL", "tool_calls"),
        ("ERROR_TOXIC", "content_filter"),
        ("NEW", "stop"),
    ];
    for (native, ours) in reasons {
        assert_eq!(answer(&said("Hi"), native).unwrap()["choices"][0]["finish_reason"], ours, "{native}");
        let (chunks, failed) = stream([&wire(&[start(), end(native)])[..]]);
        assert!(!failed && finish(&chunks) == ours, "{native}");
    }
}

#[test]
fn an_answer_that_failed_is_none() {
    assert_eq!(answer(&said("Hi"), "ERROR").unwrap_err().status, 500);
    assert_eq!(answer(&said("Hi"), "TIMEOUT").unwrap_err().status, 504);
    assert!(stream([&wire(&[start(), end("ERROR")])[..]]).1);
    assert!(stream([&b"data: {\"message\": \"too many tokens\"}\n\n"[..]]).1);
}

#[test]
fn what_a_model_thinks_is_reasoning() {
    let content = json!([{ "type": "thinking", "thinking": "Hm" }, { "type": "text", "text": "42" }]);
    let chat = answer(&json!({ "content": content }), "COMPLETE").unwrap();
    assert_eq!(chat["choices"][0]["message"]["reasoning_content"], "Hm");
    assert_eq!(chat["choices"][0]["message"]["content"], "42");
    let deltas = deltas(&[
        start(),
        message("content-start", 0, &json!({ "content": { "type": "thinking", "thinking": "" } })),
        message("content-delta", 0, &json!({ "content": { "thinking": "Hm" } })),
        json!({ "type": "content-end", "index": 0 }),
        message("content-delta", 1, &json!({ "content": { "text": "42" } })),
        end("COMPLETE"),
    ]);
    assert_eq!(deltas[0], json!({ "reasoning_content": "Hm", "role": "assistant" }));
    assert_eq!(deltas[1], json!({ "content": "42" }));
}

#[test]
fn calls_come_with_the_plan_that_led_to_them() {
    let native = |arguments: &str| json!({ "id": "w_1", "type": "function", "function": { "name": "w", "arguments": arguments } });
    let chat = answer(&json!({ "tool_plan": "I look.", "tool_calls": [native("{}")] }), "TOOL_CALL").unwrap();
    let said = &chat["choices"][0]["message"];
    assert_eq!(said["reasoning_content"], "I look.");
    assert_eq!((&said["tool_calls"][0]["id"], &said["content"]), (&json!("w_1"), &Value::Null));
    let rest = json!({ "tool_calls": { "function": { "arguments": "{\"a\":1}" } } });
    let deltas = deltas(&[
        start(),
        message("tool-plan-delta", 0, &json!({ "tool_plan": "I look." })),
        message("tool-call-start", 0, &json!({ "tool_calls": native("") })),
        message("tool-call-delta", 0, &rest),
        json!({ "type": "tool-call-end", "index": 0 }),
        message("tool-call-start", 1, &json!({ "tool_calls": native("{}") })),
        end("TOOL_CALL"),
    ]);
    assert_eq!(deltas[0]["reasoning_content"], "I look.");
    let call = |at: usize| &deltas[at]["tool_calls"][0];
    assert_eq!((&call(1)["index"], &call(1)["id"]), (&json!(0), &json!("w_1")));
    assert_eq!(call(2)["function"]["arguments"], "{\"a\":1}");
    assert_eq!(call(3)["index"], 1);
}

#[test]
fn citations_are_annotations() {
    let citation = json!({ "start": 0, "end": 5, "text": "Hello", "sources": [{ "type": "document", "id": "d1" },
        { "type": "tool", "id": "t1" }] });
    let delta =
        &deltas(&[start(), message("citation-start", 0, &json!({ "citations": citation })), end("COMPLETE")])
            [0];
    let cited = json!({ "start_index": 0, "end_index": 5, "title": "", "url": "source:d1" });
    assert_eq!(delta["annotations"], json!([{ "type": "url_citation", "url_citation": cited }]));
}

#[test]
fn a_streams_usage_is_the_one_it_reports() {
    let (chunks, _) = stream([&wire(&[start(), end("COMPLETE")])[..]]);
    let usage = &chunks.last().unwrap()["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(70), &json!(5)));
    assert!(chunks.iter().all(|chunk| chunk["id"] == "co-1"));
}

#[test]
fn an_answer_without_usage_is_one() {
    let call = call(Operation::Chat, &json!({ "model": "m", "messages": [] }));
    let body = json!({ "id": "co-1", "finish_reason": "COMPLETE", "message": said("Hi") });
    let answer = translate::answer(&call, &deployment(), 200, body.to_string().as_bytes(), 1).unwrap();
    assert!(answer.usage.estimated);
}

#[test]
fn a_stream_that_ends_early_failed() {
    let cut = [start(), message("content-delta", 0, &json!({ "content": { "text": "Hi" } }))];
    assert!(stream([&wire(&cut)[..]]).1);
    assert!(stream([]).1);
}

#[test]
fn tokens_cannot_be_embedded() {
    let embed = Deployment { model: "embed-v4.0".into(), ..deployment() };
    for input in [json!([1, 2]), json!([[1], [2]])] {
        let call = call(Operation::Embeddings, &json!({ "model": "m", "input": input }));
        assert_eq!(translate::request(&call, &embed).unwrap_err().status, 400);
    }
}

#[test]
fn clients_of_anthropics_api_get_calls_and_reasoning_in_their_own_tongue() {
    let body = json!({ "model": "m", "max_tokens": 9, "stream": true, "messages": [{ "role": "user", "content": "Hi" }] });
    let mut stream = Stream::new(&call(Operation::Messages, &body), &deployment(), 1);
    let native = json!({ "id": "w_1", "type": "function", "function": { "name": "w", "arguments": "{}" } });
    let events = [
        start(),
        message("tool-plan-delta", 0, &json!({ "tool_plan": "I look." })),
        message("tool-call-start", 0, &json!({ "tool_calls": native })),
        end("TOOL_CALL"),
    ];
    let mut bytes = stream.push(&wire(&events)).bytes;
    bytes.extend(stream.end().bytes);
    let text = String::from_utf8(bytes).unwrap();
    for part in
        ["\"thinking\":\"I look.\"", "\"type\":\"tool_use\"", "\"stop_reason\":\"tool_use\"", "message_stop"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

proptest! {
    #[test]
    fn nothing_of_a_stream_is_lost_wherever_it_is_cut(
        texts in prop::collection::vec("[a-zé<\"\\\\\n]{1,6}", 0..5),
        framed in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let said = |text: &String| message("content-delta", 0, &json!({ "content": { "text": text } }));
        let events: Vec<Value> =
            [start()].into_iter().chain(texts.iter().map(said)).chain([end("MAX_TOKENS")]).collect();
        let bytes = if framed {
            wire(&events)
        } else {
            events.iter().map(|event| event.to_string() + "\n").collect::<String>().into_bytes()
        };
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let (chunks, failed) = stream(cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]));
        prop_assert!(!failed);
        prop_assert_eq!(&chunks, &stream([&bytes[..]]).0);
        let text: String =
            chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
        prop_assert_eq!(text, texts.concat());
    }

    #[test]
    fn nothing_panics(text in "[\\x00-\\x7fé]{0,60}", kind in "(message-end|content-delta|tool-call-start|citation-start|)") {
        let event = format!("data: {{\"type\":\"{kind}\",\"delta\":{{\"message\":{text}}}}}\n{text}\n");
        stream([event.as_bytes()]);
        let chat = call(Operation::Chat, &json!({ "model": "m", "messages": [] }));
        let _ = translate::answer(&chat, &deployment(), 200, format!("{{\"message\":{text}}}").as_bytes(), 1);
    }
}
