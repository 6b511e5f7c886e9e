//! Cases of Replicate's.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
    (
        "an answer that comes whole is streamed in one piece",
        &["replicate/chat/*/req/stream*", "replicate/chat/*/stream/*"],
    ),
    ("no text is no text, and not a space", &["replicate/chat/*/resp/empty"]),
    (
        "a client's headers go up beside the vendor's, of whatever provider",
        &["replicate/chat/*/req/extra_headers"],
    ),
    (
        "parts of a text are text, not Python's way to print a list, and what is no text has no place in a prompt",
        &[
            "replicate/chat/*/req/cache_*",
            "replicate/chat/*/req/content_text_parts",
            "replicate/chat/*/req/file_*",
            "replicate/chat/*/req/image_*",
            "replicate/chat/*/req/input_audio",
        ],
    ),
    ("a turn without a text says nothing: LiteLLM trips over it", &["replicate/chat/*/req/tool_history*"]),
];
