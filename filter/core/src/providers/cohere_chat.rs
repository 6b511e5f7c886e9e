//! Cohere under the name of its chat models. <https://docs.cohere.com/v2/reference/chat>
use super::{cohere, prelude::*};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts { slug: "cohere_chat", ..cohere::FACTS }
    }

    fn base_url(&self, model: &str, _params: &Map<String, Value>) -> Cow<'static, str> {
        cohere::home(model).into()
    }

    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        cohere::choose(chat);
        Ok(())
    }

    fn whole_path(&self, target: &Target) -> Option<String> {
        cohere::rerank_path(target)
    }

    fn fit_rerank(&self, asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        cohere::fit_rerank(asked, target);
        Ok(())
    }
}
