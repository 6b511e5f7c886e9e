//! Endpoints of Amazon `SageMaker` whose models go on with a text.
//! <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html>
use super::{aws, prelude::*};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "sagemaker",
            name: "Sagemaker",
            docs: "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html",
            base_url: "https://runtime.sagemaker.us-west-2.amazonaws.com",
            key_env: "",
            base_env: "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
            auth: Auth::Aws("sagemaker"),
            format: Format::SageMakerText,
            takes: &[BASIC, &["n", "stop"]],
            renames: &[
                ("max_tokens", "max_new_tokens"),
                ("max_completion_tokens", "max_new_tokens"),
                ("n", "best_of"),
            ],
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

    /// The containers refuse zeros, and choose among several answers only where they sample.
    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        let is_zero = |value: &Value| value.as_f64() == Some(0.0);
        if !deployment.switch("aws_sagemaker_allow_zero_temp")
            && let Some(temperature) = chat.get_mut("temperature").filter(|value| is_zero(value))
        {
            *temperature = json!(0.01);
        }
        if let Some(most) = chat.get_mut("max_tokens").filter(|value| is_zero(value)) {
            *most = json!(1);
        }
        if chat.contains_key("n") {
            chat.insert("do_sample".into(), true.into());
        }
        Ok(())
    }
}
