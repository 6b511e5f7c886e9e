//! Fireworks. <https://docs.fireworks.ai/api-reference/post-chatcompletions>
use super::{json_tool, prelude::*};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "fireworks_ai",
            name: "Fireworks_ai",
            docs: "https://docs.fireworks.ai/api-reference/post-chatcompletions",
            base_url: "https://api.fireworks.ai/inference/v1",
            key_env: "FIREWORKS_AI_API_KEY",
            base_env: "FIREWORKS_API_BASE",
            formats: &[(Operation::Rerank, Format::Rerank)],
            takes: &[
                BASIC,
                PENALTIES,
                PROBABILITIES,
                REASONING,
                TOOLS,
                &[
                    "n",
                    "parallel_tool_calls",
                    "prediction",
                    "prompt_cache_key",
                    "response_format",
                    "seed",
                    "service_tier",
                    "stop",
                    "stream_options",
                    "user",
                ],
            ],
            renames: &[("max_completion_tokens", "max_tokens")],
            gated: &[("supports_reasoning", REASONING), ("supports_tool_choice", &["tool_choice"])],
            messages: Rules {
                unknown: &["provider_specific_fields", "thinking_blocks"],
                unknown_in_tools: &["strict"],
                ..Rules::PLAIN
            },
            embeds: &["dimensions"],
            asks_usage: true,
            extras: Extras::InAnswers,
            completes: true,
            ..Facts::OPENAI
        }
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        match parameter {
            "tools" | "parallel_tool_calls" => {
                deployment.supports("supports_function_calling") != Some(false)
            }
            name => self.facts().takes(name, deployment),
        }
    }

    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        check(chat, deployment)?;
        chat.shift_remove("best_of"); // it draws one text and has no word for more
        if !deployment.model.starts_with("accounts/") && !deployment.model.contains('#') {
            chat.insert("model".into(), format!("accounts/fireworks/models/{}", deployment.model).into());
        }
        if chat.get("tool_choice").and_then(Value::as_str) == Some("required") {
            chat.insert("tool_choice".into(), "any".into());
        }
        fit_effort(chat);
        if chat.contains_key("tools") {
            json_tool::offer(chat); // tools and a format for the answer exclude each other
        }
        Ok(())
    }

    fn reads(&self, _has: &dyn Fn(&str) -> bool) -> bool {
        true
    }

    fn finish(&self) -> Option<Finish> {
        Some(Finish::JsonTool)
    }

    fn path(&self, target: &Target) -> Option<String> {
        let ranks = target.call.operation == Operation::Rerank;
        ranks.then(|| rerank::path_below(target.deployment, "/inference/v1"))
    }

    /// `LiteLLM` calls its tokens searches.
    fn dress(&self, answer: &mut Map<String, Value>, _target: &Target) {
        if let Some(units) = answer.get_mut("meta").and_then(|meta| meta.get_mut("billed_units")) {
            *units = json!({ "search_units": units.get("total_tokens") });
        }
    }
}

/// What it cannot do.
fn check(chat: &Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
    let refuse = |why: &str| Err(Error::invalid(format!("litellm.BadRequestError: {why}")));
    if chat.contains_key("thinking") && chat.contains_key("reasoning_effort") {
        return refuse(
            "Fireworks AI chat completions does not support specifying both `thinking` and `reasoning_effort` in the \
             same request.",
        );
    }
    let messages = chat.get("messages").and_then(Value::as_array).into_iter().flatten();
    let users = messages.filter(|message| message.get("role").and_then(Value::as_str) == Some("user"));
    let parts = users.filter_map(|message| message.get("content")?.as_array()).flatten();
    for kind in parts.filter_map(|part| part.get("type")?.as_str()) {
        if kind == "file" {
            return refuse(
                "Fireworks AI chat completions does not support file content blocks. For PDFs, convert pages to images \
                 and send image_url blocks to a Fireworks vision model, or extract text before calling a text-only \
                 model.",
            );
        }
        if kind == "image_url" && deployment.supports("supports_vision") == Some(false) {
            return refuse(&format!(
                "Fireworks AI model {} does not support image inputs. Use a Fireworks vision model or remove image_url \
                 content blocks.",
                deployment.model
            ));
        }
    }
    Ok(())
}

/// Some words for efforts are others' only.
fn fit_effort(chat: &mut Map<String, Value>) {
    let Some(effort) = chat.get("reasoning_effort") else { return };
    let effort = effort.get("effort").unwrap_or(effort).as_str().map(str::to_owned);
    match effort.as_deref() {
        Some("disable" | "disabled") => drop(chat.insert("reasoning_effort".into(), "none".into())),
        Some("auto") => drop(chat.shift_remove("reasoning_effort")),
        Some(effort) => drop(chat.insert("reasoning_effort".into(), effort.into())),
        None => {}
    }
}
