# SPDX-License-Identifier: MIT
# Sourced by the tests that put real clients in front of `sluice serve`.
#
# Gives a directory $tmp, removed at the end; `serve DISK...` starts a server
# at $uri and waits until it answers; the end of the script stops it with
# SIGTERM and fails unless it exits 0 (so a sanitizer's verdict is heard).
# Nothing sleeps for luck: wait_until has a condition and a deadline.
set -eu -o pipefail
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

sluice=${SLUICE_BUILD:?}/cli/sluice
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sluice-test.XXXXXX")
sock=$tmp/nbd.sock
uri="nbd+unix:///?socket=$sock"
server=		# process id, empty while none runs
undo=()		# commands for the end, run last to first
deadline_s=60	# generous: valgrind and busy machines

fail() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

skip() {
	echo "skipped: $*" >&2
	exit 77
}

# need PROGRAM...: each is a package of scripts/deps --test
need() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "no $program here"
	done
}

need_root() {
	[ "$(id -u)" = 0 ] || skip "needs root: $*"
}

# For tests that drop root's rights: not where / is closed to all others, as in
# a chroot made in a directory of mktemp's.
need_nobody() {
	[ "$(id -u)" != 0 ] || setpriv --reuid 65534 --regid 65534 \
		--clear-groups true 2>/dev/null ||
		skip "nobody can't run a program here"
}

# wait_until WHAT COMMAND...: try until the command succeeds
wait_until() {
	local what=$1 end=$((SECONDS + deadline_s))
	shift
	until "$@" >"$tmp/wait.log" 2>&1; do
		if [ $SECONDS -ge $end ]; then
			cat "$tmp/wait.log" >&2
			fail "not within $deadline_s s: $what"
		fi
		[ -z "$server" ] || kill -0 "$server" 2>/dev/null ||
			fail "the server ended while waiting until $what"
		sleep 0.02
	done
}

# answers URI: what to wait for after `serve --nbd ...`
answers() {
	wait_until "$1 answers" nbdinfo --size "$1"
}

# serve ARGUMENTS...: a server on $sock; "--nbd" among them replaces that,
# and then it is for the caller to wait
serve() {
	case " $* " in
	*" --nbd "*)
		"$sluice" serve "$@" 2>>"$tmp/server.err" &
		server=$!
		;;
	*)
		"$sluice" serve --nbd "unix:$sock" "$@" 2>>"$tmp/server.err" &
		server=$!
		answers "$uri"
		;;
	esac
}

# end_server [SIGNAL]: as a service manager would; its exit status is 0, and
# its socket is gone.
end_server() {
	local pid=$server status=0
	server=
	kill -"${1:-TERM}" "$pid" 2>/dev/null || true
	wait "$pid" || status=$?
	if [ $status != 0 ]; then
		echo "the server's exit status is $status" >&2
		return 1
	fi
	if [ -e "$sock" ]; then
		echo "the server left its socket behind" >&2
		return 1
	fi
}

stop_server() {
	end_server "$@" || fail "the server did not end well"
}

# as by a power cut, but for what the kernel holds
kill_server() {
	local pid=$server
	server=
	kill -KILL "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

# equal WHAT GOT WANTED
equal() {
	[ "$2" = "$3" ] || fail "$1: got \"$2\", wanted \"$3\""
}

# contains FILE TEXT
contains() {
	grep -qF -- "$2" "$1" || {
		cat "$1" >&2
		fail "\"$2\" is not in $1"
	}
}

# fails COMMAND...: must fail; what it says is in $tmp/said
fails() {
	! "$@" >"$tmp/said" 2>&1 || fail "should have failed: $*"
}

# random_file NAME SIZE_MIB: bytes that no two tests share
random_file() {
	head -c "$(($2 << 20))" /dev/urandom >"$tmp/$1"
}

# A TCP port nobody listens on; another may take it first, so retry then.
free_port() {
	/usr/bin/python3 -c 'import socket; s = socket.socket()
s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

finish() {
	local status=$?
	trap - EXIT
	set +e
	if [ -n "$server" ]; then
		if [ $status = 0 ]; then
			end_server || status=1
		else
			kill_server
		fi
	fi
	if [ $status != 0 ] && [ -s "$tmp/server.err" ]; then
		echo "---- the server said:" >&2
		cat "$tmp/server.err" >&2
	fi
	for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
		eval "${undo[i]}"
	done
	rm -rf --one-file-system "$tmp"
	exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM
