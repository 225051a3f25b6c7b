//! Rebuilds the binary when a migration is added, because the macro that embeds them only sees files it already knows.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
