#!/bin/bash
# SPDX-License-Identifier: MIT
# Proves that tests/vm/run tells what goes wrong in the guest: commands that
# fail, skip or hang, a guest that panics and one that is never done.
set -u
run=$(cd "$(dirname "$0")" && pwd)/run
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sluice-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

fail() {
	echo "failures.sh: $*; it said:" >&2
	cat "$tmp"/said* >&2
	exit 1
}

# guest STATUS ARGUMENT...: what tests/vm/run exits with
guest() {
	local want=$1 status=0
	shift
	"$run" "$@" >"$tmp/said" 2>"$tmp/said-err" || status=$?
	[ $status = "$want" ] || fail "exit status $status, not $want: $*"
}

# said PATTERN [FILE]
said() {
	grep -q -x -e "$1" "$tmp/${2:-said}" || fail "not said: $1"
}

guest 0 'test -b /dev/disk/nvme' 'grep -q " /mnt ext4 " /proc/mounts' "test -x $run"
said '1\.\.3'
said 'ok 3 - test -x .*/run'

guest 1 true 'echo to stdout; echo to stderr >&2; exit 3' 'exit 77' \
	'kill -SEGV $$' "$run-missing" true
said 'ok 1 - true'
said 'not ok 2 - echo .*: exit status 3'
said '# to stdout'
said '# to stderr'
said 'not ok 3 - exit 77: exit status 77'
said 'not ok 4 - kill .*: exit status 139'
said 'not ok 5 - .*run-missing: exit status 127'
said 'ok 6 - true'

guest 1 true 'echo c >/proc/sysrq-trigger' true
said 'ok 1 - true'
said 'Bail out! 1 of 3 commands ended: it died; console follows'
said 'vm: 2 - echo c .*' said-err
said '.*Kernel panic.*' said-err

# it may not even be up
guest 1 -t 10 true 'sleep 100'
said 'Bail out! [01] of 2 commands ended: not done after 10 s; console follows'
