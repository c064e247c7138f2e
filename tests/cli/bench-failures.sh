#!/bin/bash
# SPDX-License-Identifier: MIT
# A request that fails ends the run with mode, offset and reason; a disk that
# is smaller than a request is refused, and so is writing to one that is
# opened read-only.
. "$(dirname "$0")/lib.sh"

for how in "" --direct-library; do
	exits 1 sluice bench $how --mode read --depth 1 \
		driver=null,size=1M,error-op=read,error-after=10
	says bench reading "at offset 40960" "Input/output error"
	exits 1 sluice bench $how --mode write --threads 2 \
		driver=null,size=1M,error-op=write,error-after=10
	says bench writing "Input/output error"
	exits 1 sluice bench $how driver=null,size=2K
	says bench 2048 4K
	for mode in write randwrite; do
		exits 1 sluice bench $how --mode $mode \
			driver=ram,size=1M,read-only=on
		says bench "--mode $mode" "read-only=on"
	done
	exits 0 sluice bench $how --count 9 driver=ram,size=1M,read-only=on
	exits 1 sluice bench $how "$tmp/missing"
	says bench "$tmp/missing" "No such file or directory"
done
