//! Whose model it is, and what it is asked in.

use super::refused;
use crate::error::Error;
use serde_json::{Map, Value, json};

/// What the bodies differ by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html>
    Cohere,
    /// <https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html>
    Nova,
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html>
    Titan1,
    /// The same page.
    Titan2,
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-mm.html>
    TitanImage,
}

/// Cohere's own parameters; it refuses others.
const COHERE: [&str; 5] = ["embedding_types", "input_type", "max_tokens", "output_dimension", "truncate"];

/// The length of Nova's vectors, which it wants to be told.
const NOVA_LENGTH: u64 = 3072;

impl Vendor {
    /// By the model's own name.
    pub fn of(family: &str) -> Option<Self> {
        let known = [
            ("amazon.nova", Self::Nova),
            ("amazon.titan-embed-image", Self::TitanImage),
            ("amazon.titan-embed-text-v1", Self::Titan1),
            ("amazon.titan-embed-g1", Self::Titan1),
            ("amazon.titan-embed", Self::Titan2),
            ("cohere.", Self::Cohere),
        ];
        known.into_iter().find(|(start, _)| family.starts_with(start)).map(|(_, vendor)| vendor)
    }

    /// Headers that go with a request.
    pub fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Cohere => &[("request-source", "unspecified:litellm")],
            _ => &[],
        }
    }

    /// The optional parameters of `OpenAI`'s API that it takes.
    pub fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Cohere | Self::Titan2 => &["dimensions", "encoding_format"],
            Self::Nova | Self::TitanImage => &["dimensions"],
            Self::Titan1 => &[],
        }
    }

    /// The body for some texts, any of which may be an image as a `data:` URL.
    pub fn body(self, texts: &[String], asked: Map<String, Value>) -> Result<Value, Error> {
        let one = || match texts {
            [text] => Ok(text.as_str()),
            _ => Err(refused("input: this model takes one text at a time")),
        };
        Ok(match self {
            Self::Cohere => cohere(texts, asked),
            Self::Nova => nova(one()?, asked),
            Self::Titan1 => json!({ "inputText": one()? }),
            Self::Titan2 => titan(one()?, asked),
            Self::TitanImage => titan_image(one()?, asked),
        })
    }
}

fn cohere(texts: &[String], mut asked: Map<String, Value>) -> Value {
    if let Some(length) = asked.shift_remove("dimensions") {
        asked.insert("output_dimension".into(), length);
    }
    ask_numbers(&mut asked, "embedding_types");
    asked.retain(|name, _| COHERE.contains(&name.as_str()));
    let images = !texts.is_empty() && texts.iter().all(|text| data_url(text).is_some());
    if images {
        asked.insert("input_type".into(), "image".into());
    }
    asked.entry("input_type").or_insert_with(|| "search_document".into());
    asked.insert(if images { "images" } else { "texts" }.into(), json!(texts));
    asked.into()
}

fn titan(text: &str, mut asked: Map<String, Value>) -> Value {
    ask_numbers(&mut asked, "embeddingTypes");
    asked.insert("inputText".into(), text.into());
    asked.into()
}

fn titan_image(text: &str, mut asked: Map<String, Value>) -> Value {
    if let Some(length) = asked.shift_remove("dimensions") {
        asked.insert("embeddingConfig".into(), json!({ "outputEmbeddingLength": length }));
    }
    match data_url(text) {
        Some((_, data)) => asked.insert("inputImage".into(), data.into()),
        None => asked.insert("inputText".into(), text.into()),
    };
    asked.into()
}

fn nova(text: &str, mut asked: Map<String, Value>) -> Value {
    let length = asked.shift_remove("dimensions").or_else(|| asked.shift_remove("embedding_dimension"));
    asked.entry("embeddingDimension").or_insert_with(|| length.unwrap_or_else(|| NOVA_LENGTH.into()));
    asked.entry("embeddingPurpose").or_insert_with(|| "GENERIC_INDEX".into());
    let media = data_url(text).and_then(|(kind, data)| Some((kind.split_once('/')?, data)));
    let (field, content) = match media {
        Some(((field @ ("audio" | "image" | "video"), format), data)) => {
            let format = if format == "jpg" { "jpeg" } else { format };
            (field, json!({ "format": format, "source": { "bytes": data } }))
        }
        _ if text.starts_with("s3://") => {
            ("text", json!({ "source": { "s3Location": { "uri": text } }, "truncationMode": "END" }))
        }
        _ => ("text", json!({ "value": text, "truncationMode": "END" })),
    };
    if !["audio", "image", "text", "video"].iter().any(|given| asked.contains_key(*given)) {
        asked.insert(field.into(), content);
    }
    json!({
        "schemaVersion": "nova-multimodal-embed-v1",
        "taskType": "SINGLE_EMBEDDING",
        "singleEmbeddingParams": asked,
    })
}

/// Base64 is a way to write numbers, and no kind of them.
fn ask_numbers(asked: &mut Map<String, Value>, own: &str) {
    if asked.shift_remove("encoding_format").is_some() {
        asked.insert(own.into(), json!(["float"]));
    }
}

/// The type and the data of a `data:` URL.
fn data_url(text: &str) -> Option<(&str, &str)> {
    let (head, data) = text.strip_prefix("data:")?.split_once(',')?;
    Some((head.split(';').next().unwrap_or_default(), data))
}

/// The vectors of an answer, whosever it is.
pub fn vectors(body: &Value) -> Option<Vec<Value>> {
    let one = body.pointer("/embeddingsByType/float").or_else(|| body.get("embedding"));
    if let Some(one) = one {
        return Some(vec![one.clone()]);
    }
    let many = body.get("embeddings")?;
    let list = many.get("float").unwrap_or(many).as_array()?;
    Some(list.iter().map(|one| one.get("embedding").unwrap_or(one).clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(family: &str, texts: &[&str], asked: &Value) -> Result<Value, Error> {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        Vendor::of(family).unwrap().body(&texts, asked.as_object().cloned().unwrap())
    }

    #[test]
    fn a_model_that_takes_one_text_refuses_two() {
        for family in [
            "amazon.titan-embed-text-v1",
            "amazon.titan-embed-image-v1",
            "amazon.nova-2-multimodal-embeddings",
        ] {
            assert_eq!(body(family, &["a", "b"], &json!({})).unwrap_err().status, 400, "{family}");
        }
        assert_eq!(body("cohere.embed-v4:0", &["a", "b"], &json!({})).unwrap()["texts"], json!(["a", "b"]));
        assert_eq!(Vendor::of("twelvelabs.marengo-embed-2-7"), None);
    }

    #[test]
    fn base64_asks_for_numbers() {
        let asked = json!({ "encoding_format": "base64", "dimensions": 256 });
        let titan = body("amazon.titan-embed-text-v2:0", &["a"], &asked).unwrap();
        assert_eq!(titan, json!({ "dimensions": 256, "embeddingTypes": ["float"], "inputText": "a" }));
    }

    #[test]
    fn what_is_embedded_is_seen_in_its_address() {
        let nova = |text| body("amazon.nova-2-multimodal-embeddings-v1:0", &[text], &json!({})).unwrap();
        let params = |text| nova(text)["singleEmbeddingParams"].clone();
        assert_eq!(params("data:image/jpg;base64,QQ==")["image"]["format"], "jpeg");
        assert_eq!(params("data:audio/wav;base64,QQ==")["audio"]["source"]["bytes"], "QQ==");
        assert_eq!(params("s3://b/k")["text"]["source"]["s3Location"]["uri"], "s3://b/k");
        assert_eq!(params("data: is plural")["text"]["value"], "data: is plural");
    }

    #[test]
    fn vectors_are_found_under_every_name() {
        for body in [
            json!({ "embedding": [1] }),
            json!({ "embedding": [9], "embeddingsByType": { "float": [1] } }),
            json!({ "embeddings": [[1]] }),
            json!({ "embeddings": { "float": [[1]] } }),
            json!({ "embeddings": [{ "embeddingType": "TEXT", "embedding": [1] }] }),
        ] {
            assert_eq!(vectors(&body), Some(vec![json!([1])]), "{body}");
        }
        assert_eq!(vectors(&json!({ "message": "x" })), None);
    }
}
