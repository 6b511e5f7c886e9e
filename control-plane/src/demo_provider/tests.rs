use super::*;
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use tower::ServiceExt;

async fn post(path: &str, body: Value) -> (u16, String) {
    let request = Request::post(path).header("content-type", "application/json");
    let response = router().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn json_of(path: &str, body: Value) -> Value {
    serde_json::from_str(&post(path, body).await.1).unwrap()
}

fn hello() -> Value {
    json!([{"role": "user", "content": "Why is the sky blue?"}])
}

#[tokio::test]
async fn it_says_what_it_was_told_in_both_formats() {
    let openai = json_of("/v1/chat/completions", json!({"model": "demo", "messages": hello()})).await;
    assert!(openai["choices"][0]["message"]["content"].as_str().unwrap().ends_with("Why is the sky blue?"));
    assert!(openai["usage"]["total_tokens"].as_u64().unwrap() > 10);
    let anthropic =
        json_of("/v1/messages", json!({"model": "demo", "max_tokens": 3, "messages": hello()})).await;
    assert_eq!(anthropic["content"][0]["text"], "This is Tianji's ");
    assert_eq!(
        (&anthropic["stop_reason"], &anthropic["usage"]["output_tokens"]),
        (&json!("max_tokens"), &json!(3))
    );
}

#[tokio::test]
async fn a_stream_has_every_event_of_its_format() {
    let body = json!({"model": "demo", "stream": true, "stream_options": {"include_usage": true}, "messages": hello()});
    let (_, openai) = post("/v1/chat/completions", body).await;
    assert!(openai.ends_with("data: [DONE]\n\n") && openai.contains("\"finish_reason\":\"stop\""));
    assert!(openai.contains("\"choices\":[],\"usage\":{"));
    let (_, anthropic) =
        post("/v1/messages", json!({"model": "d", "max_tokens": 100, "stream": true, "messages": hello()}))
            .await;
    for name in [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ] {
        assert!(anthropic.contains(&format!("event: {name}\n")), "{name}");
    }
}

#[tokio::test]
async fn tools_are_called_and_their_results_are_told() {
    let schema =
        json!({"type": "object", "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}}});
    let tool = json!({"type": "function", "function": {"name": "weather", "parameters": schema}});
    let body = json!({"model": "demo", "messages": hello(), "tools": [tool]});
    let called = json_of("/v1/chat/completions", body).await;
    let function = &called["choices"][0]["message"]["tool_calls"][0]["function"];
    assert_eq!(function["arguments"], json!({"city": "demo", "unit": "C"}).to_string());
    let result = json!([{"role": "tool", "tool_call_id": "1", "content": "22 C"}]);
    let told =
        json_of("/v1/chat/completions", json!({"model": "demo", "messages": result, "tools": [tool]})).await;
    assert_eq!(told["choices"][0]["message"]["content"], "The tool answered: 22 C");

    let tool = json!({"name": "weather", "input_schema": schema});
    let body = json!({"model": "d", "max_tokens": 100, "messages": hello(), "tools": [tool]});
    assert_eq!(
        json_of("/v1/messages", body).await["content"][0]["input"],
        json!({"city": "demo", "unit": "C"})
    );
}

#[tokio::test]
async fn embeddings_and_token_counts_are_given() {
    let body = json_of("/v1/embeddings", json!({"model": "demo", "input": ["a", "b", "a"]})).await;
    assert_eq!(body["data"][0]["embedding"], body["data"][2]["embedding"]);
    assert_ne!(body["data"][0]["embedding"], body["data"][1]["embedding"]);
    let body = json_of("/v1/messages/count_tokens", json!({"model": "demo", "messages": hello()})).await;
    assert!(body["input_tokens"].as_u64().unwrap() > 5);
}

#[tokio::test]
async fn what_is_missing_is_said_in_the_formats_own_words() {
    let (status, body) = post("/v1/chat/completions", json!({"model": "demo"})).await;
    assert!(status == 400 && body.contains("\"param\":\"messages\""));
    let (status, body) = post("/v1/messages", json!({"model": "demo", "messages": hello()})).await;
    assert!(status == 400 && body.contains("max_tokens"));
}
