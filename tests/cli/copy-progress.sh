#!/bin/bash
# SPDX-License-Identifier: MIT
# A progress bar is on stderr when asked for, or on a terminal unless turned
# off, and never in the result.
. "$(dirname "$0")/lib.sh"

slow=driver=null,size=8M,latency-us=200000
exits 0 sluice copy --progress -m 1 $slow "$tmp/new.img"
grep -q '\[#* *\] *[0-9]*%.* of 8M' "$tmp/err" || fail "no bar"
contains "$tmp/out" "copied 8M"
! grep -q '%' "$tmp/out" || fail "bar on stdout"

exits 0 sluice copy -m 1 $slow "$tmp/new.img"
equal "messages without a terminal" "$(cat "$tmp/err")" ""

$python -c 'import os; os.openpty()' 2>/dev/null || skip "no terminals here"
cat >"$tmp/terminal.py" <<'END'
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
END
exits 0 $python "$tmp/terminal.py" sluice copy -m 1 $slow "$tmp/new.img"
grep -q '\[#* *\] *[0-9]*%.* of 8M' "$tmp/out" || fail "no bar on a terminal"
exits 0 $python "$tmp/terminal.py" sluice copy --no-progress -m 1 $slow \
	"$tmp/new.img"
! grep -q '%' "$tmp/out" || fail "a bar in spite of --no-progress"
