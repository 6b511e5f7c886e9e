//! Oracle Cloud's generative AI. <https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/>
use super::prelude::*;
use crate::parameters::text_or;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "oci",
            name: "Oci",
            docs: "https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/",
            base_url: "https://inference.generativeai.us-ashburn-1.oci.oraclecloud.com",
            key_env: "OCI_KEY",
            base_env: "OCI_API_BASE",
            variables: &[
                ("oci_compartment_id", "OCI_COMPARTMENT_ID"),
                ("oci_fingerprint", "OCI_FINGERPRINT"),
                ("oci_key_file", "OCI_KEY_FILE"),
                ("oci_region", "OCI_REGION"),
                ("oci_tenancy", "OCI_TENANCY"),
                ("oci_user", "OCI_USER"),
            ],
            auth: Auth::HttpSignature,
            format: Format::OciGeneric,
            takes: &[
                BASIC,
                PENALTIES,
                TOOLS,
                &["logit_bias", "logprobs", "n", "reasoning_effort", "response_format", "seed", "stop"],
            ],
            embeds: &["dimensions"],
            ..Facts::OPENAI
        }
    }

    /// Models of Cohere's have a format of their own.
    fn format(&self, deployment: &Deployment) -> Format {
        if is_cohere(deployment) { Format::OciCohere } else { Format::OciGeneric }
    }

    fn format_for(&self, deployment: &Deployment, operation: Operation) -> Format {
        match operation {
            Operation::Embeddings => Format::OciEmbeddings,
            _ => self.format(deployment),
        }
    }

    /// That format has fewer parameters.
    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        let only_others =
            matches!(parameter, "logit_bias" | "logprobs" | "n" | "reasoning_effort" | "tool_choice");
        !(only_others && is_cohere(deployment)) && self.facts().takes(parameter, deployment)
    }

    /// In the region named, at the domain of the realm that the compartment is in.
    fn base_url(&self, _model: &str, params: &Map<String, Value>) -> Cow<'static, str> {
        let is_name =
            |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let region = Some(text_or(params, "oci_region", REGION)).filter(|region| is_name(region));
        let realm = text_or(params, "oci_compartment_id", "").split('.').nth(2).unwrap_or_default();
        format!("https://inference.generativeai.{}.oci.{}", region.unwrap_or(REGION), domain(realm)).into()
    }
}

/// Where models are looked for when nothing says where.
const REGION: &str = "us-ashburn-1";

fn is_cohere(deployment: &Deployment) -> bool {
    deployment.model.starts_with("cohere.")
}

/// The domain of a realm, by the key that OCIDs name it with.
/// <https://docs.oracle.com/en-us/iaas/Content/API/Concepts/sdk_config.htm>
fn domain(realm: &str) -> Cow<'static, str> {
    match realm {
        "oc2" | "oc3" => "oraclegovcloud.com".into(),
        "oc4" => "oraclegovcloud.uk".into(),
        "oc19" => "oraclecloud.eu".into(),
        "oc8" | "oc9" | "oc10" | "oc14" | "oc15" | "oc20" | "oc21" | "oc23" | "oc24" | "oc26" | "oc29"
        | "oc35" | "oc42" | "oc51" | "oc52" => {
            format!("{}.com", realm.replacen("oc", "oraclecloud", 1)).into()
        }
        _ => "oraclecloud.com".into(),
    }
}
