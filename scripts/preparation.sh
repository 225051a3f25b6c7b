# shellcheck shell=bash
# Everything a fresh machine lacks, in the order in which it is needed. Each step costs nothing when
# it was done before.

# prepare COPY…: with the given private copies of PostgreSQL (pgsql, pgsql-run).
prepare() {
    open_home
    say "the state folder is $RAPPORT_HOME${HOME_REASON:+ ($HOME_REASON)}"
    require_rust
    require_build_packages
    require_server_user
    choose_postgres
    local copy
    for copy in "$@"; do copy_postgres "$copy"; done
}

require_build_packages() {
    local packages=(gcc libc6-dev make pkg-config libssl-dev clang libclang-dev curl ca-certificates)
    # pgrx's tests start their server through sudo when they are run by root.
    (( EUID != 0 )) || packages+=(sudo)
    require_packages "${packages[@]}"
    local tool
    for tool in cc clang make curl setpriv flock; do
        has "$tool" || fail "\"$tool\" is missing, and only Debian's package manager is known here" \
            "install it and try again"
    done
}

require_server_user() {
    (( EUID == 0 )) || return 0
    if ! id -u "$SERVER_USER" >/dev/null 2>&1; then
        [[ $SERVER_USER == rapport ]] || fail "RAPPORT_OS_USER=\"$SERVER_USER\" is not an account of this machine"
        say "making the system account \"rapport\": PostgreSQL refuses to run as root"
        useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin rapport
    fi
    [[ $(id -u "$SERVER_USER") != 0 ]] || fail "RAPPORT_OS_USER=\"$SERVER_USER\" is root, as which PostgreSQL refuses to run"
}
