#!/bin/bash
# SPDX-License-Identifier: MIT
# Too few or too many disks are usage errors that tell what is wanted.
. "$(dirname "$0")/lib.sh"

for verb in serve info copy bench; do
	exits 2 sluice $verb
	says $verb wanted
done
exits 2 sluice copy a
says copy "SRC DST"
exits 2 sluice copy a b c
says copy "'c' is one too many"
exits 2 sluice info a b
says info "'b' is one too many"
