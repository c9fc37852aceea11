#!/usr/bin/env bash
# Add what training needs (extra `distill`) to .venv, if a build of torch without code for graphics
# cards is to be had: the other one is gigabytes. Without it the suite skips what needs it, and says so.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv
stamp="$venv/.training"
want=$({ cat pyproject.toml constraints.txt scripts/training.sh; pwd; } | cksum)
today="$want, not on $(date +%F)" # what is not to be had is looked for again another day
[ -f "$stamp" ] && { [ "$(cat "$stamp")" = "$want" ] || [ "$(cat "$stamp")" = "$today" ]; } && exit 0

torch=$(grep '^torch==' constraints.txt)
case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) torch="$torch+cpu" ;; # elsewhere the usual build is the small one
esac
printf 'setup: looking for %s, for the tests of training\n' "$torch" >&2
if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
    --only-binary torch "$torch" --editable ".[distill]" >"$venv/training.log" 2>&1; then
    printf 'setup: training ready\n' >&2
    printf '%s' "$want" > "$stamp"
else
    printf 'setup: not to be had here: tests of training are skipped (for the large build: scripts/setup.sh distill)\n' >&2
    printf '%s' "$today" > "$stamp"
fi
