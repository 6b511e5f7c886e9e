//! What holds for every provider, and what is right where recorded facts show `LiteLLM` to be wrong.

use super::*;
use crate::{
    call::Call,
    operation::Operation,
    translate::{self, Outgoing, Stream},
};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn the_list_is_sorted_without_doubles() {
    let slugs: Vec<_> = ALL.iter().map(|provider| provider.facts().slug).collect();
    assert!(slugs.is_sorted_by(|a, b| a < b), "{slugs:?}");
}

#[test]
fn every_provider_is_documented_and_reached_by_https() {
    let local =
        |base: &str| ["http://localhost:", "http://127.0.0.1:"].iter().any(|own| base.starts_with(own));
    for facts in ALL.iter().map(|provider| provider.facts()) {
        assert!(facts.docs.starts_with("https://"), "{}: docs", facts.slug);
        let base = facts.base_url;
        assert!(
            base.is_empty() || (base.starts_with("https://") || local(base)) && !base.ends_with('/'),
            "{base}"
        );
        let signed = matches!(facts.auth, Auth::Aws(_) | Auth::HttpSignature);
        assert!(base.is_empty() || signed || !facts.key_env.is_empty(), "{}: key_env", facts.slug);
        for name in [facts.key_env, facts.base_env] {
            assert!(
                name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'),
                "{name}"
            );
        }
    }
}

#[test]
fn every_provider_is_found_by_its_slug() {
    assert!(ALL.iter().all(|p| find(p.facts().slug).is_some_and(|f| f.facts().slug == p.facts().slug)));
    assert!(find("nobody").is_none());
}

#[test]
fn a_row_of_the_price_table_is_its_providers_also_under_a_longer_name() {
    for owner in ["cohere", "cohere_chat"] {
        assert!(owns("cohere", owner));
    }
    assert!(owns("vertex_ai", "vertex_ai-language-models") && owns("bedrock", "bedrock_converse"));
    assert!(
        owns("openai", "text-completion-openai") && owns("text-completion-openai", "text-completion-openai")
    );
    assert!(!owns("cohere", "coherent") && !owns("azure", "azure_ai"));
}

/// A deployment of `provider/model`, at its own address or at some server.
fn deployment(model: &str) -> Deployment {
    let (provider, model) = model.split_once('/').unwrap();
    let home = find(provider).unwrap().facts().base_url;
    let api_base = if home.is_empty() { "https://server.test/v1" } else { "" };
    Deployment {
        provider: provider.into(),
        model: model.into(),
        api_base: api_base.into(),
        ..Deployment::default()
    }
}

fn sent(model: &str, extra: &Value) -> (Outgoing, Value) {
    let mut body = json!({ "model": "mine", "messages": [{ "role": "user", "content": "Hi" }] });
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let call = Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap();
    let outgoing = translate::request(&call, &deployment(model)).unwrap();
    let body = serde_json::from_slice(&outgoing.body).unwrap();
    (outgoing, body)
}

#[test]
fn what_a_provider_takes_and_renames_is_named_once() {
    for facts in ALL.iter().map(|provider| provider.facts()) {
        let mut taken: Vec<_> = facts.takes.iter().flat_map(|group| group.iter()).collect();
        let all = taken.len();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), all, "{} takes something twice", facts.slug);
        for (_, gated) in facts.gated {
            assert!(gated.iter().all(|name| taken.contains(&name)), "{}: gated, but not taken", facts.slug);
        }
    }
}

#[test]
fn a_model_of_ai21_is_asked_for_at_ai21() {
    assert_eq!(deployment("ai21/jamba-large").base_url(), "https://api.ai21.com/studio/v1");
}

#[test]
fn the_router_of_hugging_face_is_told_the_provider_behind_the_model() {
    let (outgoing, body) = sent("huggingface/hf-inference/meta-llama/Llama-3.1-8B", &json!({}));
    assert_eq!(outgoing.path, "/v1/chat/completions");
    assert_eq!(body["model"], "meta-llama/Llama-3.1-8B:hf-inference");
}

#[test]
fn a_groq_answer_without_a_tier_is_one() {
    let call = Call::parse(Operation::Chat, br#"{"model":"mine","messages":[]}"#.to_vec()).unwrap();
    let body = json!({ "id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": "Hi" }, "finish_reason": "stop" }] });
    let answer =
        translate::answer(&call, &deployment("groq/llama"), 200, body.to_string().as_bytes(), 1).unwrap();
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["service_tier"], "auto");
}

#[test]
fn an_answer_in_json_streams_as_text_though_a_tool_took_it() {
    let call =
        Call::parse(Operation::Chat, br#"{"model":"mine","messages":[],"stream":true}"#.to_vec()).unwrap();
    let mut stream = Stream::new(&call, &deployment("fireworks_ai/m"), 1);
    let mut out = String::new();
    let name = json!({ "index": 0, "id": "c", "function": { "name": json_tool::NAME, "arguments": "" } });
    let pieces = ["{\"a\"", ":1}"].map(|text| json!({ "index": 0, "function": { "arguments": text } }));
    for (call, reason) in [(name, None), (pieces[0].clone(), None), (pieces[1].clone(), Some("tool_calls"))] {
        let chunk = json!({ "id": "x", "created": 1, "model": "m", "object": "chat.completion.chunk",
            "choices": [{ "index": 0, "delta": { "tool_calls": [call] }, "finish_reason": reason }] });
        let pushed = stream.push(format!("data: {chunk}\n\n").as_bytes());
        out += &String::from_utf8(pushed.bytes).unwrap();
    }
    assert!(!out.contains("tool_call") && out.contains(r#""content":"{\"a\"""#), "{out}");
    assert!(out.contains(r#""content":":1}""#) && out.contains(r#""finish_reason":"stop""#), "{out}");
}

#[test]
fn providers_whose_streams_the_recorder_could_not_read_stream_plainly() {
    let call =
        Call::parse(Operation::Chat, br#"{"model":"mine","messages":[],"stream":true}"#.to_vec()).unwrap();
    for model in ["amazon_nova/nova-pro-v1", "maritalk/sabia-3", "oobabooga/m"] {
        let mut stream = Stream::new(&call, &deployment(model), 1);
        let chunk = json!({ "id": "x", "created": 1, "model": "m", "object": "chat.completion.chunk",
            "choices": [{ "index": 0, "delta": { "content": "Hi" }, "finish_reason": "stop" }] });
        let pushed = stream.push(format!("data: {chunk}\n\ndata: [DONE]\n\n").as_bytes());
        let text = String::from_utf8(pushed.bytes).unwrap();
        assert!(text.contains("\"content\":\"Hi\"") && text.ends_with("data: [DONE]\n\n"), "{model}: {text}");
    }
}

/// JSON of any shape, with names that providers act on.
fn anything() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "role",
        "content",
        "type",
        "text",
        "image_url",
        "file",
        "file_id",
        "function",
        "name",
        "parameters",
        "json_schema",
        "schema",
        "tool_calls",
        "id",
        "tool_call_id",
        "budget_tokens",
        "effort",
        "cache_control",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(|user|tool|assistant|system|function|enabled|required|json_schema|max|é)".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_provider_panics_on_a_request(messages in prop::collection::vec(anything(), 0..4),
                                       fields in prop::collection::vec(anything(), 8)) {
        let names = ["tools", "tool_choice", "response_format", "thinking", "reasoning_effort", "temperature",
            "web_search_options", "stream"];
        let mut body = json!({ "model": "mine", "messages": messages });
        body.as_object_mut().unwrap().extend(names.iter().map(|name| (*name).to_owned()).zip(fields));
        let Ok(call) = Call::parse(Operation::Chat, body.to_string().into_bytes()) else { return Ok(()) };
        for provider in ALL {
            for model in ["claude-1", "gpt-4o", "magistral", "a/b/c"] {
                let mut deployment = deployment(&format!("{}/{model}", provider.facts().slug));
                deployment.params.insert("drop_params".into(), true.into());
                if let Ok(outgoing) = translate::request(&call, &deployment) {
                    prop_assert!(serde_json::from_slice::<Value>(&outgoing.body).is_ok());
                }
            }
        }
    }
}
