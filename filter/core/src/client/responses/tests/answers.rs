use super::*;

fn chat(message: &Value, finish: &str) -> Value {
    json!({ "id": "c", "created": 5, "choices": [{ "index": 0, "message": message, "finish_reason": finish }],
            "usage": { "prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12 } })
}

#[test]
fn an_answer_cut_short_is_incomplete_and_says_why() {
    for (finish, reason) in [("length", "max_output_tokens"), ("content_filter", "content_filter")] {
        let chat = chat(&json!({ "role": "assistant", "content": "Hi" }), finish);
        let response = answered(&json!({ "input": "x" }), &chat, &groq()).expect("an answer");
        assert_eq!(
            (&response["status"], &response["incomplete_details"]["reason"]),
            (&json!("incomplete"), &json!(reason))
        );
        assert_eq!(response["output"][0]["status"], "incomplete");
    }
}

#[test]
fn what_was_asked_is_repeated_and_what_is_said_comes_in_order() {
    let calls =
        json!([{ "id": "call_1", "type": "function", "function": { "name": "f", "arguments": "{}" } }]);
    let message =
        json!({ "role": "assistant", "content": "ok", "reasoning_content": "t", "tool_calls": calls });
    let body = json!({ "input": "x", "instructions": "i", "metadata": { "k": "v" }, "temperature": 0.5 });
    let response = answered(&body, &chat(&message, "tool_calls"), &groq()).expect("an answer");
    for name in ["instructions", "metadata", "temperature"] {
        assert_eq!(response[name], body[name]);
    }
    let kinds: Vec<&Value> =
        response["output"].as_array().expect("items").iter().map(|it| &it["type"]).collect();
    assert_eq!(kinds, ["reasoning", "message", "function_call"]);
    assert_eq!((&response["model"], &response["usage"]["total_tokens"]), (&json!("alias"), &json!(12)));
    let ids: Vec<&str> = (0..3).filter_map(|at| response["output"][at]["id"].as_str()).collect();
    assert_eq!(ids.iter().map(|id| &id[..3]).collect::<Vec<_>>(), ["rs_", "msg", "fc_"]);
}

#[test]
fn a_tool_of_free_form_is_given_its_text_back() {
    let calls =
        json!([{ "id": "c", "function": { "name": "patch", "arguments": "{\"content\":\"a\\nb\"}" } }]);
    let body = json!({ "input": "x", "tools": [{ "type": "custom", "name": "patch" }] });
    let response = answered(&body, &chat(&json!({ "tool_calls": calls }), "tool_calls"), &groq());
    let item = &response.expect("an answer")["output"][0];
    assert_eq!((&item["type"], &item["input"]), (&json!("custom_tool_call"), &json!("a\nb")));
}

#[test]
fn a_refusal_is_a_part_of_its_own() {
    let message = json!({ "role": "assistant", "content": null, "refusal": "No." });
    let response = answered(&json!({ "input": "x" }), &chat(&message, "stop"), &groq()).expect("an answer");
    assert_eq!(response["output"][0]["content"], json!([{ "type": "refusal", "refusal": "No." }]));
}
