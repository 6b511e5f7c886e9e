//! Cases of Bedrock.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
    (
        "`extra_body` is unfolded for every provider",
        &["anthropic/chat/*/req/extra_body", "bedrock/chat/*/req/extra_body"],
    ),
    (
        "JSON that a tool carries is streamed as any other answer, and ends as it ends when it comes whole",
        &["bedrock/chat/*/req/rf_json_schema_stream"],
    ),
    (
        "a model that thinks wants its redacted thinking back, or refuses the turn",
        &["bedrock/chat/claude-*/req/history_redacted_thinking"],
    ),
    ("a choice is no field of `inferenceConfig`", &["bedrock/chat/*/req/tool_choice_without_tools"]),
    ("the fault in the JSON is told in other words", &["*/req/tool_history_bad_args"]),
    ("an answer that was cut off says so", &["bedrock/chat/*/resp/length", "bedrock/chat/*/resp/max_tokens"]),
    (
        "parts of a text are text, not Python's way to print a list",
        &["bedrock/chat/*/req/content_text_parts", "bedrock/chat/*/req/cache_system"],
    ),
    (
        "what is no text has no place in a prompt",
        &[
            "bedrock/chat/*/req/file_pdf_base64",
            "bedrock/chat/*/req/image_base64",
            "bedrock/chat/invoke-*/req/image_https",
        ],
    ),
    (
        "reasoning is told apart whatever was said before it",
        &["bedrock/chat/invoke-deepseek/req/tool_history*"],
    ),
    (
        "LiteLLM loses the texts and calls of these streams",
        &["bedrock/chat/invoke-openai/stream/*", "bedrock/chat/invoke-openai/req/stream*"],
    ),
    (
        "an empty text is no block: Anthropic's API refuses it when it is played back",
        &["bedrock/messages/*/req/tool*"],
    ),
    ("a cache point goes to every model that takes one", &["bedrock/messages/nova/req/cache_control"]),
    (
        "the model takes one text at a time, and a client's call is one call: LiteLLM makes several",
        &["bedrock/embeddings/nova/req/list2", "bedrock/embeddings/titan-*/req/list2"],
    ),
    ("tokens of one model are nonsense to another", &["bedrock/embeddings/titan-*/req/tokens*"]),
    (
        "base64 is a way to write numbers, and no coarser kind of them",
        &["bedrock/embeddings/titan-v2/req/enc_base64"],
    ),
];
