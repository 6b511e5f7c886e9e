//! Deepgram's transcription: the recording as it is, everything else in the query.
//! <https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded>

use super::{Decoder, Scribe, Target, Wire, bedrock::segment, openai, vectors};
use crate::{error::Error, operation::Operation, sound, translate::Outgoing};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, _target: &Target) -> String {
        "/listen".into()
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Transcription
    }

    fn scribe(&self) -> Option<&'static dyn Scribe> {
        Some(&Self)
    }

    fn request(&self, _asked: Map<String, Value>, _target: &Target) -> Result<Value, Error> {
        Err(Error::invalid("Deepgram takes recordings only"))
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        Scribe::answer(self, body, target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

impl Scribe for This {
    fn request(
        &self,
        asked: Map<String, Value>,
        headers: Vec<(String, String)>,
        target: &Target,
    ) -> Result<Outgoing, Error> {
        let (part, file) = target.call.recording().ok_or_else(|| Error::invalid("file: field required"))?;
        let query: Vec<String> = asked.iter().flat_map(|(name, value)| pairs(name, value)).collect();
        let path = target.deployment.path(&format!("/listen?{}", query.join("&")));
        let content_type = part.content_type.clone().unwrap_or_else(|| sound::media_type(file).to_owned());
        Ok(Outgoing { path, headers, content_type: content_type.into(), body: file.to_vec() })
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let Some(channel) = body.pointer("/results/channels/0") else {
            return Err(openai::without("results", &body, target.provider().facts()));
        };
        let said = channel.pointer("/alternatives/0").unwrap_or(&Value::Null);
        let words = said.get("words").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut answer = json!({
            "text": transcript(said, words),
            "task": "transcribe",
            "language": channel.get("detected_language").filter(|language| language.is_string()).unwrap_or(&json!("en")),
            "duration": body.pointer("/metadata/duration"),
        });
        if let (Some(answer), false) = (answer.as_object_mut(), words.is_empty()) {
            let plain = |word: &Value| json!({ "word": word.get("word"), "start": word.get("start"), "end": word.get("end") });
            answer.insert("words".into(), words.iter().map(plain).collect());
        }
        Ok(answer)
    }
}

/// `name=value`, once for each of a list.
fn pairs(name: &str, value: &Value) -> Vec<String> {
    let pair = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{}={}", segment(name, b""), segment(&text, b""))
    };
    match value {
        Value::Array(values) => values.iter().map(pair).collect(),
        value => vec![pair(value)],
    }
}

/// What was said; where speakers are told apart, who said it.
fn transcript(said: &Value, words: &[Value]) -> String {
    let text = |of: Option<&Value>| of.and_then(Value::as_str).unwrap_or_default().to_owned();
    if words.first().is_none_or(|word| word.get("speaker").is_none()) {
        return text(said.get("transcript"));
    }
    if let Some(paragraphs) = said.pointer("/paragraphs/transcript") {
        return text(Some(paragraphs));
    }
    let speaker = |word: &Value| word.get("speaker").map(Value::to_string).unwrap_or_default();
    let turns = words.chunk_by(|a, b| a.get("speaker") == b.get("speaker")).map(|turn| {
        let words = turn.iter().map(|word| text(word.get("punctuated_word").or_else(|| word.get("word"))));
        let who = turn.first().map(speaker).unwrap_or_default();
        format!("Speaker {who}: {}", words.collect::<Vec<_>>().join(" "))
    });
    turns.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speakers_are_told_apart_where_the_answer_does() {
        let word = |speaker: u8, word: &str| json!({ "word": word, "speaker": speaker });
        let words = [word(0, "hello"), word(0, "there"), word(1, "hi")];
        assert_eq!(
            transcript(&json!({ "transcript": "x" }), &words),
            "Speaker 0: hello there\nSpeaker 1: hi"
        );
        assert_eq!(transcript(&json!({ "transcript": "x" }), &[]), "x");
    }

    #[test]
    fn nothing_in_a_setting_ends_the_query() {
        assert_eq!(pairs("a", &json!("b&c=d #")), ["a=b%26c%3Dd%20%23"]);
        assert_eq!(pairs("k", &json!(["x", 2])), ["k=x", "k=2"]);
    }
}
