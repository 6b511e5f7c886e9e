//! Forms as clients send them, and as nobody should.

use super::*;
use proptest::prelude::*;
use serde_json::json;

const TYPE: &str = "multipart/form-data; boundary=xYz";

fn read(body: &[u8]) -> Result<Form, Malformed> {
    Form::read(TYPE, body)
}

#[test]
fn a_form_is_its_fields_and_its_files() {
    let body = b"--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--xYz\r\nContent-Disposition: \
        form-data; name=\"file\"; filename=\"a \\\"b\\\";.wav\"\r\nContent-Type: audio/wav\r\n\r\n\r\n--xY\0\r\n--xYzz\r\n--xYz--\r\n";
    let form = read(body).unwrap();
    let file = form.file("file").unwrap();
    assert_eq!(&body[file.content.clone()], b"\r\n--xY\0\r\n--xYzz");
    assert_eq!(
        (file.filename.as_deref(), file.content_type.as_deref()),
        (Some("a \"b\";.wav"), Some("audio/wav"))
    );
    assert_eq!(Value::from(form.settings(body)), json!({ "model": "whisper" }));
}

#[test]
fn fields_that_come_more_than_once_are_lists() {
    let mut writer = Writer::new("xYz", 0);
    for (name, text) in [("a[]", "1"), ("b", "2"), ("b", "3"), ("a[]", "4"), ("c[]", "")] {
        assert!(writer.field(name, text));
    }
    let body = writer.finish();
    let settings = read(&body).unwrap().settings(&body);
    assert_eq!(Value::from(settings), json!({ "a": ["1", "4"], "b": ["2", "3"], "c": [""] }));
}

#[test]
fn what_is_no_form_is_refused() {
    let part = "--xYz\r\ncontent-disposition: form-data; name=a\r\n\r\nb";
    assert_eq!(read(part.as_bytes()), Err(Malformed::Cut));
    assert_eq!(read(b"--xYz\r\n\r\nb\r\n--xYz--"), Err(Malformed::Nameless));
    assert_eq!(read(b""), Err(Malformed::Cut));
    assert_eq!(Form::read("application/json", b"{}"), Err(Malformed::NoBoundary));
    assert_eq!(Form::read("multipart/form-data", b""), Err(Malformed::NoBoundary));
    assert_eq!(read((part.to_owned() + "\r\n").repeat(300).as_bytes()), Err(Malformed::TooManyParts));
    assert_eq!(read(b"preamble\r\n--xYz--").unwrap().parts, []);
}

#[test]
fn no_field_ends_a_form_early() {
    let mut writer = Writer::new("xYz", 0);
    assert!(!writer.field("a", "x\r\n--xYz\r\n\r\n"));
    assert!(writer.field("a\"\r\nb: c", "x"));
    let body = writer.finish();
    assert_eq!(read(&body).unwrap().parts.len(), 1);
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        boundary in "[a-zA-Z0-9'()+_,./:=?-]{1,70}",
        fields in prop::collection::vec(("[^\"\r\n\\\\%]{1,9}", ".{0,20}"), 0..9),
        file in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut writer = Writer::new(&boundary, file.len());
        let mut expected = Vec::new();
        for (name, text) in &fields {
            if writer.field(name, text) {
                expected.push((name.clone(), text.as_bytes().to_vec()));
            }
        }
        if writer.file("file", "f", None, &file) {
            expected.push(("file".into(), file));
        }
        let body = writer.finish();
        let form = Form::read(&format!("Multipart/Form-Data; charset=utf-8; boundary=\"{boundary}\""), &body).unwrap();
        let found = form.parts.iter().map(|part| (part.name.clone(), body[part.content.clone()].to_vec()));
        prop_assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn no_body_is_too_strange(pieces in prop::collection::vec(prop_oneof![
        Just("\r\n".to_owned()), Just("--xYz".to_owned()), Just("--".to_owned()),
        Just("content-disposition: form-data; name=\"".to_owned()), ".{0,9}",
    ], 0..30)) {
        let body = pieces.concat();
        if let Ok(form) = read(body.as_bytes()) {
            form.settings(body.as_bytes());
            prop_assert!(form.parts.iter().all(|part| part.content.end <= body.len()));
        }
    }
}
