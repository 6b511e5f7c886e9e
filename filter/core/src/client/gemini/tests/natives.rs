use super::*;

#[test]
fn everything_passes_to_google_but_the_credential_in_the_query() {
    let body = json!({ "contents": [{ "parts": [{ "text": "x" }] }], "unheardOf": 1 });
    let call = at("/v1beta/models/alias:streamGenerateContent?key=sk-secret", &body);
    let mut deployment = google();
    deployment.params.insert("safety_settings".into(), json!([{ "category": "c" }]));
    let outgoing = translate::request(&call, &deployment).expect("a request");
    assert_eq!(outgoing.path, "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse");
    let up: Value = serde_json::from_slice(&outgoing.body).expect("JSON");
    assert_eq!((&up["unheardOf"], &up["safetySettings"][0]["category"]), (&json!(1), &json!("c")));
    let count = at("/v1beta/models/alias:countTokens", &body);
    let outgoing = translate::request(&count, &deployment).expect("a request");
    assert_eq!(outgoing.path, "/v1beta/models/gemini-2.5-pro:countTokens");
    assert_eq!(outgoing.body, count.body);
}

#[test]
fn a_whole_answer_passes_and_is_counted() {
    let answer = json!({ "candidates": [{ "content": { "parts": [{ "text": "Hi" }] }, "finishReason": "STOP" }],
                         "usageMetadata": { "promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 12 },
                         "modelVersion": "v" });
    assert_eq!(answered(&answer, &google()).expect("an answer"), answer);
    let body = answer.to_string();
    let call = call(&json!({ "contents": [] }));
    let counted = translate::answer(&call, &google(), 200, body.as_bytes(), 0).expect("an answer");
    assert_eq!((counted.usage.prompt, counted.usage.completion), (9, 3));
    let error =
        json!({ "error": { "code": 429, "message": "Resource exhausted", "status": "RESOURCE_EXHAUSTED" } });
    assert_eq!(answered(&error, &google()).expect_err("an error").status, 429);
}

#[test]
fn a_stream_passes_in_the_framing_that_was_asked_for_and_must_come_to_its_end() {
    let said = json!({ "candidates": [{ "content": { "parts": [{ "text": "Hi" }] }, "index": 0 }] });
    let last = json!({ "candidates": [{ "finishReason": "STOP" }],
                       "usageMetadata": { "promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 12 } });
    let (responses, error) = streamed(&google(), &events(&[said.clone(), last.clone()]), 9);
    assert_eq!((responses, error), (vec![said.clone(), last], None));
    let (responses, error) = streamed(&google(), &events(&[said]), 9);
    assert_eq!(error.map(|error| error.status), Some(502));
    assert_eq!(responses[1]["error"]["code"], 502);
}
