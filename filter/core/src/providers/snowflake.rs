//! Snowflake Cortex. <https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "snowflake",
            name: "Snowflake",
            docs: "https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api",
            base_url: "",
            key_env: "SNOWFLAKE_JWT",
            base_env: "SNOWFLAKE_API_BASE",
            tokens: Tokens::Snowflake,
            takes: &[BASIC, TOOLS, &["thinking"]],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            headers: &[("x-snowflake-authorization-token-type", "KEYPAIR_JWT")],
            renames: &[("max_tokens", "max_completion_tokens")],
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        match parameter {
            "thinking" => is_claude(deployment),
            name => self.facts().takes(name, deployment),
        }
    }

    fn format(&self, deployment: &Deployment) -> Format {
        if is_claude(deployment) { Format::Anthropic } else { Format::OpenAi }
    }

    /// An account has an address of its own.
    fn base_url(&self, _model: &str, params: &Map<String, Value>) -> Cow<'static, str> {
        let account = params.get("account_id").and_then(Value::as_str).unwrap_or_default();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        if account.is_empty() || !account.bytes().all(plain) {
            return "".into();
        }
        format!("https://{account}.snowflakecomputing.com").into()
    }

    fn fetches(&self, deployment: &Deployment) -> Fetches {
        if is_claude(deployment) { Fetches::Nothing } else { Fetches::Everything }
    }

    fn path(&self, target: &Target) -> Option<String> {
        let below = match target.call.operation {
            Operation::Embeddings => "inference:embed",
            _ if is_claude(target.deployment) => "v1/messages",
            _ => "v1/chat/completions",
        };
        Some(format!("/api/v2/cortex/{below}"))
    }

    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        check_embeddings(asked, deployment, &[])?;
        if let Some(input) = asked.shift_remove("input") {
            asked.insert("text".into(), input);
        }
        Ok(())
    }

    fn reads(&self, has: &dyn Fn(&str) -> bool) -> bool {
        has("input")
    }

    /// It wants to be told either way.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        chat.entry("stream").or_insert(Value::Bool(false));
        Ok(())
    }

    fn max_tokens(&self, _deployment: &Deployment) -> Option<u64> {
        Some(4096)
    }

    fn amends(&self, deployment: &Deployment) -> bool {
        is_claude(deployment) || deployment.params.contains_key(KIND)
    }

    /// Its Messages API is a smaller one.
    fn amend(
        &self,
        body: &mut Map<String, Value>,
        headers: &mut Vec<(String, String)>,
        target: &Target,
    ) -> Result<(), Error> {
        let header = headers.iter_mut().find(|(name, _)| name == "x-snowflake-authorization-token-type");
        let kind = target.deployment.params.get(KIND).and_then(Value::as_str);
        if let (Some((_, value)), Some(kind)) = (header, kind) {
            kind.clone_into(value);
        }
        if !is_claude(target.deployment) {
            return Ok(());
        }
        body.entry("stream").or_insert(Value::Bool(false));
        for tool in items(body, "tools") {
            if tool.get("type").and_then(Value::as_str) == Some("custom") {
                tool.shift_remove("type");
            }
        }
        for message in items(body, "messages") {
            join_text(message);
        }
        Ok(())
    }
}

/// The parameter by which the control plane tells what kind of token the deployment has.
const KIND: &str = "snowflake_token_type";

/// Spoken to in Anthropic's own format.
fn is_claude(deployment: &Deployment) -> bool {
    let model = deployment.model.to_lowercase();
    model.starts_with("claude-") || model.starts_with("claude_")
}

fn items<'a>(
    body: &'a mut Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let list = body.get_mut(name).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// A text alone is sent as such.
fn join_text(message: &mut Map<String, Value>) {
    let text = match message.get("content").and_then(Value::as_array).map(Vec::as_slice) {
        Some([part]) if part.as_object().is_some_and(|part| part.len() == 2) => part.get("text").cloned(),
        _ => None,
    };
    if let Some(text) = text.filter(Value::is_string) {
        message.insert("content".into(), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{call::Call, translate};

    #[test]
    fn the_kind_of_token_is_told_and_no_part_of_the_body() {
        for model in ["llama3.1-70b", "claude-sonnet-4-5"] {
            let kind = |params: Value| {
                let deployment = Deployment {
                    provider: "snowflake".into(),
                    model: model.into(),
                    api_base: "https://acct.snowflakecomputing.com".into(),
                    params: params.as_object().unwrap().clone(),
                    ..Deployment::default()
                };
                let body = br#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#.to_vec();
                let call = Call::parse(Operation::Chat, body).unwrap();
                let outgoing = translate::request(&call, &deployment).unwrap();
                assert!(!String::from_utf8_lossy(&outgoing.body).contains("token_type"));
                let named = |(name, _): &(String, String)| name == "x-snowflake-authorization-token-type";
                outgoing.headers.into_iter().find(named).unwrap().1
            };
            assert_eq!(kind(json!({})), "KEYPAIR_JWT");
            assert_eq!(kind(json!({ KIND: "PROGRAMMATIC_ACCESS_TOKEN" })), "PROGRAMMATIC_ACCESS_TOKEN");
        }
    }
}
