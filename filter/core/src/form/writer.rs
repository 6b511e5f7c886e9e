//! A form on its way out.

use memchr::memmem;

/// Writes a form, part by part.
pub struct Writer {
    delimiter: String,
    body: Vec<u8>,
}

impl Writer {
    /// With what stands between its parts, and room for a file of `size` bytes.
    pub fn new(boundary: &str, size: usize) -> Self {
        Self { delimiter: format!("--{boundary}"), body: Vec::with_capacity(size + 2048) }
    }

    /// A field. `false`, and nothing is written, where its text would end the part.
    pub fn field(&mut self, name: &str, text: &str) -> bool {
        self.part(name, None, None, text.as_bytes())
    }

    /// A file, likewise.
    pub fn file(&mut self, name: &str, filename: &str, content_type: Option<&str>, content: &[u8]) -> bool {
        self.part(name, Some(filename), content_type, content)
    }

    /// The whole form.
    pub fn finish(mut self) -> Vec<u8> {
        self.put(&[&self.delimiter.clone(), "--\r\n"]);
        self.body
    }

    fn part(
        &mut self,
        name: &str,
        filename: Option<&str>,
        content_type: Option<&str>,
        content: &[u8],
    ) -> bool {
        let delimiter = self.delimiter.clone();
        let ends = |at: usize| {
            content.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(b"\r\n"))
        };
        if memmem::find_iter(content, delimiter.as_bytes()).any(ends) {
            return false;
        }
        self.put(&[&delimiter, "\r\ncontent-disposition: form-data; name=\"", &escaped(name), "\""]);
        if let Some(filename) = filename {
            self.put(&["; filename=\"", &escaped(filename), "\""]);
        }
        if let Some(kind) = content_type.filter(|kind| !kind.bytes().any(|byte| byte.is_ascii_control())) {
            self.put(&["\r\ncontent-type: ", kind]);
        }
        self.put(&["\r\n\r\n"]);
        self.body.extend_from_slice(content);
        self.put(&["\r\n"]);
        true
    }

    fn put(&mut self, texts: &[&str]) {
        self.body.extend(texts.iter().flat_map(|text| text.bytes()));
    }
}

/// As browsers write names. <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
