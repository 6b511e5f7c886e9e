//! What a client asks of the provider, in any of its dialects.

use crate::behaviour::Behaviour;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

/// The wire formats the provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// <https://platform.openai.com/docs/api-reference>
    OpenAi,
    /// <https://docs.anthropic.com/en/api>
    Anthropic,
    /// <https://ai.google.dev/api/generate-content>
    Google,
    /// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>
    Converse,
}

/// A tool call the answer makes.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// Its arguments: a value for each property its schema requires.
    pub arguments: Value,
}

/// A request, as far as the provider reads it.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the wire")]
pub struct Asked {
    /// The model, and so the script.
    pub model: String,
    /// What that name means.
    pub behaviour: Behaviour,
    /// Server-sent events are wanted.
    pub stream: bool,
    /// `OpenAI`'s `stream_options.include_usage`.
    pub include_usage: bool,
    /// The tools to call; empty when it should talk.
    pub calls: Vec<ToolCall>,
    /// The text of the last message, tool results included.
    pub said: String,
    /// The last message brings results of tools.
    pub answered: bool,
    /// Anthropic's mandatory `max_tokens` is there.
    pub max_tokens: bool,
    /// Texts to embed.
    pub inputs: usize,
    /// `OpenAI`'s `encoding_format` is `base64`.
    pub base64: bool,
}

#[derive(Deserialize)]
#[serde(default)]
struct Fields<'a> {
    model: String,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
    tools: Vec<Value>,
    tool_choice: Value,
    max_tokens: Option<u64>,
    input: Value,
    encoding_format: String,
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self {
            model: String::new(),
            stream: false,
            stream_options: StreamOptions::default(),
            messages: Vec::new(),
            tools: Vec::new(),
            tool_choice: Value::Null,
            max_tokens: None,
            input: Value::Null,
            encoding_format: String::new(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StreamOptions {
    include_usage: bool,
}

impl Asked {
    /// Reads a request; an `Err` says why it is none. Some have the model, and that a stream is wanted, in their path.
    pub fn of(path: &str, body: &[u8]) -> Result<Self, String> {
        let mut asked = Self::read(body)?;
        let model = path.rsplit_once("/models/").and_then(|(_, rest)| rest.split_once(':'));
        let model = model.or_else(|| path.rsplit_once("/model/").and_then(|(_, rest)| rest.split_once('/')));
        if let Some((model, verb)) = model {
            asked.stream = matches!(verb, "streamGenerateContent" | "converse-stream");
            asked.behaviour = Behaviour::of(model);
            model.clone_into(&mut asked.model);
        }
        Ok(asked)
    }

    fn read(body: &[u8]) -> Result<Self, String> {
        let fields: Fields = serde_json::from_slice(body).map_err(|e| e.to_string())?;
        let last: Value = match fields.messages.last() {
            Some(raw) => serde_json::from_str(raw.get()).map_err(|e| e.to_string())?,
            None => Value::Null,
        };
        let answered = last["role"] == "tool" || blocks(&last).any(|block| block["type"] == "tool_result");
        let silent = fields.tool_choice == "none" || fields.tool_choice["type"] == "none";
        let calls = if answered || silent { Vec::new() } else { calls(&fields.tools, &fields.tool_choice) };
        Ok(Self {
            behaviour: Behaviour::of(&fields.model),
            model: fields.model,
            stream: fields.stream,
            include_usage: fields.stream_options.include_usage,
            calls,
            said: text(&last["content"]),
            answered,
            max_tokens: fields.max_tokens.is_some(),
            inputs: inputs(&fields.input),
            base64: fields.encoding_format == "base64",
        })
    }
}

/// One call for each tool, or for the one that is forced.
fn calls(tools: &[Value], choice: &Value) -> Vec<ToolCall> {
    let forced = choice["function"]["name"].as_str().or(choice["name"].as_str());
    let call = |tool: &Value| {
        let tool = if tool["function"].is_object() { &tool["function"] } else { tool };
        let schema = if tool["parameters"].is_object() { &tool["parameters"] } else { &tool["input_schema"] };
        let name = tool["name"].as_str()?.to_owned();
        Some(ToolCall { name, arguments: sample(schema) })
    };
    let all = tools.iter().filter_map(call);
    all.filter(|call| forced.is_none_or(|name| call.name == name)).collect()
}

/// A value that a JSON schema allows, for the simple schemas tests use.
fn sample(schema: &Value) -> Value {
    match schema["type"].as_str() {
        Some("object") => {
            let properties = schema["properties"].as_object();
            let fields = properties.into_iter().flatten();
            Value::Object(fields.map(|(name, schema)| (name.clone(), sample(schema))).collect())
        }
        Some("array") => json!([sample(&schema["items"])]),
        Some("integer" | "number") => json!(7),
        Some("boolean") => json!(true),
        _ => schema["enum"][0].as_str().map_or(json!("Paris, \"天机\""), |first| json!(first)),
    }
}

fn blocks(message: &Value) -> impl Iterator<Item = &Value> {
    message["content"].as_array().into_iter().flatten()
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let part = |block: &Value| match &block["text"] {
                Value::String(text) => text.clone(),
                _ => text(&block["content"]),
            };
            blocks.iter().map(part).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

fn inputs(input: &Value) -> usize {
    match input {
        Value::Array(items) if items.iter().all(Value::is_number) => 1,
        Value::Array(items) => items.len(),
        Value::Null => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_of_both_dialects_are_called_with_what_their_schema_requires() {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}});
        for tool in [
            json!({"type": "function", "function": {"name": "weather", "parameters": schema}}),
            json!({"name": "weather", "input_schema": schema}),
        ] {
            let body = json!({"model": "m", "messages": [{"role": "user", "content": "?"}], "tools": [tool]});
            let asked = Asked::read(body.to_string().as_bytes()).unwrap();
            assert_eq!(asked.calls[0].name, "weather");
            assert_eq!(asked.calls[0].arguments["days"], 7);
        }
    }

    #[test]
    fn results_of_tools_end_the_calling() {
        for last in [
            json!({"role": "tool", "tool_call_id": "1", "content": "sunny"}),
            json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "sunny"}]}),
        ] {
            let body = json!({"model": "m", "messages": [last], "tools": [{"name": "weather"}]});
            let asked = Asked::read(body.to_string().as_bytes()).unwrap();
            assert!(asked.answered && asked.calls.is_empty());
            assert_eq!(asked.said, "sunny");
        }
    }
}
