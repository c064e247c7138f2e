#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A function that may yield has co_ in its name.

It may yield when its body calls one that does: those of loop/co.h that wait,
or any other with co_ in its name.
"""
import re

import tree

# loop/co.h, and not waiting
HARMLESS = {"co_create", "co_enter", "co_self", "co_wake", "co_start",
            "co_run", "co_queue_init", "co_queue_empty", "co_queue_wake",
            "co_queue_wake_all", "co_mutex_init", "co_mutex_unlock",
            "co_group_init", "co_group_start", "co_stats_get"}
CALL = re.compile(r"(?<![\w.>])((?:\w*_)?co_\w+)\s*\(")

problems, checked = [], 0
rooms = [r for r in tree.ROOMS if r not in ("include", "loop")]
for path, name, first, last in tree.functions(
        tree.files(".c", ".h", under=rooms)):
    checked += 1
    text = tree.without_comments(tree.read(path)).splitlines()
    body = "\n".join(text[first - 1:last])
    body = body[body.find("{"):]
    waits = set(CALL.findall(body)) - HARMLESS
    if waits and not re.match(r"(\w*_)?co_", name):
        problems.append(f"{path}:{first}: {name}() calls {min(waits)}(), "
                        "so co_ belongs in its name")
tree.finish(problems, checked)
