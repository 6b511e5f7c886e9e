//! Recorded facts that the gateway does not repeat, each with its reason. Nothing in the product looks at an id.

use super::table::Line;

/// Ids (`*` is any text) → why.
const EXCEPTIONS: &[(&str, &str)] = &[
    // Requests.
    (
        "*/req/stream_usage_false",
        "usage is always asked for: the ledger is exact whether or not the client wants to see it",
    ),
    ("*/custom-base/req/stream", "the same, also at servers that are not OpenAI's"),
    ("*/custom-base/req/stream_tools", "the same, also at servers that are not OpenAI's"),
    ("*/req/file_id_https_pdf", "fetching a document for the client is I/O, which a translation has not"),
    ("*/no_api_key", "keys are put in by Envoy: the translation knows none"),
    ("*/embeddings/missing_input", "worded as for every other missing field"),
    (
        "hosted_vllm/messages/m/req/tool_choice_auto_nopar",
        "tools that are not to be called in parallel are not",
    ),
    ("hosted_vllm/messages/m/req/document", "a PDF is a file, not an image"),
    ("hosted_vllm/messages/m/req/thinking_history", "LiteLLM leaves out `thinking_blocks`: here they go up"),
    // Answers.
    ("*/json_schema_validation_fail", "answers are not held to the client's schema"),
    ("*/resp/refusal", "`message.refusal` stays where OpenAI's SDK looks for it, beside LiteLLM's copy"),
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
    // Costs.
    ("cost/bedrock_mantle/*", "priced by another region's row"),
    ("cost/perplexity/*", "its models of other vendors are priced without their tiers"),
    ("cost/together_ai/*", "priced by the number of parameters in the model's name"),
    ("cost/fireworks_ai/*", "priced by the number of parameters in the model's name"),
];

/// The pattern under which this case is listed.
pub fn pattern(id: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().map(|(pattern, _)| *pattern).find(|pattern| matches(pattern, id))
}

/// The patterns that excused nothing in all these lines.
pub fn idle(lines: &[Line]) -> Vec<&'static str> {
    let used = |pattern: &&str| lines.iter().any(|line| line.patterns.contains(pattern));
    EXCEPTIONS.iter().map(|(pattern, _)| *pattern).filter(|pattern| !used(pattern)).collect()
}

fn matches(pattern: &str, id: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == id,
        Some((start, rest)) => id.strip_prefix(start).is_some_and(|id| {
            rest.is_empty()
                || id.char_indices().any(|(at, _)| id.get(at..).is_some_and(|id| matches(rest, id)))
        }),
    }
}
