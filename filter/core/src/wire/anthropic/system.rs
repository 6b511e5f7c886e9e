//! System prompts: those at the beginning go to `system`, later ones stay where they were said, so that what the
//! provider has cached of the conversation stays valid.

use super::messages::{Role, Turn, renders};
use serde_json::{Map, Value, json};

/// Tells the model who is speaking where the API has no place for a system message.
const NOTE: &str = "Operator note (not from the user): the following was originally a mid-conversation system-role reminder.";

/// The texts of a system message as blocks; the API refuses empty ones.
pub fn blocks(turn: &mut Turn) -> Vec<Value> {
    let cache = turn.message.remove("cache_control");
    match turn.message.remove("content") {
        Some(Value::String(text)) => text_block(text, cache).into_iter().collect(),
        Some(Value::Array(parts)) => parts.into_iter().filter_map(part).collect(),
        _ => Vec::new(),
    }
}

fn part(part: Value) -> Option<Value> {
    match part {
        Value::Object(mut part) if part.get("type").is_some_and(|kind| kind == "text") => {
            let cache = part.remove("cache_control");
            match part.remove("text") {
                Some(Value::String(text)) => text_block(text, cache),
                _ => None,
            }
        }
        _ => None,
    }
}

fn text_block(text: String, cache: Option<Value>) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    let mut block = Map::new();
    block.insert("type".into(), "text".into());
    block.insert("text".into(), text.into());
    if let Some(cache) = cache.filter(Value::is_object) {
        block.insert("cache_control".into(), cache);
    }
    Some(Value::Object(block))
}

/// Puts the system messages of a conversation where the API takes them. It begins with another's turn.
pub fn place(turns: Vec<Turn>, takes_system: bool) -> Vec<Turn> {
    if !turns.iter().any(|turn| turn.role == Role::System) {
        turns
    } else if takes_system {
        anchored(turns)
    } else {
        converted(turns)
    }
}

/// As a user's turn with a note.
fn as_user(turn: &mut Turn) -> Option<Turn> {
    let blocks = blocks(turn);
    (!blocks.is_empty()).then(|| {
        let content = std::iter::once(json!({ "type": "text", "text": NOTE })).chain(blocks);
        user(content.collect())
    })
}

fn user(content: Vec<Value>) -> Turn {
    let mut message = Map::new();
    message.insert("content".into(), content.into());
    Turn { role: Role::User, message }
}

/// Every system message becomes a user's turn where it stands; behind the results of tools that follow it, because
/// those must open the turn.
fn converted(turns: Vec<Turn>) -> Vec<Turn> {
    let mut placed = Vec::with_capacity(turns.len());
    let mut waiting: Vec<Turn> = Vec::new();
    let mut turns = turns.into_iter().peekable();
    while let Some(mut turn) = turns.next() {
        if turn.role == Role::System {
            waiting.extend(as_user(&mut turn));
        } else {
            placed.push(turn);
        }
        if turns.peek().is_none_or(|next| next.role != Role::Tool && next.role != Role::System) {
            placed.append(&mut waiting);
        }
    }
    placed
}

/// The stretch of a conversation in which one side speaks, and the system messages that go behind it.
#[derive(Default)]
struct Side {
    user: bool,
    shows: bool,
    turns: Vec<Turn>,
    system: Vec<Value>,
}

/// For models that take system messages behind a user's turn, before the model's. One that stands elsewhere becomes
/// a user's turn; where it stands depends on its neighbours only, so a longer conversation places it the same.
fn anchored(turns: Vec<Turn>) -> Vec<Turn> {
    let (mut sides, runs) = sides(turns);
    for Run { side, offset, leads_on, mut turns } in runs {
        let behind_user = sides.get(side).is_some_and(|own| own.user);
        let anchor = if behind_user { Some(side) } else { leads_on.then_some(side + 1) };
        let anchor = anchor.filter(|&anchor| takes(&sides, anchor));
        if let Some(anchor) = anchor.and_then(|anchor| sides.get_mut(anchor)) {
            // The last run came first.
            anchor.system.splice(0..0, turns.iter_mut().flat_map(blocks));
        } else if let Some(own) = sides.get_mut(side) {
            let at = offset.min(own.turns.len());
            let after = own.turns.split_off(at);
            own.turns.extend(turns.iter_mut().filter_map(as_user));
            own.turns.extend(after);
        }
    }
    sides.into_iter().flat_map(Side::into_turns).collect()
}

/// System messages in a row: behind which turn of which side they stand, and whether the user speaks next.
struct Run {
    side: usize,
    offset: usize,
    leads_on: bool,
    turns: Vec<Turn>,
}

/// Later runs come first, so that putting one in place moves none of those still to come.
fn sides(turns: Vec<Turn>) -> (Vec<Side>, Vec<Run>) {
    let mut sides: Vec<Side> = Vec::new();
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for turn in turns {
        if turn.role == Role::System {
            if !open {
                let offset = sides.last().map_or(0, |side| side.turns.len());
                runs.push(Run {
                    side: sides.len().saturating_sub(1),
                    offset,
                    leads_on: false,
                    turns: Vec::new(),
                });
                open = true;
            }
            if let Some(run) = runs.last_mut() {
                run.turns.push(turn);
            }
            continue;
        }
        let user = turn.role.is_user();
        if let Some(run) = runs.last_mut().filter(|_| open) {
            run.leads_on = user;
        }
        open = false;
        if sides.last().is_none_or(|side| side.user != user) {
            sides.push(Side { user, ..Side::default() });
        }
        if let Some(side) = sides.last_mut() {
            side.shows |= renders(&turn);
            side.turns.push(turn);
        }
    }
    runs.reverse();
    (sides, runs)
}

/// A user's side that shows in the request, before the model's or at the end.
fn takes(sides: &[Side], at: usize) -> bool {
    sides.get(at).is_some_and(|side| side.user && side.shows)
        && sides.iter().skip(at + 1).find(|side| side.shows).is_none_or(|next| !next.user)
}

impl Side {
    fn into_turns(self) -> Vec<Turn> {
        let mut turns = self.turns;
        if !self.system.is_empty() {
            turns.push(Turn { role: Role::System, message: user(self.system).message });
        }
        turns
    }
}
