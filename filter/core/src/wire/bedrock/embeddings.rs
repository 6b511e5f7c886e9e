//! Models that embed, by `InvokeModel`: each vendor's has its own body.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html>

mod vendor;

use super::{Name, of_status, segment};
use crate::{
    error::Error,
    operation::Operation,
    parameters,
    providers::Facts,
    wire::{Decoder, Target, Wire, vectors},
};
use serde_json::{Map, Value};
use vendor::Vendor;

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let id = parameters::text_or(&target.deployment.params, "model_id", name(target).id());
        format!("/model/{}/invoke", segment(id, b""))
    }

    fn headers(&self, _chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let own = vendor(target).map(Vendor::headers).unwrap_or_default();
        own.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Embeddings
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let vendor = vendor(target)?;
        parameters::check_embeddings(&mut asked, target.deployment, vendor.takes())?;
        for steers in ["model", "model_id"] {
            asked.shift_remove(steers);
        }
        let texts: Option<Vec<String>> =
            vectors::inputs(&mut asked).iter().map(|input| input.as_str().map(str::to_owned)).collect();
        let texts = texts.ok_or_else(|| refused("input: must be a text or a list of texts"))?;
        vendor.body(&texts, asked)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let Some(found) = vendor::vectors(&body) else {
            let facts = target.provider().facts();
            return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no embedding"));
        };
        let counted = body.get("inputTextTokenCount").and_then(Value::as_u64);
        let usage = vectors::usage(counted.unwrap_or_else(|| vectors::guess(target)));
        let mut list = vectors::list(found.into_iter(), &target.deployment.model, &usage);
        if body.pointer("/embeddings/float").is_some() {
            name_type(&mut list);
        }
        Ok(list)
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        of_status(facts, status, body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// Says of every vector that it is one of numbers, where the answer could hold others.
fn name_type(list: &mut Value) {
    let data = list.get_mut("data").and_then(Value::as_array_mut).into_iter().flatten();
    for one in data.filter_map(Value::as_object_mut) {
        one.insert("type".into(), "float".into());
    }
}

fn name<'a>(target: &'a Target) -> Name<'a> {
    Name::of(&target.deployment.model)
}

fn vendor(target: &Target) -> Result<Vendor, Error> {
    let family = name(target).family();
    Vendor::of(family).ok_or_else(|| refused(format_args!("{family}: what it wants is not known")))
}

/// What the model does not take: 400.
fn refused(why: impl std::fmt::Display) -> Error {
    Error::invalid(format!("litellm.BadRequestError: BedrockException - {why}"))
}
