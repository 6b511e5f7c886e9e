//! Images, sounds, films and documents: inline as base64, or where they are.
//! <https://ai.google.dev/gemini-api/docs/file-input-methods>

use super::{bad_request, list, model::Model, text};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// What is uploaded to the vendor's Files API needs no type.
const FILES_API: &str = "https://generativelanguage.googleapis.com/v1beta/files/";

/// Types by the ending of a name. Sorted.
const TYPES: [(&str, &str); 27] = [
    ("3gpp", "video/3gpp"),
    ("aac", "audio/aac"),
    ("avi", "video/avi"),
    ("flac", "audio/flac"),
    ("flv", "video/x-flv"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpa", "audio/m4a"),
    ("mpeg", "video/mpeg"),
    ("mpegps", "video/mpegps"),
    ("mpg", "video/mpg"),
    ("mpga", "audio/mpga"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/opus"),
    ("pcm", "audio/pcm"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("wmv", "video/wmv"),
];

/// How closely an image is looked at, lowest first: `OpenAI`'s word and the API's.
const RESOLUTIONS: [(&str, &str); 4] = [
    ("low", "MEDIA_RESOLUTION_LOW"),
    ("medium", "MEDIA_RESOLUTION_MEDIUM"),
    ("high", "MEDIA_RESOLUTION_HIGH"),
    ("ultra_high", "MEDIA_RESOLUTION_ULTRA_HIGH"),
];

/// The API's word for `OpenAI`'s `detail`.
pub fn resolution(detail: &str) -> Option<&'static str> {
    RESOLUTIONS.iter().find(|(name, _)| *name == detail).map(|(_, own)| *own)
}

/// The highest `detail` that is asked for anywhere in a conversation.
pub fn highest_detail(messages: &[Value]) -> Option<&'static str> {
    let rank = |detail: &str| RESOLUTIONS.iter().position(|(name, _)| *name == detail);
    let parts = messages.iter().flat_map(|message| list(message.get("content")));
    let details = parts.filter_map(|part| {
        ["image_url", "file"].iter().find_map(|kind| part.get(kind)?.get("detail")?.as_str()).and_then(rank)
    });
    RESOLUTIONS.get(details.max()?).map(|(name, _)| *name)
}

/// The part for what is at `url`: a `data:` URL, or an address. `hints` (`format`, `detail`, `video_metadata`) stand
/// beside the URL in the client's request.
pub fn part(url: &str, hints: &Value, model: Model) -> Result<Value, Error> {
    let given = ["format", "mime_type", "content_type"].iter().map(|name| text(hints, name));
    let given = given.into_iter().find(|kind| !kind.is_empty());
    let mut part = if let Some((kind, data)) = inline(url) {
        json!({ "inline_data": { "data": data, "mime_type": given.unwrap_or(kind) } })
    } else if ["gs://", "https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) {
        let mut file = Map::new();
        if let Some(kind) = kind(url, given)? {
            file.insert("mime_type".into(), kind.into());
        }
        file.insert("file_uri".into(), url.into());
        json!({ "file_data": file })
    } else {
        return Err(bad_request(format_args!("Invalid image received - {url}")));
    };
    if let Some(part) = part.as_object_mut() {
        annotate(part, hints, model);
    }
    Ok(part)
}

/// Whether it was uploaded to the vendor.
pub fn is_uploaded(url: &str) -> bool {
    url.starts_with(FILES_API)
}

/// Whether an address tells the type of what is there.
pub fn has_type(url: &str) -> bool {
    by_ending(url).is_some()
}

/// The type and the base64 of a `data:` URL.
pub fn inline(url: &str) -> Option<(&str, &str)> {
    let (head, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
    Some((head.split(';').next().unwrap_or(head), data))
}

/// The type of what is somewhere else. Only Google's own storage insists on knowing it.
fn kind<'a>(url: &str, given: Option<&'a str>) -> Result<Option<&'a str>, Error> {
    let kind = match given {
        Some("image/jpg") => Some("image/jpeg"),
        Some(given) => Some(given),
        None if is_uploaded(url) => None,
        None => by_ending(url),
    };
    if kind.is_none() && url.starts_with("gs://") {
        return Err(bad_request(format_args!(
            "Unable to determine mime type for gs URI: {url}. Set it explicitly using image_url.format (or \
             image_url.mime_type/content_type) or message.content[].file.format."
        )));
    }
    Ok(kind)
}

fn by_ending(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    let ending = ending.to_lowercase();
    TYPES
        .binary_search_by(|(known, _)| (*known).cmp(&ending))
        .ok()
        .and_then(|at| TYPES.get(at))
        .map(|(_, kind)| *kind)
}

/// How closely to look (from Gemini 3 on each part has its own), and which stretch of a film.
fn annotate(part: &mut Map<String, Value>, hints: &Value, model: Model) {
    if let Some(level) = resolution(text(hints, "detail")).filter(|_| model.is_newer()) {
        part.insert("media_resolution".into(), json!({ "level": level }));
    }
    let Some(video) = hints.get("video_metadata") else { return };
    let names = [("fps", "fps"), ("start_offset", "startOffset"), ("end_offset", "endOffset")];
    let own = names.into_iter().filter_map(|(name, own)| Some((own.to_owned(), video.get(name)?.clone())));
    let own: Map<String, Value> = own.collect();
    if !own.is_empty() {
        part.insert("video_metadata".into(), own.into());
    }
}
