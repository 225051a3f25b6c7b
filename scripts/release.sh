# shellcheck shell=bash
# The release build that `make run` uses.

# Cargo decides quickly that nothing changed. The program is copied to where the account of the
# server may run it; renamed into place, because the old one may be running.
build_release() {
    local built=$CARGO_TARGET_DIR/release/rapport
    logged build "building the program (release)" build_program --release
    mkdir -p "$RAPPORT_HOME/bin"
    if ! cmp -s "$built" "$RAPPORT_HOME/bin/rapport"; then
        install -m 755 "$built" "$RAPPORT_HOME/bin/rapport.new"
        mv "$RAPPORT_HOME/bin/rapport.new" "$RAPPORT_HOME/bin/rapport"
    fi
    install_extension "$(<"$RAPPORT_HOME/pgsql-run/pg_config")" release
}

build_program() { cd "$ROOT" && cargo build --locked -p rapport-api "$@"; }

# Prepares the run cluster's database: extension, tables, roles that may log in.
migrate_database() {
    create_database rapport
    RAPPORT_DATABASE_URL=$(cluster_url rapport rapport) \
        logged migrate "migrating the database" "$RAPPORT_HOME/bin/rapport" migrate
    let_roles_log_in
}
