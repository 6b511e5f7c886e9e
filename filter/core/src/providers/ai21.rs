//! AI21 under its older name. <https://docs.ai21.com/reference/jamba-1-6-api-ref>
use super::{ai21_chat, prelude::*};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts { slug: "ai21", ..ai21_chat::FACTS }
    }
}
