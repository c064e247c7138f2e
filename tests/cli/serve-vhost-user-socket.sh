#!/bin/bash
# SPDX-License-Identifier: MIT
# The sockets of --vhost-user and --nbd unix: get the mode and owner that were
# asked for, and are gone at the end; those that can't be given are refused.
. "$(dirname "$0")/lib.sh"

vm=$tmp/vm.sock
ready sluice serve --vhost-user "$vm" --nbd "unix:$sock" --socket-mode 0620 \
	driver=ram,size=1M
equal "ready line" "$(cat "$tmp/ready")" "$uri vhost-user:$vm"
for path in "$vm" "$sock"; do
	equal "mode" "$(stat -c %a "$path")" 620
done
stop_server
[ ! -e "$vm" ] || fail "socket left"

ready sluice serve --vhost-user "$vm" --socket-owner "$(id -u):$(id -g)" \
	driver=ram,size=1M
equal "owner" "$(stat -c %u:%g "$vm")" "$(id -u):$(id -g)"
kill -9 "$server"
wait "$server" 2>/dev/null || true
# what a killed server has left is in nobody's way
if [ "$(id -u)" = 0 ]; then
	ready sluice serve --vhost-user "$vm" --socket-owner :65534 \
		driver=ram,size=1M
	equal "group" "$(stat -c %u:%g "$vm")" 0:65534
	exits 1 sluice serve --vhost-user "$vm" driver=ram,size=1M
	says serve "another server is there"
	stop_server
fi
server=

need_nobody
mkdir -m 777 "$tmp/open"
vm=$tmp/open/vm.sock
exits 1 as_nobody serve --vhost-user "$vm" --socket-owner 0 driver=ram,size=1M
says serve "giving it to user 0"
[ ! -e "$vm" ] || fail "socket left"

for mode in 1000 8 rw -1 ""; do
	exits 2 sluice serve --socket-mode "$mode" driver=ram,size=1M
	says serve --socket-mode "'$mode'" wanted
done
for owner in "" : no-such-user :no-such-group 4294967295; do
	exits 2 sluice serve --socket-owner "$owner" driver=ram,size=1M
	says serve --socket-owner "'$owner'" wanted
done
