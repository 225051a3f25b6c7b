# shellcheck shell=bash
# Rust and what is installed with it. Versions come from Cargo.toml, the one place that names them.

workspace_value() { sed -nE "s/^$1 *= *\"=?([0-9.]+)\".*/\1/p" "$ROOT/Cargo.toml" | head -n 1; }

at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort --version-sort | head -n 1) == "$1" ]]; }

# `sudo make` drops the caller's PATH and home, and a fresh rustup is in neither.
find_rust() {
    local home
    has cargo && return
    for home in "$HOME" "$(getent passwd "${SUDO_USER:-root}" | cut -d: -f6)"; do
        [[ -x $home/.cargo/bin/cargo ]] || continue
        export PATH=$home/.cargo/bin:$PATH RUSTUP_HOME=${RUSTUP_HOME:-$home/.rustup}
        return
    done
    fail "Rust is not installed: there is no cargo on the PATH" \
        "install Rust $(workspace_value rust-version) or newer (https://rustup.rs), then try again"
}

require_rust() {
    local needed version
    find_rust
    needed=$(workspace_value rust-version)
    version=$(rustc --version 2>/dev/null | awk '{ print $2 }') || true
    [[ -n $version ]] || fail "cargo is there, but rustc does not run" \
        "with rustup: rustup default stable"
    at_least "$needed" "${version%%-*}" || fail "rustc is $version, and Rapport needs $needed or newer" \
        "with rustup: rustup update stable"
}

# require_cargo_tool NAME VERSION NOTE: sets TOOL to a binary of exactly that version.
require_cargo_tool() {
    local name=$1 version=$2 candidate
    for candidate in "$RAPPORT_HOME/tools/bin/$name" "$(command -v "$name" || true)"; do
        if [[ -x $candidate ]] && [[ "$("$candidate" --version 2>/dev/null)" == *" $version" ]]; then
            TOOL=$candidate
            return
        fi
    done
    logged "$name" "building $name $version ($3)" build_cargo_tool "$name" "$version"
    TOOL=$RAPPORT_HOME/tools/bin/$name
}

build_cargo_tool() {
    local target=$RAPPORT_HOME/tools/target
    mkdir -p "$RAPPORT_HOME/tools"
    if ! CARGO_TARGET_DIR=$target cargo install --locked --force --root "$RAPPORT_HOME/tools" --version "$2" "$1"; then
        echo "cargo could not install $1 $2: is there a network, and does crates.io answer?"
        return 1
    fi
    rm -rf "$target"
}

# Sets CARGO_PGRX, which pgrx's test framework reads as well, and points pgrx at the copy that
# builds and tests use, for exactly its major. The file is left alone when it is right: pgrx
# generates its bindings anew whenever it is touched.
require_pgrx() {
    local wanted
    require_cargo_tool cargo-pgrx "$(workspace_value pgrx)" "once, about 5 minutes"
    export CARGO_PGRX=$TOOL
    wanted="pg$PG_MAJOR = \"$1\""
    if ! grep -qsxF "$wanted" "$PGRX_HOME/config.toml"; then
        mkdir -p "$PGRX_HOME"
        logged pgrx-init "pointing pgrx at the private PostgreSQL" \
            "$CARGO_PGRX" pgrx init --no-run "--pg$PG_MAJOR=$1"
    fi
}
