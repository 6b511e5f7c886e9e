//! Names of tools and ids of their calls, as the API takes them.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html>

use crate::wire::{anthropic::names::Rule, bedrock::hex};
use sha2::{Digest, Sha256};

/// A letter, then letters, digits, `_` and `-`.
pub const RULE: Rule = Rule { is_valid, cleaned };

fn is_valid(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_valid_char)
}

fn is_valid_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn cleaned(name: &str, length: usize) -> String {
    let first = if name.starts_with(|c: char| c.is_alphabetic()) { "" } else { "a" };
    let chars = first.chars().chain(name.chars());
    chars.take(length).map(|c| if is_valid_char(c) { c } else { '_' }).collect()
}

/// Bytes of an id.
const MAX_ID: usize = 64;

/// A call's id: `[a-zA-Z0-9_.:-]{1,64}`. One that has to be changed gets some of its hash, so that it stays apart from
/// others.
pub fn call_id(id: &str) -> String {
    let valid = |c: char| is_valid_char(c) || c == '.' || c == ':';
    if (1..=MAX_ID).contains(&id.len()) && id.chars().all(valid) {
        return id.to_owned();
    }
    let hash = hex(&Sha256::digest(id), 4);
    let mut own: String = id.chars().map(|c| if valid(c) { c } else { '_' }).collect();
    own.truncate(MAX_ID - hash.len() - 1);
    if own.is_empty() {
        own.push_str("tool_use_id");
    }
    format!("{own}_{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_with_a_letter() {
        assert!(is_valid("get_weather-2") && !is_valid("2fast") && !is_valid("a.b") && !is_valid(""));
        assert_eq!(cleaned("2fast.me", 99), "a2fast_me");
        assert!(is_valid(&cleaned("\u{e9}t\u{e9}", 99).replacen('_', "a", 1)));
    }

    #[test]
    fn ids_that_are_changed_stay_apart() {
        assert_eq!(call_id("call_abc"), "call_abc");
        assert_eq!(call_id("call.1/\u{e4}:x"), "call.1__:x_0033101e");
        assert_ne!(call_id(&"x".repeat(65)), call_id(&"x".repeat(66)));
        assert_eq!(call_id(&"x".repeat(65)).len(), 64);
    }
}
