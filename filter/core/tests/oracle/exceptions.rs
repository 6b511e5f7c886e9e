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
    ("*/messages/*/req/tool_choice_auto_nopar", "tools that are not to be called in parallel are not"),
    ("*/messages/*/req/document", "a PDF is a file, not an image"),
    ("*/messages/*/req/thinking_history", "LiteLLM leaves out `thinking_blocks`: here they go up"),
    (
        "l*/embeddings/m/req/*_type",
        "a field we do not know goes up as it is; LiteLLM folds it into `extra_body`",
    ),
    ("l*/embeddings/m/req/unknown_param", "the same"),
    ("mistral/chat/*/req/empty_user", "a conversation without messages is none"),
    ("codestral/chat/*/req/empty_user", "the same"),
    ("mistral/chat/*/req/input_audio", "audio is passed on, not dropped"),
    ("scaleway/chat/*/req/top_k", "an unknown parameter goes up; LiteLLM breaks"),
    ("scaleway/chat/*/req/unknown_param", "the same"),
    ("veniceai/chat/*/req/unknown_param", "the same"),
    ("*/chat/*/req/video_url", "a video is passed on, not dropped"),
    ("mistral/chat/magistral/req/reasoning_effort_*", "Magistral thinks by a prompt of its own"),
    ("mistral/chat/magistral/req/thinking_enabled*", "the same"),
    ("mistral/chat/large/req/tool_complex_schema", "what is refused in one schema is left out of all"),
    ("github_copilot/chat/*/req/extra_headers", "a header more leaves the others as they are"),
    ("github_copilot/chat/gpt-4o/req/image_*", "an image is sent in the shape OpenAI documents"),
    ("github_copilot/chat/gpt-4o/req/tool_result_image", "the same"),
    ("databricks/chat/claude/req/reasoning_effort_dict", "an effort is understood in either of its shapes"),
    ("deepinfra/chat/llama/req/tool_choice_named", "worded with JSON, not with Python"),
    ("amazon_nova/chat/m/req/extra_headers", "a deployment's headers go up, of whatever provider"),
    ("maritalk/chat/m/req/extra_headers", "the same"),
    ("lemonade/chat/m/req/thinking_enabled", "LiteLLM asks the server what its model can do"),
    // Answers.
    ("*/resp/ok_but_error_body", "an error inside a 200 has the code it names"),
    ("oobabooga/chat/m/resp/*", "what an answer says beside its text is passed on"),
    ("*/json_schema_validation_fail", "answers are not held to the client's schema"),
    ("*/resp/refusal", "`message.refusal` stays where OpenAI's SDK looks for it, beside LiteLLM's copy"),
    // Streams.
    ("*/stream/azure_first_chunk", "a chunk that says nothing is not passed on"),
    ("github/chat/m/*stream*", "its models have no price of their own; LiteLLM takes OpenAI's"),
    ("litellm_proxy/chat/m/*stream*", "the same"),
    ("*/stream/text_x_groq_usage", "usage in `x_groq` is usage; the recorded counts are estimates"),
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

/// Differences (`*` is any text) → why they are right, wherever they are the only ones.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "request.body.stream_options: expected null, got {\"include_usage\":true}",
        "usage is always asked for where it can be: the ledger is exact whether or not the client wants to see it",
    ),
    (".choices[*].logprobs: expected null, got *", "the same, in answers"),
    (".choices[*].message.tool_calls: expected null, got *", "the same, in answers"),
    (".usage.*_tokens_details: expected null, got *", "the same, in answers"),
    (".choices[*].message.annotations: expected null, got *", "the same, in answers"),
    (".choices[*].message.audio: expected null, got *", "the same, in answers"),
    (".choices[*].message.function_call: expected null, got *", "the same, in answers"),
    ("[*].usage.cost: expected null, got *", "what an answer cost is said wherever the price is known"),
    (
        "request.body.stream_options: expected {\"include_usage\":true}, got null",
        "options of a stream go only with a stream: OpenAI and others refuse them elsewhere",
    ),
    (
        "request.body.messages[*].content: expected [{\"*\"text\"*}], got \"*\"",
        "a message that is text is sent as text, whatever is in the others",
    ),
    (
        "request.body.messages[*].content: expected \"*\", got [{\"*\"text\"*}]",
        "a text alone may be sent in parts or not",
    ),
    ("request.body.max_retries: expected 0, got null", "a setting of LiteLLM's that slips into the body"),
    (
        "request.url: expected \"https://router.huggingface.co/together/v1/chat/completions\", got *",
        "the router itself knows what its providers call a model: LiteLLM asks the hub before each request",
    ),
    (
        "request.body.model: expected \"together/provider-model\", got \"meta-llama/Llama-3.3-70B-Instruct:together\"",
        "the same",
    ),
    (
        "request.headers.x-snowflake-authorization-token-type: expected \"PROGRAMMATIC_ACCESS_TOKEN\", got *",
        "which kind of token it is, only whoever holds it can see",
    ),
    ("request.headers.api-key: expected \"<key>\", got null", "a key in one header is enough"),
    (
        "request.headers.authorization: expected \"Bearer aad-token\", got null",
        "a token is put in by Envoy, as keys are",
    ),
    (
        "request.body.encoding_format: expected \"base64\", got null",
        "a client that did not ask for base64 gets numbers, and so they are asked for",
    ),
    (".data[*].embedding: expected [*], got \"*\"", "the same: these answers are recorded in base64"),
    ("request.body.input: expected [\"*\"], got \"*\"", "a single text is the same alone or in a list"),
    ("request.headers.x-pplx-integration: expected null, got *", "a vendor's headers go with every request"),
    ("request.body.stream: expected false, got null", "without a word of it, an answer is not streamed"),
    (
        "sent, but refused with *GradientAI does not support parameter 'max_retries'*",
        "LiteLLM trips over a setting of its own",
    ),
    (
        "sent, but refused with *GradientAI does not support parameter 'user'*",
        "it means nothing there, and harms not",
    ),
    ("[0]: expected 400, got 422", "a client's fault has the status the provider gave it"),
    ("[0]: expected 200, got 500", "an answer that cannot be read is an error, and has the status of one"),
    // LiteLLM does not look into the answers of some providers.
    (
        ".usage: expected null, got {\"completion_tokens\":0,\"prompt_tokens\":0,\"total_tokens\":0}",
        "every answer has its usage, of whatever provider",
    ),
    (
        ".choices[*].finish_reason: expected \"stop\", got \"tool_calls\"",
        "a call of tools ends in `tool_calls`",
    ),
    (".choices[*].message.reasoning: expected *, got null", "reasoning has one place, of whatever provider"),
    (".choices[*].message.reasoning_details: expected *, got null", "the same"),
    (".choices[*].message.reasoning_content: expected null, got *", "the same"),
    (
        ".choices[*].message.content: expected \"<think>*</think>*\", got *",
        "reasoning in marks is told apart, of whatever provider",
    ),
    (
        ".choices[*].provider_specific_fields: expected null, got *",
        "a vendor's own fields have one place, of whatever provider",
    ),
    (".choices[*].message.provider_specific_fields: expected null, got *", "the same"),
    (".choices[*].content_filter_results: expected *, got null", "the same"),
    (".choices[*].message.vendor_msg_field: expected *, got null", "the same"),
    (".choices[*].message.content: expected null, got \"\"", "an empty text stays one"),
];

/// What excuses a case with these differences, if anything does.
pub fn pattern(id: &str, differences: &[String]) -> Option<&'static str> {
    let known =
        |line: &String| DIFFERENCES.iter().map(|(known, _)| *known).find(|known| matches(known, line));
    let mut excused: Vec<_> = differences.iter().map(known).collect();
    listed(id).or_else(|| if excused.contains(&None) { None } else { excused.pop().flatten() })
}

/// The pattern under which this case is listed.
fn listed(id: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().map(|(pattern, _)| *pattern).find(|pattern| matches(pattern, id))
}

/// The list with the number of cases that each entry excuses in these lines.
pub fn show(lines: &[Line]) -> String {
    let excused = |pattern: &str| lines.iter().filter_map(|line| line.patterns.get(pattern)).sum::<usize>();
    let all = EXCEPTIONS.iter().chain(DIFFERENCES);
    let entry =
        |(pattern, reason): &(&str, &str)| format!("{:>5}  {pattern}\n         {reason}", excused(pattern));
    all.map(entry).collect::<Vec<_>>().join("\n")
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
