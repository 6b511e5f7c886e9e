//! Recorded facts that the gateway does not repeat, each with its reason. Nothing in the product looks at an id.

mod bedrock;
mod common;
mod differences;
mod fetched;
mod google;
mod hosted;
mod oci;
mod ollama;
mod replicate;
mod responses;
mod texts_and_sounds;

use super::table::Line;

/// A sentence, and the patterns that it is about (`*` is any text).
type Reason = (&'static str, &'static [&'static str]);

/// By the ids of the cases.
const CASES: &[&[Reason]] = &[
    common::CASES,
    bedrock::CASES,
    fetched::CASES,
    google::CASES,
    hosted::CASES,
    oci::CASES,
    ollama::CASES,
    replicate::CASES,
    responses::CASES,
    texts_and_sounds::CASES,
];

/// By what differs.
const DIFFERENCES: &[&[Reason]] = &[differences::ALL, texts_and_sounds::DIFFERENCES];

/// The reasons why a case may have these differences; `None` if it may not.
pub fn reasons(id: &str, differences: &[String]) -> Option<Vec<&'static str>> {
    let listed = |list: &[Reason], text: &str| {
        let of = |(_, patterns): &&Reason| patterns.iter().any(|pattern| matches(pattern, text));
        list.iter().find(of).map(|(reason, _)| *reason)
    };
    if let Some(reason) = CASES.iter().find_map(|area| listed(area, id)) {
        return Some(vec![reason]);
    }
    let excuse = |line: &String| DIFFERENCES.iter().find_map(|area| listed(area, line));
    differences.iter().map(excuse).collect()
}

/// Every reason, with the number of cases that it excuses in these lines.
pub fn show(lines: &[Line]) -> String {
    let excused = |reason: &str| lines.iter().filter_map(|line| line.reasons.get(reason)).sum::<usize>();
    let mut reasons: Vec<&str> =
        CASES.iter().chain(DIFFERENCES).copied().flatten().map(|(reason, _)| *reason).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons.iter().map(|reason| format!("{:>5}  {reason}", excused(reason))).collect::<Vec<_>>().join("\n")
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            rest.is_empty()
                || text.char_indices().any(|(at, _)| text.get(at..).is_some_and(|text| matches(rest, text)))
        }),
    }
}
