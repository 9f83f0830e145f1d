#!/usr/bin/env bash
# The month under the settings of a base branch beside that of the working tree, as Markdown, and the limits judged.
#   bill.sh BASE [TRACE [MARKDOWN]]     BASE: a branch or commit whose scfcost.toml is compared
set -euo pipefail
base=$1 trace=${2:-traces.csv} out=${3:-scfcost.md}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trace=$(realpath "$trace")

# Settings are read from the current folder, so the base is estimated in one that holds the base's.
mkdir "$work/base"
git show "$base:scfcost.toml" > "$work/base/scfcost.toml" 2>/dev/null || : > "$work/base/scfcost.toml"
(cd "$work/base" && scfcost estimate "$trace" --format json -o "$work/base.json")
scfcost estimate "$trace" --format json -o "$work/head.json"

{
    echo "### What this change does to the month"
    echo
    scfcost diff "$work/base.json" "$work/head.json" --format markdown
} > "$out"
cat "$out"

scfcost check "$trace"
