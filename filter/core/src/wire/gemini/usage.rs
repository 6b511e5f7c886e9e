//! Token counts, in the chat form: cached tokens are part of the prompt, thoughts are part of the completion.
//! <https://ai.google.dev/api/generate-content#UsageMetadata>

use super::{grounding::Requests, list, text};
use serde_json::{Map, Value};

/// Kinds of tokens that are told apart.
const KINDS: [&str; 4] = ["text", "audio", "image", "video"];

/// Tokens of each of [`KINDS`]; `None` where nothing is said of a kind.
type ByKind = [Option<u64>; 4];

fn count(usage: &Value, name: &str) -> Option<u64> {
    let value = usage.get(name)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of tokens, saturating"
    )]
    value.as_u64().or_else(|| value.as_f64().map(|number| number as u64))
}

/// Reads a list of counts by modality. Documents are text.
fn by_kind(usage: &Value, name: &str) -> ByKind {
    let mut counts: ByKind = [None; 4];
    for detail in list(usage.get(name)) {
        let kind = match text(detail, "modality").to_lowercase().as_str() {
            "document" => Some(0),
            kind => KINDS.iter().position(|known| *known == kind),
        };
        if let Some(place) = kind.and_then(|kind| counts.get_mut(kind)) {
            *place = Some(place.unwrap_or(0).saturating_add(count(detail, "tokenCount").unwrap_or(0)));
        }
    }
    counts
}

fn write(counts: ByKind, out: &mut Map<String, Value>) {
    for (kind, tokens) in KINDS.iter().zip(counts) {
        if let Some(tokens) = tokens {
            out.insert(format!("{kind}_tokens"), tokens.into());
        }
    }
}

/// The three counts every client knows, of an answer that was not given.
pub fn refused(usage: &Value) -> Value {
    sums(
        count(usage, "promptTokenCount").unwrap_or(0),
        count(usage, "candidatesTokenCount").unwrap_or(0),
        usage,
    )
    .into()
}

fn sums(prompt: u64, completion: u64, usage: &Value) -> Map<String, Value> {
    let mut own = Map::new();
    own.insert("completion_tokens".into(), completion.into());
    own.insert("prompt_tokens".into(), prompt.into());
    own.insert("total_tokens".into(), count(usage, "totalTokenCount").unwrap_or(0).into());
    own
}

/// The chat form of `usageMetadata`. `grounding` is that of the same answer: what a search found is paid for as a
/// search, other tools' results as tokens of the prompt.
pub fn chat(usage: &Value, grounding: &[Value]) -> Value {
    let requests = Requests::of(grounding);
    let tools = count(usage, "toolUsePromptTokenCount").filter(|tokens| *tokens > 0);
    let paid = if requests == Requests::default() { tools.unwrap_or(0) } else { 0 };
    let prompt = count(usage, "promptTokenCount").unwrap_or(0);
    let said = count(usage, "candidatesTokenCount").unwrap_or(0);
    let thoughts = count(usage, "thoughtsTokenCount");
    // Some models count their thoughts among what they said, others beside it.
    let inclusive = Some(prompt.saturating_add(said).saturating_add(tools.unwrap_or(0)))
        == count(usage, "totalTokenCount");
    let completion = if inclusive { said } else { said.saturating_add(thoughts.unwrap_or(0)) };

    let mut own = sums(prompt.saturating_add(paid), completion, usage);
    if let Some(details) = completion_details(usage, said, thoughts, completion) {
        own.insert("completion_tokens_details".into(), details.into());
    }
    own.insert("prompt_tokens_details".into(), prompt_details(usage, tools, &requests).into());
    if let Some(cached) = count(usage, "cachedContentTokenCount") {
        own.insert("cache_read_input_tokens".into(), cached.into());
    }
    own.into()
}

fn completion_details(
    usage: &Value,
    said: u64,
    thoughts: Option<u64>,
    completion: u64,
) -> Option<Map<String, Value>> {
    let mut kinds = by_kind(usage, "candidatesTokensDetails");
    let others = kinds.iter().skip(1).flatten().fold(0, |sum: u64, tokens| sum.saturating_add(*tokens));
    let [text, ..] = &mut kinds;
    if text.is_none() && said > 0 {
        *text = Some(said.saturating_sub(others));
    } else if text.is_none() && thoughts.is_some() {
        *text = Some(completion.saturating_sub(thoughts.unwrap_or(0)));
    }
    let mut details = Map::new();
    if let Some(thoughts) = thoughts {
        details.insert("reasoning_tokens".into(), thoughts.into());
    }
    write(kinds, &mut details);
    (!details.is_empty()).then_some(details)
}

/// Of each kind, what was not read from the cache. A cache that does not say what it holds holds text.
fn prompt_details(usage: &Value, tools: Option<u64>, requests: &Requests) -> Map<String, Value> {
    let cached = count(usage, "cachedContentTokenCount");
    let mut read = by_kind(usage, "cacheTokensDetails");
    let [text, ..] = &mut read;
    if usage.get("cacheTokensDetails").is_none() {
        *text = cached;
    }
    let mut kinds = by_kind(usage, "promptTokensDetails");
    for (all, read) in kinds.iter_mut().zip(read) {
        *all = all.map(|all| all.saturating_sub(read.unwrap_or(0)));
    }
    let mut details = Map::new();
    if let Some(cached) = cached {
        details.insert("cached_tokens".into(), cached.into());
    }
    write(kinds, &mut details);
    if let Some(tools) = tools {
        details.insert("tool_use_tokens".into(), tools.into());
    }
    for (name, requests) in
        [("web_search_requests", requests.web), ("google_maps_grounding_requests", requests.maps)]
    {
        if requests > 0 {
            details.insert(name.into(), requests.into());
        }
    }
    details
}
