//! Alibaba's `DashScope`. <https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "dashscope",
            name: "Dashscope",
            docs: "https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope",
            base_url: "https://dashscope.aliyuncs.com/compatible-mode/v1",
            key_env: "DASHSCOPE_API_KEY",
            base_env: "DASHSCOPE_API_BASE",
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort"]],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            completes: true,
            ..Facts::OPENAI
        }
    }
}
