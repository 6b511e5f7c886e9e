//! The edges. The recorded facts are replayed in `tests/oracle`.

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    translate::{self, Answer},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn deployment(model: &str) -> Deployment {
    Deployment { provider: "replicate".into(), model: model.into(), ..Deployment::default() }
}

fn call(extra: &Value) -> Call {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] });
    body.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
    Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap()
}

fn answer(body: &Value, stream: bool) -> Result<Answer, Error> {
    let call = call(&json!({ "stream": stream }));
    let translate = if stream { translate::answer_as_stream } else { translate::answer };
    translate(&call, &deployment("m"), 201, body.to_string().as_bytes(), 1)
}

#[test]
fn what_a_model_takes_stands_beside_its_prompt() {
    let extra =
        json!({ "max_tokens": 9, "stop": ["a"], "top_k": 3, "tools": [{ "type": "function" }], "seed": 1 });
    for (model, most) in
        [("meta/x", "max_new_tokens"), ("a/vicuna-13b", "max_length"), ("meta/codellama-13b", "max_tokens")]
    {
        let outgoing = translate::request(&call(&extra), &deployment(model)).unwrap();
        let body: Value = serde_json::from_slice(&outgoing.body).unwrap();
        assert_eq!(body["input"], json!({ "prompt": "Hi", most: 9, "stop_sequences": ["a"], "top_k": 3 }));
        assert_eq!(outgoing.path, format!("/v1/models/{model}/predictions"));
        assert!(outgoing.headers.contains(&("prefer".into(), "wait=60".into())));
    }
}

#[test]
fn a_prediction_that_did_not_succeed_is_no_answer() {
    let failed = answer(&json!({ "status": "failed", "output": null, "error": "boom" }), false).unwrap_err();
    assert!(failed.status == 422 && failed.message.contains("boom"), "{failed}");
    for status in ["starting", "processing"] {
        assert_eq!(answer(&json!({ "status": status, "output": ["Hel"] }), false).unwrap_err().status, 504);
    }
    assert!(answer(&json!({}), false).is_err() && answer(&json!({ "status": "succeeded" }), true).is_err());
}

#[test]
fn what_a_model_counts_is_what_was_used() {
    let metrics = json!({ "input_token_count": 7, "output_token_count": 2 });
    let answer =
        answer(&json!({ "status": "succeeded", "output": "Hi", "metrics": metrics }), false).unwrap();
    assert_eq!((answer.usage.prompt, answer.usage.completion, answer.usage.estimated), (7, 2, false));
}

proptest! {
    #[test]
    fn nothing_of_an_output_is_lost(pieces in prop::collection::vec("[a-zé\\\\\n\"]{0,6}", 0..6)) {
        let body = json!({ "status": "succeeded", "output": pieces });
        let whole: Value = serde_json::from_slice(&answer(&body, false).unwrap().body).unwrap();
        prop_assert_eq!(whole["choices"][0]["message"]["content"].as_str().unwrap(), pieces.concat());
        let stream = String::from_utf8(answer(&body, true).unwrap().body).unwrap();
        let chunks = stream.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
        let said: String = chunks.filter_map(|chunk| Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned())).collect();
        prop_assert_eq!(said, pieces.concat());
        prop_assert!(stream.ends_with("data: [DONE]\n\n"));
    }

    #[test]
    fn nothing_panics(text in "[\\x00-\\x7fé]{0,60}", name in "(status|output|error|metrics)") {
        let call = call(&json!({}));
        let _ = translate::answer(&call, &deployment("m"), 201, format!("{{\"{name}\":{text}}}").as_bytes(), 1);
    }
}
