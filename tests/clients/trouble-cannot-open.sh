#!/bin/bash
# SPDX-License-Identifier: MIT
# Missing file, directory, no permission: exit 1 and one line that says so.
. "$(dirname "$0")/lib.sh"

# refused WANTED COMMAND...: its one line has the path and WANTED
refused() {
	local wanted=$1 status=0
	shift
	timeout "$deadline_s" "$@" >"$tmp/said" 2>&1 </dev/null || status=$?
	equal "exit status of $*" $status 1
	equal "lines said" "$(wc -l <"$tmp/said")" 1
	contains "$tmp/said" "$wanted"
}

for verb in "serve --nbd unix:$sock" info; do
	refused "$tmp/missing.img" "$sluice" $verb "$tmp/missing.img"
	contains "$tmp/said" "No such file or directory"
	refused "$tmp" "$sluice" $verb "$tmp"
	grep -qE "s a directory|block device or a regular file" "$tmp/said" ||
		fail "not said that it is a directory: $(cat "$tmp/said")"
done
[ ! -e "$sock" ] || fail "a socket is left behind"

# a file that this user may not open
need_nobody
truncate -s 1M "$tmp/secret.img"
chmod 0 "$tmp/secret.img"
chmod 755 "$tmp"
as_user=()
if [ "$(id -u)" = 0 ]; then
	as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	cp "$sluice" "$tmp/sluice" # the build tree may be root's alone
	sluice=$tmp/sluice
fi
refused "Permission denied" "${as_user[@]}" "$sluice" info "$tmp/secret.img"
contains "$tmp/said" "$tmp/secret.img"
