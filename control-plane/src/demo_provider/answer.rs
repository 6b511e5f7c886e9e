//! What the demo provider says, in no format yet.

use serde_json::{Map, Value, json};

/// One answer.
pub(super) struct Answer {
    /// In pieces, as a stream sends it.
    pub pieces: Vec<String>,
    /// The tool it wants called, instead of text.
    pub call: Option<Call>,
    /// It was cut at the number of tokens allowed.
    pub cut: bool,
}

/// A call of a tool.
pub(super) struct Call {
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    pub arguments: Value,
}

/// A tool the client offers: its name and the schema of its arguments.
pub(super) struct Tool<'a> {
    pub name: &'a str,
    pub schema: &'a Value,
}

impl Answer {
    /// To what the user said last.
    pub fn to(said: &str) -> Self {
        let said: String = said.chars().take(400).collect();
        Self::saying(&match said.trim() {
            "" => "This is Tianji's demo provider. You have said nothing yet.".to_owned(),
            said => format!("This is Tianji's demo provider. You said: {said}"),
        })
    }

    /// To what a tool gave.
    pub fn to_tool(result: &str) -> Self {
        let result: String = result.chars().take(400).collect();
        Self::saying(&format!("The tool answered: {result}"))
    }

    /// A call of this tool, with arguments that fit its schema.
    pub fn calling(tool: &Tool) -> Self {
        let call = Call { name: tool.name.into(), arguments: sample(tool.schema, 0) };
        Self { pieces: Vec::new(), call: Some(call), cut: false }
    }

    fn saying(text: &str) -> Self {
        Self { pieces: text.split_inclusive(' ').map(Into::into).collect(), call: None, cut: false }
    }

    /// Cut after so many tokens; a piece is one.
    pub fn limited(mut self, most: Option<u64>) -> Self {
        let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        self.cut = self.pieces.len() > most;
        self.pieces.truncate(most);
        self
    }

    /// All of the text.
    pub fn text(&self) -> String {
        self.pieces.concat()
    }

    /// Tokens of the answer.
    pub fn tokens(&self) -> usize {
        self.pieces.len() + self.call.as_ref().map_or(0, |call| super::tokens(&call.arguments) + 5)
    }
}

/// The simplest value of a schema.
fn sample(schema: &Value, depth: usize) -> Value {
    if let Some(first) = schema.get("enum").and_then(|choices| choices.get(0)) {
        return first.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "demo".into(),
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        Some("array") => json!([]),
        _ if depth < 8 => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let sampled =
                properties.into_iter().flatten().map(|(name, p)| (name.clone(), sample(p, depth + 1)));
            Value::Object(sampled.collect::<Map<_, _>>())
        }
        _ => json!({}),
    }
}
