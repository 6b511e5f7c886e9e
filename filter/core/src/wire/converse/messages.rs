//! The conversation. The API knows user and assistant turns that alternate; results of tools come from the user.

use super::{
    assistant::Assistant,
    bad_request, content,
    context::Context,
    system::{self, neutral},
};
use crate::error::Error;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Who speaks, in the chat form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Instructions; `developer` too.
    System,
    /// The user.
    User,
    /// A tool's result.
    Tool,
    /// The result of a `function`, the form before there were ids.
    Function,
    /// The model.
    Assistant,
}

/// One message of the chat.
#[derive(Debug)]
pub struct Turn {
    /// Who speaks.
    pub role: Role,
    /// What it says.
    pub message: Map<String, Value>,
}

impl Turn {
    fn of(message: Value) -> Result<Self, Error> {
        let Value::Object(message) = message else { return Err(bad_request("messages: must hold objects")) };
        let role = match message.get("role").and_then(Value::as_str) {
            Some("system" | "developer") => Role::System,
            Some("user") => Role::User,
            Some("tool") => Role::Tool,
            Some("function") => Role::Function,
            Some("assistant") => Role::Assistant,
            _ => return Err(invalid("")),
        };
        Ok(Self { role, message })
    }

    /// The model calls tools.
    pub fn calls(&self) -> bool {
        let calls = self.message.get("tool_calls").and_then(Value::as_array);
        self.role == Role::Assistant && calls.is_some_and(|calls| !calls.is_empty())
    }
}

/// A message the API has no place for, in `LiteLLM`'s words.
fn invalid(what: &str) -> Error {
    Error::invalid(format!("litellm.BadRequestError: Invalid Message {what}").trim_end().to_owned())
}

/// The conversation in the API's form.
#[derive(Debug, Default)]
pub struct Conversation {
    /// Blocks of `system`.
    pub system: Vec<Value>,
    /// `messages`.
    pub messages: Vec<Value>,
}

/// Translates the chat's messages.
pub fn conversation(turns: Vec<Value>, context: Context) -> Result<Conversation, Error> {
    let mut turns = turns.into_iter().map(Turn::of).collect::<Result<Vec<Turn>, Error>>()?;
    let leading = turns.iter().take_while(|turn| turn.role == Role::System).count();
    let later = turns.split_off(leading);
    let system = turns.into_iter().flat_map(|turn| system::blocks(turn.message, context)).collect();
    let mut turns = system::placed(later);
    if !context.tools {
        turns = turns.into_iter().map(|turn| neutral(turn, context.guarded)).collect();
    }
    if context.guarded {
        content::guard(&mut turns);
    }
    if turns.is_empty() {
        return Err(invalid("bedrock requires at least one non-system message"));
    }
    let mut sides = Sides::default();
    for turn in turns {
        let blocks = match turn.role {
            Role::User => content::user(turn.message, context)?,
            Role::Tool => content::tool_result(turn.message, context)?,
            Role::Assistant => Assistant::blocks(turn.message, context)?,
            Role::System | Role::Function => return Err(invalid("passed in")),
        };
        sides.push(turn.role == Role::Assistant, blocks);
    }
    Ok(Conversation { system, messages: sides.messages() })
}

/// Turns of one side in a row are one.
#[derive(Default)]
struct Sides(Vec<(bool, Vec<Value>)>);

impl Sides {
    fn push(&mut self, assistant: bool, blocks: Vec<Value>) {
        match self.0.last_mut() {
            _ if blocks.is_empty() => {}
            Some((side, known)) if *side == assistant => known.extend(blocks),
            _ => self.0.push((assistant, blocks)),
        }
    }

    fn messages(mut self) -> Vec<Value> {
        for (assistant, blocks) in &mut self.0 {
            deduplicate(blocks);
            if *assistant {
                sort(blocks);
            } else {
                accompany(blocks);
            }
        }
        name_apart(&mut self.0);
        let role = |assistant| if assistant { "assistant" } else { "user" };
        self.0
            .into_iter()
            .map(|(assistant, blocks)| json!({ "role": role(assistant), "content": blocks }))
            .collect()
    }
}

/// The API refuses a call or a result that comes twice in a message.
fn deduplicate(blocks: &mut Vec<Value>) {
    let mut seen = HashSet::new();
    blocks.retain(|block| {
        let keyed = ["toolUse", "toolResult"].into_iter().find_map(|kind| Some((kind, block.get(kind)?)));
        let id = keyed.and_then(|(kind, own)| Some((kind, own.get("toolUseId")?.as_str()?.to_owned())));
        id.is_none_or(|id| seen.insert(id))
    });
}

/// Reasoning comes first, calls (with the cache points behind them) last.
fn sort(blocks: &mut [Value]) {
    blocks.sort_by_key(|block| match () {
        () if block.get("reasoningContent").is_some() => 0,
        () if block.get("toolUse").is_some() || block.get("cachePoint").is_some() => 2,
        () => 1,
    });
}

/// A document needs a text beside it.
fn accompany(blocks: &mut Vec<Value>) {
    let has = |kind: &str| blocks.iter().any(|block| block.get(kind).is_some());
    if has("document") && !has("text") {
        let ends_cached = blocks.last().is_some_and(|last| last.get("cachePoint").is_some());
        blocks.insert(blocks.len() - usize::from(ends_cached), json!({ "text": "." }));
    }
}

/// No two documents of a request may have one name. The first keeps it, so that caches hold.
fn name_apart(sides: &mut [(bool, Vec<Value>)]) {
    let mut used: HashSet<String> = HashSet::new();
    let documents = sides.iter_mut().flat_map(|(_, blocks)| blocks);
    for name in documents.filter_map(|block| block.get_mut("document")?.get_mut("name")) {
        let Some(wanted) = name.as_str().map(str::to_owned) else { continue };
        let mut own = wanted.clone();
        for n in 2.. {
            if used.insert(own.clone()) {
                break;
            }
            own = format!("{wanted}_{n}");
        }
        *name = own.into();
    }
}
