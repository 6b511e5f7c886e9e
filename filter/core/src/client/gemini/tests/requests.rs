use super::*;

#[test]
fn turns_become_messages_and_results_find_their_calls_by_name() {
    let body = json!({
        "systemInstruction": { "parts": [{ "text": "Be terse." }] },
        "contents": [
            { "role": "user", "parts": [{ "text": "?" }, { "inline_data": { "mime_type": "image/png", "data": "aa-_" } }] },
            { "role": "model", "parts": [{ "text": "t", "thought": true }, { "text": "ok" },
                { "functionCall": { "name": "f", "args": { "a": 1 } } }, { "functionCall": { "name": "f", "args": {} } }] },
            { "role": "user", "parts": [{ "functionResponse": { "name": "f", "response": { "result": "1" } } },
                { "functionResponse": { "name": "f", "response": { "x": 2 } } }, { "text": "go on" }] },
        ],
    });
    let up = sent(&body, &groq()).expect("a request");
    let messages = &up["messages"];
    let roles: Vec<&Value> = messages.as_array().expect("a list").iter().map(|it| &it["role"]).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "tool", "user"]);
    assert_eq!(messages[1]["content"][1]["image_url"]["url"], "data:image/png;base64,aa+/");
    assert_eq!(messages[2]["content"], "ok");
    for at in 0..2 {
        assert_eq!(messages[2]["tool_calls"][at]["id"], messages[3 + at]["tool_call_id"]);
    }
    assert_eq!((&messages[3]["content"], &messages[4]["content"]), (&json!("1"), &json!("{\"x\":2}")));
}

#[test]
fn settings_tools_and_schemas_are_told_in_openai_s_words() {
    let schema = json!({ "type": "OBJECT", "properties": { "n": { "type": "INTEGER", "nullable": true },
        "l": { "type": "ARRAY", "items": { "type": "STRING" }, "maxItems": "3" } }, "propertyOrdering": ["n"] });
    let body = json!({
        "contents": [{ "parts": [{ "text": "x" }] }],
        "generation_config": { "temperature": 0.5, "maxOutputTokens": 9, "stop_sequences": ["END"], "topK": 5,
                               "responseMimeType": "application/json", "responseSchema": schema },
        "tools": [{ "functionDeclarations": [{ "name": "f", "parameters": schema }, { "name": "g" }, { "name": "h" }] }],
        "toolConfig": { "functionCallingConfig": { "mode": "ANY", "allowedFunctionNames": ["f", "g"] } },
        "safetySettings": [], "labels": {},
    });
    let openai = Deployment { provider: "openai_like".into(), model: "up".into(), ..Deployment::default() };
    let up = sent(&body, &openai).expect("a request");
    assert_eq!(
        (&up["temperature"], &up["max_tokens"], &up["stop"]),
        (&json!(0.5), &json!(9), &json!(["END"]))
    );
    let wanted = json!({ "type": "object", "properties": { "n": { "type": ["integer", "null"] },
        "l": { "type": "array", "items": { "type": "string" }, "maxItems": 3 } } });
    assert_eq!(up["response_format"]["json_schema"]["schema"], wanted);
    assert_eq!(up["tools"][0]["function"]["parameters"], wanted);
    assert_eq!((up["tools"].as_array().map(Vec::len), &up["tool_choice"]), (Some(2), &json!("required")));
    assert_eq!((up.get("safetySettings"), up.get("labels")), (None, None));
}

#[test]
fn a_budget_of_thoughts_is_an_effort() {
    let reasons = json!({ "supports_reasoning": true });
    let o3 = Deployment {
        provider: "openai_like".into(),
        model: "o3".into(),
        facts: serde_json::from_value(reasons).expect("an object"),
        ..Deployment::default()
    };
    for (thinking, effort) in [
        (json!({ "thinkingBudget": 0 }), json!("none")),
        (json!({ "thinkingBudget": 1024 }), json!("low")),
        (json!({ "thinkingBudget": 30_000 }), json!("high")),
        (json!({ "thinkingBudget": -1 }), Value::Null),
        (json!({ "thinkingLevel": "HIGH" }), json!("high")),
    ] {
        let body = json!({ "contents": [], "generationConfig": { "thinkingConfig": thinking } });
        assert_eq!(sent(&body, &o3).expect("a request")["reasoning_effort"], effort, "{thinking}");
    }
}

#[test]
fn signed_thoughts_come_back_as_the_blocks_they_were() {
    for block in [
        json!({ "type": "thinking", "thinking": "t>?", "signature": "Eq?>~QB" }),
        json!({ "type": "redacted_thinking", "data": "EmwK" }),
    ] {
        let signature = super::super::thoughts::signature(&block).expect("a signature");
        // As Google's own client writes bytes.
        let url_safe = signature.replace('+', "-").replace('/', "_");
        let part = json!({ "text": block.get("thinking"), "thought": true, "thoughtSignature": url_safe });
        let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": "x" }] },
                                        { "role": "model", "parts": [part, { "text": "ok" }] }],
                           "generationConfig": { "maxOutputTokens": 99 } });
        let claude =
            Deployment { provider: "anthropic".into(), model: "claude".into(), ..Deployment::default() };
        let up = sent(&body, &claude).expect("a request");
        assert_eq!(up["messages"][1]["content"][0], block);
    }
}

#[test]
fn the_model_is_in_the_path_and_what_is_missing_is_told_in_google_s_words() {
    assert_eq!(call(&json!({ "contents": [] })).model, "al/ias");
    assert_eq!(call(&json!({ "contents": [], "model": "other" })).model, "al/ias");
    let path = "/v1beta/models/m:generateContent";
    let error = Call::at(Operation::Generate, path, b"{}".to_vec()).expect_err("a refusal");
    let body: Value = serde_json::from_slice(&error.body(Operation::Generate.api())).expect("JSON");
    assert_eq!((&body["error"]["code"], &body["error"]["status"]), (&json!(400), &json!("INVALID_ARGUMENT")));
    let cached = json!({ "contents": [], "cachedContent": "cachedContents/1" });
    assert_eq!(sent(&cached, &groq()).expect_err("a refusal").status, 400);
}

#[test]
fn a_prompt_s_tokens_are_estimated_where_nobody_counts_them() {
    let count = |body: &Value| super::super::total_tokens(body.to_string().as_bytes()).expect("a count");
    let contents =
        json!([{ "role": "user", "parts": [{ "text": "12345678" }, { "inlineData": { "data": "aaaa" } }] }]);
    assert_eq!(count(&json!({ "contents": contents })), json!({ "totalTokens": 260 }));
    assert_eq!(
        count(&json!({ "generateContentRequest": { "contents": contents } })),
        json!({ "totalTokens": 260 })
    );
}
