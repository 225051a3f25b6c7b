# shellcheck shell=bash
# pgvector for a private copy: already there, or the distribution's package, or Debian's source.

# install_pgvector PG_CONFIG
install_pgvector() {
    local config=$1 version
    if [[ ! -f $("$config" --sharedir)/extension/vector.control ]]; then
        if has_pgvector_package; then
            place_pgvector "$config"
        else
            fetch_pgvector_source
            logged pgvector "building pgvector for PostgreSQL $PG_MAJOR" build_pgvector "$config"
        fi
    fi
    version=$(sed -nE "s/^default_version *= *'(.*)'/\1/p" "$("$config" --sharedir)/extension/vector.control")
    say "pgvector $version is in $(dirname "$(dirname "$config")")"
}

# Whether apt offers a binary package for this major, built for Debian's PostgreSQL.
has_pgvector_package() {
    [[ $SOURCE_PG_CONFIG == */usr/lib/postgresql/"$PG_MAJOR"/bin/pg_config ]] && has apt-cache &&
        [[ -n $(apt-cache show "postgresql-$PG_MAJOR-pgvector" 2>/dev/null) ]]
}

# The package's files lie where Debian's PostgreSQL of the same major keeps its own.
place_pgvector() {
    local config=$1 folder=$RAPPORT_HOME/pgvector-$PG_MAJOR
    if [[ ! -d $folder/usr ]]; then
        logged pgvector "unpacking Debian's pgvector for PostgreSQL $PG_MAJOR" \
            unpack_packages "$folder" "postgresql-$PG_MAJOR-pgvector"
    fi
    cp -a "$folder/usr/lib/postgresql/$PG_MAJOR/lib/vector.so" "$("$config" --pkglibdir)/"
    cp -a "$folder/usr/share/postgresql/$PG_MAJOR/extension/"vector* "$("$config" --sharedir)/extension/"
}

# Debian 13's source package, fetched with an apt state of our own: the system's sources and lists
# stay as they are. apt checks the signatures.
fetch_pgvector_source() {
    local source=$RAPPORT_HOME/pgvector-source
    if compgen -G "$source/Makefile" >/dev/null; then return; fi
    logged pgvector-source "downloading Debian's source of pgvector" download_pgvector_source "$source"
}

download_pgvector_source() {
    local source=$1 apt=$RAPPORT_HOME/apt keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror
    if [[ ! -f $keyring ]]; then
        echo "this is not Debian (no $keyring): install pgvector for PostgreSQL $PG_MAJOR yourself"
        return 1
    fi
    # shellcheck disable=SC2016 # apt fills that in, not bash
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -E '/debian/?$' | head -n 1 || true)
    if [[ -z $mirror ]]; then
        echo "apt knows no Debian mirror: add one to its sources"
        return 1
    fi
    rm -rf "$apt" "$source.new"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download" "$source.new"
    cat >"$apt/trixie.sources" <<EOT
Types: deb-src
URIs: $mirror
Suites: trixie
Components: main
Signed-By: $keyring
EOT
    local isolated=(-o Dir::State="$apt" -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache"
        -o Dir::Etc::sourcelist="$apt/trixie.sources" -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root)
    if ! apt-get "${isolated[@]}" update ||
        ! (cd "$apt/download" && apt-get "${isolated[@]}" source --download-only pgvector); then
        echo "Debian's mirror did not hand out the source of pgvector: is there a network?"
        return 1
    fi
    tar -xzf "$apt"/download/pgvector_*.orig.tar.gz --strip-components=1 -C "$source.new"
    rm -rf "$apt" "$source"
    mv "$source.new" "$source"
}

# OPTFLAGS="": no -march=native, so that a state folder can move to another machine.
build_pgvector() {
    make -C "$RAPPORT_HOME/pgvector-source" clean PG_CONFIG="$1" with_llvm=no
    make -C "$RAPPORT_HOME/pgvector-source" -j "$(nproc)" OPTFLAGS="" with_llvm=no PG_CONFIG="$1"
    make -C "$RAPPORT_HOME/pgvector-source" install with_llvm=no PG_CONFIG="$1"
}
