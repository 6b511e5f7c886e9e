//! The Responses API, to clients and upstream.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
    (
        "what was kept elsewhere cannot be gone on with: LiteLLM forgets the conversation without a word",
        &["*/responses/*/req/previous_response_id"],
    ),
    (
        "a call's arguments pass as they come: LiteLLM cuts them into pieces of ten characters",
        &["*/responses/*/req/stream_tools"],
    ),
    ("an empty text is no item of a response", &["bedrock/responses/*/req/tool*"]),
    (
        "who streams responses is asked for a stream: LiteLLM waits for the whole answer",
        &["hosted_vllm/responses/*/req/stream*", "xai/responses/*/req/stream*"],
    ),
    ("what was said goes before what was called", &["openai/messages/*/req/tool_history"]),
    (
        "a call and its result in the older form are that, not empty words",
        &["*/responses-bridge/req/function_legacy_history"],
    ),
    ("a call's place among calls is its own", &["*/responses-bridge/resp/tool_calls_multi"]),
    ("a response has the id that its provider gave it", &["proxy/responses/*"]),
];
