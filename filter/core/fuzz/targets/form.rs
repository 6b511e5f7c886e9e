//! Any form is refused or goes on with its file as it came; nothing panics.
#![no_main]

use tianji_core::{call::Call, deployment::Deployment, form::Form, operation::Operation, translate};

const TYPE: &str = "multipart/form-data; boundary=b";

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else { return };
    let provider = if choice % 2 == 0 { "openai" } else { "deepgram" };
    let deployment = Deployment { provider: provider.into(), model: "m".into(), ..Deployment::default() };
    let Ok(call) = Call::read(Operation::Transcription, TYPE, body.to_vec()) else { return };
    let (_, file) = call.recording().expect("a call has a recording");
    let Ok(sent) = translate::request(&call, &deployment) else { return };
    assert!(!sent.path.contains(['\r', '\n', '\0', ' ']), "{:?}", sent.path);
    if provider == "deepgram" {
        return assert_eq!(sent.body, file);
    }
    let form = Form::read(&sent.content_type, &sent.body).expect("what goes upstream is a form");
    let part = form.file("file").expect("with the file in it");
    assert_eq!(&sent.body[part.content.clone()], file);
});
