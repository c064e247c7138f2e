#!/bin/bash
# SPDX-License-Identifier: MIT
# Several disks are several exports: nbdinfo lists them by name, opens each.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 1M "$tmp/one.img"
truncate -s 2M "$tmp/two.img"
"$sluice" serve --nbd "unix:$sock" "$tmp/one.img" \
	"driver=io_uring,filename=$tmp/two.img,name=second" \
	2>>"$tmp/server.err" &
server=$!
answers "nbd+unix:///second?socket=$sock"

nbdinfo --list "$uri" >"$tmp/list"
contains "$tmp/list" 'export="one.img"'
contains "$tmp/list" 'export="second"'
equal "exports listed" "$(grep -c '^export=' "$tmp/list")" 2
equal "size of one.img" \
	"$(nbdinfo --size "nbd+unix:///one.img?socket=$sock")" $((1 << 20))
equal "size of second" \
	"$(nbdinfo --size "nbd+unix:///second?socket=$sock")" $((2 << 20))

# a name nobody gave is refused, and the server says which
fails nbdinfo "nbd+unix:///third?socket=$sock"
equal "still there" "$(nbdinfo --size "nbd+unix:///second?socket=$sock")" \
	$((2 << 20))
