//! Anthropic's Messages format. <https://docs.anthropic.com/en/api/messages>

use super::{Decoder, Target, Wire};
use crate::{error::Error, operation::Operation};
use serde_json::{Map, Value};

/// The format.
pub struct This;

impl Wire for This {
    fn path(&self, _target: &Target) -> String {
        "/v1/messages".into()
    }

    fn supports(&self, operation: Operation) -> bool {
        matches!(operation, Operation::Chat | Operation::Messages | Operation::CountTokens)
    }

    fn request(&self, _chat: Map<String, Value>, _target: &Target) -> Result<Value, Error> {
        Err(Error::invalid("Anthropic upstreams are not served yet"))
    }

    fn answer(&self, body: Value, _target: &Target) -> Result<Value, Error> {
        Ok(body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        super::openai::This.decoder(target)
    }
}
