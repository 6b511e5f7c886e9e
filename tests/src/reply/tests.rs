use super::*;

fn asked(model: &str, more: &Value) -> Asked {
    let mut body = json!({ "model": model, "messages": [{ "role": "user", "content": "Hello" }] });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    Asked::of("", body.to_string().as_bytes()).unwrap()
}

fn streamed(endpoint: Endpoint, model: &str) -> Vec<String> {
    let more = json!({ "stream": true, "stream_options": { "include_usage": true } });
    let reply = Reply::to(endpoint, &asked(model, &more));
    reply.chunks.iter().map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect()
}

#[test]
fn a_stream_has_34_events_in_both_dialects_unless_its_name_says_otherwise() {
    for endpoint in [Endpoint::Chat, Endpoint::Messages] {
        assert_eq!(streamed(endpoint, "m").len(), 34);
        assert_eq!(streamed(endpoint, "m-n100").len(), 100);
    }
    assert_eq!(streamed(Endpoint::Chat, "m").last().unwrap(), "data: [DONE]\n\n");
    assert!(streamed(Endpoint::Messages, "m").last().unwrap().starts_with("event: message_stop"));
}

#[test]
fn a_whole_answer_is_about_a_kilobyte() {
    for endpoint in [Endpoint::Chat, Endpoint::Messages] {
        let length = Reply::to(endpoint, &asked("m", &json!({}))).length.unwrap();
        assert!((800..1400).contains(&length), "{length}");
    }
}

#[test]
fn splitting_changes_no_byte() {
    let whole = streamed(Endpoint::Messages, "m").concat();
    let split = streamed(Endpoint::Messages, "m-split7");
    assert!(split[0].len() == 7);
    assert_eq!(split.concat().replace("m-split7", "m"), whole);
}

#[test]
fn an_error_status_has_the_dialect_of_its_endpoint() {
    for (endpoint, shape) in [(Endpoint::Chat, "/error/type"), (Endpoint::Messages, "/error/type")] {
        let reply = Reply::to(endpoint, &asked("m-429", &json!({})));
        let body: Value = serde_json::from_slice(&reply.chunks[0]).unwrap();
        assert_eq!((reply.status, reply.retry_after), (429, Some("7")));
        assert!(body.pointer(shape).is_some());
    }
}
