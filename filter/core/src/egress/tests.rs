use super::*;
use crate::{
    call::Call,
    config::Config,
    deployment::Deployment,
    exchange::End,
    grants::{Admission, Demand},
    io::{Event, Pipeline, RequestHead},
    operation::Operation,
};
use tianji_proto::Grant;

const ANSWER: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#;

const EVENT: &str = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up\",\
    \"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":null}]}\n\n";

struct Test {
    gateway: Rc<Gateway>,
    exchange: Rc<Exchange>,
}

fn start(deployments: usize, stream: bool) -> Test {
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}],"stream":{stream}}}"#);
    begin(Operation::Chat, &body, deployments)
}

fn begin(operation: Operation, body: &str, deployments: usize) -> Test {
    let gateway = Rc::new(Gateway::new("node".into(), || 5_000, 1));
    gateway.configure(Config::default());
    let exchange = gateway.begin(1);
    let call = Rc::new(Call::parse(operation, body.into()).unwrap());
    gateway.book.borrow_mut().granted([0; 32], Grant { expires_at: i64::MAX, ..Grant::default() }, 0);
    let Admission::Admitted(ticket) = gateway.book.borrow_mut().admit(&[0; 32], Demand::default(), 0) else {
        panic!()
    };
    let deployment = |n: usize| {
        Rc::new(Deployment {
            cluster: format!("deployment/{n}"),
            provider: "openai".into(),
            model: "up".into(),
            api_base: "https://api.openai.com/v1".into(),
            ..Deployment::default()
        })
    };
    exchange.hold(ticket);
    exchange.begin(call, (0..deployments).map(deployment).collect());
    Test { gateway, exchange }
}

impl Test {
    fn attempt(&self) -> Pipeline {
        let attempt = self.exchange.attempt().unwrap();
        let (gateway, exchange) = (self.gateway.clone(), self.exchange.clone());
        let mut pipeline = Pipeline::new(|io| egress(io, gateway, exchange, attempt));
        let sent = pipeline.on(Event::RequestHead(RequestHead::default()));
        assert!(matches!(&sent[..], [Effect::Request { .. }]), "{sent:?}");
        pipeline
    }
}

fn head(status: u16, content_type: &str) -> Event {
    let status = status.to_string();
    let headers = [(":status", status.as_str()), ("content-type", content_type)].into_iter().collect();
    Event::ResponseHead(ResponseHead::new(headers, false))
}

fn body(text: &str) -> Event {
    part(text, true)
}

fn part(text: &str, end: bool) -> Event {
    Event::ResponseBody { bytes: text.into(), end }
}

fn answer(pipeline: &mut Pipeline, status: u16, text: &str) -> Reply {
    assert_eq!(pipeline.on(head(status, "application/json")), []);
    match pipeline.on(body(text)).pop() {
        Some(Effect::Replace(reply)) => reply,
        other => panic!("{other:?}"),
    }
}

fn has(reply: &Reply, name: &str) -> bool {
    reply.headers.get(name).is_some()
}

#[test]
fn an_answer_is_held_until_it_is_whole_and_its_tokens_are_recorded() {
    let test = start(1, false);
    let reply = answer(&mut test.attempt(), 200, ANSWER);
    assert!(reply.status == 200 && has(&reply, "x-litellm-response-cost") && has(&reply, "x-tianji-call-id"));
    let record = test.gateway.finish(&test.exchange, End::Complete).unwrap();
    let tokens = record.tokens.unwrap();
    assert_eq!((record.status, tokens.prompt, tokens.completion), (200, 3, 2));
}

#[test]
fn with_a_candidate_left_a_failure_makes_envoy_try_again_and_with_none_it_stops_it() {
    let test = start(2, false);
    let first = answer(&mut test.attempt(), 429, r#"{"error":{"message":"slow down"}}"#);
    assert!(first.status == 429 && !has(&first, "x-envoy-ratelimited"));
    let last = answer(&mut test.attempt(), 500, r#"{"error":{"message":"broken"}}"#);
    assert!(last.status >= 500 && has(&last, "x-envoy-ratelimited"));
    let record = test.gateway.finish(&test.exchange, End::Complete).unwrap();
    assert_eq!(record.attempts, 2);
    assert_ne!(record.error, "");
}

#[test]
fn a_refused_credential_is_worth_another_candidate_and_a_bad_request_is_not() {
    let test = start(3, false);
    assert!(answer(&mut test.attempt(), 401, r#"{"error":{"message":"bad key"}}"#).status >= 500);
    let reply = answer(&mut test.attempt(), 400, r#"{"error":{"message":"bad request"}}"#);
    assert!(reply.status == 400 && has(&reply, "x-envoy-ratelimited"));
}

#[test]
fn what_is_not_an_answer_at_all_is_a_failure_that_can_be_tried_again() {
    for text in ["", "<html>", "{", r#"{"error":{"message":"inside a 200"}}"#] {
        let test = start(2, false);
        assert!(answer(&mut test.attempt(), 200, text).status >= 500, "{text}");
    }
}

#[test]
fn a_stream_passes_event_by_event() {
    let test = start(1, true);
    let mut pipeline = test.attempt();
    assert_eq!(pipeline.on(head(200, "text/event-stream")), [Effect::Watch]);
    assert_eq!(pipeline.on(part(": a comment\n\n", false)), [], "nothing is said yet");
    let begun = pipeline.on(part(EVENT, false));
    assert!(
        matches!(&begun[..], [Effect::Stream(head), Effect::Emit(_)] if head.get(":status") == Some("200"))
    );
    assert!(test.exchange.is_streaming());
    assert!(matches!(&pipeline.on(part(EVENT, false))[..], [Effect::Emit(_)]));
    pipeline.on(part("data: [DONE]\n\n", true));
    assert!(!test.exchange.is_streaming());
    assert_eq!(test.exchange.break_off(), None);
}

#[test]
fn a_stream_whose_first_word_is_an_error_is_a_failure_that_can_be_tried_again() {
    let overloaded = "data: {\"error\":{\"message\":\"Overloaded\",\"code\":503}}\n\n";
    for (text, end) in [(overloaded, false), (overloaded, true), ("", true)] {
        let test = start(2, true);
        let mut pipeline = test.attempt();
        pipeline.on(head(200, "text/event-stream"));
        let effects = pipeline.on(part(text, end));
        assert!(matches!(&effects[..], [Effect::Replace(reply)] if reply.status >= 500), "{effects:?}");
        assert!(!test.exchange.is_streaming() && !test.exchange.is_answered());
    }
}

#[test]
fn a_client_that_leaves_is_recorded_with_what_it_used() {
    let test = start(1, true);
    let mut pipeline = test.attempt();
    pipeline.on(head(200, "text/event-stream"));
    pipeline.on(part(EVENT, false));
    let record = test.gateway.finish(&test.exchange, End::Disconnected).unwrap();
    assert!(record.disconnected && record.stream);
}

#[test]
fn an_upstream_that_is_gone_in_mid_stream_is_told_to_the_client_once() {
    let test = start(1, true);
    let mut pipeline = test.attempt();
    pipeline.on(head(200, "text/event-stream"));
    pipeline.on(part(EVENT, false));
    let event = test.exchange.break_off().unwrap();
    assert!(event.starts_with(b"data: {\"error\""), "{}", String::from_utf8_lossy(&event));
    assert_eq!(test.exchange.break_off(), None);
    let record = test.gateway.finish(&test.exchange, End::Cut).unwrap();
    assert!(record.status == 200 && !record.error.is_empty() && !record.disconnected);
}

#[test]
fn an_answer_without_a_body_is_left_to_ingress_to_word() {
    for stream in [false, true] {
        let test = start(1, stream);
        let mut pipeline = test.attempt();
        let content_type = if stream { "text/event-stream" } else { "application/json" };
        let headers = [(":status", "200"), ("content-type", content_type)].into_iter().collect();
        pipeline.on(Event::ResponseHead(ResponseHead::new(headers, true)));
        let effects = pipeline.on(body(""));
        assert!(matches!(&effects[..], [Effect::Replace(reply)] if reply.status >= 500), "{effects:?}");
        assert!(!test.exchange.is_answered() && test.exchange.failure().is_some());
    }
}

const SPEECH: &str = r#"{"model":"m","input":"hi","voice":"alloy"}"#;

#[test]
fn sound_passes_as_it_comes_and_is_paid_by_what_is_said() {
    let test = begin(Operation::Speech, SPEECH, 1);
    let mut pipeline = test.attempt();
    assert_eq!(pipeline.on(head(200, "audio/mpeg")), [Effect::Watch]);
    let chunk = |bytes: &[u8], end| Event::ResponseBody { bytes: bytes.to_vec(), end };
    let begun = pipeline.on(chunk(b"ID3\xff", false));
    assert!(matches!(&begun[..], [Effect::Stream(head), Effect::Emit(sound)]
        if head.get("content-type") == Some("audio/mpeg") && sound == b"ID3\xff"));
    assert_eq!(test.exchange.break_off(), None, "sound has no place for words");
    assert!(test.exchange.is_streaming(), "and what is cut is known as cut");
    pipeline.on(chunk(b"\x00", true));
    let record = test.gateway.finish(&test.exchange, End::Complete).unwrap();
    assert_eq!((record.operation.as_str(), record.tokens.unwrap().prompt), ("speech", 1));
}

#[test]
fn an_error_in_the_place_of_sound_can_be_tried_again() {
    for (status, text) in [(500, "{}"), (200, r#"{"error":{"message":"inside a 200"}}"#)] {
        let test = begin(Operation::Speech, SPEECH, 2);
        assert!(answer(&mut test.attempt(), status, text).status >= 500, "{text}");
    }
}
