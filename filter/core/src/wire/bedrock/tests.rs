use crate::{
    call::Call,
    deployment::Deployment,
    operation::Operation,
    translate::{self, Stream},
    wire::Target,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

fn deployment(model: &str) -> Deployment {
    let facts = json!({ "supports_prompt_caching": true }).as_object().unwrap().clone();
    Deployment { provider: "bedrock".into(), model: model.into(), facts, ..Deployment::default() }
}

fn call(messages: &Value, stream: bool) -> Call {
    let body = json!({ "model": "m", "messages": messages, "stream": stream });
    Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap()
}

/// One frame of an event stream.
fn frame(kind: &str, name: &str, payload: &Value) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in [(format!(":{kind}-type"), name), (":message-type".into(), kind)] {
        headers.push(u8::try_from(name.len()).unwrap());
        headers.extend(name.bytes());
        headers.push(7);
        headers.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        headers.extend(value.bytes());
    }
    let payload = payload.to_string();
    let total = u32::try_from(16 + headers.len() + payload.len()).unwrap();
    let mut out = total.to_be_bytes().to_vec();
    out.extend(u32::try_from(headers.len()).unwrap().to_be_bytes());
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out.extend(headers);
    out.extend(payload.bytes());
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out
}

/// An event of a vendor's own, in its envelope.
fn chunk(event: &Value) -> Vec<u8> {
    frame("event", "chunk", &json!({ "bytes": STANDARD.encode(event.to_string()) }))
}

/// What a client of `OpenAI` gets of a stream.
fn streamed<'a>(model: &str, pieces: impl IntoIterator<Item = &'a [u8]>) -> (String, Option<u16>) {
    let (call, deployment) = (call(&json!([]), true), deployment(model));
    let mut stream = Stream::new(&call, &deployment, 1);
    let mut pushed: Vec<_> = pieces.into_iter().map(|piece| stream.push(piece)).collect();
    pushed.push(stream.end());
    let error = pushed.iter().find_map(|pushed| Some(pushed.error.as_ref()?.status));
    (pushed.into_iter().map(|pushed| String::from_utf8(pushed.bytes).unwrap()).collect(), error)
}

/// The deltas' texts under `name`, put together.
fn said(sse: &str, name: &str) -> String {
    let events = sse.lines().filter_map(|line| line.strip_prefix("data: {"));
    let events = events.map(|data| serde_json::from_str::<Value>(&format!("{{{data}")).unwrap());
    events.filter_map(|event| Some(event["choices"][0]["delta"].get(name)?.as_str()?.to_owned())).collect()
}

#[test]
fn a_model_cannot_leave_its_path_segment() {
    assert_eq!(super::segment("a.b-c_d~1:0/../x?y#z%\u{e9}", b""), "a.b-c_d~1%3A0%2F..%2Fx%3Fy%23z%25%C3%A9");
    assert_eq!(super::segment("a:0/b", b":"), "a:0%2Fb");
}

#[test]
fn a_damaged_stream_is_an_error_event() {
    let delta = |text: &str| frame("event", "contentBlockDelta", &json!({ "delta": { "text": text } }));
    let mut bytes = delta("good");
    let damaged = bytes.len() + 20;
    bytes.extend(delta("bad"));
    bytes[damaged] ^= 1;
    let (sse, error) = streamed("anthropic.claude-x", [&bytes[..]]);
    assert_eq!((said(&sse, "content").as_str(), error), ("good", Some(502)));
    assert!(sse.contains("\"error\"") && !sse.contains("[DONE]"), "{sse}");
}

#[test]
fn a_stream_cut_inside_a_frame_is_an_error_event() {
    let stop = frame("event", "messageStop", &json!({ "stopReason": "end_turn" }));
    let (_, error) = streamed("anthropic.claude-x", [&stop[..stop.len() - 1]]);
    assert_eq!(error, Some(502));
    assert_eq!(streamed("anthropic.claude-x", [&stop[..]]).1, None);
}

#[test]
fn an_exception_ends_a_stream_of_any_format() {
    for model in
        ["anthropic.claude-x", "invoke/anthropic.claude-x", "invoke/meta.llama3-x", "invoke/amazon.nova-x"]
    {
        let bytes = frame("exception", "throttlingException", &json!({ "message": "Slow down." }));
        let (sse, error) = streamed(model, [&bytes[..]]);
        assert_eq!(error, Some(429), "{model}");
        assert!(sse.contains("Slow down."), "{sse}");
    }
}

#[test]
fn what_is_no_chunk_is_skipped() {
    let strange = [json!({}), json!({ "bytes": "%" }), json!({ "bytes": "/w==" }), json!([])];
    let mut bytes: Vec<u8> = strange.iter().flat_map(|payload| frame("event", "chunk", payload)).collect();
    bytes.extend(chunk(&json!({ "generation": "Hi", "stop_reason": "length" })));
    let (sse, error) = streamed("invoke/meta.llama3-x", [&bytes[..]]);
    assert_eq!((said(&sse, "content").as_str(), error), ("Hi", None));
    assert!(sse.contains("\"length\""), "{sse}");
}

#[test]
fn an_error_has_its_class_and_the_services_words() {
    let told = |status: u16, message: &str| {
        let body = json!({ "message": message }).to_string();
        let call = call(&json!([]), false);
        translate::answer(&call, &deployment("anthropic.claude-x"), status, body.as_bytes(), 1).unwrap_err()
    };
    let long = told(400, "Input is too long for requested model.");
    assert!(
        long.message.starts_with("litellm.ContextWindowExceededError: BedrockException - Input"),
        "{long}"
    );
    assert_eq!(told(500, "Oh").status, 503);
    assert_eq!(told(424, "Oh").status, 424);
    assert_eq!(told(429, "Oh").kind, "throttling_error");
}

#[test]
fn bedrocks_own_count_of_a_stream_is_its_usage() {
    let last = json!({ "text": "Hi", "finish_reason": "COMPLETE",
        "amazon-bedrock-invocationMetrics": { "inputTokenCount": 3, "outputTokenCount": 2 } });
    let (call, deployment) = (call(&json!([]), true), deployment("cohere.command-r-v1:0"));
    let mut stream = Stream::new(&call, &deployment, 1);
    stream.push(&chunk(&last));
    stream.end();
    let usage = stream.usage();
    assert_eq!((usage.prompt, usage.completion, usage.estimated), (3, 2, false));
}

#[test]
fn nova_s_cache_points_are_members_of_texts() {
    let messages = json!([{ "role": "user", "content": [
        { "type": "text", "text": "Long", "cache_control": { "type": "ephemeral" } }, { "type": "text", "text": "Q" }] }]);
    let outgoing =
        translate::request(&call(&messages, false), &deployment("invoke/us.amazon.nova-x")).unwrap();
    let body: Value = serde_json::from_slice(&outgoing.body).unwrap();
    let content = json!([{ "text": "Long", "cachePoint": { "type": "default" } }, { "text": "Q" }]);
    assert_eq!(body["messages"][0]["content"], content);
    assert_eq!(outgoing.path, "/model/us.amazon.nova-x/invoke");
}

#[test]
fn an_imported_qwen_is_prompted_in_its_own_template() {
    let messages = json!([{ "role": "system", "content": "S" }, { "role": "user", "content": [{ "type": "text", "text": "Q" }] }]);
    let imported = deployment("qwen3/arn:aws:bedrock:us-east-1:1:imported-model/x");
    let outgoing = translate::request(&call(&messages, false), &imported).unwrap();
    let body: Value = serde_json::from_slice(&outgoing.body).unwrap();
    let prompt = "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\n";
    assert_eq!(body, json!({ "prompt": prompt }));
}

#[test]
fn a_whole_answer_can_be_a_stream() {
    let (call, deployment) = (call(&json!([]), true), deployment("ai21.jamba-x"));
    let body = json!({ "output": { "message": { "content": [{ "text": "Hi" },
        { "toolUse": { "toolUseId": "t", "name": "f", "input": {} } }] } }, "stopReason": "tool_use",
        "usage": { "inputTokens": 3, "outputTokens": 2 } });
    let answer =
        translate::answer_as_stream(&call, &deployment, 200, body.to_string().as_bytes(), 1).unwrap();
    let sse = String::from_utf8(answer.body).unwrap();
    assert_eq!(said(&sse, "content"), "Hi");
    assert!(sse.contains("\"finish_reason\":\"tool_calls\"") && sse.ends_with("data: [DONE]\n\n"), "{sse}");
    assert_eq!((answer.usage.prompt, answer.usage.completion), (3, 2));
    let error = translate::answer_as_stream(&call, &deployment, 429, b"{\"message\":\"x\"}", 1).unwrap_err();
    assert_eq!(error.status, 429);
}

#[test]
fn an_id_is_another_for_another_request_or_second() {
    let deployment = deployment("m");
    let id = |text: &str, now: u64| {
        let call = call(&json!([text]), false);
        super::answer_id(&Target { call: &call, deployment: &deployment, now })
    };
    assert_eq!(id("a", 1), id("a", 1));
    assert!(id("a", 1) != id("b", 1) && id("a", 1) != id("a", 2));
}

/// What a client of Anthropic's API gets of a stream.
fn relayed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (String, Option<u16>) {
    let body = json!({ "model": "m", "messages": [], "max_tokens": 9, "stream": true });
    let call = Call::parse(Operation::Messages, body.to_string().into_bytes()).unwrap();
    let deployment = deployment("us.anthropic.claude-x");
    let mut stream = Stream::new(&call, &deployment, 1);
    let mut pushed: Vec<_> = pieces.into_iter().map(|piece| stream.push(piece)).collect();
    pushed.push(stream.end());
    let error = pushed.iter().find_map(|pushed| Some(pushed.error.as_ref()?.status));
    (pushed.into_iter().map(|pushed| String::from_utf8(pushed.bytes).unwrap()).collect(), error)
}

/// The events of a short Message.
fn a_message(text: &str) -> Vec<u8> {
    let usage = json!({ "input_tokens": 3, "output_tokens": 1 });
    let start = json!({ "type": "message_start", "message": { "model": "served", "usage": usage } });
    let delta = json!({ "type": "content_block_delta", "delta": { "type": "text_delta", "text": text } });
    [chunk(&start), chunk(&delta), chunk(&json!({ "type": "message_stop" }))].concat()
}

#[test]
fn a_client_of_anthropic_gets_claudes_own_events() {
    let (sse, error) = relayed([&a_message("Hi")[..]]);
    assert_eq!(error, None);
    assert!(sse.starts_with("event: message_start\ndata: {"), "{sse}");
    assert!(sse.contains("\"model\":\"m\"") && sse.contains("\"text\":\"Hi\""), "{sse}");
    assert!(sse.contains("event: message_stop\n"), "{sse}");
}

#[test]
fn a_client_of_anthropic_is_told_of_a_broken_stream_once() {
    let exception = frame("exception", "throttlingException", &json!({ "message": "Slow down." }));
    let message = a_message("Hi");
    let damaged: Vec<u8> =
        message.iter().enumerate().map(|(at, byte)| if at == 30 { !byte } else { *byte }).collect();
    let cut = &message[..message.len() - 1];
    let late = [message.clone(), exception.clone()].concat();
    for (bytes, status) in [(&exception[..], 429), (&damaged[..], 502), (cut, 502), (&late[..], 429)] {
        let (sse, error) = relayed([bytes]);
        assert_eq!((error, sse.matches("event: error\n").count()), (Some(status), 1), "{sse}");
    }
}

#[test]
fn a_message_goes_up_as_it_is_said_in_its_envelope() {
    let body = json!({ "model": "m", "max_tokens": 9, "system": "S", "stream": true,
        "messages": [{ "role": "user", "content": "Q" }] });
    let mut call = Call::parse(Operation::Messages, body.to_string().into_bytes()).unwrap();
    call.betas = "context-1m-2025-08-07, unknown-beta".into();
    let outgoing = translate::request(&call, &deployment("us.anthropic.claude-x")).unwrap();
    let sent: Value = serde_json::from_slice(&outgoing.body).unwrap();
    assert_eq!(outgoing.path, "/model/us.anthropic.claude-x/invoke-with-response-stream");
    assert_eq!(outgoing.headers, []);
    assert_eq!(
        sent,
        json!({ "max_tokens": 9, "system": [{ "type": "text", "text": "S" }],
        "messages": [{ "role": "user", "content": "Q" }], "anthropic_version": "bedrock-2023-05-31",
        "anthropic_beta": ["context-1m-2025-08-07"] })
    );
    let conversed = translate::request(&call, &deployment("converse/us.anthropic.claude-x")).unwrap();
    assert_eq!(conversed.path, "/model/us.anthropic.claude-x/converse-stream");
}

/// Cuts at every place given, over and over.
fn cut<'a>(mut bytes: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (head, tail) = bytes.split_at((*size).min(bytes.len()));
        pieces.push(head);
        bytes = tail;
    }
    pieces
}

/// A message, or something like one.
fn messages() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<i8>().prop_map(Value::from), "\\PC{0,6}".prop_map(Value::from)];
    let content = leaf.prop_recursive(3, 12, 3, |inner| {
        let names =
            ["type", "text", "image_url", "url", "function", "name", "arguments", "id", "tool_call_id"];
        let member = (prop::sample::select(names.to_vec()), inner.clone());
        prop_oneof![
            vec(inner, 0..3).prop_map(Value::from),
            vec(member, 0..4)
                .prop_map(|members| members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()),
        ]
    });
    let role = prop::sample::select(vec!["system", "user", "assistant", "tool", "function", "other"]);
    let message = (role, content.clone(), content)
        .prop_map(|(role, content, calls)| json!({ "role": role, "content": content, "tool_calls": calls }));
    vec(message, 0..5).prop_map(Value::from)
}

proptest! {
    #[test]
    fn no_request_of_any_format_panics(messages in messages(), model in prop::sample::select(&[
        "anthropic.claude-x", "invoke/anthropic.claude-x", "invoke/amazon.nova-x", "invoke/meta.llama3-x",
        "openai/arn:aws:bedrock:x", "deepseek_r1/arn:aws:bedrock:x", "amazon.titan-text-x", "cohere.command-r-x",
        "ai21.j2-x", "mistral.mistral-7b-x"][..])) {
        let _ = translate::request(&call(&messages, false), &deployment(model));
    }

    #[test]
    fn any_split_of_a_stream_gives_the_client_the_same(
        texts in vec("\\PC{0,12}", 0..6),
        sizes in vec(1_usize..60, 1..8),
    ) {
        let mut bytes: Vec<u8> = texts.iter()
            .flat_map(|text| frame("event", "contentBlockDelta", &json!({ "delta": { "text": text } }))).collect();
        bytes.extend(frame("event", "messageStop", &json!({ "stopReason": "end_turn" })));
        let whole = streamed("anthropic.claude-x", [&bytes[..]]);
        prop_assert_eq!(said(&whole.0, "content"), texts.concat());
        prop_assert_eq!(streamed("anthropic.claude-x", cut(&bytes, &sizes)), whole);
    }

    #[test]
    fn any_split_gives_a_client_of_anthropic_the_same(text in "\\PC{0,12}", sizes in vec(1_usize..60, 1..8)) {
        let bytes = a_message(&text);
        prop_assert_eq!(relayed(cut(&bytes, &sizes)), relayed([&bytes[..]]));
    }

    #[test]
    fn reasoning_ends_at_its_mark_however_it_is_cut(
        thought in "[a-z</]{0,12}",
        text in "[a-z<>/]{0,12}",
        sizes in vec(1_usize..5, 1..6),
    ) {
        let all = format!("{thought}</think>{text}");
        let (thought, text) = all.split_once("</think>").unwrap();
        let pieces: Vec<&[u8]> = cut(all.as_bytes(), &sizes);
        let mut bytes: Vec<u8> = pieces.into_iter()
            .flat_map(|piece| chunk(&json!({ "generation": String::from_utf8_lossy(piece) }))).collect();
        bytes.extend(chunk(&json!({ "generation": "", "stop_reason": "stop" })));
        let (sse, error) = streamed("deepseek_r1/arn:aws:bedrock:us-east-1:1:imported-model/x", [&bytes[..]]);
        prop_assert_eq!(error, None);
        prop_assert_eq!(said(&sse, "reasoning_content"), thought);
        prop_assert_eq!(said(&sse, "content"), text);
    }

    #[test]
    fn no_event_of_a_vendor_panics(events in vec("\\PC{0,40}", 0..5), model in prop::sample::select(&[
        "invoke/anthropic.claude-x", "invoke/amazon.nova-x", "invoke/meta.llama3-x", "openai/arn:aws:bedrock:x"][..])) {
        let bytes: Vec<u8> = events.iter()
            .flat_map(|event| frame("event", "chunk", &json!({ "bytes": STANDARD.encode(event) }))).collect();
        let _ = streamed(model, [&bytes[..]]);
    }
}
