//! A request to generate content, turned into a chat request.

use super::{config, contents, refused, take, tools};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value, json};

/// A request in the internal form. What only tunes Google's own service (`safetySettings`, `labels`) stays behind.
pub fn chat(mut body: Map<String, Value>, target: &Target) -> Result<Map<String, Value>, Error> {
    if take(&mut body, "cachedContent").is_some() {
        let slug = target.provider().facts().slug;
        return Err(refused("cachedContent", &format!("{slug} does not know what Google has cached")));
    }
    let mut chat = Map::new();
    let (system, turns) = (take(&mut body, "systemInstruction"), take(&mut body, "contents"));
    chat.insert("messages".into(), contents::messages(system, turns)?);
    tools::put(take(&mut body, "tools"), take(&mut body, "toolConfig"), target, &mut chat)?;
    if let Some(settings) = take(&mut body, "generationConfig") {
        let Value::Object(settings) = settings else {
            return Err(refused("generationConfig", "must be an object"));
        };
        config::put(settings, target, &mut chat);
    }
    if target.call.stream {
        chat.insert("stream".into(), true.into());
        chat.insert("stream_options".into(), json!({ "include_usage": true }));
    }
    Ok(chat)
}
