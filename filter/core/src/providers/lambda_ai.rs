//! Lambda. <https://docs.lambda.ai/public-cloud/lambda-inference-api/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "lambda_ai",
            name: "Lambda_ai",
            docs: "https://docs.lambda.ai/public-cloud/lambda-inference-api/",
            base_url: "https://api.lambda.ai/v1",
            key_env: "LAMBDA_API_KEY",
            base_env: "LAMBDA_API_BASE",
            completes: true,
            ..Facts::OPENAI
        }
    }
}
