#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Files, functions and lines stay short enough to hold in the head."""
import tree

FILE_LINES = {".c": 800, ".h": 250, ".S": 250, ".py": 400, ".sh": 400}
# headers whose length is another project's API, or a file format's
LONG_HEADERS = {"include/blkio.h": 400}
FUNCTION_LINES = 70
COLUMNS = 100

problems, checked = [], 0
for path in tree.files(*FILE_LINES):
    lines = tree.read(path).splitlines()
    limit = LONG_HEADERS.get(path, FILE_LINES[path[path.rindex("."):]])
    checked += 1
    if len(lines) > limit:
        problems.append(f"{path}: {len(lines)} lines, at most {limit}")
    for number, line in enumerate(lines, 1):
        if len(line.expandtabs(8)) > COLUMNS:
            problems.append(f"{path}:{number}: longer than {COLUMNS} columns")
        if line != line.rstrip():
            problems.append(f"{path}:{number}: blanks at the end")

for path, name, first, last in tree.functions(tree.files(".c", ".h")):
    checked += 1
    if last - first + 1 > FUNCTION_LINES:
        problems.append(f"{path}:{first}: {name}() has {last - first + 1} "
                        f"lines, at most {FUNCTION_LINES}")
tree.finish(problems, checked)
