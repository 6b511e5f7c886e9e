//! What is fetched: which types, as which text.

use base64::{Engine, engine::general_purpose::STANDARD};

/// Beginnings of the types that models take in.
const TYPES: [&str; 7] =
    ["application/msword", "application/pdf", "application/vnd.", "audio/", "image/", "text/", "video/"];

/// Types by the ending of a path, for servers that do not tell.
const ENDINGS: [(&str, &str); 14] = [
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("heic", "image/heic"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("md", "text/markdown"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webp", "image/webp"),
];

/// The type of what was fetched: as the server says, or as the path tells where it says nothing.
pub fn kind(content_type: Option<&str>, path: &str) -> Option<String> {
    let said = content_type.and_then(|said| said.split(';').next()).unwrap_or_default();
    let said = said.trim().to_ascii_lowercase();
    if !matches!(said.as_str(), "" | "application/octet-stream" | "binary/octet-stream") {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"/.+-".contains(&b);
        let is_taken = TYPES.iter().any(|kind| said.starts_with(kind)) && said.bytes().all(token);
        return is_taken.then_some(said);
    }
    let ending = path.rsplit_once('.')?.1.to_ascii_lowercase();
    ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, kind)| (*kind).to_owned())
}

/// `data:image/png;base64,…`
pub fn data_url(kind: &str, bytes: &[u8]) -> String {
    let mut out = format!("data:{kind};base64,");
    STANDARD.encode_string(bytes, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_take_some_types_and_a_path_tells_what_a_server_does_not() {
        assert_eq!(kind(Some("image/PNG; charset=x"), "/a").as_deref(), Some("image/png"));
        assert_eq!(kind(None, "/a/B.JPG").as_deref(), Some("image/jpeg"));
        assert_eq!(kind(Some("application/octet-stream"), "/a.pdf").as_deref(), Some("application/pdf"));
        for (said, path) in
            [(Some("application/json"), "/a.png"), (Some("image/p,ng"), "/"), (None, "/a"), (None, "/a.exe")]
        {
            assert_eq!(kind(said, path), None, "{said:?} {path}");
        }
    }

    #[test]
    fn bytes_become_a_url() {
        assert_eq!(data_url("image/png", &[0, 0, 0]), "data:image/png;base64,AAAA");
    }
}
