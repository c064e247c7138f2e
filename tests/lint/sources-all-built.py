#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every C source and every test is named in a meson.build: none lies dead."""
import os
import re

import tree

# parts of a test program or library of scripts, named by those that use them
HELPERS = re.compile(r"tests/(lint/tree\.py|\w+/lib\.sh|interop/)")


def named(path, folder):
    """Is path named in the meson.build of folder or of one above?"""
    while True:
        build = os.path.join(tree.TOP, folder, "meson.build")
        if os.path.exists(build):
            here = os.path.relpath(path, folder or ".")
            if re.search(r"'(%s|%s)'" % (
                    re.escape(here), re.escape(os.path.splitext(here)[0])),
                    tree.read(os.path.join(folder, "meson.build"))):
                return True
        if not folder:
            return False
        folder = os.path.dirname(folder)


problems, checked = [], 0
paths = tree.files(".c", ".S") + tree.files(".py", ".sh", under=("tests",))
for path in paths:
    if HELPERS.match(path):
        continue
    checked += 1
    if not named(path, os.path.dirname(path)):
        problems.append(f"{path}: in no meson.build: it is never built or run")
tree.finish(problems, checked)
