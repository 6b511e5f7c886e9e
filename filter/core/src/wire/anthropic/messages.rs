//! The conversation. The API knows user and assistant turns; whoever speaks twice in a row has spoken once.

use super::{
    assistant::{self, Assistant},
    bad_request, content,
    model::Model,
    names::Names,
    system,
};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// Stands where a client sent an empty text, which the API refuses.
const EMPTY: &str = "[System: Empty message content sanitised to satisfy protocol]";

/// Who speaks, in the chat form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Instructions; `developer` too.
    System,
    /// The user.
    User,
    /// A tool's result; `function` too.
    Tool,
    /// The model.
    Assistant,
}

impl Role {
    fn of(message: &Map<String, Value>) -> Result<Self, Error> {
        match message.get("role").and_then(Value::as_str) {
            Some("system" | "developer") => Ok(Self::System),
            Some("user") => Ok(Self::User),
            Some("tool" | "function") => Ok(Self::Tool),
            Some("assistant") => Ok(Self::Assistant),
            Some(role) => Err(bad_request(format_args!("Invalid Message passed in: unknown role '{role}'"))),
            None => Err(bad_request("Invalid Message passed in: `role` is missing")),
        }
    }

    /// Whose turn it is for the API: results of tools come from the user.
    pub fn is_user(self) -> bool {
        matches!(self, Self::User | Self::Tool)
    }
}

/// One message of the chat.
#[derive(Debug)]
pub struct Turn {
    /// Who speaks.
    pub role: Role,
    /// What it says.
    pub message: Map<String, Value>,
}

/// The conversation in the API's form.
#[derive(Debug, Default)]
pub struct Conversation {
    /// Blocks of `system`.
    pub system: Vec<Value>,
    /// `messages`.
    pub messages: Vec<Value>,
    /// A file is to be uploaded to the code execution container.
    pub uploads: bool,
}

/// Translates the chat's messages.
pub fn conversation(turns: Vec<Value>, names: &Names, model: Model) -> Result<Conversation, Error> {
    let mut turns = turns.into_iter().map(turn).collect::<Result<Vec<Turn>, Error>>()?;
    let leading = turns.iter().take_while(|turn| turn.role == Role::System).count();
    let later = turns.split_off(leading);
    if later.is_empty() {
        return Err(bad_request(
            "litellm.BadRequestError: Anthropic requires at least one non-system message. Either provide one, or set \
             `litellm.modify_params = True` // `litellm_settings::modify_params: True` to add the dummy user message - \
             {'role': 'user', 'content': 'Please continue.'}.",
        ));
    }
    let mut conversation =
        Conversation { system: turns.iter_mut().flat_map(system::blocks).collect(), ..Default::default() };
    let mut functions = Functions::default();
    let mut turns =
        system::place(later, model.has("supports_mid_conversation_system")).into_iter().peekable();
    while let Some(first) = turns.next() {
        let role = first.role;
        let mut run = vec![first];
        while let Some(next) = turns.next_if(|next| same_side(next.role, role)) {
            run.push(next);
        }
        conversation.push(role, run, names, &mut functions)?;
    }
    conversation.trim_last();
    Ok(conversation)
}

fn turn(message: Value) -> Result<Turn, Error> {
    let Value::Object(mut message) = message else { return Err(bad_request("messages: must hold objects")) };
    let role = Role::of(&message)?;
    fill_empty(role, &mut message);
    Ok(Turn { role, message })
}

fn same_side(one: Role, other: Role) -> bool {
    one == other || (one.is_user() && other.is_user())
}

/// The API refuses empty texts.
fn fill_empty(role: Role, message: &mut Map<String, Value>) {
    if !matches!(role, Role::User | Role::Assistant) {
        return;
    }
    let blank = |text: &str| text.trim().is_empty();
    match message.get_mut("content") {
        Some(Value::String(text)) if blank(text) => *text = EMPTY.into(),
        Some(Value::Array(parts)) => {
            for part in parts.iter_mut().filter(|part| part.get("type").is_some_and(|kind| kind == "text")) {
                if let Value::Object(part) = part
                    && part.get("text").and_then(Value::as_str).is_none_or(blank)
                {
                    part.insert("text".into(), EMPTY.into());
                }
            }
        }
        _ => {}
    }
}

/// Ids for the calls of `function_call`, the form before there were ids: the n-th call, and the result behind it.
#[derive(Debug, Default)]
pub struct Functions {
    calls: usize,
}

impl Functions {
    /// The next call.
    pub fn call(&mut self) -> String {
        self.calls += 1;
        self.result()
    }

    /// The result of the latest call.
    pub fn result(&self) -> String {
        format!("function_call_{}", self.calls)
    }
}

impl Conversation {
    fn push(
        &mut self,
        role: Role,
        run: Vec<Turn>,
        names: &Names,
        functions: &mut Functions,
    ) -> Result<(), Error> {
        let mut blocks = Vec::new();
        match role {
            Role::System => {
                for mut turn in run {
                    self.say("system", system::blocks(&mut turn));
                }
                return Ok(());
            }
            Role::User | Role::Tool => {
                for turn in run {
                    match turn.role {
                        Role::Tool => blocks.push(content::tool_result(turn.message, functions)?),
                        _ => content::user(turn.message, &mut blocks)?,
                    }
                }
                self.uploads |= blocks.iter().any(|block| is(block, "container_upload"));
            }
            Role::Assistant => {
                let mut assistant = Assistant::new(names, functions);
                for turn in run {
                    assistant.push(turn.message)?;
                }
                blocks = assistant.blocks;
            }
        }
        self.say(if role == Role::Assistant { "assistant" } else { "user" }, blocks);
        Ok(())
    }

    fn say(&mut self, role: &str, blocks: Vec<Value>) {
        if !blocks.is_empty() {
            let mut message = Map::with_capacity(2);
            message.insert("role".into(), role.into());
            message.insert("content".into(), Value::Array(blocks));
            self.messages.push(Value::Object(message));
        }
    }

    /// The API refuses an answer begun that ends in white space.
    fn trim_last(&mut self) {
        let Some(last) =
            self.messages.last_mut().filter(|last| last.get("role").is_some_and(|r| r == "assistant"))
        else {
            return;
        };
        let blocks = last.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten();
        for block in blocks.filter(|block| is(block, "text")) {
            if let Some(Value::String(text)) = block.get_mut("text") {
                text.truncate(text.trim_end().len());
            }
        }
    }
}

/// A block of the type given.
pub fn is(block: &Value, kind: &str) -> bool {
    block.get("type").is_some_and(|own| own == kind)
}

/// Whether a turn puts anything into the request.
pub fn renders(turn: &Turn) -> bool {
    let content = turn.message.get("content");
    let says = match content {
        Some(Value::String(_)) => true,
        Some(Value::Array(parts)) => parts.iter().any(|part| match turn.role {
            Role::Assistant => assistant::renders(part),
            _ => content::renders(part),
        }),
        _ => false,
    };
    says || match turn.role {
        Role::Tool => true,
        Role::Assistant => ["tool_calls", "function_call", "thinking_blocks"]
            .into_iter()
            .any(|name| turn.message.get(name).is_some_and(|own| !own.is_null() && own != &json!([]))),
        _ => false,
    }
}
