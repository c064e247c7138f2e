#!/bin/bash
# SPDX-License-Identifier: MIT
# Our vhost-user driver on a disk that qemu-storage-daemon serves, Debian 13's
# or (argument bookworm) this system's: sluice and libblkio's example copy it
# in both directions, and NBD clients use it through sluice serve.
. "$(dirname "$0")/lib.sh"
need nbdcopy fio qemu-storage-daemon
[ "$1" = trixie ] && theirs=reference || theirs=

example blkio-copy
vm=$tmp/vm.sock
disk=driver=virtio-blk-vhost-user,path=$vm
listen=addr.type=unix,addr.path=$vm,writable=on
random_file disk.img 32
random_file source.img 32
cp "$tmp/disk.img" "$tmp/start.img"
$theirs qemu-storage-daemon \
	--blockdev driver=file,node-name=disk,filename="$tmp/disk.img" \
	--export "type=vhost-user-blk,id=e,node-name=disk,num-queues=2,$listen" \
	--pidfile "$tmp/daemon.pid" </dev/null >"$tmp/daemon.log" 2>&1 &
undo+=("kill $! 2>/dev/null; wait $!")
wait_until "the daemon listens" test -s "$tmp/daemon.pid"

# as it is, and back
"$sluice" info "$disk" >"$tmp/said"
contains "$tmp/said" "33554432 (32M)"
"$sluice" copy --quiet "$disk" "$tmp/copy.img"
cmp "$tmp/start.img" "$tmp/copy.img"
"$sluice" copy --quiet --requests 64 --chunk 64K "$tmp/source.img" "$disk"
cmp "$tmp/source.img" "$tmp/disk.img"
peer "$tmp/blkio-copy" --input-file="$tmp/start.img" \
	--output-blkio=virtio-blk-vhost-user path="$vm"
cmp "$tmp/start.img" "$tmp/disk.img"
rm "$tmp/copy.img"
truncate -s 32M "$tmp/copy.img"
peer "$tmp/blkio-copy" --input-blkio=virtio-blk-vhost-user path="$vm" \
	read-only=true --output-blkio=io_uring path="$tmp/copy.img"
cmp "$tmp/start.img" "$tmp/copy.img"

# holes arrive as zeroes, however they are written
truncate -s 0 "$tmp/source.img"
truncate -s 32M "$tmp/source.img"
head -c 1M "$tmp/start.img" | dd of="$tmp/source.img" bs=1M seek=9 \
	conv=notrunc status=none
"$sluice" copy --quiet "$tmp/source.img" "$disk"
cmp "$tmp/source.img" "$tmp/disk.img"

# for a second, with each way of waiting, more requests than the ring has room
# for; a bench that fails exits with 1
for options in "" "--threads 2" "--direct-library" "--direct-library --poll"; do
	# shellcheck disable=SC2086
	"$sluice" bench --time 1 --depth 300 $options "$disk" >"$tmp/said"
done
"$sluice" bench --mode randwrite --time 1 --depth 300 "$disk,queue-size=8" \
	>"$tmp/said"

# behind an NBD server
cp "$tmp/start.img" "$tmp/disk.img"
"$sluice" serve --nbd "unix:$socket" --threads 2 "$disk" >/dev/null \
	2>>"$tmp/server.err" &
server=$!
answers "$uri"
nbdcopy --connections 4 "$uri" "$tmp/copy.img"
cmp "$tmp/start.img" "$tmp/copy.img"
fio_verify
nbdcopy --connections 4 --flush "$tmp/source.img" "$uri"
stop_server
cmp "$tmp/source.img" "$tmp/disk.img"
