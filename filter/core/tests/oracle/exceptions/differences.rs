//! Differences that are excused in whatever case.

use super::Reason;

/// Why, and what differs.
pub const ALL: &[Reason] = &[
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
    (
        "a call in a conversation has an id, and no place",
        &["request.body.messages[*].tool_calls[*].index: expected 0, got null"],
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
    // Streams.
    ("the first piece says who speaks", &["[0].choices[0].delta.role: expected null, got \"assistant\""]),
    (
        "a call of tools ends in `tool_calls`, streamed as well",
        &["[*].choices[0].finish_reason: expected \"stop\", got \"tool_calls\""],
    ),
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
