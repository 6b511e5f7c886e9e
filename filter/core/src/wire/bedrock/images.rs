//! Models that draw, by `InvokeModel`: each vendor's has its own body.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html>

mod vendor;

use super::{Name, invoke_path, of_status};
use crate::{
    error::Error,
    operation::Operation,
    providers::Facts,
    wire::{Decoder, Target, Wire, images, vectors},
};
use serde_json::{Map, Value};
use vendor::Vendor;

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        invoke_path(target, false)
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Images
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let vendor = vendor(target)?;
        images::admit(&mut asked, target, |name| vendor.takes().contains(&name))?;
        for steers in ["model", "model_id", "stream"] {
            asked.shift_remove(steers);
        }
        vendor.body(asked)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let list = |name: &str| body.get(name).and_then(Value::as_array);
        let refusals: Vec<&str> =
            list("finish_reasons").into_iter().flatten().filter_map(Value::as_str).collect();
        if !refusals.is_empty() {
            return Err(refused(refusals.join("; ")));
        }
        match (list("images"), list("artifacts")) {
            (Some(found), _) => Ok(images::drawn(found.iter().filter_map(Value::as_str), None, target)),
            (None, Some(found)) => {
                let found = found.iter().filter_map(|one| one.get("base64")?.as_str());
                Ok(images::drawn(found, None, target))
            }
            (None, None) => Err(images::nothing_drawn(&body, target)),
        }
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        of_status(facts, status, body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

fn vendor(target: &Target) -> Result<Vendor, Error> {
    let family = Name::of(&target.deployment.model).family();
    Vendor::of(family).ok_or_else(|| refused(format_args!("{family}: what it wants is not known")))
}

/// What the model does not take, or does not draw: 400.
fn refused(why: impl std::fmt::Display) -> Error {
    Error::invalid(format!("litellm.BadRequestError: BedrockException - {why}"))
}
