//! Tool names: Anthropic allows 128 characters, `OpenAI` 64. Longer ones are shortened on the way up and restored on
//! the way down, as `LiteLLM` does.

use memchr::memmem;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

const LONGEST: usize = 64;
/// What is kept of a longer name; `_` and eight hexadecimal digits of its SHA-256 follow.
const KEPT: usize = 55;

/// The shortened names of one request, and what they stand for. Nearly always empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names(Vec<(String, String)>);

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    tools: Vec<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    name: Option<String>,
}

impl Names {
    /// The names shortened in the client's request.
    pub(super) fn of(body: &[u8]) -> Self {
        if memmem::find(body, b"\"tools\"").is_none() {
            return Self::default();
        }
        let tools = serde_json::from_slice::<Body>(body).map(|body| body.tools).unwrap_or_default();
        let long = tools.into_iter().filter_map(|tool| tool.name).filter(|name| is_long(name));
        Self(long.map(|name| (short(name.clone()), name)).collect())
    }

    /// The client's own name for a tool.
    pub(super) fn original<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.iter().find(|(short, _)| short == name).map_or(name, |(_, original)| original)
    }
}

/// A name every upstream takes.
pub(super) fn short(name: String) -> String {
    if !is_long(&name) {
        return name;
    }
    let mut short: String = name.chars().take(KEPT).collect();
    short.push('_');
    for byte in Sha256::digest(&name).iter().take(4) {
        // Writing to a string cannot fail.
        let _ = write!(short, "{byte:02x}");
    }
    short
}

fn is_long(name: &str) -> bool {
    name.len() > LONGEST && name.chars().count() > LONGEST
}
