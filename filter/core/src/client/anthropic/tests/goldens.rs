//! What `LiteLLM` was seen to do: `fixtures/oracle/messages`.

use super::{
    super::{answer::message, names::Names, request::chat},
    claude, encoded, native_answer, object, relayed,
};
use crate::{call::Call, operation::Operation, translate};
use serde_json::{Map, Value, json};

fn cases(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("a list of cases")
}

fn chat_cases() -> Vec<Value> {
    cases(include_str!("../../../../../../fixtures/oracle/messages/chat.json"))
}

fn native_cases() -> Vec<Value> {
    cases(include_str!("../../../../../../fixtures/oracle/messages/native.json"))
}

/// Absent and null are the same; arguments are compared as JSON; `cache_control` is the upstream's business.
fn comparable(value: Value) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .filter(|(name, value)| name != "cache_control" && !value.is_null())
            .map(|(name, value)| match &value {
                Value::String(text) if name == "arguments" => {
                    let parsed = serde_json::from_str(text).unwrap_or(value);
                    (name, parsed)
                }
                _ => (name, comparable(value)),
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(comparable).collect(),
        other => other,
    }
}

#[test]
fn requests_become_the_recorded_chat_requests() {
    for mut case in chat_cases() {
        let mut chat = chat(object(case["input"].take())).expect("a request");
        // Here more is kept than LiteLLM keeps: it forgets that tools are not to be called in parallel.
        if case["id"].as_str().expect("id").ends_with("tool_choice_auto_nopar") {
            assert_eq!(chat.remove("parallel_tool_calls"), Some(false.into()));
        }
        // And a document is what `OpenAI` takes it for, not an image.
        if let Some(part) = chat["messages"].pointer_mut("/0/content/0")
            && part["type"] == "file"
        {
            *part = json!({ "type": "image_url", "image_url": { "url": part["file"]["file_data"] } });
        }
        chat.insert("model".into(), case["chat"]["model"].clone());
        assert_eq!(comparable(chat.into()), comparable(case["chat"].take()), "{}", case["id"]);
    }
}

#[test]
fn answers_become_the_recorded_messages() {
    let cases: Vec<Value> = chat_cases().into_iter().filter(|case| case.get("message").is_some()).collect();
    assert!(cases.len() > 10);
    for mut case in cases {
        let message = message(case["completion"].take(), &Names::default());
        assert_eq!(comparable(message), comparable(case["message"].take()), "{}", case["id"]);
    }
}

#[test]
fn streams_become_the_recorded_events() {
    let cases: Vec<Value> = chat_cases().into_iter().filter(|case| case.get("events").is_some()).collect();
    assert_eq!(cases.len(), 2);
    for mut case in cases {
        let mut events = encoded(case["chunks"].as_array().expect("chunks"));
        // LiteLLM makes up an id and says the deployment's model; ours are the upstream's and the client's.
        for field in ["id", "model"] {
            events[0]["message"][field] = case["events"][0]["message"][field].clone();
        }
        assert_eq!(comparable(events.into()), comparable(case["events"].take()), "{}", case["id"]);
    }
}

#[test]
fn native_requests_go_up_as_recorded() {
    for mut case in native_cases() {
        let call = Call::parse(Operation::Messages, case["input"].to_string().into_bytes()).expect("a call");
        let mut deployment = claude(json!({}));
        deployment.model = case["upstream"]["model"].as_str().expect("model").to_owned();
        let sent = translate::request(&call, &deployment).expect("a request");
        assert_eq!(sent.path, "/v1/messages");
        assert_eq!(sent.headers, [("anthropic-version".to_owned(), "2023-06-01".to_owned())]);
        let sent: Value = serde_json::from_slice(&sent.body).expect("JSON");
        assert_eq!(sent, case["upstream"].take(), "{}", case["id"]);
    }
}

#[test]
fn native_answers_come_back_as_they_are_but_for_the_model() {
    for mut case in native_cases().into_iter().filter(|case| case.get("response").is_some()) {
        let answer = native_answer(case["response"].to_string().as_bytes()).expect("an answer");
        let mut body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(body["model"], "al\"ias");
        body["model"] = case["response"]["model"].clone();
        assert_eq!(body, case["response"].take());
        let usage = answer.usage;
        assert_eq!((usage.prompt, usage.completion, usage.estimated), (12, 5, false));
    }
}

#[test]
fn native_streams_pass_byte_for_byte_but_for_the_model() {
    for case in native_cases().into_iter().filter(|case| case.get("stream").is_some()) {
        let chunks: Vec<&str> =
            case["stream"].as_array().expect("chunks").iter().filter_map(Value::as_str).collect();
        let parts: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.as_bytes()).collect();
        let (out, error, usage) = relayed(&parts);
        assert_eq!(error, None);
        let out = String::from_utf8(out).expect("UTF-8");
        let (start, rest) = out.split_once("\n\n").expect("a first event");
        assert_eq!(rest, chunks[1..].concat());
        assert!(start.contains(r#""model":"al\"ias""#) && !start.contains("served"), "{start}");
        assert_eq!((usage.prompt, usage.completion, usage.estimated), (12, 5, false));
    }
}
