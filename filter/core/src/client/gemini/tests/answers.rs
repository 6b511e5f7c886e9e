use super::*;

fn usage() -> Value {
    json!({ "prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14,
            "prompt_tokens_details": { "cached_tokens": 4 }, "completion_tokens_details": { "reasoning_tokens": 2 } })
}

#[test]
fn an_answer_has_what_was_thought_said_and_called_in_parts() {
    let calls = json!([{ "id": "c1", "function": { "name": "f", "arguments": "{\"a\":1}" } }]);
    let message =
        json!({ "role": "assistant", "content": "ok", "reasoning_content": "t", "tool_calls": calls });
    let chat = json!({ "id": "c", "choices": [{ "index": 0, "message": message, "finish_reason": "tool_calls" }],
                       "usage": usage() });
    let response = answered(&chat, &groq()).expect("an answer");
    let candidate = &response["candidates"][0];
    let wanted = json!([{ "text": "t", "thought": true }, { "text": "ok" },
                        { "functionCall": { "id": "c1", "name": "f", "args": { "a": 1 } } }]);
    assert_eq!((&candidate["content"]["parts"], &candidate["finishReason"]), (&wanted, &json!("STOP")));
    let counts = json!({ "promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 14,
                         "cachedContentTokenCount": 4, "thoughtsTokenCount": 2 });
    assert_eq!((&response["usageMetadata"], &response["modelVersion"]), (&counts, &json!("al/ias")));
}

#[test]
fn a_stream_says_how_it_ended_and_what_was_used_last() {
    let chunk = |delta: &Value| json!({ "id": "c", "choices": [{ "index": 0, "delta": delta }] });
    let part = |function: &Value| {
        chunk(&json!({ "tool_calls": [{ "index": 0, "id": "c1", "function": function }] }))
    };
    let bytes = events(&[
        chunk(&json!({ "content": "H" })),
        chunk(&json!({ "content": "i" })),
        part(&json!({ "name": "f", "arguments": "{\"a\":" })),
        chunk(&json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "1}" } }] })),
        json!({ "id": "c", "choices": [{ "index": 0, "delta": {}, "finish_reason": "length" }], "usage": usage() }),
    ]);
    let (responses, error) = streamed(&groq(), &bytes, 7);
    assert_eq!((responses.len(), error), (3, None));
    assert_eq!(responses[1]["candidates"][0]["content"]["parts"], json!([{ "text": "i" }]));
    let last = &responses[2]["candidates"][0];
    assert_eq!(last["content"]["parts"][0]["functionCall"]["args"], json!({ "a": 1 }));
    assert_eq!(
        (&last["finishReason"], &responses[2]["usageMetadata"]["totalTokenCount"]),
        (&json!("MAX_TOKENS"), &json!(14))
    );
}

#[test]
fn a_stream_that_breaks_ends_in_an_error_in_either_framing() {
    let bytes = events(&[
        json!({ "id": "c", "choices": [{ "index": 0, "delta": { "content": "Hi" } }] }),
        json!({ "error": { "message": "Overloaded", "code": 429 } }),
    ]);
    let (responses, error) = streamed(&groq(), &bytes, 5);
    assert_eq!(error.map(|error| error.status), Some(429));
    assert_eq!(responses[1]["error"]["status"], "RESOURCE_EXHAUSTED");
    let words = super::super::last_words(&Error::new(502, "x", "gone"), &stream_call(true));
    let array = format!("[{{}}{}", String::from_utf8_lossy(&words));
    assert_eq!(serde_json::from_str::<Value>(&array).expect("an array")[1]["error"]["code"], 502);
}
