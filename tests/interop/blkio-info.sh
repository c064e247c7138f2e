#!/bin/bash
# SPDX-License-Identifier: MIT
# libblkio's example blkio-info reads every property of a disk from our library
# with the values that the reference library gives.
. "$(dirname "$0")/lib.sh"

example blkio-info
make_disk "$1" 4
# not supports-poll-queues: the reference says yes where polling then fails
properties=(driver path direct read-only capacity can-add-queues can-grow
	flush-needed max-queues num-queues num-poll-queues num-entries
	max-mem-regions may-pin-mem-regions mem-region-alignment
	needs-mem-regions needs-mem-region-fd buf-alignment request-alignment
	optimal-io-alignment optimal-io-size optimal-buf-alignment max-segments
	max-segment-len max-transfer supports-fua-natively max-write-zeroes-len
	discard-alignment discard-alignment-offset max-discard-len)
for output in text json; do
	for read_only in false true; do
		like_reference "$tmp/blkio-info" --output=$output io_uring \
			path="$disk" direct="$direct_bool" \
			read-only=$read_only "${properties[@]}"
		contains "$tmp/said-peer" 4194304
		contains "$tmp/said-peer" "status 0"
	done
done
for wrong in zoned queue-size no-such-property; do
	like_reference "$tmp/blkio-info" io_uring path="$disk" $wrong
	contains "$tmp/said-peer" "status 1"
done
