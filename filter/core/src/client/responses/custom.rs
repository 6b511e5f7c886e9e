//! Tools of free form (`custom`): what they are given is text, not JSON. Elsewhere they are functions of one text.
//! <https://platform.openai.com/docs/guides/function-calling#custom-tools>

use memchr::memmem;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The name of that text.
const INPUT: &str = "content";

/// Such a tool as a function.
pub fn function(tool: &Map<String, Value>) -> Value {
    let said = tool.get("description").and_then(Value::as_str).unwrap_or_default();
    let grammar = tool.get("format").and_then(|format| {
        let definition = format.get("definition").or_else(|| format.pointer("/grammar/definition"))?;
        Some(format!("\n\nThe content must match this grammar:\n{}", definition.as_str()?))
    });
    json!({
        "name": tool.get("name"),
        "description": format!("{said}{}", grammar.unwrap_or_default()),
        "parameters": {
            "type": "object",
            "properties": { INPUT: { "type": "string" } },
            "required": [INPUT],
            "additionalProperties": false,
        },
        "strict": false,
    })
}

/// What such a tool is called with, as a function's arguments.
pub fn arguments(input: &str) -> String {
    json!({ INPUT: input }).to_string()
}

/// The other way round; arguments that are something else are kept as they are.
pub fn input(arguments: &str) -> String {
    let given = serde_json::from_str::<Value>(arguments).ok();
    let text = given.as_ref().and_then(|given| given.get(INPUT)?.as_str());
    text.unwrap_or(arguments).to_owned()
}

/// The names of a request's tools of this kind. Nearly always none.
#[derive(Debug, Clone, Default)]
pub struct Names(Vec<String>);

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    tools: Vec<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    name: String,
}

impl Names {
    /// Those in the client's request.
    pub fn of(body: &[u8]) -> Self {
        if memmem::find(body, b"\"custom\"").is_none() {
            return Self::default();
        }
        let tools = serde_json::from_slice::<Body>(body).map(|body| body.tools).unwrap_or_default();
        Self(tools.into_iter().filter(|tool| tool.kind == "custom").map(|tool| tool.name).collect())
    }

    /// Whether this is one of them.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }
}
