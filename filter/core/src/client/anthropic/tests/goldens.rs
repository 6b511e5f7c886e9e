//! What `LiteLLM` was seen to do: `fixtures/oracle/messages`.

use super::{
    super::{Names, Relay, answer, native, request},
    encoded, object,
};
use serde_json::{Map, Value};

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
        let mut chat = request(object(case["input"].take())).expect("a request");
        // Here more is kept than LiteLLM keeps: it forgets that tools are not to be called in parallel.
        if case["id"].as_str().expect("id").ends_with("tool_choice_auto_nopar") {
            assert_eq!(chat.remove("parallel_tool_calls"), Some(false.into()));
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
        let message = answer(case["completion"].take(), &Names::default());
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
        let body = case["input"].to_string();
        let stream = case["input"]["stream"] == true;
        let model = case["upstream"]["model"].as_str().expect("model");
        let sent = native::request(body.as_bytes(), model, stream, &Map::new()).expect("a body");
        let sent: Value = serde_json::from_slice(&sent).expect("JSON");
        assert_eq!(sent, case["upstream"].take(), "{}", case["id"]);
    }
}

#[test]
fn native_answers_come_back_as_they_are_but_for_the_model() {
    for mut case in native_cases().into_iter().filter(|case| case.get("response").is_some()) {
        let body = case["response"].to_string();
        let (answer, usage) = native::answer(body.as_bytes(), "alias", 99).expect("an answer");
        let mut answer: Value = serde_json::from_slice(&answer).expect("JSON");
        assert_eq!(answer["model"], "alias");
        answer["model"] = case["response"]["model"].clone();
        assert_eq!(answer, case["response"].take());
        assert_eq!((usage.prompt, usage.completion, usage.estimated), (12, 5, false));
    }
}

#[test]
fn native_streams_pass_byte_for_byte_but_for_the_model() {
    for case in native_cases().into_iter().filter(|case| case.get("stream").is_some()) {
        let chunks: Vec<&str> =
            case["stream"].as_array().expect("chunks").iter().filter_map(Value::as_str).collect();
        let mut relay = Relay::new("alias", 99);
        let mut out = Vec::new();
        for chunk in &chunks {
            assert_eq!(relay.push(chunk.as_bytes(), &mut out), None);
        }
        assert_eq!(relay.end(&mut out), None);
        let out = String::from_utf8(out).expect("UTF-8");
        let (start, rest) = out.split_once("\n\n").expect("a first event");
        assert_eq!(rest, chunks[1..].concat());
        assert!(start.contains(r#""model":"alias""#) && !start.contains("served"), "{start}");
        assert_eq!((relay.usage().prompt, relay.usage().completion), (12, 5));
        assert!(!relay.usage().estimated);
    }
}
