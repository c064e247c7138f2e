#!/bin/bash
# SPDX-License-Identifier: MIT
# fio's libblkio engine on a poll queue of our library checks what it wrote;
# where the disk can't be polled fio is told so, and ends.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 16
fio_jobs hipri rw=randwrite bs=4k iodepth=16 size=4M numjobs=2 \
	offset_increment=4M verify=crc32c verify_fatal=1 \
	verify_state_save=0 <<'END'
[block]
libblkio_wait_mode=block
[loop]
offset=8M
libblkio_wait_mode=loop
libblkio_vectored
END
example blkio-info
if disk_polls; then
	fio_engine_runs
	contains "$tmp/said" "WRITE: bw="
elif fio_engine; then
	fail "fio polled what can't be polled"
else
	contains "$tmp/said" "Poll queues not supported"
fi
