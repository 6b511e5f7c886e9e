//! Cases of Ollama.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
    ("an answer that was cut off says so", &["ollama/chat/*/resp/length", "ollama/chat/*/stream/length"]),
    ("what goes up as an image is base64, whatever it is", &["ollama/chat/*/req/pdf_as_image_url"]),
    ("an empty list of tools is none", &["ollama/chat/*/req/tools_empty_list"]),
    ("a function goes up as the tool it is", &["ollama_chat/chat/*/req/functions_legacy+drop"]),
    (
        "reasoning in marks is reasoning, and begins with its first word",
        &["ollama/chat/*/stream/think_tags", "ollama_chat/chat/*/stream/think_tags"],
    ),
];
