//! What a request's path says beside where it leads.

/// The model in `/v1beta/models/{model}:{method}`, decoded; `None` where there is none. Its name may have slashes.
pub fn model(path: &str) -> Option<String> {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let (_, below) = path.split_once("/models/")?;
    let (model, _) = below.rsplit_once(':')?;
    decoded(model).filter(|model| !model.is_empty())
}

/// A value of the query, as it stands there.
pub fn query<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = path.split_once('?')?;
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name).map(|(_, v)| v)
}

/// A piece of a path or a query without its percent signs; `None` when that is no text.
pub fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = || {
            let digits = std::str::from_utf8(after.get(..2).filter(|_| *first == b'%')?).ok()?;
            u8::from_str_radix(digits, 16).ok()
        };
        let byte = escaped();
        out.push(byte.unwrap_or(*first));
        rest = after.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_s_name_may_have_slashes_colons_and_escapes() {
        let model = |path| model(path).unwrap_or_default();
        assert_eq!(model("/v1beta/models/gemini-2.5-pro:generateContent?alt=sse"), "gemini-2.5-pro");
        assert_eq!(model("/models/openai/gpt-4o:generateContent"), "openai/gpt-4o");
        assert_eq!(model("/v1/models/nova-pro-v1:0:countTokens"), "nova-pro-v1:0");
        assert_eq!(model("/models/a%2Fb%zz:generateContent"), "a/b%zz");
        assert_eq!(model("/models/:generateContent"), "");
    }

    #[test]
    fn a_query_is_read_by_name() {
        assert_eq!(query("/x?alt=sse&key=k", "key"), Some("k"));
        assert_eq!(query("/x?monkey=k", "key"), None);
        assert_eq!(query("/x", "key"), None);
    }
}
