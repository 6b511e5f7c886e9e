//! Google Cloud's Text-to-Speech.
//! <https://cloud.google.com/text-to-speech/docs/reference/rest/v1/text/synthesize>

use super::{Decoder, Target, Voice, Wire, gemini, openai, vectors};
use crate::{error::Error, operation::Operation, providers::Facts};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// Who speaks where nobody is asked for.
const VOICE: &str = "en-US-Studio-O";

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        target.provider().path(target).unwrap_or_else(|| "/v1/text:synthesize".into())
    }

    fn headers(&self, _asked: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let project = target.deployment.params.get("vertex_project").and_then(Value::as_str);
        let project = project.map(|project| ("x-goog-user-project".to_owned(), project.to_owned()));
        [("charset".to_owned(), "UTF-8".to_owned())].into_iter().chain(project).collect()
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Speech
    }

    fn voice(&self) -> Option<Voice> {
        Some(Voice::Held)
    }

    fn request(&self, asked: Map<String, Value>, _target: &Target) -> Result<Value, Error> {
        let text = |name: &str| asked.get(name).and_then(Value::as_str);
        let input = text("input").unwrap_or_default();
        let kind = if input.trim_start().starts_with("<speak>") { "ssml" } else { "text" };
        let mut sound = match asked.get("audioConfig") {
            Some(Value::Object(sound)) => sound.clone(),
            _ => Map::new(),
        };
        sound.entry("audioEncoding").or_insert_with(|| encoding(text("response_format")).into());
        let speed = asked.get("speed").filter(|speed| speed.is_number()).map(Value::to_string);
        sound.entry("speakingRate").or_insert_with(|| speed.unwrap_or_else(|| "1".into()).into());
        Ok(json!({ "input": { kind: input }, "voice": voice(asked.get("voice")), "audioConfig": sound }))
    }

    fn answer(&self, mut body: Value, target: &Target) -> Result<Value, Error> {
        match body.get_mut("audioContent").map(Value::take) {
            Some(sound) => Ok(json!({ "choices": [{ "message": { "audio": { "data": sound } } }] })),
            None => Err(openai::without("audioContent", &body, target.provider().facts())),
        }
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        gemini::error(facts, status, body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// A voice of Google's, by its name or by one of `OpenAI`'s; its language is in its name.
fn voice(asked: Option<&Value>) -> Value {
    let name = match asked {
        Some(own @ Value::Object(_)) => return own.clone(),
        Some(Value::String(name)) => name.as_str(),
        _ => VOICE,
    };
    let name = match name {
        "alloy" | "nova" => VOICE,
        "echo" => "en-US-Studio-M",
        "fable" => "en-GB-Studio-B",
        "onyx" => "en-US-Wavenet-D",
        "shimmer" => "en-US-Wavenet-F",
        own => own,
    };
    let mut parts = name.splitn(3, '-');
    let language = match (parts.next(), parts.next()) {
        (Some(language), Some(country)) => format!("{language}-{country}"),
        _ => "en-US".into(),
    };
    json!({ "languageCode": language, "name": name })
}

/// What is nearest to one of `OpenAI`'s formats.
fn encoding(format: Option<&str>) -> &str {
    match format {
        Some("mp3" | "aac") => "MP3",
        Some("opus") => "OGG_OPUS",
        Some("flac") => "FLAC",
        None | Some("wav" | "pcm") => "LINEAR16",
        Some(own) => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_tells_its_language() {
        let of = |name: &str| voice(Some(&name.into()));
        assert_eq!(of("fable"), json!({ "languageCode": "en-GB", "name": "en-GB-Studio-B" }));
        assert_eq!(of("de-DE-Wavenet-A")["languageCode"], "de-DE");
        assert_eq!(of("somebody")["languageCode"], "en-US");
        let own = json!({ "languageCode": "fr-FR", "name": "x" });
        assert_eq!(voice(Some(&own)), own);
    }
}
