//! From sound to text, whoever writes it down.
//! <https://platform.openai.com/docs/api-reference/audio/createTranscription>

use super::{Answer, Flow, Outgoing, Pairing, passing::Passing};
use crate::{
    error::Error,
    parameters,
    usage::Usage,
    wire::{Scribe, Target, openai},
};
use serde_json::Value;

/// Any format that has a scribe.
pub struct Transcription;

impl Pairing for Transcription {
    fn request(&self, target: &Target) -> Result<Outgoing, Error> {
        let Some(form) = &target.call.form else { return Err(Error::invalid("a form is needed")) };
        let mut asked = form.settings(&target.call.body);
        let extra = parameters::apply(&mut asked, target.deployment);
        asked.insert("model".into(), target.deployment.model.as_str().into());
        target.provider().fit_transcription(&mut asked, target.deployment)?;
        let wire = target.wire();
        let headers = wire.join(wire.headers(&asked, target), extra);
        scribe(target)?.request(asked, headers, target)
    }

    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error> {
        let facts = target.provider().facts();
        let answer = match serde_json::from_slice::<Value>(body) {
            Ok(answer @ Value::Object(_)) => answer,
            _ if wants_text(target) && !body.is_empty() => {
                let (content_type, usage) = ("text/plain; charset=utf-8".into(), target.call.expected());
                return Ok(Answer { content_type, body: body.to_vec(), usage });
            }
            _ => return Err(Error::unreadable(facts, body, &"no transcript")),
        };
        let answer = scribe(target)?.answer(answer, target)?;
        if !answer.get("text").is_some_and(Value::is_string) {
            return Err(openai::without("text", &answer, facts));
        }
        let usage = used(&answer, target);
        Ok(Answer::json(answer.to_string().into_bytes(), usage))
    }

    fn flow(&self, target: &Target) -> Box<dyn Flow> {
        Box::new(Passing(target.call.expected()))
    }
}

fn scribe(target: &Target) -> Result<&'static dyn Scribe, Error> {
    target.wire().scribe().ok_or_else(|| Error::invalid("transcription is not served"))
}

/// Subtitles and plain texts are no JSON.
fn wants_text(target: &Target) -> bool {
    let form = target.call.form.as_ref();
    let asked = form.map(|form| form.settings(&target.call.body)).unwrap_or_default();
    let format = asked.get("response_format").or_else(|| target.deployment.params.get("response_format"));
    matches!(format.and_then(Value::as_str), Some("text" | "srt" | "vtt"))
}

/// Tokens where they are counted, else seconds: the answer's, or what the recording itself tells.
fn used(answer: &Value, target: &Target) -> Usage {
    let count = |path: &str| answer.pointer(path).and_then(Value::as_u64);
    if let (Some(prompt), Some(completion)) = (count("/usage/input_tokens"), count("/usage/output_tokens")) {
        let audio_prompt = count("/usage/input_token_details/audio_tokens").unwrap_or_default();
        return Usage { prompt, completion, audio_prompt, ..Usage::default() };
    }
    let seconds = answer.get("duration").or_else(|| answer.pointer("/usage/seconds"));
    // Older servers say it in words: "1.5".
    let seconds = seconds.and_then(|seconds| seconds.as_f64().or_else(|| seconds.as_str()?.parse().ok()));
    match seconds {
        Some(seconds) => Usage { audio_ms: milliseconds(seconds), ..Usage::default() },
        None => target.call.expected(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what u64 holds by `as`"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}
