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
    // Answers.
    ("/json_schema_validation_fail", "answers are not held to the client's schema"),
    ("/resp/refusal", "`message.refusal` stays where OpenAI's SDK looks for it, beside LiteLLM's copy"),
    // Streams.
    (
        "openai/chat/gpt-4o/stream/text_x_groq_usage",
        "usage in `x_groq` is usage; the recorded counts are estimates",
    ),
    // Known quirks, recorded once more behind the proxy without their mark.
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

/// Start of an id, its end → why.
const APART: &[(&str, &str, &str)] = &[
    ("bedrock/chat/", "/image_https", "fetching an image for the client is I/O, which a translation has not"),
    ("bedrock/chat/", "/image_format_override", "the same"),
    ("bedrock/chat/", "/extra_body", "`extra_body` is unfolded for every provider"),
    (
        "bedrock/chat/claude-3-5/",
        "/rf_json_schema_stream",
        "JSON that a tool carries streams as well as any other answer",
    ),
    (
        "bedrock/chat/claude-sonnet-4-5/",
        "/history_redacted_thinking",
        "the model wants its redacted thinking back, or refuses the turn",
    ),
    ("bedrock/chat/invoke-claude/", "/tool_history_bad_args", "the fault in the JSON is told in other words"),
    ("bedrock/chat/command-r/", "/resp/max_tokens", "an answer that was cut off says so"),
    ("bedrock/chat/invoke-llama/", "/resp/length", "an answer that was cut off says so"),
    ("bedrock/chat/invoke-titan/", "/resp/length", "an answer that was cut off says so"),
    ("bedrock/chat/invoke-ai21/", "/content_text_parts", "parts of a text are text, not Python's list"),
    ("bedrock/chat/invoke-llama/", "/content_text_parts", "parts of a text are text, not Python's list"),
    ("bedrock/chat/invoke-deepseek/", "/cache_system", "parts of a text are text, not Python's list"),
    ("bedrock/chat/invoke-llama/", "/cache_system", "parts of a text are text, not Python's list"),
    ("bedrock/chat/invoke-titan/", "/cache_system", "parts of a text are text, not Python's list"),
    ("bedrock/chat/invoke-ai21/", "/file_pdf_base64", "what is no text has no place in a prompt"),
    ("bedrock/chat/invoke-titan/", "/file_pdf_base64", "what is no text has no place in a prompt"),
    ("bedrock/chat/invoke-ai21/", "/image_base64", "what is no text has no place in a prompt"),
    ("bedrock/chat/invoke-llama/", "/image_base64", "what is no text has no place in a prompt"),
    ("bedrock/chat/invoke-titan/", "/image_base64", "what is no text has no place in a prompt"),
    (
        "bedrock/chat/invoke-deepseek/",
        "/tool_history_text_and_call+drop",
        "reasoning is told apart whatever was said before it",
    ),
    ("bedrock/chat/invoke-openai/stream/", "", "LiteLLM loses the text and the calls of these streams"),
    ("bedrock/chat/invoke-openai/req/", "/stream", "LiteLLM loses the text and the calls of these streams"),
    (
        "bedrock/chat/invoke-openai/req/",
        "/stream_tools",
        "LiteLLM loses the text and the calls of these streams",
    ),
    (
        "bedrock/chat/invoke-openai/req/",
        "/stream_usage",
        "LiteLLM loses the text and the calls of these streams",
    ),
    ("bedrock/chat/claude-opus-4-6/", "/tool_choice_without_tools", "no field of `inferenceConfig`"),
    ("bedrock/chat/nova-pro/", "/tool_choice_without_tools", "no field of `inferenceConfig`"),
];

/// Why this case is no fact for us, if it is in the list.
pub fn reason(id: &str) -> Option<&'static str> {
    let listed = EXCEPTIONS.iter().find(|(end, _)| id.ends_with(end));
    let listed = listed.or_else(|| PRICED_APART.iter().find(|(start, _)| id.starts_with(start)));
    let apart = APART.iter().find(|(start, end, _)| id.starts_with(start) && id.ends_with(end));
    listed.map(|(_, reason)| *reason).or(apart.map(|(.., reason)| *reason))
}
