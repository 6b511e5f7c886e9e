//! From text to sound, whoever speaks. <https://platform.openai.com/docs/api-reference/audio/createSpeech>

use super::{Answer, Flow, Outgoing, Pairing, Through, passing::Passing};
use crate::{
    error::Error,
    sound,
    usage::Usage,
    wire::{Target, Voice, openai},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// Any format that has a voice.
pub struct Speech;

impl Pairing for Speech {
    fn request(&self, target: &Target) -> Result<Outgoing, Error> {
        Through.request(target)
    }

    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error> {
        let facts = target.provider().facts();
        let json = serde_json::from_slice::<Value>(body);
        if target.wire().voice() == Some(Voice::Sound) {
            return match json {
                Ok(said @ Value::Object(_)) => Err(openai::without("sound", &said, facts)),
                _ => Ok(sounds(body.to_vec(), target.call.expected())),
            };
        }
        let json = json.map_err(|e| Error::unreadable(facts, body, &e))?;
        let chat = target.wire().answer(json, target)?;
        let audio = chat.pointer("/choices/0/message/audio");
        let field = |name: &str| audio.and_then(|audio| audio.get(name)?.as_str()).unwrap_or_default();
        let file = STANDARD.decode(field("data")).unwrap_or_default();
        if file.is_empty() {
            return Err(openai::without("sound", &chat, facts));
        }
        let usage = chat.get("usage").and_then(Usage::read).unwrap_or_else(|| target.call.expected());
        Ok(sounds(playable(file, field("mime_type"), target), usage))
    }

    fn flow(&self, target: &Target) -> Box<dyn Flow> {
        Box::new(Passing(target.call.expected()))
    }
}

fn sounds(body: Vec<u8>, usage: Usage) -> Answer {
    Answer { content_type: sound::media_type(&body).into(), body, usage }
}

/// Samples (`audio/L16;rate=24000`) become a file, but for a client that wants them as they are.
fn playable(file: Vec<u8>, media_type: &str, target: &Target) -> Vec<u8> {
    let mut parameters = media_type.split(';').map(str::trim);
    let samples = parameters.next().is_some_and(|kind| kind.eq_ignore_ascii_case("audio/l16"));
    if !samples || target.call.field("response_format") == Some("\"pcm\"") {
        return file;
    }
    let rate = parameters.find_map(|parameter| parameter.strip_prefix("rate=")?.parse().ok());
    sound::wave(&file, rate.unwrap_or(24_000))
}

#[cfg(test)]
mod tests {
    use crate::{call::Call, deployment::Deployment, operation::Operation, translate};
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde_json::json;

    fn spoken(format: &str) -> Result<translate::Answer, crate::error::Error> {
        let body = json!({ "model": "m", "input": "Hi", "voice": "Kore", "response_format": format });
        let call = Call::parse(Operation::Speech, body.to_string().into_bytes())?;
        let model = "gemini-2.5-flash-preview-tts".into();
        let deployment = Deployment { provider: "gemini".into(), model, ..Deployment::default() };
        translate::request(&call, &deployment)?;
        let data = STANDARD.encode([1, 2, 3, 4]);
        let part = json!({ "inlineData": { "mimeType": "audio/L16;codec=pcm;rate=16000", "data": data } });
        let usage = json!({ "promptTokenCount": 2, "candidatesTokenCount": 9, "totalTokenCount": 11 });
        let answer = json!({ "candidates": [{ "content": { "parts": [part] } }], "usageMetadata": usage });
        translate::answer(&call, &deployment, 200, answer.to_string().as_bytes(), 1)
    }

    #[test]
    fn samples_are_a_file_for_whoever_does_not_want_them_as_they_are() {
        let file = spoken("wav").unwrap();
        assert_eq!((file.content_type.as_ref(), file.body.len(), file.usage.total()), ("audio/wav", 48, 11));
        assert_eq!(file.body[24..28], 16_000_u32.to_le_bytes());
        assert_eq!(spoken("pcm").unwrap().body, [1, 2, 3, 4]);
        assert_eq!(spoken("opus").unwrap_err().status, 400);
    }

    #[test]
    fn a_path_is_no_voice() {
        let elevenlabs =
            Deployment { provider: "elevenlabs".into(), model: "m".into(), ..Deployment::default() };
        for (voice, path) in [("a/b", Some("/v1/text-to-speech/a%2Fb")), ("..", None), (" ", None)] {
            let body = json!({ "model": "m", "input": "Hi", "voice": voice });
            let call = Call::parse(Operation::Speech, body.to_string().into_bytes()).unwrap();
            let sent = translate::request(&call, &elevenlabs);
            assert_eq!(sent.ok().map(|sent| sent.path).as_deref(), path);
        }
    }
}
