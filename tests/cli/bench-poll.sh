#!/bin/bash
# SPDX-License-Identifier: MIT
# bench --poll uses poll queues where the driver has them, and says so where
# it has none.
. "$(dirname "$0")/lib.sh"

exits 0 sluice bench --direct-library --poll --count 1000 driver=null,size=1M
contains "$tmp/out" "library (polled)"
truncate -s 1M "$tmp/disk.img"
exits 1 sluice bench --direct-library --poll --count 10 "$tmp/disk.img"
says bench oll
