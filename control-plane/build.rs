//! `sqlx::migrate!` reads the folder when it is expanded; tell cargo when that has to happen again.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
