#!/usr/bin/env bash
# Your server under the platform's rules while your own test talks to it. Fails where the test does (a message got lost),
# where a limit is broken (a budget, or [check] in scfcost.toml), or where scfcost does not find what was seen live.
#   under-cuts.sh SERVER TEST [FLAGS of scfcost emulate...]
#   under-cuts.sh 'node app.js' 'node test/every-message-arrives.js' --idle-timeout 15 --budget 200
# SERVER and TEST are commands; the test finds the address in WS_URL.
set -euo pipefail
server=$1 test=$2
shift 2
export WS_URL="ws://127.0.0.1:${PORT:-8000}"

: > under-cuts.log  # nothing of a run before
# shellcheck disable=SC2086  # the words of the command
scfcost emulate --check --listen "127.0.0.1:${PORT:-8000}" -o under-cuts.parquet "$@" -- $server 2> under-cuts.log &
emulator=$!
trap 'kill -INT "$emulator" 2>/dev/null || true' EXIT
until grep -q '^ready' under-cuts.log || ! kill -0 "$emulator" 2>/dev/null; do sleep 0.2; done

tested=none checked=0
if kill -0 "$emulator" 2>/dev/null; then
    tested=0
    bash -c "$test" || tested=$?
    kill -INT "$emulator" 2>/dev/null || true
fi
wait "$emulator" || checked=$?
trap - EXIT
[ "$checked" = 0 ] || cat under-cuts.log >&2
echo "under cuts: exit code of the test: $tested, of scfcost emulate --check: $checked"
[ "$checked" != 0 ] || exit "$tested"
exit "$checked"
