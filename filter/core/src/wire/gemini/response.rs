//! An answer, or an event of a streamed one: both have one form.
//! <https://ai.google.dev/api/generate-content#generatecontentresponse>

use serde::Deserialize;
use serde_json::Value;

/// The members that are acted on.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Response {
    /// Alternatives, one each for `n`.
    pub candidates: Option<Vec<Candidate>>,
    /// Why there are none.
    pub prompt_feedback: Option<Feedback>,
    /// Token counts.
    pub usage_metadata: Option<Value>,
    /// The answer's id.
    #[serde(rename = "responseId")]
    pub id: Option<String>,
    /// An error that came with a success status.
    pub error: Option<Value>,
}

/// What the vendor thinks of a prompt.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Feedback {
    /// Set when the prompt was refused.
    pub block_reason: Option<String>,
}

/// One alternative.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Candidate {
    /// Absent when nothing was said.
    pub content: Option<Content>,
    /// Absent while the answer goes on.
    pub finish_reason: Option<String>,
    /// Its place among the alternatives.
    pub index: Option<u64>,
    /// Probabilities of tokens.
    pub logprobs_result: Option<Value>,
    /// What a search found.
    pub grounding_metadata: Option<Value>,
    /// What pages were read.
    pub url_context_metadata: Option<Value>,
    /// How harmful it is.
    pub safety_ratings: Option<Value>,
    /// What it repeats.
    pub citation_metadata: Option<Value>,
}

/// What was said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Content {
    /// In order.
    pub parts: Option<Vec<Part>>,
}

/// One thing that was said.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Part {
    /// A text, or a thought.
    pub text: Option<String>,
    /// It is a thought.
    pub thought: Option<bool>,
    /// Proves the thought behind this part to the vendor.
    pub thought_signature: Option<String>,
    /// An image or a sound.
    pub inline_data: Option<Blob>,
    /// A call of one of the client's functions.
    pub function_call: Option<FunctionCall>,
    /// A call of one of the vendor's tools.
    pub tool_call: Option<Value>,
    /// What that gave.
    pub tool_response: Option<Value>,
}

/// Something in base64.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Blob {
    /// Its media type.
    pub mime_type: String,
    /// The base64.
    pub data: String,
}

/// A call of a function.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FunctionCall {
    /// Given by Gemini 3 and later.
    pub id: Option<String>,
    /// The function.
    pub name: String,
    /// An object; absent when there are none.
    pub args: Option<Value>,
}
