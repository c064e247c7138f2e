#!/bin/bash
# SPDX-License-Identifier: MIT
# Both ends of vhost-user are ours: a disk that one server gives to another by
# vhost-user, and that one to fio and nbdcopy by NBD, holds what they wrote;
# with several queues, and with rings of few entries.
. "$(dirname "$0")/lib.sh"
need fio nbdcopy
fio --enghelp | grep -qw nbd || skip "this fio has no nbd engine"

random_file source.img 32
truncate -s 32M "$tmp/disk.img"
"$sluice" serve --vhost-user "$tmp/vm.sock" --num-queues 2 --threads 2 \
	"$tmp/disk.img" >"$tmp/ready" 2>>"$tmp/server.err" &
behind=$!
undo+=('kill $behind 2>/dev/null; wait $behind || status=1')
wait_until "it listens" test -s "$tmp/ready"

for options in "" ,queue-size=8; do
	disk=driver=virtio-blk-vhost-user,path=$tmp/vm.sock$options
	serve --threads 2 "$disk"
	(cd "$tmp" && fio --name=verify --ioengine=nbd --uri="$uri" \
		--rw=randwrite --size=32M --bsrange=4k-64k --bs_unaligned=0 \
		--iodepth=32 --verify=crc32c --verify_fatal=1 --do_verify=1 \
		--output="$tmp/said") || {
		cat "$tmp/said" >&2
		fail "fio failed"
	}
	contains "$tmp/said" "err= 0"
	nbdcopy --connections 4 --flush "$tmp/source.img" "$uri"
	stop_server
	cmp "$tmp/source.img" "$tmp/disk.img"
	"$sluice" copy --quiet "$disk" "$tmp/copy.img"
	cmp "$tmp/source.img" "$tmp/copy.img"
	truncate -s 0 "$tmp/disk.img" && truncate -s 32M "$tmp/disk.img"
	"$sluice" copy --quiet --requests 64 "$tmp/source.img" "$disk"
	cmp "$tmp/source.img" "$tmp/disk.img"
done
