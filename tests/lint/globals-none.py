#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""No mutable global or static data in the archives of the rooms.

Looks at the symbols in writable sections. Thread-local data is mutable too:
only what is listed here exists.
"""
import os
import re

import tree

THREAD_LOCAL = {
    "libblkio": {"error_text"},  # blkio_get_error_msg()
    "loop": {"current"},  # the running coroutine, the thread's loop
}
SYMBOL = re.compile(r"[0-9a-f]+ (.{7}) (\S+)\t[0-9a-f]+ (?:\.hidden )?(\S+)$")

problems, checked = [], 0
for room in tree.ROOMS[1:]:
    for folder, _, names in os.walk(os.path.join(tree.BUILD, room)):
        for name in names:
            if not name.endswith(".o"):
                continue
            checked += 1
            path = os.path.join(folder, name)
            for line in tree.output("objdump", "-t", path).splitlines():
                match = SYMBOL.match(line)
                if not match or "d" in match.group(1):
                    continue
                _, section, symbol = match.groups()
                if re.match(r"\.t(data|bss)", section):
                    if symbol in THREAD_LOCAL.get(room, ()):
                        continue
                elif section.startswith(".data.rel.ro") or \
                        not re.match(r"\.data|\.bss|\*COM\*", section):
                    continue
                problems.append(f"{os.path.relpath(path, tree.BUILD)}: "
                                f"{symbol} in {section} is mutable")
tree.finish(problems, checked)
