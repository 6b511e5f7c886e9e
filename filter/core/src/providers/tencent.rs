//! Tencent. <https://cloud.tencent.com/document/product/1729/111007>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "tencent",
            name: "Tencent",
            docs: "https://cloud.tencent.com/document/product/1729/111007",
            base_url: "https://tokenhub-intl.tencentcloudmaas.com/v1",
            key_env: "TENCENT_API_KEY",
            base_env: "TENCENT_API_BASE",
            ..Facts::OPENAI
        }
    }
}
