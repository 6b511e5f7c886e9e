//! Envoy, by proxy-wasm's host calls: a failed one is logged and has no effect.
//! <https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1>

use proxy_wasm::{
    hostcalls,
    types::{BufferType, MapType},
};
use std::{
    fmt::Debug,
    time::{Duration, UNIX_EPOCH},
};
use tianji_core::{
    gateway::CONTROL_PLANE,
    headers::Headers,
    host::{Host, Side},
    io::Reply,
};

/// The whole of a buffer, whatever its size.
const ALL: usize = (u32::MAX >> 1) as usize;
/// The service in `proto/tianji/v1/gate.proto`.
const SERVICE: &str = "tianji.v1.Gate";

/// The context whose callback runs.
pub struct Envoy;

impl Host for Envoy {
    fn headers(&self, side: Side) -> Headers {
        let (mut data, mut length) = (std::ptr::null_mut(), 0);
        // SAFETY: the host writes both before it returns.
        let status = unsafe { proxy_get_header_map_pairs(map(side), &raw mut data, &raw mut length) };
        if status != 0 || data.is_null() {
            return Headers::default();
        }
        let bytes = std::ptr::slice_from_raw_parts_mut(data, length);
        // SAFETY: the host had `length` bytes allocated here and leaves them to us.
        Headers::decode(&unsafe { Box::from_raw(bytes) })
    }

    fn set_headers(&self, side: Side, headers: &Headers) {
        let data = headers.encode();
        // SAFETY: the host reads `data` before it returns.
        let status = unsafe { proxy_set_header_map_pairs(map(side), data.as_ptr(), data.len()) };
        log("headers", done(status));
    }

    fn set_request_header(&self, name: &str, value: &str) {
        log(name, hostcalls::set_map_value(MapType::HttpRequestHeaders, name, Some(value)));
    }

    fn body(&self, side: Side) -> Vec<u8> {
        hostcalls::get_buffer(buffer(side), 0, ALL).ok().flatten().unwrap_or_default()
    }

    fn set_body(&self, side: Side, bytes: &[u8]) {
        write(side, 0, ALL, bytes);
    }

    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        hostcalls::get_property(path.to_vec()).ok().flatten()
    }

    fn set_state(&self, name: &str, value: &[u8]) {
        log(name, hostcalls::set_property(vec![name], Some(value)));
    }

    fn respond(&self, reply: &Reply) {
        let headers = reply.headers.iter().collect();
        log("respond", hostcalls::send_http_response(reply.status.into(), headers, Some(&reply.body)));
    }

    fn clear_route_cache(&self) {
        log("route", hostcalls::call_foreign_function("clear_route_cache", None).map(drop));
    }

    fn call(&self, method: &str, upstream: &str, message: &[u8], timeout: Duration) -> bool {
        hostcalls::dispatch_grpc_call(upstream, SERVICE, method, vec![], Some(message), timeout).is_ok()
    }

    fn resume(&self, side: Side) -> bool {
        let resumed = match side {
            Side::Request => hostcalls::resume_http_request(),
            Side::Response => hostcalls::resume_http_response(),
        };
        log("resume", resumed)
    }

    fn queue(&self) -> bool {
        crate::root::queue()
    }

    fn last_words(&self, ingress: u32, event: &[u8]) {
        if hostcalls::set_effective_context(ingress).is_ok() && write(Side::Response, ALL, 0, event) {
            self.resume(Side::Response);
        }
    }
}

/// Unix milliseconds.
pub fn now() -> i64 {
    let since = hostcalls::get_current_time().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
}

/// Opens the link to the control plane.
pub fn open_link() -> Option<u32> {
    let opened = hostcalls::open_grpc_stream(CONTROL_PLANE, SERVICE, "Link", vec![]);
    opened.inspect_err(|status| log::warn!("link: {status:?}")).ok()
}

/// Logs a failed host call; tells whether it went well.
pub fn log(what: &str, result: Result<(), impl Debug>) -> bool {
    result.inspect_err(|status| log::warn!("{what}: {status:?}")).is_ok()
}

fn done(status: u32) -> Result<(), u32> {
    if status == 0 { Ok(()) } else { Err(status) }
}

fn write(side: Side, start: usize, replaced: usize, bytes: &[u8]) -> bool {
    let (data, length) = (bytes.as_ptr(), bytes.len());
    // SAFETY: the host reads `bytes` before it returns.
    log("body", done(unsafe { proxy_set_buffer_bytes(buffer(side), start, replaced, data, length) }))
}

fn map(side: Side) -> MapType {
    match side {
        Side::Request => MapType::HttpRequestHeaders,
        Side::Response => MapType::HttpResponseHeaders,
    }
}

fn buffer(side: Side) -> BufferType {
    match side {
        Side::Request => BufferType::HttpRequestBody,
        Side::Response => BufferType::HttpResponseBody,
    }
}

// The SDK's own calls panic where there is no map or buffer, and copy every header by itself.
#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_get_header_map_pairs(map: MapType, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_set_header_map_pairs(map: MapType, data: *const u8, size: usize) -> u32;
    fn proxy_set_buffer_bytes(
        buffer: BufferType,
        start: usize,
        size: usize,
        data: *const u8,
        length: usize,
    ) -> u32;
}
