//! SAP's orchestration: a request is a small program of modules, of which one prompts a model in `OpenAI`'s words.
//! <https://help.sap.com/docs/sap-ai-core/generative-ai/orchestration-workflow-v2>

mod embeddings;
mod messages;
mod modules;
mod tools;

use super::{Decoder, Target, Wire, openai};
use crate::{error::Error, operation::Operation, parameters::text_or, providers::Facts, sse};
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// The resource group whose deployment it is, where nothing names one.
const GROUP: &str = "default";

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        match target.call.operation {
            Operation::Embeddings => "/v2/embeddings".into(),
            _ => "/v2/completion".into(),
        }
    }

    fn headers(&self, _chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let group = text_or(&target.deployment.params, "resource_group", GROUP);
        let own = target.provider().facts().headers.iter().copied();
        let headers = own.chain([("ai-resource-group", group)]);
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn supports(&self, operation: Operation) -> bool {
        operation.is_chat() || operation == Operation::Embeddings
    }

    fn request(&self, mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        for steers in ["deployment_url", "resource_group"] {
            chat.shift_remove(steers);
        }
        match target.call.operation {
            Operation::Embeddings => embeddings::body(chat, target),
            _ => modules::program(chat, target),
        }
    }

    fn answer(&self, mut body: Value, target: &Target) -> Result<Value, Error> {
        let result = body.get_mut("final_result").map(Value::take);
        openai::This.answer(result.unwrap_or(body), target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Results {
            facts: target.provider().facts(),
            inner: openai::This.decoder(target),
            event: sse::Event::default(),
        })
    }
}

/// `OpenAI`'s chunks, taken out of the results of the modules.
struct Results {
    facts: &'static Facts,
    inner: Box<dyn Decoder>,
    /// The chunk under way; its memory is kept.
    event: sse::Event,
}

impl Decoder for Results {
    fn push(&mut self, event: &sse::Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One malformed event does not end a stream.
        let Ok(body) = serde_json::from_str::<Value>(&event.data) else { return Ok(()) };
        if ["code", "error"].iter().any(|name| body.get(name).is_some_and(|value| !value.is_null())) {
            return Err(Error::inside(self.facts, &body));
        }
        let result = ["final_result", "orchestration_result"].iter().find_map(|name| body.get(name));
        self.event.data = result.unwrap_or(&body).to_string();
        self.inner.push(&self.event, out)
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        self.inner.end(out)
    }
}

#[cfg(test)]
mod tests;
