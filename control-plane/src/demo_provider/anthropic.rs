//! <https://docs.anthropic.com/en/api/messages>

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

pub(super) async fn messages(Json(request): Json<Value>) -> Response {
    let Some(last) = request["messages"].as_array().and_then(|messages| messages.last()) else {
        return invalid("messages: at least one message is required");
    };
    let Some(limit) = request["max_tokens"].as_u64() else {
        return invalid("max_tokens: Field required");
    };
    let answer = answer(&request, last).limited(Some(limit));
    let reply = Reply { id: id("msg_"), model: request["model"].clone(), answer, prompt: prompt(&request) };
    if request["stream"] == true { streamed(reply.events()) } else { Json(reply.whole()).into_response() }
}

pub(super) async fn count_tokens(Json(request): Json<Value>) -> Json<Value> {
    Json(json!({"input_tokens": prompt(&request)}))
}

fn prompt(request: &Value) -> usize {
    ["system", "messages", "tools"].iter().filter_map(|name| request.get(*name)).map(tokens).sum()
}

fn answer(request: &Value, last: &Value) -> Answer {
    let parts = last["content"].as_array();
    if parts.is_some_and(|parts| parts.iter().any(|part| part["type"] == "tool_result")) {
        return Answer::to_tool(&text(&last["content"]));
    }
    let named = request["tool_choice"]["name"].as_str();
    let tools = request["tools"].as_array().into_iter().flatten();
    let mut wanted = tools
        .filter_map(|tool| Some(Tool { name: tool["name"].as_str()?, schema: &tool["input_schema"] }))
        .filter(|tool| named.is_none_or(|name| name == tool.name));
    match wanted.next() {
        Some(tool) if request["tool_choice"]["type"] != "none" => Answer::calling(&tool),
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
    fn reason(&self) -> &'static str {
        match &self.answer {
            Answer { call: Some(_), .. } => "tool_use",
            Answer { cut: true, .. } => "max_tokens",
            _ => "end_turn",
        }
    }

    /// The message with this content, as far as it has come.
    fn message(&self, content: &Value, reason: &Value, output: usize) -> Value {
        json!({
            "id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": content,
            "stop_reason": reason, "stop_sequence": null,
            "usage": {
                "input_tokens": self.prompt, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                "output_tokens": output,
            },
        })
    }

    fn whole(&self) -> Value {
        let content = match &self.answer.call {
            Some(call) => {
                json!([{"type": "tool_use", "id": id("toolu_"), "name": call.name, "input": call.arguments}])
            }
            None => json!([{"type": "text", "text": self.answer.text()}]),
        };
        self.message(&content, &self.reason().into(), self.answer.tokens())
    }

    fn events(&self) -> Vec<(Option<&'static str>, String)> {
        let (block, deltas) = if let Some(call) = &self.answer.call {
            let delta = json!({"type": "input_json_delta", "partial_json": call.arguments.to_string()});
            (json!({"type": "tool_use", "id": id("toolu_"), "name": call.name, "input": {}}), vec![delta])
        } else {
            let delta = |piece| json!({"type": "text_delta", "text": piece});
            (json!({"type": "text", "text": ""}), self.answer.pieces.iter().map(delta).collect())
        };
        let start = self.message(&json!([]), &Value::Null, 1);
        let mut events = vec![
            ("message_start", json!({"type": "message_start", "message": start})),
            (
                "content_block_start",
                json!({"type": "content_block_start", "index": 0, "content_block": block}),
            ),
        ];
        events.extend(deltas.into_iter().map(|delta| {
            ("content_block_delta", json!({"type": "content_block_delta", "index": 0, "delta": delta}))
        }));
        events.push(("content_block_stop", json!({"type": "content_block_stop", "index": 0})));
        let delta = json!({"stop_reason": self.reason(), "stop_sequence": null});
        let usage = json!({"output_tokens": self.answer.tokens()});
        events.push(("message_delta", json!({"type": "message_delta", "delta": delta, "usage": usage})));
        events.push(("message_stop", json!({"type": "message_stop"})));
        events.into_iter().map(|(name, data)| (Some(name), data.to_string())).collect()
    }
}

fn invalid(message: &str) -> Response {
    let error = json!({"type": "invalid_request_error", "message": message});
    (StatusCode::BAD_REQUEST, Json(json!({"type": "error", "error": error}))).into_response()
}
