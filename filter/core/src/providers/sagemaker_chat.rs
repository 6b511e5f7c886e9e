//! Endpoints of Amazon `SageMaker` that speak `OpenAI`'s chat format.
//! <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html>
use super::{aws, prelude::*};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "sagemaker_chat",
            name: "Sagemaker",
            docs: "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html",
            base_url: "https://runtime.sagemaker.us-west-2.amazonaws.com",
            key_env: "",
            base_env: "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
            auth: Auth::Aws("sagemaker"),
            format: Format::SageMakerChat,
            embeds: &[],
            ..Facts::OPENAI
        }
    }

    fn base_url(&self, _model: &str, params: &Map<String, Value>) -> Cow<'static, str> {
        aws::url("runtime.sagemaker", &aws::region(params, || None)).into()
    }

    fn region(&self, _model: &str, params: &Map<String, Value>) -> Option<String> {
        Some(aws::region(params, || None))
    }
}
