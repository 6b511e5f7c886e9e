//! Letting a streamed answer pass so that it can still be ended when the upstream breaks off.
//!
//! Envoy cuts the client off as soon as an upstream is gone in mid-stream, but first it ends the upstream's filters. In
//! that moment egress can still write through ingress, if ingress is paused with an empty buffer. So ingress lets every
//! chunk go at once by resuming, yet answers `Pause`: Envoy has moved the chunk into the buffer before the callback when
//! ingress was paused already. The first chunk finds it not yet paused and is let go on the next turn of the event loop,
//! by way of a queue. At most one resume per call into the VM: a second one can be cut short by a nested call.

use crate::host;
use proxy_wasm::{hostcalls, types::BufferType};
use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
};

thread_local! {
    static QUEUE: Cell<Option<u32>> = const { Cell::new(None) };
    static DUE: RefCell<VecDeque<u32>> = const { RefCell::new(VecDeque::new()) };
    /// Ingress contexts with a stream: whether their first chunk still waits.
    static STREAMS: RefCell<HashMap<u32, bool>> = RefCell::new(HashMap::new());
}

/// Takes the VM's queue over for the calling root context. `name` must be the VM's own.
pub fn register(name: &str) {
    QUEUE.set(hostcalls::register_shared_queue(name).ok());
}

/// In ingress: a chunk has come that is not the last one. Gives `false` when the stream must pass as it is.
pub fn pass(ingress: u32) -> bool {
    let Some(queue) = QUEUE.get() else { return false };
    let first = STREAMS.with_borrow_mut(|streams| streams.insert(ingress, false).is_none());
    if !first {
        return hostcalls::resume_http_response().is_ok();
    }
    STREAMS.with_borrow_mut(|streams| streams.insert(ingress, true));
    DUE.with_borrow_mut(|due| due.push_back(ingress));
    hostcalls::enqueue_shared_queue(queue, Some(b"1")).is_ok()
}

/// In the root context: the next turn of the event loop.
pub fn turn(queue: u32) {
    if !matches!(hostcalls::dequeue_shared_queue(queue), Ok(Some(_))) {
        return;
    }
    let Some(ingress) = DUE.with_borrow_mut(VecDeque::pop_front) else { return };
    let waits = STREAMS.with_borrow_mut(|streams| streams.get_mut(&ingress).is_some_and(std::mem::take));
    if waits && hostcalls::set_effective_context(ingress).is_ok() {
        let _ = hostcalls::resume_http_response();
    }
}

/// In egress, when it is done: the last words of a stream that was broken off.
pub fn last_words(ingress: u32, event: &[u8]) {
    let begun = STREAMS.with_borrow_mut(|streams| streams.remove(&ingress).is_some());
    if begun
        && hostcalls::set_effective_context(ingress).is_ok()
        && host::append(BufferType::HttpResponseBody, event)
    {
        let _ = hostcalls::resume_http_response();
    }
}

/// The client has its answer, or has gone.
pub fn forget(ingress: u32) {
    STREAMS.with_borrow_mut(|streams| streams.remove(&ingress));
}
