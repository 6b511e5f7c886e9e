//! Models that speak: a chat, answered in sound. <https://ai.google.dev/gemini-api/docs/speech-generation>

use super::{answer, bad_request, request, text};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value, json};

/// From a request of `OpenAI`'s speech API.
pub fn body(mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    if let Some(format) =
        asked.shift_remove("response_format").filter(|format| format != "wav" && format != "pcm")
    {
        return Err(bad_request(format_args!(
            "Gemini TTS only produces raw PCM16 audio, so response_format='{}' is not supported. Supported response \
             formats: pcm, wav.",
            format.as_str().unwrap_or_default()
        )));
    }
    let input = asked.shift_remove("input").unwrap_or_default();
    let voice = asked.shift_remove("voice");
    for name in ["instructions", "speed", "stream_format"] {
        asked.shift_remove(name);
    }
    let mut chat = asked;
    chat.insert("messages".into(), json!([{ "role": "user", "content": input }]));
    chat.insert("modalities".into(), json!(["audio"]));
    if let Some(voice) = voice.filter(Value::is_string) {
        chat.insert("audio".into(), json!({ "voice": voice, "format": "pcm16" }));
    }
    request::body(chat, target)
}

/// A `chat.completion` whose message has `audio`, and what kind of sound that is.
pub fn completion(body: &Value, target: &Target) -> Result<Value, Error> {
    let mut chat = answer::completion(body, target)?;
    let parts = super::list(body.pointer("/candidates/0/content/parts"));
    let sound = parts.iter().find_map(|part| part.get("inlineData").or_else(|| part.get("inline_data")));
    let kind = sound.map(|sound| text(sound, "mimeType")).unwrap_or_default();
    if let Some(audio) = chat.pointer_mut("/choices/0/message/audio").and_then(Value::as_object_mut) {
        audio.insert("mime_type".into(), kind.into());
    }
    Ok(chat)
}
