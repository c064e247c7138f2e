#!/bin/bash
# SPDX-License-Identifier: MIT
# Without --nbd and inherited sockets, clients of this machine, and only they,
# find the server at the port that NBD has.
. "$(dirname "$0")/lib.sh"
need nbdinfo unshare

cat >"$tmp/loopback_up.py" <<'END'
import fcntl, socket, struct
s = socket.socket()
name = struct.pack("16sh", b"lo", 1)	# IFF_UP
fcntl.ioctl(s, 0x8914, name)		# SIOCSIFFLAGS
END
cat >"$tmp/inside" <<END
$python "$tmp/loopback_up.py" || exit 77
"$sluice" serve driver=ram,size=7M >"$tmp/ready" 2>"$tmp/err" &
for i in \$(seq 3000); do
	[ ! -s "$tmp/ready" ] || break
	sleep 0.02
done
# by number: nbdinfo would need /etc/hosts for the name
nbdinfo --size nbd://127.0.0.1 >"$tmp/size"
grep -i ' 00000000:2A39' /proc/net/tcp >"$tmp/any"
kill \$!
wait \$!
END
status=0
unshare --user --map-root-user --net sh "$tmp/inside" >"$tmp/said" 2>&1 ||
	status=$?
[ -e "$tmp/ready" ] || skip "no network of our own: $(cat "$tmp/said")"
equal "exit status" $status 0
equal "ready line" "$(cat "$tmp/ready")" nbd://localhost:10809
equal size "$(cat "$tmp/size")" $((7 << 20))
equal "sockets for other machines" "$(cat "$tmp/any")" ""
