#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The examples of README.md work: each is run as it stands, in a directory
that holds disk.img and other.img."""
import os
import re
import shutil
import signal
import subprocess
import tempfile

import tree

for program in ("nbdinfo", "nbdcopy", "qemu-img"):
    if not shutil.which(program):
        tree.skip(f"no {program} here")

readme = tree.read("README.md")
section = re.search(r"^## Six examples\n(.*?)^## ", readme, re.S | re.M)
examples = re.findall(r"^```sh\n(.*?)^```", section.group(1), re.S | re.M)
problems = [] if len(examples) == 6 else [
    f"README.md promises six examples, and has {len(examples)}"]

env = dict(os.environ, LC_ALL="C", PATH=os.pathsep.join(
    (os.path.join(tree.BUILD, "cli"), os.environ["PATH"])))
for example in examples:
    with tempfile.TemporaryDirectory(prefix="sluice-test.") as folder:
        for name in ("disk.img", "other.img"):
            with open(os.path.join(folder, name), "wb") as image:
                image.truncate(16 << 20)
                image.seek(1 << 20)
                image.write(name.encode() * 10000)
        run = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", example],
                             cwd=folder, env=env, text=True, timeout=60,
                             stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                             errors="replace",
                             stdout=subprocess.PIPE)
        pid_file = os.path.join(folder, "sluice.pid")
        if run.returncode != 0:
            if os.path.exists(pid_file):
                with open(pid_file) as file:
                    os.kill(int(file.read()), signal.SIGTERM)
            problems.append(f"exit status {run.returncode} of\n{example}"
                            f"which said\n{run.stdout}")
tree.finish(problems, len(examples))
