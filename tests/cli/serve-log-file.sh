#!/bin/bash
# SPDX-License-Identifier: MIT
# --log-file gets a daemon's messages, appended to what is there.
. "$(dirname "$0")/lib.sh"
need nbdinfo

echo "earlier line" >"$tmp/log"
exits 0 sluice serve -v --daemon --pid-file "$tmp/pid" --log-file "$tmp/log" \
	--nbd "unix:$sock" driver=ram,size=1M
pid=$(cat "$tmp/pid")
undo+=("kill -KILL $pid 2>/dev/null")
nbdinfo --size "$uri" >"$tmp/size"
gone() { ! kill -0 "$pid" 2>/dev/null; }
kill "$pid"
wait_until "the daemon ends" gone
undo=()
contains "$tmp/log" "earlier line"
contains "$tmp/log" "sluice serve: "
contains "$tmp/log" "stopping"
