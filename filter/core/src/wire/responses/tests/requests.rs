use super::*;

fn chat_of(messages: &Value) -> Value {
    sent(Operation::Chat, &json!({ "model": "m", "messages": messages }))
}

#[test]
fn encrypted_reasoning_comes_back_from_clients_of_either_api() {
    let reasoning = json!({ "type": "reasoning", "summary": [{ "type": "summary_text", "text": "t" }],
                            "encrypted_content": "gAAA" });
    let mut kept = reasoning.clone();
    kept["id"] = "rs_1".into();
    let up = chat_of(&json!([{ "role": "assistant", "content": "A", "reasoning_items": [kept] }]));
    assert_eq!(up["input"][0], kept);
    let block =
        json!({ "type": "thinking", "thinking": "t", "signature": "litellm_encrypted_reasoning:gAAA" });
    let up = sent(
        Operation::Messages,
        &json!({ "model": "m", "max_tokens": 99,
                 "messages": [{ "role": "assistant", "content": [block, { "type": "text", "text": "A" }] }] }),
    );
    assert_eq!(up["input"][0], reasoning);
    assert_eq!(up["include"], json!(["reasoning.encrypted_content"]));
}

#[test]
fn another_vendor_s_thoughts_are_told_as_one_summary() {
    let blocks = json!([{ "type": "thinking", "thinking": "a", "signature": "EqQB" },
                        { "type": "thinking", "thinking": "b", "signature": "EqQC" }]);
    let up = chat_of(&json!([{ "role": "assistant", "content": "A", "thinking_blocks": blocks }]));
    assert_eq!(up["input"][0]["summary"].as_array().map(Vec::len), Some(2));
    assert_eq!(up["input"][0].get("encrypted_content"), None);
    assert_eq!(up["input"][1]["role"], "assistant");
}

#[test]
fn an_effort_keeps_its_summary_though_chat_has_none() {
    let effort = json!({ "effort": "high", "summary": "auto" });
    let up = sent(Operation::Chat, &json!({ "model": "m", "messages": [], "reasoning_effort": effort }));
    assert_eq!(up["reasoning"], effort);
}

#[test]
fn calls_in_the_older_form_meet_their_results() {
    let up = chat_of(&json!([
        { "role": "assistant", "content": null, "function_call": { "name": "f", "arguments": "{}" } },
        { "role": "function", "name": "f", "content": "4" },
    ]));
    let ids = [&up["input"][0]["call_id"], &up["input"][1]["call_id"]];
    assert_eq!((ids, up["input"].as_array().map(Vec::len)), ([&json!("f"), &json!("f")], Some(2)));
}

#[test]
fn searching_is_a_tool_among_others() {
    let tool = json!({ "type": "function", "function": { "name": "f", "parameters": {} } });
    let body = json!({ "model": "grok-4", "messages": [], "tools": [tool], "web_search_options": {},
                       "tool_choice": { "type": "function", "function": { "name": "f" } } });
    let xai = Deployment { provider: "xai".into(), model: "grok-4".into(), ..Deployment::default() };
    let outgoing = translate::request(&call(Operation::Chat, &body), &xai).expect("a request");
    let up: Value = serde_json::from_slice(&outgoing.body).expect("JSON");
    let kinds: Vec<&Value> =
        up["tools"].as_array().expect("tools").iter().map(|tool| &tool["type"]).collect();
    assert_eq!(kinds, ["function", "web_search"]);
    assert_eq!(up["tool_choice"], json!({ "type": "function", "name": "f" }));
}
