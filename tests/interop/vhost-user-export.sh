#!/bin/bash
# SPDX-License-Identifier: MIT
# The reference's libblkio and QEMU on our vhost-user export: what they write
# is in the disk's file, what they read is what was there; several queues,
# discard and zeroes; one client after the other. A server killed under the
# reference's client, which may wait for ever, leaves nothing that hinders the
# next server and the next client.
. "$(dirname "${BASH_SOURCE[0]}")/where.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"
need_root "the peers are in a chroot"
export SHARE=$tmp
socket=$tmp/vm.sock disk=$tmp/disk.img start=$tmp/start.img
image="driver=virtio-blk-vhost-user,path=$socket,cache.direct=on"
undo+=('rmdir "$CHROOT$tmp" 2>/dev/null')
random_file disk.img 32
cp "$disk" "$start"
start_server() {
	ready "$sluice" serve --vhost-user "$socket" --num-queues 2 \
		--threads 2 --serial number1 "$disk"
}
start_server
equal "the ready line" "$(cat "$tmp/ready")" "vhost-user:$socket"

reference() {
	"$SLUICE_SOURCE/tests/interop/peer" "$@"
}

qemu_io() {
	local commands=() command
	for command; do
		commands+=(-c "$command")
	done
	reference qemu-io -n --image-opts "$image" "${commands[@]}" \
		>"$tmp/said" 2>&1 || {
		cat "$tmp/said" >&2
		fail "qemu-io failed: $*"
	}
	! grep -iE 'fail|error' "$tmp/said" >&2 || fail "qemu-io: $*"
}

reference qemu-img convert -m 16 -W --image-opts -O raw "$image" "$tmp/copy.img"
cmp "$start" "$tmp/copy.img" || fail "what was read is not what is there"

qemu_io 'write -P 0xab 1M 300k' 'read -P 0xab 1M 300k' \
	'aio_write -P 1 5M 2M' 'aio_write -P 2 7M 2M' 'aio_flush' \
	'write -z 10M 1M' 'write -zu 12M 1M' 'discard 14M 1M' 'flush'
qemu_io 'read -P 1 5M 2M' 'read -P 2 7M 2M' 'read -P 0 10M 1M' \
	'read -P 0 12M 1M' 'writev -P 3 15M 512 4k 64k 978432' \
	'read -P 3 15M 1M'
stop_server
cat >"$tmp/expect.py" <<'END'
import sys
d = open(sys.argv[1], "rb").read()
k, m = 1 << 10, 1 << 20
old = open(sys.argv[2], "rb").read()
def filled(at, n, byte):
    assert d[at:at + n] == bytes([byte]) * n, (at, n, byte)
filled(m, 300 * k, 0xab)
filled(5 * m, 2 * m, 1)
filled(7 * m, 2 * m, 2)
filled(10 * m, m, 0)
filled(12 * m, m, 0)
filled(15 * m, m, 3)
for at, end in (0, m), (m + 300 * k, 5 * m), (9 * m, 10 * m), (17 * m, 32 * m):
    assert d[at:end] == old[at:end], (at, end)
END
/usr/bin/python3 "$tmp/expect.py" "$disk" "$start" ||
	fail "the file does not hold what was written"

# killed while that client writes: it may wait for ever, and is in nobody's way
start_server
reference qemu-img bench -w -n -c 1000000000 -d 16 --pattern=5 \
	--image-opts "$image" >"$tmp/bench.log" 2>&1 &
bench=$!
undo+=('kill -KILL $bench 2>/dev/null; wait $bench 2>/dev/null')
written() {
	! cmp -s -i 20M "$disk" "$start"
}
wait_until "qemu-img bench writes" written
kill_server
start_server
qemu_io 'write -P 4 18M 1M' 'aio_write -P 6 19M 1M' 'aio_flush' \
	'read -P 4 18M 1M' 'read -P 6 19M 1M'
stop_server
[ "$(tail -c +$((18 * 1048576 + 1)) "$disk" | head -c 1M | tr -d '\4' |
	wc -c)" = 0 ] || fail "what was written after the kill is not there"
