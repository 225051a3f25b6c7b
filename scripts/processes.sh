# shellcheck shell=bash
# Runs processes so that none is left behind, and finds out what runs and what holds a port, from
# /proc alone: a fresh machine has no ss, no lsof.

SUPERVISED=

# supervise COMMAND…: runs it in a process group of its own, which ends with this script whatever
# ends it. Bash alone would wait for a build to finish before it looks at a TERM. Never call it in
# a condition (if, ||, &&): there bash ignores failures inside the command.
supervise() {
    local status=0
    set -m
    (set -e; SUPERVISED=; end_with_signals; "$@") </dev/null 9>&- &
    SUPERVISED=$!
    set +m
    wait "$SUPERVISED" || status=$?
    SUPERVISED=
    return "$status"
}

end_by_signal() {
    trap '' INT TERM HUP
    if [[ -n $SUPERVISED ]]; then
        printf '\n'
        kill -TERM -- "-$SUPERVISED" 2>/dev/null || true
        wait_for_end "$SUPERVISED" 10 || kill -KILL -- "-$SUPERVISED" 2>/dev/null || true
    fi
    exit "$1"
}

# A subshell loses its parent's traps, so each supervised one sets them again.
end_with_signals() {
    trap 'end_by_signal 130' INT
    trap 'end_by_signal 143' TERM
    trap 'end_by_signal 129' HUP
}
end_with_signals

# port_holder PORT: prints who listens on the TCP port ("process 123 (postgres)"), or nothing.
port_holder() {
    local hex inode descriptor pid
    printf -v hex '%04X' "$1"
    # State 0A is LISTEN; field 10 is the socket's inode.
    inode=$(awk -v port=":$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10; exit }' \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null || true)
    [[ -n $inode ]] || return 0
    descriptor=$(find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:?$inode?" -print -quit 2>/dev/null || true)
    if [[ -n $descriptor ]]; then
        pid=$(cut -d/ -f3 <<<"$descriptor")
        printf 'process %s (%s)\n' "$pid" "$(cat "/proc/$pid/comm" 2>/dev/null || echo unknown)"
    else
        printf 'a process of another user\n'
    fi
}

# require_port PORT SETTING PURPOSE
require_port() {
    local holder
    if [[ ! $1 =~ ^[0-9]{1,5}$ ]] || (( $1 < 1 || $1 > 65535 )); then fail "$2=\"$1\" is not a port number"; fi
    holder=$(port_holder "$1")
    [[ -z $holder ]] || fail "port $1, for $3, is in use by $holder" \
        "stop it, or choose another port: $2=$(( $1 < 65535 ? $1 + 1 : 50000 )) make …"
}

# Whether the process runs. A zombie does not: some containers have nobody who collects them.
is_alive() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    [[ ${stat##*) } != Z* ]]
}

# wait_for_end PID SECONDS: false when the process still lives after that time.
wait_for_end() {
    local tenths=$(( $2 * 10 ))
    while is_alive "$1" && (( tenths-- > 0 )); do sleep 0.1; done
    ! is_alive "$1"
}

# Prints the process id of the API that `make run` started, or nothing: the number in the file
# counts only while its process runs our program.
api_process() {
    local pid
    [[ -r $RAPPORT_HOME/api.pid ]] || return 0
    pid=$(<"$RAPPORT_HOME/api.pid")
    case $(readlink "/proc/$pid/exe" 2>/dev/null) in
        "$RAPPORT_HOME/bin/rapport"*) printf '%s\n' "$pid" ;;
    esac
}

# Prints the process id of the Superset that a killed run left behind, or nothing: it stands in its folder.
superset_process() {
    local pid folder=$RAPPORT_HOME/superset
    [[ -r $folder/superset.pid ]] || return 0
    pid=$(<"$folder/superset.pid")
    if [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$folder" ]]; then printf '%s\n' "$pid"; fi
}
