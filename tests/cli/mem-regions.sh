#!/bin/bash
# SPDX-License-Identifier: MIT
# Disks that need memory regions are served, copied and measured like others,
# as are those that are faster with them.
. "$(dirname "$0")/lib.sh"
need qemu-img nbdcopy

regions=needs-mem-regions=true,needs-mem-region-fd=true
regions+=,mem-region-alignment=4096

random_file disk.img 4
for max in 1 2 8; do
	disk=driver=ram,size=4M,$regions,max-mem-regions=$max
	exits 0 sluice copy "$tmp/disk.img" "$disk"
	exits 0 sluice copy "$disk" "$tmp/zeroes.img"
	cmp -n 4M "$tmp/zeroes.img" /dev/zero
	exits 0 sluice bench --count 2000 "$disk"
	serve "$disk"
	qemu-img convert -n -f raw -O raw "$tmp/disk.img" "$uri"
	nbdcopy "$uri" "$tmp/back.img"
	cmp "$tmp/disk.img" "$tmp/back.img"
	stop_server TERM
done

# a region for each queue, at least
exits 1 sluice bench --threads 2 --count 10 \
	"driver=ram,size=4M,$regions,max-mem-regions=1"
says bench max-mem-regions "at least num-queues 2"

fixed=driver=io_uring,fixed-buffers=true,path
exits 0 sluice copy "$fixed=$tmp/disk.img" "$tmp/copy.img"
cmp "$tmp/disk.img" "$tmp/copy.img"
truncate -s 4M "$tmp/target.img"
exits 0 sluice copy "$fixed=$tmp/disk.img" "$fixed=$tmp/target.img"
cmp "$tmp/disk.img" "$tmp/target.img"
truncate -s 4M "$tmp/served.img"
serve "$fixed=$tmp/served.img"
qemu-img convert -n -f raw -O raw "$tmp/disk.img" "$uri"
nbdcopy "$uri" "$tmp/back.img"
stop_server TERM
cmp "$tmp/disk.img" "$tmp/back.img"
cmp "$tmp/disk.img" "$tmp/served.img"
