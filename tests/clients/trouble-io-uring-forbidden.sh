#!/bin/bash
# SPDX-License-Identifier: MIT
# Where io_uring is forbidden, one clear line names the two likely reasons.
. "$(dirname "$0")/lib.sh"

truncate -s 1M "$tmp/disk.img"
# the helper forbids by seccomp, as container engines do
status=0
"$SLUICE_BUILD/tests/clients/without-io-uring" \
	"$sluice" serve --nbd "unix:$sock" "$tmp/disk.img" \
	>"$tmp/said" 2>&1 || status=$?
equal "exit status" $status 1
contains "$tmp/said" seccomp
contains "$tmp/said" kernel.io_uring_disabled
equal "lines said" "$(wc -l <"$tmp/said")" 1
[ ! -e "$sock" ] || fail "a socket is left behind"

# drivers that don't need it still serve
equal "size of a memory disk" "$("$SLUICE_BUILD/tests/clients/without-io-uring" \
	nbdinfo --size -- [ "$sluice" serve driver=ram,size=1M ])" $((1 << 20))
