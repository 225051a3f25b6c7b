# shellcheck shell=bash
# What the scripts say: one line per step, and on a failure one sentence that tells what to do.

say() { printf '%s\n' "$*"; }

# fail SENTENCE…: ends the script. The first sentence is what went wrong, the others are hints.
fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    if (( $# )); then printf '       %s\n' "$@" >&2; fi
    exit 1
}

# logged NAME TEXT COMMAND…: runs the command with its output in $RAPPORT_HOME/log/NAME.log, as one
# line of ours that ends with the seconds it took. Never call it in a condition (if, ||, &&): there
# bash would ignore a failure inside the command.
logged() {
    local name=$1 text=$2 started=$SECONDS status
    shift 2
    local log=$RAPPORT_HOME/log/$name.log
    printf '%s … ' "$text"
    set +e
    supervise "$@" >"$log" 2>&1
    status=$?
    set -e
    if (( status == 0 )); then
        printf '%s s\n' "$(( SECONDS - started ))"
        return
    fi
    printf 'failed\n'
    printf '\n--- the last 20 lines of %s\n' "$log" >&2
    tail -n 20 "$log" >&2
    printf -- '---\n' >&2
    fail "$text: failed with exit code $status (everything it said is in $log)"
}
