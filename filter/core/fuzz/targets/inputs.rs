//! What the first two bytes of an input choose: the client's operation and the upstream's provider.

use serde_json::json;
use tianji_core::{call::Call, deployment::Deployment, operation::Operation};

const OPERATIONS: [Operation; 12] = [
    Operation::Chat,
    Operation::Messages,
    Operation::CountTokens,
    Operation::Completions,
    Operation::Embeddings,
    Operation::Generate,
    Operation::Images,
    Operation::Moderations,
    Operation::Rerank,
    Operation::Responses,
    Operation::Speech,
    Operation::StreamGenerate,
];
/// Where Google's clients name the model; others ignore it.
pub const PATH: &str = "/v1beta/models/m:streamGenerateContent?alt=sse";
/// Providers, and a model for each of their formats.
const PROVIDERS: [(&str, &str); 27] = [
    ("openai", "upstream-model"),
    ("openai", "responses/upstream-model"),
    ("anthropic", "upstream-model"),
    ("openai_like", "upstream-model"),
    ("gemini", "upstream-model"),
    ("vertex_ai", "upstream-model"),
    ("bedrock", "anthropic.upstream-model"),
    ("bedrock", "invoke/anthropic.upstream-model"),
    ("bedrock", "invoke/amazon.nova-upstream-model"),
    ("bedrock", "invoke/mistral.upstream-model"),
    ("bedrock", "amazon.nova-canvas-model"),
    ("bedrock", "amazon.titan-image-model"),
    ("bedrock", "stability.sd3-model"),
    ("bedrock", "stability.stable-diffusion-model"),
    ("cohere", "upstream-model"),
    ("deepinfra", "upstream-model"),
    ("gemini", "gemini-image-model"),
    ("huggingface", "upstream-model"),
    ("nvidia_nim", "ranking/upstream-model"),
    ("ollama", "upstream-model"),
    ("ollama_chat", "upstream-model"),
    ("sagemaker", "upstream-model"),
    ("sagemaker_chat", "upstream-model"),
    ("sap", "upstream-model"),
    ("triton", "upstream-model"),
    ("watsonx", "upstream-model"),
    ("watsonx_text", "upstream-model"),
    ("text-completion-openai", "upstream-model"),
    ("elevenlabs", "upstream-model"),
    ("vertex_ai", "chirp"),
];

/// Operation and deployment, and the rest of the input.
pub fn chosen(data: &[u8]) -> Option<(Operation, Deployment, &[u8])> {
    let (&[operation, provider], rest) = data.split_first_chunk()?;
    let (provider, model) = PROVIDERS[usize::from(provider) % PROVIDERS.len()];
    let deployment = Deployment {
        id: "d".into(),
        cluster: "deployment/d".into(),
        provider: provider.into(),
        model: model.into(),
        api_base: "http://127.0.0.1:1/v1".into(),
        weight: 1.0,
        ..Deployment::default()
    };
    Some((OPERATIONS[usize::from(operation) % OPERATIONS.len()], deployment, rest))
}

/// A call of that operation that asks for a stream or not.
pub fn call(operation: Operation, stream: bool) -> Call {
    let body = json!({
        "model": "m", "stream": stream, "stream_options": { "include_usage": true }, "max_tokens": 9, "input": "x",
        "messages": [{ "role": "user", "content": "Hello" }], "contents": [{ "parts": [{ "text": "Hello" }] }],
        "prompt": "x", "query": "x", "documents": ["a", "b"], "voice": "alloy",
    });
    Call::at(operation, PATH, body.to_string().into_bytes()).expect("a good body")
}
