//! Edges of requests.

use super::{call, contents, deployment, request, request_for};
use crate::{deployment::Deployment, translate, wire::gemini::is_newer};
use serde_json::{Value, json};

const OLD: &str = "gemini-2.5-pro";
const NEW: &str = "gemini-3-pro-preview";

/// A conversation in which a function was called, by a call with the fields given.
fn called(fields: &Value) -> Value {
    let mut call =
        json!({ "id": "call_1", "type": "function", "function": { "name": "f", "arguments": "{\"a\":1}" } });
    call.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let id = call["id"].clone();
    json!([
        { "role": "user", "content": "Q" },
        { "role": "assistant", "content": null, "tool_calls": [call] },
        { "role": "tool", "tool_call_id": id, "content": "ok" },
    ])
}

#[test]
fn what_is_not_known_to_be_older_is_newer() {
    let new = [
        "gemini-3-pro-preview",
        "gemini-3.1-pro",
        "gemini-flash-latest",
        "gemini-flash-lite-latest",
        "gemini-4",
    ];
    let old = [
        "gemini-1.5-pro",
        "gemini-2.5-flash-lite",
        "gemini-2-flash",
        "gemini-pro",
        "gemini-pro-vision",
        "gemini-exp-1206",
        "gemma-3-27b-it",
        "1234567890",
        "gemini/1234567890",
    ];
    assert!(new.iter().all(|model| is_newer(model)));
    assert!(!old.iter().any(|model| is_newer(model)));
}

#[test]
fn a_signature_comes_back_however_the_client_kept_it() {
    let part = |fields: Value| contents(NEW, &called(&fields))[1]["parts"][0].clone();
    let kept = [
        json!({ "provider_specific_fields": { "thought_signature": "SIG" } }),
        json!({ "id": "call_1__thought__SIG" }),
        json!({ "function": { "name": "f", "arguments": "{}", "provider_specific_fields": { "thought_signature": "SIG" } } }),
    ];
    for fields in kept {
        let part = part(fields);
        assert_eq!(
            (&part["thoughtSignature"], &part["function_call"]["id"]),
            (&"SIG".into(), &"call_1".into())
        );
    }
    let turns = contents(NEW, &called(&json!({ "id": "call_1__thought__SIG" })));
    assert_eq!(turns[2]["parts"][0]["function_response"]["id"], "call_1");
}

#[test]
fn models_that_know_no_ids_of_calls_are_told_none() {
    let turns = contents(OLD, &called(&json!({})));
    assert_eq!(turns[1]["parts"][0], json!({ "function_call": { "name": "f", "args": { "a": 1 } } }));
    assert!(turns[2]["parts"][0]["function_response"].get("id").is_none());
}

#[test]
fn two_calls_alike_stay_two() {
    let twice =
        json!({ "id": "call_2", "type": "function", "function": { "name": "f", "arguments": "{\"a\":1}" } });
    let mut messages = called(&json!({}));
    messages[1]["tool_calls"].as_array_mut().unwrap().push(twice);
    assert_eq!(contents(OLD, &messages)[1]["parts"].as_array().unwrap().len(), 2);
}

#[test]
fn a_signature_is_sent_once() {
    let mut messages = called(&json!({ "provider_specific_fields": { "thought_signature": "SIG" } }));
    messages[1]["content"] = "text".into();
    messages[1]["provider_specific_fields"] = json!({ "thought_signatures": ["SIG"] });
    let parts = contents(NEW, &messages)[1]["parts"].clone();
    assert_eq!(parts[0], json!({ "text": "text" }));
    messages[1]["provider_specific_fields"] = json!({ "thought_signatures": ["OTHER"] });
    assert_eq!(contents(NEW, &messages)[1]["parts"][0]["thoughtSignature"], "OTHER");
}

#[test]
fn what_a_client_got_wrong_is_its_fault() {
    let refused = |messages: Value| request(json!({ "messages": messages })).unwrap_err();
    let bad_arguments = called(&json!({ "function": { "name": "f", "arguments": "no json" } }));
    let orphan = json!([{ "role": "tool", "tool_call_id": "x", "content": "ok" }]);
    let stranger = json!([{ "role": "narrator", "content": "x" }]);
    for messages in [bad_arguments, orphan, stranger] {
        assert_eq!(refused(messages).status, 400);
    }
    let audio =
        json!({ "messages": [], "modalities": ["audio"], "audio": { "voice": "a", "format": "wav" } });
    assert_eq!(request_for("gemini-2.5-flash-preview-tts", audio).unwrap_err().status, 400);
}

#[test]
fn a_schema_is_rewritten_for_the_api() {
    let parameters = json!({
        "type": "object", "additionalProperties": false, "$defs": { "A": { "type": "string", "enum": ["", "x"] } },
        "properties": {
            "a": { "$ref": "#/$defs/A" },
            "b": { "type": ["array", "null"], "items": { "type": "integer" }, "description": "b" },
            "c": { "type": "integer", "enum": [1, 2], "format": "int32" },
            "d": { "type": "array" },
            "e": { "anyOf": [{ "type": "null" }, {}] },
            "f": { "properties": { "g": {} }, "required": null },
        },
    });
    let tools = json!([{ "type": "function", "function": { "name": "f", "parameters": parameters } }]);
    let body = request(json!({ "messages": [], "tools": tools })).unwrap();
    let own = &body["tools"][0]["function_declarations"][0]["parameters"]["properties"];
    assert_eq!(own["a"], json!({ "type": "string", "enum": [null, "x"] }));
    let list = json!({ "type": "array", "items": { "type": "integer" }, "description": "b" });
    assert_eq!(own["b"], json!({ "anyOf": [list, { "type": "null", "description": "b" }] }));
    assert_eq!(own["c"], json!({ "type": "integer" }));
    assert_eq!(own["d"], json!({ "type": "array", "items": { "type": "object" } }));
    assert_eq!(own["e"], json!({ "anyOf": [{ "type": "object", "nullable": true }] }));
    assert_eq!(own["f"], json!({ "properties": { "g": { "type": "object" } }, "type": "object" }));
}

#[test]
fn searches_are_not_mixed_with_functions_unless_asked() {
    let tools = json!([{ "google_search": {} }, { "code_execution": {} }, { "type": "function", "function": { "name": "f" } }]);
    let kinds = |body: Value| -> Vec<String> {
        let tools = body["tools"].as_array().unwrap().clone();
        tools.iter().flat_map(|tool| tool.as_object().unwrap().keys().cloned()).collect()
    };
    let plain = request(json!({ "messages": [], "tools": tools })).unwrap();
    assert_eq!(kinds(plain), ["function_declarations", "code_execution"]);
    let asked = json!({ "messages": [], "tools": tools, "include_server_side_tool_invocations": true });
    let mixed = request(asked).unwrap();
    assert_eq!(mixed["toolConfig"], json!({ "includeServerSideToolInvocations": true }));
    assert_eq!(kinds(mixed), ["function_declarations", "googleSearch", "code_execution"]);
}

#[test]
fn a_place_on_the_map_is_said_beside_the_tools() {
    let maps = json!({ "googleMaps": { "enableWidget": true, "latitude": 1, "longitude": 2, "languageCode": "de" } });
    let format = json!({ "type": "json_schema", "json_schema": { "schema": { "type": "object" } } });
    let body = request(json!({ "messages": [], "tools": [maps], "response_format": format })).unwrap();
    assert_eq!(body["tools"], json!([{ "googleMaps": { "enableWidget": true } }]));
    let place = json!({ "latLng": { "latitude": 1, "longitude": 2 }, "languageCode": "de" });
    assert_eq!(body["toolConfig"], json!({ "retrievalConfig": place }));
    let text = json!({ "mimeType": "APPLICATION_JSON", "schema": { "type": "object" } });
    assert_eq!(body["generationConfig"], json!({ "responseFormat": { "text": text } }));
}

#[test]
fn only_what_somebody_put_into_extra_body_goes_up_unknown() {
    let body = json!({ "messages": [], "repetition_penalty": 1.1, "topK": 3,
        "extra_body": { "vendor": 1, "generationConfig": { "routing": 2 } } });
    let sent = request(body).unwrap();
    assert_eq!(sent["vendor"], 1);
    assert_eq!(sent["generationConfig"], json!({ "topK": 3, "routing": 2 }));
    assert!(sent.get("repetition_penalty").is_none());
}

#[test]
fn an_address_says_its_own_version() {
    let path = |provider: &str, model: &str, api_base: &str| {
        let params = json!({ "vertex_project": "p", "vertex_location": "eu" });
        let deployment = Deployment {
            api_base: api_base.into(),
            params: serde_json::from_value(params).unwrap(),
            ..deployment(provider, model)
        };
        translate::request(&call(&json!({ "model": "m", "messages": [] })), &deployment).unwrap().path
    };
    let home = "https://generativelanguage.googleapis.com";
    assert_eq!(path("gemini", NEW, home), format!("/v1alpha/models/{NEW}:generateContent"));
    assert_eq!(path("gemini", OLD, &format!("{home}/v1")), format!("/v1/models/{OLD}:generateContent"));
    assert_eq!(path("gemini", OLD, "http://localhost:1"), format!("/models/{OLD}:generateContent"));
    let place = "/projects/p/locations/eu/publishers/google/models";
    assert_eq!(path("vertex_ai", OLD, "http://localhost:1"), format!("/v1{place}/{OLD}:generateContent"));
    assert_eq!(
        path("vertex_ai", OLD, "http://localhost:1/v1beta1"),
        format!("/v1beta1{place}/{OLD}:generateContent")
    );
    assert_eq!(path("vertex_ai", OLD, "http://localhost:1/my/model"), "/my/model:generateContent");
}

#[test]
fn media_is_inline_or_where_it_is() {
    let part = |url: &str| {
        let content =
            json!([{ "type": "text", "text": "?" }, { "type": "image_url", "image_url": { "url": url } }]);
        request(json!({ "messages": [{ "role": "user", "content": content }] }))
            .map(|body| body["contents"][0]["parts"][1].clone())
    };
    assert_eq!(
        part("data:image/png;charset=x;base64,AA==").unwrap()["inline_data"]["mime_type"],
        "image/png"
    );
    assert_eq!(part("https://a/b.PNG?x=1").unwrap()["file_data"]["mime_type"], "image/png");
    let uploaded = "https://generativelanguage.googleapis.com/v1beta/files/abc";
    assert_eq!(part(uploaded).unwrap()["file_data"], json!({ "file_uri": uploaded }));
    assert_eq!(part("gs://bucket/no-type").unwrap_err().status, 400);
    assert_eq!(part("nonsense").unwrap_err().status, 400);
}
