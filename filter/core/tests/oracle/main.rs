//! Holds the translations to recorded facts: what `LiteLLM` sent and gave back for the same input.
//!
//! Runs the compact recordings in `fixtures/oracle`. `ORACLE=<folder of full recordings>` and
//! `PRICES=<price table>` run everything; `ORACLE_ONLY=<part of an id>` prints the differences of those cases.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a recording that is not as it should be fails the test"
)]

mod case;
mod compare;
mod costs;
mod exceptions;
mod replay;

use case::{Case, Prices};

/// Runs one recording and insists that every case in scope matches, but for the listed exceptions.
fn hold(file: &str, in_scope: impl Fn(&Case) -> bool) {
    let (cases, prices): (Vec<Case>, _) = (case::load(file), Prices::load());
    let only = std::env::var("ORACLE_ONLY").ok();
    let (mut matched, mut failed, mut stale) = (0, Vec::new(), Vec::new());
    for case in cases.iter().filter(|case| only.as_ref().is_none_or(|part| case.id.contains(part.as_str()))) {
        let differences = replay::case(case, &prices);
        if case.is_quirk() || !in_scope(case) {
            continue; // replayed all the same: nothing may panic
        }
        match (differences.is_empty(), exceptions::reason(&case.id)) {
            (true, None) => matched += 1,
            (true, Some(_)) => stale.push(case.id.as_str()),
            (false, Some(_)) if only.is_none() => {}
            (false, _) => failed.push(format!("{}\n    {}", case.id, differences.join("\n    "))),
        }
    }
    println!("{file}: {matched} match, {} do not", failed.len());
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), matched + failed.len(), failed.join("\n"));
    println!("exceptions that excuse nothing: {stale:?}");
    assert!(matched > 0 || only.is_some(), "{file}: no case");
}

/// The Responses API is another surface, and canned answers are no upstream's.
fn is_chat(case: &Case) -> bool {
    let bridged = case.upstream_url().is_some_and(|url| url.ends_with("/responses"));
    !bridged && !case.id.contains("/responses-bridge/") && !case.id.contains("/mock_")
}

#[test]
fn gemini_chat_is_as_recorded() {
    hold("gemini/chat_completions.json", |_| true);
    hold("gemini/chat_litellm_params.json", |_| true);
    hold("gemini/messages.json", |_| true);
    hold("gemini/embeddings.json", |_| true);
    hold("_proxy_http/http.json", |case| {
        ["proxy/chat/gemini/", "proxy/messages/gemini"].iter().any(|part| case.id.starts_with(part))
    });
}

#[test]
fn vertex_ai_chat_is_as_recorded() {
    hold("vertex_ai/chat_completions.json", |_| true);
    hold("vertex_ai/chat_litellm_params.json", |_| true);
    hold("vertex_ai/messages.json", |_| true);
    hold("vertex_ai/embeddings.json", |_| true);
}

#[test]
fn openai_chat_is_as_recorded() {
    hold("openai/chat_completions.json", is_chat);
}

#[test]
fn messages_are_as_recorded() {
    hold("anthropic/messages.json", |_| true);
    hold("hosted_vllm/messages.json", |_| true);
    hold("_proxy_http/http.json", |case| case.id.starts_with("proxy/messages/claude"));
}

#[test]
fn openai_chat_settings_are_as_recorded() {
    hold("openai/chat_litellm_params.json", is_chat);
}

#[test]
fn openai_embeddings_are_as_recorded() {
    hold("openai/embeddings.json", |_| true);
}

#[test]
fn openai_behind_the_proxy_is_as_recorded() {
    hold("_proxy_http/http.json", |case| {
        ["proxy/chat/gpt-4o/", "proxy/embeddings/"].iter().any(|part| case.id.starts_with(part))
            && is_chat(case)
    });
}

#[test]
fn costs_are_as_recorded() {
    costs::hold("_cost/completion_cost.json");
}
