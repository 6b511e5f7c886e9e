//! Host calls, without the panics: a failed one is logged and has no effect.

use proxy_wasm::{
    hostcalls,
    types::{BufferType, MapType, Status},
};
use std::time::UNIX_EPOCH;
use tianji_core::io::{Headers, Reply};

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
    note(name, hostcalls::set_property(vec![name], Some(value)));
}

/// A header; bytes that are not UTF-8 are replaced.
pub fn header(map: MapType, name: &str) -> Option<String> {
    hostcalls::get_map_value_bytes(map, name).ok().flatten().map(text)
}

/// All headers.
pub fn headers(map: MapType) -> Headers {
    let all = hostcalls::get_map_bytes(map).unwrap_or_default();
    all.into_iter().map(|(name, value)| (name, text(value))).collect()
}

/// Replaces all headers.
pub fn set_headers(map: MapType, headers: &Headers) {
    note("headers", hostcalls::set_map(map, pairs(headers)));
}

/// Sets one header of the request.
pub fn set_request_header(name: &str, value: &str) {
    note(name, hostcalls::set_map_value(MapType::HttpRequestHeaders, name, Some(value)));
}

/// What a buffer holds.
pub fn buffer(kind: BufferType) -> Vec<u8> {
    hostcalls::get_buffer(kind, 0, ALL).ok().flatten().unwrap_or_default()
}

/// Replaces what a buffer holds.
pub fn set_buffer(kind: BufferType, bytes: &[u8]) {
    write_buffer(kind, 0, ALL, bytes);
}

/// Answers instead of an upstream.
pub fn respond(reply: &Reply) {
    let sent = hostcalls::send_http_response(reply.status.into(), pairs(&reply.headers), Some(&reply.body));
    note("respond", sent);
}

/// Replaces the answer that is being held.
pub fn replace(reply: Reply) {
    let (headers, body) = reply.into_parts();
    set_headers(MapType::HttpResponseHeaders, &headers);
    set_buffer(BufferType::HttpResponseBody, &body);
}

/// Makes Envoy choose the route again, from the filter state just set.
pub fn clear_route_cache() {
    note("route", hostcalls::call_foreign_function("clear_route_cache", None).map(drop));
}

/// Appends to a streamed answer from outside its own callbacks, and lets it go.
pub fn last_words(ingress: u32, event: &[u8]) {
    if hostcalls::set_effective_context(ingress).is_ok()
        && write_buffer(BufferType::HttpResponseBody, ALL, 0, event)
    {
        note("resume", hostcalls::resume_http_response());
    }
}

/// Logs a failed host call.
pub fn note(what: &str, result: Result<(), Status>) {
    if let Err(status) = result {
        log::warn!("{what}: {status:?}");
    }
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

fn pairs(headers: &Headers) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}
