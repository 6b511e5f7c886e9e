//! The turns of a conversation, turned into chat messages.

use super::{object, parts, refused, take, text, thoughts};
use crate::error::Error;
use serde_json::{Map, Value};

/// The system's instruction and the turns as one list of chat messages.
pub fn messages(system: Option<Value>, turns: Option<Value>) -> Result<Value, Error> {
    let mut out = Messages::default();
    let said: String = system.map(pieces).unwrap_or_default().iter().map(|part| text(part, "text")).collect();
    if !said.is_empty() {
        out.done.push(message("system", said.into()));
    }
    let turns = match turns {
        Some(Value::Array(turns)) => turns,
        Some(turn @ Value::Object(_)) => vec![turn],
        _ => return Err(refused("contents", "must be a list")),
    };
    for (at, turn) in turns.into_iter().enumerate() {
        let role = text(&turn, "role").to_owned();
        match role.as_str() {
            "" | "user" | "function" => out.user(pieces(turn)),
            "model" => out.model(pieces(turn)),
            "system" => {
                let said: String = pieces(turn).iter().map(|part| text(part, "text")).collect();
                out.done.push(message("system", said.into()));
            }
            _ => return Err(refused(format!("contents[{at}].role"), "must be 'user' or 'model'")),
        }
    }
    Ok(out.done.into())
}

fn message(role: &str, content: Value) -> Value {
    object([("role", role.into()), ("content", content)])
}

/// The parts of a turn. A text alone is one.
fn pieces(turn: Value) -> Vec<Value> {
    match turn {
        Value::String(said) => vec![object([("text", said.into())])],
        Value::Object(mut turn) => match turn.shift_remove("parts") {
            Some(Value::Array(parts)) => parts,
            Some(part @ Value::Object(_)) => vec![part],
            _ if turn.contains_key("text") => vec![turn.into()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Messages so far, and the calls whose results have not come: by name, for a result need not say which call it is of.
#[derive(Default)]
struct Messages {
    done: Vec<Value>,
    calls: usize,
    waiting: Vec<(String, String)>,
}

impl Messages {
    /// The results of calls first, each a message of its own, then what the user says.
    fn user(&mut self, pieces: Vec<Value>) {
        let mut content = Vec::new();
        for piece in pieces {
            let Value::Object(mut piece) = piece else { continue };
            if let Some(Value::Object(result)) = take(&mut piece, "functionResponse") {
                self.result(result);
            } else if let Some(said) = take(&mut piece, "text") {
                content.push(object([("type", "text".into()), ("text", said)]));
            } else {
                content.extend(parts::media(&mut piece));
            }
        }
        let content = match content.as_mut_slice() {
            [] => return,
            [only] if text(only, "type") == "text" => {
                only.get_mut("text").map(Value::take).unwrap_or_default()
            }
            _ => content.into(),
        };
        self.done.push(message("user", content));
    }

    fn result(&mut self, mut result: Map<String, Value>) {
        let id = take(&mut result, "id").and_then(|id| id.as_str().map(str::to_owned));
        let name =
            take(&mut result, "name").and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
        let of = |(known, called): &(String, String)| id.as_ref().map_or(*called == name, |id| id == known);
        let waiting = self.waiting.iter().position(of).map(|at| self.waiting.remove(at).0);
        let id = waiting.or(id).unwrap_or_else(|| format!("call_{name}"));
        let content = parts::result(take(&mut result, "response"));
        self.done.push(object([
            ("role", "tool".into()),
            ("tool_call_id", id.into()),
            ("content", content.into()),
        ]));
    }

    fn model(&mut self, pieces: Vec<Value>) {
        let (mut said, mut thought, mut blocks, mut calls) =
            (String::new(), String::new(), Vec::new(), Vec::new());
        for piece in pieces {
            let Value::Object(mut piece) = piece else { continue };
            let signature = take(&mut piece, "thoughtSignature");
            let thinks = take(&mut piece, "thought") == Some(Value::Bool(true));
            if let Some(call) = take(&mut piece, "functionCall") {
                calls.push(self.call(&call));
                continue;
            }
            let words = piece.get("text").and_then(Value::as_str).unwrap_or_default();
            if thinks {
                thought.push_str(words);
                blocks.extend(signature.and_then(|signature| thoughts::block(words, signature.as_str()?)));
            } else {
                said.push_str(words);
            }
        }
        let mut message = Map::new();
        message.insert("role".into(), "assistant".into());
        for (name, text) in [("content", said), ("reasoning_content", thought)] {
            if !text.is_empty() {
                message.insert(name.into(), text.into());
            }
        }
        for (name, list) in [("thinking_blocks", blocks), ("tool_calls", calls)] {
            if !list.is_empty() {
                message.insert(name.into(), list.into());
            }
        }
        if message.len() > 1 {
            self.done.push(message.into());
        }
    }

    fn call(&mut self, call: &Value) -> Value {
        self.calls += 1;
        let id = match text(call, "id") {
            "" => format!("call_{}_{}", text(call, "name"), self.calls),
            id => id.to_owned(),
        };
        self.waiting.push((id.clone(), text(call, "name").to_owned()));
        parts::call(&id, call)
    }
}
