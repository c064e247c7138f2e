#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdinfo runs the server itself: socket activation, and the server ends.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 5M "$tmp/disk.img"
equal size "$(nbdinfo --size -- [ "$sluice" serve "$tmp/disk.img" ])" \
	$((5 << 20))
