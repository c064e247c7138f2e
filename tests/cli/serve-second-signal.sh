#!/bin/bash
# SPDX-License-Identifier: MIT
# While a request takes long, one signal waits for it, and a second one, half
# a second later, ends the server without; no socket and pid file are left.
. "$(dirname "$0")/lib.sh"
$python -c 'import nbd' 2>/dev/null || skip "no python3-libnbd here"

cat >"$tmp/client.py" <<'END'
import nbd, sys
h = nbd.NBD()
h.set_strict_mode(0)
h.connect_uri(sys.argv[1])
h.aio_pread(nbd.Buffer(4096), 0)
try:
    # refused at once: when we know, the server has the one before, too
    h.pread(4096, 1 << 40)
except nbd.Error:
    print("in flight", flush=True)
h.poll(-1)
END

ready sluice serve --nbd "unix:$sock" --pid-file "$tmp/pid" \
	driver=null,size=1M,latency-us=60000000
$python "$tmp/client.py" "$uri" >"$tmp/client" 2>&1 &
client=$!
undo+=("kill $client 2>/dev/null")
wait_until "a request is in flight" grep "in flight" "$tmp/client"
kill -TERM "$server"
sleep 0.7	# sooner, it would count as the same signal
kill -0 "$server" || fail "one signal did not wait"
kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
equal "exit status" $status 1
contains "$tmp/server.err" "second signal"
[ ! -e "$sock" ] || fail "socket left"
[ ! -e "$tmp/pid" ] || fail "pid file left"
