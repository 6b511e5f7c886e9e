//! What recorded facts do not show, or show to be wrong: the streams and answers of servers that take liberties.

use crate::{
    call::Call,
    deployment::Deployment,
    operation::Operation,
    translate::{self, Outgoing, Stream},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { panic!("not an object: {value}") }
}

fn call(extra: Value) -> Call {
    let mut body = json!({ "model": "mine", "messages": [{ "role": "user", "content": "Hi" }] });
    body.as_object_mut().unwrap().extend(object(extra));
    Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap()
}

fn deployment(params: Value) -> Deployment {
    let params = object(params);
    Deployment { provider: "openai".into(), model: "gpt-4o".into(), params, ..Deployment::default() }
}

fn request(extra: Value, params: Value) -> Outgoing {
    translate::request(&call(extra), &deployment(params)).unwrap()
}

fn body(outgoing: &Outgoing) -> Value {
    serde_json::from_slice(&outgoing.body).unwrap()
}

/// Streams these choices' deltas and finish reasons; gives the deltas (or the error) that came out.
fn stream(chunks: &[Value]) -> Vec<Value> {
    let mut upstream: String =
        chunks.iter().fold(String::new(), |all, chunk| all + &format!("data: {chunk}\n\n"));
    upstream.push_str("data: [DONE]\n\n");
    let mut stream = Stream::new(&call(json!({ "stream": true })), &deployment(json!({})), 1);
    let mut out = stream.push(upstream.as_bytes()).bytes;
    out.extend(stream.end().bytes);
    let events = String::from_utf8(out).unwrap();
    let data = events
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "))
        .filter(|data| *data != "[DONE]");
    data.map(|data| serde_json::from_str::<Value>(data).unwrap())
        .map(|event| event.pointer("/choices/0").unwrap_or(&event).clone())
        .collect()
}

fn says(delta: impl Into<Value>) -> Value {
    json!({ "id": "x", "created": 1, "model": "gpt", "choices": [{ "index": 0, "delta": delta.into(), "finish_reason": null }] })
}

fn ends(index: u64, reason: &str) -> Value {
    json!({ "id": "x", "created": 1, "model": "gpt",
        "choices": [{ "index": index, "delta": {}, "finish_reason": reason }] })
}

fn deltas(chunks: &[Value]) -> Vec<Value> {
    stream(chunks).into_iter().map(|choice| choice["delta"].clone()).collect()
}

#[test]
fn thoughts_in_marks_are_reasoning_in_streams_too() {
    let pieces = ["<thi", "nk>Hm", "m</th", "ink>42", "!"].map(|text| says(json!({ "content": text })));
    let out = deltas(&[&pieces[..], &[ends(0, "stop")]].concat());
    let expected = [
        json!({ "content": "", "reasoning_content": "Hm", "role": "assistant" }),
        json!({ "content": "", "reasoning_content": "m" }),
        json!({ "content": "42" }),
        json!({ "content": "!" }),
        json!({}),
    ];
    assert_eq!(out, expected);
}

#[test]
fn an_unreadable_event_is_skipped_and_the_stream_goes_on() {
    let mut stream = Stream::new(&call(json!({ "stream": true })), &deployment(json!({})), 1);
    let good = says(json!({ "content": "Hi" }));
    let pushed = stream.push(format!("data: {{oops\n\ndata: {good}\n\ndata: 7\n\n").as_bytes());
    assert!(pushed.error.is_none());
    assert!(String::from_utf8(pushed.bytes).unwrap().contains("Hi"));
}

#[test]
fn a_stream_that_stops_short_ends_in_an_error() {
    let out = stream(&[says(json!({ "content": "Hi" }))]);
    assert_eq!(out[1]["error"]["code"], "502");
    assert_eq!(stream(&[]).len(), 1);
}

#[test]
fn every_choice_of_several_has_its_role_and_its_end() {
    let of = |index: u64, text: &str| {
        json!({ "id": "x", "model": "m", "choices": [{ "index": index,
            "delta": { "role": "assistant", "content": text }, "finish_reason": null }] })
    };
    let out = stream(&[of(0, "A"), of(1, "B"), of(1, "C"), ends(0, "stop"), ends(1, "length")]);
    let seen: Vec<_> = out.iter().map(|c| (c["index"].as_u64(), c["delta"]["role"].is_string())).collect();
    assert_eq!(seen[..3], [(Some(0), true), (Some(1), true), (Some(1), false)]);
    assert_eq!((&out[3]["finish_reason"], &out[4]["finish_reason"]), (&json!("stop"), &json!("length")));
}

#[test]
fn a_refusal_comes_through_whole() {
    let out = deltas(&[
        says(json!({ "role": "assistant", "refusal": "I " })),
        says(json!({ "refusal": "won't" })),
        ends(0, "stop"),
    ]);
    assert_eq!(out[..2], [json!({ "refusal": "I ", "role": "assistant" }), json!({ "refusal": "won't" })]);
}

#[test]
fn parts_of_content_become_text() {
    let parts = json!([{ "type": "thinking", "thinking": [{ "type": "text", "text": "Hm" }] },
        { "type": "text", "text": "4" }, { "type": "text", "text": "2" }]);
    let out = deltas(&[says(json!({ "content": parts })), ends(0, "stop")]);
    assert_eq!(out[0], json!({ "content": "42", "reasoning_content": "Hm", "role": "assistant" }));
}

#[test]
fn a_stream_without_usage_is_counted() {
    let mut stream = Stream::new(&call(json!({ "stream": true })), &deployment(json!({})), 1);
    for text in ["Hello ", "there, ", "you two"] {
        stream.push(format!("data: {}\n\n", says(json!({ "content": text }))).as_bytes());
    }
    let usage = stream.usage();
    assert!(usage.estimated && usage.prompt > 0);
    assert_eq!(usage.completion, 5); // 20 bytes
}

#[test]
fn explicit_zero_usage_is_zero() {
    let body = json!({ "id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [],
        "usage": { "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 } });
    let answer = |body: Value| {
        let (call, deployment) = (call(json!({})), deployment(json!({})));
        translate::answer(&call, &deployment, 200, body.to_string().as_bytes(), 1).unwrap()
    };
    assert_eq!(answer(body.clone()).usage, crate::usage::Usage::default());
    let mut without = body;
    without.as_object_mut().unwrap().remove("usage");
    assert!(answer(without).usage.estimated);
}

#[test]
fn what_is_not_an_answer_is_an_error() {
    let (call, deployment) = (call(json!({})), deployment(json!({})));
    for (body, status) in [
        ("", 500),
        ("not json", 500),
        ("<html>hi</html>", 500),
        ("[]", 500),
        ("{}", 500),
        (r#"{"error":{"message":"quota","code":429}}"#, 429),
        (r#"{"error":"no"}"#, 500),
    ] {
        let error = translate::answer(&call, &deployment, 200, body.as_bytes(), 1).unwrap_err();
        assert_eq!(error.status, status, "{body}");
    }
}

#[test]
fn vectors_keep_every_digit() {
    let call = Call::parse(Operation::Embeddings, br#"{"model":"mine","input":"a"}"#.to_vec()).unwrap();
    let answer = |body: &str| translate::answer(&call, &deployment(json!({})), 200, body.as_bytes(), 1);
    let vector = "[0.10,-0.123456789012345678901,1e-7]";
    let body = format!(
        r#"{{"data":[{{"embedding":{vector}}}],"model":"m","usage":{{"prompt_tokens":3,"total_tokens":3}}}}"#
    );
    let given = answer(&body).unwrap();
    let text = String::from_utf8(given.body).unwrap();
    assert!(text.contains(vector) && text.contains(r#""model":"mine""#), "{text}");
    assert_eq!((given.usage.prompt, given.usage.completion, given.usage.estimated), (3, 0, false));
    let nested = answer(&body.replace(vector, &format!("[{vector}]"))).unwrap();
    assert!(String::from_utf8(nested.body).unwrap().contains(r#""embedding":[0.1,"#));
    assert_eq!(answer(r#"{"error":{"message":"no","code":429}}"#).unwrap_err().status, 429);
    for broken in ["", "{}", r#"{"data":7}"#, "[]", "x"] {
        assert_eq!(answer(broken).unwrap_err().status, 500, "{broken}");
    }
}

#[test]
fn only_the_messages_that_need_it_are_rewritten() {
    let messages = json!([
        { "role": "user", "content": "a  \"cache_control\" é" },
        { "role": "user", "content": [{ "type": "text", "text": "b", "cache_control": { "type": "ephemeral" } }] },
    ]);
    let sent = body(&request(json!({ "messages": messages }), json!({})));
    assert_eq!(sent["messages"][0], messages[0]);
    assert_eq!(sent["messages"][1]["content"], json!([{ "type": "text", "text": "b" }]));
}

#[test]
fn settings_of_the_gateway_never_leave_it() {
    let extra = json!({ "api_key": "k", "mock_response": "m", "litellm_session_id": "s", "aws_access_key_id": "a",
        "top_k": 5, "extra_body": { "vendor": 1, "model": "other" } });
    let params =
        json!({ "rpm": 5, "input_cost_per_token": 1, "seed": 7, "drop_params": true, "organization": "org" });
    let outgoing = request(extra, params);
    let mut sent = body(&outgoing);
    sent.as_object_mut().unwrap().remove("messages");
    assert_eq!(sent, json!({ "model": "gpt-4o", "top_k": 5, "seed": 7, "vendor": 1 }));
    assert_eq!(outgoing.headers, [("openai-organization".to_owned(), "org".to_owned())]);
}

/// JSON of any shape, with the names that the translation acts on.
fn anything() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "role",
        "content",
        "choices",
        "delta",
        "message",
        "index",
        "finish_reason",
        "tool_calls",
        "function",
        "type",
        "arguments",
        "usage",
        "error",
        "messages",
        "tools",
        "stream_options",
        "image_url",
        "cache_control",
        "reasoning",
        "prompt_tokens",
        "id",
        "code",
        "n",
        "stop",
        "tool_choice",
        "thinking",
        "text",
        "file",
        "created",
        "model",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(|user|tool|stop|<think>|image_url|a|é)".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn no_request_panics_and_what_is_sent_is_json(messages in prop::collection::vec(anything(), 0..4),
                                                  tools in anything(), extra in anything()) {
        let mut fields = json!({ "messages": messages, "tools": tools });
        if let Value::Object(extra) = extra {
            fields.as_object_mut().unwrap().extend(extra.into_iter().filter(|(k, _)| k != "messages" && k != "model"));
        }
        for model in ["gpt-4o", "gpt-5", "o1"] {
            let facts = json!({ "supports_none_reasoning_effort": true }).as_object().unwrap().clone();
            let deployment = Deployment { model: model.into(), facts, ..deployment(json!({ "drop_params": true })) };
            if let Ok(outgoing) = translate::request(&call(fields.clone()), &deployment) {
                prop_assert!(serde_json::from_slice::<Value>(&outgoing.body).is_ok());
            }
        }
    }

    #[test]
    fn no_answer_panics(body in anything(), choices in anything()) {
        let (call, deployment) = (call(json!({})), deployment(json!({})));
        for body in [body, json!({ "choices": [choices] })] {
            for status in [200, 400] {
                drop(translate::answer(&call, &deployment, status, body.to_string().as_bytes(), 1));
            }
        }
    }

    #[test]
    fn any_split_of_a_stream_gives_the_same_bytes(chunks in prop::collection::vec((anything(), anything()), 0..5),
                                                  size in 1_usize..40) {
        let mut upstream = String::new();
        for (delta, reason) in chunks {
            let chunk = json!({ "id": "x", "model": "m", "created": 1,
                "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] });
            upstream = upstream + "data: " + &chunk.to_string() + "\n\n";
        }
        let run = |size: usize| {
            let mut stream = Stream::new(&call(json!({ "stream": true })), &deployment(json!({})), 1);
            let mut out: Vec<u8> = upstream.as_bytes().chunks(size).flat_map(|part| stream.push(part).bytes).collect();
            out.extend(stream.end().bytes);
            (out, stream.usage())
        };
        prop_assert_eq!(run(size), run(usize::MAX));
    }
}
