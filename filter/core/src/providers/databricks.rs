//! Databricks model serving. <https://docs.databricks.com/en/machine-learning/foundation-model-apis/api-reference.html>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "databricks",
            name: "Databricks",
            docs: "https://docs.databricks.com/en/machine-learning/foundation-model-apis/api-reference.html",
            base_url: "",
            key_env: "DATABRICKS_API_KEY",
            base_env: "DATABRICKS_API_BASE",
            takes: &[BASIC, TOOLS, REASONING, &["n", "response_format", "stop"]],
            renames: &[("max_completion_tokens", "max_tokens")],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }
}
