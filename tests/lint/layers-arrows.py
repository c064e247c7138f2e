#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rooms include only what lies below them, and drivers not one another.

The arrows: util <- proto <- libblkio <- block, util <- loop <- block <-
export <- cli; export uses proto too. block sees devices only through the
installed headers, which cli may use as well.
"""
import os
import re

import tree

INSTALLED = {"include"}
MAY_INCLUDE = {
    "include": {"include"},
    "util": {"util"},
    "proto": {"util", "proto"},
    "libblkio": {"util", "proto", "libblkio"} | INSTALLED,
    "loop": {"util", "loop"},
    "block": {"util", "loop", "block"} | INSTALLED,
    "export": {"util", "proto", "loop", "block", "export"},
    "cli": {"util", "loop", "block", "export", "cli"} | INSTALLED,
}
# libraries of other makers, and the folders that may know them
MAY_KNOW = {
    "liburing.h": ("libblkio/drivers/io_uring/",),
    "linux/io_uring.h": ("libblkio/drivers/io_uring/",),
    "jansson.h": ("block/", "cli/"),
}
# what several drivers or exports share
SHARED = {"libblkio/drivers/synthetic", "libblkio/drivers/virtio-blk",
          "export/virtio-blk"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)


def module(path):
    """libblkio/drivers/NAME or export/NAME when path lies in one."""
    match = re.match(r"(libblkio/drivers/[^/]+|export/[^/]+)/", path)
    return match and match.group(1)


def resolve(path, name):
    """Where an include of name in path leads; None when out of the tree."""
    for folder in (os.path.dirname(path), "", "include"):
        candidate = os.path.normpath(os.path.join(folder, name))
        if os.path.exists(os.path.join(tree.TOP, candidate)):
            return candidate
    return None


def complaint(path, quote, name):
    target = resolve(path, name)
    if quote == '"' and ".." in name.split("/"):
        return "steps out of its folder"
    if name in MAY_KNOW and not path.startswith(MAY_KNOW[name]):
        return "is for " + ", ".join(MAY_KNOW[name])
    if target is None:
        return "is not in the tree" if quote == '"' else None
    room, other = path.split("/")[0], target.split("/")[0]
    if other not in MAY_INCLUDE[room]:
        return f"leads from {room}/ to {other}/"
    theirs = module(target)
    if module(path) and theirs and theirs != module(path) \
            and theirs not in SHARED:
        return f"belongs to {theirs}/ alone"
    return None


problems, checked = [], 0
for path in tree.files(".c", ".h", ".S", under=tree.ROOMS):
    for quote, name in INCLUDE.findall(tree.read(path)):
        checked += 1
        what = complaint(path, quote, name)
        if what:
            problems.append(f"{path}: {name}: {what}")
tree.finish(problems, checked)
