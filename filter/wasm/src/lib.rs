//! tianji.wasm: the proxy-wasm shell around `tianji-core`. Callbacks become events, effects become host calls; nothing
//! is decided here. One VM per Envoy worker serves both roles, so that they share its statics.

mod egress;
mod host;
mod ingress;
mod relay;
mod root;
mod vm;

use proxy_wasm::{traits::RootContext, types::LogLevel};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|id| -> Box<dyn RootContext> { Box::new(root::Root::new(id)) });
}}
