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

/// Ids (`*` is any text) → why.
const BEDROCK: &[(&str, &str)] = &[
    (
        "bedrock/chat/*/req/image_https",
        "fetching an image for the client is I/O, which a translation has not",
    ),
    ("bedrock/chat/*/req/image_format_override", "the same"),
    ("bedrock/chat/*/req/extra_body", "`extra_body` is unfolded for every provider"),
    (
        "bedrock/chat/*/req/rf_json_schema_stream",
        "JSON that a tool carries is streamed as any other answer, and ends as it ends when it comes whole",
    ),
    (
        "bedrock/chat/claude-*/req/history_redacted_thinking",
        "a model that thinks wants its redacted thinking back, or refuses the turn",
    ),
    ("bedrock/chat/*/req/tool_choice_without_tools", "a choice is no field of `inferenceConfig`"),
    ("bedrock/chat/invoke-claude/req/tool_history_bad_args", "the fault in the JSON is told in other words"),
    ("bedrock/chat/*/resp/length", "an answer that was cut off says so"),
    ("bedrock/chat/*/resp/max_tokens", "the same"),
    ("bedrock/chat/*/req/content_text_parts", "parts of a text are text, not Python's way to print a list"),
    ("bedrock/chat/*/req/cache_system", "the same"),
    ("bedrock/chat/*/req/file_pdf_base64", "what is no text has no place in a prompt"),
    ("bedrock/chat/*/req/image_base64", "the same"),
    ("bedrock/chat/invoke-deepseek/req/tool_history*", "reasoning is told apart whatever was said before it"),
    ("bedrock/chat/invoke-openai/stream/*", "LiteLLM loses the texts and calls of these streams"),
    ("bedrock/chat/invoke-openai/req/stream*", "the same"),
    (
        "bedrock/messages/*/req/tool*",
        "an empty text is no block: Anthropic's API refuses it when it is played back",
    ),
    ("bedrock/messages/nova/req/cache_control", "a cache point goes to every model that takes one"),
    (
        "bedrock/messages/nova/req/image_url",
        "fetching an image for the client is I/O, which a translation has not",
    ),
];

fn matches(pattern: &str, id: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == id,
        Some((start, rest)) => id
            .strip_prefix(start)
            .is_some_and(|id| rest.is_empty() || id.char_indices().any(|(at, _)| matches(rest, &id[at..]))),
    }
}

/// Why this case is no fact for us, if it is in the list.
pub fn reason(id: &str) -> Option<&'static str> {
    let listed = EXCEPTIONS.iter().find(|(end, _)| id.ends_with(end));
    let listed = listed.or_else(|| PRICED_APART.iter().find(|(start, _)| id.starts_with(start)));
    listed.or_else(|| BEDROCK.iter().find(|(pattern, _)| matches(pattern, id))).map(|(_, reason)| *reason)
}
