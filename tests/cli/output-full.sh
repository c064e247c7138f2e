#!/bin/bash
# SPDX-License-Identifier: MIT
# Output that can't be written fails the command.
. "$(dirname "$0")/lib.sh"

[ -c /dev/full ] || skip "no /dev/full"
for command in "info driver=null,size=1M" "help serve" "--version"; do
	status=0
	sluice $command >/dev/full 2>"$tmp/err" || status=$?
	equal "exit status of $command" $status 1
	contains "$tmp/err" "No space left on device"
done
