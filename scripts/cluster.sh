# shellcheck shell=bash
# Private PostgreSQL clusters: `run` keeps its data, `test` is made anew each time.
# They listen on 127.0.0.1 and on no socket file, whose path would be limited to 107 bytes.

# use_cluster run|test PG_CONFIG
use_cluster() {
    CLUSTER=$1
    CLUSTER_FOLDER=$RAPPORT_HOME/cluster/$1
    CLUSTER_DATA=$CLUSTER_FOLDER/data
    CLUSTER_LOG=$CLUSTER_FOLDER/postgresql.log
    CLUSTER_PASSWORDS=$RAPPORT_HOME/cluster/$1.pgpass
    CLUSTER_BIN=$("$2" --bindir)
    if [[ $1 == run ]]; then
        CLUSTER_PORT=$RUN_PORT CLUSTER_PORT_SETTING=RAPPORT_PG_PORT
    else
        CLUSTER_PORT=$TEST_PORT CLUSTER_PORT_SETTING=RAPPORT_TEST_PG_PORT
    fi
}

# Prints the process id of the cluster's live server, or nothing. A postmaster.pid alone proves
# nothing: after a kill -9 its number may belong to anybody. A server stands in its data folder.
cluster_process() {
    local pid
    [[ -r $CLUSTER_DATA/postmaster.pid ]] || return 0
    pid=$(head -n 1 "$CLUSTER_DATA/postmaster.pid")
    if [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$CLUSTER_DATA" ]]; then printf '%s\n' "$pid"; fi
}

# The port the live server was started with, which may not be today's setting.
cluster_process_port() { sed -n 4p "$CLUSTER_DATA/postmaster.pid" 2>/dev/null || true; }

# Fails early, before anything is built, when the cluster could not be started later.
check_cluster() {
    local version
    if [[ -f $CLUSTER_DATA/PG_VERSION ]]; then
        version=$(<"$CLUSTER_DATA/PG_VERSION")
        [[ $version == "$PG_MAJOR" ]] || fail \
            "the data in $CLUSTER_DATA is of PostgreSQL $version, and PostgreSQL $PG_MAJOR is chosen" \
            "choose $version again (PG_CONFIG=/usr/lib/postgresql/$version/bin/pg_config)," \
            "or another folder (RAPPORT_HOME=…), or give the data up (make clean)"
        [[ -f $CLUSTER_PASSWORDS ]] || fail \
            "the passwords of the cluster in $CLUSTER_DATA are gone: $CLUSTER_PASSWORDS is missing" \
            "put the file back, or give the data up (make clean)"
    fi
    [[ -n $(cluster_process) ]] || require_port "$CLUSTER_PORT" "$CLUSTER_PORT_SETTING" "the private PostgreSQL"
}

start_cluster() {
    if [[ -n $(cluster_process) ]]; then
        if [[ $(cluster_process_port) == "$CLUSTER_PORT" ]]; then return; fi
        stop_cluster
    fi
    require_port "$CLUSTER_PORT" "$CLUSTER_PORT_SETTING" "the private PostgreSQL"
    mkdir -p "$CLUSTER_FOLDER"
    (( EUID != 0 )) || chown "$SERVER_USER:" "$CLUSTER_FOLDER"
    if [[ ! -f $CLUSTER_DATA/PG_VERSION ]]; then
        logged "initdb-$CLUSTER" "creating a private cluster in $CLUSTER_FOLDER" create_cluster
    fi
    if [[ -f $CLUSTER_DATA/postmaster.pid ]]; then
        say "the last server did not stop cleanly: removing its stale postmaster.pid, PostgreSQL recovers by itself"
        rm -f "$CLUSTER_DATA/postmaster.pid"
    fi
    cluster_settings | as_server tee "$CLUSTER_DATA/rapport.conf" >/dev/null
    # With RUST_BACKTRACE the extension would write a backtrace into the DETAIL of its errors.
    if ! as_server env --unset=RUST_BACKTRACE "$CLUSTER_BIN/pg_ctl" start --silent --wait --timeout=120 \
        --pgdata="$CLUSTER_DATA" --log="$CLUSTER_LOG" </dev/null >"$RAPPORT_HOME/log/pg_ctl.log" 2>&1 9>&-; then
        printf -- '--- the last 20 lines of %s\n' "$CLUSTER_LOG" >&2
        tail -n 20 "$CLUSTER_LOG" >&2 || true
        fail "PostgreSQL did not start on port $CLUSTER_PORT (its log is $CLUSTER_LOG)"
    fi
}

create_cluster() {
    local password
    password=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
    rm -rf "$CLUSTER_DATA" "$CLUSTER_DATA.new"
    # The password goes to initdb in a file that only the server's account reads.
    as_server install --mode=600 /dev/null "$CLUSTER_FOLDER/password"
    as_server tee "$CLUSTER_FOLDER/password" <<<"$password" >/dev/null
    as_server "$CLUSTER_BIN/initdb" --pgdata="$CLUSTER_DATA.new" --username=rapport \
        --pwfile="$CLUSTER_FOLDER/password" --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 \
        --data-checksums --no-sync
    as_server rm -f "$CLUSTER_FOLDER/password"
    as_server tee -a "$CLUSTER_DATA.new/postgresql.conf" <<<"include 'rapport.conf'" >/dev/null
    (umask 077 && printf '127.0.0.1:*:*:rapport:%s\n' "$password" >"$CLUSTER_PASSWORDS")
    mv "$CLUSTER_DATA.new" "$CLUSTER_DATA"
}

# Written at every start, so that a new port or a newer version of this file takes effect.
cluster_settings() {
    cat <<EOT
listen_addresses = '127.0.0.1'
port = $CLUSTER_PORT
unix_socket_directories = ''
cluster_name = 'rapport-$CLUSTER'
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d %a '
EOT
    # A test database does not outlive its test, so nothing is gained by waiting for the disk.
    [[ $CLUSTER != test ]] || printf '%s = off\n' fsync synchronous_commit full_page_writes
}

stop_cluster() {
    local pid
    pid=$(cluster_process)
    [[ -n $pid ]] || return 0
    as_server "$CLUSTER_BIN/pg_ctl" stop --silent --wait --timeout=60 --mode=fast --pgdata="$CLUSTER_DATA" ||
        fail "PostgreSQL (process $pid) does not stop; its log is $CLUSTER_LOG"
}

# cluster_psql ROLE ARGUMENTS…: psql in the cluster's database. Role and database come by
# environment, so that arguments are free to say otherwise.
cluster_psql() {
    local role=$1
    shift
    PGHOST=127.0.0.1 PGPORT=$CLUSTER_PORT PGUSER=$role PGDATABASE=${PGDATABASE:-rapport} \
        PGPASSFILE=$CLUSTER_PASSWORDS "$CLUSTER_BIN/psql" "$@"
}

cluster_password() { awk -F: -v role="$1" '$4 == role { print $5; exit }' "$CLUSTER_PASSWORDS"; }

# cluster_url ROLE DATABASE
cluster_url() { printf 'postgres://%s:%s@127.0.0.1:%s/%s\n' "$1" "$(cluster_password "$1")" "$CLUSTER_PORT" "$2"; }

# For those who only want to talk to the private database: as its owner, or as PGROLE says.
open_private_database() {
    case ${PGROLE:-owner} in
        owner) CLUSTER_ROLE=rapport ;;
        analyst | bi | api) CLUSTER_ROLE=rapport_$PGROLE ;;
        *) fail "PGROLE=\"$PGROLE\" is not a role of the private database" "choose owner, analyst, bi or api" ;;
    esac
    [[ -f $RAPPORT_HOME/pgsql-run/pg_config ]] ||
        fail "there is no private database in $RAPPORT_HOME yet" "make one: make run"
    use_cluster run "$(<"$RAPPORT_HOME/pgsql-run/pg_config")"
    [[ -n $(cluster_process) ]] ||
        fail "the private database in $RAPPORT_HOME is not running" "start it in another terminal: make run"
    [[ -r $CLUSTER_PASSWORDS ]] ||
        fail "$CLUSTER_PASSWORDS belongs to $(stat -c %U "$CLUSTER_PASSWORDS"): run this as that user"
    [[ -n $(cluster_password "$CLUSTER_ROLE") ]] ||
        fail "the role \"$CLUSTER_ROLE\" cannot log in yet" "migrate first: make migrate"
    CLUSTER_PORT=$(cluster_process_port)
}

create_database() {
    local exists
    exists=$(PGDATABASE=postgres cluster_psql rapport -XAtqc "SELECT 1 FROM pg_database WHERE datname = '$1'")
    [[ $exists == 1 ]] || PGDATABASE=postgres cluster_psql rapport -Xqc "CREATE DATABASE \"$1\" OWNER rapport"
}

# Lets the roles of the migrations log in to this cluster, each with a password of its own.
let_roles_log_in() {
    # The owner would look first in the schema that has its name, and create tables there.
    local role statements='ALTER ROLE rapport SET search_path = public;'
    for role in rapport_analyst rapport_bi rapport_api; do
        if [[ -z $(cluster_password "$role") ]]; then
            printf '127.0.0.1:*:*:%s:%s\n' "$role" "$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')" >>"$CLUSTER_PASSWORDS"
        fi
        statements+="ALTER ROLE $role LOGIN PASSWORD '$(cluster_password "$role")';"
    done
    cluster_psql rapport -Xq -v ON_ERROR_STOP=1 <<<"$statements"
}

# Stops the test cluster that a killed run left behind, and fails when its port is somebody else's.
require_no_test_cluster() {
    use_cluster test "$(<"$RAPPORT_HOME/pgsql/pg_config")"
    stop_cluster
    require_port "$TEST_PORT" RAPPORT_TEST_PG_PORT "the test cluster"
}

# with_test_cluster COMMAND…: runs it with a new cluster and a migrated template, which end with it.
# Call it under `supervise`: it sets the trap of its shell.
with_test_cluster() {
    local config
    config=$(<"$RAPPORT_HOME/pgsql/pg_config")
    install_extension "$config" dev
    use_cluster test "$config"
    rm -rf "$CLUSTER_FOLDER"
    trap stop_cluster EXIT
    start_cluster
    create_database rapport_template
    RAPPORT_DATABASE_URL=$(cluster_url rapport rapport_template) \
        logged migrate-template "migrating the template database" "$CARGO_TARGET_DIR/debug/rapport" migrate
    cd "$ROOT" || return
    RAPPORT_TEST_DATABASE_URL=$(cluster_url rapport postgres) \
        RAPPORT_TEST_TEMPLATE=rapport_template \
        RAPPORT_TEST_PSQL=$CLUSTER_BIN/psql \
        RAPPORT_BIN=$CARGO_TARGET_DIR/debug/rapport \
        supervise "$@"
}
