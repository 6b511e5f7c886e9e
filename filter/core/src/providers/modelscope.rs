//! `ModelScope`. <https://modelscope.cn/docs/model-service/API-Inference/intro>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "modelscope",
            name: "Modelscope",
            docs: "https://modelscope.cn/docs/model-service/API-Inference/intro",
            base_url: "https://api-inference.modelscope.cn/v1",
            key_env: "MODELSCOPE_API_KEY",
            base_env: "MODELSCOPE_API_BASE",
            messages: Rules { content: Content::TextIfPlain, ..Rules::PLAIN },
            completes: true,
            ..Facts::OPENAI
        }
    }
}
