# SPDX-License-Identifier: MIT
# Sourced by the tests of the command line: what tests/clients/lib.sh gives,
# and checks of exit codes and of the one line of an error.
. "$(dirname "${BASH_SOURCE[0]}")/../clients/lib.sh"
PATH=$(dirname "$sluice"):$PATH

# exits STATUS COMMAND...: output in $tmp/out, messages in $tmp/err
exits() {
	local want=$1 status=0
	shift
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ $status = "$want" ] || {
		cat "$tmp/err" >&2
		fail "exit status is $status, wanted $want: $*"
	}
}

# says VERB TEXT...: the message is one line, from that verb, with each TEXT
says() {
	local verb=$1 text
	shift
	equal "lines on stderr" "$(wc -l <"$tmp/err")" 1
	[[ $(cat "$tmp/err") == "sluice $verb: "* ]] ||
		fail "not a message of sluice $verb: $(cat "$tmp/err")"
	for text; do
		contains "$tmp/err" "$text"
	done
}

# as_nobody ARGUMENTS...: sluice without root's rights, where we have them
as_nobody() {
	chmod 755 "$tmp"
	[ -x "$tmp/sluice" ] || cp "$sluice" "$tmp/sluice"
	local run=
	# in the background: be the server, not its parent
	[ "$BASHPID" = $$ ] || run=exec
	if [ "$(id -u)" = 0 ]; then
		$run setpriv --reuid 65534 --regid 65534 --clear-groups \
			"$tmp/sluice" "$@"
	else
		$run "$tmp/sluice" "$@"
	fi
}

python=/usr/bin/python3
[ -x $python ] || python=python3

# json EXPRESSION [FILE]: of the document d in FILE, default $tmp/out
json() {
	$python -c 'import json, sys
d = json.load(open(sys.argv[2]))
print(eval("(" + sys.argv[1] + ")"))' "$1" "${2-$tmp/out}" || fail "bad JSON"
}

# ready COMMAND...: start a server in the background, wait for its line
ready() {
	rm -f "$tmp/ready"
	"$@" >"$tmp/ready" 2>>"$tmp/server.err" &
	server=$!
	wait_until "the ready line" line_or_end
}

line_or_end() {
	[ -s "$tmp/ready" ] || ! kill -0 "$server" 2>/dev/null
}
