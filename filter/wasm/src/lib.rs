//! tianji.wasm.
