//! Texts gone on with, natively and by chat models.

use crate::{
    call::Call,
    deployment::Deployment,
    operation::Operation,
    translate::{self, Stream},
    usage::Usage,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn call(operation: Operation, body: &Value) -> Call {
    Call::parse(operation, body.to_string().into_bytes()).unwrap()
}

fn deployment(provider: &str) -> Deployment {
    let api_base = "https://host.example/v1".into();
    Deployment { provider: provider.into(), model: "m".into(), api_base, ..Deployment::default() }
}

fn streamed(provider: &str, call: &Call, bytes: &[u8], size: usize) -> (String, Usage) {
    let mut stream = Stream::new(call, &deployment(provider), 1);
    let mut out: Vec<u8> = bytes.chunks(size).flat_map(|piece| stream.push(piece).bytes).collect();
    out.extend(stream.end().bytes);
    (String::from_utf8(out).unwrap(), stream.usage())
}

fn said(events: &str) -> String {
    let chunks =
        events.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
    chunks.filter_map(|chunk| chunk["choices"][0]["text"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_conversation_becomes_a_prompt_where_a_model_only_goes_on_with_texts() {
    let body = json!({ "model": "m", "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "Hi" }] });
    let chat = call(Operation::Chat, &body);
    let instruct = deployment("text-completion-openai");
    let sent = translate::request(&chat, &instruct).unwrap();
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!((sent.path.as_str(), body["model"].as_str()), ("/v1/completions", Some("m")));
    assert!(body["prompt"].as_str().unwrap().contains("Be brief.") && body.get("messages").is_none());
    let answer = br#"{"id":"c","choices":[{"text":"Hello","index":0,"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
    let answer = translate::answer(&chat, &instruct, 200, answer, 1).unwrap();
    let read: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(read["choices"][0]["message"]["content"], "Hello");
    assert_eq!((&read["choices"][0]["finish_reason"], answer.usage.total()), (&json!("length"), 4));
}

#[test]
fn tokens_reach_only_models_that_go_on_with_texts() {
    let tokens = call(Operation::Completions, &json!({ "model": "m", "prompt": [1, 2] }));
    let native = translate::request(&tokens, &deployment("text-completion-openai")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&native.body).unwrap()["prompt"], json!([1, 2]));
    let refused = translate::request(&tokens, &deployment("anthropic")).unwrap_err();
    assert_eq!((refused.status, refused.param.as_deref()), (400, Some("prompt")));
}

#[test]
fn what_takes_one_text_gets_one() {
    let sent = |provider: &str, prompt: Value| {
        let asked = call(Operation::Completions, &json!({ "model": "m", "prompt": prompt }));
        let sent = translate::request(&asked, &deployment(provider))?;
        Ok::<_, crate::error::Error>(serde_json::from_slice::<Value>(&sent.body).unwrap()["prompt"].clone())
    };
    assert_eq!(sent("fireworks_ai", json!(["a"])).unwrap(), "a");
    assert_eq!(sent("fireworks_ai", json!(["a", "b"])).unwrap(), json!(["a", "b"]));
    assert_eq!(sent("text-completion-codestral", json!(["a", "b"])).unwrap(), "ab");
    assert_eq!(sent("text-completion-codestral", json!([1])).unwrap_err().status, 400);
    assert_eq!(sent("together_ai", json!(["a", "b"])).unwrap_err().status, 400);
}

#[test]
fn a_stream_that_stops_in_the_middle_is_an_error() {
    let call = call(Operation::Completions, &json!({ "model": "m", "prompt": "x", "stream": true }));
    let bytes = b"data: {\"choices\":[{\"text\":\"Hel\",\"index\":0,\"finish_reason\":null}]}\n\n";
    let (events, usage) = streamed("text-completion-openai", &call, bytes, 7);
    assert!(events.contains("Hel") && events.contains("\"error\"") && !events.contains("[DONE]"));
    assert!(usage.estimated && usage.completion > 0);
}

proptest! {
    #[test]
    fn no_text_of_a_stream_is_lost_however_it_is_cut(
        texts in prop::collection::vec(".{1,9}", 1..9),
        size in 1_usize..99,
        native in any::<bool>(),
    ) {
        let call = call(Operation::Completions, &json!({ "model": "m", "prompt": "x", "stream": true }));
        let chunk = |text: &str, finish: Option<&str>| {
            let (name, said) = if native { ("text", json!(text)) } else { ("delta", json!({ "content": text })) };
            let choice = json!({ "index": 0, name: said, "finish_reason": finish });
            format!("data: {}\n\n", json!({ "id": "c", "created": 1, "choices": [choice] }))
        };
        let mut bytes: String = texts.iter().map(|text| chunk(text, None)).collect();
        bytes += &chunk("", Some("stop"));
        let provider = if native { "text-completion-openai" } else { "cerebras" };
        let (events, usage) = streamed(provider, &call, bytes.as_bytes(), size);
        prop_assert_eq!(said(&events), texts.concat());
        prop_assert!(events.ends_with("data: [DONE]\n\n") && usage.completion > 0);
    }

    #[test]
    fn no_answer_is_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..99), choices in ".{0,40}") {
        let call = call(Operation::Completions, &json!({ "model": "m", "prompt": "x", "stream": true }));
        let odd = format!("{{\"choices\":{choices}}}");
        for body in [bytes.as_slice(), odd.as_bytes()] {
            let _ = translate::answer(&call, &deployment("fireworks_ai"), 200, body, 1);
            streamed("fireworks_ai", &call, &[b"data: ", body, b"\n\n"].concat(), 9);
        }
    }
}
