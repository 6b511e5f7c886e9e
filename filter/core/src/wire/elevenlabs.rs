//! `ElevenLabs`' speech. <https://elevenlabs.io/docs/api-reference/text-to-speech/convert>

use super::{Decoder, Target, Voice, Wire, bedrock::segment, openai, vectors};
use crate::{error::Error, operation::Operation};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// Voices of theirs for names of `OpenAI`'s. Sorted.
const VOICES: [(&str, &str); 10] = [
    ("alloy", "21m00Tcm4TlvDq8ikWAM"),
    ("amber", "5Q0t7uMcjvnagumLfvZi"),
    ("ash", "AZnzlk1XvdvUeBnXmlld"),
    ("august", "D38z5RcWu1voky8WS1ja"),
    ("blue", "2EiwWnXFnvU5JabPnv8n"),
    ("coral", "9BWtsMINqrJLrRacOk9x"),
    ("lily", "EXAVITQu4vr4xnSDxMaL"),
    ("onyx", "29vD33N1CtxCmqQRPOHJ"),
    ("sage", "CwhRBWXzGAHq8TQ4Fs17"),
    ("verse", "CYw3kZ02Hs0563khs1Fj"),
];

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let voice = segment(&voice(target).unwrap_or_default(), b"");
        match setting(target, "response_format").as_deref() {
            None => format!("/v1/text-to-speech/{voice}"),
            Some(format) => {
                format!("/v1/text-to-speech/{voice}?output_format={}", segment(encoding(format), b""))
            }
        }
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Speech
    }

    fn voice(&self) -> Option<Voice> {
        Some(Voice::Sound)
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        if voice(target).is_none() {
            return Err(Error {
                param: Some("voice".into()),
                ..Error::invalid("ElevenLabs voice_id is required. Pass `voice`.")
            });
        }
        let speed = asked.shift_remove("speed").filter(Value::is_number);
        // The voice and the format are in the path.
        for name in ["voice", "response_format", "instructions", "stream_format"] {
            asked.shift_remove(name);
        }
        let (text, model) = (asked.shift_remove("input"), asked.shift_remove("model"));
        asked.insert("text".into(), text.unwrap_or_default());
        asked.insert("model_id".into(), model.unwrap_or_default());
        if let Some(speed) = speed
            && let Some(settings) = asked.entry("voice_settings").or_insert_with(|| json!({})).as_object_mut()
        {
            settings.insert("speed".into(), speed);
        }
        Ok(asked.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        Err(openai::without("sound", &body, target.provider().facts()))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// A text of the client's request, or else of the deployment's settings.
fn setting(target: &Target, name: &str) -> Option<String> {
    let asked = target.call.field(name).and_then(|text| serde_json::from_str::<String>(text).ok());
    let set = || target.deployment.params.get(name).and_then(Value::as_str).map(str::to_owned);
    asked.or_else(set).filter(|text| !text.trim().is_empty())
}

/// The id of who is to speak.
fn voice(target: &Target) -> Option<String> {
    let asked = setting(target, "voice")?;
    let name = Some(asked.trim()).filter(|name| !matches!(*name, "." | ".."))?;
    let known = VOICES.binary_search_by(|(known, _)| (*known).cmp(name.to_ascii_lowercase().as_str()));
    let id = known.ok().and_then(|at| VOICES.get(at)).map_or(name, |(_, id)| *id);
    Some(id.to_owned())
}

/// Its own word for one of `OpenAI`'s formats.
fn encoding(format: &str) -> &str {
    match format {
        "mp3" => "mp3_44100_128",
        "opus" => "opus_48000_128",
        "pcm" => "pcm_44100",
        own => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_voices_are_sorted() {
        assert!(VOICES.is_sorted());
    }
}
