#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGINT ends a run early, with the result so far and status 0.
. "$(dirname "$0")/lib.sh"

for how in "" --direct-library; do
	sluice bench $how --json --time 600 driver=null,size=1M,latency-us=1000 \
		>"$tmp/out" 2>"$tmp/err" &
	pid=$!
	# from then on a signal is an event
	wait_until "it runs" grep -q '^SigBlk:.*[2367abef]$' "/proc/$pid/status"
	kill -INT $pid
	wait $pid || fail "exit status $?"
	equal "ended early" "$(json 'd["seconds"] < 500')" True
done
