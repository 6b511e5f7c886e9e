//! Any client body is refused or becomes JSON for the provider; nothing panics.
#![no_main]

use tianji_core::{call::Call, translate};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((operation, deployment, body)) = inputs::chosen(data) else { return };
    let Ok(call) = Call::at(operation, inputs::PATH, body.to_vec()) else { return };
    let Ok(outgoing) = translate::request(&call, &deployment) else { return };
    // As text: a number that nobody reads may be larger than any that there is.
    serde_json::from_slice::<&serde_json::value::RawValue>(&outgoing.body).expect("what goes upstream is JSON");
    assert!(outgoing.headers.iter().all(|(_, value)| !value.contains(['\r', '\n', '\0'])));
    assert!(!outgoing.path.contains(['\r', '\n', '\0', ' ']), "{:?}", outgoing.path);
});
