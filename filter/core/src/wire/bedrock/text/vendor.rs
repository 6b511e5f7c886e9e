//! Whose model it is, and in what its body differs.

use crate::wire::{
    Target,
    bedrock::Name,
    prompts::{self, Turn},
};
use serde_json::{Map, Value, json};

/// What differs between vendors.
#[expect(clippy::struct_excessive_bools, reason = "four independent facts")]
pub struct Vendor {
    /// How its models' names begin.
    family: &'static str,
    /// The conversation as a prompt.
    pub prompt: fn(&[Turn]) -> String,
    /// The parameters its models take, and what they are called; nothing for those that are only put up with.
    pub params: &'static [(&'static str, &'static str)],
    /// The member that holds the prompt.
    place: &'static str,
    /// The member that holds the parameters; empty where they stand beside the prompt.
    settings: &'static str,
    /// Results of tools have a member of their own.
    remembers: bool,
    /// It is told to stream in the body too.
    pub says_stream: bool,
    /// It can stream.
    pub streams: bool,
    /// It opens with reasoning, of which the prompt has the opening mark.
    pub reasons: bool,
}

/// What most have in common.
const USUAL: Vendor = Vendor {
    family: "",
    prompt: prompts::llama,
    params: &[("max_tokens", "max_gen_len"), ("temperature", "temperature"), ("top_p", "top_p")],
    place: "prompt",
    settings: "",
    remembers: false,
    says_stream: false,
    streams: true,
    reasons: false,
};

const COHERE: &[(&str, &str)] = &[
    ("max_tokens", "max_tokens"),
    ("max_completion_tokens", "max_tokens"),
    ("temperature", "temperature"),
    ("top_p", "p"),
    ("stop", "stop_sequences"),
    ("n", "num_generations"),
    ("presence_penalty", "presence_penalty"),
    ("frequency_penalty", "frequency_penalty"),
    ("seed", "seed"),
    ("tools", "tools"),
    ("tool_choice", ""),
];

/// The most particular first; the last is everybody else.
static ALL: [Vendor; 8] = [
    Vendor {
        family: "ai21.j2",
        prompt: prompts::joined,
        params: &[("max_tokens", "maxTokens"), ("temperature", "temperature"), ("top_p", "topP")],
        streams: false,
        ..USUAL
    },
    Vendor {
        family: "amazon.titan",
        prompt: prompts::titan,
        params: &[
            ("max_tokens", "maxTokenCount"),
            ("max_completion_tokens", "maxTokenCount"),
            ("stop", "stopSequences"),
            ("temperature", "temperature"),
            ("top_p", "topP"),
        ],
        place: "inputText",
        settings: "textGenerationConfig",
        ..USUAL
    },
    Vendor {
        family: "cohere.command-r",
        prompt: prompts::paragraphs,
        params: COHERE,
        place: "message",
        remembers: true,
        ..USUAL
    },
    Vendor { family: "cohere.", prompt: prompts::paragraphs, params: COHERE, says_stream: true, ..USUAL },
    Vendor { family: "deepseek.", prompt: prompts::deepseek, reasons: true, ..USUAL },
    Vendor {
        family: "mistral.",
        prompt: prompts::mistral,
        params: &[
            ("max_tokens", "max_tokens"),
            ("temperature", "temperature"),
            ("top_p", "top_p"),
            ("stop", "stop"),
        ],
        ..USUAL
    },
    Vendor {
        family: "qwen.",
        prompt: prompts::qwen,
        params: &[
            ("max_tokens", "max_gen_len"),
            ("temperature", "temperature"),
            ("top_p", "top_p"),
            ("stop", "stop"),
        ],
        ..USUAL
    },
    USUAL,
];

impl Vendor {
    /// The vendor of the model behind `target`.
    pub fn of(target: &Target) -> &'static Self {
        let name = Name::of(&target.deployment.model);
        ALL.iter().find(|vendor| name.family().starts_with(vendor.family)).unwrap_or(&USUAL)
    }

    /// The body of a request.
    pub fn body(&self, prompt: String, settings: Map<String, Value>, turns: &[Value]) -> Value {
        let mut body = if self.settings.is_empty() {
            settings
        } else {
            let mut body = Map::new();
            body.insert(self.settings.into(), Value::Object(settings));
            body
        };
        body.insert(self.place.into(), prompt.into());
        if self.remembers {
            body.insert("chat_history".into(), results(turns).into());
        }
        Value::Object(body)
    }
}

/// What tools gave, beside the calls they answered.
fn results(turns: &[Value]) -> Vec<Value> {
    let calls = || turns.iter().filter_map(|turn| turn.get("tool_calls")?.as_array()).flatten();
    let results = turns.iter().filter(|turn| turn.get("role").is_some_and(|role| role == "tool"));
    results
        .filter_map(|turn| {
            let id = turn.get("tool_call_id")?;
            let function = calls().find(|call| call.get("id") == Some(id))?.get("function")?;
            let parsed = |text: Option<&Value>| serde_json::from_str::<Value>(text?.as_str()?).ok();
            let output = parsed(turn.get("content")).filter(Value::is_object);
            let output = output.unwrap_or_else(|| json!({ "result": turn.get("content") }));
            let parameters = parsed(function.get("arguments")).unwrap_or_else(|| json!({}));
            Some(json!({
                "call": { "name": function.get("name"), "parameters": parameters },
                "outputs": [output],
            }))
        })
        .collect()
}
