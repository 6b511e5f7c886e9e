//! Cases of `SageMaker`, SAP, Triton and watsonx.

use super::Reason;

/// Why, and the ids that this is true of.
pub const CASES: &[Reason] = &[
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
];
