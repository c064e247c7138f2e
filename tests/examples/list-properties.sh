#!/bin/bash
# SPDX-License-Identifier: MIT
# examples/list-properties lists all drivers, and of each all properties with
# type, states and value, before and after connecting.
. "$(dirname "$0")/../cli/lib.sh"
list=$SLUICE_BUILD/examples/list-properties

# line NAME TYPE READABLE SETTABLE VALUE: is a line of the output
line() {
	grep -qE "^$1 +$2 +$3 $4 $5\$" "$tmp/out" || {
		cat "$tmp/out" >&2
		fail "no line: $*"
	}
}

exits 0 "$list"
contains "$tmp/out" null
contains "$tmp/out" ram

exits 0 "$list" ram
line driver str cns --- ram
line capacity uint64 -ns --- '\?'
line size uint64 cns c-- 1073741824
line num-queues int cns -n- 1
line error-errno int cns cn- 5
equal order "$(sort -c "$tmp/out" && echo sorted)" sorted

exits 0 "$list" ram size=4096 read-only=true
line capacity uint64 -ns --- 4096
line read-only bool cns c-- true
# as many as the command shows of the same disk
equal properties "$(wc -l <"$tmp/out")" \
	"$("$sluice" info --json driver=ram,size=4096 |
		$python -c 'import json, sys
print(len(json.load(sys.stdin)["properties"]))')"

exits 1 "$list" nonesuch
contains "$tmp/err" nonesuch
exits 1 "$list" ram nonesuch=1
contains "$tmp/err" nonesuch
exits 1 "$list" ram size
contains "$tmp/err" NAME=VALUE
