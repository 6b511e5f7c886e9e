//! What a filter can ask of the Envoy it runs in. The shell implements it; nothing of it answers with an error, as there
//! is nothing that could be done about one: the shell logs it.

use crate::{headers::Headers, io::Reply};
use std::time::Duration;

/// Half of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// From the client to the upstream.
    Request,
    /// From the upstream to the client.
    Response,
}

/// What becomes of the part of a message that a callback was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Continue,
    /// It is held.
    Pause,
}

/// One of the two filters, in the callbacks of one exchange or attempt.
pub trait Filter {
    /// The request's head has come.
    fn request_headers(&mut self, host: &impl Host, end: bool) -> Verdict;
    /// More of the request's body has come.
    fn request_body(&mut self, host: &impl Host, end: bool) -> Verdict;
    /// The control plane has answered what it was asked, or not.
    fn told(&mut self, host: &impl Host, answer: Option<Vec<u8>>);
    /// The answer's head has come.
    fn response_headers(&mut self, host: &impl Host, end: bool) -> Verdict;
    /// More of the answer's body has come.
    fn response_body(&mut self, host: &impl Host, end: bool) -> Verdict;
    /// It is over, or was given up.
    fn done(&mut self, _host: &impl Host) {}
    /// It is about to be logged.
    fn log(&mut self, _host: &impl Host) {}
}

/// The context a callback runs in.
pub trait Host {
    /// Replaces the answer that is being held.
    fn replace(&self, reply: Reply) {
        let (headers, body) = reply.into_parts();
        self.set_headers(Side::Response, &headers);
        self.set_body(Side::Response, &body);
    }

    /// All headers, pseudo-headers included.
    fn headers(&self, side: Side) -> Headers;
    /// Replaces all headers.
    fn set_headers(&self, side: Side, headers: &Headers);
    /// Sets one header of the request.
    fn set_request_header(&self, name: &str, value: &str);
    /// What has come of a body.
    fn body(&self, side: Side) -> Vec<u8>;
    /// Replaces what has come of a body.
    fn set_body(&self, side: Side, bytes: &[u8]);
    /// An attribute of the exchange, or filter state.
    fn property(&self, path: &[&str]) -> Option<Vec<u8>>;
    /// Sets filter state: `name` is readable by Envoy as `wasm.<name>`.
    fn set_state(&self, name: &str, value: &[u8]);
    /// Answers instead of an upstream.
    fn respond(&self, reply: &Reply);
    /// Makes Envoy choose the route again, from the filter state just set.
    fn clear_route_cache(&self);
    /// Calls a method of the `Gate`; the answer comes to this context. `false`: it could not even be sent.
    fn call(&self, method: &str, upstream: &str, message: &[u8], timeout: Duration) -> bool;
    /// Lets go what is held.
    fn resume(&self, side: Side) -> bool;
    /// Asks for a turn of the event loop.
    fn queue(&self) -> bool;
    /// Appends to a streamed answer from outside its own callbacks, and lets it go.
    fn last_words(&self, ingress: u32, event: &[u8]);
}

#[cfg(test)]
pub(crate) mod fake;
