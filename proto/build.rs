//! Compiles the `.proto` files without a system protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=tianji");
    let files = protox::compile(["tianji/v1/gate.proto"], ["."])?;
    let service = std::env::var_os("CARGO_FEATURE_SERVICE").is_some();
    tonic_prost_build::configure()
        .build_server(service)
        .build_client(service)
        .type_attribute(
            "tianji.v1.Record",
            "#[derive(serde::Serialize, serde::Deserialize)] #[serde(default)]",
        )
        .type_attribute(
            "tianji.v1.Tokens",
            "#[derive(serde::Serialize, serde::Deserialize)] #[serde(default)]",
        )
        // A line of the access log says what is not zero.
        .field_attribute(".tianji.v1.Record", "#[serde(skip_serializing_if = \"is_default\")]")
        .field_attribute(".tianji.v1.Tokens", "#[serde(skip_serializing_if = \"is_default\")]")
        .compile_fds(files)?;
    Ok(())
}
