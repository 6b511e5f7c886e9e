//! Edges of whole answers.

use super::{answer, said};
use serde_json::{Value, json};

#[test]
fn a_call_without_arguments_has_none() {
    let chat = answer(200, &said(&json!([{ "functionCall": { "name": "ping" } }]), Some("STOP"))).unwrap();
    let call = &chat["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(call["function"], json!({ "name": "ping", "arguments": "{}" }));
    assert_eq!(chat["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn a_signature_travels_in_the_id_too() {
    let parts =
        json!([{ "functionCall": { "id": "fc", "name": "f", "args": {} }, "thoughtSignature": "SIG" }]);
    let chat = answer(200, &said(&parts, Some("STOP"))).unwrap();
    let message = &chat["choices"][0]["message"];
    assert_eq!(message["tool_calls"][0]["id"], "fc__thought__SIG");
    assert_eq!(message["provider_specific_fields"]["thought_signatures"], json!(["SIG"]));
}

#[test]
fn a_malformed_call_is_no_answer() {
    let error = answer(200, &said(&json!([]), Some("MALFORMED_FUNCTION_CALL"))).unwrap_err();
    assert_eq!((error.status, error.kind.as_str()), (500, "internal_server_error"));
}

#[test]
fn an_answer_that_is_none_is_the_upstreams_fault() {
    for body in [json!({}), json!([]), json!("x"), json!({ "candidates": 7 })] {
        assert_eq!(answer(200, &body).unwrap_err().status, 500);
    }
    assert_eq!(answer(200, &json!({ "error": { "code": 429, "message": "slow" } })).unwrap_err().status, 429);
}

#[test]
fn errors_have_the_status_of_what_went_wrong() {
    let status = |status: u16, error: Value| answer(status, &error).unwrap_err().status;
    assert_eq!(
        status(400, json!({ "error": { "message": "API key not valid. Please pass a valid API key." } })),
        401
    );
    assert_eq!(
        status(503, json!({ "error": { "code": 503, "message": "The model is overloaded. Try later." } })),
        500
    );
    assert_eq!(status(500, json!({ "error": { "code": 429, "message": "x" } })), 429);
    assert_eq!(status(429, json!([{ "error": { "code": 429, "message": "x" } }])), 429);
    assert_eq!(status(502, json!("<html>")), 500);
}

#[test]
fn what_a_text_rests_on_is_annotated() {
    let mut body = said(&json!([{ "text": "Paris" }]), Some("STOP"));
    body["candidates"][0]["groundingMetadata"] = json!({
        "webSearchQueries": ["a", "b", "a"],
        "groundingChunks": [{ "web": { "uri": "https://e.com", "title": "E" } }],
        "groundingSupports": [
            { "segment": { "startIndex": 0, "endIndex": 5 }, "groundingChunkIndices": [0] },
            { "segment": { "endIndex": 5 }, "groundingChunkIndices": [0] },
            { "segment": { "startIndex": 0, "endIndex": 5 }, "groundingChunkIndices": [9] },
        ],
    });
    body["usageMetadata"]["toolUsePromptTokenCount"] = 100.into();
    let chat = answer(200, &body).unwrap();
    let citation = json!({ "start_index": 0, "end_index": 5, "url": "https://e.com", "title": "E" });
    let annotations = json!([{ "type": "url_citation", "url_citation": citation }]);
    assert_eq!(chat["choices"][0]["message"]["annotations"], annotations);
    assert_eq!(chat["usage"]["prompt_tokens"], 12, "what a search found is paid for as a search");
    let details = json!({ "tool_use_tokens": 100, "web_search_requests": 2 });
    assert_eq!(chat["usage"]["prompt_tokens_details"], details);
    assert_eq!(chat["vertex_ai_grounding_metadata"].as_array().unwrap().len(), 1);
}

#[test]
fn cached_tokens_are_taken_from_their_kind() {
    let mut body = said(&json!([{ "text": "x" }]), Some("STOP"));
    body["usageMetadata"] = json!({ "promptTokenCount": 100, "candidatesTokenCount": 5, "totalTokenCount": 112,
        "thoughtsTokenCount": 7, "cachedContentTokenCount": 40,
        "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": 60 }, { "modality": "AUDIO", "tokenCount": 40 }],
        "cacheTokensDetails": [{ "modality": "AUDIO", "tokenCount": 30 }, { "modality": "DOCUMENT", "tokenCount": 10 }] });
    let usage = answer(200, &body).unwrap()["usage"].clone();
    assert_eq!(
        usage["prompt_tokens_details"],
        json!({ "cached_tokens": 40, "text_tokens": 50, "audio_tokens": 10 })
    );
    assert_eq!(usage["completion_tokens_details"], json!({ "reasoning_tokens": 7, "text_tokens": 5 }));
    assert_eq!(usage["completion_tokens"], 12);
}

#[test]
fn what_the_vendors_tools_did_comes_back_with_the_next_turn() {
    let parts = json!([
        { "toolCall": { "toolType": "GOOGLE_SEARCH", "id": "t", "args": { "q": 1 } }, "thoughtSignature": "A" },
        { "toolResponse": { "toolType": "GOOGLE_SEARCH", "id": "t", "response": { "r": 1 } }, "thoughtSignature": "B" },
        { "text": "x" },
    ]);
    let chat = answer(200, &said(&parts, Some("STOP"))).unwrap();
    let message = chat["choices"][0]["message"].clone();
    let turns = super::contents("gemini-3-pro", &json!([{ "role": "user", "content": "Q" }, message]));
    let own = turns[1]["parts"].as_array().unwrap();
    assert!(own.contains(&parts[0]) && own.contains(&parts[1]), "{own:?}");
}
