#!/bin/bash
# SPDX-License-Identifier: MIT
# fio's libblkio engine on our library: jobs of processes and threads, each way
# to wait, single buffers and vectors, memory of either origin; fio checks the
# checksums of all it wrote. fio crashes, on the reference as well, when a thread
# ends before the next has begun: hence the loops.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 16
# what malloc gives has no alignment that O_DIRECT could do with
[ "$direct" = off ] && memory=malloc || memory=mmap
fio_jobs rw=randrw rwmixread=30 bsrange=4k-32k iodepth=16 size=1M numjobs=2 \
	offset_increment=1M verify=crc32c verify_fatal=1 verify_state_save=0 \
	exitall_on_error=1 <<END
[block]
offset=0
libblkio_wait_mode=block
mem=$memory
fsync=64
[eventfd]
offset=2M
libblkio_wait_mode=eventfd
libblkio_vectored
libblkio_num_entries=4
[loop]
offset=4M
libblkio_wait_mode=loop
libblkio_force_enable_completion_eventfd
[block-thread]
offset=6M
thread
loops=30
libblkio_wait_mode=block
libblkio_vectored
libblkio_force_enable_completion_eventfd
[eventfd-thread]
offset=8M
thread
loops=30
libblkio_wait_mode=eventfd
mem=$memory
[loop-thread]
offset=10M
thread
loops=30
libblkio_wait_mode=loop
END
fio_engine_runs
contains "$tmp/said" "WRITE: bw="
