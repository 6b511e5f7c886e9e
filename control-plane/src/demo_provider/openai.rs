//! <https://platform.openai.com/docs/api-reference>

use super::{
    answer::{Answer, Tool},
    id, streamed, text, tokens,
};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

pub(super) async fn models() -> Json<Value> {
    super::models()
}

pub(super) async fn chat(Json(request): Json<Value>) -> Response {
    let Some(last) = request["messages"].as_array().and_then(|messages| messages.last()) else {
        return invalid("messages", "'messages' must be a list that is not empty.");
    };
    let limit = ["max_completion_tokens", "max_tokens"].iter().find_map(|name| request[*name].as_u64());
    let answer = answer(&request, last).limited(limit);
    let prompt = tokens(&request["messages"])
        + if request["tools"].is_array() { tokens(&request["tools"]) } else { 0 };
    let reply = Reply { id: id("chatcmpl-"), model: request["model"].clone(), answer, prompt };
    if request["stream"] == true {
        streamed(reply.events(request["stream_options"]["include_usage"] == true))
    } else {
        Json(reply.whole()).into_response()
    }
}

fn answer(request: &Value, last: &Value) -> Answer {
    if last["role"] == "tool" {
        return Answer::to_tool(&text(&last["content"]));
    }
    let named = request["tool_choice"]["function"]["name"].as_str();
    let tool = request["tools"].as_array().into_iter().flatten().filter_map(|tool| {
        Some(Tool { name: tool["function"]["name"].as_str()?, schema: &tool["function"]["parameters"] })
    });
    let mut wanted = tool.filter(|tool| named.is_none_or(|name| name == tool.name));
    match wanted.next() {
        Some(tool) if request["tool_choice"] != "none" => Answer::calling(&tool),
        _ => Answer::to(&text(&last["content"])),
    }
}

struct Reply {
    id: String,
    model: Value,
    answer: Answer,
    prompt: usize,
}

impl Reply {
    fn usage(&self) -> Value {
        let completion = self.answer.tokens();
        json!({
            "prompt_tokens": self.prompt, "completion_tokens": completion, "total_tokens": self.prompt + completion
        })
    }

    fn reason(&self) -> &'static str {
        match &self.answer {
            Answer { call: Some(_), .. } => "tool_calls",
            Answer { cut: true, .. } => "length",
            _ => "stop",
        }
    }

    fn calls(&self, indexed: bool) -> Option<Value> {
        let call = self.answer.call.as_ref()?;
        let function = json!({"name": call.name, "arguments": call.arguments.to_string()});
        let mut value = json!({"id": id("call_"), "type": "function", "function": function});
        if indexed {
            value["index"] = 0.into();
        }
        Some(json!([value]))
    }

    fn whole(&self) -> Value {
        let mut message = json!({"role": "assistant", "content": self.answer.text()});
        if let Some(calls) = self.calls(false) {
            message["content"] = Value::Null;
            message["tool_calls"] = calls;
        }
        json!({
            "id": self.id, "object": "chat.completion", "created": created(), "model": self.model,
            "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": self.reason()}],
            "usage": self.usage(),
        })
    }

    fn events(&self, with_usage: bool) -> Vec<(Option<&'static str>, String)> {
        let created = created();
        let chunk = |choices: Value, usage: Value| {
            let mut chunk = json!({
                "id": self.id, "object": "chat.completion.chunk", "created": created, "model": self.model,
                "choices": choices,
            });
            if with_usage {
                chunk["usage"] = usage;
            }
            (None, chunk.to_string())
        };
        let delta = |delta: Value, reason: Value| {
            chunk(
                json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason}]),
                Value::Null,
            )
        };
        let mut events = vec![delta(json!({"role": "assistant", "content": ""}), Value::Null)];
        events.extend(self.answer.pieces.iter().map(|piece| delta(json!({"content": piece}), Value::Null)));
        events.extend(self.calls(true).map(|calls| delta(json!({"tool_calls": calls}), Value::Null)));
        events.push(delta(json!({}), self.reason().into()));
        if with_usage {
            events.push(chunk(json!([]), self.usage()));
        }
        events.push((None, "[DONE]".into()));
        events
    }
}

fn created() -> i64 {
    crate::clock::Clock::system().now().timestamp()
}

pub(super) async fn embeddings(Json(request): Json<Value>) -> Response {
    let inputs = match &request["input"] {
        Value::Array(inputs) if inputs.iter().all(Value::is_number) => vec![request["input"].clone()],
        Value::Array(inputs) => inputs.clone(),
        Value::String(_) => vec![request["input"].clone()],
        _ => return invalid("input", "'input' must be a text or a list."),
    };
    let data: Vec<_> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| json!({"object": "embedding", "index": index, "embedding": vector(&input.to_string())}))
        .collect();
    let prompt = inputs.iter().map(tokens).sum::<usize>();
    Json(json!({
        "object": "list", "data": data, "model": request["model"],
        "usage": {"prompt_tokens": prompt, "total_tokens": prompt},
    }))
    .into_response()
}

/// Eight numbers that are the same for the same text.
fn vector(text: &str) -> Vec<f64> {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().take(8).map(|byte| f64::from(*byte) / 128.0 - 1.0).collect()
}

fn invalid(param: &str, message: &str) -> Response {
    let error = json!({"message": message, "type": "invalid_request_error", "param": param, "code": null});
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}
