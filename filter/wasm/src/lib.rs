//! tianji.wasm: the proxy-wasm shell around `tianji-core`. Callbacks become events, effects become host calls; nothing
//! is decided here. One VM per Envoy worker serves both roles, so that they share its statics.

mod filters;
mod host;
mod root;

use proxy_wasm::{traits::RootContext, types::LogLevel};
use std::{cell::OnceCell, rc::Rc};
use tianji_core::{gateway::Gateway, host::Host};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|id| -> Box<dyn RootContext> { Box::new(root::Root::new(id)) });
}}

thread_local! {
    static GATEWAY: OnceCell<Rc<Gateway>> = const { OnceCell::new() };
}

/// What the VM's contexts share; made on first use.
fn gateway() -> Rc<Gateway> {
    GATEWAY.with(|gateway| gateway.get_or_init(make).clone())
}

fn make() -> Rc<Gateway> {
    let mut seed = [0; 8];
    if getrandom::fill(&mut seed).is_err() {
        // Ids only need to differ.
        seed = host::now().to_le_bytes();
    }
    let node = host::Envoy.property(&["xds", "node", "id"]).unwrap_or_default();
    Rc::new(Gateway::new(String::from_utf8_lossy(&node).into_owned(), host::now, u64::from_le_bytes(seed)))
}
