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
        is_claude(deployment)
    }

    /// Its Messages API is a smaller one.
    fn amend(
        &self,
        body: &mut Map<String, Value>,
        _headers: &mut Vec<(String, String)>,
        target: &Target,
    ) -> Result<(), Error> {
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
