#!/bin/bash
# SPDX-License-Identifier: MIT
# libblkio's example blkio-bench on our library, on two queues in two threads:
# reads and writes, in order and at random, by completion fds and by polling.
. "$(dirname "$0")/lib.sh"

# bench OPTION...: a run of a second. It gives up if nothing completes for half
# a second, as happens on busy machines, and is then tried again; a wakeup that
# is lost for good is for engine-load to find.
bench() {
	local try
	for try in {1..20}; do
		! peer "$tmp/blkio-bench" --runtime=1 --iodepth=32 \
			--num-threads=2 "$@" io_uring path="$disk" \
			direct="$direct_bool" >"$tmp/said" 2>"$tmp/err" ||
			break
		grep -q "^Timeout receiving" "$tmp/err" ||
			fail "blkio-bench: $(cat "$tmp/err")"
	done
	/usr/bin/python3 - "$tmp/said" <<'END'
import json
import sys
with open(sys.argv[1]) as file:
    threads = json.load(file)["threads"]
assert len(threads) == 2 and all(t["kiops"] > 0 for t in threads), threads
END
}

example blkio-bench
make_disk "$1" 16
bench --readwrite=randread
bench --readwrite=write
bench --readwrite=read --poll
bench --readwrite=randwrite --poll
