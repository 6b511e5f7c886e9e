//! SAP AI Core's generative AI hub. <https://help.sap.com/docs/sap-ai-core/generative-ai/generative-ai-hub-in-sap-ai-core>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "sap",
            name: "Sap",
            docs: "https://help.sap.com/docs/sap-ai-core/generative-ai/generative-ai-hub-in-sap-ai-core",
            base_url: "",
            key_env: "AICORE_SERVICE_KEY",
            base_env: "AICORE_BASE_URL",
            tokens: Tokens::Sap,
            format: Format::Sap,
            headers: &[("ai-client-type", "LiteLLM")],
            takes: &[
                BASIC,
                ALL_TOOLS,
                PENALTIES,
                PROBABILITIES,
                &["n", "prediction", "response_format", "seed", "stop", "stream_options"],
            ],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            embeds: &["dimensions", "encoding_format"],
            ..Facts::OPENAI
        }
    }

    /// Not every vendor's models can be told how to answer, or which tool to call.
    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        let of = |vendors: &[&str]| vendors.iter().any(|vendor| deployment.model.starts_with(vendor));
        match parameter {
            "response_format" => !of(&["alephalpha", "amazon", "cohere"]) && deployment.model != "gpt-4",
            "tool_choice" => !of(&["amazon", "gemini"]),
            "user" => false,
            name => self.facts().takes(name, deployment),
        }
    }

    /// Where the orchestration runs: SAP gives each deployment of it an address.
    fn base_url(&self, _model: &str, params: &Map<String, Value>) -> Cow<'static, str> {
        let url = params.get("deployment_url").and_then(Value::as_str).unwrap_or_default();
        url.trim_end_matches('/').to_owned().into()
    }
}
