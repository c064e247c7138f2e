# SPDX-License-Identifier: MIT
"""libblkio's own example program blkio-bench, Debian 13's source unmodified:
one client, run on our libblkio.so.1 or on the reference's.

Either way it runs on the loader and the C library of the chroot (the
reference needs them), but not inside, so that this machine's valgrind and
strace can look at it. The loader's log has to name the library wanted.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

import harness

LIBRARIES = ("sluice", "reference")
MODES = ("event", "poll")
DEPTHS = (1, 32)
PROGRAM = os.path.join(harness.OUT, "blkio-bench")
ALLOCATES = re.compile(r"(__libc_|__posix_|posix_)?(malloc|calloc|realloc"
                       r"|reallocarray|memalign|aligned_alloc|mmap)")


def only(pattern):
    """The one file that matches."""
    found = glob.glob(pattern)
    if len(found) != 1:
        sys.exit(f"bench: wanted one {pattern}, found: {found}")
    return found[0]


CHROOT = harness.run("sh", "-c", f". {harness.TOP}/tests/interop/where.sh && "
                     "printf %s \"$CHROOT\"")
LOADER = only(f"{CHROOT}/usr/lib/*/ld-linux-*.so.?")
THEIRS = only(f"{CHROOT}/usr/lib/*/libblkio.so.1")
OURS = os.path.join(harness.BUILD, "libblkio", "libblkio.so.1")


def on(library, *arguments):
    """The command that runs the client on one of LIBRARIES."""
    folders = [os.path.dirname(THEIRS)]
    if library == "sluice":
        folders.insert(0, os.path.dirname(OURS))
    return [LOADER, "--library-path", ":".join(folders), PROGRAM, *arguments]


def reads(library, mode, depth, path, driver="io_uring", seconds=1):
    """The command of one measurement: random 4 KiB reads, one thread."""
    return on(library, "--readwrite=randread", "--blocksize=4096",
              f"--runtime={seconds}", f"--iodepth={depth}",
              *(["--poll"] if mode == "poll" else []),
              driver, f"path={path}")


def rate(*case, **options):
    """Requests per second of such a measurement."""
    said = json.loads(harness.run(*reads(*case, **options)))
    return said["aggregate"]["kiops"] * 1000


def counted(profile):
    """(instructions of all functions, calls of each) of a callgrind profile.

    The lines that matter: "fn=(ID) NAME", the name only where ID is new, as in
    "cfn=(ID)" of a callee; "calls=COUNT POSITION", whose next line is the
    cost of the callee, counted there; "POSITION COST".
    """
    names, calls, instructions, callee = {}, {}, 0, None
    with open(profile) as lines:
        for line in lines:
            if match := re.match(r"(c?fn)=\((\d+)\)(?: (.*))?", line):
                if match[3]:
                    names[match[2]] = match[3]
                callee = names[match[2]]
            elif match := re.match(r"calls=(\d+)", line):
                calls[callee] = calls.get(callee, 0) + int(match[1])
                next(lines)
            elif match := re.match(r"[-+*\d]\S* (\d+)$", line):
                instructions += int(match[1])
    return instructions, calls


def profile(library, mode, depth, path, driver="io_uring"):
    """Instructions and allocations per request, of user space between a call
    of any blkioq_*() and its return. The profile is kept, for
    callgrind_annotate(1)."""
    folder = os.path.join(harness.OUT, "callgrind")
    os.makedirs(folder, exist_ok=True)
    kept = os.path.join(folder, f"{library}-{driver}-{mode}-{depth}.callgrind")
    harness.run("env", "LD_BIND_NOW=1", "valgrind", "--tool=callgrind",
                "--fair-sched=try", "--toggle-collect=blkioq_*",
                f"--callgrind-out-file={kept}",
                *reads(library, mode, depth, path, driver))
    instructions, calls = counted(kept)
    requests = calls["blkioq_read"]
    allocations = sum(times for name, times in calls.items()
                      if ALLOCATES.fullmatch(name))
    return {"instructions": instructions / requests,
            "allocations": allocations / requests}


def build():
    """Compile the client; see that it finds the library it is run on."""
    # their header alone: the chroot may have a C library's, too
    include = os.path.join(harness.OUT, "include")
    os.makedirs(include, exist_ok=True)
    shutil.copy(f"{CHROOT}/usr/include/blkio.h", include)
    harness.run("gcc", "-O2", f"-I{include}", "-o", PROGRAM,
                f"{CHROOT}/usr/share/doc/libblkio-dev/examples/blkio-bench.c",
                THEIRS, "-Wl,--unresolved-symbols=ignore-in-shared-libs",
                "-lpthread")
    for library, wanted in zip(LIBRARIES, (OURS, THEIRS)):
        log = subprocess.run(on(library, "--help"), text=True, check=True,
                             env={**os.environ, "LD_DEBUG": "libs"},
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE).stderr
        used = re.findall(r"calling init: (.*/libblkio\.so.*)", log)
        if used != [wanted]:
            sys.exit(f"bench: wanted the client on {wanted}, is on {used}")
