#!/bin/bash
# SPDX-License-Identifier: MIT
# One disk over NBD and vhost-user at the same time: each sees what the other
# writes; read-only holds for both.
. "$(dirname "$0")/lib.sh"
need qemu-io

vm=$tmp/vm.sock
disk=driver=virtio-blk-vhost-user,path=$vm
truncate -s 4M "$tmp/disk.img"
tr '\0' Z </dev/zero | head -c 4M >"$tmp/letters" || true

ready sluice serve --vhost-user "$vm" --nbd "unix:$sock" --num-queues 2 \
	"$tmp/disk.img"
qemu-io -f raw -c "write -P 0x5a 0 4M" -c flush "$uri" >"$tmp/said"
exits 0 sluice copy "$disk,read-only=on" "$tmp/copy"
cmp "$tmp/copy" "$tmp/letters"
truncate -s 4M "$tmp/zeroes"
exits 0 sluice copy "$tmp/zeroes" "$disk"
qemu-io -r -f raw -c "read -P 0 0 4M" "$uri" >"$tmp/said"
! grep -i "failed" "$tmp/said" || fail "what was written isn't there"
stop_server

ready sluice serve --vhost-user "$vm" --nbd "unix:$sock" --read-only \
	"$tmp/disk.img"
exits 1 sluice copy "$tmp/letters" "$disk"
exits 0 sluice copy "$disk,read-only=on" "$tmp/copy"
cmp "$tmp/copy" "$tmp/zeroes"
! qemu-io -f raw -c "write 0 512" "$uri" >"$tmp/said" 2>&1 ||
	! grep -q wrote "$tmp/said" || fail "written to"
stop_server
cmp "$tmp/disk.img" "$tmp/zeroes"

# none of several disks: which one would it be?
exits 2 sluice serve --vhost-user "$vm" "$tmp/disk.img" "$tmp/zeroes"
says serve --vhost-user
exits 1 sluice serve --vhost-user "$vm" --serial 123456789012345678901 \
	"$tmp/disk.img"
says serve "20 wanted"
[ ! -e "$vm" ] || fail "socket left"
