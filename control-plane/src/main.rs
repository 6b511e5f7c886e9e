//! tianji.
fn main() {}
