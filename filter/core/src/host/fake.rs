//! A host that remembers what it was asked.

use super::{Host, Side};
use crate::{headers::Headers, io::Reply};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    time::Duration,
};

#[derive(Default)]
pub struct Fake {
    /// What `headers` gives.
    pub headers: RefCell<Headers>,
    /// What `body` gives.
    pub body: RefCell<Vec<u8>>,
    /// Filter state.
    pub state: RefCell<HashMap<String, Vec<u8>>>,
    /// Everything else that was asked, in order.
    pub asked: RefCell<Vec<String>>,
    /// The control plane cannot be asked.
    pub alone: Cell<bool>,
}

impl Fake {
    /// A message with these headers and this body has come.
    pub fn bring(&self, headers: &[(&str, &str)], body: &str) {
        *self.headers.borrow_mut() = headers.iter().copied().collect();
        *self.body.borrow_mut() = body.into();
    }

    /// What was asked since the last time.
    pub fn take(&self) -> String {
        std::mem::take(&mut *self.asked.borrow_mut()).join(", ")
    }

    fn ask(&self, what: impl Into<String>) {
        self.asked.borrow_mut().push(what.into());
    }
}

impl Host for Fake {
    fn headers(&self, _: Side) -> Headers {
        self.headers.borrow().clone()
    }

    fn set_headers(&self, side: Side, headers: &Headers) {
        let what = headers.get(":status").or(headers.get(":path")).unwrap_or_default();
        self.ask(format!("{side:?} headers {what}"));
    }

    fn set_request_header(&self, name: &str, value: &str) {
        self.ask(format!("{name}: {value}"));
    }

    fn body(&self, _: Side) -> Vec<u8> {
        self.body.borrow().clone()
    }

    fn set_body(&self, side: Side, bytes: &[u8]) {
        self.ask(format!("{side:?} body of {}", bytes.len()));
    }

    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.state.borrow().get(&path.join(".")).cloned()
    }

    fn set_state(&self, name: &str, value: &[u8]) {
        self.state.borrow_mut().insert(name.into(), value.into());
    }

    fn respond(&self, reply: &Reply) {
        self.ask(format!("respond {}", reply.status));
    }

    fn clear_route_cache(&self) {
        self.ask("route");
    }

    fn call(&self, method: &str, upstream: &str, _: &[u8], _: Duration) -> bool {
        self.ask(format!("{method} at {upstream}"));
        !self.alone.get()
    }

    fn resume(&self, side: Side) -> bool {
        self.ask(format!("resume {side:?}"));
        true
    }

    fn queue(&self) -> bool {
        self.ask("queue");
        true
    }

    fn last_words(&self, ingress: u32, event: &[u8]) {
        self.ask(format!("last words of {ingress}: {}", String::from_utf8_lossy(event)));
    }
}
