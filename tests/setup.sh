# Set-up that the runs under tests/ share; sourced, not run. Expects $here (the run's own folder) and $work (a folder
# that goes away with the run).

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() { echo "FAIL $*" >&2; exit 1; }

# Installs Debian packages, as root or through sudo.
apt_install() {
    command -v apt-get >/dev/null || fail "no apt-get here: install $* by hand"
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
    "${sudo[@]}" apt-get update -qq >&2
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# Sets $node to a Node of version 20 or newer; one that is too old is passed over for this run alone.
need_node() {
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        echo "node or npm is missing: installing both with apt-get" >&2
        apt_install nodejs npm
    fi
    node=$(command -v node)
    if [ "$("$node" -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
        echo "node $("$node" --version) is older than the 20 that is needed: taking Node 22 from npm for this run" >&2
        local package
        package="node-$("$node" -p 'process.platform + "-" + process.arch')"
        npm install --prefix "$work/node" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error "$package@22.23.3" >&2
        node="$work/node/node_modules/$package/bin/node"
    fi
}

# Builds the program and sets $program.
need_program() {
    command -v cargo >/dev/null || fail "cargo is missing: install Rust from https://rustup.rs"
    echo "building mixin-escrow"
    cargo build --quiet --locked --manifest-path "$root/Cargo.toml"
    program="${CARGO_TARGET_DIR:-$root/target}/debug/mixin-escrow"
}

# Installs what $here/package-lock.json names, in those versions and with those hashes; no package's script is run.
need_packages() {
    echo "installing what $(basename "$here") needs from npm"
    (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
}
