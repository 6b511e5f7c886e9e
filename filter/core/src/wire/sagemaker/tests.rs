//! The edges. The recorded facts are replayed in `tests/oracle`.

use crate::{
    call::Call,
    deployment::Deployment,
    operation::Operation,
    translate::{self, Stream},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn deployment(provider: &str, params: Value) -> Deployment {
    Deployment {
        provider: provider.into(),
        model: "my-endpoint".into(),
        params: serde_json::from_value(params).unwrap(),
        ..Deployment::default()
    }
}

fn call(extra: &Value) -> Call {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] });
    body.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
    Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap()
}

/// A frame of AWS's event stream, of the kind given.
fn frame(kind: &str, payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    let names = if kind == "event" { "PayloadPart" } else { "ModelStreamError" };
    for (name, value) in [(":message-type", kind), (":event-type", names)] {
        head.extend([u8::try_from(name.len()).unwrap()]);
        head.extend(name.as_bytes());
        head.extend([7, 0, u8::try_from(value.len()).unwrap()]);
        head.extend(value.as_bytes());
    }
    let total = u32::try_from(16 + head.len() + payload.len()).unwrap();
    let mut out = [total.to_be_bytes(), u32::try_from(head.len()).unwrap().to_be_bytes()].concat();
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out.extend(head);
    out.extend(payload);
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out
}

/// What a client gets of a stream whose frames have `size` bytes of payload, pushed in `pieces`.
fn streamed(provider: &str, events: &[Value], size: usize, pieces: usize) -> String {
    let sse: Vec<u8> = events.iter().flat_map(|event| format!("data:{event}\n\n").into_bytes()).collect();
    let bytes: Vec<u8> = sse.chunks(size).flat_map(|payload| frame("event", payload)).collect();
    let mut stream = Stream::new(&call(&json!({ "stream": true })), &deployment(provider, json!({})), 1);
    let mut out: Vec<u8> = bytes.chunks(pieces).flat_map(|piece| stream.push(piece).bytes).collect();
    out.extend(stream.end().bytes);
    String::from_utf8(out).unwrap()
}

fn token(text: &str, end: Option<&str>) -> Value {
    let details = end.map(|reason| json!({ "finish_reason": reason }));
    json!({ "token": { "text": text, "special": end == Some("eos_token") }, "details": details,
        "generated_text": end.map(|_| "all of it") })
}

#[test]
fn the_whole_text_at_the_end_is_not_said_again() {
    let text = streamed("sagemaker", &[token("日", None), token("本", Some("length"))], 7, 3);
    assert!(text.contains('日') && text.contains('本') && !text.contains("all of it"), "{text}");
    assert!(text.contains(r#""finish_reason":"length""#) && text.ends_with("data: [DONE]\n\n"), "{text}");
    assert!(!streamed("sagemaker", &[token("</s>", Some("eos_token"))], 99, 99).contains("</s>"));
}

#[test]
fn an_error_of_the_framing_ends_the_stream() {
    for provider in ["sagemaker", "sagemaker_chat"] {
        let mut stream = Stream::new(&call(&json!({ "stream": true })), &deployment(provider, json!({})), 1);
        let pushed = stream.push(&frame("exception", br#"{"Message":"the model is gone"}"#));
        assert!(pushed.error.unwrap().message.contains("the model is gone"), "{provider}");
    }
}

#[test]
fn a_component_of_an_endpoint_is_named_in_a_header_and_nowhere_else() {
    for provider in ["sagemaker", "sagemaker_chat"] {
        let deployment = deployment(provider, json!({ "model_id": "c1", "aws_region_name": "eu-west-1" }));
        let sent = translate::request(&call(&json!({})), &deployment).unwrap();
        assert_eq!(sent.path, "/endpoints/my-endpoint/invocations");
        assert_eq!(sent.headers, [("x-amzn-sagemaker-inference-component".to_owned(), "c1".to_owned())]);
        assert!(!String::from_utf8(sent.body).unwrap().contains("c1"));
        assert_eq!(deployment.base_url(), "https://runtime.sagemaker.eu-west-1.amazonaws.com");
    }
}

#[test]
fn a_temperature_of_zero_goes_up_where_the_endpoint_takes_it() {
    let taken = deployment("sagemaker", json!({ "aws_sagemaker_allow_zero_temp": true }));
    let sent = translate::request(&call(&json!({ "temperature": 0, "max_tokens": 0 })), &taken).unwrap();
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["parameters"], json!({ "temperature": 0, "max_new_tokens": 1 }));
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_text(texts in prop::collection::vec("[a-zé🎉]{1,6}", 1..5), size in 1_usize..60,
                                   pieces in 1_usize..60) {
        let mut events: Vec<Value> = texts.iter().map(|text| token(text, None)).collect();
        events.push(token("", Some("stop_sequence")));
        let whole = streamed("sagemaker", &events, 10_000, 10_000);
        prop_assert_eq!(streamed("sagemaker", &events, size, pieces), whole);
    }
}
