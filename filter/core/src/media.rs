//! Images and documents that a chat request names by their address, for upstreams that do not fetch them: found here,
//! fetched by others, put in as `data:` URLs.

use serde_json::{Map, Value};

/// What stands at an address, as far as the request tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In an `image_url`.
    Image,
    /// In a `file`.
    Document,
}

/// The addresses in a chat request (`messages` as `OpenAI` has them) that `fetches` says the upstream does not fetch.
pub fn remote(chat: &Map<String, Value>, fetches: impl Fn(&str, Kind) -> bool) -> Vec<String> {
    let mut chat = chat.clone();
    let mut found: Vec<String> = Vec::new();
    visit(&mut chat, &mut |url, kind| {
        if !fetches(url, kind) && !found.iter().any(|known| known == url) {
            found.push(url.to_owned());
        }
        None
    });
    found
}

/// Puts in what was fetched: the `data:` URL for an address, where there is one.
pub fn inline(chat: &mut Map<String, Value>, fetched: impl Fn(&str) -> Option<String>) {
    visit(chat, &mut |url, _| fetched(url));
}

/// Shows every address to `replace`, which may give what stands in its place.
fn visit(chat: &mut Map<String, Value>, replace: &mut dyn FnMut(&str, Kind) -> Option<String>) {
    for message in chat.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten() {
        for part in message.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(image) = part.get_mut("image_url") {
                let url = if image.is_object() { image.get_mut("url") } else { Some(image) };
                if let Some(url) = url
                    && let Some(data) =
                        url.as_str().filter(|url| is_address(url)).and_then(|url| replace(url, Kind::Image))
                {
                    *url = data.into();
                }
            }
            if let Some(file) = part.get_mut("file").and_then(Value::as_object_mut)
                && let Some(data) = document(file).and_then(|url| replace(url, Kind::Document))
            {
                file.shift_remove("file_id");
                file.entry("filename").or_insert_with(|| name(&data).into());
                file.insert("file_data".into(), data.into());
            }
        }
    }
}

/// A file has a name, with an ending for its type.
fn name(data: &str) -> String {
    let kind = data.strip_prefix("data:").and_then(|rest| rest.split([';', ',']).next());
    let ending =
        kind.and_then(|kind| kind.split('/').nth(1)).filter(|ending| !ending.contains(['.', '-', '+']));
    format!("my_file.{}", ending.unwrap_or("bin"))
}

fn document(file: &Map<String, Value>) -> Option<&str> {
    ["file_id", "file_data"].iter().find_map(|name| file.get(*name)?.as_str()).filter(|url| is_address(url))
}

fn is_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chat() -> Map<String, Value> {
        let content = json!([
            {"type": "text", "text": "https://a/not.png"},
            {"type": "image_url", "image_url": "https://a/1.png"},
            {"type": "image_url", "image_url": {"url": "https://a/1.png", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
            {"type": "file", "file": {"file_id": "https://a/2.pdf"}},
            {"type": "file", "file": {"file_id": "file-1"}},
        ]);
        serde_json::from_value(json!({"messages": [{"role": "user", "content": content}, 7]})).unwrap()
    }

    #[test]
    fn an_address_is_asked_for_once_unless_the_upstream_fetches_it() {
        assert_eq!(remote(&chat(), |_, _| false), ["https://a/1.png", "https://a/2.pdf"]);
        assert_eq!(remote(&chat(), |_, kind| kind == Kind::Image), ["https://a/2.pdf"]);
    }

    #[test]
    fn what_was_fetched_stands_where_the_address_stood() {
        let mut chat = chat();
        inline(&mut chat, |url| url.ends_with("pdf").then(|| "data:application/pdf;base64,AA==".into()));
        let chat = Value::Object(chat);
        assert_eq!(chat.pointer("/messages/0/content/1/image_url").unwrap(), "https://a/1.png");
        let file = chat.pointer("/messages/0/content/4/file").unwrap();
        assert_eq!(
            *file,
            json!({"filename": "my_file.pdf", "file_data": "data:application/pdf;base64,AA=="})
        );
    }
}
