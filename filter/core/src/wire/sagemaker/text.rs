//! Endpoints that go on with a text, in the schema of Hugging Face's TGI and DJL's LMI; and those that embed one.
//! <https://huggingface.co/docs/text-generation-inference/basic_tutorials/consuming_tgi>

use super::{embeddings, headers, path};
use crate::{
    error::Error,
    operation::Operation,
    providers::Facts,
    wire::{
        Decoder, Framing, Target, Wire, bedrock, prompts,
        texts::{self, Pieces, Said},
    },
};
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        path(target)
    }

    fn headers(&self, _chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let mut headers = headers(target);
        if target.call.operation == Operation::Embeddings {
            let (name, value) = embeddings::LICENCE;
            headers.push((name.to_owned(), value.to_owned()));
        }
        headers
    }

    fn supports(&self, operation: Operation) -> bool {
        operation.is_chat() || operation == Operation::Embeddings
    }

    fn request(&self, mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        for steers in ["hf_model_name", "model_id", "region_name"] {
            chat.shift_remove(steers);
        }
        if target.call.operation == Operation::Embeddings {
            return embeddings::body(chat, target);
        }
        let (messages, parameters) = texts::split(chat, target)?;
        let mut body = Map::new();
        body.insert("inputs".into(), prompts::spaced(&prompts::turns(&messages)).into());
        body.insert("parameters".into(), parameters.into());
        if target.call.stream {
            body.insert("stream".into(), true.into());
        }
        Ok(body.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        match target.call.operation {
            Operation::Embeddings => embeddings::answer(&body, target),
            _ => texts::completion(&body, whole(&body), target),
        }
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        bedrock::of_status(facts, status, body)
    }

    fn framing(&self) -> Framing {
        Framing::PayloadParts
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Pieces::new(target, piece))
    }
}

/// An answer, alone or in a list.
fn whole(body: &Value) -> Said {
    let one = body.get(0).unwrap_or(body);
    let text = one.get("generated_text").or_else(|| one.get("generation"));
    Said { text: text.and_then(Value::as_str).map(str::to_owned), finish: finish(one), usage: None }
}

/// A token. At the end the whole text is repeated; that is not read.
fn piece(body: &Value) -> Said {
    let token = body.get("token");
    let special = token.and_then(|token| token.get("special")?.as_bool()) == Some(true);
    let text = token.filter(|_| !special).and_then(|token| token.get("text")?.as_str());
    Said { text: text.map(str::to_owned), finish: finish(body), usage: None }
}

fn finish(body: &Value) -> Option<&'static str> {
    Some(match body.get("details")?.get("finish_reason")?.as_str()? {
        "length" => "length",
        _ => "stop",
    })
}
