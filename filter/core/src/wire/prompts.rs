//! A conversation as one text: the templates that models were trained with.

use serde_json::Value;

/// A message: who speaks, and what. Only texts have a place in a prompt.
pub struct Turn {
    role: Role,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// The texts of a conversation.
pub fn turns(messages: &[Value]) -> Vec<Turn> {
    messages
        .iter()
        .map(|message| {
            let role = match message.get("role").and_then(Value::as_str) {
                Some("system" | "developer") => Role::System,
                Some("assistant") => Role::Assistant,
                Some("tool" | "function") => Role::Tool,
                _ => Role::User,
            };
            Turn { role, text: text(message.get("content")) }
        })
        .collect()
}

fn text(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

/// A conversation in the template that the model's name tells of.
pub fn named(model: &str, messages: &[Value]) -> String {
    let turns = turns(messages);
    let named = |words: &[&str]| words.iter().all(|word| model.contains(word));
    if named(&["granite", "chat"]) {
        granite(&turns)
    } else if named(&["mistral", "instruct"]) {
        mistral(&turns)
    } else if named(&["llama-3", "instruct"]) {
        llama(&turns)
    } else {
        spaced(&turns)
    }
}

/// <https://www.llama.com/docs/model-cards-and-prompt-formats/meta-llama-3/>
pub fn llama(turns: &[Turn]) -> String {
    let mut prompt = String::from("<|begin_of_text|>");
    for Turn { role, text } in turns {
        let text = text.trim();
        prompt.extend(["<|start_header_id|>", role.name(), "<|end_header_id|>\n\n", text, "<|eot_id|>"]);
    }
    prompt.push_str("<|start_header_id|>assistant<|end_header_id|>\n\n");
    prompt
}

/// <https://docs.mistral.ai/guides/tokenization/>
pub fn mistral(turns: &[Turn]) -> String {
    let mut prompt = String::from("<s>");
    for Turn { role, text } in turns {
        let (before, after) = match role {
            Role::System => ("[INST] \n", " [/INST]\n"),
            Role::User => ("[INST] ", " [/INST]\n"),
            Role::Assistant => (" ", "</s> "),
            Role::Tool => ("", ""),
        };
        prompt.extend([before, text, after]);
    }
    prompt
}

/// <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-text.html>
pub fn titan(turns: &[Turn]) -> String {
    let mut prompt = String::new();
    for Turn { role, text } in turns {
        let (before, after) = match role {
            Role::System => ("\n\nUser: <admin>", "</admin>"),
            Role::User => ("\n\nUser: ", ""),
            Role::Assistant | Role::Tool => ("\n\nBot: ", ""),
        };
        prompt.extend([before, text, after]);
    }
    if turns.last().is_none_or(|turn| turn.role != Role::Assistant) {
        prompt.push_str("\n\nBot: ");
    }
    prompt
}

/// <https://huggingface.co/deepseek-ai/DeepSeek-R1/blob/main/tokenizer_config.json>
pub fn deepseek(turns: &[Turn]) -> String {
    let system = turns.iter().rfind(|turn| turn.role == Role::System);
    let mut prompt = String::from("<｜begin▁of▁sentence｜>");
    prompt.push_str(system.map_or("", |system| &system.text));
    for Turn { role, text } in turns.iter().filter(|turn| turn.role != Role::System) {
        let (before, after) = match role {
            Role::Assistant => ("<｜Assistant｜>", "<｜end▁of▁sentence｜>"),
            Role::Tool => (
                "<｜tool▁outputs▁begin｜><｜tool▁output▁begin｜>",
                "<｜tool▁output▁end｜><｜tool▁outputs▁end｜>",
            ),
            _ => ("<｜User｜>", ""),
        };
        prompt.extend([before, text, after]);
    }
    if turns.last().is_none_or(|turn| turn.role != Role::Tool) {
        prompt.push_str("<｜Assistant｜><think>\n");
    }
    prompt
}

/// <https://qwen.readthedocs.io/en/latest/getting_started/concepts.html#control-tokens-chat-template>
pub fn qwen(turns: &[Turn]) -> String {
    let mut prompt = String::new();
    for Turn { role, text } in turns {
        prompt.extend(["<|im_start|>", role.name(), "\n", text, "<|im_end|>\n"]);
    }
    prompt.push_str("<|im_start|>assistant\n");
    prompt
}

/// What was said, by anybody but tools, as paragraphs.
pub fn paragraphs(turns: &[Turn]) -> String {
    let said = turns.iter().filter(|turn| turn.role != Role::Tool).map(|turn| turn.text.as_str());
    said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// What was said, without a template.
pub fn joined(turns: &[Turn]) -> String {
    turns.iter().map(|turn| turn.text.as_str()).collect()
}

/// What was said, without a template, with a space between one turn and the next.
pub fn spaced(turns: &[Turn]) -> String {
    let said = turns.iter().map(|turn| turn.text.as_str());
    said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

/// <https://www.ibm.com/docs/en/watsonx/w-and-w/2.0.x?topic=models-granite-13b-chat-v2-prompting-tips#chat>
pub fn granite(turns: &[Turn]) -> String {
    let mut prompt = String::new();
    for Turn { role, text } in turns {
        let (before, after) = match role {
            Role::System => ("<|system|>\n", "\n"),
            Role::User => ("<|user|>\n", "\n<|assistant|>\n"),
            Role::Assistant | Role::Tool => ("", "\n"),
        };
        prompt.extend([before, text, after]);
    }
    prompt.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_granite_is_asked_in_its_own_template() {
        let turns = turns(&[
            json!({ "role": "system", "content": "S" }),
            json!({ "role": "user", "content": [{ "type": "text", "text": "Q" }] }),
            json!({ "role": "assistant", "content": "A" }),
            json!({ "role": "user", "content": "R" }),
        ]);
        let prompt = "<|system|>\nS\n<|user|>\nQ\n<|assistant|>\nA\n<|user|>\nR\n<|assistant|>";
        assert_eq!(granite(&turns), prompt);
    }

    #[test]
    fn turns_without_a_text_leave_no_space() {
        let turns = turns(&[
            json!({ "role": "user", "content": "Q" }),
            json!({ "role": "assistant", "content": null, "tool_calls": [] }),
            json!({ "role": "tool", "content": "R" }),
        ]);
        assert_eq!(spaced(&turns), "Q R");
    }
}
