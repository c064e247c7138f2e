#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""No mutable global or static data in the archives of the rooms.

Looks at the symbols in writable sections. Thread-local data is mutable too:
only what is listed here exists, and what signal handlers need.
"""
import os
import re

import tree

THREAD_LOCAL = {
    # blkio_get_error_msg(); whose a single issuer's ring is
    "libblkio": {"error_text", "thread_id"},
    "loop": {"current"},  # the running coroutine, the thread's loop
}
# what a signal handler looks at: it gets no argument
SIGNALS = {
    "export": {"guard"},  # memory that clients share, for SIGBUS
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
                elif symbol in SIGNALS.get(room, ()):
                    continue
                elif section.startswith(".data.rel.ro") or \
                        not re.match(r"\.data|\.bss|\*COM\*", section):
                    continue
                problems.append(f"{os.path.relpath(path, tree.BUILD)}: "
                                f"{symbol} in {section} is mutable")
tree.finish(problems, checked)
