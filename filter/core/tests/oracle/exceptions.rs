//! Recorded facts that the gateway does not repeat, each with its reason. Nothing in the product looks at an id.

/// End of an id → why.
const EXCEPTIONS: &[(&str, &str)] = &[
    // Requests.
    (
        "/req/stream_usage_false",
        "usage is always asked for: the ledger is exact whether or not the client wants to see it",
    ),
    ("/custom-base/req/stream", "the same, also at servers that are not OpenAI's"),
    ("/custom-base/req/stream_tools", "the same, also at servers that are not OpenAI's"),
    ("/req/file_id_https_pdf", "fetching a document for the client is I/O, which a translation has not"),
    ("/no_api_key", "keys are put in by Envoy: the translation knows none"),
    ("/embeddings/missing_input", "worded as for every other missing field"),
    (
        "hosted_vllm/messages/m/req/tool_choice_auto_nopar",
        "tools that are not to be called in parallel are not",
    ),
    ("hosted_vllm/messages/m/req/document", "a PDF is a file, not an image"),
    ("hosted_vllm/messages/m/req/thinking_history", "LiteLLM leaves out `thinking_blocks`: here they go up"),
    ("gemini-1.5-pro/req/rf_json_schema", "a schema in a prompt is JSON, not Python"),
    (
        "/params-cache/context_cache_create",
        "a cache is not created for the client: that is I/O, which a translation has not. The request goes up whole",
    ),
    ("/params-cache/context_cache_with_tools", "the same"),
    ("vertex_ai/chat/claude-sonnet-4-5/req/system_only", "worded as for Anthropic itself"),
    ("vertex_ai/chat/claude-sonnet-4-5/req/tool_history_bad_args", "worded as for Anthropic itself"),
    ("vertex_ai/chat/claude-sonnet-4-5/req/file_id_https_pdf", "an address is no file id: it is fetched"),
    ("vertex_ai/chat/gpt-oss/req/reasoning_effort_high", "refused by the OpenAI format"),
    ("vertex_ai/chat/jamba/req/cache_system", "marks for a cache that there is not are left out"),
    ("vertex_ai/chat/jamba/req/extra_headers", "headers that a client asks for are sent"),
    ("vertex_ai/chat/mistral/req/extra_headers", "headers that a client asks for are sent"),
    ("vertex_ai/chat/mistral/req/empty_user", "a conversation without messages is none"),
    ("vertex_ai/chat/mistral/req/input_audio", "audio is passed on, not dropped"),
    // Answers.
    ("gemini/chat/2.5-flash/err/200_bad_json", "nonsense is the upstream's fault, not the client's: 500"),
    (
        "vertex_ai/chat/gemini-2.5-pro/err/200_bad_json",
        "nonsense is the upstream's fault, not the client's: 500",
    ),
    ("/json_schema_validation_fail", "answers are not held to the client's schema"),
    ("/resp/refusal", "`message.refusal` stays where OpenAI's SDK looks for it, beside LiteLLM's copy"),
    // Streams.
    (
        "openai/chat/gpt-4o/stream/text_x_groq_usage",
        "usage in `x_groq` is usage; the recorded counts are estimates",
    ),
    // These streams pass as they are: LiteLLM drops their ids, reasoning and usage, and makes up its own.
    ("vertex_ai/chat/endpoint-openai/req/stream", "the first chunk says who is speaking"),
    ("vertex_ai/chat/endpoint-openai/req/stream_usage", "usage that is reported is usage"),
    ("vertex_ai/chat/jamba/req/stream", "the first chunk says who is speaking"),
    ("vertex_ai/chat/jamba/req/stream_usage", "usage that is reported is usage"),
    ("vertex_ai/chat/jamba/req/stream_tools", "a call of a tool is no empty text"),
    ("vertex_ai/chat/jamba/stream/reasoning_content", "reasoning is not dropped"),
    ("vertex_ai/chat/jamba/stream/text_usage~nousage", "the first chunk says who is speaking"),
    ("vertex_ai/chat/jamba/stream/tool", "usage that is reported is usage"),
    ("vertex_ai/chat/jamba/stream/tool~nousage", "a call of a tool is no empty text"),
    ("vertex_ai/chat/mistral/req/stream_usage", "usage that is reported is usage"),
    ("vertex_ai/chat/mistral/req/stream_tools", "a call of a tool is no empty text"),
    ("vertex_ai/chat/mistral/stream/reasoning_content", "reasoning is not dropped"),
    ("vertex_ai/chat/mistral/stream/text_usage", "usage that is reported is usage"),
    ("vertex_ai/chat/mistral/stream/text_usage~nousage", "the first chunk says who is speaking"),
    ("vertex_ai/chat/mistral/stream/tool", "usage that is reported is usage"),
    // Known quirks, recorded once more behind the proxy without their mark.
    ("proxy/chat/gemini/err/200_bad_json", "nonsense is the upstream's fault, not the client's: 500"),
    ("proxy/chat/gemini/err_stream/429", "one type for one thing, streamed or not"),
    ("proxy/chat/gemini/resp/finish_MALFORMED_FUNCTION_CALL", "quirk: a malformed call is no answer"),
    ("proxy/chat/gemini/resp/tool_call_no_args", "quirk: a call without arguments has none"),
    ("proxy/chat/gemini/stream/malformed_function_call", "quirk: a malformed call is no answer"),
    ("proxy/chat/gemini/stream/grounding", "what an answer rests on is told at its end, too"),
    // The library tells these lists with every chunk; its proxy leaves them out beside plain text.
    ("proxy/chat/gemini/stream/error_mid_stream", "lists of `vertex_ai_…` come with every chunk"),
    ("proxy/chat/gemini/stream/max_tokens", "lists of `vertex_ai_…` come with every chunk"),
    ("proxy/chat/gemini/stream/safety", "lists of `vertex_ai_…` come with every chunk"),
    ("proxy/chat/gemini/stream/text", "lists of `vertex_ai_…` come with every chunk"),
    ("proxy/chat/gemini/stream/text+usage", "lists of `vertex_ai_…` come with every chunk"),
    ("proxy/chat/gemini/stream/text_final_empty", "lists of `vertex_ai_…` come with every chunk"),
    ("proxy/chat/gemini/stream/text_then_tool", "lists of `vertex_ai_…` come with every chunk"),
    ("proxy/chat/gemini/stream/usage_only_last", "lists of `vertex_ai_…` come with every chunk"),
    ("proxy/chat/gpt-4o/resp/content_list", "quirk: content as a list is text, not an error"),
    ("proxy/chat/gpt-4o/stream/content_list", "quirk: content as a list is text, not an error"),
    (
        "proxy/chat/gpt-4o/stream/content_list_thinking_mistral",
        "quirk: content as a list is text, not an error",
    ),
    ("proxy/chat/gpt-4o/stream/bad_json_chunk", "quirk: one malformed event does not end a stream"),
    ("proxy/chat/gpt-4o/stream/empty_stream", "quirk: a stream without a finish reason is an error"),
    ("proxy/chat/gpt-4o/stream/no_finish_reason", "quirk: a stream without a finish reason is an error"),
    ("proxy/chat/gpt-4o/stream/truncated", "quirk: a stream without a finish reason is an error"),
    ("proxy/chat/gpt-4o/stream/n_2", "quirk: every choice has its finish reason"),
    ("proxy/chat/gpt-4o/stream/refusal", "quirk: the whole refusal is passed on"),
    ("proxy/chat/gpt-4o/stream/think_tags", "quirk: reasoning is told apart in streams too"),
    (
        "proxy/chat/gpt-4o/stream/tool_finish_stop",
        "quirk: a call of tools ends in `tool_calls` in streams too",
    ),
];

/// Providers whose recorded costs follow no row of the price table.
const PRICED_APART: &[(&str, &str)] = &[
    ("cost/bedrock_mantle/", "priced by another region's row"),
    ("cost/perplexity/", "its models of other vendors are priced without their tiers"),
    ("cost/together_ai/", "priced by the number of parameters in the model's name"),
    ("cost/fireworks_ai/", "priced by the number of parameters in the model's name"),
];

/// Why this case is no fact for us, if it is in the list.
pub fn reason(id: &str) -> Option<&'static str> {
    let listed = EXCEPTIONS.iter().find(|(end, _)| id.ends_with(end));
    listed.or_else(|| PRICED_APART.iter().find(|(start, _)| id.starts_with(start))).map(|(_, reason)| *reason)
}
