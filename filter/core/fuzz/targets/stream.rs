//! Any stream, cut anywhere, gives the client the same events as in one piece; nothing panics. Where it is translated, each
//! event is JSON; where both sides speak the same format it passes as it came.
#![no_main]

use tianji_core::{
    call::Call, deployment::Deployment, operation::Operation, translate::Stream, wire::Format,
};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((operation, deployment, rest)) = inputs::chosen(data) else { return };
    if !operation.streams() || operation == Operation::Generate {
        return;
    }
    let Some((&size, bytes)) = rest.split_first() else { return };
    let call = inputs::call(operation, true);
    let whole = translated(&call, &deployment, [bytes].into_iter());
    let split = translated(&call, &deployment, bytes.chunks(usize::from(size).max(1)));
    assert_eq!(events(&whole), events(&split));
    let native = match operation {
        Operation::Messages => deployment.provider == "anthropic",
        Operation::Responses => deployment.provider == "openai",
        Operation::StreamGenerate => deployment.format() == Format::Gemini,
        _ => deployment.format() == Format::OpenAi,
    };
    if native {
        return;
    }
    let text = String::from_utf8(whole).expect("UTF-8");
    for data in text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]") {
        serde_json::from_str::<serde_json::Value>(data).expect("each event is JSON");
    }
});

/// Line ends and empty events mean nothing.
fn events(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    text.split("\n\n").map(|event| event.trim_matches('\n').to_owned()).filter(|event| !event.is_empty()).collect()
}

fn translated<'a>(call: &Call, deployment: &Deployment, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut stream = Stream::new(call, deployment, 1_760_000_000);
    let mut out: Vec<u8> = pieces.flat_map(|piece| stream.push(piece).bytes).collect();
    out.extend(stream.end().bytes);
    let _ = stream.usage();
    out
}
