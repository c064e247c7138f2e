#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The library's manual pages say what its headers say: every function with its
prototype, every constant, every structure; and all pages are sound mdoc."""
import os
import re
import shutil
import subprocess

import tree

MAN = "docs/man"
HEADERS = ("include/blkio.h", "include/blkio-ext.h")
# exported for the reference's own use, in no header
INTERNAL = {"blkio_get_error_msg_", "blkio_set_error_msg_"}
# a name of ours may come before those of others
FINE = "unusual Xr order"

pages = {os.path.basename(path): tree.read(path)
         for path in tree.files(*(f".{n}" for n in range(1, 10)), under=(MAN,))}
library_pages = {name: text for name, text in pages.items()
                 if name.startswith("blkio")}
header = tree.without_comments("".join(map(tree.read, HEADERS)))
header = re.sub(r"^#.*?[^\\]$", "", header, flags=re.M | re.S)
problems = []


def complaints():
    """Of the two programs that people read manual pages with."""
    for program in ("mandoc", "groff"):
        if not shutil.which(program):
            tree.skip(f"no {program} here")
    for name in pages:
        path = os.path.join(tree.TOP, MAN, name)
        for command in (["mandoc", "-Tlint", "-Wwarning", path],
                        ["groff", "-mdoc", "-Tascii", "-ww", path]):
            said = subprocess.run(command, text=True, errors="replace",
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            lines = said.stderr if command[0] == "groff" else said.stdout
            yield from (f"{name}: {line}" for line in lines.splitlines()
                        if FINE not in line)


def squeeze(declaration):
    """Without the blanks that mean nothing."""
    text = " ".join(declaration.split())
    return re.sub(r" ?([*,;(){}]) ?", r"\1", text)


def declared():
    """Functions of the headers: name and prototype."""
    for match in re.finditer(r"^[a-z][\w *]*?\b(blkioq?_\w+)\([^;{]*\);",
                             header, re.M):
        yield match.group(1), squeeze(match.group(0))


def documented():
    """Functions of the synopses: page, name and prototype."""
    for page, text in library_pages.items():
        synopsis = re.search(r"^\.Sh SYNOPSIS\n(.*?)^\.Sh", text, re.S | re.M)
        if not synopsis:
            continue
        for ft, name, args in re.findall(
                r'^\.Ft "?([^"\n]*)"?\n\.F[no] (\w+)(.*?)(?=^\.Ft|\Z)',
                synopsis.group(1), re.S | re.M):
            args = re.findall(r'"([^"]*)"|\b(void)\b', args)
            args = ", ".join(a or b for a, b in args)
            yield page, name, squeeze(f"{ft} {name}({args});")


def functions():
    known, told = dict(declared()), {}
    for page, name, prototype in documented():
        told[name] = prototype
        if not re.search(rf"^\.Nm {name}\b", library_pages[page], re.M):
            problems.append(f"{page}: {name} is not in the section NAME")
    for name in sorted(set(known) | set(told)):
        if known.get(name) != told.get(name):
            problems.append(f"{name}: header: {known.get(name)}, "
                            f"manual: {told.get(name)}")
    library = os.path.join(tree.BUILD, "libblkio", "libblkio.so")
    for line in tree.output("nm", "-D", "--defined-only", library).splitlines():
        kind, symbol = line.split()[1:3]
        name = symbol.partition("@")[0]
        if kind == "T" and name.startswith("blkio") and \
                name not in known and name not in INTERNAL:
            problems.append(f"{name} is exported, and in no header")
    return set(told)


def structures():
    """Those that the pages show have the headers' members."""
    pattern = r"^struct (\w+) \{.*?^\};"
    known = {m.group(1): squeeze(m.group(0))
             for m in re.finditer(pattern, header, re.S | re.M)}
    shown = set()
    for page, text in library_pages.items():
        for m in re.finditer(pattern, text, re.S | re.M):
            shown.add(m.group(1))
            if squeeze(tree.without_comments(m.group(0))) != \
                    known.get(m.group(1)):
                problems.append(f"{page}: struct {m.group(1)} is not as in "
                                "the header")
    problems.extend(f"struct {name} is on no page"
                    for name in sorted(set(known) - shown))


def constants():
    text = "".join(library_pages.values())
    for name in sorted(set(re.findall(r"\bBLKIO_[A-Z_]*[A-Z]\b", header)) |
                       {"BLKIO_EXT_VERSION"}):
        if not re.search(rf"\b{name}\b", text):
            problems.append(f"{name} is on no page")


def references(links):
    """Pages refer to pages that are there, and to functions."""
    there = set(pages) | {f"{name}.3" for name in links}
    for page, text in pages.items():
        for name, section in re.findall(r"^\.Xr (\S+) (\d)", text, re.M):
            if name.startswith(("blkio", "sluice")) and \
                    f"{name}.{section}" not in there:
                problems.append(f"{page}: {name}({section}) does not exist")


def example():
    """The program in blkio(3) is one of those that are built and run."""
    program = tree.read("examples/hello-read.c")
    program = program[program.index("#include"):].rstrip("\n")
    shown = pages["blkio.3"].replace("\\-", "-").replace("\\e", "\\")
    if program not in shown:
        problems.append("blkio(3): the example is not examples/hello-read.c")


problems.extend(complaints())
links = functions()
structures()
constants()
references(links)
example()
tree.finish(problems, len(links))
