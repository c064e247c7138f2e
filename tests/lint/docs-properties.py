#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every driver has a manual page, with a table of all its properties and no
others: their types, when they can be read and set, and defaults are so."""
import os
import re
import tempfile

import tree

LISTER = os.path.join(tree.BUILD, "examples", "list-properties")
READABLE = {"cns": "always", "-ns": "connected"}
SETTABLE = {"---": "never", "c--": "created", "-n-": "connected",
            "cn-": "before start"}
problems = []


def page_of(driver):
    return f"docs/man/blkio-{driver}.7"


def listed(driver, *options):
    """What the library says: name -> (type, get, set), and values."""
    rows, values = {}, {}
    for line in tree.output(LISTER, driver, *options).splitlines():
        name, kind, readable, settable, *value = line.split(maxsplit=4)
        rows[name] = (kind, READABLE.get(readable, readable),
                      SETTABLE.get(settable, settable))
        values[name] = value[0] if value else "empty"
    return rows, values


def table(text):
    """What a page's table says, in the same form."""
    block = re.search(r"^property +type.*\n((?:[^.\n].*\n)*)", text, re.M)
    rows, values = {}, {}
    for line in block.group(1).splitlines() if block else ():
        name, kind, readable, rest = line.split(maxsplit=3)
        settable, value = re.match(r"(before start|\w+) +(.*)", rest).groups()
        rows[name] = (kind, readable, settable)
        values[name] = value.replace("\\-", "-")
    return rows, values


def explained(text):
    """Properties with an explanation of their own: name and type."""
    return set(re.findall(r"^\.It Cm (\S+) Pq Vt (\w+)$", text, re.M))


def is_literal(value):
    return re.fullmatch(r"-?\d+|true|false|empty", value)


def check_values(driver, rows, told, created, connected):
    for name, (_, readable, settable) in rows.items():
        value = told.get(name, "")
        true = created[name] if readable == "always" else connected.get(name)
        if settable != "never" and not is_literal(value):
            problems.append(f"{page_of(driver)}: {name} has no default")
        elif is_literal(value) and true is not None and value != true:
            problems.append(f"{page_of(driver)}: {name} is {value}, really "
                            f"{true}")


def check_explained(driver, rows, text):
    """On the common page, or the driver's own, or where that sends one."""
    body = re.sub(r"^property +type.*?^\.Ed", "", text, flags=re.M | re.S)
    for name, (kind, *_) in rows.items():
        common = (name, kind) in explained(common_text)
        if (name, kind) not in everywhere or \
                not common and not re.search(rf"(?<![\w-]){name}(?![\w-])", body):
            problems.append(f"{page_of(driver)}: {name}, {kind}, is explained "
                            "nowhere")
    problems.extend(f"{page_of(driver)}: {name}, {kind}, does not exist"
                    for name, kind in sorted(explained(text))
                    if (rows.get(name) or " ")[0] != kind)


def check_driver(driver, options):
    text = tree.read(page_of(driver))
    rows, created = listed(driver)
    connected = listed(driver, *options)[1] if options else {}
    told, values = table(text)
    for name in sorted(set(rows) | set(told)):
        if rows.get(name) != told.get(name):
            problems.append(f"{page_of(driver)}: {name}: the table says "
                            f"{told.get(name)}, the library {rows.get(name)}")
    check_values(driver, rows, values, created, connected)
    check_explained(driver, rows, text)
    return set(rows)


drivers = tree.output(LISTER).split()
common_text = tree.read("docs/man/blkio-properties.7")
everywhere = set().union(*(explained(tree.read(path)) for path in
                           tree.files(".7", under=("docs/man",))))
seen = set()
with tempfile.NamedTemporaryFile(prefix="sluice-test.") as disk:
    connecting = {"io_uring": [f"path={disk.name}"], "null": ["size=0"],
                  "ram": ["size=0"]}
    for driver in drivers:
        if os.path.exists(os.path.join(tree.TOP, page_of(driver))):
            seen |= check_driver(driver, connecting.get(driver))
        else:
            problems.append(f"driver {driver} has no {page_of(driver)}")
problems += [f"docs/man/blkio-properties.7: no driver has {name}"
             for name, _ in sorted(explained(common_text)) if name not in seen]
for path in tree.files(".7", under=("docs/man",)):
    name = re.fullmatch(r"docs/man/blkio-([\w-]+)\.7", path).group(1)
    if name != "properties" and not os.path.isdir(
            os.path.join(tree.TOP, "libblkio/drivers", name)):
        problems.append(f"{path} is about no driver")
tree.finish(problems, len(seen))
