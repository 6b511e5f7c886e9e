//! Recorded facts that the gateway does not repeat, each with its reason. Nothing in the product looks at an id.

use super::table::Line;

/// Why, and the ids that this is true of (`*` is any text).
const CASES: &[(&str, &[&str])] = &[
    // Requests.
    (
        "the ledger asks for the usage of a stream, whether or not the client wants to see it",
        &["*/req/stream_usage_false", "*/custom-base/req/stream", "*/custom-base/req/stream_tools"],
    ),
    ("fetching a document for the client is I/O, which a translation has not", &["*/req/file_id_https_pdf"]),
    ("keys are put in by Envoy: the translation knows none", &["*/no_api_key"]),
    ("worded as for every other missing field", &["*/embeddings/missing_input"]),
    ("worded with JSON, not with Python", &["deepinfra/chat/llama/req/tool_choice_named"]),
    ("tools that are not to be called in parallel are not", &["*/messages/*/req/tool_choice_auto_nopar"]),
    ("a PDF is a file, not an image", &["*/messages/*/req/document"]),
    ("LiteLLM leaves out `thinking_blocks`: here they go up", &["*/messages/*/req/thinking_history"]),
    (
        "what is not known goes up as it is: LiteLLM breaks, or folds it into `extra_body`",
        &[
            "l*/embeddings/m/req/*_type",
            "l*/embeddings/m/req/unknown_param",
            "scaleway/chat/*/req/top_k",
            "scaleway/chat/*/req/unknown_param",
            "veniceai/chat/*/req/unknown_param",
        ],
    ),
    ("a conversation without messages is none", &["*stral/chat/*/req/empty_user"]),
    (
        "files, sounds and videos are passed on, not dropped",
        &["azure_ai/chat/*/req/file_*", "mistral/chat/*/req/input_audio", "*/chat/*/req/video_url"],
    ),
    (
        "Magistral thinks by a prompt of its own",
        &["mistral/chat/magistral/req/reasoning_effort_*", "mistral/chat/magistral/req/thinking_enabled*"],
    ),
    ("what is refused in one schema is left out of all", &["mistral/chat/large/req/tool_complex_schema"]),
    (
        "an image is sent in the shape OpenAI documents",
        &[
            "azure_ai/chat/mistral/req/image_format_override",
            "azure_ai/chat/mistral/req/tool_result_image",
            "github_copilot/chat/gpt-4o/req/image_*",
            "snowflake/chat/llama/req/image_format_override",
            "github_copilot/chat/gpt-4o/req/tool_result_image",
        ],
    ),
    (
        "an effort is understood in either of its shapes",
        &["databricks/chat/claude/req/reasoning_effort_dict"],
    ),
    (
        "a client's headers go up beside the vendor's, of whatever provider",
        &[
            "amazon_nova/chat/m/req/extra_headers",
            "azure_ai/chat/*/req/extra_headers",
            "github_copilot/chat/*/req/extra_headers",
            "maritalk/chat/m/req/extra_headers",
        ],
    ),
    (
        "a message that is nothing but text is sent as text or in parts, whatever is in the others",
        &[
            "deepinfra/chat/*/req/tool_result_list",
            "hosted_vllm/chat/*/req/cache_assistant",
            "mistral/chat/*/req/image_in_system",
            "mistral/chat/*/req/tool_result_image",
            "moonshot/chat/*/req/image_in_system",
            "moonshot/chat/*/req/tool_result_image",
        ],
    ),
    (
        "a choice among no tools is none",
        &[
            "azure_ai/chat/*/req/tool_choice_without_tools",
            "huggingface/chat/*/req/tool_choice_without_tools",
            "snowflake/chat/*/req/tool_choice_without_tools",
        ],
    ),
    (
        "Anthropic's mark for caches is left out where it means nothing",
        &["azure_ai/chat/mistral/req/cache_tool*"],
    ),
    (
        "a provider is called by its own name",
        &["azure_ai/chat/gpt-4o/req/reasoning_effort_high", "azure_ai/chat/gpt-4o/req/thinking_enabled"],
    ),
    ("LiteLLM asks the server what its model can do", &["lemonade/chat/m/req/thinking_enabled"]),
    // Answers.
    ("an error inside a 200 has the code it names", &["*/resp/ok_but_error_body"]),
    ("what an answer says beside its text is passed on", &["oobabooga/chat/m/resp/*"]),
    ("answers are not held to the client's schema", &["*/json_schema_validation_fail"]),
    ("`message.refusal` stays where OpenAI's SDK looks for it, beside LiteLLM's copy", &["*/resp/refusal"]),
    // Streams.
    ("a chunk that says nothing is not passed on", &["*/stream/azure_first_chunk"]),
    ("usage in `x_groq` is usage; the recorded counts are estimates", &["*/stream/text_x_groq_usage"]),
    (
        "a price is found by the exact name of its model",
        &["azure_ai/chat/deepseek/req/stream_usage", "azure_ai/chat/gpt-4o/req/stream_usage"],
    ),
    (
        "a price is the provider's own; LiteLLM takes that of OpenAI's model of this name",
        &["github/chat/m/*stream*", "litellm_proxy/chat/m/*stream*"],
    ),
    ("recorded at an hour of lower prices", &["deepseek/chat/v4/req/stream_usage"]),
    ("reasoning is passed on, not dropped", &["openrouter/chat/claude/stream/reasoning_content"]),
    (
        "chunks are passed on as Snowflake sends them: LiteLLM makes them anew and loses usage and reasoning",
        &["snowflake/chat/llama/stream/*", "snowflake/chat/llama/req/*stream*"],
    ),
    (
        "an error in a stream is one, and no end",
        &["azure_ai/chat/mistral/stream/error_*", "proxy/chat/*/stream/error_first"],
    ),
    // Known quirks, recorded once more behind the proxy without their mark.
    (
        "quirk: content as a list is text, not an error",
        &["proxy/chat/*/*/content_list", "proxy/chat/*/stream/content_list_thinking_mistral"],
    ),
    ("quirk: one malformed event does not end a stream", &["proxy/chat/*/stream/bad_json_chunk"]),
    (
        "quirk: a stream without a finish reason is an error",
        &[
            "proxy/chat/*/stream/empty_stream",
            "proxy/chat/*/stream/no_finish_reason",
            "proxy/chat/*/stream/truncated",
        ],
    ),
    ("quirk: every choice has its finish reason", &["proxy/chat/*/stream/n_2"]),
    ("quirk: the context window is the end of a length", &["proxy/chat/claude/resp/context_window"]),
    ("quirk: the whole refusal is passed on", &["proxy/chat/*/stream/refusal"]),
    ("quirk: reasoning is told apart in streams too", &["proxy/chat/*/stream/think_tags"]),
    ("quirk: a call of tools ends in `tool_calls` in streams too", &["proxy/chat/*/stream/tool_finish_stop"]),
    // Costs.
    ("priced by another region's row", &["cost/bedrock_mantle/*"]),
    ("its models of other vendors are priced without their tiers", &["cost/perplexity/*"]),
    (
        "priced by the number of parameters in the model's name",
        &["cost/together_ai/*", "cost/fireworks_ai/*"],
    ),
    // Bedrock.
    (
        "fetching an image for the client is I/O, which a translation has not",
        &["bedrock/chat/*/req/image_https", "bedrock/chat/*/req/image_format_override"],
    ),
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
        &["bedrock/chat/*/req/file_pdf_base64", "bedrock/chat/*/req/image_base64"],
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
        "fetching an image for the client is I/O, which a translation has not",
        &["bedrock/messages/nova/req/image_url"],
    ),
    (
        "the model takes one text at a time, and a client's call is one call: LiteLLM makes several",
        &["bedrock/embeddings/nova/req/list2", "bedrock/embeddings/titan-*/req/list2"],
    ),
    ("tokens of one model are nonsense to another", &["bedrock/embeddings/titan-*/req/tokens*"]),
    (
        "base64 is a way to write numbers, and no coarser kind of them",
        &["bedrock/embeddings/titan-v2/req/enc_base64"],
    ),
    // SageMaker, SAP, Triton, watsonx.
    (
        "a client's headers go up beside the vendor's, of whatever provider",
        &[
            "sagemaker/chat/tgi/req/extra_headers",
            "sap/chat/*/req/extra_headers",
            "triton/chat/*/req/extra_headers",
        ],
    ),
    ("`extra_body` is unfolded for every provider", &["sap/chat/*/req/extra_body"]),
    ("an error inside a 200 is one", &["sagemaker/chat/tgi/resp/error_body"]),
    ("an event that is cut by the frames is put together", &["sagemaker/chat/chat/stream/split"]),
    (
        "the whole conversation is asked, not its first message alone",
        &[
            "triton/chat/infer/req/*system*",
            "triton/chat/infer/req/*turn*",
            "triton/chat/infer/req/*history*",
        ],
    ),
    ("one text is one, also if it is empty", &["triton/embeddings/m/req/empty_str"]),
    (
        "chunks are passed on as watsonx sends them: LiteLLM makes them anew and loses usage, reasoning and errors",
        &[
            "watsonx/chat/deployment/req/*stream*",
            "watsonx/chat/deployment/stream/*",
            "watsonx/chat/granite/req/*stream*",
            "watsonx/chat/granite/stream/*",
        ],
    ),
    // Gemini and Vertex.
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
    // Ollama.
    ("an answer that was cut off says so", &["ollama/chat/*/resp/length", "ollama/chat/*/stream/length"]),
    ("what goes up as an image is base64, whatever it is", &["ollama/chat/*/req/pdf_as_image_url"]),
    ("an empty list of tools is none", &["ollama/chat/*/req/tools_empty_list"]),
    ("a function goes up as the tool it is", &["ollama_chat/chat/*/req/functions_legacy+drop"]),
    (
        "reasoning in marks is reasoning, and begins with its first word",
        &["ollama/chat/*/stream/think_tags", "ollama_chat/chat/*/stream/think_tags"],
    ),
];

/// Why, and the differences that this is true of, wherever a case has no others.
const DIFFERENCES: &[(&str, &[&str])] = &[
    // Requests.
    (
        "the ledger asks for the usage of a stream, whether or not the client wants to see it",
        &["request.body.stream_options: expected null, got {\"include_usage\":true}"],
    ),
    (
        "options of a stream go only with a stream: OpenAI and others refuse them elsewhere",
        &["request.body.stream_options: expected {\"include_usage\":true}, got null"],
    ),
    ("without a word of it, an answer is not streamed", &["request.body.stream: expected false, got null"]),
    (
        "a text is the same alone or as the only one of a list",
        &["request.body.input: expected [\"*\"], got \"*\""],
    ),
    ("a setting of LiteLLM's that slips into the body", &["request.body.max_retries: expected 0, got null"]),
    (
        "LiteLLM trips over a setting of its own",
        &["sent, but refused with *GradientAI does not support parameter '*'*"],
    ),
    (
        "the router itself knows what its providers call a model: LiteLLM asks the hub before each request",
        &[
            "request.url: expected \"https://router.huggingface.co/together/v1/chat/completions\", got *",
            "request.body.model: expected \"together/provider-model\", got \"meta-llama/Llama-3.3-70B-Instruct:together\"",
        ],
    ),
    (
        "tokens are put in by Envoy: of what kind they are, is not seen here",
        &[
            "request.headers.authorization: expected \"Bearer aad-token\", got null",
            "request.headers.x-snowflake-authorization-token-type: expected \"PROGRAMMATIC_ACCESS_TOKEN\", got *",
        ],
    ),
    (
        "a client that did not ask for base64 gets numbers, and so they are asked for",
        &[
            "request.body.encoding_format: expected \"base64\", got null",
            ".data[*].embedding: expected [*], got \"*\"",
        ],
    ),
    (
        "a vendor's headers go with every request",
        &["request.headers.x-pplx-integration: expected null, got *"],
    ),
    ("what belongs to a signature stays out of the body", &["request.body.aws_*: expected *, got null"]),
    ("what is tried again, Envoy tries again", &["request.headers.amz-sdk-request: expected *, got null"]),
    (
        "a model that goes on with a text is given one: LiteLLM finds no template and sends nothing",
        &["request.body.input: expected null, got *"],
    ),
    (
        "what is asked of a vector is asked: LiteLLM drops it without a word",
        &["request.body.config.modules.embeddings.model.params.*: expected null, got *"],
    ),
    // Errors.
    (
        "a fault has the status the provider gave it, and is no outage",
        &["[0]: expected 503, got 400", "[0]: expected 503, got 429"],
    ),
    ("a client's fault has the status the provider gave it", &["[0]: expected 400, got 422"]),
    (
        "which parameter is at fault, and what kind of fault it is, is passed on, of whatever provider",
        &["[1].param: expected null, got *", "[1].type: expected \"invalid_request_error\", got *"],
    ),
    ("an answer that cannot be read is an error, and has the status of one", &["[0]: expected 200, got 500"]),
    // Answers: LiteLLM does not look into those of some providers.
    (
        "every answer has its usage, of whatever provider",
        &[".usage: expected null, got {\"completion_tokens\":0,\"prompt_tokens\":0,\"total_tokens\":0}"],
    ),
    ("what an answer cost is said wherever the price is known", &["[*].usage.cost: expected null, got *"]),
    (
        "a vector is a list of numbers",
        &[".data[*].embedding: expected 0.1, got *", ".data[*].embedding: expected 0.4, got *"],
    ),
    (
        "an answer ends for one of OpenAI's reasons",
        &["[*].choices[0].finish_reason: expected \"max_tokens\", got \"length\""],
    ),
    ("the last chunk has the fingerprint of the others", &["[*].system_fingerprint: expected null, got *"]),
    (
        "an id has the form that OpenAI's clients know, of whatever provider",
        &[".id: expected \"msg_*\", got \"chatcmpl-msg_*\""],
    ),
    (
        "a call of tools ends in `tool_calls`",
        &[".choices[*].finish_reason: expected \"stop\", got \"tool_calls\""],
    ),
    (
        "reasoning has one place, of whatever provider",
        &[
            ".choices[*].message.reasoning: expected *, got null",
            ".choices[*].message.reasoning_details: expected *, got null",
            ".choices[*].message.reasoning_content: expected null, got *",
            ".choices[*].message.content: expected \"<think>*</think>*\", got *",
        ],
    ),
    (
        "a vendor's own fields have one place, of whatever provider",
        &[
            ".choices[*].provider_specific_fields: expected null, got *",
            ".choices[*].message.provider_specific_fields: expected null, got *",
            ".choices[*].content_filter_results: expected *, got null",
            ".choices[*].message.vendor_msg_field: expected *, got null",
        ],
    ),
    (
        "what a message says is passed on, also where LiteLLM builds it anew",
        &[
            ".choices[*].message.annotations: expected null, got *",
            ".choices[*].message.audio: expected null, got *",
            ".choices[*].message.function_call: expected null, got *",
            ".choices[*].message.content: expected null, got \"\"",
        ],
    ),
];

/// The reasons why a case may have these differences; `None` if it may not.
pub fn reasons(id: &str, differences: &[String]) -> Option<Vec<&'static str>> {
    let listed = |list: &[(&'static str, &[&str])], text: &str| {
        let of =
            |(_, patterns): &&(&'static str, &[&str])| patterns.iter().any(|pattern| matches(pattern, text));
        list.iter().find(of).map(|(reason, _)| *reason)
    };
    match listed(CASES, id) {
        Some(reason) => Some(vec![reason]),
        None => differences.iter().map(|line| listed(DIFFERENCES, line)).collect(),
    }
}

/// Every reason, with the number of cases that it excuses in these lines.
pub fn show(lines: &[Line]) -> String {
    let excused = |reason: &str| lines.iter().filter_map(|line| line.reasons.get(reason)).sum::<usize>();
    let mut reasons: Vec<&str> = CASES.iter().chain(DIFFERENCES).map(|(reason, _)| *reason).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons.iter().map(|reason| format!("{:>5}  {reason}", excused(reason))).collect::<Vec<_>>().join("\n")
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            rest.is_empty()
                || text.char_indices().any(|(at, _)| text.get(at..).is_some_and(|text| matches(rest, text)))
        }),
    }
}
