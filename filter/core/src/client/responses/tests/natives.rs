use super::*;

#[test]
fn everything_passes_and_the_deployment_s_settings_are_added() {
    let body = json!({ "input": [{ "role": "user", "content": "x" }], "metadata": { "k": "v" }, "unheard_of": [1],
                       "previous_response_id": "resp_1", "max_output_tokens": 3, "include": ["x"] });
    let up =
        sent(&body, &openai(&json!({ "temperature": 0.5, "max_tokens": 7, "stop": "x", "litellm_x": 1 })));
    let mut wanted = body;
    for (name, value) in
        [("model", json!("up")), ("temperature", json!(0.5)), ("max_output_tokens", json!(16))]
    {
        wanted[name] = value;
    }
    assert_eq!(up.expect("a request"), wanted);
}

#[test]
fn another_vendor_s_sealed_thoughts_do_not_reach_openai() {
    let blocks = json!([{ "type": "thinking", "thinking": "t", "signature": "EqQB" }]).to_string();
    let own = json!({ "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA" });
    let other = json!({ "type": "reasoning", "id": "rs_2", "summary": [{ "type": "summary_text", "text": "t" }],
                        "encrypted_content": blocks });
    let up = sent(&json!({ "input": [own, other] }), &openai(&json!({}))).expect("a request");
    assert_eq!(up["input"][0], own);
    assert_eq!(up["input"][1], json!({ "type": "reasoning", "summary": other["summary"] }));
}

#[test]
fn a_stream_passes_event_by_event_under_the_client_s_name_for_the_model() {
    let event =
        |data: &Value| format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default());
    let usage = json!({ "input_tokens": 9, "output_tokens": 3, "total_tokens": 12 });
    let bytes = [
        event(&json!({ "type": "response.created", "response": { "id": "resp_1", "model": "up" } })),
        event(&json!({ "type": "response.unheard_of", "x": 1 })),
        event(&json!({ "type": "response.output_text.delta", "delta": "Hi" })),
        event(
            &json!({ "type": "response.completed", "response": { "model": "up", "status": "completed", "usage": usage } }),
        ),
    ];
    let (events, error) =
        streamed(&json!({ "input": "x" }), &openai(&json!({})), bytes.concat().as_bytes(), 6);
    assert_eq!((events.len(), error), (4, None));
    assert_eq!(
        (&events[0]["response"]["model"], &last(&events)["model"]),
        (&json!("alias"), &json!("alias"))
    );
    let mut stream = Stream::new(&call(&json!({ "input": "x", "stream": true })), &openai(&json!({})), 0);
    stream.push(bytes.concat().as_bytes());
    assert_eq!((stream.usage().total(), stream.usage().estimated), (12, false));
}

#[test]
fn a_failure_inside_a_stream_is_told_once_and_one_that_is_cut_off_is_an_error() {
    let failed = "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\
                  \"error\":{\"code\":\"server_error\",\"message\":\"boom\"}}}\n\n";
    let (events, error) = streamed(&json!({ "input": "x" }), &openai(&json!({})), failed.as_bytes(), 6);
    assert_eq!((events.len(), error.map(|error| error.status)), (1, Some(500)));
    let (events, error) = streamed(&json!({ "input": "x" }), &openai(&json!({})), b"", 6);
    assert_eq!((&events[0]["type"], error.map(|error| error.status)), (&json!("error"), Some(502)));
}
