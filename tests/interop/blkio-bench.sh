#!/bin/bash
# SPDX-License-Identifier: MIT
# libblkio's example blkio-bench on our library, on two queues in two threads:
# reads and writes, in order and at random, by completion fds and by polling.
. "$(dirname "$0")/lib.sh"

example blkio-bench
make_disk "$1" 16
jobs=()
# all at once: each takes a second
for mode in read randread write randwrite 'randread --poll' 'write --poll'; do
	# shellcheck disable=SC2086 # two words
	peer "$tmp/blkio-bench" --runtime=1 --iodepth=32 --num-threads=2 \
		--readwrite=$mode io_uring path="$disk" direct="$direct_bool" \
		>"$tmp/bench.${#jobs[@]}" &
	jobs+=($!)
done
for job in "${!jobs[@]}"; do
	wait "${jobs[job]}" || fail "blkio-bench $job failed"
	/usr/bin/python3 - "$tmp/bench.$job" <<'END'
import json
import sys
with open(sys.argv[1]) as file:
    threads = json.load(file)["threads"]
assert len(threads) == 2 and all(t["kiops"] > 0 for t in threads), threads
END
done
