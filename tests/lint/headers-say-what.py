#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every source names its licence, then says what it is."""
import re

import tree

SPDX = "SPDX-License-Identifier: MIT"
SCRIPTS = ("Makefile", ".ci/run", "run")


def sources():
    found = tree.files(".c", ".h", ".S", ".py", ".sh")
    # programs without a suffix: scripts, benchmarks
    for path in tree.files("", under=("scripts", "bench", "tests", "fuzz")):
        if "." not in path.rsplit("/", 1)[-1] and tree.is_text(path) \
                and tree.read(path).startswith("#!"):
            found.append(path)
    return found + list(SCRIPTS)


def first_words(path):
    """The text of the comment that follows the licence line."""
    lines = tree.read(path).splitlines()
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    if not lines or SPDX not in lines[0]:
        return None
    rest = "\n".join(lines[1:8])
    if path.endswith((".c", ".h", ".S")):
        match = re.match(r"\s*/\*[\s*]*(.*)", rest)
    else:
        match = re.match(r'\s*(?:#|r?""")\s*(.*)', rest)
    return match.group(1) if match else ""


problems = []
checked = sources()
for path in checked:
    words = first_words(path)
    if words is None:
        problems.append(f"{path}: does not begin with {SPDX}")
    elif len(words.split()) < 3:
        problems.append(f"{path}: no comment after the licence line that "
                        "says what it is" + (", or proves"
                        if path.startswith("tests/") else ""))
tree.finish(problems, len(checked))
