//! A client of Anthropic's API and one of its models here: what one says reaches the other as it was said, in the
//! envelope of `InvokeModel`.

use super::{
    anthropic::{envelop, feature},
    chunks::unpack,
    in_stream, invoke_path,
};
use crate::{
    client::anthropic::Native,
    error::Error,
    event_stream::Splitter,
    operation::Api,
    providers::Facts,
    sse::Event,
    translate::{Answer, Flow, Outgoing, Pairing, Pushed},
    usage::Usage,
    wire::Target,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The pair.
pub struct Messages;

impl Pairing for Messages {
    fn request(&self, target: &Target) -> Result<Outgoing, Error> {
        let Outgoing { mut headers, body, .. } = Native.request(target)?;
        let mut body: Map<String, Value> = serde_json::from_slice(&body)
            .map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))?;
        let asked = headers.iter().position(|(name, _)| name == "anthropic-beta");
        let asked = asked.map(|at| headers.swap_remove(at).1).unwrap_or_default();
        headers.retain(|(name, _)| name != "anthropic-version");
        if let Some(Value::String(said)) = body.get("system") {
            let block = json!({ "type": "text", "text": said });
            body.insert("system".into(), json!([block]));
        }
        envelop(
            &mut body,
            asked.split(',').filter_map(|beta| feature(beta.trim())).map(str::to_owned).collect(),
        );
        let body = Value::Object(body).to_string().into_bytes();
        let path = target.deployment.path(&invoke_path(target, target.call.stream));
        Ok(Outgoing::json(path, headers, body))
    }

    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error> {
        Native.answer(body, target)
    }

    fn flow(&self, target: &Target) -> Box<dyn Flow> {
        Box::new(Unpacked {
            facts: target.provider().facts(),
            api: target.call.api(),
            frames: Splitter::default(),
            inner: Native.flow(target),
            over: false,
        })
    }
}

/// Anthropic's events, taken out of their envelope.
struct Unpacked {
    facts: &'static Facts,
    api: Api,
    frames: Splitter,
    inner: Box<dyn Flow>,
    over: bool,
}

/// As much of an event as its name.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

impl Unpacked {
    fn fail(&mut self, error: Error, mut bytes: Vec<u8>) -> Pushed {
        self.over = true;
        let alone = bytes.is_empty();
        bytes.extend(error.event(self.api));
        Pushed { bytes, error: Some(error), alone }
    }
}

impl Flow for Unpacked {
    fn push(&mut self, mut bytes: &[u8]) -> Pushed {
        let mut out = Pushed::default();
        while !self.over {
            let (failed, text) = match self.frames.next(&mut bytes) {
                Ok(None) => break,
                Ok(Some(event)) => (in_stream(self.facts, event), unpack(event)),
                Err(broken) => (Some(Error::new(502, "upstream_error", broken.to_string())), None),
            };
            if let Some(error) = failed {
                return self.fail(error, out.bytes);
            }
            let Some(text) = text else { continue };
            let name = serde_json::from_str::<Named>(&text).map(|named| named.kind.into_owned());
            let mut sse = Vec::with_capacity(text.len() + 64);
            Event { name: name.unwrap_or_default(), data: text, failed: false }.write(&mut sse);
            let pushed = self.inner.push(&sse);
            out.alone = pushed.alone && out.bytes.is_empty();
            out.bytes.extend(pushed.bytes);
            self.over = pushed.error.is_some();
            out.error = pushed.error;
        }
        out
    }

    fn end(&mut self) -> Pushed {
        if self.over {
            return Pushed::default();
        }
        match self.frames.end() {
            Ok(()) => self.inner.end(),
            Err(broken) => self.fail(Error::new(502, "upstream_error", broken.to_string()), Vec::new()),
        }
    }

    fn usage(&self) -> Usage {
        self.inner.usage()
    }
}
