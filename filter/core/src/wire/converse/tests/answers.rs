//! What comes back.

use super::{answer, message, plain, stream};
use crate::{
    sse::Event,
    wire::{Decoder, Target, Wire, converse::This},
};
use serde_json::{Value, json};

fn json_asked() -> Value {
    json!({ "model": "m", "messages": [], "response_format": { "type": "json_schema" } })
}

#[test]
fn calls_are_counted_as_calls_and_have_the_clients_names() {
    let asked = json!({ "model": "m", "messages": [], "tools": [{ "function": { "name": "fs.read" } }] });
    let choice = message(
        &asked,
        &json!([{ "text": "Wait." }, { "toolUse": { "toolUseId": "t1", "name": "fs_read", "input": { "a": 1 } } }]),
    );
    let call = json!({ "index": 0, "id": "t1", "type": "function",
        "function": { "name": "fs.read", "arguments": "{\"a\":1}" } });
    assert_eq!(choice["message"]["tool_calls"], json!([call]));
    assert_eq!(choice["finish_reason"], "tool_calls");
}

#[test]
fn a_json_answer_is_text_also_beside_other_calls() {
    let tool = |name: &str| json!({ "toolUse": { "toolUseId": name, "name": name, "input": { "properties": { "a": 1 } } } });
    let alone = message(&json_asked(), &json!([{ "text": "Here:" }, tool("json_tool_call")]));
    assert_eq!(alone["message"]["content"], "{\"a\": 1}");
    assert_eq!(alone["finish_reason"], "stop");
    let mixed = message(&json_asked(), &json!([tool("json_tool_call"), tool("f")]));
    assert_eq!(mixed["message"]["content"], "{\"a\": 1}");
    assert_eq!(mixed["message"]["tool_calls"].as_array().unwrap().len(), 1);
    assert_eq!(mixed["finish_reason"], "tool_calls");
}

#[test]
fn a_streamed_json_answer_ends_as_a_whole_one_does() {
    let (chunks, end) = stream(
        &json_asked(),
        &[
            ("messageStart", json!({ "role": "assistant" })),
            (
                "contentBlockStart",
                json!({ "start": { "toolUse": { "toolUseId": "t", "name": "json_tool_call" } } }),
            ),
            ("contentBlockDelta", json!({ "delta": { "toolUse": { "input": "{\"a\":" } } })),
            ("contentBlockDelta", json!({ "delta": { "toolUse": { "input": "1}" } } })),
            ("contentBlockStop", json!({})),
            ("messageStop", json!({ "stopReason": "tool_use" })),
        ],
    );
    end.unwrap();
    let text: String =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "{\"a\":1}");
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "stop");
}

#[test]
fn an_answer_cut_off_by_the_context_window_is_cut_off() {
    let body = |reason: &str| json!({ "output": { "message": { "content": [] } }, "stopReason": reason });
    let finish = |reason| answer(&plain(), body(reason)).unwrap()["choices"][0]["finish_reason"].clone();
    assert_eq!(finish("model_context_window_exceeded"), "length");
    assert_eq!(finish("guardrail_intervened"), "content_filter");
    assert_eq!(finish("something_new"), "stop");
}

#[test]
fn reasoning_between_marks_is_told_apart() {
    let choice = message(&plain(), &json!([{ "text": "<think>Hm.</think>Yes." }]));
    assert_eq!(choice["message"]["content"], "Yes.");
    assert_eq!(choice["message"]["reasoning_content"], "Hm.");
    let pieces = ["<thi", "nk>H", "m.</th", "ink>Y", "es."];
    let mut events: Vec<_> =
        pieces.iter().map(|text| ("contentBlockDelta", json!({ "delta": { "text": text } }))).collect();
    events.push(("messageStop", json!({ "stopReason": "end_turn" })));
    let (chunks, end) = stream(&plain(), &events);
    end.unwrap();
    let said = |name: &str| -> String {
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"].get(name)?.as_str()).collect()
    };
    assert_eq!((said("reasoning_content"), said("content")), ("Hm.".into(), "Yes.".into()));
}

#[test]
fn the_places_of_citations_are_those_in_the_text() {
    let cited = |text: &str, end: u64| {
        let place = json!({ "searchResultLocation": { "start": 0, "end": end } });
        json!({ "citationsContent": { "content": [{ "text": text }],
            "citations": [{ "title": "T", "source": "https://a", "location": place }] } })
    };
    let choice = message(&plain(), &json!([cited("\u{e9}t\u{e9} ", 3), cited("hiver", 5), { "text": "." }]));
    assert_eq!(choice["message"]["content"], "\u{e9}t\u{e9} hiver.");
    let annotations = &choice["message"]["annotations"];
    assert_eq!(annotations[1]["url_citation"]["start_index"], 4);
    assert_eq!(annotations[1]["url_citation"]["end_index"], 9);
}

#[test]
fn cache_writes_are_split_by_time_only_when_nothing_is_left_over() {
    let usage = |details: Value| {
        let body = json!({ "output": { "message": { "content": [] } }, "stopReason": "end_turn",
            "usage": { "inputTokens": 1, "outputTokens": 1, "cacheWriteInputTokens": 30, "cacheDetails": details } });
        answer(&plain(), body).unwrap()["usage"].clone()
    };
    let whole = usage(json!([{ "ttl": "5m", "inputTokens": 10 }, { "ttl": "1h", "inputTokens": 20 }]));
    let split = json!({ "ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20 });
    assert_eq!(whole["prompt_tokens_details"]["cache_creation_token_details"], split);
    assert_eq!(whole["prompt_tokens"], 31);
    let part = usage(json!([{ "ttl": "1h", "inputTokens": 20 }]));
    assert_eq!(part["prompt_tokens_details"].get("cache_creation_token_details"), None);
}

#[test]
fn tokens_of_thinking_are_the_models_own_where_it_counts_them() {
    let body = json!({ "output": { "message": { "content": [{ "reasoningContent": { "reasoningText": { "text": "Long" } } }] } },
        "stopReason": "end_turn", "usage": { "inputTokens": 1, "outputTokens": 50 },
        "additionalModelResponseFields": { "usage": { "output_tokens_details": { "thinking_tokens": 40 } } } });
    let usage = answer(&plain(), body).unwrap()["usage"].clone();
    assert_eq!(usage["completion_tokens_details"], json!({ "reasoning_tokens": 40, "text_tokens": 10 }));
}

#[test]
fn an_answer_without_a_message_is_one_only_if_it_says_why() {
    assert!(answer(&plain(), json!({ "stopReason": "guardrail_intervened", "output": {} })).is_ok());
    for strange in [json!({}), json!([]), json!("x"), json!({ "message": "Oh" })] {
        assert_eq!(answer(&plain(), strange).unwrap_err().status, 500);
    }
}

#[test]
fn a_stream_that_does_not_say_why_it_ends_is_cut_off() {
    let (chunks, end) = stream(&plain(), &[("contentBlockDelta", json!({ "delta": { "text": "Hel" } }))]);
    assert_eq!(chunks.len(), 1);
    assert_eq!(end.unwrap_err().status, 502);
}

#[test]
fn an_exception_ends_a_stream_with_its_status() {
    let events = |name: &'static str| [(name, json!({ "message": "Oh" }))];
    for (name, status) in [("throttlingException", 429), ("validationException", 400), ("newException", 503)]
    {
        let (_, end) = stream(&plain(), &events(name));
        let error = end.unwrap_err();
        assert_eq!((error.status, error.message.contains("Oh")), (status, true), "{name}");
    }
}

#[test]
fn an_error_of_the_framing_is_one_whatever_its_name() {
    let call = super::call(&plain());
    let mut decoder = This.decoder(&Target { call: &call, deployment: &super::claude(), now: 1 });
    let event = Event { name: "InternalFailure".into(), data: String::new(), failed: true };
    let error = Decoder::push(&mut *decoder, &event, &mut Vec::new()).unwrap_err();
    assert!(error.message.contains("InternalFailure"), "{error}");
}
