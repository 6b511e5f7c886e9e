//! What one candidate says, as fields of a message or of a delta.

use super::{
    SIGNED, grounding, list,
    response::{Blob, Candidate, FunctionCall, Part},
    text,
};
use crate::{error::Error, providers::Facts};
use serde_json::{Map, Value, json};

/// A sound is kept by clients for a day, in seconds.
const KEPT: u64 = 24 * 60 * 60;

/// Numbers the calls of an answer and gives them ids where the vendor gave none.
#[derive(Debug)]
pub struct Numbering {
    /// The same for all calls of one answer, different for others.
    pub seed: String,
    /// Unix seconds.
    pub now: u64,
    /// Calls so far.
    pub calls: usize,
}

/// What a candidate says.
#[derive(Debug, Default)]
pub struct Said {
    /// Text; `None` when there is none.
    pub content: Option<String>,
    /// Thoughts.
    pub reasoning: Option<String>,
    /// The same as blocks, each with its signature.
    pub thoughts: Vec<Value>,
    /// `tool_calls`.
    pub calls: Vec<Value>,
    /// `images`.
    pub images: Vec<Value>,
    /// `audio`.
    pub audio: Option<Value>,
    /// `annotations`.
    pub annotations: Vec<Value>,
    /// `thought_signatures` and `server_side_tool_invocations`.
    pub own: Map<String, Value>,
}

impl Said {
    /// Reads a candidate's parts.
    pub fn by(candidate: &mut Candidate, numbering: &mut Numbering) -> Self {
        let mut said = Self::default();
        let (mut signatures, mut served) = (Vec::new(), Vec::new());
        let parts = candidate.content.take().and_then(|content| content.parts).unwrap_or_default();
        for part in parts {
            signatures.extend(part.thought_signature.clone().map(Value::String));
            serve(&part, &mut served);
            said.part(part, numbering);
        }
        if let Some(found) = &candidate.grounding_metadata {
            said.annotations = grounding::annotations(found);
        }
        for (name, found) in [("thought_signatures", signatures), ("server_side_tool_invocations", served)] {
            if !found.is_empty() {
                said.own.insert(name.into(), found.into());
            }
        }
        said
    }

    fn part(&mut self, part: Part, numbering: &mut Numbering) {
        let thought = part.thought == Some(true);
        if thought {
            let mut block = Map::new();
            block.insert("type".into(), "thinking".into());
            block.insert("thinking".into(), part.text.as_deref().unwrap_or_default().into());
            block.extend(
                part.thought_signature.as_deref().map(|signature| ("signature".to_owned(), signature.into())),
            );
            self.thoughts.push(block.into());
        }
        if let Some(text) = part.text.filter(|text| !text.is_empty()) {
            self.say(&text, thought);
        } else if let Some(blob) = part.inline_data {
            self.show(&blob, thought, numbering);
        }
        if let Some(call) = part.function_call {
            self.calls.push(numbering.call(call, part.thought_signature.as_deref()));
        }
    }

    fn say(&mut self, text: &str, thought: bool) {
        let place = if thought { &mut self.reasoning } else { &mut self.content };
        place.get_or_insert_default().push_str(text);
    }

    fn show(&mut self, blob: &Blob, thought: bool, numbering: &Numbering) {
        let Blob { mime_type, data } = blob;
        let url = format!("data:{mime_type};base64,{data}");
        if mime_type.starts_with("image/") {
            let image = json!({ "url": url, "detail": "auto" });
            self.images.push(json!({ "image_url": image, "index": 0, "type": "image_url" }));
        } else if !mime_type.starts_with("audio/") {
            self.say(&url, thought);
        } else if self.audio.is_none() {
            let id = format!("audio_{}", numbering.seed);
            let expires = numbering.now.saturating_add(KEPT);
            self.audio = Some(json!({ "id": id, "data": data, "expires_at": expires, "transcript": "" }));
        }
    }

    /// The fields of a message or a delta, without its role.
    pub fn fields(self) -> Map<String, Value> {
        let mut out = Map::new();
        let some = |list: Vec<Value>| (!list.is_empty()).then_some(Value::Array(list));
        let fields = [
            ("content", self.content.map(Value::String)),
            ("reasoning_content", self.reasoning.map(Value::String)),
            ("thinking_blocks", some(self.thoughts)),
            ("tool_calls", some(self.calls)),
            ("images", some(self.images)),
            ("audio", self.audio),
            ("annotations", some(self.annotations)),
            ("provider_specific_fields", (!self.own.is_empty()).then_some(Value::Object(self.own))),
        ];
        out.extend(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        out
    }
}

impl Numbering {
    /// A call. Its id carries the signature, for clients that give back nothing else.
    fn call(&mut self, call: FunctionCall, signature: Option<&str>) -> Value {
        let index = self.calls;
        self.calls += 1;
        let id =
            call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{}{index:x}", self.seed));
        let arguments = call.args.filter(|args| !args.is_null()).unwrap_or_else(|| json!({}));
        let mut own = Map::new();
        own.insert("index".into(), index.into());
        own.insert(
            "id".into(),
            signature.map_or_else(|| id.clone(), |signature| format!("{id}{SIGNED}{signature}")).into(),
        );
        own.insert("type".into(), "function".into());
        own.insert("function".into(), json!({ "name": call.name, "arguments": arguments.to_string() }));
        if let Some(signature) = signature {
            own.insert("provider_specific_fields".into(), json!({ "thought_signature": signature }));
        }
        own.into()
    }
}

/// Takes in a call of one of the vendor's tools, or what one gave: the client gives both back with the next turn.
fn serve(part: &Part, served: &mut Vec<Value>) {
    let signature =
        |name: &str| part.thought_signature.as_ref().map(|own| (name.to_owned(), Value::from(own.as_str())));
    if let Some(call) = &part.tool_call {
        let field = |name: &str| call.get(name).cloned().unwrap_or_default();
        let mut own = Map::new();
        own.insert("tool_type".into(), field("toolType"));
        own.insert("id".into(), field("id"));
        own.insert("args".into(), field("args"));
        own.extend(signature("thought_signature"));
        served.push(own.into());
    }
    let Some(response) = &part.tool_response else { return };
    let (id, given) = (text(response, "id"), response.get("response").cloned().unwrap_or_default());
    let made = served.iter_mut().filter_map(Value::as_object_mut);
    let mut asked =
        made.filter(|made| made.get("id").is_some_and(|known| known == id) && !made.contains_key("response"));
    if let Some(own) = asked.next() {
        own.insert("response".into(), given);
        own.extend(signature("response_thought_signature"));
        return;
    }
    let kind = response.get("toolType").cloned().unwrap_or_default();
    let mut own = Map::new();
    own.insert("id".into(), id.into());
    own.insert("tool_type".into(), kind);
    own.insert("response".into(), given);
    own.extend(signature("response_thought_signature"));
    served.push(own.into());
}

/// `OpenAI`'s finish reason for the API's.
/// <https://ai.google.dev/api/generate-content#FinishReason>
pub fn finish_reason(native: &str) -> &'static str {
    match native {
        "MAX_TOKENS" => "length",
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "OTHER"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "IMAGE_OTHER"
        | "NO_IMAGE"
        | "ESCALATION" => "content_filter",
        _ => "stop",
    }
}

/// The model tried to call a function and failed: there is no answer, and another attempt may well give one.
pub fn malformed(candidate: &Candidate, facts: &Facts) -> Option<Error> {
    let reason = candidate.finish_reason.as_deref().filter(|reason| *reason == "MALFORMED_FUNCTION_CALL")?;
    let name = facts.name;
    let message = format!(
        "litellm.InternalServerError: {name}Exception - the model's call of a function is malformed ({reason})"
    );
    Some(Error::new(500, "internal_server_error", message))
}

/// `logprobs`.
pub fn logprobs(result: &Value) -> Option<Value> {
    let chosen = result.get("chosenCandidates")?.as_array()?;
    let tops = list(result.get("topCandidates"));
    let token = |of: &Value| json!({ "token": of.get("token"), "logprob": of.get("logProbability").cloned().unwrap_or_default() });
    let content = chosen.iter().enumerate().map(|(at, one)| {
        let top = tops.get(at).map(|top| list(top.get("candidates"))).unwrap_or_default();
        let mut one = token(one);
        if let Some(one) = one.as_object_mut() {
            one.insert("top_logprobs".into(), top.iter().map(token).collect());
        }
        one
    });
    Some(json!({ "content": content.collect::<Vec<Value>>() }))
}
