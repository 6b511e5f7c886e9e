//! Amazon Bedrock. <https://docs.aws.amazon.com/bedrock/latest/APIReference/welcome.html>
use super::{aws, prelude::*};
use crate::{operation::Api, wire::bedrock::Name};

pub struct This;

/// Models older than Converse, or than what it knows of them.
const PROMPTED: [&str; 5] =
    ["ai21.j2", "amazon.titan-text", "cohere.command", "mistral.mistral-7b", "mistral.mixtral"];

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "bedrock",
            name: "Bedrock",
            docs: "https://docs.aws.amazon.com/bedrock/latest/APIReference/welcome.html",
            base_url: "https://bedrock-runtime.us-west-2.amazonaws.com",
            key_env: "AWS_BEARER_TOKEN_BEDROCK",
            base_env: "AWS_BEDROCK_RUNTIME_ENDPOINT",
            auth: Auth::Aws("bedrock"),
            format: Format::Converse,
            formats: &[
                (Operation::Images, Format::BedrockImages),
                (Operation::Rerank, Format::BedrockRerank),
            ],
            ..Facts::OPENAI
        }
    }

    fn format(&self, deployment: &Deployment) -> Format {
        let name = Name::of(&deployment.model);
        let invoked = name.is_invoked();
        let is = |families: &[&str]| families.iter().any(|family| name.family().starts_with(family));
        match name.imported() {
            Some("openai") => Format::BedrockOpenAi,
            Some("deepseek_r1" | "llama" | "qwen2" | "qwen3") => Format::BedrockText,
            _ if name.family().contains("embed") => Format::BedrockEmbeddings,
            _ if invoked && is(&["anthropic."]) => Format::BedrockAnthropic,
            _ if invoked && is(&["amazon.nova"]) => Format::BedrockNova,
            _ if invoked && is(&["meta.", "mistral."]) || is(&PROMPTED) && !name.is_conversed() => {
                Format::BedrockText
            }
            // Whatever the vendor.
            _ => Format::Converse,
        }
    }

    /// Claude is spoken to in its own tongue by those who speak it, unless Converse was asked for by name.
    fn format_for(&self, deployment: &Deployment, operation: Operation) -> Format {
        let name = Name::of(&deployment.model);
        let own = name.family().starts_with("anthropic.") && !name.is_conversed();
        if own && operation.api() == Api::Anthropic {
            Format::BedrockAnthropic
        } else {
            self.usual_format(deployment, operation)
        }
    }

    fn base_url(&self, model: &str, params: &Map<String, Value>) -> Cow<'static, str> {
        let text = |name: &str| params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if let Some(endpoint) = text("aws_bedrock_runtime_endpoint") {
            return endpoint.trim_end_matches('/').to_owned().into();
        }
        // Models that rank are a part of the runtime for agents.
        let service = if model.contains("rerank") { "bedrock-agent-runtime" } else { "bedrock-runtime" };
        aws::url(service, &region(model, params)).into()
    }

    fn fetches(&self, deployment: &Deployment) -> Fetches {
        match self.format(deployment) {
            Format::Converse | Format::BedrockAnthropic | Format::BedrockNova => Fetches::Nothing,
            _ => Fetches::Everything,
        }
    }

    fn region(&self, model: &str, params: &Map<String, Value>) -> Option<String> {
        Some(region(model, params))
    }

    fn price_names(&self, model: &str) -> Vec<String> {
        let name = Name::of(model);
        let mut names = vec![model.to_owned(), name.id().to_owned(), name.family().to_owned()];
        names.dedup();
        names
    }
}

/// The deployment's region, or its model's own.
fn region(model: &str, params: &Map<String, Value>) -> String {
    let in_arn = || params.get("model_id").and_then(Value::as_str).and_then(|id| Name::of(id).region());
    aws::region(params, || in_arn().or_else(|| Name::of(model).region()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(model: &str, params: &Value) -> String {
        let params = params.as_object().unwrap();
        This.base_url(model, params).trim_start_matches("https://").to_owned()
    }

    #[test]
    fn the_region_is_the_deployments_or_the_models_own() {
        let arn = "arn:aws:bedrock:eu-west-3:123456789012:application-inference-profile/a";
        assert_eq!(host("m", &json!({})), "bedrock-runtime.us-west-2.amazonaws.com");
        assert_eq!(
            host("m", &json!({"aws_region_name": "eu-west-1"})),
            "bedrock-runtime.eu-west-1.amazonaws.com"
        );
        assert_eq!(host("eu-west-2/anthropic.x", &json!({})), "bedrock-runtime.eu-west-2.amazonaws.com");
        assert_eq!(host(&format!("converse/{arn}"), &json!({})), "bedrock-runtime.eu-west-3.amazonaws.com");
        assert_eq!(host("m", &json!({"model_id": arn})), "bedrock-runtime.eu-west-3.amazonaws.com");
        assert_eq!(
            host(arn, &json!({"aws_region_name": "us-east-1"})),
            "bedrock-runtime.us-east-1.amazonaws.com"
        );
        assert_eq!(
            host("m", &json!({"aws_region_name": "cn-north-1"})),
            "bedrock-runtime.cn-north-1.amazonaws.com.cn"
        );
        let private = json!({"aws_bedrock_runtime_endpoint": "https://b.internal/"});
        assert_eq!(host("m", &private), "b.internal");
    }

    #[test]
    fn a_region_cannot_lead_elsewhere() {
        for region in ["evil.example/", "x@evil.example", "a.b", ""] {
            assert_eq!(
                host("m", &json!({"aws_region_name": region})),
                "bedrock-runtime.us-west-2.amazonaws.com"
            );
        }
    }

    #[test]
    fn the_price_table_knows_a_model_with_its_profile_or_without() {
        let names = This.price_names("converse/us.amazon.nova-pro-v1:0");
        assert_eq!(
            names,
            ["converse/us.amazon.nova-pro-v1:0", "us.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"]
        );
    }

    fn format(model: &str) -> Format {
        This.format(&Deployment { model: model.into(), ..Deployment::default() })
    }

    #[test]
    fn a_vendors_own_format_is_spoken_where_asked_for() {
        assert_eq!(format("invoke/us.anthropic.claude-x"), Format::BedrockAnthropic);
        assert_eq!(format("us.anthropic.claude-x"), Format::Converse);
        assert_eq!(format("invoke/meta.llama3-70b"), Format::BedrockText);
        assert_eq!(format("cohere.command-r-v1:0"), Format::BedrockText);
        assert_eq!(format("converse/cohere.command-r-v1:0"), Format::Converse);
        assert_eq!(format("invoke/us.amazon.nova-pro-v1:0"), Format::BedrockNova);
        assert_eq!(format("openai/arn:aws:bedrock:us-east-1:1:imported-model/x"), Format::BedrockOpenAi);
    }
}
