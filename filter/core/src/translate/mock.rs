//! Answers that a deployment's settings give in place of a model's (`mock_response`, `mock_tool_calls`): for trying out
//! what stands in front of the gateway.

use super::{Answer, dialect, through::streamed};
use crate::{call::Call, deployment::Deployment, error::Error, usage::Usage, wire::Target};
use serde_json::{Value, json};

/// The answer that the deployment's settings give, or the error; `None` where a model is to be asked. `now` is in Unix
/// seconds.
pub fn mocked(call: &Call, deployment: &Deployment, now: u64) -> Option<Result<Answer, Error>> {
    let set = |name: &str| deployment.params.get(name).filter(|value| !value.is_null());
    let (text, tools) = (set("mock_response").and_then(Value::as_str), set("mock_tool_calls"));
    if !call.operation.is_chat() || (text.is_none() && tools.is_none()) {
        return None;
    }
    let target = Target { call, deployment, now };
    let text = text.unwrap_or("This is a mock request");
    Some(failure(text).map_or_else(|| answer(text, tools, &target), Err))
}

/// Some texts are the names of errors.
fn failure(text: &str) -> Option<Error> {
    let (status, kind, words) = match text {
        "litellm.RateLimitError" => (429, "throttling_error", "this is a mock rate limit error"),
        "litellm.ContextWindowExceededError" => (
            400,
            "invalid_request_error",
            "litellm.BadRequestError: this is a mock context window exceeded error",
        ),
        "litellm.InternalServerError" => {
            (500, "internal_server_error", "this is a mock internal server error")
        }
        _ => return None,
    };
    Some(Error::new(status, kind, format!("{text}: {words}")))
}

fn answer(text: &str, tools: Option<&Value>, target: &Target) -> Result<Answer, Error> {
    let mut chat = json!({
        "id": "chatcmpl-mock",
        "object": "chat.completion",
        "created": target.now,
        "model": target.call.model,
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": text } }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30 },
    });
    if let (Some(tools), Some(message)) =
        (tools, chat.pointer_mut("/choices/0/message").and_then(Value::as_object_mut))
    {
        message.insert("tool_calls".into(), tools.clone());
    }
    if target.call.stream {
        return streamed(chat, Usage::default(), target);
    }
    Ok(Answer::json(dialect(target).answer(chat, target)?.to_string().into_bytes(), Usage::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;

    fn asked(operation: Operation, body: &Value, params: &Value) -> Option<Result<String, Error>> {
        let call = Call::parse(operation, body.to_string().into_bytes()).unwrap();
        let params = serde_json::from_value(params.clone()).unwrap();
        let deployment = Deployment { provider: "openai".into(), params, ..Deployment::default() };
        Some(mocked(&call, &deployment, 1)?.map(|answer| String::from_utf8(answer.body).unwrap()))
    }

    #[test]
    fn every_dialect_is_answered_in_its_own_words() {
        let params = json!({ "mock_response": "It is mocked" });
        for (stream, end) in [(false, "}"), (true, "\n\n")] {
            for (operation, field) in [
                (Operation::Chat, "\"content\":\"It is mocked\""),
                (Operation::Completions, "\"text\":\"It is mocked\""),
                (Operation::Messages, "\"text\":\"It is mocked\""),
            ] {
                let messages = json!([{ "role": "user", "content": "x" }]);
                let body = json!({ "model": "m", "max_tokens": 9, "stream": stream, "prompt": "x", "messages": messages });
                let answer = asked(operation, &body, &params).unwrap().unwrap();
                assert!(answer.contains(field) && answer.ends_with(end), "{answer}");
            }
        }
    }

    #[test]
    fn only_the_deployment_s_own_settings_take_a_model_s_place() {
        let body = json!({ "model": "m", "messages": [], "mock_response": "mine" });
        assert!(asked(Operation::Chat, &body, &json!({})).is_none());
        let vectors = json!({ "model": "m", "input": "x" });
        assert!(asked(Operation::Embeddings, &vectors, &json!({ "mock_response": "x" })).is_none());
    }
}
