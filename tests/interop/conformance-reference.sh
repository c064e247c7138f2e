#!/bin/bash
# SPDX-License-Identifier: MIT
# The conformance suite on libblkio 1.5.0: what fails there is what
# docs/differences.md lists, no more and no less. Argument: kind of disk.
TMPDIR=${SLUICE_BUILD:?} # on a disk, which /tmp may not be
. "$(dirname "$0")/lib.sh"

kind=$1
words=(io_uring "${kind%-direct}")
[ "$kind" = "${words[1]}" ] || words+=(direct=true)
cp "$SLUICE_BUILD/tests/conformance/conformance" "$tmp/"

# the same program on our library, there
peer "$tmp/conformance" --dir="$tmp" --case='state.*' "${words[@]}" \
	>"$tmp/said" || {
	cat "$tmp/said" >&2
	fail "fails on our library"
}

# run_reference TARGET WORD...: it may fail, but must have run to its end
run_reference() {
	local target=$1
	shift
	reference env LD_DEBUG=libs LD_DEBUG_OUTPUT="$tmp/theirs" RUST_BACKTRACE=0 \
		"$tmp/conformance" --dir="$tmp" "$@" >"$tmp/$target.tap" ||
		[ $? = 1 ]
	equal "cases of $target" "$(grep -cE '^(not )?ok ' "$tmp/$target.tap")" \
		"$(sed -n 's/^1\.\.\([1-9][0-9]*\)$/\1/p' "$tmp/$target.tap")"
}

run_reference "$kind" "${words[@]}"
run_reference "$kind-read-only" "${words[@]}" read-only=true
! cat "$tmp"/theirs.* | grep "calling init: $tmp/" >&2 || fail "on our library"
cat "$tmp"/theirs.* | grep 'calling init: .*/libblkio\.so\.1$' >/dev/null ||
	fail "not on libblkio"

/usr/bin/python3 - "$SLUICE_SOURCE/docs/differences.md" "$tmp" <<'EOF'
import fnmatch, glob, os, re, sys

page, folder = sys.argv[1:]
failed, passed = {}, set()
for path in glob.glob(os.path.join(folder, "*.tap")):
    target, reason = os.path.basename(path)[:-4], None
    for line in open(path, errors="replace"):
        case = re.match(r"(not )?ok \d+ - (\S+)(.*)", line)
        if case and case.group(1):
            reason = failed[f"{target}/{case.group(2)}"] = []
        elif case and "# SKIP" not in case.group(3):
            passed.add(f"{target}/{case.group(2)}")
        elif line.startswith("#") and reason is not None:
            reason.append(line)

def matching(pattern):
    if "/" not in pattern:
        pattern = "*/" + pattern
    # brackets mean nothing; * and ? do
    pattern = pattern.replace("[", "[[]")
    return {case for case in passed | set(failed)
            if fnmatch.fnmatchcase(case, pattern)}

listed, problems = set(), []
table = open(page).read().partition("## Not shown")[0]
targets = {case.partition("/")[0] for case in passed | set(failed)}
for cell in re.findall(r"^\| (`[^|]*) \|", table, re.M):
    patterns, row = re.findall(r"`([^`]+)`", cell), set()
    for pattern in patterns:
        found = matching(pattern.lstrip("!"))
        here = fnmatch.filter(targets, pattern.rpartition("/")[0] or "*")
        if not found and here:
            problems.append(f"no case is named {pattern}")
        row = row - found if pattern[0] == "!" else row | found
    listed |= row
problems += [f"{case} passes, but is listed" for case in listed - set(failed)]
problems += [f"{case} is not listed:\n{''.join(failed[case])}"
             for case in set(failed) - listed]
print(f"{len(failed)} of {len(passed) + len(failed)} fail there")
sys.exit("docs/differences.md:\n" + "\n".join(sorted(problems))
         if problems or not failed else 0)
EOF
