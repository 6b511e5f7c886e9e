//! What goes up.

use super::{claude, deployment, request};
use crate::{
    call::Call,
    deployment::Deployment,
    operation::Operation,
    wire::{Target, Wire, converse::This},
};
use serde_json::{Value, json};

fn sent(body: Value) -> Value {
    request(body, &claude()).unwrap()
}

fn path(model: &str, params: &Value, stream: bool) -> String {
    let body = json!({ "model": "m", "messages": [], "stream": stream, "model_id": "stolen" });
    let call = Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap();
    let params = params.as_object().cloned().unwrap_or_default();
    let deployment = Deployment { params, ..deployment(model, &[]) };
    This.path(&Target { call: &call, deployment: &deployment, now: 1 })
}

#[test]
fn the_model_is_one_segment_of_the_path() {
    let none = json!({});
    assert_eq!(path("converse/eu-west-1/a.b-v1:0", &none, false), "/model/a.b-v1%3A0/converse");
    assert_eq!(path("a.b-v1:0", &none, true), "/model/a.b-v1%3A0/converse-stream");
    assert_eq!(path("ai21.jamba-x", &none, true), "/model/ai21.jamba-x/converse");
    let arn = "arn:aws:bedrock:us-east-1:1:provisioned-model/x";
    let encoded = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprovisioned-model%2Fx/converse";
    assert_eq!(path("a.b", &json!({ "model_id": arn }), false), encoded);
}

#[test]
fn a_client_cannot_choose_another_model() {
    assert_eq!(path("a.b", &json!({}), false), "/model/a.b/converse");
    let body = sent(json!({ "model_id": "arn:aws:bedrock:x", "region_name": "eu-west-1" }));
    assert_eq!(body.get("additionalModelRequestFields"), None);
}

#[test]
fn redacted_thinking_goes_back_to_models_that_think() {
    let history = json!({ "messages": [
        { "role": "user", "content": "Q" },
        { "role": "assistant", "content": "A", "thinking_blocks": [{ "type": "redacted_thinking", "data": "ENC" }] },
        { "role": "user", "content": "Q2" },
    ]});
    let content = |model: &str| {
        request(history.clone(), &deployment(model, &[])).unwrap()["messages"][1]["content"].clone()
    };
    let thought = json!({ "reasoningContent": { "redactedContent": "ENC" } });
    assert_eq!(content("us.anthropic.claude-sonnet-4-5-x"), json!([thought, { "text": "A" }]));
    assert_eq!(content("us.amazon.nova-pro-v1:0"), json!([{ "text": "A" }]));
}

#[test]
fn names_of_tools_are_made_valid_everywhere_alike() {
    let body = sent(json!({
        "tools": [{ "type": "function", "function": { "name": "fs/read.file" } },
            { "type": "function", "function": { "name": "fs_read_file" } }],
        "tool_choice": { "type": "function", "function": { "name": "fs/read.file" } },
        "messages": [
            { "role": "user", "content": "Read" },
            { "role": "assistant", "tool_calls": [
                { "id": "c1", "type": "function", "function": { "name": "fs/read.file", "arguments": "{}" } }] },
            { "role": "tool", "tool_call_id": "c1", "content": "text" },
        ],
    }));
    let tools = &body["toolConfig"]["tools"];
    assert_eq!(tools[0]["toolSpec"]["name"], "fs_read_file_2");
    assert_eq!(tools[1]["toolSpec"]["name"], "fs_read_file");
    assert_eq!(body["toolConfig"]["toolChoice"]["tool"]["name"], "fs_read_file_2");
    assert_eq!(body["messages"][1]["content"][0]["toolUse"]["name"], "fs_read_file_2");
}

#[test]
fn system_messages_do_not_come_between_a_call_and_its_result() {
    let body = sent(json!({
        "tools": [{ "type": "function", "function": { "name": "f" } }],
        "messages": [
            { "role": "user", "content": "Go" },
            { "role": "assistant", "tool_calls": [
                { "id": "c1", "type": "function", "function": { "name": "f", "arguments": "{}" } }] },
            { "role": "system", "content": "Be quick." },
            { "role": "tool", "tool_call_id": "c1", "content": "done" },
        ],
    }));
    let content = body["messages"][2]["content"].as_array().unwrap();
    assert!(content[0].get("toolResult").is_some());
    assert_eq!(content.last().unwrap()["text"], "Be quick.");
}

#[test]
fn a_call_of_several_inputs_is_several_calls() {
    let body = sent(json!({
        "tools": [{ "type": "function", "function": { "name": "f" } }],
        "messages": [
            { "role": "user", "content": "Go" },
            { "role": "assistant", "tool_calls": [{ "id": "c1", "type": "function",
                "function": { "name": "f", "arguments": "{\"a\":1}{\"a\":2}" } }] },
            { "role": "tool", "tool_call_id": "c1", "content": "done" },
        ],
    }));
    let calls = &body["messages"][1]["content"];
    assert_eq!(calls[0]["toolUse"], json!({ "toolUseId": "c1", "name": "f", "input": { "a": 1 } }));
    assert_eq!(calls[1]["toolUse"], json!({ "toolUseId": "c1_1", "name": "f", "input": { "a": 2 } }));
}

#[test]
fn a_failed_tool_is_said_to_have_failed() {
    let body = sent(json!({
        "tools": [{ "type": "function", "function": { "name": "f" } }],
        "messages": [{ "role": "tool", "tool_call_id": "c1", "content": "oh", "is_error": true }],
    }));
    assert_eq!(body["messages"][0]["content"][0]["toolResult"]["status"], "error");
}

#[test]
fn documents_have_a_text_beside_them_and_names_of_their_own() {
    let file = json!({ "type": "file", "file": { "file_data": "data:application/pdf;base64,QQ==" } });
    let body = sent(json!({ "messages": [{ "role": "user", "content": [file, file] }] }));
    let content = body["messages"][0]["content"].as_array().unwrap();
    let name = content[0]["document"]["name"].as_str().unwrap();
    assert_eq!(content[1]["document"]["name"], format!("{name}_2"));
    assert_eq!(content[2], json!({ "text": "." }));
}

#[test]
fn a_video_is_told_from_an_image() {
    let part = |media: &str| json!({ "type": "image_url", "image_url": { "url": format!("data:{media};base64,QQ==") } });
    let body =
        sent(json!({ "messages": [{ "role": "user", "content": [part("video/mp4"), part("image/webp")] }] }));
    let content = &body["messages"][0]["content"];
    assert_eq!(content[0]["video"]["format"], "mp4");
    assert_eq!(content[1]["image"]["format"], "webp");
}

#[test]
fn what_is_no_medium_is_the_clients_mistake() {
    for url in
        ["https://example.com/a.png", "data:image/tiff;base64,QQ==", "data:application/x-y;base64,QQ==", "x"]
    {
        let part = json!({ "type": "image_url", "image_url": { "url": url } });
        let error =
            request(json!({ "messages": [{ "role": "user", "content": [part] }] }), &claude()).unwrap_err();
        assert_eq!(error.status, 400, "{url}");
    }
}

#[test]
fn metadata_is_held_to_the_apis_rules() {
    let status = |metadata: Value| {
        request(json!({ "requestMetadata": metadata }), &claude()).err().map(|error| error.status)
    };
    assert_eq!(status(json!({ "team": "a b:c" })), None);
    let many: serde_json::Map<_, _> = (0..17).map(|n| (n.to_string(), "x".into())).collect();
    for metadata in [json!([]), json!({ "a": 1 }), json!({ "": "x" }), json!({ "a": "\u{e9}" }), many.into()]
    {
        assert_eq!(status(metadata), Some(400));
    }
}

#[test]
fn anthropics_way_to_ask_for_json_is_the_apis_where_the_model_can_be_held_to_it() {
    let asked =
        json!({ "output_config": { "format": { "type": "json_schema", "schema": { "type": "object" } } } });
    let held = deployment("anthropic.claude-opus-4-x", &["supports_native_structured_output"]);
    let body = request(asked.clone(), &held).unwrap();
    let schema = &body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"];
    assert_eq!(schema, "{\"type\": \"object\", \"additionalProperties\": false}");
    assert_eq!(body.get("additionalModelRequestFields"), None);
    let body = request(asked, &deployment("anthropic.claude-opus-4-x", &[])).unwrap();
    assert_eq!(body.get("outputConfig"), None);
}

#[test]
fn fields_of_the_model_are_unfolded() {
    let body = sent(json!({ "additionalModelRequestFields": { "a": 1 }, "b": 2 }));
    assert_eq!(body["additionalModelRequestFields"], json!({ "a": 1, "b": 2 }));
}

#[test]
fn nova_2_reasons_in_its_own_words() {
    let nova = deployment("us.amazon.nova-2-lite-v1:0", &[]);
    let body = request(json!({ "reasoning_effort": "low" }), &nova).unwrap();
    let config = json!({ "type": "enabled", "maxReasoningEffort": "low" });
    assert_eq!(body["additionalModelRequestFields"], json!({ "reasoningConfig": config }));
    assert_eq!(request(json!({ "reasoning_effort": "xhigh" }), &nova).unwrap_err().status, 400);
}

#[test]
fn a_budget_is_never_below_the_apis_least() {
    let thinks = deployment("anthropic.claude-opus-4-x", &[]);
    let body = request(json!({ "thinking": { "type": "enabled", "budget_tokens": 10 } }), &thinks).unwrap();
    assert_eq!(body["additionalModelRequestFields"]["thinking"]["budget_tokens"], 1024);
    assert_eq!(body["inferenceConfig"]["maxTokens"], 5120);
}

#[test]
fn patterns_that_look_around_go_only_where_they_are_taken() {
    let parameters = json!({ "type": "object", "properties": {
        "a": { "type": "string", "pattern": "^(?!x)", "default": { "pattern": "(?=" } },
        "b": { "type": "string", "pattern": "^x" } } });
    let asked = json!({ "tools": [{ "function": { "name": "f", "parameters": parameters } }] });
    let properties = |deployment: &Deployment| {
        let body = request(asked.clone(), deployment).unwrap();
        body["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]["properties"].clone()
    };
    assert_eq!(properties(&claude()), parameters["properties"]);
    let mut grok = deployment("us.xai.grok-x", &["supports_function_calling"]);
    grok.facts.insert("supports_regex_lookaround".into(), false.into());
    assert_eq!(properties(&grok)["a"].get("pattern"), None);
    assert_eq!(properties(&grok)["a"]["default"], json!({ "pattern": "(?=" }));
    assert_eq!(properties(&grok)["b"]["pattern"], "^x");
}

#[test]
fn the_computer_is_used_in_anthropics_form() {
    let tool = json!({ "type": "computer_20250124", "function": { "name": "computer",
        "parameters": { "display_width_px": 800 } } });
    let body = request(json!({ "tools": [tool] }), &deployment("anthropic.claude-sonnet-4-x", &[])).unwrap();
    let extra = &body["additionalModelRequestFields"];
    let own = json!({ "type": "computer_20250124", "name": "computer", "display_width_px": 800 });
    assert_eq!(extra["tools"], json!([own]));
    assert_eq!(extra["anthropic_beta"], json!(["computer-use-2025-01-24"]));
}
