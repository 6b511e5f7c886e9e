//! Cases of Oracle's.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
    (
        "what a model says while it calls a tool is part of the conversation: LiteLLM leaves it out",
        &["oci/chat/*/req/tool_history_text_and_call*", "oci/chat/*/req/history_thinking_blocks*"],
    ),
    (
        "a tool's result may come in parts, from clients of Anthropic's API above all",
        &["oci/chat/*/req/tool_result_*"],
    ),
    (
        "what was filtered did not simply end",
        &["oci/chat/*/resp/content_filter", "oci/chat/*/resp/error_toxic"],
    ),
    (
        "a call has one id and one name, in its first piece",
        &["oci/chat/*/req/stream_tools", "oci/chat/*/stream/tool*"],
    ),
    ("tokens are no texts", &["oci/embeddings/*/req/tokens*"]),
];
