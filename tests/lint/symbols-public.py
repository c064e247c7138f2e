#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""libblkio.so exports what the installed headers declare, and only that."""
import os
import re

import tree

# not in a header: the library that ours stands in for exports them too
ALSO_THERE = {"blkio_get_error_msg_", "blkio_set_error_msg_"}

declared = set()
for header in tree.files(".h", under=("include",)):
    text = tree.without_comments(tree.read(header))
    text = re.sub(r"static inline.*?\n}", "", text, flags=re.S)
    declared |= set(re.findall(r"\b(blkioq?_\w+)\s*\(", text))

library = os.path.join(tree.BUILD, "libblkio", "libblkio.so.1")
exported = {line.split()[-1].split("@")[0]
            for line in tree.output("nm", "-D", "--defined-only",
                                    library).splitlines()
            if line.split()[-2] in "TWDBRV"}
problems = [f"{name}() is declared, not exported"
            for name in sorted(declared - exported)]
problems += [f"{name} is exported, not declared"
             for name in sorted(exported - declared - ALSO_THERE)]
tree.finish(problems, len(declared))
