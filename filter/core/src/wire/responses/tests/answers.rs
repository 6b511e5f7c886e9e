use super::*;

fn response(status: &str, output: &Value) -> Value {
    json!({ "id": "resp_1", "object": "response", "created_at": 7, "status": status, "model": "up", "output": output,
            "usage": { "input_tokens": 9, "output_tokens": 5, "total_tokens": 14,
                       "output_tokens_details": { "reasoning_tokens": 3 } } })
}

#[test]
fn what_was_thought_said_and_called_is_one_message() {
    let body = response(
        "completed",
        &json!([
            { "type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA",
              "summary": [{ "type": "summary_text", "text": "a" }, { "type": "summary_text", "text": "b" }] },
            { "type": "web_search_call", "id": "ws_1", "status": "completed" },
            { "type": "message", "content": [{ "type": "output_text", "text": "é ", "annotations": [] },
                { "type": "output_text", "text": "x", "annotations":
                    [{ "type": "url_citation", "url": "u", "start_index": 0, "end_index": 1 }] }] },
            { "type": "function_call", "id": "fc_1", "call_id": "call_Ab", "name": "f", "arguments": "{}" },
        ]),
    );
    let chat = answered(&chat(false), &body).expect("an answer");
    let message = &chat["choices"][0]["message"];
    assert_eq!((&message["content"], &message["reasoning_content"]), (&json!("é x"), &json!("a\n\nb")));
    assert_eq!(message["reasoning_items"][0]["encrypted_content"], "gAAA");
    assert_eq!(message["annotations"][0]["url_citation"]["start_index"], 2);
    assert_eq!(message["tool_calls"][0]["id"], "call_Ab");
    assert_eq!(chat["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(chat["usage"]["completion_tokens_details"]["reasoning_tokens"], 3);
}

#[test]
fn clients_of_messages_get_encrypted_reasoning_as_a_signature_whole_and_streamed() {
    let item = json!({ "type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA",
                       "summary": [{ "type": "summary_text", "text": "t" }] });
    let said = json!({ "type": "message", "content": [{ "type": "output_text", "text": "A" }] });
    let whole = json!({ "model": "m", "max_tokens": 9, "messages": [] });
    let message = answered(&call(Operation::Messages, &whole), &response("completed", &json!([item, said])));
    let block =
        json!({ "type": "thinking", "thinking": "t", "signature": "litellm_encrypted_reasoning:gAAA" });
    assert_eq!(message.expect("an answer")["content"][0], block);

    let asked = json!({ "model": "m", "max_tokens": 9, "messages": [], "stream": true });
    let bytes = [
        event(
            &json!({ "type": "response.output_item.added", "output_index": 0, "item": { "type": "reasoning" } }),
        ),
        event(&json!({ "type": "response.reasoning_summary_text.delta", "delta": "t" })),
        event(&json!({ "type": "response.output_item.done", "output_index": 0, "item": item })),
        event(&json!({ "type": "response.completed", "response": response("completed", &json!([item])) })),
    ];
    let (events, error) = streamed(&call(Operation::Messages, &asked), &bytes.concat(), 7);
    assert_eq!(error, None);
    let deltas: Vec<&Value> = events.iter().filter_map(|event| event.get("delta")).collect();
    assert_eq!(deltas[0], &json!({ "type": "thinking_delta", "thinking": "t" }));
    assert_eq!(deltas[1]["signature"], "litellm_encrypted_reasoning:gAAA");
}

#[test]
fn a_response_that_failed_is_an_error_of_the_status_its_code_means() {
    let mut body = response("failed", &json!([]));
    body["error"] = json!({ "code": "rate_limit_exceeded", "message": "slow down" });
    let error = answered(&chat(false), &body).expect_err("an error");
    assert_eq!(error.status, 429);
    let failed = event(&json!({ "type": "response.failed", "response": body }));
    let (_, streamed) = streamed(&chat(true), &failed, 5);
    assert_eq!(streamed.map(|error| error.status), Some(429));
}

#[test]
fn a_stream_without_its_last_event_was_broken_off() {
    let bytes = event(&json!({ "type": "response.output_text.delta", "delta": "Hi" }));
    let (chunks, error) = streamed(&chat(true), &bytes, 1);
    assert_eq!(chunks[0]["choices"][0]["delta"]["content"], "Hi");
    assert_eq!(error.map(|error| error.status), Some(502));
}

#[test]
fn what_was_not_streamed_is_told_when_its_item_is_complete() {
    let call =
        json!({ "type": "function_call", "id": "fc", "call_id": "call_A", "name": "f", "arguments": "" });
    let mut whole = call.clone();
    whole["arguments"] = "{\"a\":1}".into();
    let said = json!({ "type": "message", "content": [{ "type": "output_text", "text": "A" }] });
    let done = response("completed", &json!([]));
    let bytes = [
        event(
            &json!({ "type": "response.output_item.added", "output_index": 0, "item": { "type": "message" } }),
        ),
        event(&json!({ "type": "response.output_item.done", "output_index": 0, "item": said })),
        event(&json!({ "type": "response.output_item.added", "output_index": 1, "item": call })),
        event(&json!({ "type": "response.output_item.done", "output_index": 1, "item": whole })),
        event(&json!({ "type": "response.completed", "response": done })),
    ];
    let (chunks, error) = streamed(&chat(true), &bytes.concat(), 64);
    assert_eq!(error, None);
    let all = Value::from(chunks).to_string();
    assert!(all.contains("\"content\":\"A\"") && all.contains("{\\\"a\\\":1}"), "{all}");
}
