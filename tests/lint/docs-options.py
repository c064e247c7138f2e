#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Manual pages and --help tell of the same verbs and the same options."""
import os
import re

import tree

sluice = os.path.join(tree.BUILD, "cli", "sluice")


def manual(verb):
    """Option names of a page: the .It lines of its lists."""
    page = tree.read(f"docs/man/sluice-{verb}.1")
    items = " ".join(line for line in page.splitlines()
                     if line.startswith(".It "))
    return {"--" + name for name in re.findall(r"Fl -([a-z][a-z-]*)", items)}


def spoken(verb):
    """Option names of --help: what its indented lines begin with."""
    text = tree.output(sluice, verb, "--help")
    return set(re.findall(r"^  +(?:-\w, +)?(--[a-z][a-z-]*)", text, re.M))


verbs = set(re.findall(r"^  (\w+) ",
                       tree.output(sluice, "--help").partition("Verbs:")[2]
                       .partition("\n\n")[0], re.M)) - {"help"}
pages = {re.match(r"docs/man/sluice-(\w+)\.1", path).group(1)
         for path in tree.files(".1", under=("docs/man",)) if "sluice-" in path}
problems = [f"sluice {verb} has no manual page" for verb in verbs - pages]
problems += [f"sluice-{verb}(1) is about no verb" for verb in pages - verbs]
for verb in sorted(verbs & pages):
    told, written = spoken(verb), manual(verb)
    problems += [f"sluice {verb} {o} is not in the manual page"
                 for o in sorted(told - written)]
    problems += [f"sluice-{verb}(1) has {o}, which --help does not know"
                 for o in sorted(written - told)]
tree.finish(problems, len(verbs & pages))
