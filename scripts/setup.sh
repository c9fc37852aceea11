#!/usr/bin/env bash
# Make .venv ready: system packages first (where that is allowed), then Python's. Safe to run again.
# setup.sh [EXTRA...]: with these extras too, such as `bench`.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
venv=.venv
extras=$(IFS=,; printf %s "p2p,eval,onnx,app,android,dev${*:+,$*}")
stamp="$venv/.ready${*:+-$*}"

die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

command -v "$python" >/dev/null || die "no $python found; install Python 3.11 or newer: apt-get install python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "Python 3.11 or newer is needed, $python is $("$python" -V); set PYTHON=/path/to/python3.11"

want=$({ cat pyproject.toml constraints.txt scripts/setup.sh; "$python" -V; pwd; } | cksum)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && exit 0

# libp2p needs fastecdsa, which is published as source only: a compiler, Python's headers and GMP's.
missing=()
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
"$python" -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' ||
    missing+=(python3-dev)
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
ls /usr/include/gmp.h /usr/include/*/gmp.h /usr/local/include/gmp.h >/dev/null 2>&1 || {
    found=$(ls -d /usr/include/gmp.h /usr/include/*/gmp.h /usr/local/include/gmp.h 2>/dev/null || true)
    [ -n "$found" ] || missing+=(libgmp-dev)
}
if [ ${#missing[@]} -gt 0 ]; then
    install="apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        printf 'setup: installing %s\n' "${missing[*]}" >&2
        apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive $install -qq >&2 || die "could not install; run: $install"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        printf 'setup: installing %s\n' "${missing[*]}" >&2
        sudo apt-get update -qq >&2 && sudo DEBIAN_FRONTEND=noninteractive $install -qq >&2 || die "could not install; run: sudo $install"
    else
        die "system packages are missing; run: sudo $install"
    fi
fi

# The app's tests open windows: real ones under Xvfb, most without any screen. Nothing else needs
# these, so where they cannot be installed they are only named, and those tests say why they skip.
wanted=()
has_library() { ls /usr/lib/*/"$1" /usr/lib/"$1" /lib/*/"$1" /usr/lib64/"$1" >/dev/null 2>&1; }
if [ "$(uname -s)" = Linux ]; then
    command -v Xvfb >/dev/null || wanted+=(xvfb)
    command -v xdotool >/dev/null || wanted+=(xdotool)
    has_library libEGL.so.1 || wanted+=(libegl1)
    has_library libGLESv2.so.2 || wanted+=(libgles2)
    has_library libmtdev.so.1 || wanted+=(libmtdev1)
    has_library dri/swrast_dri.so || wanted+=(libgl1-mesa-dri)
fi
if [ ${#wanted[@]} -gt 0 ]; then
    install="apt-get install -y --no-install-recommends ${wanted[*]}"
    if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
        as=$([ "$(id -u)" = 0 ] || printf sudo)
        printf 'setup: installing %s\n' "${wanted[*]}" >&2
        { $as apt-get update -qq && $as env DEBIAN_FRONTEND=noninteractive $install -qq; } >&2 ||
            printf 'setup: could not install them; for the app and its tests run: %s\n' "$install" >&2
    else
        printf 'setup: for the app and its tests run: sudo %s\n' "$install" >&2
    fi
fi

[ -x "$venv/bin/python" ] && "$venv/bin/python" -c '' 2>/dev/null || { rm -rf "$venv"; "$python" -m venv "$venv"; }
printf 'setup: installing Python packages into %s (a minute or two the first time)\n' "$venv" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
    --editable ".[$extras]" >&2 || die "pip could not install the packages; its message is above"
printf '%s' "$want" > "$stamp"
printf 'setup: ready\n' >&2
