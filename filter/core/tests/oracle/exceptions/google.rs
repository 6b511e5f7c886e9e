//! Cases of Gemini and Vertex.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
    ("a schema in a prompt is JSON, not Python", &["*gemini-1.5-pro/req/rf_json_schema"]),
    (
        "a cache is not created for the client: that is I/O, which a translation has not. The request goes up whole",
        &["*/params-cache/context_cache_create", "*/params-cache/context_cache_with_tools"],
    ),
    (
        "worded as for Anthropic itself",
        &[
            "vertex_ai/chat/claude-sonnet-4-5/req/system_only",
            "vertex_ai/chat/claude-sonnet-4-5/req/tool_history_bad_args",
        ],
    ),
    ("an address is no file id: it is fetched", &["vertex_ai/chat/claude-sonnet-4-5/req/file_id_https_pdf"]),
    ("refused by the OpenAI format", &["vertex_ai/chat/gpt-oss/req/reasoning_effort_high"]),
    ("marks for a cache that there is not are left out", &["vertex_ai/chat/jamba/req/cache_system"]),
    (
        "headers that a client asks for are sent",
        &["vertex_ai/chat/jamba/req/extra_headers", "vertex_ai/chat/mistral/req/extra_headers"],
    ),
    ("a conversation without messages is none", &["vertex_ai/chat/mistral/req/empty_user"]),
    ("audio is passed on, not dropped", &["vertex_ai/chat/mistral/req/input_audio"]),
    (
        "nonsense is the upstream's fault, not the client's: 500",
        &[
            "gemini/chat/2.5-flash/err/200_bad_json",
            "vertex_ai/chat/gemini-2.5-pro/err/200_bad_json",
            "proxy/chat/gemini/err/200_bad_json",
        ],
    ),
    (
        "the first chunk says who is speaking",
        &[
            "vertex_ai/chat/endpoint-openai/req/stream",
            "vertex_ai/chat/jamba/req/stream",
            "vertex_ai/chat/jamba/stream/text_usage~nousage",
            "vertex_ai/chat/mistral/stream/text_usage~nousage",
        ],
    ),
    (
        "usage that is reported is usage",
        &[
            "vertex_ai/chat/endpoint-openai/req/stream_usage",
            "vertex_ai/chat/jamba/req/stream_usage",
            "vertex_ai/chat/jamba/stream/tool",
            "vertex_ai/chat/mistral/req/stream_usage",
            "vertex_ai/chat/mistral/stream/text_usage",
            "vertex_ai/chat/mistral/stream/tool",
        ],
    ),
    (
        "a call of a tool is no empty text",
        &[
            "vertex_ai/chat/jamba/req/stream_tools",
            "vertex_ai/chat/jamba/stream/tool~nousage",
            "vertex_ai/chat/mistral/req/stream_tools",
        ],
    ),
    (
        "reasoning is not dropped",
        &["vertex_ai/chat/jamba/stream/reasoning_content", "vertex_ai/chat/mistral/stream/reasoning_content"],
    ),
    ("one type for one thing, streamed or not", &["proxy/chat/gemini/err_stream/429"]),
    (
        "quirk: a malformed call is no answer",
        &[
            "proxy/chat/gemini/resp/finish_MALFORMED_FUNCTION_CALL",
            "proxy/chat/gemini/stream/malformed_function_call",
        ],
    ),
    ("quirk: a call without arguments has none", &["proxy/chat/gemini/resp/tool_call_no_args"]),
    ("what an answer rests on is told at its end, too", &["proxy/chat/gemini/stream/grounding"]),
    (
        "lists of `vertex_ai_…` come with every chunk",
        &[
            "proxy/chat/gemini/stream/error_mid_stream",
            "proxy/chat/gemini/stream/max_tokens",
            "proxy/chat/gemini/stream/safety",
            "proxy/chat/gemini/stream/text",
            "proxy/chat/gemini/stream/text+usage",
            "proxy/chat/gemini/stream/text_final_empty",
            "proxy/chat/gemini/stream/text_then_tool",
            "proxy/chat/gemini/stream/usage_only_last",
        ],
    ),
];
