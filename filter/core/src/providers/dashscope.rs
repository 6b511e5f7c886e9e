//! Alibaba's `DashScope`. <https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope>
use super::prelude::*;

pub struct This;

/// <https://help.aliyun.com/zh/model-studio/text-rerank-api>
const RANKS: &str = "https://dashscope.aliyuncs.com/compatible-api/v1";

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "dashscope",
            name: "Dashscope",
            docs: "https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope",
            base_url: "https://dashscope.aliyuncs.com/compatible-mode/v1",
            key_env: "DASHSCOPE_API_KEY",
            base_env: "DASHSCOPE_API_BASE",
            formats: &[(Operation::Rerank, Format::Rerank)],
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort"]],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            completes: true,
            ..Facts::OPENAI
        }
    }

    /// Rankings are not where chats are.
    fn base_url(&self, model: &str, _params: &Map<String, Value>) -> Cow<'static, str> {
        let base = if model.contains("rerank") { RANKS } else { self.facts().base_url };
        base.into()
    }

    fn path(&self, target: &Target) -> Option<String> {
        (target.call.operation == Operation::Rerank).then(|| "/reranks".into())
    }

    fn dress(&self, answer: &mut Map<String, Value>, _target: &Target) {
        rerank::tell(answer, |total| json!({ "input_tokens": total }));
    }
}
