#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every C source is built and every test is run: none lies dead.

What this build does not contain (another processor's part, an option that is
off) must at least be named in a meson.build.
"""
import json
import os
import re

import tree


def introspected(name):
    path = os.path.join(tree.BUILD, "meson-info", f"intro-{name}.json")
    with open(path) as file:
        return json.load(file)


def used():
    """Paths of all sources of targets and all words of test commands."""
    found = {path for target in introspected("targets")
             for part in target["target_sources"] for path in part["sources"]}
    found |= {os.path.normpath(word) for test in introspected("tests")
              for word in test["cmd"]}
    return found


def named(path):
    """Is path named in the meson.build of its folder or of one above?"""
    folder = os.path.dirname(path)
    while True:
        build = os.path.join(folder, "meson.build")
        if os.path.exists(os.path.join(tree.TOP, build)):
            name = os.path.relpath(path, folder or ".")
            stem, suffix = map(re.escape, os.path.splitext(name))
            if re.search(f"'{stem}({suffix})?'", tree.read(build)):
                return True
        if not folder:
            return False
        folder = os.path.dirname(folder)


def helper(path, others):
    """Is a script sourced or imported by another test?"""
    name = re.escape(os.path.basename(path))
    module = name.rsplit("\\.", 1)[0]
    pattern = rf"/{name}\"" if path.endswith(".sh") else \
        rf"^\s*(from|import) {module}\b"
    return any(re.search(pattern, tree.read(o), re.M) for o in others
               if o != path)


built = used()
scripts = tree.files(".py", ".sh", under=("tests",))
problems, checked = [], 0
for path in tree.files(".c", ".S") + scripts:
    checked += 1
    if os.path.join(tree.TOP, path) not in built and not named(path) \
            and not (path in scripts and helper(path, scripts)):
        problems.append(f"{path}: in no meson.build: it is never built or run")
tree.finish(problems, checked)
