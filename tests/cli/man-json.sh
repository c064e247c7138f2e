#!/bin/bash
# SPDX-License-Identifier: MIT
# The JSON of sluice(1), as a reader sees it, describes a disk.
. "$(dirname "$0")/lib.sh"
need groff

groff -mdoc -Tascii -P-cbou "${SLUICE_SOURCE:?}/docs/man/sluice.1" \
	>"$tmp/page" 2>/dev/null || skip "groff knows no mdoc here"
text=$(sed -n '/{"/,/}}/p' "$tmp/page" | tr -d '\n' | sed 's/^ *//')
[ -n "$text" ] || fail "no JSON on the page"
cd "$tmp"
truncate -s 1M disk.img
exits 0 sluice info --json "$text"
equal path "$(json 'd["properties"]["path"]')" disk.img
equal direct "$(json 'd["properties"]["direct"]')" True
