#!/bin/bash
# SPDX-License-Identifier: MIT
# bench shows mode, rate, bandwidth and latency to people, and stops in time.
. "$(dirname "$0")/lib.sh"

exits 0 sluice bench --time 0.2 driver=null,size=1M
contains "$tmp/out" "randread of 4K, depth 32, 1 thread, block layer, 0.2"
for what in requests IOPS bandwidth "CPU time" "latency" p50 p99 p99.9; do
	contains "$tmp/out" "$what"
done
