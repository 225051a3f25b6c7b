# shellcheck shell=bash
# Decides where everything is and who runs it. Every script starts by sourcing this file.
#
# Settings, all optional: RAPPORT_HOME, RAPPORT_PG_PORT, RAPPORT_TEST_PG_PORT, RAPPORT_HTTP_PORT,
# RAPPORT_OS_USER (as root: who runs the server), PG_CONFIG, CARGO_TARGET_DIR.

set -euo pipefail
# A file made by these scripts is the caller's to write and everybody's to read, passwords excepted.
umask 022
# `make` hands its own flags down; the makes and cargos below are not part of its job.
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export LC_ALL=C.UTF-8
# pgrx's tests connect as $USER, which a bare container does not set.
export USER="${USER:-$(id -un)}"

source "$ROOT/scripts/messages.sh"
source "$ROOT/scripts/processes.sh"
source "$ROOT/scripts/packages.sh"
source "$ROOT/scripts/postgres.sh"
source "$ROOT/scripts/pgvector.sh"
source "$ROOT/scripts/toolchain.sh"
source "$ROOT/scripts/extension.sh"
source "$ROOT/scripts/cluster.sh"
source "$ROOT/scripts/preparation.sh"
source "$ROOT/scripts/release.sh"

# Whether somebody who is neither root nor the owner can enter a folder, or would be able to once
# it exists. 65534 is `nobody` everywhere.
is_reachable() {
    local folder=$1
    while [[ ! -d $folder ]]; do folder=$(dirname "$folder"); done
    (( EUID != 0 )) || setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$folder"
}

choose_home() {
    if [[ -n ${RAPPORT_HOME:-} ]]; then
        is_reachable "$RAPPORT_HOME" || fail \
            "RAPPORT_HOME=$RAPPORT_HOME cannot be entered by the user that runs PostgreSQL (it refuses to run as root)" \
            "choose a folder whose parents everybody may enter, for example RAPPORT_HOME=/var/lib/rapport"
    elif is_reachable "$ROOT"; then
        RAPPORT_HOME=$ROOT/.rapport
    else
        RAPPORT_HOME=/var/lib/rapport/$(printf '%s' "$ROOT" | sha256sum | cut -c1-8)
        HOME_REASON="$ROOT is closed to the user that runs PostgreSQL"
    fi
    # Without symbolic links: a running server is recognised by the path it stands in.
    RAPPORT_HOME=$(realpath --canonicalize-missing "$RAPPORT_HOME")
    # The whole tree is handed to make, initdb and cargo, and not all of them quote.
    [[ $RAPPORT_HOME != *[[:space:]]* ]] || fail \
        "the state folder \"$RAPPORT_HOME\" has a space in its path, which PostgreSQL's build files do not support" \
        "set RAPPORT_HOME to a path without spaces"
    export RAPPORT_HOME
}

open_home() {
    mkdir -p "$RAPPORT_HOME/log" 2>/dev/null || true
    if [[ ! -w $RAPPORT_HOME || ! -w $RAPPORT_HOME/log ]]; then
        fail "the state folder $RAPPORT_HOME cannot be written by $(id -un)" \
            "run as $(stat -c %U "$RAPPORT_HOME" 2>/dev/null || echo "another user"), or set RAPPORT_HOME to another folder"
    fi
}

# The account that runs PostgreSQL: the caller, or for root an unprivileged one.
choose_server_user() {
    local owner=
    if (( EUID != 0 )); then
        SERVER_USER=$(id -un)
        return
    fi
    # A cluster that is already there decides: PostgreSQL only starts for the owner of its data.
    [[ ! -d $RAPPORT_HOME/cluster/run/data ]] || owner=$(stat -c %U "$RAPPORT_HOME/cluster/run/data")
    if [[ -n ${RAPPORT_OS_USER:-} ]]; then
        SERVER_USER=$RAPPORT_OS_USER
    elif [[ -n $owner && $owner != root && $owner != UNKNOWN ]]; then
        SERVER_USER=$owner
    elif id -u postgres >/dev/null 2>&1; then
        SERVER_USER=postgres
    else
        SERVER_USER=rapport # made by scripts/install
    fi
}

# Becomes a command that runs as the account of the server, in a folder every account may enter.
exec_as_server() {
    cd /
    if (( EUID != 0 )); then exec "$@"; fi
    exec setpriv --reuid="$SERVER_USER" --regid="$(id -g "$SERVER_USER")" --init-groups \
        -- env HOME=/ USER="$SERVER_USER" "$@"
}

as_server() { (exec_as_server "$@"); }

# One `make run` and one `make test` at a time for a state folder. The lock is on descriptor 9 and
# goes with this process, so nothing is left to clean after a kill.
lock() {
    exec 9>"$RAPPORT_HOME/$1.lock"
    flock --nonblock 9 || fail \
        "another \`make $1\` is at work in $RAPPORT_HOME" \
        "wait for it, stop it (make stop), or set RAPPORT_HOME to another folder"
}

HOME_REASON=
choose_home
choose_server_user
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$RAPPORT_HOME/target}"
export PGRX_HOME=$RAPPORT_HOME/pgrx
# Where pgrx's tests put their servers and sockets; a socket's path is at most 107 bytes.
PGRX_SERVERS=$RAPPORT_HOME/cluster/pgrx
if (( ${#PGRX_SERVERS} > 80 )); then PGRX_SERVERS=/tmp/rapport-$(printf '%s' "$RAPPORT_HOME" | sha256sum | cut -c1-8); fi
RUN_PORT=${RAPPORT_PG_PORT:-55432}
TEST_PORT=${RAPPORT_TEST_PG_PORT:-55433}
HTTP_PORT=${RAPPORT_HTTP_PORT:-8080}
