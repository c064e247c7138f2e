#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGINT ends a run early, with the result so far and status 0.
. "$(dirname "$0")/lib.sh"

signals_are_events() {
	readlink /proc/$pid/fd/* | grep -q signalfd
}

for how in "" --direct-library; do
	sluice bench $how --json --time 600 driver=null,size=1M,latency-us=1000 \
		>"$tmp/out" 2>"$tmp/err" &
	pid=$!
	wait_until "signals are events" signals_are_events
	kill -INT $pid
	wait $pid || fail "exit status $?"
	equal "ended early" "$(json 'd["seconds"] < 500')" True
done
