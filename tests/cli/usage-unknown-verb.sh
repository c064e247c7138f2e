#!/bin/bash
# SPDX-License-Identifier: MIT
# An unknown verb is a usage error, and a slip of the pen gets a suggestion.
. "$(dirname "$0")/lib.sh"

exits 2 sluice sevre disk.img
contains "$tmp/err" "did you mean 'serve'?"
exits 2 sluice help cpoy
contains "$tmp/err" "did you mean 'copy'?"
exits 2 sluice entirely-different
contains "$tmp/err" "sluice --help"
exits 2 sluice
equal lines "$(wc -l <"$tmp/err")" 1
