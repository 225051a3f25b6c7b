# shellcheck shell=bash
# Debian packages: what is missing is installed, what is there is left alone, nothing is refreshed
# without a need.

has() { command -v "$1" >/dev/null 2>&1; }

# missing_packages PACKAGE…: prints those that are not installed.
missing_packages() {
    local installed package
    # dpkg-query says "no such package" with an exit code, and still lists the others.
    installed=$(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
        grep -q "^.i  *$package\$" <<<"$installed" || printf '%s\n' "$package"
    done
}

# as_root WHY COMMAND…
as_root() {
    local why=$1
    shift
    if (( EUID == 0 )); then
        "$@"
    elif has sudo && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
        sudo "$@"
    else
        fail "$why needs root, and sudo is not to be had without a password here" \
            "run this once as root: $*"
    fi
}

# refresh_packages: apt's list of packages, once per run. A third-party source that does not answer
# must not stop us; the download that follows tells whether the list was good enough.
refresh_packages() {
    [[ -z ${PACKAGES_REFRESHED:-} ]] || return 0
    PACKAGES_REFRESHED=yes
    if (( EUID != 0 )) && ! sudo -n true 2>/dev/null && [[ ! -t 0 ]]; then return 0; fi
    say "refreshing apt's list of packages"
    as_root "apt-get update" apt-get update >"$RAPPORT_HOME/log/apt-update.log" 2>&1 </dev/null || true
}

# require_packages PACKAGE…: installs those that are missing.
require_packages() {
    local missing
    has dpkg-query && has apt-get || return 0 # not Debian: require_tools tells what is missing
    mapfile -t missing < <(missing_packages "$@")
    (( ${#missing[@]} )) || return 0
    refresh_packages
    # Prove sudo before the output goes to a log, where nobody would see it ask.
    (( EUID == 0 )) || as_root "apt-get install ${missing[*]}" true
    logged apt-install "installing ${missing[*]}" install_packages "${missing[@]}"
}

install_packages() {
    as_root "installing packages" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=120 "$@" && return
    echo "apt-get could not install them: is there a network, and do apt's sources answer?"
    return 1
}

# unpack_packages FOLDER PACKAGE…: downloads packages and unpacks them below the folder. Nothing
# is installed: no maintainer script runs, so that no system cluster is made, and no file of the
# system changes.
unpack_packages() {
    local folder=$1 downloads=$RAPPORT_HOME/downloads archive
    shift
    rm -rf "$downloads" && mkdir -p "$downloads" "$folder"
    # As root apt would drop to _apt, which may not write here.
    if ! (cd "$downloads" && apt-get -o APT::Sandbox::User=root download "$@"); then
        echo "apt-get could not download $*: is there a network, and do apt's sources answer?"
        return 1
    fi
    for archive in "$downloads"/*.deb; do
        dpkg-deb --extract "$archive" "$folder"
    done
    mkdir -p "$folder/needs"
    for archive in "$downloads"/*.deb; do
        dpkg-deb --field "$archive" Depends >"$folder/needs/$(dpkg-deb --field "$archive" Package)"
    done
    rm -rf "$downloads"
}

# shared_libraries_needed FOLDER: the packages that unpacked ones depend on, first alternatives
# only, less what is for a system-wide server.
shared_libraries_needed() {
    cat "$1"/needs/* | tr ',' '\n' | sed -e 's/|.*//' -e 's/(.*//' -e 's/:any//' -e 's/[[:space:]]//g' |
        grep -vE '^$|^postgresql|^locales|^ssl-cert|^debconf|^clang|^llvm|^sensible-utils|^perl|^libjson-perl' | sort -u
}
