//! Any answer of a provider is an error or becomes JSON for the client, or sound; nothing panics.
#![no_main]

use tianji_core::translate;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((operation, deployment, rest)) = inputs::chosen(data) else { return };
    let Some((&status, body)) = rest.split_first() else { return };
    let call = inputs::call(operation, false);
    let status = if status < 200 { 200 } else { 400 + u16::from(status) };
    match translate::answer(&call, &deployment, status, body, 1_760_000_000) {
        Ok(answer) if answer.content_type != "application/json" => {}
        Ok(answer) => {
            serde_json::from_slice::<serde_json::Value>(&answer.body).expect("what goes to the client is JSON");
        }
        Err(error) => {
            let body = error.body(operation.api());
            serde_json::from_slice::<serde_json::Value>(&body).expect("an error is JSON");
        }
    }
});
