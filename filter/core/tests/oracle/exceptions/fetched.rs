//! Cases of images and documents that are named by their address.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
    (
        "what the vendor does not fetch is fetched for it: LiteLLM passes the address on",
        &[
            "azure/chat/gpt-5/req/file_id_https_pdf",
            "bedrock/messages/claude-invoke/req/image_url",
            "github_copilot/chat/*/req/file_id_https_pdf",
            "openai/chat/responses-bridge/req/file_id_https_pdf",
            "ollama_chat/chat/*/req/image_format_override",
            "ollama_chat/chat/*/req/image_https",
            "vertex_ai/messages/claude/req/image_url",
        ],
    ),
    ("a file's type is told once, in its data", &["snowflake/chat/llama/req/file_id_https_pdf"]),
];
