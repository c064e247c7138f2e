#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdsh: what one connection writes, another reads; trimmed bytes are gone.
. "$(dirname "$0")/lib.sh"
need nbdsh

serve driver=ram,size=64M
nbdsh -u "$uri" \
	-c 'h.pwrite(b"a" * 5000, 12345, nbd.CMD_FLAG_FUA)' \
	-c 'h.zero(1000, 13000)'
nbdsh -u "$uri" -c '
want = b"a" * 655 + b"\0" * 1000 + b"a" * 3345
assert h.pread(5000, 12345) == want
h.trim(65536, 0)
h.flush()
assert h.pread(65536, 0) == bytes(65536)
'
