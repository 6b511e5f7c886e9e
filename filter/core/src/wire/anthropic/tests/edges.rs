//! Edges the recorded facts do not reach.

use super::{answer, deployment, request, stream};
use serde_json::{Value, json};

fn hello(more: impl Into<Value>) -> Value {
    let more = more.into();
    let mut body = json!({ "messages": [{ "role": "user", "content": "Hello" }] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn asked(tools: &[&str]) -> Value {
    let tools: Vec<Value> =
        tools.iter().map(|name| json!({ "type": "function", "function": { "name": name } })).collect();
    json!({ "model": "m", "messages": [], "tools": tools })
}

#[test]
fn names_the_api_refuses_are_changed_there_and_back() {
    let mut body = hello(asked(&["a/b", "a_b", "a.b", "ok"]));
    body["tool_choice"] = json!({ "type": "function", "function": { "name": "a.b" } });
    body["messages"] = json!([
        { "role": "user", "content": "x" },
        { "role": "assistant", "tool_calls": [
            { "id": "1", "type": "function", "function": { "name": "a/b", "arguments": "{}" } }] },
        { "role": "tool", "tool_call_id": "1", "content": "y" },
    ]);
    let sent = request(body.clone(), &deployment(&[])).unwrap();
    let names: Vec<&str> =
        sent["tools"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a_b_2", "a_b", "a_b_3", "ok"]);
    assert_eq!(sent["tool_choice"]["name"], "a_b_3");
    assert_eq!(sent["messages"][1]["content"][0]["name"], "a_b_2");

    let called = |name: &str| json!({ "type": "tool_use", "id": "t", "name": name, "input": {} });
    let asked = asked(&["a/b", "a_b", "a.b", "ok"]);
    let whole =
        answer(&asked, json!({ "content": [called("a_b_2"), called("a_b")], "stop_reason": "tool_use" }))
            .unwrap();
    assert_eq!(whole["choices"][0]["message"]["tool_calls"][0]["function"]["name"], "a/b");
    assert_eq!(whole["choices"][0]["message"]["tool_calls"][1]["function"]["name"], "a_b");
    let (chunks, _) =
        stream(&asked, &[json!({ "type": "content_block_start", "content_block": called("a_b_3") })]);
    assert_eq!(chunks[0]["choices"][0]["delta"]["tool_calls"][0]["function"]["name"], "a.b");
}

#[test]
fn a_budget_fits_below_the_cap_for_models_before_adaptive_thinking() {
    let model = deployment(&["supports_reasoning"]);
    let sent = |cap: u64| {
        request(hello(json!({ "thinking": { "type": "adaptive" }, "max_tokens": cap })), &model).unwrap()
    };
    assert_eq!(sent(1500)["thinking"], json!({ "type": "enabled", "budget_tokens": 1499 }));
    assert_eq!(sent(1024)["thinking"], Value::Null);
    assert_eq!(sent(9000)["thinking"]["budget_tokens"], 2048);
}

#[test]
fn a_budget_becomes_an_effort_that_never_overrules_the_clients() {
    let model = deployment(&["supports_adaptive_thinking", "supports_xhigh_reasoning_effort"]);
    let thinking = |budget: u64| json!({ "thinking": { "type": "enabled", "budget_tokens": budget } });
    for (budget, effort) in [(1024, "low"), (2048, "medium"), (5000, "high"), (8192, "xhigh")] {
        let sent = request(hello(thinking(budget)), &model).unwrap();
        assert_eq!(sent["output_config"], json!({ "effort": effort }));
        assert_eq!(sent["thinking"], json!({ "type": "adaptive" }));
    }
    let mut body = hello(thinking(8192));
    body["output_config"] = json!({ "effort": "low", "format": { "type": "json_schema" } });
    let sent = request(body, &model).unwrap();
    assert_eq!(sent["output_config"], json!({ "effort": "low", "format": { "type": "json_schema" } }));
}

#[test]
fn an_effort_nobody_knows_is_refused() {
    for facts in [&["supports_reasoning"][..], &["supports_adaptive_thinking"]] {
        let error = request(hello(json!({ "reasoning_effort": "huge" })), &deployment(facts)).unwrap_err();
        assert_eq!((error.status, error.param.as_deref()), (400, Some("reasoning_effort")));
    }
}

#[test]
fn thinking_that_is_always_on_is_never_switched_off() {
    let model = deployment(&["supports_adaptive_thinking", "thinking_always_on"]);
    let sent = request(hello(json!({ "thinking": { "type": "disabled" } })), &model).unwrap();
    assert_eq!(sent.get("thinking"), None);
}

#[test]
fn a_model_that_cannot_be_forced_is_asked_or_left_the_choice() {
    let mut model = deployment(&[]);
    model.facts.insert("supports_forced_tool_use".into(), false.into());
    let mut body = hello(asked(&["t"]));
    body["messages"] = json!([{ "role": "user", "content": "x" }]);
    body["tool_choice"] = "required".into();
    body["parallel_tool_calls"] = false.into();
    assert_eq!(request(body.clone(), &model).unwrap_err().status, 400);
    model.params.insert("drop_params".into(), "true".into());
    let sent = request(body, &model).unwrap();
    assert_eq!(sent["tool_choice"], json!({ "type": "auto", "disable_parallel_tool_use": true }));
}

#[test]
fn a_later_system_message_goes_behind_the_users_turn_where_the_model_takes_it() {
    let messages = json!([
        { "role": "user", "content": "1" },
        { "role": "assistant", "content": "2" },
        { "role": "system", "content": "s" },
        { "role": "user", "content": "3" },
        { "role": "assistant", "content": "4" },
        { "role": "system", "content": "end" },
    ]);
    let model = deployment(&["supports_mid_conversation_system"]);
    let sent = request(json!({ "messages": messages }), &model).unwrap();
    let roles: Vec<&str> =
        sent["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "system", "assistant", "user"]);
    assert_eq!(sent["messages"][3]["content"], json!([{ "type": "text", "text": "s" }]));
    assert_eq!(sent["messages"][5]["content"][1]["text"], "end");
}

#[test]
fn system_messages_at_one_turn_keep_their_order() {
    let say = |role: &str, text: &str| json!({ "role": role, "content": text });
    let messages =
        [say("user", "1"), say("system", "a"), say("user", "2"), say("system", "b"), say("assistant", "3")];
    let sent =
        request(json!({ "messages": messages }), &deployment(&["supports_mid_conversation_system"])).unwrap();
    assert_eq!(sent["messages"][0]["content"].as_array().unwrap().len(), 2);
    let system = json!([{ "type": "text", "text": "a" }, { "type": "text", "text": "b" }]);
    assert_eq!((&sent["messages"][1]["role"], &sent["messages"][1]["content"]), (&json!("system"), &system));
}

#[test]
fn a_tools_result_opens_the_turn_even_behind_a_system_message() {
    let messages = json!([
        { "role": "user", "content": "1" },
        { "role": "assistant", "tool_calls": [{ "id": "a", "type": "function", "function": { "name": "t" } }] },
        { "role": "system", "content": "s" },
        { "role": "tool", "tool_call_id": "a", "content": "r" },
        { "role": "user", "content": "2" },
    ]);
    let sent = request(json!({ "messages": messages }), &deployment(&[])).unwrap();
    let turn = sent["messages"][2]["content"].as_array().unwrap();
    assert_eq!(turn[0]["type"], "tool_result");
    assert_eq!((&turn[2]["text"], &turn[3]["text"]), (&json!("s"), &json!("2")));
}

#[test]
fn the_providers_own_calls_go_back_with_their_results_between_the_thinking() {
    let call = |id: &str| json!({ "id": id, "type": "function", "function": { "name": "web_search", "arguments": "{}" } });
    let thought = |n: &str| json!({ "type": "thinking", "thinking": n, "signature": n });
    let assistant = json!({
        "role": "assistant",
        "content": "found",
        "thinking_blocks": [thought("1"), thought("2"), { "type": "thinking", "thinking": "unsigned" }],
        "tool_calls": [call("srvtoolu_1"), call("srvtoolu_2"), call("mine"), call("mine")],
        "provider_specific_fields": { "web_search_results": [
            { "type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [] },
            { "type": "web_search_tool_result", "tool_use_id": "srvtoolu_2", "content": [] },
        ] },
    });
    let sent =
        request(json!({ "messages": [{ "role": "user", "content": "?" }, assistant] }), &deployment(&[]))
            .unwrap();
    let blocks = sent["messages"][1]["content"].as_array().unwrap();
    let kinds: Vec<&str> = blocks.iter().map(|block| block["type"].as_str().unwrap()).collect();
    let search = ["thinking", "server_tool_use", "web_search_tool_result"];
    assert_eq!(kinds, [&search[..], &search[..], &["text", "tool_use"]].concat());
}

#[test]
fn arguments_cut_off_by_the_model_are_closed() {
    let sent = |arguments: &str| {
        let call =
            json!({ "id": "a", "type": "function", "function": { "name": "t", "arguments": arguments } });
        request(
            json!({ "messages": [{ "role": "user", "content": "x" }, { "role": "assistant", "tool_calls": [call] }] }),
            &deployment(&[]),
        )
        .map(|sent| sent["messages"][1]["content"][0]["input"].clone())
    };
    assert_eq!(sent(r#"{"a": [1, {"b": "}"},"#).unwrap(), json!({ "a": [1, { "b": "}" }] }));
    assert_eq!(sent("null").unwrap(), json!({}));
    assert_eq!(sent(r#"{"a": "#).unwrap_err().status, 400);
}

#[test]
fn a_schema_that_refers_to_itself_neither_hangs_nor_grows_without_end() {
    let node = json!({ "type": "object", "properties": { "next": { "$ref": "#/$defs/Node" } } });
    let twice = |name: &str| json!({ "anyOf": vec![json!({ "$ref": format!("#/$defs/{name}") }); 8] });
    let mut defs = json!({ "Node": node });
    for n in 0..12 {
        defs[format!("D{n}")] = twice(&format!("D{}", n + 1));
    }
    let schema = json!({ "type": "object", "$defs": defs, "properties": {
        "node": { "$ref": "#/$defs/Node" }, "bomb": { "$ref": "#/$defs/D0" } } });
    let body =
        hello(json!({ "response_format": { "type": "json_schema", "json_schema": { "schema": schema } } }));
    let sent = request(body, &deployment(&["supports_native_structured_output"])).unwrap();
    let schema = &sent["output_format"]["schema"];
    assert_eq!(schema["properties"]["node"]["properties"]["next"], json!({ "$ref": "#/$defs/Node" }));
    assert!(schema.to_string().len() < 16 << 20);
}

#[test]
fn legacy_definitions_are_copied_into_a_tools_schema() {
    let parameters = json!({ "definitions": { "A": { "type": "string" } }, "title": "gone",
        "properties": { "a": { "$ref": "#/definitions/A" } } });
    let tool = json!({ "type": "function", "function": { "name": "t", "parameters": parameters } });
    let sent = request(hello(json!({ "tools": [tool] })), &deployment(&[])).unwrap();
    assert_eq!(
        sent["tools"][0]["input_schema"],
        json!({ "type": "object", "properties": { "a": { "type": "string" } } })
    );
}

#[test]
fn iterations_of_one_answer_add_up() {
    let turn = json!({ "input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 2,
        "cache_creation_input_tokens": 7, "cache_creation": { "ephemeral_1h_input_tokens": 3 },
        "output_tokens_details": { "thinking_tokens": 2 } });
    let body = json!({ "content": [], "usage": { "input_tokens": 1, "iterations": [turn, turn] } });
    let usage = &answer(&asked(&[]), body).unwrap()["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(38), &json!(10)));
    assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 4);
    assert_eq!(
        usage["prompt_tokens_details"]["cache_creation_token_details"],
        json!({ "ephemeral_5m_input_tokens": 8, "ephemeral_1h_input_tokens": 6 })
    );
}

#[test]
fn an_answer_that_reports_no_usage_claims_none() {
    assert_eq!(answer(&asked(&[]), json!({ "content": [] })).unwrap().get("usage"), None);
    let (chunks, end) = stream(&asked(&[]), &[json!({ "type": "message_stop" })]);
    assert!(end.is_ok() && chunks.iter().all(|chunk| chunk.get("usage").is_none()));
}

#[test]
fn an_error_inside_an_answer_is_an_error() {
    let overloaded =
        json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } });
    let limited = json!({ "type": "error", "error": { "type": "rate_limit_error", "message": "Slow down" } });
    assert_eq!(answer(&asked(&[]), overloaded.clone()).unwrap_err().status, 500);
    assert_eq!(answer(&asked(&[]), limited.clone()).unwrap_err().status, 429);
    for (event, status) in [(overloaded, 500), (limited, 429)] {
        let error = stream(&asked(&[]), &[event]).1.unwrap_err();
        assert_eq!(error.status, status);
        assert!(error.message.starts_with("litellm."), "{}", error.message);
    }
    assert_eq!(answer(&asked(&[]), json!("x")).unwrap_err().status, 500);
    assert_eq!(answer(&asked(&[]), json!({ "content": [1] })).unwrap_err().status, 500);
}

#[test]
fn json_from_the_tool_is_the_answer_and_keeps_what_stood_around_it() {
    let mut asked = asked(&["t"]);
    asked["response_format"] = json!({ "type": "json_schema" });
    let json_call =
        json!({ "type": "tool_use", "id": "a", "name": "json_tool_call", "input": { "é": [1, 2] } });
    let other = json!({ "type": "tool_use", "id": "b", "name": "t", "input": {} });
    let said = json!({ "type": "text", "text": "Here: " });
    let of = |content: Value| {
        let body = json!({ "content": content, "stop_reason": "tool_use" });
        answer(&asked, body).unwrap()["choices"][0].clone()
    };
    let alone = of(json!([said, json_call]));
    assert_eq!(
        (&alone["message"]["content"], &alone["finish_reason"]),
        (&json!(r#"{"é": [1, 2]}"#), &json!("stop"))
    );
    let mixed = of(json!([said, json_call, other]));
    assert_eq!(mixed["message"]["content"], r#"Here: {"é": [1, 2]}"#);
    assert_eq!(
        (&mixed["message"]["tool_calls"][0]["id"], &mixed["finish_reason"]),
        (&json!("b"), &json!("tool_calls"))
    );
}

#[test]
fn input_that_comes_at_once_in_a_stream_is_not_lost() {
    let block = json!({ "type": "tool_use", "id": "a", "name": "t", "input": { "x": 1 } });
    let (chunks, _) = stream(
        &asked(&["t"]),
        &[
            json!({ "type": "content_block_start", "content_block": block }),
            json!({ "type": "content_block_stop" }),
        ],
    );
    assert_eq!(chunks[1]["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"], r#"{"x":1}"#);
}

#[test]
fn code_that_ran_at_the_provider_is_told_with_what_it_printed() {
    let content = json!([
        { "type": "server_tool_use", "id": "srvtoolu_1", "name": "bash_code_execution", "input": { "command": "ls" } },
        { "type": "bash_code_execution_tool_result", "tool_use_id": "srvtoolu_1",
          "content": { "stdout": "a", "stderr": "b" } },
    ]);
    let body = json!({ "content": content, "container": { "id": "c1" } });
    let fields =
        answer(&asked(&[]), body).unwrap()["choices"][0]["message"]["provider_specific_fields"].clone();
    let run = &fields["code_interpreter_results"][0];
    assert_eq!((&run["code"], &run["container_id"]), (&json!("ls"), &json!("c1")));
    assert_eq!(run["outputs"][0]["logs"], "aSTDERR: b");
}

#[test]
fn a_malformed_event_ends_the_stream_and_an_unknown_one_does_not() {
    let malformed = json!({ "type": "content_block_delta", "delta": { "type": "text_delta", "text": 7 } });
    assert!(stream(&asked(&[]), &[malformed]).1.is_err());
    let unknown = json!({ "type": "news", "delta": "anything", "message": 3 });
    let delta = json!({ "type": "content_block_delta", "delta": { "type": "smell_delta", "smell": "x" } });
    let (chunks, end) = stream(&asked(&[]), &[unknown, delta, json!({ "type": "message_stop" })]);
    assert!(end.is_ok() && chunks.len() == 1);
}
