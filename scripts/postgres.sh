# shellcheck shell=bash
# The private PostgreSQL. PostgreSQL finds its files relative to its own binary, so a copy of an
# installation is an installation: the extension and pgvector go into ours, never into the system's.
#
#   $RAPPORT_HOME/debian    packages of the distribution, unpacked, when the machine has none
#   $RAPPORT_HOME/pgsql     the copy that builds and tests use (holds the extension's test build)
#   $RAPPORT_HOME/pgsql-run the copy that `make run` uses (holds the release build)

SUPPORTED_MAJORS='15 16 17 18'

is_whole_installation() {
    local config=$1
    [[ -x $config && -x $("$config" --bindir)/initdb && -x $("$config" --bindir)/postgres &&
        -f $("$config" --includedir-server)/postgres.h && -f $("$config" --pgxs) ]]
}

# The newest whole installation of the system, or the packages unpacked earlier, or nothing.
# /usr/bin/pg_config is passed over: on Debian it is a wrapper that answers for the newest libpq.
find_pg_config() {
    local config
    for config in $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort --reverse --version-sort) \
        "$RAPPORT_HOME"/debian/usr/lib/postgresql/*/bin/pg_config; do
        if [[ " $SUPPORTED_MAJORS " == *" $(basename "${config%/bin/pg_config}") "* ]] &&
            is_whole_installation "$config"; then
            printf '%s\n' "$config"
            return
        fi
    done
}

# Sets SOURCE_PG_CONFIG and PG_MAJOR; gets PostgreSQL from the distribution when there is none.
choose_postgres() {
    SOURCE_PG_CONFIG=${PG_CONFIG:-}
    if [[ -n $SOURCE_PG_CONFIG ]]; then
        [[ -x $SOURCE_PG_CONFIG ]] || fail "PG_CONFIG=$SOURCE_PG_CONFIG is not an executable file"
        is_whole_installation "$SOURCE_PG_CONFIG" || fail \
            "PG_CONFIG=$SOURCE_PG_CONFIG is not a whole installation: it needs initdb, postgres, the server headers and PGXS" \
            "on Debian, install postgresql-NN and postgresql-server-dev-NN and name /usr/lib/postgresql/NN/bin/pg_config"
    else
        SOURCE_PG_CONFIG=$(find_pg_config)
        if [[ -z $SOURCE_PG_CONFIG ]]; then
            unpack_postgres
            SOURCE_PG_CONFIG=$(find_pg_config)
            [[ -n $SOURCE_PG_CONFIG ]] || fail "the PostgreSQL packages unpacked in $RAPPORT_HOME/debian are not usable"
        fi
    fi
    PG_MAJOR=$("$SOURCE_PG_CONFIG" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
    [[ " $SUPPORTED_MAJORS " == *" $PG_MAJOR "* ]] || fail \
        "$SOURCE_PG_CONFIG is of PostgreSQL $PG_MAJOR; supported are ${SUPPORTED_MAJORS// /, }"
    if [[ $SOURCE_PG_CONFIG == "$RAPPORT_HOME"/debian/* ]]; then
        mapfile -t libraries < <(shared_libraries_needed "$RAPPORT_HOME/debian")
        require_packages "${libraries[@]}"
    fi
}

unpack_postgres() {
    local major
    has apt-get || fail "there is no PostgreSQL with server headers here, and no apt-get to get one" \
        "install one (15 to 18) and name its pg_config: PG_CONFIG=/path/bin/pg_config make …"
    refresh_packages
    major=$(apt-cache depends postgresql 2>/dev/null | sed -nE 's/.*Depends: postgresql-([0-9]+)$/\1/p' | head -n 1)
    [[ -n $major ]] || fail "apt knows no package \"postgresql\"" \
        "its list is empty or the network is away: see $RAPPORT_HOME/log/apt-update.log"
    logged postgres-unpack "unpacking Debian's PostgreSQL $major below $RAPPORT_HOME (nothing is installed)" \
        unpack_packages "$RAPPORT_HOME/debian" \
        "postgresql-$major" "postgresql-client-$major" "postgresql-server-dev-$major"
}

# What identifies an installation; a security update changes it.
postgres_stamp() {
    printf '%s\n%s\n%s\n' "$1" "$("$1" --version)" "$(stat -c '%s %Y' "$("$1" --bindir)/postgres")"
}

# copy_postgres NAME: makes $RAPPORT_HOME/NAME a copy of the chosen installation with pgvector, and
# sets COPY_PG_CONFIG to its pg_config.
copy_postgres() {
    local copy=$RAPPORT_HOME/$1 stamp
    stamp=$(postgres_stamp "$SOURCE_PG_CONFIG")
    if [[ -f $copy/source && $(<"$copy/source") == "$stamp" ]]; then
        COPY_PG_CONFIG=$(<"$copy/pg_config")
        return
    fi
    logged "copy-$1" "copying PostgreSQL $PG_MAJOR to $copy" copy_installation "$SOURCE_PG_CONFIG" "$copy"
    COPY_PG_CONFIG=$(<"$copy/pg_config")
    install_pgvector "$COPY_PG_CONFIG"
    printf '%s\n' "$stamp" >"$copy/source"
}

# The longest folder that all the given paths are in.
common_folder() {
    local common=$1 path
    for path in "$@"; do
        while [[ $path/ != "$common"/* ]]; do common=$(dirname "$common"); done
    done
    printf '%s\n' "$common"
}

# The folders of libraries that an installation brings along and finds by a path relative to its
# programs; what the system's linker finds in /lib and /usr/lib stays there.
own_library_folders() {
    ldd "$1/postgres" "$1/initdb" "$1/psql" 2>/dev/null | awk '$2 == "=>" && $3 ~ "^/" { print $3 }' |
        grep -vE '^/(usr/)?lib' | xargs --no-run-if-empty realpath | xargs --no-run-if-empty dirname | sort -u
}

copy_installation() {
    local source=$1 copy=$2 fresh=$2.new prefix folder answer program
    local bin lib share include server_include folders
    bin=$("$source" --bindir) lib=$("$source" --pkglibdir) share=$("$source" --sharedir)
    include=$("$source" --includedir) server_include=$("$source" --includedir-server)
    folders=("$bin" "$lib" "$share" "$include" "$server_include")
    mapfile -t -O "${#folders[@]}" folders < <(own_library_folders "$bin")
    prefix=$(common_folder "${folders[@]}")
    rm -rf "$fresh"
    for folder in "${folders[@]}"; do
        mkdir -p "$fresh/${folder#"$prefix"/}"
        cp -a --no-preserve=ownership "$folder/." "$fresh/${folder#"$prefix"/}/"
    done
    for program in postgres initdb pg_ctl psql; do
        "$fresh/${bin#"$prefix"/}/$program" --version
    done
    rm -rf "$copy"
    mv "$fresh" "$copy"
    printf '%s\n' "$copy/${bin#"$prefix"/}/pg_config" >"$copy/pg_config"
    for folder in bindir pkglibdir sharedir includedir-server pgxs; do
        answer=$("$(<"$copy/pg_config")" "--$folder")
        [[ $answer == "$copy"/* && -e $answer ]] && continue
        echo "this PostgreSQL does not look for its files beside its own binary: pg_config --$folder says $answer"
        return 1
    done
}
