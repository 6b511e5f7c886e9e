//! The items of a response in the making.

use super::super::{
    answer::{call_item, note, refusal_part, said, summary_part, text_part, thinking},
    custom::Names,
    events::Writer,
    reasoning, text,
};
use serde_json::Value;

/// What a model says without calling a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What it thinks.
    Thought,
    /// What it says.
    Text,
    /// Why it says nothing.
    Refusal,
}

/// The items so far: those that are complete, the one that is being said, the calls that are being made.
#[derive(Debug)]
pub struct Items {
    /// What the ids of items end with, before their number.
    stem: String,
    names: Names,
    done: Vec<(u64, Value)>,
    next: u64,
    open: Option<Open>,
    calls: Vec<Call>,
    kept: usize,
}

#[derive(Debug)]
struct Open {
    kind: Kind,
    at: u64,
    id: String,
    text: String,
    /// What is cited; signed thoughts.
    extras: Vec<Value>,
}

#[derive(Debug)]
struct Call {
    index: u64,
    at: u64,
    item: String,
    id: String,
    name: String,
    arguments: String,
}

/// Calls made at once; a stream with more is not sane.
const MOST_CALLS: usize = 128;

impl Items {
    /// None yet.
    pub fn new(stem: &str, names: Names) -> Self {
        let (done, calls) = (Vec::new(), Vec::new());
        Self { stem: stem.to_owned(), names, done, next: 0, open: None, calls, kept: 0 }
    }

    /// Bytes that are kept.
    pub fn kept(&self) -> usize {
        self.kept
    }

    fn take_place(&mut self, prefix: &str) -> (u64, String) {
        let at = self.next;
        self.next = at.saturating_add(1);
        (at, format!("{prefix}{}{at}", self.stem))
    }

    /// More is said.
    pub fn say(&mut self, kind: Kind, text: &str, writer: &mut Writer, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        self.open(kind, writer, out);
        self.kept = self.kept.saturating_add(text.len());
        if let Some(open) = &mut self.open {
            open.text.push_str(text);
            open.write(kind.delta(), "delta", text.into(), writer, out);
        }
    }

    /// What was thought is signed.
    pub fn sign(&mut self, block: &Value, writer: &mut Writer, out: &mut Vec<u8>) {
        let (signature, data) = (text(block, "signature"), text(block, "data"));
        if signature.is_empty() && data.is_empty() {
            return;
        }
        self.open(Kind::Thought, writer, out);
        self.kept = self.kept.saturating_add(signature.len() + data.len());
        if let Some(open) = &mut self.open {
            let mut block = block.clone();
            if let (Some(block), true) = (block.as_object_mut(), data.is_empty()) {
                block.insert("type".into(), "thinking".into());
                block.insert("thinking".into(), open.unsigned().into());
            }
            open.extras.push(block);
        }
    }

    /// Something is cited in what is being said.
    pub fn cite(&mut self, cited: &Value, writer: &mut Writer, out: &mut Vec<u8>) {
        self.open(Kind::Text, writer, out);
        if let Some(open) = &mut self.open {
            let cited = note(cited);
            self.kept = self.kept.saturating_add(cited.to_string().len());
            let fields = [
                ("item_id", open.id.as_str().into()),
                ("output_index", open.at.into()),
                ("content_index", 0.into()),
                ("annotation_index", open.extras.len().into()),
                ("annotation", cited.clone()),
            ];
            writer.write("response.output_text.annotation.added", fields, out);
            open.extras.push(cited);
        }
    }

    /// An item that comes in one piece.
    pub fn whole(
        &mut self,
        make: impl FnOnce(&str) -> Option<Value>,
        writer: &mut Writer,
        out: &mut Vec<u8>,
    ) {
        self.close("completed", writer, out);
        let (at, id) = self.take_place("ig_");
        let Some(item) = make(&id) else { return };
        self.kept = self.kept.saturating_add(item.to_string().len());
        for kind in ["response.output_item.added", "response.output_item.done"] {
            writer.write(kind, [("output_index", at.into()), ("item", item.clone())], out);
        }
        self.done.push((at, item));
    }

    /// A fragment of a call, the `position`th of its chunk.
    pub fn call(&mut self, position: usize, fragment: &Value, writer: &mut Writer, out: &mut Vec<u8>) {
        let function = fragment.get("function").unwrap_or(&Value::Null);
        let (id, name) = (text(fragment, "id"), text(function, "name"));
        let index = fragment.get("index").and_then(Value::as_u64).unwrap_or(position as u64);
        // Some upstreams give every call the index 0: another id with a name is another call.
        let same = |call: &Call| {
            call.index == index && (id.is_empty() || call.id.is_empty() || call.id == id || name.is_empty())
        };
        let place = match self.calls.iter().rposition(same) {
            Some(place) => place,
            None if self.calls.len() >= MOST_CALLS => return,
            None => self.begin(index, id, name, writer, out),
        };
        let Some(call) = self.calls.get_mut(place) else { return };
        if call.name.is_empty() {
            name.clone_into(&mut call.name);
        }
        let arguments = text(function, "arguments");
        if arguments.is_empty() {
            return;
        }
        call.arguments.push_str(arguments);
        self.kept = self.kept.saturating_add(arguments.len());
        // What a tool of free form is given is inside these, and is told when they are whole.
        if !self.names.has(&call.name) {
            let fields = [
                ("item_id", call.item.as_str().into()),
                ("output_index", call.at.into()),
                ("delta", arguments.into()),
            ];
            writer.write("response.function_call_arguments.delta", fields, out);
        }
    }

    /// Begins a call; gives its place among the calls.
    fn begin(&mut self, index: u64, id: &str, name: &str, writer: &mut Writer, out: &mut Vec<u8>) -> usize {
        self.close("completed", writer, out);
        let (at, item) = self.take_place("fc_");
        let id = if id.is_empty() { item.clone() } else { id.to_owned() };
        let call = Call { index, at, item, id, name: name.to_owned(), arguments: String::new() };
        let begun = call.item(&self.names, "in_progress");
        writer.write("response.output_item.added", [("output_index", at.into()), ("item", begun)], out);
        self.calls.push(call);
        self.calls.len() - 1
    }

    fn open(&mut self, kind: Kind, writer: &mut Writer, out: &mut Vec<u8>) {
        if self.open.as_ref().is_some_and(|open| open.kind == kind) {
            return;
        }
        self.close("completed", writer, out);
        let (at, id) = self.take_place(if kind == Kind::Thought { "rs_" } else { "msg_" });
        let open = Open { kind, at, id, text: String::new(), extras: Vec::new() };
        let begun = match kind {
            Kind::Thought => thinking(&open.id, "", None, "in_progress"),
            Kind::Text | Kind::Refusal => said(&open.id, Vec::new(), "in_progress"),
        };
        writer.write("response.output_item.added", [("output_index", at.into()), ("item", begun)], out);
        open.write(kind.part("added"), "part", open.part(true), writer, out);
        self.open = Some(open);
    }

    /// What is being said is complete.
    fn close(&mut self, status: &str, writer: &mut Writer, out: &mut Vec<u8>) {
        let Some(open) = self.open.take() else { return };
        let (done, name) = open.kind.done();
        open.write(done, name, open.text.as_str().into(), writer, out);
        open.write(open.kind.part("done"), "part", open.part(false), writer, out);
        let item = match open.kind {
            Kind::Thought => thinking(&open.id, &open.text, reasoning::sealed(&open.extras), "completed"),
            Kind::Text | Kind::Refusal => said(&open.id, vec![open.part(false)], status),
        };
        writer.write(
            "response.output_item.done",
            [("output_index", open.at.into()), ("item", item.clone())],
            out,
        );
        self.done.push((open.at, item));
    }

    /// All is said: the whole output.
    pub fn finish(&mut self, status: &str, writer: &mut Writer, out: &mut Vec<u8>) -> Vec<Value> {
        self.close(status, writer, out);
        for call in std::mem::take(&mut self.calls) {
            let item = call.item(&self.names, "completed");
            let whole = |name: &str| item.get(name).cloned().unwrap_or_default();
            let mut tell = |kind: &str, name: &str, value: Value| {
                let (id, at) = (call.item.as_str().into(), call.at.into());
                writer.write(kind, [("item_id", id), ("output_index", at), (name, value)], out);
            };
            if self.names.has(&call.name) {
                tell("response.custom_tool_call_input.delta", "delta", whole("input"));
                tell("response.custom_tool_call_input.done", "input", whole("input"));
            } else {
                tell("response.function_call_arguments.done", "arguments", whole("arguments"));
            }
            let fields = [("output_index", call.at.into()), ("item", item.clone())];
            writer.write("response.output_item.done", fields, out);
            self.done.push((call.at, item));
        }
        let mut done = std::mem::take(&mut self.done);
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, item)| item).collect()
    }
}

impl Kind {
    fn delta(self) -> &'static str {
        match self {
            Self::Thought => "response.reasoning_summary_text.delta",
            Self::Text => "response.output_text.delta",
            Self::Refusal => "response.refusal.delta",
        }
    }

    /// The event that says all of it once more, and the name of that there.
    fn done(self) -> (&'static str, &'static str) {
        match self {
            Self::Thought => ("response.reasoning_summary_text.done", "text"),
            Self::Text => ("response.output_text.done", "text"),
            Self::Refusal => ("response.refusal.done", "refusal"),
        }
    }

    fn part(self, what: &str) -> &'static str {
        match (self, what) {
            (Self::Thought, "added") => "response.reasoning_summary_part.added",
            (Self::Thought, _) => "response.reasoning_summary_part.done",
            (_, "added") => "response.content_part.added",
            _ => "response.content_part.done",
        }
    }
}

impl Open {
    /// The part that this item consists of; empty as it begins.
    fn part(&self, empty: bool) -> Value {
        let text = if empty { String::new() } else { self.text.clone() };
        match self.kind {
            Kind::Thought => summary_part(&text),
            Kind::Text => text_part(text, if empty { Vec::new() } else { self.extras.clone() }),
            Kind::Refusal => refusal_part(text),
        }
    }

    /// What was thought since the last signature.
    fn unsigned(&self) -> String {
        let signed = |block: &Value| text(block, "thinking").len();
        let before = self.extras.iter().map(signed).sum();
        self.text.get(before..).unwrap_or_default().to_owned()
    }

    fn write(&self, kind: &str, name: &str, value: Value, writer: &mut Writer, out: &mut Vec<u8>) {
        let index = if self.kind == Kind::Thought { "summary_index" } else { "content_index" };
        let fields = [
            ("item_id", self.id.as_str().into()),
            ("output_index", self.at.into()),
            (index, 0.into()),
            (name, value),
        ];
        writer.write(kind, fields, out);
    }
}

impl Call {
    fn item(&self, names: &Names, status: &str) -> Value {
        call_item(&self.item, &self.id, &self.name, &self.arguments, names, status)
    }
}
