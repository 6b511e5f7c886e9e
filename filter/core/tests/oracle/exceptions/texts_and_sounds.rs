//! Cases of text completions, moderations and audio.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
    (
        "several prompts are several, also at Azure",
        &["azure/completions/*/req/list", "azure/completions/*/req/tokens"],
    ),
    ("what a vendor may know is sent to it", &["azure/completions/*/req/unknown"]),
    ("probabilities are passed on, also from Azure", &["azure/completions/*/resp/logprobs"]),
    ("what the client says is sent, also if it is nothing", &["mistral/completions/m/req/empty"]),
    ("one text is one, also if it is empty", &["azure_ai/embeddings/*/req/empty_str"]),
    (
        "Oobabooga's server takes a bearer and a model, and gives as many vectors as it is given texts",
        &["oobabooga/embeddings/m/*"],
    ),
    (
        "an invented answer is streamed like any other that comes whole",
        &["openai/chat/*/mock_response_stream"],
    ),
    (
        "the filter holds no key, and so cannot tell one from a token of Claude Code",
        &["anthropic/chat/params-*/oauth_token"],
    ),
    ("tokens are no message", &["openai/completions/chat-model/req/tokens"]),
    ("a client's fault is one: Together takes one prompt", &["together_ai/completions/m/req/list"]),
    (
        "priced by the number of parameters in the model's name",
        &["together_ai/completions/*/req/stream_usage", "fireworks_ai/completions/*/req/stream_usage"],
    ),
    (
        "a setting that its vendor knows is sent, and one that it does not know is not: LiteLLM does it the other way round",
        &["deepgram/audio_transcriptions/*/req/*+drop", "fireworks_ai/audio_transcriptions/*/req/*"],
    ),
];

/// Why, and what differs, in whatever case.
pub const DIFFERENCES: &[Reason] = &[
    ("a choice has its text, also if it is empty", &["[*].choices[0].text: expected null, got \"\""]),
    (
        "a category has the name that its vendor gives it",
        &[".results[*].categor*.self_harm: expected *, got null"],
    ),
    (
        "the version of the API is the deployment's, also for recordings",
        &["request.url: expected \"*/audio/transcriptions?api-version=2025-02-01-preview\", got *"],
    ),
];
