//! The words in front of a form and of its parts: `name=value`, the value perhaps in quotes.

use super::{Malformed, Part};
use memchr::memmem;

/// The boundary that a content type names.
pub fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    let form = kind.trim().eq_ignore_ascii_case("multipart/form-data");
    let boundary = parameter(parameters, "boundary").filter(|_| form)?;
    // <https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1>
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    let fine =
        (1..=70).contains(&boundary.len()) && boundary.bytes().all(allowed) && !boundary.ends_with(' ');
    fine.then_some(boundary)
}

/// What stands in front of a part's content, and where that begins.
pub fn part(part: &[u8]) -> Result<(Part, usize), Malformed> {
    let (head, content) = match memmem::find(part, b"\r\n\r\n") {
        _ if part.starts_with(b"\r\n") => (0, 2),
        Some(end) => (end, end + 4),
        None => (part.len(), part.len()),
    };
    let head = part.get(..head).and_then(|head| std::str::from_utf8(head).ok()).ok_or(Malformed::Nameless)?;
    let header = |wanted: &str| {
        let fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
        fields
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
            .next()
    };
    let (kind, parameters) =
        header("content-disposition").and_then(|value| value.split_once(';')).ok_or(Malformed::Nameless)?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return Err(Malformed::Nameless);
    }
    let part = Part {
        name: parameter(parameters, "name").ok_or(Malformed::Nameless)?,
        filename: parameter(parameters, "filename"),
        content_type: header("content-type").map(str::to_owned),
        content: 0..0,
    };
    Ok((part, content))
}

/// One of `a=b; c="d"`.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (name, behind) = rest.split_once('=')?;
        let (value, behind) = value(behind.trim_start());
        if name.trim_matches([';', ' ', '\t']).eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = behind;
    }
}

/// A value, and what stands behind it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim_end().to_owned(), rest);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            // Whoever escapes escapes these two; a path from Windows has backslashes that are none.
            '\\' => match letters.clone().next() {
                Some((_, escaped @ ('"' | '\\'))) => {
                    letters.next();
                    value.push(escaped);
                }
                _ => value.push('\\'),
            },
            letter => value.push(letter),
        }
    }
    (value, "")
}
