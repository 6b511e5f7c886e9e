use super::*;

fn chunk(delta: &Value) -> Value {
    json!({ "id": "c", "choices": [{ "index": 0, "delta": delta }] })
}

fn finish(reason: &str) -> Value {
    json!({ "id": "c", "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] })
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["type"].as_str()?.strip_prefix("response.")).collect()
}

#[test]
fn events_come_in_the_order_that_openai_s_clients_expect() {
    let call = |index: u64, function: &Value| json!({ "tool_calls": [{ "index": index, "id": format!("call_{index}"), "function": function }] });
    let more = json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "}" } }] });
    let bytes = chunks(&[
        chunk(&json!({ "reasoning_content": "hm" })),
        chunk(&json!({ "content": "H" })),
        chunk(&json!({ "content": "i" })),
        chunk(&call(0, &json!({ "name": "f", "arguments": "{" }))),
        chunk(&call(1, &json!({ "name": "g", "arguments": "{}" }))),
        chunk(&more),
        finish("tool_calls"),
    ]);
    let (events, error) = streamed(&json!({ "input": "x" }), &groq(), &bytes, 13);
    assert_eq!(error, None);
    assert_eq!(
        kinds(&events),
        [
            "created",
            "in_progress",
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "output_item.added",
            "function_call_arguments.delta",
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
            "function_call_arguments.done",
            "output_item.done",
            "completed",
        ]
    );
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number);
    }
    let output = &last(&events)["output"];
    assert_eq!((&output[2]["arguments"], &output[3]["arguments"]), (&json!("{}"), &json!("{}")));
    assert_eq!(output[1]["content"][0]["text"], "Hi");
    for event in events.iter().filter(|event| event["type"] == "response.output_item.done") {
        let at = usize::try_from(event["output_index"].as_u64().expect("an index")).expect("small");
        assert_eq!(event["item"], output[at]);
    }
}

#[test]
fn signatures_are_in_the_item_of_what_was_thought() {
    let block = |thinking: &str, signature: &str| json!({ "thinking_blocks": [{ "type": "thinking", "thinking": thinking, "signature": signature }] });
    let bytes = chunks(&[
        chunk(
            &json!({ "reasoning_content": "a", "thinking_blocks": [{ "type": "thinking", "thinking": "a" }] }),
        ),
        chunk(&block("", "EqQB")),
        chunk(&json!({ "content": "A" })),
        finish("stop"),
    ]);
    let (events, _) = streamed(&json!({ "input": "x" }), &groq(), &bytes, 9);
    let item = &last(&events)["output"][0];
    let sealed: Value =
        serde_json::from_str(item["encrypted_content"].as_str().expect("sealed")).expect("JSON");
    assert_eq!(sealed, json!([{ "type": "thinking", "thinking": "a", "signature": "EqQB" }]));
}

#[test]
fn a_stream_that_breaks_ends_in_an_error_openai_s_clients_see() {
    let bytes = b"data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"error\":{\"message\":\"Overloaded\",\"code\":429}}\n\n";
    let (events, error) = streamed(&json!({ "input": "x" }), &groq(), bytes, 8);
    let last = events.last().expect("an event");
    assert_eq!(error.map(|error| error.status), Some(429));
    assert_eq!((&last["type"], &last["code"]), (&json!("error"), &json!("429")));
    assert!(last["error"]["message"].as_str().is_some_and(|message| message.contains("Overloaded")));
}

#[test]
fn a_stream_cut_short_is_incomplete() {
    let bytes = chunks(&[chunk(&json!({ "content": "Hi" })), finish("length")]);
    let (events, _) = streamed(&json!({ "input": "x" }), &groq(), &bytes, 8);
    assert_eq!(events.last().expect("an event")["type"], "response.incomplete");
    assert_eq!(last(&events)["incomplete_details"]["reason"], "max_output_tokens");
}
