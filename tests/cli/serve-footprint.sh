#!/bin/bash
# SPDX-License-Identifier: MIT
# An idle daemon with one export takes at most 5 MiB of memory, also after a
# client has been there.
. "$(dirname "$0")/lib.sh"
need nbdcopy

random_file disk.img 16
ready sluice serve --nbd "unix:$sock" "$tmp/disk.img"
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$server/status"; }
[ "$(resident)" -le 5120 ] || fail "resident: $(resident) KiB"
nbdcopy "$uri" null:
small() { [ "$(resident)" -le 5120 ]; }
wait_until "memory is given back" small
