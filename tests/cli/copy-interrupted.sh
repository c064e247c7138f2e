#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGINT ends a copy with status 1 and removes the file that it made.
. "$(dirname "$0")/lib.sh"

# 64 reads, each a second
sluice copy -m 1 -c 64K driver=null,size=4M,latency-us=1000000 "$tmp/new.img" \
	2>"$tmp/err" &
pid=$!
wait_until "the target is made" test -e "$tmp/new.img"
kill -INT $pid
status=0
wait $pid || status=$?
equal "exit status" $status 1
says copy interrupted "was removed"
[ ! -e "$tmp/new.img" ] || fail "file left"
