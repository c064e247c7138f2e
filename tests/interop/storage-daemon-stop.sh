#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGTERM while clients write: qemu-storage-daemon drains our queues and ends
# with status 0; what had been flushed is on the disk.
. "$(dirname "$0")/lib.sh"
need fio nbdcopy

make_disk "$1" 16
random_file new.img 1
storage_daemon
nbdcopy --flush - "$uri" <"$tmp/new.img"
fio --name=w --ioengine=nbd --uri="$uri" --rw=randwrite --bs=4k --offset=1M \
	--size=15M --iodepth=32 --numjobs=2 --time_based --runtime=60 \
	--eta=never >"$tmp/fio.out" 2>&1 &
fio=$!
undo+=('kill $fio 2>/dev/null; wait $fio')
wrote() {
	! cmp -s -i 1M "$disk" "$start"
}
wait_until "fio has written" wrote
stop_server
cmp -n 1M "$tmp/new.img" "$disk"
