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
            ..Facts::OPENAI
        }
    }
}
