//! What the filter and the control plane say to each other: `proto/tianji/v1/gate.proto`, generated.
#![expect(missing_docs, reason = "generated code; the .proto file is the documentation")]
#![cfg_attr(
    not(target_family = "wasm"),
    expect(clippy::large_enum_variant, reason = "generated code; large only where pointers are")
)]

include!(concat!(env!("OUT_DIR"), "/tianji.v1.rs"));

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
