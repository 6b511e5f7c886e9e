//! Secrets that may stand in files. They are read each time: files are replaced.

use super::Error;
use crate::secret::Secret;

/// A secret that was given itself (then it begins with `start`) or as the path of a file.
pub fn text_or_file(given: &Secret, start: &str) -> Result<Secret, Error> {
    let inline = given.expose().trim_start().starts_with(start);
    if inline { Ok(given.clone()) } else { file(given.expose()) }
}

/// What is in a file.
pub fn file(path: &str) -> Result<Secret, Error> {
    std::fs::read_to_string(path).map(Secret::new).map_err(|error| {
        Error::Setup(if looks_like_path(path) {
            format!("cannot read the file `{path}`: {error}")
        } else {
            "the credential is malformed, and no path of a file".into()
        })
    })
}

/// What is no path may be a malformed secret, which must not be shown.
fn looks_like_path(text: &str) -> bool {
    let file = [".json", ".key", ".p8", ".pem"].iter().any(|end| text.ends_with(end));
    text.len() < 256 && !text.contains(char::is_whitespace) && (file || text.starts_with('/'))
}
