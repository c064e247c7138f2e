#!/bin/bash
# SPDX-License-Identifier: MIT
# With --threads 4 several clients at once read and write what they should.
. "$(dirname "$0")/lib.sh"
need nbdcopy

random_file disk.img 24
truncate -s 24M "$tmp/other.img"
ready sluice serve --threads 4 --nbd "unix:$sock" "$tmp/disk.img" \
	"$tmp/other.img"
equal "threads besides the first" \
	"$(cat /proc/"$server"/task/*/comm | grep -c "^sluice-")" 3
nbdcopy --connections=4 "nbd+unix:///disk.img?socket=$sock" \
	"nbd+unix:///other.img?socket=$sock"
stop_server
cmp "$tmp/disk.img" "$tmp/other.img"
