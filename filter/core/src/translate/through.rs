//! The long way: client's dialect → internal form → wire format, and back.

use super::{
    Answer, Flow, Outgoing, Pairing, dialect,
    events::{Events, Steps},
    merges,
    merging::Merging,
    whole,
};
use crate::{
    client::Encoder,
    error::Error,
    event_stream, lines, media,
    operation::Api,
    parameters, sse,
    usage::{Tally, Usage},
    wire::{Decoder, Framing, Target},
};
use serde_json::Value;

/// Any dialect with any wire format.
pub struct Through;

impl Through {
    /// From a successful whole answer's body to the stream that the client wants.
    pub fn stream_of(body: &[u8], target: &Target) -> Result<Answer, Error> {
        let body = serde_json::from_slice(body)
            .map_err(|e| Error::unreadable(target.provider().facts(), body, &e))?;
        let mut chat = target.wire().answer(body, target)?;
        let usage = Usage::of_chat(&mut chat, target);
        streamed(chat, usage, target)
    }
}

/// A whole `chat.completion` as the stream that the client wants.
pub fn streamed(chat: Value, usage: Usage, target: &Target) -> Result<Answer, Error> {
    let mut passage = Passage::new(target);
    passage.chunks = whole::chunks(chat);
    let mut body = Vec::new();
    passage.forward(&mut body)?;
    passage.finish(&mut body)?;
    Ok(Answer::json(body, usage))
}

impl Pairing for Through {
    fn request(&self, target: &Target) -> Result<Outgoing, Error> {
        let mut chat = dialect(target).request(target)?;
        let media = &target.call.media;
        if !media.is_empty() {
            media::inline(&mut chat, |url| Some(media.iter().find(|(known, _)| known == url)?.1.clone()));
        }
        let extra = parameters::apply(&mut chat, target.deployment);
        chat.insert("model".into(), Value::String(target.deployment.model.clone()));
        let wire = target.wire();
        let mut headers = wire.join(wire.headers(&chat, target), extra);
        let mut body = wire.request(chat, target)?;
        if let Some(body) = body.as_object_mut() {
            target.provider().amend(body, &mut headers, target)?;
        }
        Ok(Outgoing::json(target.path(), headers, body.to_string().into_bytes()))
    }

    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error> {
        let body = serde_json::from_slice(body)
            .map_err(|e| Error::unreadable(target.provider().facts(), body, &e))?;
        let mut chat = target.wire().answer(body, target)?;
        let usage = Usage::of(&mut chat, target);
        if let Some(chat) = chat.as_object_mut() {
            if target.call.operation.names_model() {
                chat.insert("model".into(), Value::String(target.call.model.clone()));
            } else {
                target.provider().dress(chat, target);
            }
            if let Some(field) = target.provider().hides(target.deployment, false) {
                chat.shift_remove(field);
            }
        }
        let body = dialect(target).answer(chat, target)?;
        Ok(Answer::json(body.to_string().into_bytes(), usage))
    }

    fn flow(&self, target: &Target) -> Box<dyn Flow> {
        let passage = Passage::new(target);
        match target.wire().framing() {
            Framing::Sse => Box::new(Events::new(target, passage)),
            Framing::EventStream => Box::new(Events::<_, event_stream::Splitter>::framed(target, passage)),
            Framing::Lines => Box::new(Events::<_, lines::Splitter>::framed(target, passage)),
            Framing::PayloadParts => Box::new(Events::<_, event_stream::Parts>::framed(target, passage)),
        }
    }
}

struct Passage {
    decoder: Box<dyn Decoder>,
    encoder: Box<dyn Encoder>,
    tally: Tally,
    /// The client's name for the model.
    model: String,
    /// Thoughts are told as text.
    merging: Option<Merging>,
    /// A field of chunks that the client does not see.
    hidden: Option<&'static str>,
    /// The head (`id`, `created`, …) of the last chunk, for the usage chunk.
    last: Value,
    /// Empty between pushes; its memory is kept.
    chunks: Vec<Value>,
}

impl Passage {
    fn new(target: &Target) -> Self {
        Self {
            decoder: target.wire().decoder(target),
            encoder: dialect(target).encoder(target),
            tally: Tally::new(target),
            model: target.call.model.clone(),
            merging: merges(target).then(Merging::default),
            hidden: target.provider().hides(target.deployment, true),
            last: Value::Null,
            chunks: Vec::new(),
        }
    }

    /// What comes behind the last chunk.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let chunk = self.tally.chunk(self.last.take());
        self.encoder.push(chunk, out)?;
        self.encoder.end(out);
        Ok(())
    }

    fn forward(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        for mut chunk in self.chunks.drain(..) {
            if let Some(chunk) = chunk.as_object_mut() {
                chunk.insert("model".into(), Value::String(self.model.clone()));
                if let Some(field) = self.hidden {
                    chunk.shift_remove(field);
                }
                if self.last.is_null() {
                    self.last = head(chunk);
                }
            }
            if self.tally.count(&mut chunk) {
                if let (Some(merging), Some(chunk)) = (&mut self.merging, chunk.as_object_mut()) {
                    merging.merge(chunk);
                }
                self.encoder.push(chunk, out)?;
            }
        }
        Ok(())
    }
}

fn head(chunk: &serde_json::Map<String, Value>) -> Value {
    chunk.iter().filter(|(key, _)| *key != "choices").map(|(k, v)| (k.clone(), v.clone())).collect()
}

impl Steps for Passage {
    fn push(&mut self, event: &sse::Event, out: &mut Vec<u8>) -> Result<(), Error> {
        let result = self.decoder.push(event, &mut self.chunks);
        self.forward(out)?;
        result
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let result = self.decoder.end(&mut self.chunks);
        self.forward(out)?;
        result?;
        self.finish(out)
    }

    fn usage(&self) -> Usage {
        self.tally.usage()
    }

    fn fail(&mut self, error: &Error, api: Api, out: &mut Vec<u8>) {
        self.encoder.fail(error, api, out);
    }
}
