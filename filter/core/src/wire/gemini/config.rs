//! `generationConfig`. <https://ai.google.dev/api/generate-content#generationconfig>

use super::{list, media, model::Model, schema, text, thinking};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// `OpenAI` takes no more stop sequences, and `LiteLLM` passes no more on.
const MAX_STOPS: usize = 4;

/// Settings that clients may also give under the API's own names, in either spelling.
const OWN: [&str; 20] = [
    "candidate_count",
    "frequency_penalty",
    "image_config",
    "logprobs",
    "max_output_tokens",
    "media_resolution",
    "presence_penalty",
    "response_format",
    "response_json_schema",
    "response_logprobs",
    "response_mime_type",
    "response_modalities",
    "response_schema",
    "seed",
    "speech_config",
    "stop_sequences",
    "temperature",
    "thinking_config",
    "top_k",
    "top_p",
];

/// The settings of a chat request, taken out of it. `resolution` is the highest that one of its images asks for.
pub fn take(
    chat: &mut Map<String, Value>,
    resolution: Option<&str>,
    model: Model,
) -> Result<Map<String, Value>, Error> {
    let mut config = renamed(chat, model)?;
    if let Some(format) = chat.shift_remove("response_format") {
        answer_format(&mut config, format, model);
    }
    if let Some(audio) = chat.shift_remove("audio") {
        speech(&mut config, &audio)?;
    }
    let own: Vec<String> = chat.keys().filter(|name| is_own(name)).cloned().collect();
    for name in own {
        if let Some(value) = chat.shift_remove(&name) {
            config.entry(name).or_insert(value);
        }
    }
    if let Some(resolution) = resolution.filter(|_| model.is_second()).and_then(media::resolution) {
        config.insert("mediaResolution".into(), resolution.into());
    }
    if model.is_newer() {
        // The vendor's advice: lower values make these models repeat themselves.
        config.entry("temperature").or_insert_with(|| json!(1.0));
    }
    Ok(config)
}

/// Those that only have another name here.
fn renamed(chat: &mut Map<String, Value>, model: Model) -> Result<Map<String, Value>, Error> {
    let mut take = |name: &str| chat.shift_remove(name);
    let tokens = take("max_tokens");
    let (effort, thinking) = (take("reasoning_effort"), take("thinking"));
    let settings = [
        ("max_output_tokens", take("max_completion_tokens").or(tokens)),
        ("stop_sequences", take("stop").and_then(stops)),
        ("candidate_count", take("n")),
        ("responseLogprobs", take("logprobs")),
        ("logprobs", take("top_logprobs")),
        ("responseModalities", take("modalities").as_ref().and_then(modalities)),
        ("thinkingConfig", thinking::config(effort.as_ref(), thinking.as_ref(), model)?),
    ];
    Ok(settings.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

fn is_own(name: &str) -> bool {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    OWN.binary_search(&snake.as_str()).is_ok()
}

fn stops(stop: Value) -> Option<Value> {
    match stop {
        Value::String(_) => Some(json!([stop])),
        Value::Array(mut stops) => {
            stops.truncate(MAX_STOPS);
            Some(stops.into())
        }
        _ => None,
    }
}

fn modalities(wanted: &Value) -> Option<Value> {
    let name = |modality: &Value| match modality.as_str() {
        Some("text") => "TEXT",
        Some("image") => "IMAGE",
        Some("audio") => "AUDIO",
        Some("video") => "VIDEO",
        _ => "MODALITY_UNSPECIFIED",
    };
    wanted.as_array().map(|wanted| wanted.iter().map(name).collect())
}

/// `OpenAI`'s `audio`: a voice, and sound as one of the modalities.
fn speech(config: &mut Map<String, Value>, audio: &Value) -> Result<(), Error> {
    if let Some(format) = audio.get("format").filter(|format| !format.is_null() && *format != "pcm16") {
        return Err(super::bad_request(format_args!(
            "Unsupported audio format for Gemini TTS models: {}. Gemini TTS models only support 'pcm16' format as they \
             return audio data in L16 PCM format. Please set audio format to 'pcm16'.",
            format.as_str().unwrap_or_default()
        )));
    }
    let mut own = Map::new();
    if let Some(voice) = audio.get("voice") {
        own.insert("voiceConfig".into(), json!({ "prebuiltVoiceConfig": { "voiceName": voice } }));
    }
    if let Some(language) = audio.get("language_code") {
        own.insert("languageCode".into(), language.clone());
    }
    config.insert("speechConfig".into(), own.into());
    let modalities = config.entry("responseModalities").or_insert_with(|| json!([]));
    if let Value::Array(modalities) = modalities
        && !modalities.iter().any(|modality| modality == "AUDIO")
    {
        modalities.push("AUDIO".into());
    }
    Ok(())
}

/// `response_format`: a type of answer, and the schema it is held to.
fn answer_format(config: &mut Map<String, Value>, mut format: Value, model: Model) {
    let kind = text(&format, "type").to_owned();
    let schema = match format.get_mut("response_schema").map(Value::take) {
        None if kind == "json_schema" => format.pointer_mut("/json_schema/schema").map(Value::take),
        given => given,
    };
    let mime = match kind.as_str() {
        _ if schema.is_some() => "application/json",
        "json_object" => "application/json",
        "text" => "text/plain",
        _ => return,
    };
    config.insert("response_mime_type".into(), mime.into());
    let Some(schema) = schema.filter(|schema| schema.as_object().is_some_and(|own| !own.is_empty())) else {
        return;
    };
    if model.takes_json_schema() {
        config.insert("response_json_schema".into(), schema);
    } else {
        config.insert("response_schema".into(), schema::ordered(schema::open_api(schema)));
    }
}

/// Where the tools look at maps, a JSON answer has to be asked for in another way.
pub fn beside_maps(config: &mut Map<String, Value>, tools: &Value) {
    let maps = list(Some(tools)).iter().any(|tool| tool.get("googleMaps").is_some());
    if !maps || config.get("response_mime_type").is_none_or(|mime| mime != "application/json") {
        return;
    }
    config.shift_remove("response_mime_type");
    let json = config.shift_remove("response_json_schema");
    let mut wanted = Map::new();
    wanted.insert("mimeType".into(), "APPLICATION_JSON".into());
    if let Some(schema) = json.or_else(|| config.shift_remove("response_schema")) {
        wanted.insert("schema".into(), schema);
    }
    config.insert("responseFormat".into(), json!({ "text": wanted }));
}
