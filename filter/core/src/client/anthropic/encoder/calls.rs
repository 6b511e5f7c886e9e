//! The tool calls of a stream: fragments by index, possibly interleaved, as blocks that do not overlap unless they must.

use super::super::{
    answer::tool_id,
    events::{Block, Delta, Empty, Event},
    names::Names,
};
use serde_json::Value;

/// Calls open at once; a stream with more is not sane, and its oldest is closed.
const MOST_OPEN: usize = 128;

/// Bytes of arguments kept for a call whose name has not come.
const MOST_HELD: usize = 64 * 1024;

/// Where blocks are written, and what they are called there.
pub(super) struct Target<'a> {
    pub names: &'a Names,
    /// The message's id.
    pub message: &'a str,
    /// The index of the next block.
    pub next: &'a mut usize,
    pub out: &'a mut Vec<u8>,
}

/// The calls that are still open.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: Vec<Call>,
    /// Indexes below have been seen.
    seen: u64,
}

#[derive(Debug, Default)]
struct Call {
    index: u64,
    id: String,
    /// The block it is written to, once it has a name.
    block: Option<usize>,
    /// Arguments that came before the name.
    held: String,
    arguments: Arguments,
}

impl Calls {
    /// One fragment, the `position`th of its chunk.
    pub(super) fn push(&mut self, position: usize, fragment: &Value, target: &mut Target) {
        let at = |pointer: &str| fragment.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (id, name, arguments) = (at("/id"), at("/function/name"), at("/function/arguments"));
        let index = fragment.get("index").and_then(Value::as_u64).unwrap_or(position as u64);
        // Some upstreams give every call the index 0: another id with a name is another call.
        let same = |call: &Call| {
            call.index == index && (id.is_empty() || call.id.is_empty() || call.id == id || name.is_empty())
        };
        let place = match self.open.iter().rposition(same) {
            Some(place) => place,
            // A rest after a call whose arguments were complete: no call of its own.
            None if id.is_empty() && name.is_empty() && index < self.seen => return,
            None => {
                self.close_whole(target.out);
                if self.open.len() >= MOST_OPEN {
                    self.open.remove(0).close(target);
                }
                self.seen = self.seen.max(index.saturating_add(1));
                self.open.push(Call { index, ..Call::default() });
                self.open.len() - 1
            }
        };
        if let Some(call) = self.open.get_mut(place) {
            if call.id.is_empty() {
                id.clone_into(&mut call.id);
            }
            if !name.is_empty() {
                call.start(name, target);
            }
            call.push(arguments, target);
        }
    }

    /// Whether there has been any.
    pub(super) fn any(&self) -> bool {
        self.seen > 0
    }

    /// Closes the calls whose arguments are complete. The others stay open: more of them may come.
    pub(super) fn close_whole(&mut self, out: &mut Vec<u8>) {
        self.open.retain(|call| {
            let Some(index) = call.block.filter(|_| call.arguments.whole()) else { return true };
            Event::ContentBlockStop { index }.write(out);
            false
        });
    }

    /// Closes all of them.
    pub(super) fn close_all(&mut self, target: &mut Target) {
        for call in self.open.drain(..) {
            call.close(target);
        }
    }
}

impl Call {
    fn start(&mut self, name: &str, target: &mut Target) {
        if self.block.is_some() {
            return;
        }
        let index = *target.next;
        *target.next = index.saturating_add(1);
        let id = tool_id(&self.id, target.message, index);
        let content_block = Block::ToolUse { id: &id, name: target.names.original(name), input: Empty {} };
        Event::ContentBlockStart { index, content_block }.write(target.out);
        self.block = Some(index);
        let held = std::mem::take(&mut self.held);
        self.push(&held, target);
    }

    fn push(&mut self, partial_json: &str, target: &mut Target) {
        if partial_json.is_empty() {
            return;
        }
        if let Some(index) = self.block {
            self.arguments.push(partial_json);
            Event::ContentBlockDelta { index, delta: Delta::Input { partial_json } }.write(target.out);
            return;
        }
        self.held.push_str(partial_json);
        if self.held.len() > MOST_HELD {
            self.start("", target);
        }
    }

    fn close(mut self, target: &mut Target) {
        self.start("", target);
        if let Some(index) = self.block {
            Event::ContentBlockStop { index }.write(target.out);
        }
    }
}

/// Knows of a JSON text that comes in pieces whether it is whole, without keeping it.
#[derive(Debug, Default)]
struct Arguments {
    begun: bool,
    depth: u32,
    in_string: bool,
    escaped: bool,
}

impl Arguments {
    fn push(&mut self, piece: &str) {
        for byte in piece.bytes() {
            self.begun |= !byte.is_ascii_whitespace();
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn whole(&self) -> bool {
        self.begun && self.depth == 0 && !self.in_string
    }
}
