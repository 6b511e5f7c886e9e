//! Rankings and images, at every provider: what holds for any input, and what is right where the recordings are not.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};
use tianji_core::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    providers,
    translate::{self, Answer, Outgoing},
    usage::Usage,
};

const MODELS: [&str; 12] = [
    "amazon.nova-canvas-v1:0",
    "amazon.rerank-v1:0",
    "amazon.titan-image-generator-v2:0",
    "dall-e-3",
    "gemini-2.5-flash-image",
    "gpt-image-1",
    "imagen-4.0-generate-001",
    "ranking/nvidia/rerank",
    "rerank-v3.5",
    "semantic-ranker-default@latest",
    "stability.sd3-5-large-v1:0",
    "stability.stable-diffusion-xl-v1",
];

fn deployment(provider: &str, model: &str, params: &Value) -> Deployment {
    let (provider, model) = (provider.to_owned(), model.to_owned());
    Deployment { provider, model, params: params.as_object().unwrap().clone(), ..Deployment::default() }
}

fn call(operation: Operation, body: &Value) -> Result<Call, Error> {
    Call::parse(operation, body.to_string().into_bytes())
}

fn ranking() -> Value {
    json!({ "model": "m", "query": "q", "documents": ["a", { "text": "b" }, { "title": "c" }], "top_n": 2 })
}

fn sent(operation: Operation, body: &Value, deployment: &Deployment) -> Result<(Outgoing, Value), Error> {
    let outgoing = translate::request(&call(operation, body)?, deployment)?;
    let body = serde_json::from_slice(&outgoing.body).unwrap();
    Ok((outgoing, body))
}

fn answered(
    operation: Operation,
    body: &Value,
    at: &Deployment,
    answer: &Value,
) -> Result<(Value, Usage), Error> {
    let answer = answer.to_string().into_bytes();
    let Answer { body, usage, .. } = translate::answer(&call(operation, body)?, at, 200, &answer, 1)?;
    Ok((serde_json::from_slice(&body).unwrap(), usage))
}

#[test]
fn what_a_request_lacks_is_named() {
    for (operation, body, field) in [
        (Operation::Rerank, json!({ "model": "m", "documents": [] }), "query"),
        (Operation::Rerank, json!({ "model": "m", "query": "q", "documents": null }), "documents"),
        (Operation::Images, json!({ "model": "m" }), "prompt"),
        (Operation::Images, json!({ "prompt": "p" }), "model"),
    ] {
        let error = call(operation, &body).unwrap_err();
        assert_eq!((error.status, error.param.as_deref()), (400, Some(field)));
    }
}

#[test]
fn who_does_not_rank_or_draw_says_so() {
    let prompt = json!({ "model": "m", "prompt": "p" });
    for (provider, operation, body) in [
        ("groq", Operation::Rerank, ranking()),
        ("anthropic", Operation::Rerank, ranking()),
        ("anthropic", Operation::Images, prompt.clone()),
        ("cohere", Operation::Images, prompt),
    ] {
        let error = sent(operation, &body, &deployment(provider, "m", &json!({}))).unwrap_err();
        assert_eq!(error.status, 400);
        assert!(error.message.contains(provider) && error.message.contains(operation.name()), "{error}");
    }
}

#[test]
fn an_address_of_ones_own_keeps_its_path_and_its_version() {
    let mut pieces = ranking();
    pieces["max_chunks_per_doc"] = 2.into();
    let path = |provider: &str, model: &str, base: &str, body: &Value| {
        let at = deployment(provider, model, &json!({ "base_url": base }));
        sent(Operation::Rerank, body, &at).unwrap().0.path
    };
    for (provider, base, expected) in [
        ("azure_ai", "https://h.example/providers/cohere/v2", "/providers/cohere/v2/rerank"),
        ("cohere", "https://h.example/a", "/a/v2/rerank"),
        ("cohere", "https://h.example/a/v2", "/a/v2/rerank"),
        ("cohere", "https://h.example/v1/rerank", "/v1/rerank"),
        ("dashscope", "https://h.example/compatible-api/v1", "/compatible-api/v1/reranks"),
        ("deepinfra", "https://h.example/v1/openai", "/v1/inference/m"),
        ("fireworks_ai", "https://h.example", "/inference/v1/rerank"),
        ("huggingface", "https://h.example/rerank", "/rerank"),
        ("hosted_vllm", "https://h.example/v1", "/v1/rerank"),
        ("jina_ai", "https://h.example/a", "/a/v1/rerank"),
        ("nvidia_nim", "https://h.example/v1", "/v1/retrieval/m/reranking"),
        ("voyage", "https://h.example/v1/rerank", "/v1/rerank"),
    ] {
        assert_eq!(path(provider, "m", base, &ranking()), expected, "{provider} at {base}");
    }
    assert_eq!(path("nvidia_nim", "ranking/m", "https://h.example", &ranking()), "/v1/ranking");
    // Pieces of documents are known to version 1 only.
    assert_eq!(path("cohere", "m", "https://h.example/v2", &pieces), "/v1/rerank");
    assert_eq!(path("cohere", "m", "https://api.cohere.com/v2", &pieces), "/v2/rerank");
}

/// `LiteLLM` calls this an outage.
#[test]
fn pieces_of_documents_are_refused_as_the_clients_fault_or_dropped() {
    let mut body = ranking();
    body["max_chunks_per_doc"] = 2.into();
    for provider in ["hosted_vllm", "together_ai"] {
        let base = json!({ "base_url": "http://host.internal" });
        let error = sent(Operation::Rerank, &body, &deployment(provider, "m", &base)).unwrap_err();
        assert_eq!(error.status, 400);
        assert!(error.message.contains("max_chunks_per_doc"), "{error}");
        let dropping = json!({ "base_url": "http://host.internal", "drop_params": true });
        let (_, sent) = sent(Operation::Rerank, &body, &deployment(provider, "m", &dropping)).unwrap();
        assert!(sent.get("max_chunks_per_doc").is_none());
    }
}

#[test]
fn a_ranking_is_paid_for_by_the_search_or_by_the_token() {
    let searched = json!({ "results": [], "meta": { "billed_units": { "search_units": 3 } } });
    let at = |provider: &str| deployment(provider, "rerank-v3.5", &json!({}));
    let (_, usage) = answered(Operation::Rerank, &ranking(), &at("cohere"), &searched).unwrap();
    assert_eq!(usage, Usage { search_units: 3, ..Usage::default() });
    let counted = json!({ "data": [], "usage": { "total_tokens": 22 } });
    let (_, usage) = answered(Operation::Rerank, &ranking(), &at("voyage"), &counted).unwrap();
    assert_eq!(usage, Usage { prompt: 22, ..Usage::default() });
    // What Fireworks' clients are told is searches are tokens.
    let counted = json!({ "data": [], "usage": { "total_tokens": 22, "prompt_tokens": 20 } });
    let (told, usage) = answered(Operation::Rerank, &ranking(), &at("fireworks_ai"), &counted).unwrap();
    assert_eq!(usage, Usage { prompt: 20, completion: 2, ..Usage::default() });
    assert_eq!(told["meta"]["billed_units"]["search_units"], 22);
    let (_, usage) =
        answered(Operation::Rerank, &ranking(), &at("jina_ai"), &json!({ "results": [] })).unwrap();
    assert!(usage.estimated && usage.search_units == 1);
}

#[test]
fn images_are_paid_for_by_what_they_are() {
    let facts = json!({ "output_cost_per_image": 0.04, "image_prices": { "hd/1792x1024": { "output_cost_per_image": 0.12 } } });
    let mut at = deployment("openai", "dall-e-3", &json!({}));
    at.facts = facts.as_object().unwrap().clone();
    let drawn = json!({ "created": 1, "data": [{ "url": "u" }, { "url": "v" }] });
    let mut body = json!({ "model": "m", "prompt": "p", "n": 2 });
    let (_, usage) = answered(Operation::Images, &body, &at, &drawn).unwrap();
    assert!((at.cost(&usage) - 0.08).abs() < 1e-9);
    body["size"] = "1792x1024".into();
    body["quality"] = "hd".into();
    let (_, usage) = answered(Operation::Images, &body, &at, &drawn).unwrap();
    assert!((at.cost(&usage) - 0.24).abs() < 1e-9);
    assert_eq!(Usage::expected(&call(Operation::Images, &body).unwrap()).images, 2);
}

#[test]
fn an_image_that_a_filter_keeps_back_is_the_clients_fault() {
    let at = deployment("bedrock", "stability.sd3-5-large-v1:0", &json!({}));
    let kept = json!({ "images": [], "finish_reasons": ["Filter reason: prompt"] });
    let error = answered(Operation::Images, &json!({ "model": "m", "prompt": "p" }), &at, &kept).unwrap_err();
    assert_eq!(error.status, 400);
    assert!(error.message.contains("Filter reason"), "{error}");
}

/// Any JSON, made of the words the formats are made of.
fn anything() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 36] = [
        "results",
        "data",
        "index",
        "relevance_score",
        "score",
        "document",
        "text",
        "meta",
        "billed_units",
        "search_units",
        "usage",
        "total_tokens",
        "prompt_tokens",
        "scores",
        "rankings",
        "logit",
        "records",
        "id",
        "input",
        "error",
        "images",
        "artifacts",
        "base64",
        "finish_reasons",
        "predictions",
        "bytesBase64Encoded",
        "candidates",
        "content",
        "parts",
        "inlineData",
        "usageMetadata",
        "candidatesTokenCount",
        "choices",
        "message",
        "image_url",
        "url",
    ];
    let word = || prop::sample::select(&WORDS[..]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        Just(Value::from("1024x1024")),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((word(), inner), 0..6).prop_map(|fields| {
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
            }),
        ]
    })
}

/// A request with any values in the fields that are looked at.
fn request() -> impl Strategy<Value = Value> {
    const FIELDS: [&str; 16] = [
        "documents",
        "extra_body",
        "imageConfig",
        "imageGenerationConfig",
        "max_chunks_per_doc",
        "max_tokens_per_doc",
        "n",
        "prompt",
        "quality",
        "query",
        "response_format",
        "return_documents",
        "size",
        "taskType",
        "top_n",
        "user",
    ];
    let field = (prop::sample::select(&FIELDS[..]), anything());
    vec(field, 0..8).prop_map(|fields| {
        let mut body = json!({ "model": "m", "query": "q", "documents": ["a", "b"], "prompt": "p" });
        for (name, value) in fields {
            body[name] = value;
        }
        body
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_request_and_no_answer_panics(
        body in request(),
        answer in anything(),
        dropping in any::<bool>(),
        models in prop::sample::subsequence(MODELS.to_vec(), 2),
    ) {
        let params = json!({ "drop_params": dropping, "vertex_project": "p", "base_url": "https://host.internal" });
        let answer = answer.to_string().into_bytes();
        for operation in [Operation::Rerank, Operation::Images] {
            let Ok(call) = call(operation, &body) else { continue };
            for provider in providers::ALL {
                for model in &models {
                    let deployment = deployment(provider.facts().slug, model, &params);
                    if translate::request(&call, &deployment).is_ok() {
                        for status in [200, 400, 500] {
                            if let Ok(answer) = translate::answer(&call, &deployment, status, &answer, 1) {
                                prop_assert!(deployment.cost(&answer.usage).is_finite());
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_ranking_loses_no_result(scores in vec(0.0..1.0f64, 0..20)) {
        let results = |score: &str| -> Value {
            scores.iter().enumerate().map(|(at, value)| json!({ "index": at, "id": at.to_string(), score: value })).collect()
        };
        for (provider, model, answer) in [
            ("cohere", "rerank-v3.5", json!({ "results": results("relevance_score") })),
            ("voyage", "rerank-2", json!({ "data": results("relevance_score") })),
            ("bedrock", "amazon.rerank-v1:0", json!({ "results": results("relevanceScore") })),
            ("deepinfra", "rerank", json!({ "scores": scores })),
            ("huggingface", "rerank", results("score")),
            ("nvidia_nim", "nvidia/rerank", json!({ "rankings": results("logit") })),
            ("vertex_ai", "semantic-ranker-default", json!({ "records": results("score") })),
            ("watsonx", "rerank", json!({ "results": results("score") })),
        ] {
            let at = deployment(provider, model, &json!({}));
            let (ranked, _) = answered(Operation::Rerank, &ranking(), &at, &answer).unwrap();
            let ranked = ranked["results"].as_array().unwrap();
            prop_assert_eq!(ranked.len(), scores.len());
            for one in ranked {
                let at = usize::try_from(one["index"].as_u64().unwrap()).unwrap();
                prop_assert!((one["relevance_score"].as_f64().unwrap() - scores[at]).abs() < 1e-12);
            }
        }
    }
}
