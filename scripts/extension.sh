# shellcheck shell=bash
# Builds the extension and puts it into a private copy of PostgreSQL.

# pgrx would hand its link argument to every crate as a flag, and so compile all of them a second time.
# Nothing here needs it: without it `cargo pgrx install` either finds its sections or fails loudly.
export CARGO_PGRX_DISABLE_GC_SECTIONS_WORKAROUND=1

# One line that changes with anything the extension is made of.
extension_digest() {
    {
        rustc --version
        printf '%s %s\n' "$CARGO_PGRX" "$1"
        local folder folders=("$ROOT/Cargo.toml" "$ROOT/Cargo.lock")
        for folder in core extension sql; do folders+=("$ROOT/$folder"); done
        find "${folders[@]}" -type f -print0 | sort -z | xargs -0 sha256sum
    } | sha256sum | cut -c1-16
}

# install_extension PG_CONFIG PROFILE: skipped when nothing changed since the last time, because
# `cargo pgrx install` reads the whole library again to write its SQL.
install_extension() {
    local config=$1 profile=$2 stamp digest
    stamp=$("$config" --pkglibdir)/rapport.digest
    digest=$(extension_digest "$profile")
    [[ ! -f $stamp || $(<"$stamp") != "$digest" ]] || return 0
    rm -f "$stamp"
    logged "extension-$profile" "building the extension ($profile) for PostgreSQL $PG_MAJOR" \
        build_extension "$config" "$profile"
    printf '%s\n' "$digest" >"$stamp"
}

build_extension() {
    cd "$ROOT/extension" || return
    "$CARGO_PGRX" pgrx install --pg-config "$1" --profile "$2" \
        --no-default-features --features "pg$PG_MAJOR"
}

# test_extension PG_CONFIG ARGUMENTS…: pgrx's own tests, in a server of their own. As root that
# server runs as the unprivileged account, through sudo.
test_extension() {
    local config=$1 arguments=()
    shift
    [[ -n $(getent hosts localhost) ]] || fail "\"localhost\" has no address here, and pgrx's test server listens on it" \
        "add the line \"127.0.0.1 localhost\" to /etc/hosts"
    mkdir -p "$PGRX_SERVERS"
    if (( EUID == 0 )); then
        chown "$SERVER_USER:" "$PGRX_SERVERS"
        arguments+=(--runas "$SERVER_USER")
    fi
    # The build with the tests in it takes the place of the other one.
    rm -f "$("$config" --pkglibdir)/rapport.digest"
    cd "$ROOT/extension" || return
    supervise "$CARGO_PGRX" pgrx test "pg$PG_MAJOR" "$@" --pgdata "$PGRX_SERVERS" "${arguments[@]}" \
        --no-default-features --features "pg$PG_MAJOR pg_test"
}

# pgrx stops its server when its tests end, not when they are interrupted.
stop_pgrx_servers() {
    local file pid
    for file in "$PGRX_SERVERS"/*/postmaster.pid; do
        [[ -r $file ]] || continue
        pid=$(head -n 1 "$file")
        [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$(dirname "$file")" ]] || continue
        kill -INT "$pid"
        wait_for_end "$pid" 20 || kill -KILL "$pid"
    done
    rm -rf "$PGRX_SERVERS"
}
