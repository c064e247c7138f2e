# SPDX-License-Identifier: MIT
"""What the lint tests share: the files of the tree, and how a test ends."""
import os
import re
import shutil
import subprocess
import sys

TOP = os.environ.get("SLUICE_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("SLUICE_BUILD") or os.path.join(TOP, "build")

# rooms whose code ends up in the library and the command
ROOMS = ("include", "util", "proto", "libblkio", "loop", "block", "export",
         "cli")


def files(*suffixes, under=("",)):
    """Paths from the top of all sources that end so, sorted."""
    found = []
    for start in under:
        for folder, folders, names in os.walk(os.path.join(TOP, start)):
            # a build directory may have any name
            folders[:] = [f for f in folders if not f.startswith(
                (".", "build", "__pycache__")) and not os.path.isdir(
                    os.path.join(folder, f, "meson-private"))]
            found += [os.path.relpath(os.path.join(folder, n), TOP)
                      for n in names if n.endswith(suffixes)]
    return sorted(found)


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as f:
        return f.read()


def is_text(path):
    """False for fuzzing corpora and other bytes."""
    with open(os.path.join(TOP, path), "rb") as f:
        start = f.read(4096)
    return b"\0" not in start and start.isascii()


def without_comments(text):
    """C text with comments and the contents of strings blanked; the lines
    stay where they are."""
    def blank(match):
        found = match.group(0)
        if found[0] == "/":
            return re.sub(r"[^\n]", " ", found)
        return found[0] * 2
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'',
                  blank, text, flags=re.S)


def functions(paths):
    """(path, name, first line, last line) of each C function defined."""
    if not shutil.which("ctags"):
        skip("universal-ctags is not installed")
    tags = subprocess.run(
        ["ctags", "-f", "-", "--languages=C", "--langmap=C:.c.h",
         "--kinds-C=f", "--fields=+ne", "-L", "-"],
        input="\n".join(paths), cwd=TOP, text=True, check=True,
        stdout=subprocess.PIPE).stdout
    for tag in tags.splitlines():
        name, path, rest = tag.split("\t", 2)
        first = re.search(r"\tline:(\d+)", rest)
        last = re.search(r"\tend:(\d+)", rest)
        if first and last:
            yield path, name, int(first.group(1)), int(last.group(1))


def output(*command):
    """What a command prints; its failure ends the test."""
    return subprocess.run(command, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def skip(why):
    print(f"skipped: {why}", file=sys.stderr)
    sys.exit(77)


def finish(problems, checked):
    """End the test: it fails for each problem, and for having looked at
    nothing."""
    for problem in problems:
        print(problem, file=sys.stderr)
    if not checked:
        sys.exit("nothing was checked")
    sys.exit(1 if problems else 0)
