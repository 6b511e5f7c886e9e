use super::*;
use crate::{
    config::Config,
    headers::Headers,
    io::{Event, Pipeline, Question, RequestHead, ResponseHead},
};
use sha2::{Digest, Sha256};
use tianji_proto::{AuthorizeResponse, Denial, Grant, Limits, Window, authorize_response::Outcome};

const NOW: i64 = 1_000;
const CHAT: &[u8] = br#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;

struct Test {
    gateway: Rc<Gateway>,
    exchange: Rc<Exchange>,
    pipeline: Pipeline,
}

fn start(operation: Operation) -> Test {
    let gateway = Rc::new(Gateway::new("node".into(), || NOW, 1));
    let deployment = Deployment {
        id: "d1".into(),
        cluster: "deployment/d1".into(),
        provider: "openai".into(),
        model: "upstream".into(),
        api_base: "https://api.openai.com/v1".into(),
        weight: 1.0,
        ..Deployment::default()
    };
    let models = [("m".to_string(), vec![Rc::new(deployment)])].into();
    gateway.configure(Config { models, ..Config::default() });
    with(gateway, operation)
}

fn with(gateway: Rc<Gateway>, operation: Operation) -> Test {
    let exchange = gateway.begin(1);
    let pipeline = Pipeline::new(|io| ingress(io, gateway.clone(), exchange.clone(), operation));
    Test { gateway, exchange, pipeline }
}

fn head(credential: Option<&str>) -> Event {
    let mut headers: Headers = [(":method", "POST"), (":path", "/v1/chat/completions")].into_iter().collect();
    headers.extend(credential.map(|credential| ("authorization", credential)));
    Event::RequestHead(RequestHead(headers))
}

fn answered(status: u16) -> Event {
    Event::ResponseHead(ResponseHead::new([(":status", status)].into_iter().collect(), false))
}

fn granted(limits: Limits) -> Event {
    let grant = Grant {
        key_hash: Sha256::digest(b"sk-1").to_vec(),
        expires_at: NOW + 1000,
        refresh_at: NOW + 500,
        limits: Some(limits),
        window: Some(Window { id: 1, ends_at: NOW + 1000 }),
        ..Grant::default()
    };
    Event::Authorized(Some(Box::new(AuthorizeResponse { outcome: Some(Outcome::Grant(grant)) })))
}

fn denied(status: u32, holds_until: i64) -> Event {
    let denial =
        Denial { status, message: "no".into(), holds_until, retry_after_ms: 1500, ..Denial::default() };
    Event::Authorized(Some(Box::new(AuthorizeResponse { outcome: Some(Outcome::Denial(denial)) })))
}

fn reply(effects: &[Effect]) -> &Reply {
    let [Effect::Respond(reply) | Effect::Replace(reply)] = effects else { panic!("{effects:?}") };
    reply
}

#[test]
fn a_cold_caller_is_asked_about_and_a_warm_one_is_not() {
    let mut cold = start(Operation::Chat);
    let asked = cold.pipeline.on(head(Some("Bearer sk-1")));
    assert!(matches!(&asked[..], [Effect::Authorize(Question { patient: false, .. })]));
    cold.pipeline.on(Event::RequestBody(CHAT.to_vec()));
    let forwarded = cold.pipeline.on(granted(Limits::default()));
    assert!(matches!(&forwarded[..], [Effect::Forward(f)] if f.cluster == "deployment/d1" && f.retries == 1));

    let mut warm = with(cold.gateway, Operation::Chat);
    assert_eq!(warm.pipeline.on(head(Some("Bearer sk-1"))), []);
    assert!(matches!(warm.pipeline.on(Event::RequestBody(CHAT.to_vec()))[..], [Effect::Forward(_)]));
}

#[test]
fn google_s_clients_may_have_their_key_in_the_query_which_goes_no_further() {
    let at = |path: &str| {
        let headers: Headers = [(":method", "POST"), (":path", path)].into_iter().collect();
        Event::RequestHead(RequestHead(headers))
    };
    let mut test = start(Operation::Generate);
    let asked = test.pipeline.on(at("/v1beta/models/m:generateContent?key=sk%2D1"));
    let [Effect::Authorize(question)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(question.key_hash, Sha256::digest(b"sk-1").to_vec());
    test.pipeline.on(Event::RequestBody(br#"{"contents":[{"parts":[{"text":"hi"}]}]}"#.to_vec()));
    assert!(matches!(test.pipeline.on(granted(Limits::default()))[..], [Effect::Forward(_)]));
    let prepared = test.exchange.attempt().and_then(|attempt| attempt.prepared).expect("a request");
    assert!(!format!("{prepared:?}").contains("sk"), "{prepared:?}");

    let refused = reply(&start(Operation::Chat).pipeline.on(at("/v1/chat/completions?key=sk-1"))).status;
    assert_eq!(refused, 401);
}

#[test]
fn a_refused_key_is_answered_before_its_body_has_come_and_the_refusal_is_remembered() {
    let mut test = start(Operation::Chat);
    test.pipeline.on(head(Some("sk-1")));
    let effects = test.pipeline.on(denied(401, NOW + 10));
    assert_eq!(reply(&effects).status, 401);
    let mut again = with(test.gateway, Operation::Chat);
    assert_eq!(reply(&again.pipeline.on(head(Some("sk-1")))).status, 401);
}

#[test]
fn a_request_without_a_key_asks_nobody() {
    assert_eq!(reply(&start(Operation::Chat).pipeline.on(head(None))).status, 401);
    assert_eq!(reply(&start(Operation::Chat).pipeline.on(head(Some("Bearer ")))).status, 401);
}

#[test]
fn an_unknown_caller_is_never_let_in_when_the_control_plane_is_away() {
    let mut test = start(Operation::Chat);
    test.pipeline.on(head(Some("sk-1")));
    let effects = test.pipeline.on(Event::Authorized(None));
    assert_eq!(reply(&effects).status, 503);
    assert!(reply(&effects).headers.get("retry-after") == Some("1"));
}

#[test]
fn a_spent_lease_asks_for_one_more_request_and_goes_on_with_it() {
    let mut test = start(Operation::Chat);
    let limits = Limits { requests_per_minute: Some(10), parallel: Some(5), ..Limits::default() };
    test.pipeline.on(head(Some("sk-1")));
    test.pipeline.on(granted(limits));
    let asked = test.pipeline.on(Event::RequestBody(CHAT.to_vec()));
    let [Effect::Authorize(question)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((question.need.requests, question.need.slots, question.need.tokens), (1, 1, 0));
    assert!(matches!(test.pipeline.on(granted(limits))[..], [Effect::Forward(_)]));
}

#[test]
fn an_exceeded_limit_is_a_429_with_retry_after_in_the_client_s_dialect() {
    let mut test = start(Operation::Messages);
    test.pipeline.on(head(Some("sk-1")));
    test.pipeline.on(granted(Limits { requests_per_minute: Some(1), ..Limits::default() }));
    test.pipeline.on(Event::RequestBody(CHAT.to_vec()));
    let effects = test.pipeline.on(denied(429, 0));
    let reply = reply(&effects);
    assert_eq!(reply.status, 429);
    assert!(reply.headers.get("retry-after") == Some("2"));
    assert!(String::from_utf8_lossy(&reply.body).starts_with(r#"{"type":"error""#));
}

#[test]
fn a_model_whose_deployments_all_want_credentials_is_told_from_an_unknown_one() {
    let gateway = Rc::new(Gateway::new("node".into(), || NOW, 1));
    gateway.configure(Config { models: [("m".to_string(), Vec::new())].into(), ..Config::default() });
    let mut test = with(gateway, Operation::Chat);
    test.pipeline.on(head(Some("sk-1")));
    test.pipeline.on(granted(Limits::default()));
    let effects = test.pipeline.on(Event::RequestBody(CHAT.to_vec()));
    assert_eq!(reply(&effects).status, 503);
    assert!(String::from_utf8_lossy(&reply(&effects).body).contains("no valid credentials"));
}

#[test]
fn a_model_nobody_serves_or_the_key_may_not_use_is_refused() {
    let mut test = start(Operation::Chat);
    test.pipeline.on(head(Some("sk-1")));
    test.pipeline.on(granted(Limits::default()));
    let effects = test.pipeline.on(Event::RequestBody(br#"{"model":"nope","messages":[]}"#.to_vec()));
    assert_eq!(reply(&effects).status, 400);
}

#[test]
fn an_answer_of_envoy_s_own_becomes_an_error_of_the_client_s_api() {
    let mut test = start(Operation::Chat);
    test.pipeline.on(head(Some("sk-1")));
    test.pipeline.on(granted(Limits::default()));
    test.pipeline.on(Event::RequestBody(CHAT.to_vec()));
    test.exchange.attempt();
    assert_eq!(test.pipeline.on(answered(504)), []);
    let effects = test.pipeline.on(Event::ResponseBody { bytes: b"timeout".to_vec(), end: true });
    assert_eq!(reply(&effects).status, 408);
    let record = test.gateway.finish(&test.exchange, crate::exchange::End::Cut).unwrap();
    assert_eq!((record.status, record.attempts), (408, 1));
    assert_eq!(test.gateway.finish(&test.exchange, crate::exchange::End::Cut), None, "settled once");
}

#[test]
fn a_wrong_method_is_told_which_is_right() {
    let event = Event::RequestHead(RequestHead([(":method", "GET")].into_iter().collect()));
    assert_eq!(reply(&start(Operation::Chat).pipeline.on(event)).status, 405);
}

#[test]
fn a_body_that_is_too_large_for_envoy_is_an_error_of_the_client_s_api() {
    let mut test = start(Operation::Messages);
    test.pipeline.on(head(Some("sk-1")));
    test.pipeline.on(granted(Limits::default()));
    test.pipeline.on(answered(413));
    let effects = test.pipeline.on(Event::ResponseBody { bytes: b"too large".to_vec(), end: true });
    assert_eq!(reply(&effects).status, 413);
    assert!(String::from_utf8_lossy(&reply(&effects).body).contains("request_too_large"));
}
