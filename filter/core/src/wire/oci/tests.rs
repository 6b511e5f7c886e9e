//! The edges. The recorded facts are replayed in `tests/oracle`.

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    translate::{self, Stream},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const GENERIC: &str = "meta.llama-3.3-70b-instruct";
const COHERE: &str = "cohere.command-a-03-2025";

fn deployment(model: &str) -> Deployment {
    let params = json!({ "oci_compartment_id": "ocid1.compartment.oc2..x", "oci_region": "us-langley-1" });
    Deployment {
        provider: "oci".into(),
        model: model.into(),
        params: serde_json::from_value(params).unwrap(),
        ..Deployment::default()
    }
}

fn call(operation: Operation, extra: &Value) -> Call {
    let mut body =
        json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": "Hi" }] });
    body.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
    Call::parse(operation, body.to_string().into_bytes()).unwrap()
}

fn sent(model: &str, extra: &Value) -> Result<Value, Error> {
    let outgoing = translate::request(&call(Operation::Chat, extra), &deployment(model))?;
    assert_eq!(outgoing.path, "/20231130/actions/chat");
    let body: Value = serde_json::from_slice(&outgoing.body).unwrap();
    assert_eq!(body["compartmentId"], "ocid1.compartment.oc2..x");
    Ok(body["chatRequest"].clone())
}

fn answer(model: &str, response: &Value) -> Result<Value, Error> {
    let body = json!({ "modelId": model, "modelVersion": "1", "chatResponse": response });
    let call = call(Operation::Chat, &json!({}));
    let answer = translate::answer(&call, &deployment(model), 200, body.to_string().as_bytes(), 1)?;
    Ok(serde_json::from_slice(&answer.body).unwrap())
}

/// The chunks of a stream, and whether it failed.
fn stream<'a>(model: &str, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Value>, bool) {
    let mut stream = Stream::new(&call(Operation::Chat, &json!({ "stream": true })), &deployment(model), 1);
    let mut pushed: Vec<_> = pieces.into_iter().map(|piece| stream.push(piece)).collect();
    pushed.push(stream.end());
    let failed = pushed.iter().any(|pushed| pushed.error.is_some());
    let text: String = pushed.into_iter().map(|pushed| String::from_utf8(pushed.bytes).unwrap()).collect();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    (data.map(|data| serde_json::from_str(data).unwrap()).collect(), failed)
}

fn wire(events: &[Value]) -> Vec<u8> {
    events.iter().flat_map(|event| format!("data: {event}\n\n").into_bytes()).collect()
}

fn said(chunks: &[Value]) -> String {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect()
}

#[test]
fn the_realm_of_the_compartment_tells_the_domain() {
    let of = |compartment: &str| {
        let mut deployment = deployment(GENERIC);
        deployment.params.insert("oci_compartment_id".into(), compartment.into());
        deployment.base_url().into_owned()
    };
    let host = "https://inference.generativeai.us-langley-1.oci.";
    assert_eq!(of("ocid1.compartment.oc1..x"), format!("{host}oraclecloud.com"));
    assert_eq!(of("ocid1.compartment.oc2..x"), format!("{host}oraclegovcloud.com"));
    assert_eq!(of("ocid1.compartment.oc8..x"), format!("{host}oraclecloud8.com"));
    assert_eq!(of("anything"), format!("{host}oraclecloud.com"));
}

#[test]
fn a_compartment_has_to_be_named() {
    let nowhere = Deployment { params: serde_json::Map::new(), ..deployment(GENERIC) };
    let refused = translate::request(&call(Operation::Chat, &json!({})), &nowhere).unwrap_err();
    assert!(refused.status == 400 && refused.message.contains("oci_compartment_id"), "{refused}");
}

#[test]
fn one_stop_is_a_list_and_an_effort_has_two_shapes() {
    for model in [GENERIC, COHERE] {
        let body = sent(model, &json!({ "stop": "END" })).unwrap();
        assert!([&body["stop"], &body["stopSequences"]].contains(&&json!(["END"])), "{body}");
    }
    let effort = json!({ "reasoning_effort": { "effort": "high", "summary": "auto" } });
    assert_eq!(sent(GENERIC, &effort).unwrap()["reasoningEffort"], "HIGH");
}

#[test]
fn what_a_tool_gave_in_parts_is_its_result() {
    let calls =
        json!([{ "id": "c", "type": "function", "function": { "name": "w", "arguments": "{\"a\":1}" } }]);
    let parts = json!([{ "type": "text", "text": "It is" }, { "type": "text", "text": " 20C" }]);
    let messages = json!([{ "role": "user", "content": "Hi" },
        { "role": "assistant", "content": "I look.", "tool_calls": calls },
        { "role": "tool", "tool_call_id": "c", "content": parts }]);
    let body = sent(GENERIC, &json!({ "messages": messages })).unwrap();
    assert_eq!(body["messages"][1]["content"][0]["text"], "I look.");
    assert_eq!(body["messages"][2]["content"][1]["text"], " 20C");
    let body = sent(COHERE, &json!({ "messages": messages })).unwrap();
    let result =
        json!({ "call": { "name": "w", "parameters": { "a": 1 } }, "outputs": [{ "output": "It is 20C" }] });
    assert_eq!(body["chatHistory"][1]["toolResults"], json!([result]));
    assert_eq!(body["message"], "Hi");
}

#[test]
fn a_schema_that_refers_to_itself_has_an_end() {
    let tree = json!({ "type": "object", "properties": { "next": { "$ref": "#/$defs/Tree" } } });
    let schema = json!({ "type": "object", "$defs": { "Tree": tree },
        "properties": { "title": { "type": ["string", "null"], "title": "T" }, "tree": { "$ref": "#/$defs/Tree" } },
        "required": ["tree", "gone"] });
    let tools = json!([{ "type": "function", "function": { "name": "f", "parameters": schema } }]);
    let body = sent(GENERIC, &json!({ "tools": tools })).unwrap();
    let sent = &body["tools"][0]["parameters"];
    assert_eq!(sent["properties"]["tree"]["properties"]["next"], json!({ "type": "object" }));
    assert_eq!(sent["properties"]["title"], json!({ "type": "string" }));
    assert_eq!(sent["required"], json!(["tree"]));
}

#[test]
fn clients_of_anthropics_api_stream_though_they_cannot_ask_for_usage() {
    let call = call(Operation::Messages, &json!({ "stream": true }));
    assert!(translate::request(&call, &deployment(GENERIC)).is_ok());
}

#[test]
fn an_answer_tells_what_was_thought_and_cached() {
    let message = json!({ "role": "ASSISTANT", "content": [{ "type": "TEXT", "text": "42" }],
        "reasoningContent": "Hm" });
    let usage = json!({ "promptTokens": 9, "completionTokens": 5, "totalTokens": 14,
        "promptTokensDetails": { "cachedTokens": 4 }, "completionTokensDetails": { "reasoningTokens": 3 } });
    let choice = |index: u64| json!({ "index": index, "message": message, "finishReason": "length" });
    let chat = answer(GENERIC, &json!({ "choices": [choice(0), choice(1)], "usage": usage })).unwrap();
    assert_eq!(chat["choices"][1]["message"]["reasoning_content"], "Hm");
    assert_eq!(chat["choices"][1]["finish_reason"], "length");
    assert_eq!(chat["usage"]["prompt_tokens_details"]["cached_tokens"], 4);
    assert_eq!(chat["usage"]["completion_tokens_details"]["reasoning_tokens"], 3);
}

#[test]
fn an_answer_that_failed_is_none() {
    assert_eq!(answer(COHERE, &json!({ "text": "", "finishReason": "ERROR" })).unwrap_err().status, 500);
    assert!(answer(GENERIC, &json!({ "choices": [] })).is_err());
    for model in [GENERIC, COHERE] {
        assert!(stream(model, [&b"data: {\"code\":\"429\",\"message\":\"slow\"}\n\n"[..]]).1);
        assert!(stream(model, []).1, "a stream without an end");
    }
}

#[test]
fn calls_in_a_stream_are_told_apart_by_their_ids() {
    let piece = |id: Value, arguments: &str| {
        let call = json!({ "type": "FUNCTION", "id": id, "name": if id.is_null() { "" } else { "f" }, "arguments": arguments });
        json!({ "index": 0, "message": { "role": "ASSISTANT", "toolCalls": [call] } })
    };
    let events = [
        piece(json!("a"), "{"),
        piece(Value::Null, "}"),
        piece(json!("b"), "{}"),
        json!({ "finishReason": "tool_calls" }),
    ];
    let (chunks, failed) = stream(GENERIC, [&wire(&events)[..]]);
    let calls: Vec<&Value> =
        chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0]).collect();
    assert!(!failed, "{chunks:?}");
    assert_eq!([&calls[0]["index"], &calls[1]["index"], &calls[2]["index"]], [0, 0, 1]);
    assert_eq!((&calls[1]["id"], &calls[2]["id"]), (&Value::Null, &json!("b")));
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn what_a_stream_says_again_at_its_end_is_said_once() {
    let calls = json!([{ "name": "w", "parameters": { "city": "Paris" } }]);
    let events = [
        json!({ "apiFormat": "COHERE", "text": "I " }),
        json!({ "apiFormat": "COHERE", "text": "look." }),
        json!({ "apiFormat": "COHERE", "text": "I look.", "toolCalls": calls }),
        json!({ "apiFormat": "COHERE", "text": "I look.", "toolCalls": calls, "chatHistory": [], "finishReason": "COMPLETE" }),
    ];
    let (chunks, failed) = stream(COHERE, [&wire(&events)[..]]);
    assert!(!failed);
    assert_eq!(said(&chunks), "I look.");
    let called = chunks.iter().filter(|chunk| chunk["choices"][0]["delta"].get("tool_calls").is_some());
    assert_eq!(called.count(), 1);
}

proptest! {
    #[test]
    fn nothing_of_a_stream_is_lost_wherever_it_is_cut(
        texts in prop::collection::vec("[a-zé<\"\\\\\n]{1,6}", 1..5),
        cohere in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let model = if cohere { COHERE } else { GENERIC };
        let piece = |text: &String| if cohere {
            json!({ "apiFormat": "COHERE", "text": text })
        } else {
            json!({ "index": 0, "message": { "role": "ASSISTANT", "content": [{ "type": "TEXT", "text": text }] } })
        };
        let end = json!({ "text": texts.concat(), "chatHistory": [], "finishReason": "MAX_TOKENS" });
        let bytes = wire(&texts.iter().map(piece).chain([end]).collect::<Vec<_>>());
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let (chunks, failed) = stream(model, cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]));
        prop_assert!(!failed);
        prop_assert_eq!(&chunks, &stream(model, [&bytes[..]]).0);
        prop_assert_eq!(said(&chunks), texts.concat());
    }

    #[test]
    fn nothing_panics(text in "[\\x00-\\x7fé]{0,60}", name in "(message|toolCalls|text|choices|finishReason)", cohere in any::<bool>()) {
        let model = if cohere { COHERE } else { GENERIC };
        for value in [text.clone(), format!("[{text}]"), format!("\"{text}\"")] {
            stream(model, [format!("data: {{\"{name}\":{value}}}\n\n").as_bytes()]);
            let body = format!("{{\"chatResponse\":{{\"{name}\":{value}}}}}");
            let call = call(Operation::Chat, &json!({}));
            let _ = translate::answer(&call, &deployment(model), 200, body.as_bytes(), 1);
        }
    }
}
