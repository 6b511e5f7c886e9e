//! What the first byte of an input chooses: the client's operation and the upstream's provider.

use serde_json::json;
use tianji_core::{call::Call, deployment::Deployment, operation::Operation};

const OPERATIONS: [Operation; 7] = [
    Operation::Chat,
    Operation::Messages,
    Operation::CountTokens,
    Operation::Embeddings,
    Operation::Responses,
    Operation::Generate,
    Operation::StreamGenerate,
];
/// Where Google's clients name the model; others ignore it.
pub const PATH: &str = "/v1beta/models/m:streamGenerateContent?alt=sse";
/// Providers, and a model for each of their formats.
const PROVIDERS: [(&str, &str); 19] = [
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
    ("cohere", "upstream-model"),
    ("ollama", "upstream-model"),
    ("ollama_chat", "upstream-model"),
    ("sagemaker", "upstream-model"),
    ("sagemaker_chat", "upstream-model"),
    ("sap", "upstream-model"),
    ("triton", "upstream-model"),
    ("watsonx", "upstream-model"),
    ("watsonx_text", "upstream-model"),
];

/// Operation and deployment, and the rest of the input.
pub fn chosen(data: &[u8]) -> Option<(Operation, Deployment, &[u8])> {
    let (&choice, rest) = data.split_first()?;
    let choice = usize::from(choice);
    let (provider, model) = PROVIDERS[choice / OPERATIONS.len() % PROVIDERS.len()];
    let deployment = Deployment {
        id: "d".into(),
        cluster: "deployment/d".into(),
        provider: provider.into(),
        model: model.into(),
        api_base: "http://127.0.0.1:1/v1".into(),
        weight: 1.0,
        ..Deployment::default()
    };
    Some((OPERATIONS[choice % OPERATIONS.len()], deployment, rest))
}

/// A call of that operation that asks for a stream or not.
pub fn call(operation: Operation, stream: bool) -> Call {
    let body = json!({
        "model": "m", "stream": stream, "stream_options": { "include_usage": true }, "max_tokens": 9, "input": "x",
        "messages": [{ "role": "user", "content": "Hello" }], "contents": [{ "parts": [{ "text": "Hello" }] }],
    });
    Call::at(operation, PATH, body.to_string().into_bytes()).expect("a good body")
}
