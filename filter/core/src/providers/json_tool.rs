//! A tool that takes an answer in JSON, for models that cannot be held to a schema otherwise.

use serde_json::{Map, Value, json};

/// Its name, which is `LiteLLM`'s.
pub const NAME: &str = "json_tool_call";

/// Whether a `response_format` has a schema.
pub fn has_schema(format: &Value) -> bool {
    schema(format).is_some()
}

fn schema(format: &Value) -> Option<&Value> {
    format.get("response_schema").or_else(|| format.pointer("/json_schema/schema"))
}

/// Turns the request's format into one more tool, which the model may call. False when it has no schema.
pub fn offer(chat: &mut Map<String, Value>) -> bool {
    let format = chat.shift_remove("response_format");
    let Some(schema) = format.as_ref().and_then(schema) else { return false };
    let tool = json!({ "type": "function", "function": { "name": NAME, "parameters": schema } });
    match chat.get_mut("tools").and_then(Value::as_array_mut) {
        Some(tools) => tools.push(tool),
        None => drop(chat.insert("tools".into(), json!([tool]))),
    }
    true
}

/// The same, and the model has to call it.
pub fn require(chat: &mut Map<String, Value>) {
    if offer(chat) {
        chat.insert("tool_choice".into(), json!({ "type": "function", "function": { "name": NAME } }));
    }
}

/// Makes a call of the tool in a whole answer the answer itself.
pub fn unwrap(answer: &mut Map<String, Value>) {
    let choices = answer.get_mut("choices").and_then(Value::as_array_mut);
    for choice in choices.into_iter().flatten().filter_map(Value::as_object_mut) {
        let Some(message) = choice.get_mut("message").and_then(Value::as_object_mut) else { continue };
        let calls =
            message.get("tool_calls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let [call] = calls else { continue };
        let function = call.get("function").filter(|function| function.get("name") == Some(&NAME.into()));
        let Some(arguments) = function.and_then(|function| function.get("arguments")).cloned() else {
            continue;
        };
        message.shift_remove("tool_calls");
        message.insert("content".into(), arguments);
        choice.insert("finish_reason".into(), "stop".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_schema_becomes_a_tool_and_its_call_the_answer() {
        let mut chat =
            object(json!({ "response_format": { "json_schema": { "schema": { "type": "object" } } } }));
        require(&mut chat);
        assert_eq!(chat["tools"][0]["function"], json!({ "name": NAME, "parameters": { "type": "object" } }));
        assert_eq!(chat["tool_choice"]["function"]["name"], NAME);
        let call = |name: &str| {
            object(json!({ "choices": [{ "finish_reason": "tool_calls", "message": { "content": null,
                "tool_calls": [{ "function": { "name": name, "arguments": "{\"a\":1}" } }] } }] }))
        };
        let mut answer = call(NAME);
        unwrap(&mut answer);
        assert_eq!(
            answer["choices"][0],
            json!({ "finish_reason": "stop", "message": { "content": "{\"a\":1}" } })
        );
        let mut other = call("other");
        unwrap(&mut other);
        assert_eq!(other, call("other"));
    }

    #[test]
    fn json_of_any_shape_is_merely_not_asked_for() {
        let mut chat = object(json!({ "response_format": { "type": "json_object" } }));
        require(&mut chat);
        assert!(chat.is_empty());
    }
}
