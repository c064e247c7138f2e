#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk that doesn't answer a vhost-user client holds up nothing else: NBD
# clients are served, another client is turned away; one signal
# waits for the disk, a second one ends the server and leaves no sockets.
. "$(dirname "$0")/lib.sh"
need nbdinfo

vm=$tmp/vm.sock
holder=$SLUICE_BUILD/tests/vhost-user/vhost-user-holder
ready sluice serve --vhost-user "$vm" --nbd "unix:$sock" \
	driver=null,size=1M,latency-us=600000000
"$holder" "$vm" >"$tmp/client" 2>&1 &
client=$!
undo+=("kill -9 $client 2>/dev/null")
wait_until "a request is in flight" grep "in flight" "$tmp/client"
exits 1 timeout 20 sluice info "driver=virtio-blk-vhost-user,path=$vm"
contains "$tmp/server.err" "one at a time"
equal "size" "$(nbdinfo --size "$uri")" 1048576
kill -9 $client
wait $client || true
equal "size, with its client gone" "$(nbdinfo --size "$uri")" 1048576

kill -TERM "$server"
sleep 0.7	# sooner, it would count as the same signal
kill -0 "$server" || fail "one signal did not wait"
kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
equal "exit status" $status 1
contains "$tmp/server.err" "second signal"
[ ! -e "$vm" ] && [ ! -e "$sock" ] || fail "socket left"
