//! The edges. The recorded facts are replayed in `tests/oracle`.

use super::*;
use crate::{call::Call, deployment::Deployment, translate};

fn deployment(api_base: &str) -> Deployment {
    Deployment {
        provider: "triton".into(),
        model: "llama".into(),
        api_base: api_base.into(),
        ..Deployment::default()
    }
}

fn call(operation: Operation, stream: bool) -> Call {
    let messages = json!([{ "role": "system", "content": "S" }, { "role": "user", "content": "Q" }]);
    let body = json!({ "model": "m", "stream": stream, "messages": messages, "input": "Q", "top_k": 3, "beam": true,
        "penalty": 0.5, "name": "x" });
    Call::parse(operation, body.to_string().into_bytes()).unwrap()
}

fn path(api_base: &str, operation: Operation, stream: bool) -> String {
    translate::request(&call(operation, stream), &deployment(api_base)).unwrap().path
}

#[test]
fn the_address_may_name_its_endpoint() {
    let models = "http://t:8000/v2/models";
    assert_eq!(path(&format!("{models}/e/generate"), Operation::Chat, false), "/v2/models/e/generate");
    assert_eq!(path(&format!("{models}/e/generate"), Operation::Chat, true), "/v2/models/e/generate_stream");
    assert_eq!(path(&format!("{models}/e/infer"), Operation::Chat, true), "/v2/models/e/infer");
    assert_eq!(path("http://t:8000", Operation::Chat, true), "/v2/models/llama/generate_stream");
    assert_eq!(path("http://t:8000", Operation::Embeddings, false), "/v2/models/llama/infer");
}

#[test]
fn every_parameter_is_a_tensor_of_its_type() {
    let infer = deployment("http://t:8000/v2/models/e/infer");
    let sent = translate::request(&call(Operation::Chat, false), &infer).unwrap();
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    let inputs = body["inputs"].as_array().unwrap().iter();
    let kinds: Map<String, Value> =
        inputs.map(|input| (input["name"].as_str().unwrap().to_owned(), input["datatype"].clone())).collect();
    assert_eq!(body["inputs"][0]["data"], json!(["S Q"]));
    for (name, kind) in [("top_k", "INT32"), ("beam", "BOOL"), ("penalty", "FP32"), ("name", "BYTES")] {
        assert_eq!(kinds[name], kind, "{name}");
    }
}

#[test]
fn vectors_without_a_shape_are_no_answer() {
    let call = call(Operation::Embeddings, false);
    for output in
        [json!({ "data": [1, 2] }), json!({ "data": [1, 2], "shape": [1, 0] }), json!({ "shape": [1, 2] })]
    {
        let body = json!({ "outputs": [output] }).to_string();
        let deployment = deployment("http://t:8000");
        assert!(translate::answer(&call, &deployment, 200, body.as_bytes(), 1).is_err(), "{body}");
    }
}
