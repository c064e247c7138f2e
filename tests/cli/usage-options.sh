#!/bin/bash
# SPDX-License-Identifier: MIT
# Wrong options are usage errors in one line that names verb and option.
. "$(dirname "$0")/lib.sh"

for verb in serve info copy bench; do
	exits 2 sluice $verb --nonsense x
	says $verb --nonsense
	exits 2 sluice $verb -Z x
	says $verb -Z
	exits 2 sluice $verb --help=yes
	says $verb --help "takes no argument"
done
exits 2 sluice serve --threads
says serve --threads "needs an argument"
exits 2 sluice bench disk -q
says bench --depth "needs an argument"
