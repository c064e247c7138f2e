#!/bin/bash
# SPDX-License-Identifier: MIT
# Each verb of the general help has --help, the same as `sluice help VERB`,
# with synopsis, options and an example.
. "$(dirname "$0")/lib.sh"

exits 0 sluice --help
verbs=$(sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$tmp/out" | grep -v help)
equal verbs "$(echo $verbs)" "serve info copy bench"
for verb in $verbs; do
	exits 0 sluice help $verb
	cp "$tmp/out" "$tmp/help"
	exits 0 sluice $verb --help
	cmp "$tmp/out" "$tmp/help" || fail "two helps for $verb"
	contains "$tmp/out" "Usage: sluice $verb [OPTIONS]"
	contains "$tmp/out" "-h, --help"
	contains "$tmp/out" "  sluice $verb "
	equal "messages" "$(cat "$tmp/err")" ""
done
