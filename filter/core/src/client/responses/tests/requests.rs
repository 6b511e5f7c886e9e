use super::*;

fn messages(input: &Value) -> Value {
    sent(&json!({ "input": input }), &groq()).expect("a request")["messages"].take()
}

#[test]
fn an_assistant_s_items_are_one_message_and_results_follow_their_calls() {
    let input = json!([
        { "role": "user", "content": [{ "type": "input_text", "text": "Q" }] },
        { "type": "reasoning", "id": "rs", "summary": [{ "type": "summary_text", "text": "t" }] },
        { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "ok" }] },
        { "type": "function_call", "call_id": "a", "name": "f", "arguments": "{}" },
        { "type": "function_call", "call_id": "b", "name": "g", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "a", "output": "1" },
        { "type": "function_call_output", "call_id": "b", "output": [{ "type": "input_text", "text": "2" }] },
        { "type": "message", "role": "assistant", "content": "done" },
    ]);
    let messages = messages(&input);
    let roles: Vec<&Value> = messages.as_array().expect("a list").iter().map(|it| &it["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "tool", "tool", "assistant"]);
    assert_eq!((&messages[1]["content"], &messages[1]["tool_calls"][1]["id"]), (&json!("ok"), &json!("b")));
    assert_eq!((&messages[2]["content"], &messages[3]["content"]), (&json!("1"), &json!("2")));
}

#[test]
fn signed_thoughts_come_back_as_the_blocks_they_were() {
    let blocks = json!([{ "type": "thinking", "thinking": "t", "signature": "EqQB" }]);
    let input = json!([{ "role": "user", "content": "Q" },
        { "type": "reasoning", "summary": [], "encrypted_content": blocks.to_string() },
        { "role": "assistant", "content": "A" }, { "role": "user", "content": "Q2" }]);
    let claude = Deployment { provider: "anthropic".into(), model: "claude".into(), ..Deployment::default() };
    let body = sent(&json!({ "input": input, "max_output_tokens": 99 }), &claude).expect("a request");
    assert_eq!(body["messages"][1]["content"][0], blocks[0]);
}

#[test]
fn what_only_openai_can_go_on_with_is_refused_by_name() {
    for field in ["previous_response_id", "conversation", "prompt"] {
        let error = sent(&json!({ "input": "x", field: "id" }), &groq()).expect_err("a refusal");
        assert_eq!((error.status, error.param.as_deref()), (400, Some(field)));
        assert!(error.message.contains("groq keeps no responses"), "{}", error.message);
    }
    let reference = json!({ "input": [{ "type": "item_reference", "id": "msg_1" }] });
    assert_eq!(sent(&reference, &groq()).expect_err("a refusal").status, 400);
}

#[test]
fn a_tool_of_free_form_is_a_function_of_one_text() {
    let tool = json!({ "type": "custom", "name": "patch", "description": "d" });
    let input = json!([{ "type": "custom_tool_call", "call_id": "c", "name": "patch", "input": "a\nb" }]);
    let body =
        json!({ "input": input, "tools": [tool], "tool_choice": { "type": "custom", "name": "patch" } });
    let up = sent(&body, &groq()).expect("a request");
    assert_eq!(up["tools"][0]["function"]["parameters"]["required"], json!(["content"]));
    assert_eq!(up["tool_choice"]["function"]["name"], "patch");
    assert_eq!(up["messages"][0]["tool_calls"][0]["function"]["arguments"], "{\"content\":\"a\\nb\"}");
}

#[test]
fn what_only_openai_runs_stays_behind_and_a_choice_of_it_too() {
    let body = json!({ "input": "x", "tools": [{ "type": "file_search" }], "tool_choice": "required",
                       "parallel_tool_calls": true });
    let up = sent(&body, &groq()).expect("a request");
    for name in ["tools", "tool_choice", "parallel_tool_calls"] {
        assert_eq!(up.get(name), None, "{name}");
    }
}

#[test]
fn a_request_that_asks_nothing_is_refused() {
    let nothing = json!({ "model": "m" }).to_string().into_bytes();
    let error = Call::parse(Operation::Responses, nothing).expect_err("a refusal");
    assert_eq!(error.param.as_deref(), Some("input"));
    assert_eq!(sent(&json!({ "input": 5 }), &groq()).expect_err("a refusal").status, 400);
}
