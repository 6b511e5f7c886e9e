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

#[cfg(test)]
mod tests {
    use crate::{
        call::Call,
        deployment::Deployment,
        form::{Form, Writer},
        operation::Operation,
        sound, translate,
    };
    use serde_json::{Map, Value, json};

    fn call(settings: &[(&str, &str)]) -> Call {
        let mut form = Writer::new("b", 0);
        for (name, value) in settings {
            assert!(form.field(name, value));
        }
        assert!(form.file("file", "a.wav", Some("audio/wav"), &sound::wave(&vec![0; 4000], 1000)));
        Call::read(Operation::Transcription, "multipart/form-data; boundary=b", form.finish()).unwrap()
    }

    fn deployment(params: Value) -> Deployment {
        let params: Map<String, Value> = serde_json::from_value(params).unwrap();
        Deployment { provider: "openai".into(), model: "up".into(), params, ..Deployment::default() }
    }

    #[test]
    fn a_form_goes_on_with_the_deployment_s_model_and_settings() {
        let call = call(&[("model", "mine"), ("include[]", "logprobs"), ("api_key", "x")]);
        let sent = translate::request(&call, &deployment(json!({ "language": "de" }))).unwrap();
        let form = Form::read(&sent.content_type, &sent.body).unwrap();
        let settings = Value::from(form.settings(&sent.body));
        assert_eq!(settings, json!({ "model": "up", "include": ["logprobs"], "language": "de" }));
        let file = form.file("file").unwrap();
        assert_eq!(sent.body[file.content.clone()], *call.recording().unwrap().1);
    }

    #[test]
    fn a_setting_that_would_end_its_part_is_refused() {
        let call = call(&[("model", "mine")]);
        let refused = translate::request(&call, &deployment(json!({ "prompt": "x\r\n--b--" }))).unwrap_err();
        assert_eq!(refused.status, 400);
    }

    #[test]
    fn what_is_heard_is_paid_by_tokens_by_seconds_or_by_the_recording() {
        let heard = |format: &str, body: &str| {
            let call = call(&[("model", "mine"), ("response_format", format)]);
            translate::answer(&call, &deployment(json!({})), 200, body.as_bytes(), 1)
                .map(|answer| answer.usage)
        };
        let tokens = r#"{"text":"a","usage":{"type":"tokens","input_tokens":14,"output_tokens":3,"input_token_details":{"audio_tokens":10}}}"#;
        let usage = heard("json", tokens).unwrap();
        assert_eq!((usage.prompt, usage.completion, usage.audio_prompt, usage.audio_ms), (14, 3, 10, 0));
        assert_eq!(heard("json", r#"{"text":"a","duration":1.25}"#).unwrap().audio_ms, 1250);
        assert_eq!(heard("json", r#"{"text":"a"}"#).unwrap().audio_ms, 2000);
        assert_eq!(heard("srt", "1\n00:00:00,000 --> 00:00:01,000\na\n").unwrap().audio_ms, 2000);
        assert!(heard("json", "a page").is_err() && heard("json", "{}").is_err());
    }

    #[test]
    fn a_form_without_a_recording_or_a_model_is_refused() {
        let read = |form: Writer| {
            let read = Call::read(Operation::Transcription, "multipart/form-data; boundary=b", form.finish());
            read.unwrap_err().param
        };
        let mut form = Writer::new("b", 0);
        assert!(form.field("model", "mine") && form.field("file", "no file"));
        assert_eq!(read(form).as_deref(), Some("file"));
        let mut form = Writer::new("b", 0);
        assert!(form.file("file", "a.wav", None, b"RIFF"));
        assert_eq!(read(form).as_deref(), Some("model"));
        assert!(Call::read(Operation::Transcription, "application/json", b"{}".to_vec()).is_err());
    }
}
