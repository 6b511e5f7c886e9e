use super::*;
use crate::{config::Config, deployment::Deployment, host::fake::Fake};
use prost::Message;
use sha2::{Digest, Sha256};
use tianji_proto::{AuthorizeResponse, Grant, authorize_response::Outcome};

const HEAD: &[(&str, &str)] =
    &[(":method", "POST"), (":path", "/v1/chat/completions?x=1"), ("authorization", "Bearer sk-1")];
const CHAT: &str = r#"{"model":"m","messages":[]}"#;

fn start() -> (Context, Fake) {
    let gateway = Rc::new(Gateway::new("node".into(), || 0, 1));
    let deployment =
        Deployment { cluster: "deployment/d".into(), provider: "openai".into(), ..Deployment::default() };
    let models = [("m".to_string(), vec![Rc::new(deployment)])].into();
    gateway.configure(Config { models, ..Config::default() });
    (Context::new(7, gateway), Fake::default())
}

fn grant() -> Vec<u8> {
    let key_hash = Sha256::digest(b"sk-1").to_vec();
    let grant = Grant { key_hash, expires_at: i64::MAX, refresh_at: i64::MAX, ..Grant::default() };
    AuthorizeResponse { outcome: Some(Outcome::Grant(grant)) }.encode_to_vec()
}

/// A request on its way upstream.
fn forwarded() -> (Context, Fake) {
    let (mut context, host) = start();
    host.bring(HEAD, CHAT);
    context.request_headers(&host, false);
    context.told(&host, Some(grant()));
    assert_eq!(context.request_body(&host, true), Verdict::Continue);
    host.take();
    (context, host)
}

#[test]
fn a_path_that_is_no_client_api_s_passes_untouched() {
    let (mut context, host) = start();
    host.bring(&[(":method", "GET"), (":path", "/key/info")], "");
    assert_eq!(context.request_headers(&host, true), Verdict::Continue);
    assert_eq!(context.response_headers(&host, false), Verdict::Continue);
    assert_eq!(context.response_body(&host, true), Verdict::Continue);
    context.log(&host);
    assert_eq!((host.take().as_str(), host.state.borrow().len()), ("", 0));
}

#[test]
fn a_request_is_held_until_its_caller_is_known_and_its_body_whole() {
    let (mut context, host) = start();
    host.bring(HEAD, CHAT);
    assert_eq!(context.request_headers(&host, false), Verdict::Pause);
    assert_eq!(host.take(), "Authorize at control-plane-grpc");
    assert_eq!(context.request_body(&host, false), Verdict::Pause);
    assert_eq!(context.request_body(&host, true), Verdict::Pause);
    context.told(&host, Some(grant()));
    assert_eq!(host.take(), "route, resume Request");
    assert_eq!(host.state.borrow()["tianji.target"], b"deployment/d");
    assert_eq!(host.state.borrow()["tianji.exchange"], 7u32.to_le_bytes());
}

#[test]
fn a_control_plane_that_cannot_even_be_asked_is_an_answer_at_once() {
    let (mut context, host) = start();
    host.alone.set(true);
    host.bring(HEAD, CHAT);
    assert_eq!(context.request_headers(&host, false), Verdict::Pause);
    assert_eq!(host.take(), "Authorize at control-plane-grpc, respond 503");
}

#[test]
fn an_answer_of_envoy_s_own_is_held_and_replaced() {
    let (mut context, host) = forwarded();
    host.bring(&[(":status", "503")], "upstream connect error");
    assert_eq!(context.response_headers(&host, false), Verdict::Pause);
    assert_eq!(context.response_body(&host, false), Verdict::Pause);
    assert_eq!(context.response_body(&host, true), Verdict::Continue);
    assert!(host.take().starts_with("Response headers 500, Response body of "));
}

#[test]
fn a_stream_s_chunks_are_let_go_one_by_one_and_its_end_passes() {
    let (mut context, host) = forwarded();
    let exchange = context.gateway.exchange(7).unwrap();
    exchange.attempt().unwrap();
    exchange.streaming();
    assert_eq!(context.response_headers(&host, false), Verdict::Pause);
    assert_eq!(context.response_body(&host, false), Verdict::Pause);
    assert_eq!(context.response_body(&host, false), Verdict::Pause);
    exchange.ended();
    assert_eq!(context.response_body(&host, true), Verdict::Continue);
    assert_eq!(host.take(), "queue, resume Response");
    context.log(&host);
    assert!(host.state.borrow().contains_key("tianji.record"));
}
