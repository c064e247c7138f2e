#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""proto/ calls no system, allocates nothing: only bytes in, bytes out."""
import os
import re

import tree

PURE = {"memcpy", "memmove", "memset", "memcmp", "memchr", "strlen", "strnlen",
        "strcmp", "strncmp", "strchr",
        # error text (util/err.c), and what compilers add (sanitizers: below)
        "err_set", "err_setv", "err_prefix", "__stack_chk_fail",
        "__assert_fail", "abort",
        "_GLOBAL_OFFSET_TABLE_"}


def symbols(*options):
    archive = os.path.join(tree.BUILD, "proto", "libproto.a")
    return {line.split()[-1]
            for line in tree.output("nm", *options, archive).splitlines()
            if line and not line.endswith(":")}


defined = symbols("--defined-only")
problems = [f"proto/ uses {name}()"
            for name in sorted(symbols("--undefined-only") - defined - PURE)
            if not re.match("__(a|t|ub)san_", name)]
tree.finish(problems, len(defined))
