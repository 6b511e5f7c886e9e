//! The two HTTP filters: callbacks on their way to `tianji-core`.

use crate::host::Envoy;
use proxy_wasm::{
    traits::{Context, HttpContext},
    types::Action,
};
use tianji_core::host::{Filter, Verdict};

/// A filter of the core in Envoy.
pub struct Shell<F>(pub F);

impl<F: Filter> Context for Shell<F> {
    fn on_grpc_call_response(&mut self, _token: u32, status: u32, size: usize) {
        let answer = if status == 0 { self.get_grpc_call_response_body(0, size) } else { None };
        self.0.told(&Envoy, answer);
    }

    fn on_done(&mut self) -> bool {
        self.0.done(&Envoy);
        true
    }
}

impl<F: Filter> HttpContext for Shell<F> {
    fn on_http_request_headers(&mut self, _: usize, end: bool) -> Action {
        action(self.0.request_headers(&Envoy, end))
    }

    fn on_http_request_body(&mut self, _: usize, end: bool) -> Action {
        action(self.0.request_body(&Envoy, end))
    }

    fn on_http_response_headers(&mut self, _: usize, end: bool) -> Action {
        action(self.0.response_headers(&Envoy, end))
    }

    fn on_http_response_body(&mut self, _: usize, end: bool) -> Action {
        action(self.0.response_body(&Envoy, end))
    }

    fn on_log(&mut self) {
        self.0.log(&Envoy);
    }
}

fn action(verdict: Verdict) -> Action {
    match verdict {
        Verdict::Continue => Action::Continue,
        Verdict::Pause => Action::Pause,
    }
}
