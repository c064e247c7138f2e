#!/bin/bash
# SPDX-License-Identifier: MIT
# A file that may not grow so large is an error with text, not a signal.
. "$(dirname "$0")/lib.sh"

limited() {
	ulimit -f 1024
	"$sluice" copy driver=ram,size=4M "$tmp/new.img"
}

exits 1 limited
says copy "File too large"
[ ! -e "$tmp/new.img" ] || fail "file left"
