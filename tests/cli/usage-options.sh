#!/bin/bash
# SPDX-License-Identifier: MIT
# Wrong options are usage errors in one line that names verb and option.
. "$(dirname "$0")/lib.sh"

for verb in serve info copy bench; do
	exits 2 sluice $verb --nonsense x
	says $verb "unknown option '--nonsense'"
	exits 2 sluice $verb x --nonsense=5
	says $verb "unknown option '--nonsense'"
	exits 2 sluice $verb -Z x
	says $verb "unknown option '-Z'"
	exits 2 sluice $verb --help=yes
	says $verb --help "takes no argument"
done
exits 2 sluice copy --p a b c
says copy "'c' is one too many"
exits 2 sluice copy --ch 4K --qui a
says copy "SRC DST"
exits 2 sluice bench --d disk	# --depth, --direct-library
says bench "'--d' may mean several"
exits 2 sluice serve --threads
says serve --threads "needs an argument"
exits 2 sluice bench disk -q
says bench --depth "needs an argument"
for option in -q --foo; do
	exits 2 sluice $option copy
	contains "$tmp/err" "sluice: unknown option '$option'"
done
