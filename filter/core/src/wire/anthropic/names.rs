//! Tool names that an API does not take, and clients use all the same. Anthropic's takes `[a-zA-Z0-9_-]{1,128}`; clients also use `/` and `.`, and want their own names back.

use super::JSON_TOOL;
use memchr::memmem;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashSet;

const MAX_LENGTH: usize = 128;

/// What an API takes as the name of a tool.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// A name it takes.
    pub is_valid: fn(&str) -> bool,
    /// The nearest name it takes, of so many bytes at most.
    pub cleaned: fn(&str, usize) -> String,
}

/// Anthropic's.
const RULE: Rule = Rule { is_valid, cleaned };

/// The tools that go by another name upstream. Empty is the rule: a name that is valid is never touched.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    renamed: Vec<(String, String)>,
}

impl Names {
    /// For the names given, in the client's order: valid ones keep theirs, the others get the nearest that is free.
    pub fn of<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Self {
        Self::by(RULE, names)
    }

    /// The same by another API's rule.
    pub fn by<'a>(rule: Rule, names: impl Iterator<Item = &'a str> + Clone) -> Self {
        let Rule { is_valid, cleaned } = rule;
        let mut used: HashSet<String> =
            names.clone().filter(|name| is_valid(name)).map(str::to_owned).collect();
        let mut renamed: Vec<(String, String)> = Vec::new();
        for name in names.filter(|name| !name.is_empty() && !is_valid(name)) {
            if renamed.iter().any(|(client, _)| client == name) {
                continue;
            }
            let wanted = cleaned(name, MAX_LENGTH);
            let mut unique = wanted.clone();
            for n in 2.. {
                if used.insert(unique.clone()) {
                    break;
                }
                let suffix = format!("_{n}");
                unique = cleaned(&wanted, MAX_LENGTH.saturating_sub(suffix.len())) + &suffix;
            }
            renamed.push((name.to_owned(), unique));
        }
        Self { renamed }
    }

    /// For the custom tools of a body.
    pub fn of_request(body: &Map<String, Value>) -> Self {
        let tools = body.get("tools").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let custom = tools.iter().filter(|tool| tool.get("type").is_some_and(|kind| kind == "custom"));
        Self::of(custom.filter_map(|tool| tool.get("name")?.as_str()))
    }

    /// Nothing goes by another name.
    pub fn is_empty(&self) -> bool {
        self.renamed.is_empty()
    }

    /// The upstream's name for the client's.
    pub fn upstream(&self, name: &str) -> Option<&str> {
        self.renamed.iter().find(|(client, _)| client == name).map(|(_, upstream)| upstream.as_str())
    }

    /// The client's name for the upstream's.
    pub fn client<'a>(&'a self, name: &'a str) -> &'a str {
        self.renamed.iter().find(|(_, upstream)| upstream == name).map_or(name, |(client, _)| client)
    }

    /// Renames the thing that has a `name`.
    pub fn apply(&self, named: &mut Value) {
        let Some(Value::String(name)) = named.get_mut("name") else { return };
        if let Some(upstream) = self.upstream(name) {
            *name = upstream.to_owned();
        }
    }
}

fn is_valid_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn is_valid(name: &str) -> bool {
    (1..=MAX_LENGTH).contains(&name.len()) && name.chars().all(is_valid_char)
}

fn cleaned(name: &str, length: usize) -> String {
    name.chars().take(length).map(|c| if is_valid_char(c) { c } else { '_' }).collect()
}

/// A tool call's id as the API takes it: `[a-zA-Z0-9_-]+`.
pub fn call_id(id: &str) -> String {
    if id.is_empty() { "tool_use_id".into() } else { cleaned(id, usize::MAX) }
}

/// What the answer's translation has to know of the request, read from the client's body.
#[derive(Debug, Default)]
pub struct Asked {
    /// Tools that went by another name.
    pub names: Names,
    /// A JSON answer was asked for, so a call of the JSON tool *is* the answer.
    pub json: bool,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    tools: Option<Vec<Tool>>,
    #[serde(default)]
    response_format: Option<Format>,
}

#[derive(Deserialize)]
struct Tool {
    name: Option<String>,
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Format {
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Asked {
    /// Most bodies name neither tools nor a format and are not parsed again.
    pub fn of(body: &[u8]) -> Self {
        Self::by(RULE, body)
    }

    /// The same by another API's rule.
    pub fn by(rule: Rule, body: &[u8]) -> Self {
        let mentions = |field: &str| memmem::find(body, field.as_bytes()).is_some();
        if !mentions("\"tools\"") && !mentions("\"response_format\"") {
            return Self::default();
        }
        let Ok(fields) = serde_json::from_slice::<Fields>(body) else { return Self::default() };
        let tools = fields.tools.unwrap_or_default();
        let names: Vec<&str> = tools
            .iter()
            .filter_map(|tool| tool.function.as_ref().map_or(&tool.name, |f| &f.name).as_deref())
            .collect();
        let json = fields.response_format.and_then(|format| format.kind).is_some_and(|kind| kind != "text");
        Self { json: json && !names.contains(&JSON_TOOL), names: Names::by(rule, names.into_iter()) }
    }

    /// A call of this tool carries the answer.
    pub fn is_answer(&self, tool: &str) -> bool {
        self.json && tool == JSON_TOOL
    }
}
