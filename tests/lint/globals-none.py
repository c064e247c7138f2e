#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""No mutable global or static data in the archives of the rooms.

Looks at the symbols in writable sections. Thread-local ones count as well:
only those listed here exist.
"""
import os
import re

import tree

ALLOWED = {
    "libblkio": {"error_text"},      # blkio_get_error_msg() of this thread
    "loop": {"current_loop", "co_thread"},
    "cli": {"stop_requested"},       # set by a signal handler
}

problems, checked = [], 0
for room in tree.ROOMS[1:]:
    folder = os.path.join(tree.BUILD, room)
    objects = [os.path.join(f, n) for f, _, names in os.walk(folder)
               for n in names if n.endswith(".o")]
    for path in objects:
        checked += 1
        for line in tree.output("objdump", "-t", path).splitlines():
            match = re.match(r"[0-9a-f]+ (.{7}) (\S+)\t([0-9a-f]+) (?:\.hidden )?(\S+)$",
                             line)
            if not match:
                continue
            flags, section, size, name = match.groups()
            if not re.match(r"\.(data|bss|tdata|tbss)|\*COM\*", section) \
                    or section.startswith(".data.rel.ro"):
                continue
            if "O" not in flags or int(size, 16) == 0:
                continue
            if re.sub(r"\.\d+$", "", name) not in ALLOWED.get(room, ()):
                problems.append(f"{os.path.relpath(path, tree.BUILD)}: "
                                f"{name} in {section} is mutable")
tree.finish(problems, checked)
