//! stub
use super::{Dialect, Encoder};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value};
pub struct This;
impl Dialect for This {
    fn request(&self, _target: &Target) -> Result<Map<String, Value>, Error> { Err(Error::invalid("no")) }
    fn answer(&self, chat: Value, _target: &Target) -> Result<Value, Error> { Ok(chat) }
    fn encoder(&self, target: &Target) -> Box<dyn Encoder> { super::openai::This.encoder(target) }
}
