//! Errors of the runtime. <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors>

use crate::{error::Error, providers::Facts, sse::Event};

/// From an answer with an error status. What the service calls an internal error passes, so it is told as
/// `LiteLLM` tells it: unavailable.
pub fn of_status(facts: &Facts, status: u16, body: &[u8]) -> Error {
    Error::upstream(facts, if status == 500 { 503 } else { status }, body)
}

/// From an event, if it is an error: an exception of the framing's, or an event of that name.
pub fn in_stream(facts: &Facts, event: &Event) -> Option<Error> {
    if !event.failed && !event.name.ends_with("Exception") {
        return None;
    }
    let status = match event.name.as_str() {
        "validationException" => 400,
        "accessDeniedException" => 403,
        "resourceNotFoundException" => 404,
        "modelTimeoutException" => 408,
        "modelStreamErrorException" | "modelErrorException" => 424,
        "throttlingException" => 429,
        _ => 503,
    };
    let said = if event.data.is_empty() { &event.name } else { &event.data };
    Some(Error::upstream(facts, status, said.as_bytes()))
}
