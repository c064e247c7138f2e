#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdkit --readonly with its blkio plugin on our library: the disk is read, not
# written.
. "$(dirname "$0")/lib.sh"
need nbdcopy nbdsh

make_disk "$1" 4
nbdkit_blkio --readonly
runs_on_ours
nbdcopy "$uri" "$tmp/copy.img"
cmp "$start" "$tmp/copy.img"
nbdsh -u "$uri" -c 'assert h.is_read_only()'
cmp "$start" "$disk"
