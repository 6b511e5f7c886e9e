//! Where AWS's services are. <https://docs.aws.amazon.com/general/latest/gr/rande.html>

use serde_json::{Map, Value};

/// Where models are looked for when nothing says where.
const REGION: &str = "us-west-2";

/// The region that a deployment names; else `own`, or where models are looked for.
pub fn region<'a>(params: &'a Map<String, Value>, own: impl FnOnce() -> Option<&'a str>) -> String {
    let text = |name: &str| params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let named = text("aws_region_name").or_else(|| text("region_name")).or_else(own);
    named.filter(|region| is_region(region)).unwrap_or(REGION).to_owned()
}

/// The address of a service in a region.
pub fn url(service: &str, region: &str) -> String {
    format!("https://{service}.{region}.{}", suffix(region))
}

/// Nothing that could lead to another host.
fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The domain of a region's partition.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
fn suffix(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "amazonaws.com.cn",
        Some("eusc") => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}
