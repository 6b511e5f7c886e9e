use super::*;
use crate::{call::Call, deployment::Deployment, host::fake::Fake, operation::Operation};

const EVENT: &str = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up\",\
    \"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":null}]}\n\n";

/// An attempt whose request has gone out.
fn sent(stream: bool) -> (Context, Fake) {
    let (gateway, host) = (Rc::new(Gateway::new("node".into(), || 0, 1)), Fake::default());
    let exchange = gateway.begin(7);
    let body = format!(r#"{{"model":"m","messages":[],"stream":{stream}}}"#);
    let call = Rc::new(Call::parse(Operation::Chat, body.into_bytes()).unwrap());
    let deployment =
        Deployment { cluster: "deployment/d".into(), provider: "openai".into(), ..Deployment::default() };
    exchange.begin(call, vec![Rc::new(deployment)]);
    host.set_state("tianji.exchange", &7u32.to_le_bytes());
    let mut context = Context::new(gateway);
    assert_eq!(context.request_headers(&host, false), Verdict::Continue);
    assert_eq!(context.request_body(&host, true), Verdict::Continue);
    assert!(host.take().starts_with("Request headers /v1/chat/completions, Request body of "));
    (context, host)
}

#[test]
fn a_request_that_is_no_exchange_s_passes_untouched() {
    let (gateway, host) = (Rc::new(Gateway::new("node".into(), || 0, 1)), Fake::default());
    let mut context = Context::new(gateway);
    assert_eq!(context.request_headers(&host, false), Verdict::Continue);
    assert_eq!(context.response_headers(&host, false), Verdict::Continue);
    assert_eq!(host.take(), "");
}

#[test]
fn a_whole_answer_is_held_and_replaced() {
    let (mut context, host) = sent(false);
    host.bring(&[(":status", "200"), ("content-type", "application/json")], "{}");
    assert_eq!(context.response_headers(&host, false), Verdict::Pause);
    assert_eq!(context.response_body(&host, false), Verdict::Pause);
    assert_eq!(context.response_body(&host, true), Verdict::Continue);
    assert!(host.take().starts_with("Response headers 5"), "`{{}}` is no answer");
}

#[test]
fn a_stream_passes_as_it_comes_and_is_ended_when_its_upstream_is_gone() {
    let (mut context, host) = sent(true);
    host.bring(&[(":status", "200"), ("content-type", "text/event-stream")], EVENT);
    assert_eq!(context.response_headers(&host, false), Verdict::Pause);
    assert_eq!(context.response_body(&host, false), Verdict::Continue);
    assert!(host.take().starts_with("Response headers 200, Response body of "));
    context.gateway.relay.borrow_mut().chunk(7);
    context.done(&host);
    assert!(host.take().starts_with("last words of 7: data: {\"error\""));
    context.done(&host);
    assert_eq!(host.take(), "", "once");
}

#[test]
fn the_head_of_a_stream_is_held_until_it_says_something() {
    let (mut context, host) = sent(true);
    host.bring(&[(":status", "200"), ("content-type", "text/event-stream")], ": a comment\n\n");
    assert_eq!(context.response_headers(&host, false), Verdict::Pause);
    assert_eq!(context.response_body(&host, false), Verdict::Pause);
    assert_eq!(host.take(), "Response body of 0", "what has been read is not read again");
    *host.body.borrow_mut() = "data: {\"error\":{\"message\":\"no\",\"code\":503}}\n\n".into();
    assert_eq!(context.response_body(&host, false), Verdict::Continue);
    assert!(host.take().starts_with("Response headers 503, Response body of "));
    assert_eq!(context.response_body(&host, true), Verdict::Continue);
    assert_eq!(host.take(), "Response body of 0", "nothing follows the error");
}

/// An attempt at a deployment, with this body from the client.
fn attempt(provider: &str, model: &str, body: &str) -> (Context, Fake) {
    let (gateway, host) = (Rc::new(Gateway::new("node".into(), || 0, 1)), Fake::default());
    let exchange = gateway.begin(7);
    let call = Rc::new(Call::parse(Operation::Chat, body.into()).unwrap());
    let deployment = Deployment {
        id: "d".into(),
        cluster: "deployment/d".into(),
        provider: provider.into(),
        model: model.into(),
        params: serde_json::from_str(r#"{"oci_compartment_id":"c"}"#).unwrap(),
        ..Deployment::default()
    };
    exchange.begin(call, vec![Rc::new(deployment)]);
    host.set_state("tianji.exchange", &7u32.to_le_bytes());
    (Context::new(gateway), host)
}

const HELLO: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
const IMAGE: &str = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":"https://a.test/1.png"}]}]}"#;

fn encoded(message: &impl prost::Message) -> Vec<u8> {
    message.encode_to_vec()
}

#[test]
fn a_request_waits_for_its_signature_and_goes_out_with_it() {
    let (mut context, host) = attempt("oci", "meta.llama", HELLO);
    assert_eq!(context.request_headers(&host, false), Verdict::Pause);
    assert_eq!(context.request_body(&host, true), Verdict::Pause);
    assert_eq!(host.take(), "Sign at control-plane-grpc");
    let header = tianji_proto::Header { name: "authorization".into(), value: "Signature x".into() };
    context.told(&host, Some(encoded(&tianji_proto::SignResponse { headers: vec![header] })));
    let asked = host.take();
    assert!(asked.starts_with("Request headers /20231130/actions/chat, Request body of "), "{asked}");
    assert!(asked.ends_with(", resume Request"), "{asked}");
}

#[test]
fn what_cannot_be_signed_goes_out_empty_and_fails_whatever_is_answered() {
    let (mut context, host) = attempt("oci", "meta.llama", HELLO);
    context.request_headers(&host, false);
    host.take();
    context.told(&host, None);
    assert_eq!(context.request_body(&host, true), Verdict::Continue);
    assert_eq!(
        host.take(),
        "Request headers /20231130/actions/chat, resume Request, Request body of 2",
        "its content stays here"
    );
    host.bring(&[(":status", "200")], "{}");
    context.response_headers(&host, false);
    context.response_body(&host, true);
    assert!(host.take().starts_with("Response headers 503"));
}

#[test]
fn what_a_request_names_is_fetched_before_it_goes_out() {
    let (mut context, host) = attempt("gemini", "gemini-2.5-flash", IMAGE);
    assert_eq!(context.request_headers(&host, false), Verdict::Pause);
    assert_eq!(host.take(), "Fetch at control-plane-grpc");
    let outcome = tianji_proto::fetched::Outcome::DataUrl("data:image/png;base64,AAAA".into());
    let fetched = vec![tianji_proto::Fetched { outcome: Some(outcome) }];
    context.told(&host, Some(encoded(&tianji_proto::FetchResponse { fetched })));
    assert!(context.body.as_ref().unwrap().windows(4).any(|bytes| bytes == b"AAAA"));
    assert!(host.take().ends_with("resume Request"));
}

#[test]
fn what_cannot_be_fetched_is_told_to_the_client() {
    let why = tianji_proto::fetched::Outcome::Fault("404".into());
    let fault = tianji_proto::FetchResponse { fetched: vec![tianji_proto::Fetched { outcome: Some(why) }] };
    for (answer, status) in [(Some(encoded(&fault)), 400), (None, 503)] {
        let (mut context, host) = attempt("gemini", "gemini-2.5-flash", IMAGE);
        context.request_headers(&host, false);
        host.take();
        context.told(&host, answer);
        assert_eq!(host.take(), format!("respond {status}"));
    }
    let (mut context, host) = attempt("gemini", "gemini-2.5-flash", IMAGE);
    host.alone.set(true);
    context.request_headers(&host, false);
    assert!(host.take().ends_with("respond 503"), "nobody could even be asked");
}

#[test]
fn an_upstream_that_fetches_by_itself_is_not_waited_for() {
    let (mut context, host) = attempt("openai", "gpt-4o", IMAGE);
    assert_eq!(context.request_headers(&host, false), Verdict::Continue);
    assert!(host.take().starts_with("Request headers"));
}
