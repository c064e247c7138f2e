#!/bin/bash
# SPDX-License-Identifier: MIT
# A program that calls libblkio as fio's engine does, built on ours, runs on
# ours and on the reference: jobs of threads and processes, each way to wait,
# single buffers and vectors, regions of either origin; all bytes are checked.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 4
cp "$SLUICE_BUILD/tests/interop/engine-load" "$tmp/"
load=("$tmp/engine-load" "$disk" direct="$direct_bool")
# zeroes: the reference can't discard on newer kernels
reference "${load[@]}" wait=eventfd zeroes=true
for wait in block eventfd loop; do
	peer "${load[@]}" wait=$wait zeroes=true vectored=true jobs=thread
	peer "${load[@]}" wait=$wait buffers=malloc
done
# what only ours has
peer "${load[@]}" wait=eventfd fixed-buffers=true single-issuer=true

example blkio-info
if disk_polls; then
	peer "${load[@]}" wait=block poll=true
	peer "${load[@]}" wait=loop poll=true jobs=thread vectored=true
else
	fails peer "${load[@]}" wait=loop poll=true
	contains "$tmp/said" "Poll queues not supported"
fi
