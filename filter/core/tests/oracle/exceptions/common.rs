//! Cases of any provider.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
    // Requests.
    (
        "the ledger asks for the usage of a stream, whether or not the client wants to see it",
        &["*/req/stream_usage_false", "*/custom-base/req/stream", "*/custom-base/req/stream_tools"],
    ),
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
];
