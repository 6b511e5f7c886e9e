//! Edges of request translation.

use super::{
    super::{This, count::input_tokens, request},
    object,
};
use crate::{
    call::Call, client::Dialect, deployment::Deployment, error::Error, operation::Operation, wire::Target,
};
use serde_json::{Value, json};

fn chat(body: Value) -> Value {
    Value::Object(request::chat(object(body)).expect("a request"))
}

fn refusal(body: Value) -> Error {
    request::chat(object(body)).expect_err("a refusal")
}

#[expect(clippy::needless_pass_by_value, reason = "a literal reads best without a reference")]
fn user(content: Value) -> Value {
    json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": content }] })
}

#[test]
fn system_blocks_come_first_and_keep_their_cache_control() {
    let mut body = user(json!("Hi"));
    body["system"] = json!([{ "type": "text", "text": "A", "cache_control": { "type": "ephemeral" } }]);
    assert_eq!(
        chat(body)["messages"],
        json!([
            { "role": "system",
              "content": [{ "type": "text", "text": "A", "cache_control": { "type": "ephemeral" } }] },
            { "role": "user", "content": "Hi" },
        ])
    );
}

#[test]
fn several_tool_results_come_before_what_the_user_says() {
    let image =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "AA==" } });
    let messages = chat(user(json!([
        { "type": "text", "text": "and now?" },
        { "type": "tool_result", "tool_use_id": "a", "content": [{ "type": "text", "text": "seen" }, image] },
        { "type": "tool_result", "tool_use_id": "b", "is_error": true, "cache_control": { "type": "ephemeral" } },
    ])))["messages"]
        .take();
    assert_eq!(
        messages,
        json!([
            { "role": "tool", "tool_call_id": "a", "content": [
                { "type": "text", "text": "seen" },
                { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA==" } },
            ] },
            { "role": "tool", "tool_call_id": "b", "content": "", "cache_control": { "type": "ephemeral" } },
            { "role": "user", "content": [{ "type": "text", "text": "and now?" }] },
        ])
    );
}

#[test]
fn documents_are_text_files_or_links_by_where_they_come_from() {
    let messages = chat(user(json!([
        { "type": "document", "title": "T", "source": { "type": "text", "media_type": "text/plain", "data": "D" } },
        { "type": "search_result", "title": "S", "source": "https://s", "content": [{ "type": "text", "text": "F" }] },
        { "type": "document", "source": { "type": "url", "url": "https://e/x.pdf" } },
        { "type": "document", "source": { "type": "base64", "media_type": "application/pdf", "data": "AA==" } },
    ])))["messages"]
        .take();
    assert_eq!(
        messages[0]["content"],
        json!([
            { "type": "text", "text": "T\n\nD" },
            { "type": "text", "text": "S\nhttps://s" },
            { "type": "text", "text": "F" },
            { "type": "image_url", "image_url": { "url": "https://e/x.pdf" } },
            { "type": "file",
              "file": { "filename": "document.pdf", "file_data": "data:application/pdf;base64,AA==" } },
        ])
    );
}

#[test]
fn an_assistants_thinking_and_parallel_calls_are_kept() {
    let messages = chat(json!({ "messages": [{ "role": "assistant", "content": [
        { "type": "thinking", "thinking": "t", "signature": "s" },
        { "type": "redacted_thinking", "data": "d" },
        { "type": "server_tool_use", "id": "srv", "name": "web_search", "input": {} },
        { "type": "text", "text": "a" },
        { "type": "text", "text": "b" },
        { "type": "tool_use", "id": "1", "name": "f", "input": { "x": 1 } },
        { "type": "tool_use", "id": "2", "name": "g", "input": {} },
    ] }] }))["messages"]
        .take();
    assert_eq!(
        messages[0],
        json!({
            "role": "assistant",
            "content": "ab",
            "reasoning_content": "t",
            "thinking_blocks": [
                { "type": "thinking", "thinking": "t", "signature": "s" },
                { "type": "redacted_thinking", "data": "d" },
            ],
            "tool_calls": [
                { "id": "1", "type": "function", "function": { "name": "f", "arguments": "{\"x\":1}" } },
                { "id": "2", "type": "function", "function": { "name": "g", "arguments": "{}" } },
            ],
        })
    );
}

#[test]
fn the_thinking_budget_becomes_an_effort() {
    for (thinking, effort) in [
        (json!({ "type": "disabled" }), json!("none")),
        (json!({ "type": "enabled", "budget_tokens": 1023 }), json!("minimal")),
        (json!({ "type": "enabled", "budget_tokens": 1024 }), json!("low")),
        (json!({ "type": "enabled", "budget_tokens": 2048 }), json!("medium")),
        (json!({ "type": "enabled", "budget_tokens": 4096 }), json!("high")),
        (json!({ "type": "adaptive" }), json!("medium")),
        (json!({ "type": "unheard-of" }), Value::Null),
    ] {
        let mut body = user(json!("Hi"));
        body["thinking"] = thinking;
        assert_eq!(chat(body)["reasoning_effort"], effort);
    }
    let mut body = user(json!("Hi"));
    body["thinking"] = json!({ "type": "adaptive" });
    body["output_config"] = json!({ "effort": "high" });
    assert_eq!(chat(body)["reasoning_effort"], "high");
}

#[test]
fn a_model_that_does_not_reason_is_not_told_not_to() {
    let mut body = user(json!("Hi"));
    body["thinking"] = json!({ "type": "disabled" });
    let call = Call::parse(Operation::Messages, body.to_string().into_bytes()).expect("a call");
    let plain = Deployment { provider: "openai".into(), model: "gpt-4o".into(), ..Deployment::default() };
    let facts = object(json!({ "supports_reasoning": true }));
    for (deployment, effort) in [(plain.clone(), None), (Deployment { facts, ..plain }, Some(&json!("none")))]
    {
        let target = Target { call: &call, deployment: &deployment, now: 0 };
        assert_eq!(This.request(&target).expect("a request").get("reasoning_effort"), effort);
    }
}

#[test]
fn a_schema_is_made_strict_at_every_level() {
    for place in ["output_format", "output_config"] {
        let format = json!({ "type": "json_schema", "schema": { "type": "object", "properties": {
            "list": { "type": "array", "items": { "type": "object", "properties": { "x": { "type": "string" } } } },
        } } });
        let mut body = user(json!("Hi"));
        body[place] = if place == "output_config" { json!({ "format": format }) } else { format };
        let schema = chat(body)["response_format"]["json_schema"]["schema"].take();
        assert_eq!(schema["required"], json!(["list"]));
        assert_eq!(schema["properties"]["list"]["items"]["additionalProperties"], false);
    }
}

#[test]
fn tools_of_the_client_are_functions_and_those_of_anthropic_stay() {
    let mut body = user(json!("Hi"));
    body["tools"] = json!([
        { "type": "custom", "name": "f", "description": "d", "input_schema": { "type": "object" },
          "strict": true, "defer_loading": true, "cache_control": { "type": "ephemeral" } },
        { "type": "bash_20250124", "name": "bash" },
        { "type": "web_search_20250305", "name": "web_search",
          "user_location": { "type": "approximate", "city": "Paris" } },
    ]);
    body["tool_choice"] = json!({ "type": "none" });
    let chat = chat(body);
    assert_eq!(
        chat["tools"],
        json!([
            { "type": "function", "cache_control": { "type": "ephemeral" },
              "function": { "name": "f", "description": "d", "parameters": { "type": "object" }, "strict": true } },
            { "type": "bash_20250124", "name": "bash" },
        ])
    );
    assert_eq!(chat["tool_choice"], "none");
    assert_eq!(
        chat["web_search_options"],
        json!({ "user_location": { "type": "approximate", "approximate": { "city": "Paris" } } })
    );
}

#[test]
fn what_is_not_known_passes_through() {
    let mut body =
        user(json!([{ "type": "input_audio", "input_audio": { "data": "AA==", "format": "wav" } }]));
    body["top_k"] = json!(5);
    body["next_years_field"] = json!({ "a": [1] });
    let chat = chat(body);
    assert_eq!(chat["messages"][0]["content"][0]["type"], "input_audio");
    assert_eq!((&chat["top_k"], &chat["next_years_field"]), (&json!(5), &json!({ "a": [1] })));
}

#[test]
fn a_faulty_request_is_refused_by_the_name_of_its_field() {
    for (body, field) in [
        (json!({}), "messages"),
        (json!({ "messages": "Hi" }), "messages"),
        (json!({ "messages": [1] }), "messages.0"),
        (json!({ "messages": [{ "role": "robot", "content": "" }] }), "messages.0.role"),
        (json!({ "messages": [{ "role": "user" }] }), "messages.0.content"),
        (user(json!([1])), "messages.0.content.0"),
        (user(json!([{ "text": "x" }])), "messages.0.content.0.type"),
        (user(json!([{ "type": "image" }])), "messages.0.content.0.source"),
        (
            user(json!([{ "type": "image", "source": { "type": "telepathy" } }])),
            "messages.0.content.0.source.type",
        ),
        (user(json!([{ "type": "tool_result" }])), "messages.0.content.0.tool_use_id"),
        (json!({ "messages": [], "tools": [{}] }), "tools.0.name"),
        (json!({ "messages": [], "tools": {} }), "tools"),
        (json!({ "messages": [], "tool_choice": { "type": "some" } }), "tool_choice.type"),
    ] {
        let error = refusal(body);
        assert_eq!((error.status, error.param.as_deref()), (400, Some(field)), "{error}");
    }
}

#[test]
fn the_estimate_grows_with_the_text_and_not_with_the_pixels() {
    let count = |body: Value| input_tokens(&object(body))["input_tokens"].as_u64().expect("a number");
    let short = count(user(json!("Hello")));
    assert!((1..20).contains(&short), "{short}");
    let long = count(user(json!("word ".repeat(4_000))));
    assert!((4_000..6_000).contains(&long), "{long}");
    let image = json!([{ "type": "image", "source": { "type": "base64", "data": "A".repeat(1 << 20) } }]);
    assert!(count(user(image)) < 2_000);
}
