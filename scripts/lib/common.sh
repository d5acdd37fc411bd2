# What scripts/demo and scripts/test share: say what is done, install what is missing, build.
# Sourced by them with `set -eu` on and $root set to the checkout.

say() { printf '==> %s\n' "$*"; }

die() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit "${2:-1}"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# The packages of scripts/packages.txt for `demo`, or for `test` (all of them), each with the
# command that will do instead.
packages_for() {
    if [ "$1" = demo ]; then
        awk '/^[a-z0-9]/ && $2 == "demo" { print $1, $3 }' "$root/scripts/packages.txt"
    else
        awk '/^[a-z0-9]/ { print $1, $3 }' "$root/scripts/packages.txt"
    fi
}

packages_missing() {
    local package command
    packages_for "$1" | while read -r package command; do
        [ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" = "install ok installed" ] ||
            { [ -n "$command" ] && command -v "$command" >/dev/null; } ||
            printf '%s ' "$package"
    done
}

# Runs this while what is installed may start no service: the tests start their own mail server,
# from a folder of their own, and the machine's mail stays as it was.
without_services() {
    local policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    (
        trap 'as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
        "$@"
    )
}

# apt waits for its own lock, so two runs at once take turns. Nothing is removed for what is
# installed: on a machine with another mail server this stops and says so.
install_packages() {
    command -v dpkg-query >/dev/null ||
        die "this installs Debian 12 packages; elsewhere install scripts/packages.txt by hand" 69
    local missing
    missing=$(packages_missing "$1")
    if [ -z "$missing" ]; then
        say "packages: all of scripts/packages.txt ($1) are installed"
        return
    fi
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
        die "this is neither root nor has sudo; have root run: apt-get install $missing" 77
    say "packages: installing $missing"
    local wait=(-o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
    as_root apt-get "${wait[@]}" -qq update
    without_services as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get "${wait[@]}" -qq -y --no-install-recommends --no-remove install $missing >/dev/null
    case " $missing" in
    *" exim4-daemon-light "*) as_root update-rc.d exim4 disable ;;
    esac
    missing=$(packages_missing "$1")
    [ -z "$missing" ] || die "still missing after the installation: $missing" 69
}

# build_preset PRESET yes|no TARGET …: configures (with the tests, or with what is there) and builds
# build/PRESET under a lock. A second run only builds what has changed.
build_preset() {
    local preset=$1 testing=$2
    shift 2
    mkdir -p "$root/build"
    [ -w "$root/build" ] || die "$root/build belongs to another user; run as that user" 77
    say "build: $preset, in build/$preset"
    (
        flock 9
        cd "$root"
        if ! is_configured "$preset" "$testing"; then
            cmake --preset "$preset" -DBUILD_TESTING="$testing" >"build/$preset.log" 2>&1 9>&- || {
                cat "build/$preset.log" >&2
                exit 1
            }
        fi
        cmake --build --preset "$preset" --target "$@" -- --quiet 9>&-
    ) 9>"$root/build/$preset.lock"
}

# A build configured with the tests serves the demo too, not the other way round.
is_configured() {
    [ -f "build/$1/build.ninja" ] || return 1
    [ "$2" = no ] || grep -q '^BUILD_TESTING:BOOL=yes$' "build/$1/CMakeCache.txt"
}
