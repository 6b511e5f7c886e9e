//! Images, documents and videos, inline.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html>

use super::bad_request;
use crate::{error::Error, wire::bedrock::hex};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const IMAGES: [&str; 4] = ["gif", "jpeg", "png", "webp"];
const VIDEOS: [&str; 9] = ["3gp", "flv", "mkv", "mov", "mp4", "mpeg", "mpg", "webm", "wmv"];
/// Media types of documents, and what the API calls them.
const DOCUMENTS: [(&str, &str); 12] = [
    ("application/csv", "csv"),
    ("application/msword", "doc"),
    ("application/pdf", "pdf"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/xhtml+xml", "html"),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/markdown", "md"),
    ("text/plain", "txt"),
    ("text/x-markdown", "md"),
];

/// Bytes of a document that its name is made of.
const SAMPLE: usize = 64 * 1024;

/// `image_url`: a string, or an object with `url` and perhaps `format`. It may hold documents and videos too.
pub fn of_url(given: Option<Value>) -> Result<Value, Error> {
    let (url, format) = match given {
        Some(Value::String(url)) => (url, None),
        Some(Value::Object(mut given)) => match (given.remove("url"), given.remove("format")) {
            (Some(Value::String(url)), format) => (url, format),
            _ => return Err(bad_request("messages: an image_url must have a `url`")),
        },
        _ => return Err(bad_request("messages: an image_url must have a `url`")),
    };
    of_uri(&url, format.as_ref().and_then(Value::as_str))
}

/// A `file`, by its data or by an id, which is a data URI or an address.
pub fn of_file(given: Option<Value>) -> Result<Value, Error> {
    let Some(file) = given else {
        return Err(bad_request("Content block has type='file' but is missing the required 'file' field"));
    };
    let member = |name: &str| file.get(name).and_then(Value::as_str);
    let Some(uri) = member("file_id").or_else(|| member("file_data")) else {
        return Err(bad_request("file_data and file_id cannot both be None."));
    };
    of_uri(uri, member("format"))
}

/// Anthropic's `source` of a document.
pub fn of_source(source: Option<&Value>) -> Result<Value, Error> {
    let member = |name: &str| source.and_then(|source| source.get(name)?.as_str());
    match (member("type"), member("media_type"), member("data")) {
        (Some("base64"), Some(media_type), Some(data)) => document("Document", media_type, data),
        (kind, ..) => Err(bad_request(format_args!(
            "Bedrock Converse only supports base64-encoded document sources, got '{}'. Please convert the document to \
             base64 before sending to Bedrock.",
            kind.unwrap_or_default()
        ))),
    }
}

fn of_uri(uri: &str, format: Option<&str>) -> Result<Value, Error> {
    let Some((head, data)) = uri.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) else {
        // The API takes no addresses, and this is no place to fetch what they lead to.
        return Err(bad_request(
            "Unsupported image type. Expected either image url or base64 encoded string",
        ));
    };
    let media_type = format.unwrap_or_else(|| head.split(';').next().unwrap_or_default());
    if media_type.starts_with("application/") || media_type.starts_with("text/") {
        return document("DocumentPDFmessages", media_type, data);
    }
    let format = media_type.split_once('/').map_or(media_type, |(_, format)| format);
    let source = json!({ "format": format, "source": { "bytes": data } });
    if IMAGES.contains(&format) {
        Ok(json!({ "image": source }))
    } else if VIDEOS.contains(&format) {
        Ok(json!({ "video": source }))
    } else {
        Err(bad_request(format_args!(
            "Unsupported image format: {format}. Supported formats: {}, {}",
            IMAGES.join(", "),
            VIDEOS.join(", ")
        )))
    }
}

/// A document. Its name must not change from turn to turn: a cache holds only what stays the same.
fn document(name: &str, media_type: &str, data: &str) -> Result<Value, Error> {
    let Some((_, format)) = DOCUMENTS.iter().find(|(known, _)| *known == media_type) else {
        return Err(bad_request(format_args!("No supported extensions for MIME type: {media_type}.")));
    };
    let bytes = || data.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let sample: Vec<u8> = bytes().take(SAMPLE).collect();
    let mut hash = Sha256::new();
    hash.update(&sample);
    hash.update(bytes().count().to_string());
    let hash = hex(&hash.finalize(), 8);
    Ok(json!({ "document": {
        "format": format,
        "name": format!("{name}_{hash}_{format}"),
        "source": { "bytes": data },
    } }))
}
