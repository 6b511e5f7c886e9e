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
    assert_eq!(context.request_headers(&host), Verdict::Continue);
    assert_eq!(context.request_body(&host), Verdict::Continue);
    assert!(host.take().starts_with("Request headers /v1/chat/completions, Request body of "));
    (context, host)
}

#[test]
fn a_request_that_is_no_exchange_s_passes_untouched() {
    let (gateway, host) = (Rc::new(Gateway::new("node".into(), || 0, 1)), Fake::default());
    let mut context = Context::new(gateway);
    assert_eq!(context.request_headers(&host), Verdict::Continue);
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
