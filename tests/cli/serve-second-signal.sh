#!/bin/bash
# SPDX-License-Identifier: MIT
# While a request takes long, one signal waits for it, and a second one, half
# a second later, ends the server without; no socket and pid file are left.
. "$(dirname "$0")/lib.sh"
need qemu-io

ready sluice serve --nbd "unix:$sock" --pid-file "$tmp/pid" -v \
	driver=null,size=1M,latency-us=20000000
qemu-io -f raw -c "read 0 4k" "$uri" >"$tmp/client" 2>&1 &
client=$!
undo+=("kill $client 2>/dev/null")
# the handshake is told by -v; the request follows it
wait_until "the client is served" grep -q -i "export" "$tmp/server.err"
sleep 0.1
kill -TERM "$server"
sleep 0.7
kill -0 "$server" || fail "one signal did not wait"
kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
equal "exit status" $status 1
contains "$tmp/server.err" "second signal"
[ ! -e "$sock" ] || fail "socket left"
[ ! -e "$tmp/pid" ] || fail "pid file left"
