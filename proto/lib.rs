//! What the filter and the control plane say to each other: `proto/tianji/v1/gate.proto`, generated.
#![expect(missing_docs, reason = "generated code; the .proto file is the documentation")]
#![expect(clippy::large_enum_variant, reason = "generated code")]

include!(concat!(env!("OUT_DIR"), "/tianji.v1.rs"));

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
