//! Host calls, without the panics: a failed one is logged and has no effect.

use log::warn;
use prost::Message;
use proxy_wasm::{
    hostcalls,
    types::{BufferType, MapType},
};
use std::time::{Duration, UNIX_EPOCH};
use tianji_core::{
    gateway::Gateway,
    io::{Headers, Question, Reply},
};
use tianji_proto::AuthorizeRequest;

/// The whole of a buffer, whatever its size.
const ALL: usize = (u32::MAX >> 1) as usize;
/// The cluster of the bootstrap that leads to the control plane's gRPC port.
pub const CONTROL_PLANE: &str = "control-plane-grpc";
/// The service in `proto/tianji/v1/gate.proto`.
pub const SERVICE: &str = "tianji.v1.Gate";

/// Unix milliseconds.
pub fn now() -> i64 {
    let since = hostcalls::get_current_time().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
}

/// An attribute of the exchange, or filter state.
pub fn property(path: &[&str]) -> Option<Vec<u8>> {
    hostcalls::get_property(path.to_vec()).ok().flatten()
}

/// Sets filter state: `name` is readable by Envoy as `wasm.<name>`.
pub fn set_state(name: &str, value: &[u8]) {
    if let Err(status) = hostcalls::set_property(vec![name], Some(value)) {
        warn!("cannot set filter state {name}: {status:?}");
    }
}

/// A header; bytes that are not UTF-8 are replaced.
pub fn header(map: MapType, name: &str) -> Option<String> {
    let value = hostcalls::get_map_value_bytes(map, name).ok().flatten()?;
    Some(text(value))
}

/// All headers.
pub fn headers(map: MapType) -> Headers {
    let all = hostcalls::get_map_bytes(map).unwrap_or_default();
    all.into_iter().map(|(name, value)| (name, text(value))).collect()
}

/// Replaces all headers.
pub fn set_headers(map: MapType, headers: &Headers) {
    let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if let Err(status) = hostcalls::set_map(map, pairs) {
        warn!("cannot set headers: {status:?}");
    }
}

/// Sets one header of the request.
pub fn set_request_header(name: &str, value: &str) {
    if let Err(status) = hostcalls::set_map_value(MapType::HttpRequestHeaders, name, Some(value)) {
        warn!("cannot set header {name}: {status:?}");
    }
}

/// What a buffer holds.
pub fn buffer(kind: BufferType) -> Vec<u8> {
    hostcalls::get_buffer(kind, 0, ALL).ok().flatten().unwrap_or_default()
}

/// Replaces what a buffer holds.
pub fn set_buffer(kind: BufferType, bytes: &[u8]) {
    if !write_buffer(kind, 0, ALL, bytes) {
        warn!("cannot set a body");
    }
}

/// Appends to what a buffer holds.
pub fn append(kind: BufferType, bytes: &[u8]) -> bool {
    write_buffer(kind, ALL, 0, bytes)
}

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_set_buffer_bytes(
        kind: BufferType,
        start: usize,
        size: usize,
        data: *const u8,
        length: usize,
    ) -> u32;
}

/// The SDK's own call panics where there is no buffer.
fn write_buffer(kind: BufferType, start: usize, size: usize, bytes: &[u8]) -> bool {
    // SAFETY: the host reads `length` bytes at `data` before it returns.
    unsafe { proxy_set_buffer_bytes(kind, start, size, bytes.as_ptr(), bytes.len()) == 0 }
}

/// Answers instead of an upstream.
pub fn respond(reply: &Reply) {
    let headers = reply.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if let Err(status) = hostcalls::send_http_response(reply.status.into(), headers, Some(&reply.body)) {
        warn!("cannot respond: {status:?}");
    }
}

/// Replaces the answer that is being held.
pub fn replace(reply: &Reply) {
    let mut headers = vec![(":status".to_string(), reply.status.to_string())];
    headers.extend(reply.headers.iter().cloned());
    headers.push(("content-length".into(), reply.body.len().to_string()));
    set_headers(MapType::HttpResponseHeaders, &headers);
    set_buffer(BufferType::HttpResponseBody, &reply.body);
}

/// Asks the control plane; the answer comes to the calling context. `None` when it could not even be asked.
pub fn authorize(gateway: &Gateway, question: Question) -> Option<u32> {
    let message = AuthorizeRequest {
        worker: gateway.worker.clone(),
        key_hash: question.key_hash,
        need: Some(question.need),
        received: None,
    };
    let config = gateway.config();
    let (upstream, timeout) = match config.settings.patient_service.as_str() {
        service if question.patient && !service.is_empty() => (service, Duration::from_secs(10)),
        _ => (CONTROL_PLANE, Duration::from_secs(3)),
    };
    let message = message.encode_to_vec();
    hostcalls::dispatch_grpc_call(upstream, SERVICE, "Authorize", vec![], Some(&message), timeout).ok()
}

/// Makes Envoy choose the route again, from the filter state just set.
pub fn clear_route_cache() {
    if let Err(status) = hostcalls::call_foreign_function("clear_route_cache", None) {
        warn!("cannot clear the route cache: {status:?}");
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}
