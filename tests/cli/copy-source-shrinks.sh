#!/bin/bash
# SPDX-License-Identifier: MIT
# A source cut short while it is copied is an error, not zeroes.
. "$(dirname "$0")/lib.sh"

# both disks are open when the target's queue, the second, has its timer
both_open() {
	ls -l "/proc/$copy/fd" | grep -q timerfd
}

random_file disk.img 4
"$sluice" copy -m 1 -c 64K "$tmp/disk.img" driver=ram,size=4M,latency-us=20000 \
	2>"$tmp/said" &
copy=$!
wait_until "both disks are open" both_open
truncate -s 1M "$tmp/disk.img"
status=0
wait "$copy" || status=$?
equal "exit status" "$status" 1
grep -q "shrank from 4194304 to 1048576 bytes" "$tmp/said" ||
	fail "it says $(cat "$tmp/said")"
