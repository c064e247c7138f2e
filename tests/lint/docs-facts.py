#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the documents say of the tree is so: packages, jobs, suites, links."""
import json
import os
import re

import tree

problems = []


def same(what, told, true):
    problems.extend(f"{what}: {name} is missing" for name in sorted(true - told))
    problems.extend(f"{what}: {name} does not exist"
                    for name in sorted(told - true))


def packages():
    """Those that scripts/deps knows, and the first column of the tables."""
    lists = re.findall(r'^\w+="([^"$]*?(?:\$\w+[^"]*?)*)"',
                       tree.read("scripts/deps").partition("case ")[0], re.M)
    known = {word for words in lists for word in words.split()
             if not word.startswith("$")}
    cells = re.findall(r"^\| ([^|]*) \|",
                       tree.read("docs/dependencies.md"), re.M)
    told = {re.sub(r" .*", "", name.strip()) for cell in cells
            for name in cell.split(",")} - {"package", "---"}
    return told, known


def jobs():
    known = re.search(r'^jobs="([^"]*)"', tree.read("scripts/check"), re.M)
    told = re.search(r"# some: (.*?)\n\.ci/run", tree.read("HACKING.md"), re.S)
    return (set(told.group(1).replace("#", " ").split()),
            set(known.group(1).split()))


def suites():
    path = os.path.join(tree.BUILD, "meson-info", "intro-tests.json")
    with open(path) as file:
        known = {suite.split(":")[-1] for test in json.load(file)
                 for suite in test["suite"]}
    told = re.search(r"# one suite: (.*?)\nmeson", tree.read("HACKING.md"),
                     re.S)
    return set(told.group(1).replace("#", " ").split()), known | {"interop", "vm"}


same("docs/dependencies.md and scripts/deps", *packages())
same("HACKING.md and scripts/check", *jobs())
same("HACKING.md and meson's suites", *suites())
for page in tree.files(".md"):
    for link in re.findall(r"\]\(([^)#]+)\)", tree.read(page)):
        if "://" not in link and not os.path.exists(os.path.join(
                tree.TOP, os.path.dirname(page), link)):
            problems.append(f"{page}: {link} does not exist")
tree.finish(problems, len(packages()[1]))
