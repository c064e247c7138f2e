#!/bin/bash
# SPDX-License-Identifier: MIT
# A name that is not UTF-8 fails in one line, and a control character in a
# name can't break that line.
. "$(dirname "$0")/lib.sh"

exits 1 sluice info "$tmp/"$'caf\xe9'
says info "caf"
exits 1 sluice info "$tmp/"$'two\nlines'
says info "two?lines"
